/** The models of the type tests. */
import {
  array,
  bigint,
  boolean,
  bytes,
  date,
  integer,
  json,
  Manager,
  Model,
  numeric,
  oneOf,
  real,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";

export class UserManager extends Manager<typeof User> {
  active() {
    return this.getInstances({ where: { active: true }, orderBy: ["name", "-numProducts"] });
  }
}

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  active: boolean().default(true),
  numProducts: integer().nullable(),
  createdAt: timestamp().defaultNow(),
}) {
  static override objects = new UserManager(this);
  get displayName() {
    return this.name.toUpperCase();
  }
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references(() => User, { onDelete: "cascade" }),
}) {
  static override objects = new Manager(this);
}

/** A model that declares no `objects`. */
export class Tag extends Model("tags", { id: integer().primaryKey(), label: text() }) {
  shout() {
    return this.label.toUpperCase();
  }
}

/** A column of every type. */
export class Specimen extends Model("specimens", {
  id: uuid().primaryKey(),
  anInteger: integer(),
  aBigint: bigint(),
  aReal: real(),
  aNumeric: numeric(10, 2),
  aText: text(),
  aVarchar: varchar(20),
  aBoolean: boolean(),
  aTimestamp: timestamp(),
  aDate: date(),
  aUuid: uuid(),
  aJson: json<{ theme: string; sizes: number[] }>(),
  someBytes: bytes(),
  oneOfThem: oneOf("draft", "public"),
  someTexts: array(text()),
  someNullable: array(integer().nullable()),
}) {}

/** A key of two columns. */
export class Membership extends Model(
  "memberships",
  { userId: integer(), groupId: integer(), since: date().nullable() },
  { primaryKey: ["userId", "groupId"] },
) {}

/** Models that refer to themselves, and to each other. */
export class Category extends Model("categories", {
  id: integer().primaryKey(),
  parentId: integer()
    .nullable()
    .references(() => Category),
  topicId: integer()
    .nullable()
    .references(() => Topic),
}) {
  static override objects = new Manager(this);
}
export class Topic extends Model("topics", {
  id: integer().primaryKey(),
  categoryId: integer().references(() => Category, { onDelete: "cascade", onUpdate: "cascade" }),
}) {}

import {
  array,
  belongsTo,
  bigint,
  boolean,
  bytes,
  contains,
  date,
  HashedModel,
  hasMany,
  hasOne,
  integer,
  json,
  Model,
  numeric,
  oneOf,
  real,
  sql,
  text,
  timestamp,
  uuid,
  varchar,
  within,
} from "../../src/index.js";

/** Plain content, with a column that has no part in it. */
export class Page extends HashedModel("pages", {
  title: text(),
  body: text().nullable(),
  views: integer().default(0).excludedFromHash(),
}) {}

/** Its times, and what the database computes, have no part in its ids either. */
export class Note extends HashedModel(
  "notes",
  {
    title: text(),
    loud: text().generatedAs(sql`upper(title)`),
    seen: boolean().default(false).excludedFromHash(),
  },
  { timestamps: true },
) {}

/** Versions form a chain. */
export class Doc extends HashedModel(
  "docs",
  { title: text(), body: text().nullable(), stars: integer().default(0).excludedFromHash() },
  { history: true, timestamps: true },
) {}

/** A column of every type, all of them hashed. */
export class Everything extends HashedModel("everything", {
  whole: integer().nullable(),
  big: bigint().nullable(),
  double: real().nullable(),
  money: numeric(12, 2).nullable(),
  decimal: numeric().nullable(),
  words: text().nullable(),
  short: varchar(20).nullable(),
  isOn: boolean().nullable(),
  moment: timestamp().nullable(),
  day: date().nullable(),
  unique: uuid().nullable(),
  raw: bytes().nullable(),
  mood: oneOf("good", "bad").nullable(),
  content: json().nullable(),
  list: array(timestamp().nullable()).nullable(),
  numbers: array(integer()).nullable(),
}) {}

/** A value of each type that is easily bent on the way. */
export const everything = {
  whole: -(2 ** 31),
  big: 2n ** 63n - 1n,
  double: 0.1 + 0.2,
  money: "1234567890.10",
  decimal: "0.10000000000000000000001",
  words: 'é 𝄞 \u{10ffff} \n "',
  short: "short",
  isOn: false,
  moment: new Date("1969-12-31T23:59:59.999Z"),
  day: "0001-01-01",
  unique: "01890a5d-ac96-774b-bcce-b302099a8057",
  raw: new Uint8Array([0, 255, 128]),
  mood: "good" as const,
  content: { b: [1, 1.5, null, { "": true }], a: 1e300, __proto: "x", é: "" },
  list: [new Date(0), null, new Date("9999-12-31T23:59:59.999Z")],
  numbers: [1, -1, 2 ** 31 - 1],
};

/** A graph that ids are made of: a node has the ids of those before it. */
export class Node extends HashedModel("nodes", {
  name: text(),
  parentIds: text().default(""),
}) {
  get parents() {
    return contains(this, Node, "parentIds");
  }
  get children() {
    return within(this, Node, "parentIds");
  }
}

export class Owner extends Model("owners", { id: integer().primaryKey(), name: text() }) {
  get cards() {
    return hasMany(this, Card, "ownerId");
  }
  get first() {
    return hasOne(this, Card, "ownerId");
  }
}

/** Hashed rows that another model's instances have by a hashed key. */
export class Card extends HashedModel("cards", {
  title: text(),
  ownerId: integer()
    .references(() => Owner)
    .nullable(),
}) {
  get owner() {
    return belongsTo(this, Owner, "ownerId");
  }
}

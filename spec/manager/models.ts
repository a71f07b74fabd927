import { boolean, integer, Manager, Model, text, timestamp } from "../../src/index.js";

export class UserManager extends Manager<typeof User> {
  /** What a constructor of one's own may keep; it is there on bound managers as well. */
  readonly minimum: number;

  constructor(model: typeof User, minimum = 1) {
    super(model);
    this.minimum = minimum;
  }

  active() {
    return this.getInstances({ where: { active: true, age: User.c.age.gte(this.minimum) }, orderBy: ["name", "-age"] });
  }
}

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  active: boolean().default(true),
  age: integer().nullable(),
  createdAt: timestamp().defaultNow(),
}) {
  static override objects = new UserManager(this, 3);
  get shout() {
    return this.name.toUpperCase();
  }
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references(() => User, { onDelete: "cascade" }),
}) {}

/** Users of these names and ages. */
export function people(...rows: readonly (readonly [name: string, age: number | null])[]) {
  return rows.map(([name, age]) => ({ name, age }));
}

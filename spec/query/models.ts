import { boolean, integer, Manager, Model, text } from "../../src/index.js";

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  active: boolean().default(true),
  age: integer().nullable(),
}) {
  static override objects = new Manager(this);
  get shout() {
    return this.name.toUpperCase();
  }
}

export class Post extends Model(
  "posts",
  { id: integer().primaryKey(), title: text(), authorId: integer().nullable() },
  { softDelete: "deletedAt" },
) {}

/** Users a to e, of ages 1 to 4 and none; posts p1 and p2 of a, p3 of b, p4 of nobody, and a deleted one of c. */
export async function fill(): Promise<void> {
  await User.insertMany([..."abcd"].map((name, i) => ({ name, age: i + 1, active: i % 2 === 0 })));
  await User.insert({ name: "e" });
  await Post.insertMany([1, 1, 2, null, 3].map((authorId, i) => ({ title: `p${i + 1}`, authorId })));
  await Post.objects.delete({ title: "p5" });
}

export const names = (users: readonly { readonly name: string }[]): string => users.map(({ name }) => name).join("");

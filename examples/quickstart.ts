// The program that the README begins with, and two lines at its end that show what it left.
// `npx tsx examples/quickstart.ts` runs it in memory, as often as you like.

import {
  belongsTo,
  boolean,
  Database,
  hasMany,
  integer,
  Manager,
  Model,
  text,
  timestamp,
} from "rowkeeper";

class UserManager extends Manager<typeof User> {
  active() {
    return this.getInstances({
      where: { active: true },
      orderBy: ["name", "-numProducts"],
    });
  }
}

class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  active: boolean().default(true),
  numProducts: integer().nullable(),
  createdAt: timestamp().defaultNow(),
}) {
  // a custom manager; `new Manager(this)` for a plain one
  static override objects = new UserManager(this);
  // relations are getters: typed, lazy, free of import cycles
  get posts() {
    return hasMany(this, Post, "authorId");
  }
  get displayName() {
    return this.name.toUpperCase();
  }
}

class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references(() => User, { onDelete: "cascade" }),
}) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, User, "authorId");
  }
}

// or "sqlite:blog.db", "postgres://…"
await using db = new Database("sqlite::memory:", { models: [User, Post] });
await db.createAll();

const bar = await User.objects.insert({
  name: "bar",
  email: "bar@example.org",
  numProducts: 0,
});
const users = await User.objects.getInstances({
  where: [User.c.name.eq("foo"), User.c.numProducts.gt(3)],
  orderBy: ["name", "-numProducts"],
});
const n = await User.objects.count({ where: { name: "foo" } });
await bar.update({ name: "baz" });
await bar.delete();

{
  // a UserManager bound to one transaction
  await using tx = User.objects.transaction();
  const owner = await tx.insert({ name: "bar", email: "b@example.org" });
  await Post.objects
    .using(tx)
    .insert({ title: "Hello", authorId: owner.id });
  await tx.commit(); // leaving the block without it rolls back
}

console.log(
  `${users.length} users called foo with more than 3 products, ${n} called foo`,
);
console.log(await User.objects.getItems(), await Post.objects.getItems());

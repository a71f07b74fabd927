/** People, what they write, and what that is tagged with; for the specs of relations to many and of what loads them. */
import { belongsTo, belongsToMany, hasMany, hasOne, integer, junction, Manager, Model, text } from "../../src/index.js";

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  rank: integer().nullable(),
  bossId: integer()
    .nullable()
    .references(() => User, { onDelete: "set null" }),
}) {
  static override objects = new Manager(this);
  get posts() {
    return hasMany(this, Post, "authorId");
  }
  get profile() {
    return hasOne(this, Profile, "userId");
  }
  get boss() {
    return belongsTo(this, User, "bossId");
  }
  get reports() {
    return hasMany(this, User, "bossId");
  }
  get friends() {
    return belongsToMany(this, User, Friendship, "oneId", "otherId", { symmetrical: true });
  }
  get follows() {
    return belongsToMany(this, User, Following, "fanId", "starId");
  }
  get fans() {
    return belongsToMany(this, User, Following, "starId", "fanId");
  }
}

export class Profile extends Model("profiles", {
  id: integer().primaryKey(),
  bio: text(),
  userId: integer()
    .unique()
    .references(() => User, { onDelete: "cascade" }),
}) {
  static override objects = new Manager(this);
  get user() {
    return belongsTo(this, User, "userId");
  }
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  score: integer().nullable(),
  authorId: integer()
    .nullable()
    .references(() => User, { onDelete: "cascade" }),
}) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, User, "authorId");
  }
  get tags() {
    return belongsToMany(this, Tag, PostTag, "postId", "tagId");
  }
  get marks() {
    return belongsToMany(this, Tag, Mark, "postId", "tagId");
  }
}

export class Tag extends Model("tags", {
  id: integer().primaryKey(),
  label: text(),
  authorId: integer()
    .nullable()
    .references(() => User, { onDelete: "set null" }),
}) {
  static override objects = new Manager(this);
  get posts() {
    return belongsToMany(this, Post, PostTag, "tagId", "postId");
  }
  get author() {
    return belongsTo(this, User, "authorId");
  }
}

export class PostTag extends junction(
  "post_tags",
  { postId: () => Post, tagId: () => Tag },
  { addedBy: text().nullable() },
) {
  static override objects = new Manager(this);
}

/** Nothing keeps it from having a pair twice. */
export class Mark extends Model("marks", {
  id: integer().primaryKey(),
  postId: integer().references(() => Post, { onDelete: "cascade" }),
  tagId: integer().references(() => Tag, { onDelete: "cascade" }),
  color: text().nullable(),
}) {
  static override objects = new Manager(this);
}

export class Friendship extends junction("friendships", { oneId: () => User, otherId: () => User }) {
  static override objects = new Manager(this);
}

export class Following extends junction("followings", { fanId: () => User, starId: () => User }) {
  static override objects = new Manager(this);
}

export const MANY_MODELS = [User, Profile, Post, Tag, PostTag, Mark, Friendship, Following];

/** So many users, of whom each but every tenth wrote two posts, each of which has two of the tags, by some of them. */
export async function seed(count: number): Promise<void> {
  const users = await User.objects.insertMany(
    Array.from({ length: count }, (_, i) => ({ name: `u${i}`, rank: i % 7 === 0 ? null : i % 5 })),
  );
  const tags = await Tag.objects.insertMany(
    Array.from({ length: 10 }, (_, i) => ({
      label: `t${i}`,
      authorId: i === 9 ? null : (users[i % count]?.id ?? null),
    })),
  );
  const writers = users.filter((_, i) => i % 10 !== 9);
  const posts = await Post.objects.insertMany(
    writers.flatMap(({ id, name }) => [
      { title: `${name} a`, authorId: id, score: id % 3 },
      { title: `${name} b`, authorId: id, score: null },
    ]),
  );
  await PostTag.objects.insertMany(
    posts.flatMap(({ id }, i) =>
      [
        { postId: id, tagId: tags[i % 10]?.id ?? 0 },
        { postId: id, tagId: tags[(i * 3 + 1) % 10]?.id ?? 0 },
      ].filter(({ tagId }, place, all) => all.findIndex((one) => one.tagId === tagId) === place),
    ),
    { fetch: false },
  );
}

/** What can be asked in ways that the compiler refuses. */
// biome-ignore lint/suspicious/noExplicitAny: the doorway for them
export type Untyped = any;

export const untyped = (given: object): Untyped => given;

/** The names or titles or labels of instances. */
export const namesOf = (rows: readonly { readonly name: string }[]): string[] => rows.map(({ name }) => name);
export const labelsOf = (rows: readonly { readonly label: string }[]): string[] => rows.map(({ label }) => label);
export const titlesOf = (rows: readonly { readonly title: string }[]): string[] => rows.map(({ title }) => title);

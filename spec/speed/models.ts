/** What the operations whose costs are counted read and write. */
import {
  belongsTo,
  belongsToMany,
  boolean,
  hasMany,
  integer,
  junction,
  Manager,
  Model,
  text,
  timestamp,
} from "../../src/index.js";

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  active: boolean().default(true),
  rank: integer().nullable(),
  joinedAt: timestamp(),
}) {
  static override objects = new Manager(this);
  get posts() {
    return hasMany(this, Post, "authorId");
  }
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references(() => User),
}) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, User, "authorId");
  }
  get tags() {
    return belongsToMany(this, Tag, PostTag, "postId", "tagId");
  }
  get comments() {
    return hasMany(this, Comment, "postId");
  }
}

export class Comment extends Model("comments", {
  id: integer().primaryKey(),
  body: text(),
  postId: integer().references(() => Post),
  writerId: integer().references(() => User),
}) {
  static override objects = new Manager(this);
  get writer() {
    return belongsTo(this, User, "writerId");
  }
}

export class Tag extends Model("tags", { id: integer().primaryKey(), label: text() }) {
  static override objects = new Manager(this);
}

export class PostTag extends junction("post_tags", { postId: () => Post, tagId: () => Tag }) {
  static override objects = new Manager(this);
}

/** Like a user, and what is written: the other tables stay as they are. */
export class Entry extends Model("entries", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  active: boolean().default(true),
  rank: integer().nullable(),
  joinedAt: timestamp(),
}) {
  static override objects = new Manager(this);
}

export const MODELS = [User, Post, Comment, Tag, PostTag, Entry];

/** So many rows at once, in what reads and writes many. */
export const MANY = 1000;
/** So many posts have an author, two tags and two comments each; by half as many users. */
export const POSTS = 200;

let last = 0;

/** So many users or entries that nobody has seen yet. */
export function newPeople(count: number) {
  return Array.from({ length: count }, () => {
    last += 1;
    const name = `name ${last}`;
    return { name, email: `${last}@example.org`, rank: last % 10, joinedAt: new Date(last * 1000) };
  });
}

/** The rows that are read; their ids begin with 1. */
export async function seed(): Promise<void> {
  await User.objects.insertMany(newPeople(MANY));
  const numbers = Array.from({ length: POSTS }, (_, i) => i + 1);
  await Post.objects.insertMany(numbers.map((i) => ({ title: `post ${i}`, authorId: Math.ceil(i / 2) })));
  await Tag.objects.insertMany(numbers.map((i) => ({ label: `tag ${i}` })));
  await PostTag.objects.insertMany(numbers.flatMap((i) => [i, (i % POSTS) + 1].map((tagId) => ({ postId: i, tagId }))));
  const comments = numbers.flatMap((i) => [i, i + 1].map((writerId) => ({ body: `on ${i}`, postId: i, writerId })));
  await Comment.objects.insertMany(comments);
  await Entry.objects.insertMany(newPeople(MANY));
}

import type * as Rowkeeper from "../../src/index.js";
import type { OpenSubject } from "../subject.js";

// What is measured is the library compiled as it is published, which lies beside the compiled subjects; the types are
// the sources'.
const library = new URL("../rowkeeper/index.js", import.meta.url).href;
const rowkeeper: typeof Rowkeeper = await import(library);
const {
  Database,
  HashedManager,
  HashedModel,
  Manager,
  Model,
  belongsTo,
  belongsToMany,
  boolean,
  count,
  hasMany,
  integer,
  max,
  sum,
  text,
  timestamp,
} = rowkeeper;

export class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique(),
  active: boolean().default(true),
  numProducts: integer().nullable(),
  createdAt: timestamp().defaultNow().index(),
}) {
  static override objects = new Manager(this);
  get posts() {
    return hasMany(this, Post, "authorId");
  }
}

export class Post extends Model("posts", {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer()
    .references(() => User)
    .index(),
}) {
  static override objects = new Manager(this);
  get author() {
    return belongsTo(this, User, "authorId");
  }
  get tags() {
    return belongsToMany(this, Tag, PostTag, "postId", "tagId");
  }
}

class Tag extends Model("tags", { id: integer().primaryKey(), name: text() }) {
  static override objects = new Manager(this);
}

class PostTag extends Model("post_tags", {
  postId: integer()
    .primaryKey()
    .references(() => Post),
  tagId: integer()
    .primaryKey()
    .references(() => Tag)
    .index(),
}) {
  static override objects = new Manager(this);
}

/** Made where it is asked for, as no other library's subject has such a model when its first row is measured. */
function hashedUsers(db: Rowkeeper.Database) {
  class HashedUser extends HashedModel("hashed_users", {
    name: text(),
    email: text(),
    active: boolean().default(true),
    numProducts: integer().nullable(),
    createdAt: timestamp(),
  }) {
    static override objects = new HashedManager(this);
  }
  db.bind(HashedUser);
  return HashedUser;
}

function present(user: User | null | undefined): User {
  if (user == null) throw new RangeError("no such user");
  return user;
}

export function openDatabase(location: string, options?: Rowkeeper.DatabaseOptions): Rowkeeper.Database {
  return new Database(location.includes("://") ? location : `sqlite:${location}`, {
    ...options,
    models: [User, Post, Tag, PostTag],
  });
}

/** rowkeeper as its documentation says, with no option set. */
export const open: OpenSubject = async (location) => {
  const db = openDatabase(location);
  let hashed: ReturnType<typeof hashedUsers> | undefined;

  return {
    find: async (id) => present(await User.objects.find(id)),
    page: ({ moreThan, limit, offset }) =>
      User.objects.getInstances({
        where: [User.c.active.eq(true), User.c.numProducts.gt(moreThan)],
        orderBy: ["-createdAt", "name"],
        limit,
        offset,
      }),
    all: () => User.objects.getInstances(),
    slice: ({ after, limit }) => User.objects.getInstances({ where: User.c.id.gt(after), orderBy: "id", limit }),
    count: (moreThan) => User.objects.count({ where: [User.c.active.eq(true), User.c.numProducts.gt(moreThan)] }),
    groups: (after) =>
      User.objects.aggregate(
        { active: "active", users: count(), products: sum("numProducts"), most: max("numProducts") },
        { where: User.c.id.gt(after), groupBy: "active", orderBy: "active" },
      ),
    insert: (values) => User.objects.insert(values),
    insertMany: (values) => User.objects.insertMany([...values]),
    insertHashed: (values) => {
      hashed ??= hashedUsers(db);
      return hashed.objects.insertMany([...values]);
    },
    saveMany: (users) => db.begin((session) => session.saveAll(users.map((user) => new User(user)))),
    update: (id, change) => User.objects.update({ id }, change),
    updateMany: (changes) => User.objects.bulkUpdate(changes),
    transaction: ({ ids, values }) =>
      User.objects.transaction(async (tx) => {
        const users: User[] = [];
        for (const id of ids) users.push(present(await tx.find(id)));
        for (const user of users.slice(0, 3)) await user.update({ numProducts: (user.numProducts ?? 0) + 1 });
        for (const value of values) users.push(await tx.insert(value));
        return users;
      }),
    selectInTurn: (emails) =>
      db.begin(async (session) => {
        const users: User[] = [];
        for (const email of emails) users.push(await session.one(User.select().where({ email })));
        return users;
      }),
    selectTogether: (emails) =>
      db.begin((session) => Promise.all(emails.map((email) => session.one(User.select().where({ email }))))),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => User.objects.get({ where: { email } }))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const user = present(await User.objects.find(id));
          const posts = await Post.objects.getInstances({ where: { authorId: id }, orderBy: "id", limit: 5 });
          return { user, posts, count: await Post.objects.count({ where: { authorId: id } }) };
        }),
      ),
    usersWithPosts: ({ after, limit }) =>
      User.objects.getInstances({ where: User.c.id.gt(after), orderBy: "id", limit, prefetch: ["posts"] }),
    postsWithAuthors: ({ after, limit }) =>
      Post.objects.getInstances({ where: Post.c.id.gt(after), orderBy: "id", limit, prefetch: ["author"] }),
    authorOf: (post: Post) => present(post.author.secondary),
    postsWithTags: ({ after, limit }) =>
      Post.objects.getInstances({ where: Post.c.id.gt(after), orderBy: "id", limit, prefetch: ["tags"] }),
    usersWithTaggedPosts: ({ after, limit }) =>
      User.objects.getInstances({ where: User.c.id.gt(after), orderBy: "id", limit, prefetch: ["posts.tags"] }),
    close: () => db.close(),
  };
};

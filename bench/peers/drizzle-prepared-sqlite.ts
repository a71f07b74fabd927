import { and, count, desc, eq, gt, max, sql, sum } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { OpenSubject, User, UserValues } from "../subject.js";
import { openFile } from "../subjects/sqlite-file.js";
import { excluded } from "./drizzle-excluded.js";
import { savedPlaceholders, userPlaceholders, valuesOf } from "./drizzle-placeholders.js";
import * as schema from "./drizzle-sqlite-tables.js";
import { posts, postTags, users } from "./drizzle-sqlite-tables.js";
import { authorIdsOf, chunksOf, type PostWithAuthor, present, withAuthors, withTags } from "./rows.js";

/** Rows per statement where many are written. */
const chunkSize = 50;

/** Everything that is asked, prepared once by `prepare()`, with placeholders. */
function prepare(db: ReturnType<typeof drizzle<typeof schema>>) {
  const id = sql.placeholder("id");
  const after = sql.placeholder("after");
  const limit = sql.placeholder("limit");
  const activeWithMore = and(eq(users.active, true), gt(users.numProducts, sql.placeholder("moreThan")));
  const insert = (size: number) => db.insert(users).values(userPlaceholders(size));
  const save = (size: number) =>
    db.insert(users).values(savedPlaceholders(size)).onConflictDoUpdate({ target: users.id, set: excluded });
  const withTheirTags = { postTags: { columns: {}, with: { tag: true }, orderBy: postTags.tagId } } as const;

  return {
    find: db.select().from(users).where(eq(users.id, id)).prepare(),
    findByEmail: db
      .select()
      .from(users)
      .where(eq(users.email, sql.placeholder("email")))
      .prepare(),
    page: db
      .select()
      .from(users)
      .where(activeWithMore)
      .orderBy(desc(users.createdAt), users.name)
      .limit(limit)
      .offset(sql.placeholder("offset"))
      .prepare(),
    all: db.select().from(users).prepare(),
    slice: db.select().from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit).prepare(),
    count: db.select({ count: count() }).from(users).where(activeWithMore).prepare(),
    groups: db
      .select({
        active: users.active,
        users: count(),
        products: sum(users.numProducts).mapWith(Number),
        most: max(users.numProducts),
      })
      .from(users)
      .where(gt(users.id, after))
      .groupBy(users.active)
      .orderBy(users.active)
      .prepare(),
    insert: insert(1).prepare(),
    insertChunk: insert(chunkSize).returning({ id: users.id }).prepare(),
    save: save(1).prepare(),
    saveChunk: save(chunkSize).prepare(),
    // `set` takes placeholders within SQL only.
    update: db
      .update(users)
      .set({ name: sql`${sql.placeholder("name")}`, numProducts: sql`${sql.placeholder("numProducts")}` })
      .where(eq(users.id, id))
      .prepare(),
    setProducts: db
      .update(users)
      .set({ numProducts: sql`${sql.placeholder("numProducts")}` })
      .where(eq(users.id, id))
      .prepare(),
    firstPosts: db.select().from(posts).where(eq(posts.authorId, id)).orderBy(posts.id).limit(5).prepare(),
    countPosts: db.select({ count: count() }).from(posts).where(eq(posts.authorId, id)).prepare(),
    usersWithPosts: db.query.users
      .findMany({ where: gt(users.id, after), orderBy: users.id, limit, with: { posts: { orderBy: posts.id } } })
      .prepare(),
    posts: db.select().from(posts).where(gt(posts.id, after)).orderBy(posts.id).limit(limit).prepare(),
    // The keys as one parameter, since `inArray` needs one for each.
    usersById: db
      .select()
      .from(users)
      .where(sql`${users.id} in (select value from json_each(${sql.placeholder("ids")}))`)
      .prepare(),
    postsWithTags: db.query.posts
      .findMany({ where: gt(posts.id, after), orderBy: posts.id, limit, with: withTheirTags })
      .prepare(),
    usersWithTaggedPosts: db.query.users
      .findMany({
        where: gt(users.id, after),
        orderBy: users.id,
        limit,
        with: { posts: { orderBy: posts.id, with: withTheirTags } },
      })
      .prepare(),
  };
}

/** Drizzle with all its statements prepared by hand. They take part in the connection's transaction. */
export const open: OpenSubject = async (location) => {
  const client = openFile(location);
  const db = drizzle({ client, schema });
  const prepared = prepare(db);

  const findUser = (id: number): User => present(prepared.find.get({ id }));
  const findUserByEmail = (email: string): User => present(prepared.findByEmail.get({ email }));
  const insertUser = (values: UserValues): User => ({
    id: Number(prepared.insert.run(valuesOf([values])).lastInsertRowid),
    ...values,
  });
  const select = (emails: readonly string[]) => db.transaction(() => emails.map(findUserByEmail));

  return {
    find: async (id) => findUser(id),
    page: async (page) => prepared.page.all({ ...page }),
    all: async () => prepared.all.all(),
    slice: async (slice) => prepared.slice.all({ ...slice }),
    count: async (moreThan) => present(prepared.count.get({ moreThan })).count,
    groups: async (after) => prepared.groups.all({ after }),
    insert: async (values) => insertUser(values),
    insertMany: async (values) =>
      db.transaction(() =>
        chunksOf(values, chunkSize).flatMap((chunk) => {
          if (chunk.length < chunkSize) return chunk.map(insertUser);
          const rows = prepared.insertChunk.all(valuesOf(chunk));
          return rows.map((row, index) => ({ ...row, ...present(chunk[index]) }));
        }),
      ),
    async saveMany(given) {
      db.transaction(() => {
        for (const chunk of chunksOf(given, chunkSize)) {
          if (chunk.length === chunkSize) prepared.saveChunk.run(valuesOf(chunk));
          else for (const user of chunk) prepared.save.run(valuesOf([user]));
        }
      });
      return given;
    },
    update: async (id, change) => prepared.update.run({ id, ...change }).changes,
    updateMany: async (changes) =>
      db.transaction(() => {
        let changed = 0;
        for (const change of changes) changed += prepared.update.run({ ...change }).changes;
        return changed;
      }),
    transaction: async ({ ids, values }) =>
      db.transaction(() => {
        const found = ids.map(findUser);
        for (const [index, user] of found.slice(0, 3).entries()) {
          const numProducts = (user.numProducts ?? 0) + 1;
          prepared.setProducts.run({ id: user.id, numProducts });
          found[index] = { ...user, numProducts };
        }
        return [...found, ...values.map(insertUser)];
      }),
    selectInTurn: async (emails) => select(emails),
    selectTogether: async (emails) => select(emails),
    selectThroughPool: async (emails) => emails.map(findUserByEmail),
    requests: async (ids) =>
      ids.map((id) => ({
        user: findUser(id),
        posts: prepared.firstPosts.all({ id }),
        count: present(prepared.countPosts.get({ id })).count,
      })),
    usersWithPosts: async (slice) => prepared.usersWithPosts.all({ ...slice }),
    async postsWithAuthors(slice) {
      // Faster than the relational query, whose JSON holds each author as often as it has posts.
      const rows = prepared.posts.all({ ...slice });
      return withAuthors(rows, prepared.usersById.all({ ids: JSON.stringify(authorIdsOf(rows)) }));
    },
    authorOf: (post: PostWithAuthor) => post.author,
    postsWithTags: async (slice) => prepared.postsWithTags.all({ ...slice }).map(withTags),
    usersWithTaggedPosts: async (slice) =>
      prepared.usersWithTaggedPosts.all({ ...slice }).map((user) => ({ ...user, posts: user.posts.map(withTags) })),
    close: async () => {
      client.close();
    },
  };
};

import { and, count, desc, eq, gt, inArray, max, sql, sum } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { OpenSubject, User, UserValues } from "../subject.js";
import { openFile } from "../subjects/sqlite-file.js";
import { excluded } from "./drizzle-excluded.js";
import * as schema from "./drizzle-sqlite-tables.js";
import { posts, users } from "./drizzle-sqlite-tables.js";
import { authorIdsOf, chunksOf, type PostWithAuthor, present, withAuthors, withTags } from "./rows.js";

/** Rows per statement where many are written: faster than fewer, and than all at once. */
const chunkSize = 250;

/** Drizzle as its documentation shows it; what it does on better-sqlite3 is synchronous. */
export const open: OpenSubject = async (location) => {
  const client = openFile(location);
  const db = drizzle({ client, schema });
  type Session = Pick<typeof db, "select" | "insert" | "update">;

  const findUser = (session: Session, id: number): User =>
    present(session.select().from(users).where(eq(users.id, id)).get());
  const findUserByEmail = (session: Session, email: string): User =>
    present(session.select().from(users).where(eq(users.email, email)).get());
  const insertUser = (session: Session, values: UserValues): User => ({
    id: Number(session.insert(users).values(values).run().lastInsertRowid),
    ...values,
  });
  const activeWithMore = (moreThan: number) => and(eq(users.active, true), gt(users.numProducts, moreThan));

  const select = (emails: readonly string[]) =>
    db.transaction((tx) => emails.map((email) => findUserByEmail(tx, email)));

  return {
    find: async (id) => findUser(db, id),
    page: async ({ moreThan, limit, offset }) =>
      db
        .select()
        .from(users)
        .where(activeWithMore(moreThan))
        .orderBy(desc(users.createdAt), users.name)
        .limit(limit)
        .offset(offset)
        .all(),
    all: async () => db.select().from(users).all(),
    slice: async ({ after, limit }) =>
      db.select().from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit).all(),
    count: (moreThan) => db.$count(users, activeWithMore(moreThan)),
    groups: async (after) =>
      db
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
        .all(),
    insert: async (values) => insertUser(db, values),
    insertMany: async (values) =>
      db.transaction((tx) =>
        chunksOf(values, chunkSize).flatMap((chunk) => {
          const rows = tx.insert(users).values(chunk).returning({ id: users.id }).all();
          return rows.map((row, index) => ({ ...row, ...present(chunk[index]) }));
        }),
      ),
    async saveMany(given) {
      db.transaction((tx) => {
        for (const chunk of chunksOf(given, chunkSize)) {
          tx.insert(users).values(chunk).onConflictDoUpdate({ target: users.id, set: excluded }).run();
        }
      });
      return given;
    },
    update: async (id, change) => db.update(users).set(change).where(eq(users.id, id)).run().changes,
    async updateMany(changes) {
      // The `case` of Drizzle's guide, or an update for each, takes many times as long, `values` three times.
      const values = JSON.stringify(changes.map(({ id, name, numProducts }) => [id, name, numProducts]));
      return db
        .update(users)
        .set({ name: sql`change.value ->> 1`, numProducts: sql`change.value ->> 2` })
        .from(sql`json_each(${values}) as change`)
        .where(eq(users.id, sql`change.value ->> 0`))
        .run().changes;
    },
    transaction: async ({ ids, values }) =>
      db.transaction((tx) => {
        const found = ids.map((id) => findUser(tx, id));
        for (const [index, user] of found.slice(0, 3).entries()) {
          const numProducts = (user.numProducts ?? 0) + 1;
          tx.update(users).set({ numProducts }).where(eq(users.id, user.id)).run();
          found[index] = { ...user, numProducts };
        }
        return [...found, ...values.map((value) => insertUser(tx, value))];
      }),
    selectInTurn: async (emails) => select(emails),
    selectTogether: async (emails) => select(emails),
    selectThroughPool: async (emails) => emails.map((email) => findUserByEmail(db, email)),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => ({
          user: findUser(db, id),
          posts: db.select().from(posts).where(eq(posts.authorId, id)).orderBy(posts.id).limit(5).all(),
          count: await db.$count(posts, eq(posts.authorId, id)),
        })),
      ),
    usersWithPosts: async ({ after, limit }) =>
      db.query.users
        .findMany({
          where: gt(users.id, after),
          orderBy: users.id,
          limit,
          with: { posts: { orderBy: posts.id } },
        })
        .sync(),
    async postsWithAuthors({ after, limit }) {
      // Faster than the relational query, whose JSON holds each author as often as it has posts.
      const rows = db.select().from(posts).where(gt(posts.id, after)).orderBy(posts.id).limit(limit).all();
      return withAuthors(
        rows,
        db
          .select()
          .from(users)
          .where(inArray(users.id, authorIdsOf(rows)))
          .all(),
      );
    },
    authorOf: (post: PostWithAuthor) => post.author,
    postsWithTags: async ({ after, limit }) =>
      db.query.posts
        .findMany({
          where: gt(posts.id, after),
          orderBy: posts.id,
          limit,
          with: { postTags: { columns: {}, with: { tag: true }, orderBy: schema.postTags.tagId } },
        })
        .sync()
        .map(withTags),
    usersWithTaggedPosts: async ({ after, limit }) =>
      db.query.users
        .findMany({
          where: gt(users.id, after),
          orderBy: users.id,
          limit,
          with: {
            posts: {
              orderBy: posts.id,
              with: { postTags: { columns: {}, with: { tag: true }, orderBy: schema.postTags.tagId } },
            },
          },
        })
        .sync()
        .map((user) => ({ ...user, posts: user.posts.map(withTags) })),
    close: async () => {
      client.close();
    },
  };
};

import { and, count, desc, eq, gt, inArray, max, sql, sum } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { OpenSubject, User, UserValues } from "../subject.js";
import { excluded } from "./drizzle-excluded.js";
import * as schema from "./drizzle-postgres-tables.js";
import { posts, postTags, tags, users } from "./drizzle-postgres-tables.js";
import {
  authorIdsOf,
  chunksOf,
  idsOf,
  type PostWithAuthor,
  present,
  withAuthors,
  withTags,
  withTheirTags,
} from "./rows.js";

/** Rows per statement where many are written: 65 535 parameters are the most that it takes. */
const chunkSize = 1000;

/** Drizzle as its documentation shows it. */
export const open: OpenSubject = async (location) => {
  const client = new pg.Pool({ connectionString: location, pipeline: true });
  const db = drizzle({ client, schema });
  type Session = Pick<typeof db, "select" | "insert" | "update">;

  async function findUser(session: Session, id: number): Promise<User> {
    const [user] = await session.select().from(users).where(eq(users.id, id));
    return present(user);
  }
  async function findUserByEmail(session: Session, email: string): Promise<User> {
    const [user] = await session.select().from(users).where(eq(users.email, email));
    return present(user);
  }
  async function insertUser(session: Session, values: UserValues): Promise<User> {
    const [row] = await session.insert(users).values(values).returning({ id: users.id });
    return { ...present(row), ...values };
  }
  /** What is one statement is a transaction of its own. */
  async function inOneTransaction<T>(values: readonly T[], work: (session: Session, chunk: T[]) => Promise<User[]>) {
    const [first, ...others] = chunksOf(values, chunkSize);
    if (first === undefined) return [];
    if (others.length === 0) return work(db, first);
    return db.transaction(async (tx) => {
      const users = await work(tx, first);
      for (const chunk of others) users.push(...(await work(tx, chunk)));
      return users;
    });
  }
  const activeWithMore = (moreThan: number) => and(eq(users.active, true), gt(users.numProducts, moreThan));

  return {
    find: (id) => findUser(db, id),
    page: ({ moreThan, limit, offset }) =>
      db
        .select()
        .from(users)
        .where(activeWithMore(moreThan))
        .orderBy(desc(users.createdAt), users.name)
        .limit(limit)
        .offset(offset),
    all: async () => db.select().from(users),
    slice: async ({ after, limit }) =>
      db.select().from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit),
    count: async (moreThan) => db.$count(users, activeWithMore(moreThan)),
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
        .orderBy(users.active),
    insert: (values) => insertUser(db, values),
    insertMany: (values) =>
      inOneTransaction(values, async (session, chunk) => {
        const rows = await session.insert(users).values(chunk).returning({ id: users.id });
        return rows.map((row, index) => ({ ...row, ...present(chunk[index]) }));
      }),
    async saveMany(given) {
      await inOneTransaction(given, async (session, chunk) => {
        await session.insert(users).values(chunk).onConflictDoUpdate({ target: users.id, set: excluded });
        return [];
      });
      return given;
    },
    update: async (id, change) => (await db.update(users).set(change).where(eq(users.id, id))).rowCount ?? 0,
    async updateMany(changes) {
      // The `case` of Drizzle's guide, or an update for each, takes many times as long, `values` about twice.
      const columns = sql.join(
        [
          sql`${sql.param(idsOf(changes))}::integer[]`,
          sql`${sql.param(changes.map(({ name }) => name))}::text[]`,
          sql`${sql.param(changes.map(({ numProducts }) => numProducts))}::integer[]`,
        ],
        sql`, `,
      );
      const { rowCount } = await db
        .update(users)
        .set({ name: sql`change.name`, numProducts: sql`change.num_products` })
        .from(sql`unnest(${columns}) as change (id, name, num_products)`)
        .where(eq(users.id, sql`change.id`));
      return rowCount ?? 0;
    },
    transaction: ({ ids, values }) =>
      db.transaction(async (tx) => {
        const found: User[] = [];
        for (const id of ids) found.push(await findUser(tx, id));
        for (const [index, user] of found.slice(0, 3).entries()) {
          const numProducts = (user.numProducts ?? 0) + 1;
          await tx.update(users).set({ numProducts }).where(eq(users.id, user.id));
          found[index] = { ...user, numProducts };
        }
        for (const value of values) found.push(await insertUser(tx, value));
        return found;
      }),
    selectInTurn: (emails) =>
      db.transaction(async (tx) => {
        const found: User[] = [];
        for (const email of emails) found.push(await findUserByEmail(tx, email));
        return found;
      }),
    selectTogether: (emails) => db.transaction((tx) => Promise.all(emails.map((email) => findUserByEmail(tx, email)))),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => findUserByEmail(db, email))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => ({
          user: await findUser(db, id),
          posts: await db.select().from(posts).where(eq(posts.authorId, id)).orderBy(posts.id).limit(5),
          count: await db.$count(posts, eq(posts.authorId, id)),
        })),
      ),
    usersWithPosts: async ({ after, limit }) =>
      db.query.users.findMany({
        where: gt(users.id, after),
        orderBy: users.id,
        limit,
        with: { posts: { orderBy: posts.id } },
      }),
    async postsWithAuthors({ after, limit }) {
      // Faster than the relational query, whose JSON holds each author as often as it has posts.
      const rows = await db.select().from(posts).where(gt(posts.id, after)).orderBy(posts.id).limit(limit);
      return withAuthors(
        rows,
        await db
          .select()
          .from(users)
          .where(inArray(users.id, authorIdsOf(rows))),
      );
    },
    authorOf: (post: PostWithAuthor) => post.author,
    async postsWithTags({ after, limit }) {
      // Faster than the relational query.
      const rows = await db.select().from(posts).where(gt(posts.id, after)).orderBy(posts.id).limit(limit);
      const tagsOfPosts = await db
        .select({ postId: postTags.postId, id: tags.id, name: tags.name })
        .from(postTags)
        .innerJoin(tags, eq(tags.id, postTags.tagId))
        .where(inArray(postTags.postId, idsOf(rows)))
        .orderBy(tags.id);
      return withTheirTags(rows, tagsOfPosts);
    },
    async usersWithTaggedPosts({ after, limit }) {
      const rows = await db.query.users.findMany({
        where: gt(users.id, after),
        orderBy: users.id,
        limit,
        with: {
          posts: {
            orderBy: posts.id,
            with: { postTags: { columns: {}, with: { tag: true }, orderBy: postTags.tagId } },
          },
        },
      });
      return rows.map((user) => ({ ...user, posts: user.posts.map(withTags) }));
    },
    close: () => client.end(),
  };
};

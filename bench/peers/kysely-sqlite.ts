import { type ExpressionBuilder, Kysely, type Selectable, SqliteDialect, sql } from "kysely";
import type { OpenSubject, User, UserChange, UserValues } from "../subject.js";
import { openFile } from "../subjects/sqlite-file.js";
import { postColumns, type SqliteTables } from "./kysely-tables.js";
import {
  authorIdsOf,
  chunksOf,
  idsOf,
  type PostWithAuthor,
  present,
  withAuthors,
  withPosts,
  withTheirTags,
} from "./rows.js";

/** Rows per statement where many are written: faster than fewer, and than all at once. */
const chunkSize = 250;

function toUser({ id, name, email, active, num_products, created_at }: Selectable<SqliteTables["users"]>): User {
  return { id, name, email, active: active === 1, numProducts: num_products, createdAt: new Date(created_at) };
}

function toRow({ name, email, active, numProducts, createdAt }: UserValues) {
  return {
    name,
    email,
    active: active ? 1 : 0,
    num_products: numProducts,
    created_at: createdAt.toISOString(),
  };
}

/** Kysely as its documentation shows it; rows are made users by a function. */
export const open: OpenSubject = async (location) => {
  const db = new Kysely<SqliteTables>({ dialect: new SqliteDialect({ database: openFile(location) }) });

  async function findUser(session: Kysely<SqliteTables>, id: number): Promise<User> {
    return toUser(await session.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow());
  }
  async function findUserByEmail(session: Kysely<SqliteTables>, email: string): Promise<User> {
    return toUser(await session.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirstOrThrow());
  }
  async function insertUser(session: Kysely<SqliteTables>, values: UserValues): Promise<User> {
    const { insertId } = await session.insertInto("users").values(toRow(values)).executeTakeFirstOrThrow();
    return { id: Number(insertId), ...values };
  }
  async function updateUser(session: Kysely<SqliteTables>, id: number, change: Partial<UserChange>): Promise<number> {
    const { numUpdatedRows } = await session
      .updateTable("users")
      .set({ name: change.name, num_products: change.numProducts })
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }
  const activeWithMore = (moreThan: number) => (eb: ExpressionBuilder<SqliteTables, "users">) =>
    eb.and([eb("active", "=", 1), eb("num_products", ">", moreThan)]);
  const sliceOfUsers = async (after: number, limit: number) => {
    const rows = await db.selectFrom("users").selectAll().where("id", ">", after).orderBy("id").limit(limit).execute();
    return rows.map(toUser);
  };
  const sliceOfPosts = (after: number, limit: number) =>
    db.selectFrom("posts").select(postColumns).where("id", ">", after).orderBy("id").limit(limit).execute();
  const postsOf = (authorIds: readonly number[]) =>
    db.selectFrom("posts").select(postColumns).where("author_id", "in", authorIds).orderBy("id").execute();
  const tagsOf = (postIds: readonly number[]) =>
    db
      .selectFrom("post_tags")
      .innerJoin("tags", "tags.id", "post_tags.tag_id")
      .select(["post_tags.post_id as postId", "tags.id", "tags.name"])
      .where("post_tags.post_id", "in", postIds)
      .orderBy("tags.id")
      .execute();

  return {
    find: (id) => findUser(db, id),
    async page({ moreThan, limit, offset }) {
      const rows = await db
        .selectFrom("users")
        .selectAll()
        .where(activeWithMore(moreThan))
        .orderBy("created_at", "desc")
        .orderBy("name")
        .limit(limit)
        .offset(offset)
        .execute();
      return rows.map(toUser);
    },
    all: async () => (await db.selectFrom("users").selectAll().execute()).map(toUser),
    slice: ({ after, limit }) => sliceOfUsers(after, limit),
    async count(moreThan) {
      const { count } = await db
        .selectFrom("users")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where(activeWithMore(moreThan))
        .executeTakeFirstOrThrow();
      return count;
    },
    async groups(after) {
      const rows = await db
        .selectFrom("users")
        .select((eb) => [
          "active",
          eb.fn.countAll<number>().as("users"),
          eb.fn.sum<number | null>("num_products").as("products"),
          eb.fn.max("num_products").as("most"),
        ])
        .where("id", ">", after)
        .groupBy("active")
        .orderBy("active")
        .execute();
      return rows.map(({ active, ...group }) => ({ active: active === 1, ...group }));
    },
    insert: (values) => insertUser(db, values),
    insertMany: (values) =>
      db.transaction().execute(async (trx) => {
        const inserted: User[] = [];
        for (const chunk of chunksOf(values, chunkSize)) {
          const rows = await trx.insertInto("users").values(chunk.map(toRow)).returning("id").execute();
          for (const [index, { id }] of rows.entries()) inserted.push({ id, ...present(chunk[index]) });
        }
        return inserted;
      }),
    async saveMany(users) {
      await db.transaction().execute(async (trx) => {
        for (const chunk of chunksOf(users, chunkSize)) {
          await trx
            .insertInto("users")
            .values(chunk.map((user) => ({ id: user.id, ...toRow(user) })))
            .onConflict((conflict) =>
              conflict.column("id").doUpdateSet((eb) => ({
                name: eb.ref("excluded.name"),
                email: eb.ref("excluded.email"),
                active: eb.ref("excluded.active"),
                num_products: eb.ref("excluded.num_products"),
                created_at: eb.ref("excluded.created_at"),
              })),
            )
            .execute();
        }
      });
      return users;
    },
    update: (id, change) => updateUser(db, id, change),
    async updateMany(changes) {
      // An update for each takes many times as long, `values` half as long again.
      const values = JSON.stringify(changes.map(({ id, name, numProducts }) => [id, name, numProducts]));
      const { numUpdatedRows } = await db
        .updateTable("users")
        .from(sql`json_each(${values})`.as("change"))
        .set({ name: sql`change.value ->> 1`, num_products: sql`change.value ->> 2` })
        .where("users.id", "=", sql<number>`change.value ->> 0`)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows);
    },
    transaction: ({ ids, values }) =>
      db.transaction().execute(async (trx) => {
        const users: User[] = [];
        for (const id of ids) users.push(await findUser(trx, id));
        for (const [index, user] of users.slice(0, 3).entries()) {
          const numProducts = (user.numProducts ?? 0) + 1;
          await updateUser(trx, user.id, { numProducts });
          users[index] = { ...user, numProducts };
        }
        for (const value of values) users.push(await insertUser(trx, value));
        return users;
      }),
    selectInTurn: (emails) =>
      db.transaction().execute(async (trx) => {
        const users: User[] = [];
        for (const email of emails) users.push(await findUserByEmail(trx, email));
        return users;
      }),
    selectTogether: (emails) =>
      db.transaction().execute((trx) => Promise.all(emails.map((email) => findUserByEmail(trx, email)))),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => findUserByEmail(db, email))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const user = await findUser(db, id);
          const posts = await db
            .selectFrom("posts")
            .select(postColumns)
            .where("author_id", "=", id)
            .orderBy("id")
            .limit(5)
            .execute();
          const { count } = await db
            .selectFrom("posts")
            .select((eb) => eb.fn.countAll<number>().as("count"))
            .where("author_id", "=", id)
            .executeTakeFirstOrThrow();
          return { user, posts, count };
        }),
      ),
    async usersWithPosts({ after, limit }) {
      const users = await sliceOfUsers(after, limit);
      return withPosts(users, await postsOf(idsOf(users)));
    },
    async postsWithAuthors({ after, limit }) {
      const posts = await sliceOfPosts(after, limit);
      const authors = await db.selectFrom("users").selectAll().where("id", "in", authorIdsOf(posts)).execute();
      return withAuthors(posts, authors.map(toUser));
    },
    authorOf: (post: PostWithAuthor) => post.author,
    async postsWithTags({ after, limit }) {
      const posts = await sliceOfPosts(after, limit);
      return withTheirTags(posts, await tagsOf(idsOf(posts)));
    },
    async usersWithTaggedPosts({ after, limit }) {
      const users = await sliceOfUsers(after, limit);
      const posts = await postsOf(idsOf(users));
      return withPosts(users, withTheirTags(posts, await tagsOf(idsOf(posts))));
    },
    close: () => db.destroy(),
  };
};

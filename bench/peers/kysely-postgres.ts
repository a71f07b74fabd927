import { type ExpressionBuilder, Kysely, PostgresDialect, sql } from "kysely";
import { jsonArrayFrom } from "kysely/helpers/postgres";
import pg from "pg";
import type { KeyedChange, OpenSubject, User, UserChange, UserValues } from "../subject.js";
import { type PostgresTables, postColumns } from "./kysely-tables.js";
import { authorIdsOf, chunksOf, idsOf, type PostWithAuthor, present, withAuthors } from "./rows.js";

/** Rows per statement where many are written: 65 535 parameters are the most that it takes. */
const chunkSize = 1000;

/** A user's columns, by the names of its fields. */
const userColumns = [
  "id",
  "name",
  "email",
  "active",
  "num_products as numProducts",
  "created_at as createdAt",
] as const;

function toRow({ name, email, active, numProducts, createdAt }: UserValues) {
  return { name, email, active, num_products: numProducts, created_at: createdAt };
}

/** Kysely as its documentation shows it. */
export const open: OpenSubject = async (location) => {
  const db = new Kysely<PostgresTables>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: location, pipeline: true }) }),
  });

  async function findUser(session: Kysely<PostgresTables>, id: number): Promise<User> {
    return session.selectFrom("users").select(userColumns).where("id", "=", id).executeTakeFirstOrThrow();
  }
  async function findUserByEmail(session: Kysely<PostgresTables>, email: string): Promise<User> {
    return session.selectFrom("users").select(userColumns).where("email", "=", email).executeTakeFirstOrThrow();
  }
  async function insertUser(session: Kysely<PostgresTables>, values: UserValues): Promise<User> {
    const { id } = await session.insertInto("users").values(toRow(values)).returning("id").executeTakeFirstOrThrow();
    return { id, ...values };
  }
  async function updateUser(session: Kysely<PostgresTables>, id: number, change: Partial<UserChange>): Promise<number> {
    const { numUpdatedRows } = await session
      .updateTable("users")
      .set({ name: change.name, num_products: change.numProducts })
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }
  /** What is one statement is a transaction of its own. */
  async function inOneTransaction<T>(
    values: readonly T[],
    work: (session: Kysely<PostgresTables>, chunk: T[]) => Promise<User[]>,
  ) {
    const [first, ...others] = chunksOf(values, chunkSize);
    if (first === undefined) return [];
    if (others.length === 0) return work(db, first);
    return db.transaction().execute(async (trx) => {
      const users = await work(trx, first);
      for (const chunk of others) users.push(...(await work(trx, chunk)));
      return users;
    });
  }
  const activeWithMore = (moreThan: number) => (eb: ExpressionBuilder<PostgresTables, "users">) =>
    eb.and([eb("active", "=", true), eb("num_products", ">", moreThan)]);
  const tags = (eb: ExpressionBuilder<PostgresTables, "posts">) =>
    jsonArrayFrom(
      eb
        .selectFrom("post_tags")
        .innerJoin("tags", "tags.id", "post_tags.tag_id")
        .select(["tags.id", "tags.name"])
        .whereRef("post_tags.post_id", "=", "posts.id")
        .orderBy("tags.id"),
    ).as("tags");

  return {
    find: (id) => findUser(db, id),
    page: ({ moreThan, limit, offset }) =>
      db
        .selectFrom("users")
        .select(userColumns)
        .where(activeWithMore(moreThan))
        .orderBy("created_at", "desc")
        .orderBy("name")
        .limit(limit)
        .offset(offset)
        .execute(),
    all: () => db.selectFrom("users").select(userColumns).execute(),
    slice: ({ after, limit }) =>
      db.selectFrom("users").select(userColumns).where("id", ">", after).orderBy("id").limit(limit).execute(),
    async count(moreThan) {
      const { count } = await db
        .selectFrom("users")
        .select((eb) => eb.fn.countAll().as("count"))
        .where(activeWithMore(moreThan))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async groups(after) {
      const rows = await db
        .selectFrom("users")
        .select((eb) => [
          "active",
          eb.fn.countAll().as("users"),
          eb.fn.sum<string | null>("num_products").as("products"),
          eb.fn.max("num_products").as("most"),
        ])
        .where("id", ">", after)
        .groupBy("active")
        .orderBy("active")
        .execute();
      return rows.map(({ active, users, products, most }) => ({
        active,
        users: Number(users),
        products: products === null ? null : Number(products),
        most,
      }));
    },
    insert: (values) => insertUser(db, values),
    insertMany: (values) =>
      inOneTransaction(values, async (session, chunk) => {
        const rows = await session.insertInto("users").values(chunk.map(toRow)).returning("id").execute();
        return rows.map(({ id }, index) => ({ id, ...present(chunk[index]) }));
      }),
    async saveMany(users) {
      await inOneTransaction(users, async (session, chunk) => {
        await session
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
        return [];
      });
      return users;
    },
    update: (id, change) => updateUser(db, id, change),
    async updateMany(changes) {
      // An update for each takes many times as long, `values` about twice.
      const ids = idsOf(changes);
      const names = changes.map(({ name }) => name);
      const numbers = changes.map(({ numProducts }) => numProducts);
      const { numUpdatedRows } = await db
        .updateTable("users")
        .from(
          sql<KeyedChange>`unnest(${ids}::integer[], ${names}::text[], ${numbers}::integer[])`.as<"change">(
            sql`change (id, name, "numProducts")`,
          ),
        )
        .set((eb) => ({ name: eb.ref("change.name"), num_products: eb.ref("change.numProducts") }))
        .whereRef("users.id", "=", "change.id")
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
            .select((eb) => eb.fn.countAll().as("count"))
            .where("author_id", "=", id)
            .executeTakeFirstOrThrow();
          return { user, posts, count: Number(count) };
        }),
      ),
    // As JSON, which is faster than a second query, but for what many have in common.
    usersWithPosts: ({ after, limit }) =>
      db
        .selectFrom("users")
        .select(userColumns)
        .select((eb) =>
          jsonArrayFrom(
            eb.selectFrom("posts").select(postColumns).whereRef("author_id", "=", "users.id").orderBy("id"),
          ).as("posts"),
        )
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute(),
    async postsWithAuthors({ after, limit }) {
      const posts = await db
        .selectFrom("posts")
        .select(postColumns)
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute();
      const authors = await db.selectFrom("users").select(userColumns).where("id", "in", authorIdsOf(posts)).execute();
      return withAuthors(posts, authors);
    },
    authorOf: (post: PostWithAuthor) => post.author,
    postsWithTags: ({ after, limit }) =>
      db
        .selectFrom("posts")
        .select(postColumns)
        .select(tags)
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute(),
    usersWithTaggedPosts: ({ after, limit }) =>
      db
        .selectFrom("users")
        .select(userColumns)
        .select((eb) =>
          jsonArrayFrom(
            eb
              .selectFrom("posts")
              .select(postColumns)
              .select(tags)
              .whereRef("author_id", "=", "users.id")
              .orderBy("id"),
          ).as("posts"),
        )
        .where("id", ">", after)
        .orderBy("id")
        .limit(limit)
        .execute(),
    close: () => db.destroy(),
  };
};

import pg from "pg";
import type { OpenSubject, Request, UserValues } from "../subject.js";
import { contentId } from "./content-id.js";
import { PostRecord } from "./related-records.js";
import { HashedRecord, type UserRecord } from "./user-record.js";
import { relationsOf } from "./usual-postgres-relations.js";
import { type Row, toUser } from "./usual-postgres-rows.js";

type Client = Pick<pg.PoolClient, "query">;

interface PostRow {
  id: number;
  title: string;
  author_id: number;
}

/** Counts and sums are `bigint`, which pg gives as text. */
interface GroupRow {
  active: boolean;
  users: string;
  products: string | null;
  most: number | null;
}

/** Rows per statement: more would have too many parameters. */
const chunkSize = 10_000;

function toValues(values: UserValues) {
  return [values.name, values.email, values.active, values.numProducts, values.createdAt];
}

async function findUser(client: Client, id: number): Promise<UserRecord> {
  const { rows } = await client.query<Row>("select * from users where id = $1", [id]);
  if (rows[0] === undefined) throw new RangeError(`no user ${id}`);
  return toUser(rows[0]);
}

async function findUserByEmail(client: Client, email: string): Promise<UserRecord> {
  const { rows } = await client.query<Row>("select * from users where email = $1", [email]);
  if (rows[0] === undefined) throw new RangeError(`no user ${email}`);
  return toUser(rows[0]);
}

async function insertUser(client: Client, values: UserValues): Promise<UserRecord> {
  const { rows } = await client.query<Row>(
    "insert into users (name, email, active, num_products, created_at) values ($1, $2, $3, $4, $5) returning *",
    toValues(values),
  );
  if (rows[0] === undefined) throw new RangeError("no row");
  return toUser(rows[0]);
}

async function insertChunk(client: Client, values: readonly UserValues[]): Promise<UserRecord[]> {
  const tuples = values.map((_, i) => `(${[1, 2, 3, 4, 5].map((column) => `$${i * 5 + column}`).join(", ")})`);
  const { rows } = await client.query<Row>(
    `insert into users (name, email, active, num_products, created_at) values ${tuples.join(", ")} returning *`,
    values.flatMap(toValues),
  );
  return rows.map(toUser);
}

async function answerRequest(client: Client, id: number): Promise<Request> {
  const user = await findUser(client, id);
  const { rows } = await client.query<PostRow>("select * from posts where author_id = $1 order by id limit 5", [id]);
  const posts = rows.map((row) => new PostRecord(row.id, row.title, row.author_id));
  const counted = await client.query<{ count: string }>("select count(*) from posts where author_id = $1", [id]);
  return { user, posts, count: Number(counted.rows[0]?.count) };
}

async function inTransaction<T>(pool: pg.Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

/** What people write by hand: text and values, rows as objects, pg's own type parsers, `values (…), (…)` for many. */
export const open: OpenSubject = async (location) => {
  const pool = new pg.Pool({ connectionString: location });
  const selectOneByOne = (emails: readonly string[]) =>
    inTransaction(pool, async (client) => {
      const users: UserRecord[] = [];
      for (const email of emails) users.push(await findUserByEmail(client, email));
      return users;
    });

  return {
    ...relationsOf(pool),
    find: async (id) => findUser(pool, id),
    async page({ moreThan, limit, offset }) {
      const { rows } = await pool.query<Row>(
        `select * from users where active and num_products > $1
        order by created_at desc, name limit $2 offset $3`,
        [moreThan, limit, offset],
      );
      return rows.map(toUser);
    },
    all: async () => (await pool.query<Row>("select * from users")).rows.map(toUser),
    async slice({ after, limit }) {
      const { rows } = await pool.query<Row>("select * from users where id > $1 order by id limit $2", [after, limit]);
      return rows.map(toUser);
    },
    async count(moreThan) {
      const text = "select count(*) from users where active and num_products > $1";
      const { rows } = await pool.query<{ count: string }>(text, [moreThan]);
      return Number(rows[0]?.count);
    },
    async groups(after) {
      const { rows } = await pool.query<GroupRow>(
        `select active, count(*) as users, sum(num_products) as products, max(num_products) as most
        from users where id > $1 group by active order by active`,
        [after],
      );
      return rows.map(({ active, users, products, most }) => {
        return { active, users: Number(users), products: products === null ? null : Number(products), most };
      });
    },
    insert: async (values) => insertUser(pool, values),
    async insertMany(values) {
      if (values.length <= chunkSize) return insertChunk(pool, values);
      return inTransaction(pool, async (client) => {
        const users: UserRecord[] = [];
        for (let start = 0; start < values.length; start += chunkSize) {
          users.push(...(await insertChunk(client, values.slice(start, start + chunkSize))));
        }
        return users;
      });
    },
    async insertHashed(values) {
      const users = values.map((value) => HashedRecord.of(contentId(value), value));
      const tuples = users.map((_, i) => `(${[1, 2, 3, 4, 5, 6].map((column) => `$${i * 6 + column}`).join(", ")})`);
      await pool.query(
        `insert into hashed_users (id, name, email, active, num_products, created_at) values ${tuples.join(", ")}`,
        users.flatMap((user) => [user.id, ...toValues(user)]),
      );
      return users;
    },
    async saveMany(users) {
      const tuples = users.map((_, i) => `(${[1, 2, 3, 4, 5, 6].map((column) => `$${i * 6 + column}`).join(", ")})`);
      const { rows } = await pool.query<Row>(
        `insert into users (id, name, email, active, num_products, created_at) values ${tuples.join(", ")}
        on conflict (id) do update set name = excluded.name, email = excluded.email, active = excluded.active,
        num_products = excluded.num_products, created_at = excluded.created_at returning *`,
        users.flatMap((user) => [user.id, ...toValues(user)]),
      );
      return rows.map(toUser);
    },
    async update(id, { name, numProducts }) {
      const text = "update users set name = $1, num_products = $2 where id = $3";
      return (await pool.query(text, [name, numProducts, id])).rowCount ?? 0;
    },
    updateMany: (changes) =>
      inTransaction(pool, async (client) => {
        let changed = 0;
        for (const { id, name, numProducts } of changes) {
          const text = "update users set name = $1, num_products = $2 where id = $3";
          changed += (await client.query(text, [name, numProducts, id])).rowCount ?? 0;
        }
        return changed;
      }),
    transaction: ({ ids, values }) =>
      inTransaction(pool, async (client) => {
        const users: UserRecord[] = [];
        for (const id of ids) users.push(await findUser(client, id));
        for (const user of users.slice(0, 3)) {
          user.numProducts = (user.numProducts ?? 0) + 1;
          await client.query("update users set num_products = $1 where id = $2", [user.numProducts, user.id]);
        }
        for (const value of values) users.push(await insertUser(client, value));
        return users;
      }),
    selectInTurn: selectOneByOne,
    // pg warns of statements that are sent together to a client without a pipeline, and sends them one by one.
    selectTogether: selectOneByOne,
    selectThroughPool: (emails) => Promise.all(emails.map((email) => findUserByEmail(pool, email))),
    requests: (ids) => Promise.all(ids.map((id) => answerRequest(pool, id))),
    close: () => pool.end(),
  };
};

import pg from "pg";
import type { OpenSubject, UserValues } from "../subject.js";
import { contentId } from "./content-id.js";
import { relationsOf } from "./expert-postgres-relations.js";
import { fields, type Row, statement, toUser } from "./expert-postgres-rows.js";
import { textArray } from "./postgres-array.js";
import { HashedRecord, UserRecord } from "./user-record.js";

type Client = Pick<pg.PoolClient, "query">;

const find = statement("find", `select ${fields} from users where id = $1`);
const findByEmail = statement("findByEmail", `select ${fields} from users where email = $1`);
const page = statement(
  "page",
  `select ${fields} from users where active = $1 and num_products > $2 order by created_at desc, name limit $3 offset $4`,
);
const all = statement("all", `select ${fields} from users`);
const insert = statement(
  "insert",
  "insert into users (name, email, active, num_products, created_at) values ($1, $2, $3, $4, $5) returning id",
);
const insertMany = statement(
  "insertMany",
  `insert into users (name, email, active, num_products, created_at)
  select * from unnest($1::text[], $2::text[], $3::boolean[], $4::integer[], $5::timestamptz[]) returning id`,
);
const insertHashed = statement(
  "insertHashed",
  `insert into hashed_users (id, name, email, active, num_products, created_at)
  select * from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::integer[], $6::timestamptz[])`,
);
/** The keys that the database gives next come after those that were given here. */
const saveMany = statement(
  "saveMany",
  `with saved as (
    insert into users (id, name, email, active, num_products, created_at)
    select * from unnest($1::integer[], $2::text[], $3::text[], $4::boolean[], $5::integer[], $6::timestamptz[])
    on conflict (id) do update set name = excluded.name, email = excluded.email, active = excluded.active,
      num_products = excluded.num_products, created_at = excluded.created_at
    returning id
  )
  select setval('users_id_seq', greatest(max(id), (select last_value from users_id_seq))) from saved`,
);
const update = statement("update", "update users set name = $1, num_products = $2 where id = $3");
const setProducts = statement("setProducts", "update users set num_products = $1 where id = $2");

async function findUser(client: Client, id: number): Promise<UserRecord> {
  const row = (await client.query<Row>(find([id]))).rows[0];
  if (row === undefined) throw new RangeError(`no user ${id}`);
  return toUser(row);
}

async function findUserByEmail(client: Client, email: string): Promise<UserRecord> {
  const row = (await client.query<Row>(findByEmail([email]))).rows[0];
  if (row === undefined) throw new RangeError(`no user ${email}`);
  return toUser(row);
}

async function insertUser(client: Client, values: UserValues): Promise<UserRecord> {
  const { name, email, active, numProducts, createdAt } = values;
  const parameters = [name, email, active ? "t" : "f", numProducts, createdAt.toISOString()];
  const row = (await client.query<[string]>(insert(parameters))).rows[0];
  if (row === undefined) throw new RangeError("no id");
  return UserRecord.of(+row[0], values);
}

function toArrays(values: readonly UserValues[]): string[] {
  return [
    textArray(values, ({ name }) => name),
    textArray(values, ({ email }) => email),
    `{${values.map(({ active }) => (active ? "t" : "f")).join()}}`,
    `{${values.map(({ numProducts }) => numProducts ?? "null").join()}}`,
    `{${values.map(({ createdAt }) => createdAt.toISOString()).join()}}`,
  ];
}

/** `begin` goes out with the first statement: one round trip less. */
async function inTransaction<T>(pool: pg.Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    const [, result] = await Promise.all([client.query("begin"), work(client)]);
    await client.query("commit");
    client.release();
    return result;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** pg at its best: named statements, rows as arrays of text, a pipeline, `unnest` for many. */
export const open: OpenSubject = async (location) => {
  const pool = new pg.Pool({ connectionString: location, options: "-c timezone=UTC", pipeline: true });

  return {
    ...relationsOf(pool),
    find: async (id) => findUser(pool, id),
    async page({ moreThan, limit, offset }) {
      return (await pool.query<Row>(page(["t", moreThan, limit, offset]))).rows.map(toUser);
    },
    all: async () => (await pool.query<Row>(all([]))).rows.map(toUser),
    insert: async (values) => insertUser(pool, values),
    async insertMany(values) {
      const { rows } = await pool.query<[string]>(insertMany(toArrays(values)));
      return rows.map((row, index) => UserRecord.of(+row[0], values[index]!));
    },
    async insertHashed(values) {
      const users = values.map((value) => HashedRecord.of(contentId(value), value));
      await pool.query(insertHashed([`{${users.map(({ id }) => id).join()}}`, ...toArrays(values)]));
      return users;
    },
    async saveMany(users) {
      await pool.query(saveMany([`{${users.map(({ id }) => id).join()}}`, ...toArrays(users)]));
      return users.map((user) => UserRecord.of(user.id, user));
    },
    async update(id, { name, numProducts }) {
      return (await pool.query(update([name, numProducts, id]))).rowCount ?? 0;
    },
    transaction: ({ ids, values }) =>
      inTransaction(pool, async (client) => {
        const users: UserRecord[] = [];
        for (const id of ids) users.push(await findUser(client, id));
        for (const user of users.slice(0, 3)) {
          user.numProducts = (user.numProducts ?? 0) + 1;
          await client.query(setProducts([user.numProducts, user.id]));
        }
        for (const value of values) users.push(await insertUser(client, value));
        return users;
      }),
    selectInTurn: (emails) =>
      inTransaction(pool, async (client) => {
        const users: UserRecord[] = [];
        for (const email of emails) users.push(await findUserByEmail(client, email));
        return users;
      }),
    selectTogether: (emails) =>
      inTransaction(pool, (client) => Promise.all(emails.map((email) => findUserByEmail(client, email)))),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => findUserByEmail(pool, email))),
    close: () => pool.end(),
  };
};

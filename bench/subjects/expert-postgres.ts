import pg from "pg";
import type { OpenSubject, UserValues } from "../subject.js";
import { relationsOf } from "./expert-postgres-relations.js";
import { fields, type Row, statement, toUser } from "./expert-postgres-rows.js";
import { textArray } from "./postgres-array.js";
import { UserRecord } from "./user-record.js";

type Client = Pick<pg.PoolClient, "query">;

const find = statement("find", `select ${fields} from users where id = $1`);
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
const update = statement("update", "update users set name = $1, num_products = $2 where id = $3");
const setProducts = statement("setProducts", "update users set num_products = $1 where id = $2");

async function findUser(client: Client, id: number): Promise<UserRecord> {
  const row = (await client.query<Row>(find([id]))).rows[0];
  if (row === undefined) throw new RangeError(`no user ${id}`);
  return toUser(row);
}

async function insertUser(client: Client, values: UserValues): Promise<UserRecord> {
  const { name, email, active, numProducts, createdAt } = values;
  const parameters = [name, email, active ? "t" : "f", numProducts, createdAt.toISOString()];
  const row = (await client.query<[string]>(insert(parameters))).rows[0];
  if (row === undefined) throw new RangeError("no id");
  return UserRecord.of(+row[0], values);
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
      const { rows } = await pool.query<[string]>(
        insertMany([
          textArray(values, ({ name }) => name),
          textArray(values, ({ email }) => email),
          `{${values.map(({ active }) => (active ? "t" : "f")).join()}}`,
          `{${values.map(({ numProducts }) => numProducts ?? "null").join()}}`,
          `{${values.map(({ createdAt }) => createdAt.toISOString()).join()}}`,
        ]),
      );
      return rows.map((row, index) => UserRecord.of(+row[0], values[index]!));
    },
    async update(id, { name, numProducts }) {
      return (await pool.query(update([name, numProducts, id]))).rowCount ?? 0;
    },
    async transaction({ ids, values }) {
      const client = await pool.connect();
      try {
        // `begin` goes out with the first statement: one round trip less.
        const [, first] = await Promise.all([client.query("begin"), findUser(client, ids[0])]);
        const users = [first];
        for (const id of ids.slice(1)) users.push(await findUser(client, id));
        for (const user of users.slice(0, 3)) {
          user.numProducts = (user.numProducts ?? 0) + 1;
          await client.query(setProducts([user.numProducts, user.id]));
        }
        for (const value of values) users.push(await insertUser(client, value));
        await client.query("commit");
        client.release();
        return users;
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    close: () => pool.end(),
  };
};

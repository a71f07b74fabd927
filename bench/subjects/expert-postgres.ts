import pg from "pg";
import type { Group, OpenSubject, Request, UserValues } from "../subject.js";
import { contentId } from "./content-id.js";
import { relationsOf } from "./expert-postgres-relations.js";
import { fields, type Row, statement, toUser } from "./expert-postgres-rows.js";
import { textArray } from "./postgres-array.js";
import { PostRecord } from "./related-records.js";
import { HashedRecord, UserRecord } from "./user-record.js";

type Client = Pick<pg.PoolClient, "query">;
type PostRow = [id: string, title: string, authorId: string];
type GroupRow = [active: string, users: string, products: string | null, most: string | null];

/** Rows per statement where many are inserted: the server works on one while the next is written. */
const chunkSize = 1000;

const find = statement("find", `select ${fields} from users where id = $1`);
const findByEmail = statement("findByEmail", `select ${fields} from users where email = $1`);
const page = statement(
  "page",
  `select ${fields} from users where active = $1 and num_products > $2 order by created_at desc, name limit $3 offset $4`,
);
const all = statement("all", `select ${fields} from users`);
const slice = statement("slice", `select ${fields} from users where id > $1 order by id limit $2`);
const count = statement("count", "select count(*) from users where active = $1 and num_products > $2");
const groups = statement(
  "groups",
  `select active, count(*), sum(num_products), max(num_products) from users where id > $1
  group by active order by active`,
);
const postsOf = statement(
  "postsOf",
  "select id, title, author_id from posts where author_id = $1 order by id limit $2",
);
const countPosts = statement("countPosts", "select count(*) from posts where author_id = $1");
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
const updateMany = statement(
  "updateMany",
  `update users set name = change.name, num_products = change.num_products
  from unnest($1::integer[], $2::text[], $3::integer[]) as change (id, name, num_products) where users.id = change.id`,
);
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

async function numberFrom(client: Client, query: ReturnType<typeof count>): Promise<number> {
  return Number((await client.query<[string]>(query)).rows[0]?.[0]);
}

async function answerRequest(client: Client, id: number): Promise<Request> {
  const user = await findUser(client, id);
  const { rows } = await client.query<PostRow>(postsOf([id, 5]));
  const posts = rows.map((row) => new PostRecord(+row[0], row[1], +row[2]));
  return { user, posts, count: await numberFrom(client, countPosts([id])) };
}

function toGroup([active, users, products, most]: GroupRow): Group {
  return { active: active === "t", users: +users, products: toNumber(products), most: toNumber(most) };
}

function toNumber(text: string | null): number | null {
  return text === null ? null : +text;
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

async function insertUsers(client: Client, values: readonly UserValues[]): Promise<UserRecord[]> {
  const { rows } = await client.query<[string]>(insertMany(toArrays(values)));
  return rows.map((row, index) => UserRecord.of(+row[0], values[index]!));
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
    slice: async ({ after, limit }) => (await pool.query<Row>(slice([after, limit]))).rows.map(toUser),
    count: (moreThan) => numberFrom(pool, count(["t", moreThan])),
    groups: async (after) => (await pool.query<GroupRow>(groups([after]))).rows.map(toGroup),
    insert: async (values) => insertUser(pool, values),
    async insertMany(values) {
      if (values.length <= chunkSize) return insertUsers(pool, values);
      const chunks: (readonly UserValues[])[] = [];
      for (let at = 0; at < values.length; at += chunkSize) chunks.push(values.slice(at, at + chunkSize));
      return (
        await inTransaction(pool, (client) => Promise.all(chunks.map((chunk) => insertUsers(client, chunk))))
      ).flat();
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
    async updateMany(changes) {
      const ids = `{${changes.map(({ id }) => id).join()}}`;
      const names = textArray(changes, ({ name }) => name);
      const numbers = `{${changes.map(({ numProducts }) => numProducts).join()}}`;
      return (await pool.query(updateMany([ids, names, numbers]))).rowCount ?? 0;
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
    requests: (ids) => Promise.all(ids.map((id) => answerRequest(pool, id))),
    close: () => pool.end(),
  };
};

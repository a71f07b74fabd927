import pg from "pg";
import { ddl, grow, postValues, rowCount, tagCount, tagIdsOf, tagName, userValues } from "../schema.js";
import { type Server, startServer } from "./embedded-postgres.js";
import type { Engine, FreshDatabase } from "./engine.js";

/** Databases of one server, each a copy of one template: of `DATABASE_URL`'s server, else of one started here. */
export async function startPostgres(): Promise<Engine> {
  const given = process.env.DATABASE_URL;
  const server: Server = given === undefined ? await startServer() : { url: given, stop: async () => {} };
  const prefix = `rowkeeper_bench_${process.pid}`;
  const template = `${prefix}_template`;
  const made: string[] = [];

  const create = async (name: string, options: string) => {
    await execute(server.url, [`create database ${name} ${options}`]);
    made.push(name);
    // As little waiting for the disk as SQLite has with synchronous=normal.
    await execute(server.url, [`alter database ${name} set synchronous_commit = off`]);
  };
  const stop = async () => {
    try {
      if (given !== undefined) for (const name of made) await drop(server.url, name);
    } finally {
      await server.stop();
    }
  };

  try {
    await create(template, "template template0 encoding 'UTF8' locale 'C'");
    await fillTemplate(urlOf(server.url, template));
    const version = await scalar(server.url, "show server_version");
    return {
      version,
      settings: `${given === undefined ? "embedded-postgres on loopback" : "DATABASE_URL"}, synchronous_commit=off`,
      async fresh() {
        const name = `${prefix}_${made.length}`;
        await create(name, `template ${template}`);
        return databaseAt(server.url, name);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function fillTemplate(url: string): Promise<void> {
  const users = Array.from({ length: rowCount }, (_, index) => userValues(index + 1));
  await withClient(url, async (client) => {
    for (const statement of ddl.postgres) await client.query(statement);
    await client.query(
      `insert into users (name, email, active, num_products, created_at)
      select * from unnest($1::text[], $2::text[], $3::boolean[], $4::integer[], $5::timestamptz[])`,
      [
        users.map(({ name }) => name),
        users.map(({ email }) => email),
        users.map(({ active }) => active),
        users.map(({ numProducts }) => numProducts),
        users.map(({ createdAt }) => createdAt.toISOString()),
      ],
    );
    await fillRelated(client);
    await client.query("vacuum analyze");
    await client.query("checkpoint");
  });
}

async function fillRelated(client: pg.Client): Promise<void> {
  const posts = Array.from({ length: rowCount }, (_, index) => postValues(index + 1));
  const tags = Array.from({ length: tagCount }, (_, index) => tagName(index + 1));
  const postTags = posts.flatMap((_, index) => tagIdsOf(index + 1).map((tagId) => ({ postId: index + 1, tagId })));
  await client.query("insert into posts (title, author_id) select * from unnest($1::text[], $2::integer[])", [
    posts.map(({ title }) => title),
    posts.map(({ authorId }) => authorId),
  ]);
  await client.query("insert into tags (name) select * from unnest($1::text[])", [tags]);
  await client.query("insert into post_tags (post_id, tag_id) select * from unnest($1::integer[], $2::integer[])", [
    postTags.map(({ postId }) => postId),
    postTags.map(({ tagId }) => tagId),
  ]);
}

function databaseAt(server: string, name: string): FreshDatabase {
  const location = urlOf(server, name);
  return {
    location,
    contents: () =>
      scalar(
        location,
        `select string_agg(json_build_array(id, name, email, active, num_products, created_at)::text, e'\\n' order by id)
        from users`,
      ),
    grow: (rows) => execute(location, [grow.postgres(rowCount + 1, rows), "vacuum analyze users", "checkpoint"]),
    drop: () => drop(server, name),
  };
}

function drop(server: string, name: string): Promise<void> {
  return execute(server, [`drop database if exists ${name} with (force)`]);
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function execute(url: string, statements: readonly string[]): Promise<void> {
  return withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

function scalar(url: string, text: string): Promise<string> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<[string]>({ text, rowMode: "array" });
    return rows[0]?.[0] ?? "";
  });
}

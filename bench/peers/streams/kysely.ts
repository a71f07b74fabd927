import { createRequire } from "node:module";
import Database from "better-sqlite3";
import { Kysely, PostgresDialect, type PostgresDialectConfig, SqliteDialect } from "kysely";
import pg from "pg";
import { batchSize, inBatches, type OpenReader } from "../../memory/reader.js";
import { UserRecord } from "../../subjects/user-record.js";

interface Tables {
  users: {
    id: number;
    name: string;
    email: string;
    active: boolean | number;
    num_products: number | null;
    created_at: Date | string;
  };
}

type CursorConstructor = NonNullable<PostgresDialectConfig["cursor"]>;

function dialectOf(location: string) {
  if (!location.includes("://")) return new SqliteDialect({ database: new Database(location) });
  // It has no types.
  const cursor: CursorConstructor = createRequire(import.meta.url)("pg-cursor");
  return new PostgresDialect({ pool: new pg.Pool({ connectionString: location }), cursor });
}

/** `iterate()` of better-sqlite3, and pg-cursor. */
export const open: OpenReader = async (location) => {
  const db = new Kysely<Tables>({ dialect: dialectOf(location) });

  async function* stream(limit: number) {
    for await (const row of db.selectFrom("users").selectAll().limit(limit).stream(batchSize)) {
      const { id, name, email, active, num_products, created_at } = row;
      yield new UserRecord(id, name, email, Boolean(active), num_products, new Date(created_at));
    }
  }

  return { batches: (limit) => inBatches(stream(limit)), close: () => db.destroy() };
};

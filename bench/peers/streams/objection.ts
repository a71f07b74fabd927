import knex from "knex";
import { inBatches, type OpenReader } from "../../memory/reader.js";
import type { UserRecord } from "../../subjects/user-record.js";
import { type Row, toUser } from "../../subjects/usual-postgres-rows.js";

/** Objection has no stream of its own but the one of knex, by pg-query-stream. On SQLite knex reads all rows first. */
export const open: OpenReader = async (location) => {
  const db = knex({ client: "pg", connection: location });

  async function* stream(limit: number): AsyncGenerator<UserRecord> {
    const rows: AsyncIterable<Row> = db<Row>("users").select().limit(limit).stream();
    for await (const row of rows) yield toUser(row);
  }

  return { batches: (limit) => inBatches(stream(limit)), close: () => db.destroy() };
};

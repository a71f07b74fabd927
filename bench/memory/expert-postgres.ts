import pg from "pg";
import { fields, type Row, toUser, types } from "../subjects/expert-postgres-rows.js";
import type { UserRecord } from "../subjects/user-record.js";
import { batchSize, type ExpertWay, type OpenReader } from "./reader.js";

const select = `select ${fields} from users limit`;

/** A cursor of the server's, 1000 rows at a time, and one query for all; rows as arrays of text. */
export const open: OpenReader<ExpertWay> = async (location, way) => {
  const client = new pg.Client({ connectionString: location, options: "-c timezone=UTC" });
  await client.connect();
  const read = async (text: string) => (await client.query<Row>({ text, rowMode: "array", types })).rows.map(toUser);

  async function* fetch(limit: number): AsyncGenerator<UserRecord[]> {
    await client.query("begin read only");
    await client.query(`declare users_cursor no scroll cursor for ${select} ${limit}`);
    for (;;) {
      const batch = await read(`fetch forward ${batchSize} from users_cursor`);
      if (batch.length > 0) yield batch;
      if (batch.length < batchSize) break;
    }
    await client.query("commit");
  }

  async function* atOnce(limit: number): AsyncGenerator<UserRecord[]> {
    yield await read(`${select} ${limit}`);
  }

  return { batches: way === "cursor" ? fetch : atOnce, close: () => client.end() };
};

import { fields, type Row, toUser } from "../subjects/expert-sqlite-rows.js";
import { openFile } from "../subjects/sqlite-file.js";
import type { UserRecord } from "../subjects/user-record.js";
import { batchSize, type ExpertWay, type OpenReader } from "./reader.js";

/** better-sqlite3's `iterate()`, and its `all()`; rows as arrays. */
export const open: OpenReader<ExpertWay> = async (location, way) => {
  const db = openFile(location);
  const select = db.prepare<[number], Row>(`select ${fields} from users limit ?`).raw();

  async function* step(limit: number): AsyncGenerator<UserRecord[]> {
    let batch: UserRecord[] = [];
    for (const row of select.iterate(limit)) {
      batch.push(toUser(row));
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async function* atOnce(limit: number): AsyncGenerator<UserRecord[]> {
    yield select.all(limit).map(toUser);
  }

  return {
    batches: way === "cursor" ? step : atOnce,
    async close() {
      db.close();
    },
  };
};

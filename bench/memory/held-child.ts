// Reads rows and holds them: node --expose-gc held-child.js <engine> <location> <way>
import pg from "pg";
import type { EngineName, OpenSubject } from "../subject.js";
import { openFile } from "../subjects/sqlite-file.js";
import { readAll } from "../trials.js";
import { memoryInUse } from "./heap.js";
import { type Held, type HeldWay, heldRows } from "./held.js";

/** Reads so many rows, and gives what came of them. */
type ReadRows = (limit: number) => Promise<readonly object[]>;

/** The driver's own objects, as they come. */
const drivers: Record<EngineName, (location: string) => Promise<{ read: ReadRows; close(): Promise<void> }>> = {
  async sqlite(location) {
    const db = openFile(location);
    const select = db.prepare<[number], object>("select * from users order by id limit ?");
    return { read: async (limit) => select.all(limit), close: async () => void db.close() };
  },
  async postgres(location) {
    const client = new pg.Client({ connectionString: location });
    await client.connect();
    const text = "select * from users order by id limit $1";
    return { read: async (limit) => (await client.query(text, [limit])).rows, close: () => client.end() };
  },
};

async function openWay(engine: EngineName, location: string, way: HeldWay) {
  if (way === "driver") return drivers[engine](location);
  const module = way === "expert" ? `expert-${engine}.js` : "rowkeeper.js";
  const { open }: { open: OpenSubject } = await import(`../subjects/${module}`);
  const subject = await open(location);
  const read = async (limit: number) => {
    const users = await subject.slice({ after: 0, limit });
    let sum = 0;
    if (way === "rowkeeper-read") for (const user of users) sum += readAll(user);
    if (Number.isNaN(sum)) throw new RangeError("a field that was read is not what its type says");
    return users;
  };
  return { read, close: () => subject.close() };
}

const [engine, location, way] = process.argv.slice(2) as [EngineName, string, HeldWay];
const { read, close } = await openWay(engine, location, way);
// What is there but once, compiled code and the like, is no part of it.
await read(1000);
const before = await memoryInUse();
const rows = await read(heldRows);
const after = await memoryInUse();
if (rows.length !== heldRows) throw new RangeError(`${rows.length} rows`);
const held: Held = { heap: after.heap - before.heap, external: after.external - before.external };
process.send?.(held);
await close();

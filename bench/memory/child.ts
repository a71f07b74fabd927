// One reader on one database, in a process of its own: node --expose-gc child.js <reader module> <location> <way> <rows>
import { readAll } from "../trials.js";
import type { OpenReader, Reader } from "./reader.js";

/** What a process says when it has read the table; bytes and milliseconds. */
export interface Reading {
  /** Of what was read: the readers' must be equal. */
  readonly checksum: number;
  /** How much larger the process was at its largest than before the first row. */
  readonly growth: number;
  /** The same of the JavaScript heap that is in use. */
  readonly heapGrowth: number;
  readonly firstRows: number;
  readonly time: number;
}

/** Rows that are read first, for what grows but once: compiled code, buffers, the engine's cache. */
const warmUpRows = 10_000;

async function readTable(reader: Reader, rows: number): Promise<Reading> {
  for await (const batch of reader.batches(warmUpRows)) for (const user of batch) readAll(user);
  globalThis.gc?.();
  const before = process.memoryUsage();
  let { rss, heapUsed } = before;
  let checksum = 0;
  let firstRows: number | undefined;
  const start = performance.now();
  for await (const batch of reader.batches(rows)) {
    firstRows ??= performance.now() - start;
    for (const user of batch) checksum = (checksum + readAll(user)) % 1_000_000_007;
    const now = process.memoryUsage();
    rss = Math.max(rss, now.rss);
    heapUsed = Math.max(heapUsed, now.heapUsed);
  }
  const time = performance.now() - start;
  const growth = rss - before.rss;
  return { checksum, growth, heapGrowth: heapUsed - before.heapUsed, firstRows: firstRows ?? Number.NaN, time };
}

const [module = "", location = "", way = "", rows = ""] = process.argv.slice(2);
const { open }: { open: OpenReader } = await import(module);
const reader = await open(location, way);
process.send?.(await readTable(reader, Number(rows)));
await reader.close();

// One subject's first row, in a process of its own: node --expose-gc child.js <module> <location>
import type { Open } from "./first-row.js";

/** What a process says that has read its first row; milliseconds and bytes. */
export interface FirstRow {
  /** What was read: it must be the same for all. */
  readonly row: string;
  /** From the start of the process. */
  readonly fromStart: number;
  /** From the beginning of the import, in which the driver may be as well. */
  readonly fromImport: number;
  /** Of the processor, from the start of the process. */
  readonly processor: number;
  /** The process, and the JavaScript heap in use, when the garbage is collected. */
  readonly rss: number;
  readonly heap: number;
}

const [module = "", location = ""] = process.argv.slice(2);
const begin = performance.now();
const { open }: { open: Open } = await import(module);
const opened = await open(location);
const { id, name, email, numProducts } = await opened.find(1);
// The clock began with the process.
const end = performance.now();
const { user, system } = process.cpuUsage();
// Twice: what is only weakly reachable goes at the second time.
globalThis.gc?.();
await new Promise(setImmediate);
globalThis.gc?.();
const { rss, heapUsed: heap } = process.memoryUsage();
const row = JSON.stringify([id, name, email, numProducts]);
process.send?.({
  row,
  fromStart: end,
  fromImport: end - begin,
  processor: (user + system) / 1000,
  rss,
  heap,
} satisfies FirstRow);
await opened.close();

/*
 * Counts what the operations take on the database of this URL, and prints it: `node … child.js <url>`. It runs in a
 * process of its own, where nothing else allocates, and nothing is collected between two readings: see measure.ts.
 */
import { createHook } from "node:async_hooks";
import { getHeapSpaceStatistics } from "node:v8";
import { connectorOf } from "../../src/database/connect.js";
import { Database } from "../../src/index.js";
import { countingDriver } from "./counting-driver.js";
import type { Counts } from "./counts.js";
import { MODELS, seed, User } from "./models.js";
import { type Operation, type OperationName, operationsOn } from "./operations.js";
import { numbersFrom, selectShapes } from "./shapes.js";

const TIMEOUT = 5_000;
/** Rows in a round, by as many calls as it takes. */
const ROWS = 200;
const ROUNDS = 6;
/** So many results of all users are held. */
const RESULTS = 20;
/** Selects of as many shapes fill every cache, to the same degree both times. */
const SHAPES = { before: 2_500, after: 4_500 };

type Operations = ReturnType<typeof operationsOn>;

async function main(url: string): Promise<void> {
  const statements = await countStatements(url);
  await using db = new Database(url, { models: MODELS, pool: { max: 1 }, timeout: TIMEOUT });
  const all: [OperationName, Operation][] = entriesOf(operationsOn(db));
  const operations = new Map<OperationName, Counts>();
  for (const [, operation] of all) await repeat(operation, callsFor(operation));
  const promises = await countPromises(all);
  for (const [name, operation] of all) {
    const bytes = Math.round(await allocatedBy(operation));
    operations.set(name, { statements: statements.get(name) ?? 0, promises: promises.get(name) ?? 0, bytes });
  }
  const heldPerShape = Math.round(await countHeld());
  const heldPerInstance = Math.round(await countHeldByInstances());
  console.log(JSON.stringify({ operations: Object.fromEntries(operations), heldPerShape, heldPerInstance }));
}

const entriesOf = (operations: Operations) => Object.entries(operations) as [OperationName, Operation][];

const callsFor = ({ rows }: Operation): number => Math.max(2, Math.ceil(ROWS / rows / 3));

async function repeat(operation: Operation, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await (await operation.next())();
}

async function countStatements(url: string): Promise<Map<OperationName, number>> {
  let sent = 0;
  const driver = await connectorOf(url, {}).connect({ timeout: TIMEOUT });
  await using db = new Database(
    countingDriver(driver, () => {
      sent += 1;
    }),
    { models: MODELS, timeout: TIMEOUT },
  );
  await db.createAll();
  await seed();
  const counts = new Map<OperationName, number>();
  for (const [name, operation] of entriesOf(operationsOn(db))) {
    await repeat(operation, 1);
    const work = await operation.next();
    sent = 0;
    await work();
    counts.set(name, sent);
  }
  return counts;
}

/** The least of some calls: anything else that runs only adds. */
async function countPromises(all: readonly [OperationName, Operation][]): Promise<Map<OperationName, number>> {
  let made = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === "PROMISE") made += 1;
    },
  }).enable();
  const countOf = async (operation: Operation) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const work = await operation.next();
      const before = made;
      await work();
      least = Math.min(least, made - before);
    }
    return least;
  };
  const none = Promise.resolve();
  const ofWaiting = await countOf({ rows: 1, next: () => () => none });
  const counts = new Map<OperationName, number>();
  for (const [name, operation] of all) counts.set(name, (await countOf(operation)) - ofWaiting);
  hook.disable();
  return counts;
}

/** Bytes in what holds new objects, and large ones; the compiler's code and its notes are elsewhere. */
function newBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => /^new_|^large_object/.test(name));
  return spaces.reduce((sum, { space_used_size: used }) => sum + used, 0);
}

/** Bytes per row: the least of some rounds. */
async function allocatedBy(operation: Operation): Promise<number> {
  const calls = Math.max(1, Math.ceil(ROWS / operation.rows));
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const works = [];
    for (let call = 0; call < calls; call++) works.push(await operation.next());
    globalThis.gc?.();
    const before = newBytes();
    for (const work of works) await work();
    least = Math.min(least, newBytes() - before);
  }
  return least / calls / operation.rows;
}

async function countHeld(): Promise<number> {
  await selectShapes(numbersFrom(0, SHAPES.before));
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await selectShapes(numbersFrom(SHAPES.before, SHAPES.after));
  globalThis.gc?.();
  return (process.memoryUsage().heapUsed - before) / (SHAPES.after - SHAPES.before);
}

/** Of results that are kept as they came, nothing of them read. */
async function countHeldByInstances(): Promise<number> {
  const results: object[][] = [await User.objects.getInstances()];
  const before = await inUse();
  for (let i = 0; i < RESULTS; i++) results.push(await User.objects.getInstances());
  const held = (await inUse()) - before;
  return held / results.slice(1).flat().length;
}

/** After a turn of the event loop, in which results are let go. */
async function inUse(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

// What is synchronous gives others a turn after some milliseconds, which makes promises: by this clock, never.
performance.now = () => 0;
await main(process.argv[2] ?? "");

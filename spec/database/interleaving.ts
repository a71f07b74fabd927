import assert from "node:assert/strict";
import { setImmediate, setTimeout } from "node:timers/promises";
import { type Database, sql } from "../../src/index.js";
import { Entry } from "./models.js";

/** How many statements write in each transaction. */
export const STEPS = 50;
/** Of these, so many are written in a savepoint that is rolled back. */
export const UNDONE = 10;

/** A transaction that commits, or one that doesn't. */
export interface Run {
  readonly name: string;
  readonly isKept: boolean;
}

/** Runs with these names, every other of which is rolled back. */
export function makeRuns(prefix: string, count: number): Run[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${prefix} ${i}`, isKept: i % 2 === 0 }));
}

const PAUSES = [
  () => Promise.resolve(),
  () => setImmediate(),
  () => setTimeout(1),
  () => undefined,
  () => setTimeout(0),
];

async function pause(step: number, run: Run): Promise<void> {
  await PAUSES[(step + run.name.length * 3 + run.name.charCodeAt(run.name.length - 1)) % PAUSES.length]?.();
}

type Entries = typeof Entry.objects;

async function write(objects: Entries, run: Run, from: number, to: number): Promise<void> {
  for (let step = from; step < to; step++) {
    await objects.insert({ run: run.name, step });
    await pause(step, run);
  }
}

/** All steps of a run: some by themselves, some in a savepoint that is kept, some in one that is not. */
async function work(tx: Entries, run: Run): Promise<void> {
  const mine = () => tx.count({ where: { run: run.name } });
  // To read first is what must not keep it from writing later.
  assert.equal(await mine(), 0);
  await setTimeout(1);
  await write(tx, run, 0, 20);
  assert.equal(await mine(), 20, `${run.name} sees what it wrote itself, all of it`);
  await tx.transaction((kept) => write(kept, run, 20, 30));
  {
    await using undone = tx.transaction();
    await write(undone, run, 30, 30 + UNDONE);
    assert.equal(await undone.count({ where: { run: run.name } }), 30 + UNDONE);
    await undone.rollback();
  }
  await write(tx, run, 30 + UNDONE, STEPS);
  assert.equal(await mine(), STEPS - UNDONE);
  assertWhole(await countsOf(tx), run.name);
}

/** The number of rows of each run. */
async function countsOf(objects: Entries): Promise<Map<string, number>> {
  const counted = sql`select run, count(*) as n from entries group by run`;
  const rows = await objects.setSql<{ run: string; n: unknown }>(counted).fetchall();
  return new Map(rows.map(({ run, n }) => [run, Number(n)]));
}

/** Each run that is seen at all is seen whole, but for one's own. */
function assertWhole(counts: ReadonlyMap<string, number>, own?: string): void {
  for (const [name, count] of counts) {
    if (name === own) continue;
    assert.equal(count, STEPS - UNDONE, `of ${name} a part is seen that nobody committed`);
  }
}

/** Runs all of them at the same time, half of them with `await using`, half of them with a function. */
export async function runAll(db: Database, runs: readonly Run[]): Promise<void> {
  const objects = Entry.objects.using(db);
  const giveUp = new Error("given up on purpose");
  await Promise.all(
    runs.map(async (run, i) => {
      if (i % 4 < 2) {
        await using tx = objects.transaction();
        await work(tx, run);
        await (run.isKept ? tx.commit() : tx.rollback());
      } else {
        const done = objects.transaction(async (tx) => {
          await work(tx, run);
          if (!run.isKept) throw giveUp;
        });
        if (run.isKept) await done;
        else await assert.rejects(done, giveUp);
      }
    }),
  );
}

/** Reads all the time while something goes on, and sees whole runs only. Gives how often it read. */
export async function readBeside(db: Database, going: Promise<unknown>): Promise<number> {
  const objects = Entry.objects.using(db);
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  going.then(end, end);
  let reads = 0;
  for (; !isOver; reads++) {
    assertWhole(await countsOf(objects));
    await setImmediate();
  }
  return reads;
}

/** What is there at last is what was committed, step by step. */
export async function assertKept(db: Database, runs: readonly Run[]): Promise<void> {
  const items = await Entry.objects.using(db).getItems({ orderBy: ["run", "step"] });
  const steps = Array.from({ length: STEPS }, (_, step) => step).filter((step) => step < 30 || step >= 30 + UNDONE);
  const expected = runs
    .filter(({ isKept }) => isKept)
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => steps.map((step) => `${name}: ${step}`));
  assert.deepEqual(
    items.map(({ run, step }) => `${run}: ${step}`),
    expected,
  );
}

import { join } from "node:path";
import { assertSame } from "./compare.js";
import type { Engine, FreshDatabase } from "./engines/engine.js";
import type { Options, SubjectName } from "./options.js";
import { type Spread, spreadOf } from "./statistics.js";
import type { EngineName } from "./subject.js";
import { type TrialName, trials } from "./trials.js";
import { Worker } from "./worker.js";

/** One subject's part in a trial. */
export interface Measured {
  readonly subject: SubjectName;
  /** Microseconds per operation. */
  readonly time: Spread;
  /** Of the baseline's time in the same round; 1 for the baseline. */
  readonly ratio: Spread;
  readonly samples: readonly number[];
}

export interface TrialResult {
  readonly engine: EngineName;
  readonly trial: TrialName;
  /** Operations per round. */
  readonly operations: number;
  readonly subjects: readonly Measured[];
}

interface Contender {
  readonly subject: SubjectName;
  readonly database: FreshDatabase;
  readonly worker: Worker;
}

/** Runs one trial: a process and a fresh database for each subject, answers compared, then rounds in turn. */
export async function measure(
  directory: string,
  engineName: EngineName,
  engine: Engine,
  trial: TrialName,
  options: Options,
): Promise<TrialResult> {
  const contenders: Contender[] = [];
  const databases: FreshDatabase[] = [];
  try {
    for (const subject of options.subjects) {
      const database = await engine.fresh();
      databases.push(database);
      const worker = await Worker.start(subject, join(directory, "child.js"), [
        modulePath(directory, subject, engineName),
        database.location,
        trial,
      ]);
      contenders.push({ subject, database, worker });
    }
    await checkAnswers(`${engineName}, ${trial}`, trial, contenders);
    const operations = await warmUp(contenders, options.roundTime);
    const samples = await runRounds(contenders, operations, options.rounds.speed);
    await checkContents(`${engineName}, ${trial}: the table after all rounds`, contenders);
    for (const { worker } of contenders) await worker.close();
    return { engine: engineName, trial, operations, subjects: summarize(contenders, samples) };
  } finally {
    for (const { worker } of contenders) worker.kill();
    for (const database of databases) await database.drop();
  }
}

function modulePath(directory: string, subject: SubjectName, engine: EngineName): string {
  return join(directory, "subjects", subject === "rowkeeper" ? "rowkeeper.js" : `${subject}-${engine}.js`);
}

/** What the subjects gave back, and what is then in their tables, is the same. */
async function checkAnswers(what: string, trial: TrialName, contenders: readonly Contender[]): Promise<void> {
  const [first, ...others] = contenders;
  if (first === undefined) return;
  const expected = (await first.worker.check(trials[trial].checks)).join("\n");
  for (const { subject, worker } of others) {
    const actual = (await worker.check(trials[trial].checks)).join("\n");
    assertSame(`${what}: the answers`, first.subject, expected, subject, actual);
  }
  await checkContents(`${what}: the table after the check`, contenders);
}

async function checkContents(what: string, contenders: readonly Contender[]): Promise<void> {
  const [first, ...others] = contenders;
  if (first === undefined) return;
  const expected = await first.database.contents();
  for (const { subject, database } of others) {
    assertSame(what, first.subject, expected, subject, await database.contents());
  }
}

/**
 * Doubles the operations of a round until the baseline's takes long enough. All subjects do the same number, so that
 * their tables stay alike, and as many again as a last warm-up.
 * @returns the operations of a round.
 */
async function warmUp(contenders: readonly Contender[], roundTime: number): Promise<number> {
  for (let operations = 1; ; operations *= 2) {
    let baselineTime = 0;
    for (const [index, { worker }] of contenders.entries()) {
      const time = await worker.round(operations);
      if (index === 0) baselineTime = time;
    }
    if (baselineTime < roundTime / 2) continue;
    const enough = Math.max(1, Math.round((operations * roundTime) / baselineTime));
    for (const { worker } of contenders) await worker.round(enough);
    return enough;
  }
}

/** Microseconds per operation, for each subject the samples of its rounds. Who begins a round changes in turn. */
async function runRounds(contenders: readonly Contender[], operations: number, rounds: number): Promise<number[][]> {
  const samples: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < contenders.length; place++) {
      const index = orderOf(round, place, contenders.length);
      const milliseconds = await contenders[index]!.worker.round(operations);
      samples[index]!.push((milliseconds * 1000) / operations);
    }
  }
  return samples;
}

/** Rotates, and runs every other round backwards, so that each subject follows each other one. */
function orderOf(round: number, place: number, count: number): number {
  const forward = round % 2 === 0 ? place : count - 1 - place;
  return (forward + Math.floor(round / 2)) % count;
}

function summarize(contenders: readonly Contender[], samples: readonly number[][]): Measured[] {
  const base = samples[0] ?? [];
  return contenders.map(({ subject }, index) => {
    const own = samples[index] ?? [];
    const ratios = own.map((time, round) => time / (base[round] ?? Number.NaN));
    return { subject, time: spreadOf(own), ratio: spreadOf(ratios), samples: own };
  });
}

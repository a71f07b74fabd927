import { join } from "node:path";
import { assertSame } from "./compare.js";
import type { Engine, FreshDatabase } from "./engines/engine.js";
import { isPeer, measuredTogether, type Options, type SubjectName } from "./options.js";
import type { Prepared } from "./prepare.js";
import { type Spread, spreadOf } from "./statistics.js";
import { type EngineName, Unsupported } from "./subject.js";
import { type Trial, type TrialName, trials } from "./trials.js";
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
  /** Operations per round, but of the slow subjects. */
  readonly operations: number;
  readonly subjects: readonly Measured[];
}

interface Contender {
  readonly subject: SubjectName;
  readonly database: FreshDatabase;
  readonly worker: Worker;
}

/** The slowest takes no longer for a round, in milliseconds, unless one operation takes longer. */
const longestRound = 4000;

/** How long the slowest goes on with rounds that are not counted, in milliseconds, and how many there are at most. */
const warmUpTime = 4000;
const mostWarmUps = 10;

/** Runs one trial, the slow subjects apart. */
export async function measure(
  prepared: Prepared,
  engineName: EngineName,
  engine: Engine,
  name: TrialName,
  options: Options,
): Promise<TrialResult> {
  const { own }: Trial = trials[name];
  const results: TrialResult[] = [];
  for (const subjects of measuredTogether(options.subjects)) {
    if (own && results.length > 0) break;
    results.push(await measureTogether(prepared, engineName, engine, name, { ...options, subjects }));
  }
  const [{ operations } = { operations: 0 }] = results;
  // The baseline's time is that beside the first of them.
  const subjects = results.flatMap((result, place) => (place === 0 ? result.subjects : result.subjects.slice(1)));
  return { engine: engineName, trial: name, operations, subjects };
}

/** A process and a fresh database for each subject, answers compared, then rounds in turn. */
async function measureTogether(
  prepared: Prepared,
  engineName: EngineName,
  engine: Engine,
  name: TrialName,
  options: Options,
): Promise<TrialResult> {
  const trial: Trial = trials[name];
  const started: Contender[] = [];
  const databases: FreshDatabase[] = [];
  try {
    for (const subject of options.subjects) {
      if (trial.own && isPeer(subject)) continue;
      const database = await engine.fresh();
      databases.push(database);
      if (trial.rows !== undefined) await database.grow(trial.rows);
      const { script, module } = pathsOf(prepared, subject, engineName);
      const worker = await Worker.start(subject, script, [module, database.location, name]);
      started.push({ subject, database, worker });
    }
    const contenders = await checkAnswers(trial.checks, started);
    const operations = await warmUp(contenders, options.roundTime);
    const rounds = Math.min(options.rounds.speed, trial.rounds ?? Number.POSITIVE_INFINITY);
    const samples = await runRounds(contenders, operations, rounds);
    await checkContents("the table after all rounds", contenders);
    for (const { worker } of contenders) await worker.close();
    return { engine: engineName, trial: name, operations, subjects: summarize(contenders, samples) };
  } finally {
    for (const { worker } of started) worker.kill();
    for (const database of databases) await database.drop();
  }
}

function pathsOf(prepared: Prepared, subject: SubjectName, engine: EngineName) {
  const isOther = isPeer(subject);
  const directory = isOther ? prepared.peers : prepared.own;
  const file = subject === "rowkeeper" ? "rowkeeper.js" : `${subject}-${engine}.js`;
  return { script: join(directory, "child.js"), module: join(directory, isOther ? "peers" : "subjects", file) };
}

/**
 * What the subjects gave back, and what is then in their tables, is the same.
 * @returns those that can do it
 */
async function checkAnswers(checks: number, started: readonly Contender[]): Promise<Contender[]> {
  const contenders: Contender[] = [];
  let expected: string | undefined;
  for (const contender of started) {
    const answers = await answersOf(contender, checks);
    if (answers === undefined) continue;
    contenders.push(contender);
    expected ??= answers;
    assertSame("the answers", contenders[0]?.subject ?? "", expected, contender.subject, answers);
  }
  await checkContents("the table after the check", contenders);
  return contenders;
}

async function answersOf({ worker }: Contender, checks: number): Promise<string | undefined> {
  try {
    return (await worker.check(checks)).join("\n");
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
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
 * Doubles the operations of a round until the baseline's takes long enough, or the slowest's too long. All subjects do
 * the same number, so that their tables stay alike, and some rounds more as a last warm-up: what runs seldom in a round would
 * else be timed before V8 has optimized it.
 * @returns the operations of a round.
 */
async function warmUp(contenders: readonly Contender[], roundTime: number): Promise<number> {
  for (let operations = 1; ; operations *= 2) {
    const times: number[] = [];
    for (const { worker } of contenders) times.push(await worker.round(operations));
    const [baselineTime = 0] = times;
    const slowest = Math.max(...times);
    if (baselineTime < roundTime / 2 && slowest < longestRound / 2) continue;
    const factor = Math.min(roundTime / baselineTime, longestRound / slowest);
    const enough = Math.max(1, Math.round(operations * factor));
    const rounds = Math.max(1, Math.min(mostWarmUps, Math.round(warmUpTime / (slowest * factor))));
    for (let i = 0; i < rounds; i++) for (const { worker } of contenders) await worker.round(enough);
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

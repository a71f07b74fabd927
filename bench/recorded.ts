import type { TrialResult } from "./measure.js";
import { type Conditions, readResults, writeResults } from "./results.js";
import { type EngineName, engineNames } from "./subject.js";
import { trialNames } from "./trials.js";

/** A trial's result, and the date of the run that it is of. */
export interface RecordedTrial extends TrialResult {
  readonly measured: string;
}

/** The speed in a file of results: of one run, or of several that each had some of the trials. */
export interface Recorded {
  /** The conditions of the runs that a trial is of, the oldest first. */
  readonly runs: readonly Conditions[];
  /** How each engine was set up. */
  readonly settings: Readonly<Partial<Record<EngineName, string>>>;
  /** By engine, in the order of the trials. */
  readonly trials: readonly RecordedTrial[];
}

export function readRecorded(file: string): Recorded {
  return readResults<Recorded>(file, "speed") ?? { runs: [], settings: {}, trials: [] };
}

/** Puts a trial's result in the place of the one before it; the others stay as they are. */
export function record(file: string, conditions: Conditions, settings: string, result: TrialResult): void {
  const before = readRecorded(file);
  const others = before.trials.filter(({ engine, trial }) => engine !== result.engine || trial !== result.trial);
  const trials = [...others, { measured: conditions.date, ...result }].sort((a, b) => placeOf(a) - placeOf(b));
  const runs = [...before.runs.filter(({ date }) => date !== conditions.date), conditions].filter(({ date }) =>
    trials.some(({ measured }) => measured === date),
  );
  const recorded: Recorded = { runs, settings: { ...before.settings, [result.engine]: settings }, trials };
  writeResults(file, "speed", recorded);
}

function placeOf({ engine, trial }: TrialResult): number {
  return engineNames.indexOf(engine) * trialNames.length + trialNames.indexOf(trial);
}

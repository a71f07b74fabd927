import { parseArgs } from "node:util";
import { type EngineName, engineNames } from "./subject.js";
import { type TrialName, trialNames } from "./trials.js";

/** What is hand-written, and rowkeeper. */
export const ownNames = ["expert", "usual", "rowkeeper"] as const;

/** The other libraries, each a module for each engine under `peers`. */
export const peerNames = [
  "drizzle",
  "drizzle-prepared",
  "kysely",
  "objection",
  "typeorm",
  "mikroorm",
  "sequelize",
  "prisma",
] as const;

export const subjectNames = [...ownNames, ...peerNames] as const;
export type SubjectName = (typeof subjectNames)[number];

export function isPeer(subject: SubjectName): boolean {
  return peerNames.some((name) => name === subject);
}

/** Of these one operation takes ten to a hundred times as long as the baseline's. */
const slowNames: readonly SubjectName[] = ["objection", "typeorm", "mikroorm", "sequelize", "prisma"];

/**
 * The subjects in those that are measured beside each other: the slow ones apart, each time with the baseline. Beside them the
 * others would have few operations in a round, and be timed before V8 has optimized what they do.
 */
export function measuredTogether(subjects: readonly SubjectName[]): SubjectName[][] {
  const others = subjects.filter((name) => name !== baseline);
  const isSlow = (name: SubjectName) => slowNames.includes(name);
  const groups = [others.filter((name) => !isSlow(name)), others.filter(isSlow)].filter((group) => group.length > 0);
  return groups.length === 0 ? [[baseline]] : groups.map((group) => [baseline, ...group]);
}

/** The subject that the others are compared with. */
export const baseline: SubjectName = "expert";

/** What is measured: how long operations take, how the process grows, what the compiler has to do, how it starts. */
export const partNames = ["speed", "memory", "types", "start"] as const;
export type PartName = (typeof partNames)[number];

const defaultRounds: Record<PartName, number> = { speed: 15, memory: 3, types: 3, start: 15 };

export interface Options {
  readonly parts: readonly PartName[];
  readonly engines: readonly EngineName[];
  readonly trials: readonly TrialName[];
  /** The baseline among them, first. */
  readonly subjects: readonly SubjectName[];
  readonly rounds: Readonly<Record<PartName, number>>;
  /** About how long one round of the baseline takes, in milliseconds. */
  readonly roundTime: number;
  /** Whether the results, the README's tables and the plots are written. */
  readonly write: boolean;
  /** The name of the file the results are in, without `.json`. */
  readonly results: string;
}

export const usage = `npm run bench -- [part …] [--engine a,b] [--trial a,b] [--subject a,b] [--rounds n] [--time ms] [--write] [--results name]

  part       ${partNames.join(", ")}; none is all, or speed where one of the next three is given
  --engine   ${engineNames.join(", ")}; not for types
  --trial    for speed: ${trialNames.join(", ")}
  --subject  for speed and start: ${subjectNames.join(", ")} (${baseline} always runs);
             for memory: which of the other libraries
  --rounds   rounds (${partNames.map((part) => `${defaultRounds[part]} for ${part}`).join(", ")})
  --time     for speed: about how long a round of ${baseline} takes, in milliseconds (100)
  --write    write results.json, the README's tables and the plots, as a run without the three choices does unasked
  --results  for speed: write results-<name>.json and the README's table of that name instead: of another Node.js

A run of the speed of some trials, or on one engine, that writes replaces what was known of these and leaves the rest as
it is: a long run can be done in parts. A trial is written with the subjects that took part, so leave --subject out for that.`;

/** @throws Error for an option or a name that there is not. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engine: { type: "string", multiple: true },
      trial: { type: "string", multiple: true },
      subject: { type: "string", multiple: true },
      rounds: { type: "string" },
      time: { type: "string", default: "100" },
      write: { type: "boolean", default: false },
      results: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const isFull = values.engine === undefined && values.trial === undefined && values.subject === undefined;
  const subjects = choose("--subject", subjectNames, values.subject);
  const rounds = values.rounds === undefined ? undefined : positive("rounds", values.rounds);
  const parts = positionals.length > 0 ? positionals : isFull && values.results === undefined ? partNames : ["speed"];
  if (values.results !== undefined && parts.some((part) => part !== "speed")) throw new Error("--results is for speed");
  return {
    parts: choose("part", partNames, [...parts]),
    engines: choose("--engine", engineNames, values.engine),
    trials: choose("--trial", trialNames, values.trial),
    subjects: [baseline, ...subjects.filter((name) => name !== baseline)],
    rounds: rounds === undefined ? defaultRounds : { speed: rounds, memory: rounds, types: rounds, start: rounds },
    roundTime: positive("time", values.time),
    write: isFull || values.write,
    results: values.results === undefined ? "results" : `results-${values.results}`,
  };
}

function choose<T extends string>(option: string, names: readonly T[], given: readonly string[] | undefined): T[] {
  if (given === undefined) return [...names];
  const wanted = given.flatMap((value) => value.split(","));
  const unknown = wanted.filter((name) => !names.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`${option}: no ${unknown.join(", ")}; there are ${names.join(", ")}`);
  return names.filter((name) => wanted.includes(name));
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} takes a whole number from 1 on`);
  return number;
}

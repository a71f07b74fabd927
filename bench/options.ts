import { parseArgs } from "node:util";
import { type EngineName, engineNames } from "./subject.js";
import { type TrialName, trialNames } from "./trials.js";

export const subjectNames = ["expert", "usual", "rowkeeper"] as const;
export type SubjectName = (typeof subjectNames)[number];

/** The subject that the others are compared with. */
export const baseline: SubjectName = "expert";

/** What is measured: how long operations take, how the process grows, what the compiler has to do. */
export const partNames = ["speed", "memory", "types"] as const;
export type PartName = (typeof partNames)[number];

const defaultRounds: Record<PartName, number> = { speed: 15, memory: 3, types: 3 };

export interface Options {
  readonly parts: readonly PartName[];
  readonly engines: readonly EngineName[];
  readonly trials: readonly TrialName[];
  /** The baseline among them, first. */
  readonly subjects: readonly SubjectName[];
  readonly rounds: Readonly<Record<PartName, number>>;
  /** About how long one round of the baseline takes, in milliseconds. */
  readonly roundTime: number;
  /** Whether results.json and the README's tables are written. */
  readonly write: boolean;
}

export const usage = `npm run bench -- [part …] [--engine a,b] [--trial a,b] [--subject a,b] [--rounds n] [--time ms] [--write]

  part       ${partNames.join(", ")}; none is all, or speed where one of the next three is given
  --engine   ${engineNames.join(", ")}; not for types
  --trial    for speed: ${trialNames.join(", ")}
  --subject  for speed: ${subjectNames.join(", ")} (${baseline} always runs)
  --rounds   rounds (${partNames.map((part) => `${defaultRounds[part]} for ${part}`).join(", ")})
  --time     for speed: about how long a round of ${baseline} takes, in milliseconds (100)
  --write    write results.json and the README's tables, as a run without the three choices does unasked`;

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
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const isFull = values.engine === undefined && values.trial === undefined && values.subject === undefined;
  const subjects = choose("--subject", subjectNames, values.subject);
  const rounds = values.rounds === undefined ? undefined : positive("rounds", values.rounds);
  const parts = positionals.length > 0 ? positionals : isFull ? partNames : ["speed"];
  return {
    parts: choose("part", partNames, [...parts]),
    engines: choose("--engine", engineNames, values.engine),
    trials: choose("--trial", trialNames, values.trial),
    subjects: [baseline, ...subjects.filter((name) => name !== baseline)],
    rounds: rounds === undefined ? defaultRounds : { speed: rounds, memory: rounds, types: rounds },
    roundTime: positive("time", values.time),
    write: isFull || values.write,
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

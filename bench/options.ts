import { parseArgs } from "node:util";
import { type EngineName, engineNames } from "./subject.js";
import { type TrialName, trialNames } from "./trials.js";

export const subjectNames = ["expert", "usual", "rowkeeper"] as const;
export type SubjectName = (typeof subjectNames)[number];

/** The subject that the others are compared with. */
export const baseline: SubjectName = "expert";

export interface Options {
  readonly engines: readonly EngineName[];
  readonly trials: readonly TrialName[];
  /** The baseline among them, first. */
  readonly subjects: readonly SubjectName[];
  readonly rounds: number;
  /** About how long one round of the baseline takes, in milliseconds. */
  readonly roundTime: number;
  /** Whether results.json and the README's tables are written. */
  readonly write: boolean;
}

export const usage = `npm run bench -- [--engine a,b] [--trial a,b] [--subject a,b] [--rounds n] [--time ms] [--write]

  --engine   ${engineNames.join(", ")}
  --trial    ${trialNames.join(", ")}
  --subject  ${subjectNames.join(", ")} (${baseline} always runs)
  --rounds   rounds per trial and subject (15)
  --time     about how long a round of ${baseline} takes, in milliseconds (100)
  --write    write results.json and the README's tables, as a full run does unasked`;

/** @throws Error for an option or a name that there is not. */
export function parseOptions(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: "string", multiple: true },
      trial: { type: "string", multiple: true },
      subject: { type: "string", multiple: true },
      rounds: { type: "string", default: "15" },
      time: { type: "string", default: "100" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const isFull = values.engine === undefined && values.trial === undefined && values.subject === undefined;
  const subjects = choose("subject", subjectNames, values.subject);
  return {
    engines: choose("engine", engineNames, values.engine),
    trials: choose("trial", trialNames, values.trial),
    subjects: [baseline, ...subjects.filter((name) => name !== baseline)],
    rounds: positive("rounds", values.rounds),
    roundTime: positive("time", values.time),
    write: isFull || values.write,
  };
}

function choose<T extends string>(option: string, names: readonly T[], given: readonly string[] | undefined): T[] {
  if (given === undefined) return [...names];
  const wanted = given.flatMap((value) => value.split(","));
  const unknown = wanted.filter((name) => !names.some((known) => known === name));
  if (unknown.length > 0) throw new Error(`--${option}: no ${unknown.join(", ")}; there are ${names.join(", ")}`);
  return names.filter((name) => wanted.includes(name));
}

function positive(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} takes a whole number from 1 on`);
  return number;
}

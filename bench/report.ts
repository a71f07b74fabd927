import Table from "cli-table3";
import type { Measured, TrialResult } from "./measure.js";
import { baseline, ownNames, type SubjectName, subjectNames } from "./options.js";
import { geometricMean } from "./statistics.js";
import { trials, workloads } from "./trials.js";

/** The subjects that took part in any of the trials, the baseline first. */
export function subjectsOf(results: readonly TrialResult[]): SubjectName[] {
  return subjectNames.filter((name) => results.some((result) => partOf(result, name) !== undefined));
}

export function partOf({ subjects }: TrialResult, name: SubjectName): Measured | undefined {
  return subjects.find(({ subject }) => subject === name);
}

/** The ratios of a subject to the baseline, in the trials it took part in. */
export function ratiosOf(results: readonly TrialResult[], subject: SubjectName): number[] {
  return results.map((result) => partOf(result, subject)?.ratio.median).filter((ratio) => ratio !== undefined);
}

/** The tables of one engine for a terminal. */
export function terminalTables(results: readonly TrialResult[]): string {
  const tables = [terminalTable(detailsOf(results))];
  if (subjectsOf(results).length > ownNames.length) tables.push(terminalTable(ratioRows(results, String)));
  return tables.join("\n");
}

/** Each trial with times and spread, for what is hand-written and rowkeeper; for the README. */
export function detailsTable(results: readonly TrialResult[]): string {
  return markdownTable(detailsOf(results));
}

/** The ratios of all subjects, the least of a library's in bold, and their means; for the README. */
export function ratiosTable(results: readonly TrialResult[]): string {
  return markdownTable(ratioRows(results, (text) => `**${text}**`));
}

/** The means of all subjects, and rowkeeper's ratios; for the README, of another Node.js. */
export function shortTables(results: readonly TrialResult[]): string {
  const [head = [], ...rows] = ratioRows(results, (text) => `**${text}**`);
  const own = detailsOf(results).map((cells) => [cells[0] ?? "", cells.at(-1) ?? ""]);
  return `${markdownTable([head, ...rows.slice(-2)])}\n\n${markdownTable(own)}`;
}

function detailsOf(results: readonly TrialResult[]): string[][] {
  const subjects = subjectsOf(results).filter((name) => ownNames.some((own) => own === name));
  const rows = results.map((result) => [
    trials[result.trial].title,
    ...subjects.map((name) => detail(partOf(result, name))),
  ]);
  return [["trial", ...subjects], ...rows];
}

function ratioRows(results: readonly TrialResult[], mark: (text: string) => string): string[][] {
  const subjects = subjectsOf(results).filter((name) => name !== baseline);
  const rows = results.map((result) => {
    const ratios = subjects.map((name) => partOf(result, name)?.ratio.median);
    return [trials[result.trial].title, ...cells(subjects, ratios, mark)];
  });
  const meansOf = (title: string, own: readonly TrialResult[]) => {
    const of = subjects.map((name) => ratiosOf(own, name));
    const means = cells(subjects, of.map(geometricMean), mark);
    const noted = means.map((mean, place) => {
      const { length = 0 } = of[place] ?? [];
      return length === 0 || length === own.length ? mean : `${mean} (${length} trials)`;
    });
    return [`geometric mean of ${title}`, ...noted];
  };
  const main = results.filter(({ trial }) => workloads.includes(trial));
  return [
    ["trial", ...subjects],
    ...rows,
    meansOf(`all ${results.length}`, results),
    meansOf(`the ${main.length} workloads`, main),
  ];
}

/** The least of the libraries' is marked, where there are several. */
function cells(
  subjects: readonly SubjectName[],
  ratios: readonly (number | undefined)[],
  mark: (text: string) => string,
): string[] {
  const ofLibraries = ratios.filter((ratio, place) => ratio !== undefined && subjects[place] !== "usual");
  const least = ofLibraries.length > 1 ? Math.min(...ofLibraries.map(Number)) : undefined;
  return ratios.map((ratio, place) => {
    if (ratio === undefined) return "—";
    return ratio === least && subjects[place] !== "usual" ? mark(formatRatio(ratio)) : formatRatio(ratio);
  });
}

function detail(measured: Measured | undefined): string {
  if (measured === undefined) return "—";
  const { subject, time, ratio } = measured;
  const perOperation = formatTime(time.median);
  if (subject === baseline) return perOperation;
  const [median, low, high] = [ratio.median, ratio.low, ratio.high].map((value) => value.toFixed(2));
  return `${perOperation} = ${median} (${low} to ${high})`;
}

function formatRatio(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(ratio < 100 ? 1 : 0);
}

function formatTime(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds.toPrecision(3)} µs`;
  const milliseconds = microseconds / 1000;
  return milliseconds < 1000 ? `${milliseconds.toPrecision(3)} ms` : `${(milliseconds / 1000).toPrecision(3)} s`;
}

function terminalTable([head = [], ...rows]: readonly string[][]): string {
  const colAligns = head.map((_, column) => (column === 0 ? ("left" as const) : ("right" as const)));
  const table = new Table({ head, style: { head: ["bold"], border: ["gray"], compact: true }, colAligns });
  table.push(...rows);
  return table.toString();
}

function markdownTable([head = [], ...rows]: readonly string[][]): string {
  const line = (texts: readonly string[]) => `| ${texts.join(" | ")} |`;
  return [line(head), `|---|${"---:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n");
}

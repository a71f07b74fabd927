import Table from "cli-table3";
import type { Measured, TrialResult } from "./measure.js";
import { baseline, type Options } from "./options.js";
import { trials } from "./trials.js";

/** The table of one engine for a terminal. */
export function terminalTable(results: readonly TrialResult[], options: Options): string {
  const table = new Table({
    head: ["trial", ...options.subjects.map((subject) => `${subject}\nper operation`)],
    style: { head: ["bold"], border: ["gray"] },
    colAligns: ["left", ...options.subjects.map(() => "right" as const)],
  });
  for (const { trial, subjects } of results) table.push([trials[trial].title, ...subjects.map(cell)]);
  return table.toString();
}

/** The same for the README. */
export function markdownTable(results: readonly TrialResult[]): string {
  const subjects = results[0]?.subjects.map(({ subject }) => subject) ?? [];
  const lines = [`| trial | ${subjects.join(" | ")} |`, `|---|${subjects.map(() => "---:|").join("")}`];
  for (const { trial, subjects } of results)
    lines.push(`| ${[trials[trial].title, ...subjects.map(cell)].join(" | ")} |`);
  return lines.join("\n");
}

function cell({ subject, time, ratio }: Measured): string {
  const perOperation = formatTime(time.median);
  if (subject === baseline) return perOperation;
  const [median, low, high] = [ratio.median, ratio.low, ratio.high].map((value) => value.toFixed(2));
  return `${perOperation} = ${median} (${low} to ${high})`;
}

function formatTime(microseconds: number): string {
  const [value, unit] = microseconds < 1000 ? [microseconds, "µs"] : [microseconds / 1000, "ms"];
  return `${value.toPrecision(3)} ${unit}`;
}

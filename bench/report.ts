import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import type { Measured, TrialResult } from "./measure.js";
import { baseline, type Options } from "./options.js";
import type { EngineName } from "./subject.js";
import { trials } from "./trials.js";

/** What was measured where: results.json. */
export interface Results {
  readonly date: string;
  readonly machine: string;
  /** The load average of the minute before: of what else ran. */
  readonly load: number;
  readonly versions: Record<string, string>;
  readonly settings: Partial<Record<EngineName, string>>;
  readonly rounds: number;
  readonly trials: readonly TrialResult[];
}

const require = createRequire(import.meta.url);

export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform}`;
}

export function packageVersions(): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node };
  const own: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  versions.rowkeeper = own.version;
  for (const name of ["better-sqlite3", "pg"]) {
    const { version }: { version: string } = require(`${name}/package.json`);
    versions[name] = version;
  }
  return versions;
}

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

/** Writes results.json, and the README's tables between their markers. */
export function writeResults(results: Results): void {
  writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(results, roundNumbers, 2)}\n`);
  const readme = new URL("README.md", import.meta.url);
  let text = readFileSync(readme, "utf8");
  for (const engine of ["sqlite", "postgres"] as const) {
    const own = results.trials.filter((result) => result.engine === engine);
    if (own.length > 0) text = replaceBetween(text, engine, markdownTable(own));
  }
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  const day = results.date.slice(0, 10);
  const machine = `${results.machine}, load ${results.load.toFixed(1)} before the start`;
  const conditions = [day, machine, versions.join(", "), `${results.rounds} rounds.`];
  text = replaceBetween(text, "machine", conditions.join("; "));
  writeFileSync(readme, text);
  // Aligns the tables, as `npm run lint` wants them.
  spawnSync("npx", ["biome", "format", "--write", fileURLToPath(readme)], { stdio: "ignore" });
}

function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

function replaceBetween(text: string, name: string, content: string): string {
  const begin = `<!-- begin ${name} -->\n`;
  const end = `\n<!-- end ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`bench/README.md has no markers for ${name}`);
  return text.slice(0, from + begin.length) + content + text.slice(to);
}

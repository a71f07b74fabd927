import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";
import type { PartName } from "./options.js";

/** Under which conditions a part of the bench was measured. */
export interface Conditions {
  readonly date: string;
  readonly machine: string;
  /** The load average of the minute before: of what else ran. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
}

const require = createRequire(import.meta.url);

/** The versions of node, rowkeeper and these packages. */
export function packageVersions(...names: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node };
  const own: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  versions.rowkeeper = own.version;
  for (const name of names) {
    const { version }: { version: string } = require(`${name}/package.json`);
    versions[name] = version;
  }
  return versions;
}

/** What holds before anything is measured. The versions are kept as they are given: more may be added to them. */
export function conditionsNow(rounds: number, versions: Readonly<Record<string, string>>): Conditions {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return {
    date: new Date().toISOString(),
    machine: `${cpus().length} × ${cpu?.model.trim() ?? "unknown"}, ${memory}, ${process.platform}`,
    load: loadavg()[0] ?? 0,
    versions,
    rounds,
  };
}

/**
 * Writes one part of results.json, and its tables between their markers in the README; the other parts stay as they
 * are.
 */
export function writePart<R extends { readonly conditions: Conditions }>(
  part: PartName,
  results: R,
  tables: Readonly<Record<string, string>>,
): void {
  writeResults("results", part, results);
  writeTables({ ...tables, [`${part}-machine`]: describeConditions(results.conditions) });
}

/** One part of a file of results; undefined where there is none. */
export function readResults<R>(file: string, part: PartName): R | undefined {
  return readFile(file)[part] as R | undefined;
}

export function writeResults(file: string, part: PartName, results: object): void {
  writeFileSync(pathOf(file), `${JSON.stringify({ ...readFile(file), [part]: results }, roundNumbers, 2)}\n`);
}

function readFile(file: string): Partial<Record<PartName, unknown>> {
  return existsSync(pathOf(file)) ? JSON.parse(readFileSync(pathOf(file), "utf8")) : {};
}

function pathOf(file: string): URL {
  return new URL(`${file}.json`, import.meta.url);
}

/** Writes what stands between markers in the README, by their names. */
export function writeTables(tables: Readonly<Record<string, string>>): void {
  const readme = new URL("README.md", import.meta.url);
  let text = readFileSync(readme, "utf8");
  for (const [name, table] of Object.entries(tables)) text = replaceBetween(text, name, table);
  writeFileSync(readme, text);
}

export function describeConditions({ date, machine, load, versions, rounds }: Conditions): string {
  const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const busy = `${machine}, load ${load.toFixed(1)} before the start`;
  return [date.slice(0, 10), busy, known.join(", "), `${rounds} rounds.`].join("; ");
}

function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

function replaceBetween(text: string, name: string, content: string): string {
  const begin = `<!-- begin ${name} -->\n`;
  const end = `<!-- end ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`bench/README.md has no markers for ${name}`);
  return `${text.slice(0, from + begin.length)}${content}\n${text.slice(to)}`;
}

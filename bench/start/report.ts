import Table from "cli-table3";
import type { Spread } from "../statistics.js";
import { type EngineName, engineNames } from "../subject.js";
import type { Installed } from "./installed.js";
import type { StartResult } from "./measure.js";

const startHead = [
  "first row",
  "from the process's start",
  "more than the driver",
  "from the import",
  "processor",
  "memory",
  "of it the heap",
];
const installedHead = ["installed, without drivers", "size", "packages", "the largest"];

/** The tables as rows, the head first, by their markers in the README. */
function rowsOf(results: readonly StartResult[], installed: readonly Installed[]): Record<string, string[][]> {
  const ofEngines = engineNames
    .map((engine) => [`start-${engine}`, startRows(results, engine)] as const)
    .filter(([, rows]) => rows.length > 1);
  return { ...Object.fromEntries(ofEngines), "start-installed": [installedHead, ...installed.map(installedRow)] };
}

function startRows(results: readonly StartResult[], wanted: EngineName): string[][] {
  const rows = results
    .filter(({ engine }) => engine === wanted)
    .map(({ subject, fromStart, more, fromImport, processor, rss, heap }) => [
      subject,
      milliseconds(fromStart),
      subject === "driver" ? "" : milliseconds(more),
      milliseconds(fromImport),
      milliseconds(processor),
      megabytes(rss.median),
      megabytes(heap.median),
    ]);
  return [startHead, ...rows];
}

function installedRow({ library, packages, bytes, largest }: Installed): string[] {
  const parts = largest.map(({ name, bytes }) => `${name}: ${megabytes(bytes)}`);
  return [library, megabytes(bytes), String(packages), parts.join(", ")];
}

export function terminalTables(results: readonly StartResult[], installed: readonly Installed[]): string {
  return Object.values(rowsOf(results, installed))
    .map(([head = [], ...rows]) => {
      const colAligns = head.map((_, column) => (column === 0 ? ("left" as const) : ("right" as const)));
      const table = new Table({ head, style: { head: ["bold"], border: ["gray"] }, colAligns });
      table.push(...rows);
      return table.toString();
    })
    .join("\n");
}

export function markdownTables(results: readonly StartResult[], installed: readonly Installed[]) {
  const tables = Object.entries(rowsOf(results, installed)).map(([marker, [head = [], ...rows]]) => {
    const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
    return [marker, [line(head), `|---|${"---:|".repeat(head.length - 1)}`, ...rows.map(line)].join("\n")] as const;
  });
  return Object.fromEntries(tables);
}

function milliseconds({ median, low, high }: Spread): string {
  return `${Math.round(median)} ms (${Math.round(low)} to ${Math.round(high)})`;
}

function megabytes(bytes: number): string {
  const size = bytes / 2 ** 20;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} MB`;
}

import Table from "cli-table3";
import { type HeldResult, type HeldWay, heldRows } from "./held.js";
import type { MemoryResult } from "./measure.js";
import { firstPages, type PagesResult, pageCount } from "./pages.js";

const head = ["reader", "engine", "peak growth", "of it in use", "rows/s", "first rows"];

const pagesHead = [
  "what is asked of one is loaded",
  "engine",
  `after ${firstPages} pages`,
  `after ${pageCount}`,
  "growth",
];

const heldHead = [`${heldRows / 1000} 000 rows held`, "engine", "heap", "external", "together", "per row"];

const heldTitles: Record<HeldWay, string> = {
  driver: "the driver's objects: `all()`, `query()`",
  expert: "expert: instances",
  rowkeeper: "rowkeeper: `getInstances()`, nothing read",
  "rowkeeper-read": "rowkeeper: `getInstances()`, all fields read",
};

/** The tables for a terminal. */
export function terminalTables(
  results: readonly MemoryResult[],
  pages: readonly PagesResult[],
  held: readonly HeldResult[],
): string {
  return [
    terminalTable(head, results.map(row)),
    terminalTable(pagesHead, pages.map(pagesRow)),
    terminalTable(heldHead, held.map(heldRow)),
  ].join("\n");
}

/** The same for the README, by their markers. */
export function markdownTables(
  results: readonly MemoryResult[],
  pages: readonly PagesResult[],
  held: readonly HeldResult[],
) {
  return {
    memory: markdownTable(head, results.map(row)),
    "memory-pages": markdownTable(pagesHead, pages.map(pagesRow)),
    "memory-held": markdownTable(heldHead, held.map(heldRow)),
  };
}

function terminalTable(names: string[], rows: readonly string[][]): string {
  const colAligns = names.map((_, column) => (column < 2 ? ("left" as const) : ("right" as const)));
  const table = new Table({ head: names, style: { head: ["bold"], border: ["gray"] }, colAligns });
  table.push(...rows);
  return table.toString();
}

function markdownTable(names: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(names), `|---|---|${"---:|".repeat(names.length - 2)}`, ...rows.map(line)].join("\n");
}

function pagesRow({ way, engine, afterFirst, afterAll }: PagesResult): string[] {
  const title = way === "together" ? "for the page" : "for it alone (`batch: false`)";
  return [title, engine, ...[afterFirst, afterAll, afterAll - afterFirst].map(tenths)];
}

function heldRow({ way, engine, heap, external }: HeldResult): string[] {
  const together = heap + external;
  return [
    heldTitles[way],
    engine,
    ...[heap, external, together].map(tenths),
    `${Math.round(together / heldRows)} bytes`,
  ];
}

function row({ engine, reader, growth, heapGrowth, rowsPerSecond, firstRows }: MemoryResult): string[] {
  const rate = `${Math.round(rowsPerSecond.median / 1000)} 000`;
  return [reader, engine, megabytes(growth), megabytes(heapGrowth), rate, milliseconds(firstRows.median)];
}

function milliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}

function tenths(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

import Table from "cli-table3";
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

/** The tables for a terminal. */
export function terminalTables(results: readonly MemoryResult[], pages: readonly PagesResult[]): string {
  return [terminalTable(head, results.map(row)), terminalTable(pagesHead, pages.map(pagesRow))].join("\n");
}

/** The same for the README, by their markers. */
export function markdownTables(results: readonly MemoryResult[], pages: readonly PagesResult[]) {
  return {
    memory: markdownTable(head, results.map(row)),
    "memory-pages": markdownTable(pagesHead, pages.map(pagesRow)),
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

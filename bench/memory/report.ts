import Table from "cli-table3";
import type { MemoryResult } from "./measure.js";

const head = ["reader", "engine", "peak growth", "of it in use", "rows/s", "first rows"];

/** The table for a terminal. */
export function terminalTable(results: readonly MemoryResult[]): string {
  const colAligns = head.map((_, column) => (column < 2 ? ("left" as const) : ("right" as const)));
  const table = new Table({ head, style: { head: ["bold"], border: ["gray"] }, colAligns });
  table.push(...results.map(row));
  return table.toString();
}

/** The same for the README. */
export function markdownTable(results: readonly MemoryResult[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), "|---|---|---:|---:|---:|---:|", ...results.map((result) => line(row(result)))].join("\n");
}

function row({ engine, reader, growth, heapGrowth, rowsPerSecond, firstRows }: MemoryResult): string[] {
  const rate = `${Math.round(rowsPerSecond.median / 1000)} 000`;
  return [reader, engine, megabytes(growth), megabytes(heapGrowth), rate, milliseconds(firstRows.median)];
}

function milliseconds(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

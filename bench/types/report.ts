import Table from "cli-table3";
import { compilers, type Work } from "./compilers.js";
import { type Program, programs } from "./generate.js";
import { graphRows } from "./graph-report.js";
import { type LibraryName, libraryNames } from "./library.js";
import type { GraphResult, ProgramResult } from "./measure.js";
import { counts, models } from "./plan.js";

type Measure = keyof Work;

const titles: Record<Program, string> = {
  empty: "the import alone",
  models: `${models.length} models of 10 columns`,
  finds: `${counts.finds} finds: conditions, order, limit`,
  selects: `${counts.selects} finds of 3 columns`,
  inserts: `${counts.inserts} inserts, the row back`,
  updates: `${counts.updates} updates by key`,
  deletes: `${counts.deletes} deletes by two conditions`,
  joins: `${counts.joins} joins of two tables, 4 columns`,
  aggregates: `${counts.aggregates} groups with count and sum`,
  all: "all of these, and the models",
};

/** What a program needs more than another that it contains. */
const contained: Record<Program, Program | undefined> = {
  empty: undefined,
  models: "empty",
  finds: "models",
  selects: "models",
  inserts: "models",
  updates: "models",
  deletes: "models",
  joins: "models",
  aggregates: "models",
  all: "empty",
};

const units: Record<Measure, string> = { instantiations: "", types: "", checkTime: " ms", memory: " MB" };
const names: Record<Measure, string> = {
  instantiations: "type instantiations",
  types: "types",
  checkTime: "check time",
  memory: "memory",
};

const [newest] = compilers;

/** The tables by their markers in the README. */
export function typesTables(results: readonly ProgramResult[], graph: readonly GraphResult[]): Record<string, string> {
  return {
    "types-instantiations": markdown(kindRows(results, "instantiations")),
    "types-time": markdown(kindRows(results, "checkTime")),
    "types-compilers": markdown(compilerRows(results)),
    "types-relations": markdown(graphRows(graph)),
  };
}

/** The same for a terminal. */
export function typesTerminalTable(results: readonly ProgramResult[], graph: readonly GraphResult[]): string {
  return [kindRows(results, "instantiations"), kindRows(results, "checkTime"), compilerRows(results), graphRows(graph)]
    .map(([head = [], ...rows]) => {
      const colAligns = head.map((_, column) => (column === 0 ? ("left" as const) : ("right" as const)));
      const table = new Table({ head, style: { head: ["bold"], border: ["gray"] }, colAligns });
      table.push(...rows);
      return table.toString();
    })
    .join("\n");
}

/** One measure of the newest compiler, for each kind of query. */
function kindRows(results: readonly ProgramResult[], measure: Measure): string[][] {
  const version = newest?.version ?? "";
  const rows = programs
    .filter((program) => program !== "empty")
    .map((program) => [titles[program], ...cells(results, version, program, measure)]);
  return [headOf(`TypeScript ${version}: ${names[measure]}`), ...rows];
}

/** All measures of all compilers, for the whole. */
function compilerRows(results: readonly ProgramResult[]): string[][] {
  const rows = compilers.flatMap(({ version }) => [
    ...(Object.keys(names) as Measure[]).map((measure) => [
      `TypeScript ${version}: ${names[measure]}`,
      ...cells(results, version, "all", measure),
    ]),
    [`TypeScript ${version}: memory for ${titles.empty}`, ...cells(results, version, "empty", "memory")],
  ]);
  return [headOf(titles.all), ...rows];
}

const headOf = (title: string): string[] => [title].concat(libraryNames);

const isOf = ({ library }: ProgramResult, wanted: LibraryName): boolean => library === wanted;

/** What each library needs, and how many times as much as rowkeeper. */
function cells(results: readonly ProgramResult[], compiler: string, program: Program, measure: Measure): string[] {
  const need = (library: LibraryName) => {
    const of = (wanted: Program | undefined) =>
      results.find((r) => isOf(r, library) && r.compiler === compiler && r.program === wanted)?.[measure] ?? 0;
    // What is less than the noise of the models is nothing.
    return Math.max(0, Math.round(of(program) - of(contained[program])));
  };
  return libraryNames.map((library) => {
    const text = `${need(library).toLocaleString("en").replaceAll(",", " ")}${units[measure]}`;
    if (library === "rowkeeper" || need("rowkeeper") === 0) return text;
    return `${text} = ${(need(library) / need("rowkeeper")).toPrecision(2)} ×`;
  });
}

function markdown([head = [], ...rows]: readonly string[][]): string {
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  return [
    line(head),
    `|---|${head
      .slice(1)
      .map(() => "---:|")
      .join("")}`,
    ...rows.map(line),
  ].join("\n");
}

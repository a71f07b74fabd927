import Table from "cli-table3";
import { compilers, type Work } from "./compilers.js";
import { type Generated, type Program, programs } from "./generate.js";
import { graphRows } from "./graph-report.js";
import { type LibraryName, libraryNames } from "./library.js";
import type { GraphResult, ProgramResult } from "./measure.js";
import { counts, sizes, usualSize } from "./plan.js";

type Measure = keyof Work;

const titles: Record<Program, string> = {
  empty: "the import alone",
  models: `${usualSize} models of 10 columns`,
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

const units: Record<Measure, string> = {
  instantiations: "",
  types: "",
  checkTime: " ms",
  totalTime: " ms",
  memory: " MB",
};
const names: Record<Measure, string> = {
  instantiations: "type instantiations",
  types: "types",
  checkTime: "check time",
  totalTime: "time in all",
  memory: "memory",
};

const [newest] = compilers;

export interface TypesResults {
  readonly programs: readonly ProgramResult[];
  readonly graph: readonly GraphResult[];
  readonly generated: readonly Generated[];
}

/** The tables by their markers in the README, as rows, the head first. */
function rowsOf({ programs, graph, generated }: TypesResults): Record<string, string[][]> {
  return {
    "types-sizes": sizeRows(programs),
    "types-generate": generateRows(generated),
    "types-instantiations": kindRows(programs, "instantiations"),
    "types-time": kindRows(programs, "checkTime"),
    "types-compilers": compilerRows(programs),
    "types-relations": graphRows(graph),
  };
}

export function typesTables(results: TypesResults): Record<string, string> {
  return Object.fromEntries(Object.entries(rowsOf(results)).map(([marker, rows]) => [marker, markdown(rows)]));
}

/** The same for a terminal. */
export function typesTerminalTable(results: TypesResults): string {
  return Object.values(rowsOf(results))
    .map(([head = [], ...rows]) => {
      const colAligns = head.map((_, column) => (column === 0 ? ("left" as const) : ("right" as const)));
      const table = new Table({ head, style: { head: ["bold"], border: ["gray"] }, colAligns });
      table.push(...rows);
      return table.toString();
    })
    .join("\n");
}

/** The whole, for each number of models. */
function sizeRows(results: readonly ProgramResult[]): string[][] {
  const measures = ["instantiations", "checkTime", "totalTime"] as const;
  const rows = compilers.flatMap(({ version }) =>
    measures.flatMap((measure) =>
      sizes.map((size) => [
        `TypeScript ${version}: ${names[measure]}, ${size} models`,
        ...cells(results, version, "all", measure, size),
      ]),
    ),
  );
  return [headOf(`models and ${queryCount} queries`), ...rows];
}

function generateRows(generated: readonly Generated[]): string[][] {
  const rows = generated.map(({ library, models, time, size }) => [
    `${library}, ${models} models`,
    `${spaced(time)} ms`,
    `${(size / 1e6).toFixed(1)} MB`,
  ]);
  return [["", "time", "TypeScript written"], ...rows];
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

const queryCount = Object.values(counts).reduce((sum, count) => sum + count, 0);

/** What each library needs, and how many times as much as rowkeeper. */
function cells(
  results: readonly ProgramResult[],
  compiler: string,
  program: Program,
  measure: Measure,
  size = usualSize,
): string[] {
  const need = (library: LibraryName) => {
    const own = results.filter(({ library: one, compiler: by }) => one === library && by === compiler);
    const of = (wanted: Program | undefined) =>
      // An empty program has no size.
      own.find((r) => r.program === wanted && (wanted === "empty" || r.models === size))?.[measure] ?? 0;
    // What is less than the noise of the models is nothing.
    return Math.max(0, Math.round(of(program) - of(contained[program])));
  };
  return libraryNames.map((library) => {
    const text = `${spaced(need(library))}${units[measure]}`;
    if (library === "rowkeeper" || need("rowkeeper") === 0) return text;
    return `${text} = ${(need(library) / need("rowkeeper")).toPrecision(2)} ×`;
  });
}

const spaced = (count: number): string => Math.round(count).toLocaleString("en").replaceAll(",", " ");

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

import type { Work } from "./compilers.js";
import type { GraphProgram } from "./generate.js";
import { modelCount, queryCount, type Variant } from "./graph.js";
import type { GraphResult } from "./measure.js";

/** How much longer the check may take with relations than without, in milliseconds. */
export const mostTime = 2000;

const titles = {
  models: `${modelCount} models`,
  queries: `${queryCount} queries`,
  all: "all of these",
} as const;

type Row = keyof typeof titles;

/** What a row needs is what its program needs more than another that it contains. */
const programsOf: Record<Row, readonly [program: GraphProgram, contained: GraphProgram]> = {
  models: ["models", "empty"],
  queries: ["all", "models"],
  all: ["all", "empty"],
};

const measures = { instantiations: "", checkTime: " ms", memory: " MB" } as const;
const names = { instantiations: "type instantiations", checkTime: "check time", memory: "memory" } as const;

/** What relations cost the compiler: the head, and for each compiler and measure a row. */
export function graphRows(results: readonly GraphResult[]): string[][] {
  const versions = [...new Set(results.map(({ compiler }) => compiler))];
  const rows = versions.flatMap((version) =>
    (Object.keys(measures) as (keyof typeof measures)[]).flatMap((measure) =>
      (Object.keys(titles) as Row[]).map((row) => {
        const [plain, related] = needsOf(results, version, row, measure);
        const unit = measures[measure];
        const cells = [plain, related, related - plain].map((need) => `${spaced(need)}${unit}`);
        return [`TypeScript ${version}: ${titles[row]}, ${names[measure]}`, ...cells];
      }),
    ),
  );
  return [["", "without relations", "with relations", "more"], ...rows];
}

/** How much longer the compilers take for all of it with relations, the slower of them; in milliseconds. */
export function timeMore(results: readonly GraphResult[]): number {
  const versions = [...new Set(results.map(({ compiler }) => compiler))];
  return Math.max(
    ...versions.map((version) => {
      const [plain, related] = needsOf(results, version, "all", "checkTime");
      return related - plain;
    }),
  );
}

function needsOf(results: readonly GraphResult[], version: string, row: Row, measure: keyof Work) {
  const [program, contained] = programsOf[row];
  const need = (variant: Variant) => {
    const of = (wanted: GraphProgram) =>
      results.find((r) => r.variant === variant && r.compiler === version && r.program === wanted)?.[measure] ?? 0;
    return Math.max(0, Math.round(of(program) - of(contained)));
  };
  return [need("plain"), need("related")] as const;
}

const spaced = (count: number): string => count.toLocaleString("en").replaceAll(",", " ");

import type {
  AggregatePlan,
  DeletePlan,
  FindPlan,
  InsertPlan,
  JoinPlan,
  Kind,
  ModelPlan,
  SelectPlan,
  UpdatePlan,
} from "./plan.js";

export const libraryNames = ["rowkeeper", "drizzle", "kysely", "prisma"] as const;
export type LibraryName = (typeof libraryNames)[number];

/** How the plan is written with one library, as its documentation writes it. All methods give TypeScript source. */
export interface Library {
  /** A program that imports the library and does nothing. */
  readonly empty: string;
  /** Writes into a folder what a program of the library's own makes of the models, before any of it is compiled. */
  generate?(folder: string, models: readonly ModelPlan[]): void;
  models(models: readonly ModelPlan[]): string;
  /** What a file of these queries imports. */
  imports(kind: Kind, models: readonly ModelPlan[]): string;
  /** The bodies of functions: each runs a query, and those that give rows read a field of the first. */
  readonly queries: {
    finds(plan: FindPlan): string;
    selects(plan: SelectPlan): string;
    inserts(plan: InsertPlan): string;
    updates(plan: UpdatePlan): string;
    deletes(plan: DeletePlan): string;
    joins(plan: JoinPlan): string;
    aggregates(plan: AggregatePlan): string;
  };
}

/** `{ a: 1, b: 2 }` */
export function objectOf(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([name, value]) => `${name}: ${value}`).join(", ")} }`;
}

/** `["a", "b"]` */
export function namesOf(names: readonly string[]): string {
  return `[${names.map((name) => `"${name}"`).join(", ")}]`;
}

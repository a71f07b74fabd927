import type { Condition } from "./conditions.js";
import type { Source } from "./statement-state.js";
import type { Table } from "./table.js";

/** How the rows of a model are related to those of another, as a getter of the model says. */
export interface Related {
  /** The getter's name. */
  readonly name: string;
  /** The other model's. */
  readonly target: Source;
  /** Whether a row has any number of the others, and not one at most. */
  readonly isMany: boolean;
  /** Whether the schema says that there is one at most, so that a join by it gives each row once. */
  readonly isUnique: boolean;
  /** The table between the two, where there is one. */
  readonly via: Source | undefined;
  /**
   * That a row of this model and one of the other belong together. The tables are the models', `via`'s own, or these under
   * other names.
   */
  on(own: Table, target: Table, via: Table | undefined): Condition;
}

/** Where what a getter gives tells how it relates rows, if it is a relation; it is told its name. */
export const RELATED = Symbol("rowkeeper.related");

export function isRelated(given: unknown): given is { [RELATED](name: string): Related } {
  return typeof given === "object" && given !== null && RELATED in given;
}

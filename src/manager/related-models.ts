import type { Scope } from "../database/scope.js";
import type { Statement } from "../sql/statement.js";
import type { Related, Source } from "../sql/statement-state.js";
import type { AnyModel } from "../sql/types.js";
import { didYouMean, quoted } from "../text.js";

/** A select of rows that become instances, and what is loaded with them. */
export interface Reading {
  /** Gives all columns of the model, in their order; what else is read follows them. */
  readonly statement: Statement<AnyModel, unknown>;
  /** The relations that are loaded then, a query each. */
  readonly branches: readonly Branch[];
  /** Takes what else was read of the rows. */
  attach(instances: readonly object[], rows: readonly unknown[][], scope: Scope): void;
  /** Whether not all rows are wanted, or in an order of their own. */
  readonly isChosen: boolean;
}

/** A relation that is loaded with the rows. */
export interface Branch {
  readonly related: Loadable;
  readonly reading: Reading;
}

/** A relation whose other side can be loaded for many instances at once. */
export interface Loadable extends Related {
  readonly model: AnyModel;
  /** For messages: "Post.author". */
  readonly label: string;
  /**
   * Loads the others of all these instances in one query, but for those that have them already and want no others than
   * that; gives the others of all, each once.
   */
  load(owners: readonly object[], scope: Scope, reading: Reading): Promise<readonly object[]>;
  /** Lets an instance have this one as the other that is related to it. */
  attach(owner: object, other: object | null): void;
}

function isLoadable(related: Related): related is Loadable {
  return "load" in related;
}

/** The relation of a name. @throws TypeError where there is none, with the nearest name */
export function relationNamed(source: Source, name: string): Loadable {
  const related = source.related?.(name);
  if (related !== undefined && isLoadable(related)) return related;
  const { getters = [], table } = source;
  const known = getters.filter((getter) => source.related?.(getter) !== undefined);
  throw new TypeError(`${table.name} has no relation ${quoted(name)}${didYouMean(name, known) || listOf(known)}`);
}

const listOf = (names: readonly string[]): string => (names.length === 0 ? "" : `: it has ${names.join(", ")}`);

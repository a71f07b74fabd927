import type { Scope } from "../database/scope.js";
import { findRelation, relationsIn } from "../sql/path.js";
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
  readonly attach: ((instances: readonly object[], rows: readonly unknown[][], scope: Scope) => void) | undefined;
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
  /** Loads the others of all these instances in one query, but for those that have them already and want no others. */
  load(owners: readonly object[], scope: Scope, reading: Reading): Promise<void>;
  /** The others of all these instances, each once, as they were loaded. */
  othersOf(owners: readonly object[]): readonly object[];
  /** Lets instances each have one of these as the other that is related to it, as they were read in this place. */
  attach(owners: readonly object[], others: readonly (object | null)[], scope: Scope): void;

  /** Whether rows hold the keys of the others, which are to be there first. */
  readonly comesFirst: boolean;
  /** The properties of rows, and of the others, that are filled by the keys of each other. */
  readonly filledOfOwn: readonly string[];
  readonly filledOfOthers: readonly string[];
  valuesOfOwn(others: readonly object[]): object;
  valuesOfOthers(owner: object): object;
  /** Relates what was inserted with what was there before, or by a third table, and lets the owners have it all. */
  relate(given: readonly Given[], within: Scope): Promise<void>;
  /** @throws TypeError where it is no instance of the other model, UsageError where it is not in the database */
  requireSaved(value: unknown, method: string): object;
}

/** What an owner was given: all others, and those among them that were in the database before. */
export interface Given {
  readonly owner: object;
  readonly others: readonly object[];
  readonly known: readonly object[];
}

function isLoadable(related: Related): related is Loadable {
  return "load" in related;
}

/** The relation of a name. @throws TypeError where there is none, with the nearest name */
export function relationNamed(source: Source, name: string): Loadable {
  const related = findRelation(source, name);
  if (related !== undefined && isLoadable(related)) return related;
  const known = relationsIn(source).map((known) => known.name);
  throw new TypeError(
    `${source.table.name} has no relation ${quoted(name)}${didYouMean(name, known) || listOf(known)}`,
  );
}

const listOf = (names: readonly string[]): string => (names.length === 0 ? "" : `: it has ${names.join(", ")}`);

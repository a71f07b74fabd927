import type { Sql } from "sql-template-tag";
import type { DriverStatement } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { Condition, ConditionLike } from "./conditions.js";
import type { Dialect } from "./dialect.js";
import type { InsertRow, KeyMaker } from "./insert-values.js";
import type { Order } from "./order.js";
import type { SelectItem } from "./select-items.js";
import type { Table, TableColumn } from "./table.js";
import type { AnyModel } from "./types.js";
import type { Expression, SqlWriter } from "./writer.js";

/** What a statement is about: a table, and how the model makes keys. */
export interface Source {
  readonly table: Table;
  readonly makeKey: KeyMaker;
  /** The models that this one writes to besides: bound together with it. */
  readonly companions?: () => readonly AnyModel[];
  /** What the table is, where it is a common table expression: written before the statement. */
  readonly definition?: Definition;
  /** Rows that were deleted softly are seen as well. */
  readonly withDeleted?: boolean;
  /** The names of the getters of the model's class, which may be relations. */
  readonly getters?: readonly string[];
  /** The relation that a getter gives; undefined where there is no such getter, or it gives something else. */
  readonly related?: (name: string) => Related | undefined;
  /** Whether any getter gives a relation. */
  readonly hasRelations?: () => boolean;
  /** The names of the tables further out, where conditions are on rows of a relation. */
  readonly within?: readonly string[];
}

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
  /** The table between the two, where there is one. Only rows that have any number of others have one. */
  readonly via: Source | undefined;
  /**
   * That a row of this model and one of the other belong together: a condition on columns, which binds no values. The tables
   * are the models', `via`'s own, or these under other names.
   */
  on(own: Table, target: Table, via: Table | undefined): Condition;
}

/** `"name" ("a", "b") as (…)` */
export interface Definition {
  readonly isRecursive: boolean;
  writeTo(writer: SqlWriter): void;
}

export type JoinKind = "inner" | "left" | "right" | "full" | "cross";

export interface Join {
  readonly kind: JoinKind;
  readonly source: Source;
  /** Undefined of a cross join. */
  readonly on: ConditionLike | undefined;
}

/** What happens where a row to insert is there already. */
export interface Conflict {
  /** The columns of the key or unique constraint; none: whichever is violated. */
  readonly on: readonly TableColumn[];
  /** The columns that take the new row's values; undefined: the old row stays, and nothing is given back. */
  readonly update: readonly TableColumn[] | undefined;
}

export interface RowLock {
  readonly strength: "update" | "share";
  readonly wait: "" | " skip locked" | " nowait";
}

export type Verb = "select" | "insert" | "update" | "delete" | "sql";

export interface StatementState {
  readonly verb: Verb;
  readonly source?: Source;
  readonly sql?: Sql;
  /** The model, where all of it is selected, so that a session makes instances of the rows. */
  readonly model?: AnyModel | undefined;
  /** What comes back, in this order; undefined: whatever the SQL text gives. */
  readonly output?: readonly SelectItem[];
  /** What an insert, update or delete gives of its rows. */
  readonly returning?: readonly TableColumn[];
  readonly isScalar?: boolean;
  /** What is selected instead of columns. */
  readonly instead?: "count(*)" | "1" | undefined;
  /** The number of the rows is wanted, and not they. */
  readonly isCounted?: boolean;
  readonly joins?: readonly Join[];
  readonly conditions: readonly ConditionLike[];
  /** An update or delete of all rows was asked for in so many words. */
  readonly isForAll?: boolean;
  readonly groups?: readonly (Expression | Sql)[];
  readonly having?: readonly ConditionLike[];
  readonly orders: readonly (Order | Sql)[];
  readonly limit?: number | undefined;
  /** Where no value decides it, a limit in the text lets PostgreSQL keep one plan for all values. */
  readonly isLimitWritten?: boolean;
  readonly offset?: number | undefined;
  readonly rows?: readonly unknown[];
  /** They were given as a list. */
  readonly isList?: boolean;
  /** The rows to insert, where they have been encoded already. */
  readonly encoded?: readonly InsertRow[];
  readonly conflict?: Conflict;
  readonly lock?: RowLock | undefined;
}

/** A statement for a driver, and how its rows are read. */
export interface CompiledStatement extends DriverStatement {
  /** What stands at each place of a row; undefined where the SQL text is a user's own. */
  readonly output: readonly SelectItem[] | undefined;
}

/** What a statement is about. @throws UsageError where it is SQL text about nothing */
export function requireSource({ source }: StatementState, method: string): Source {
  if (source === undefined) throw new UsageError(`${method}() wants a statement of a model`);
  return source;
}

/** The table that a statement is about. @throws UsageError where it is SQL text about none */
export const requireTable = (state: StatementState, method: string): Table => requireSource(state, method).table;

/** Whether the limit stands in the text, and is not bound. */
export function writesLimit({ orders, isLimitWritten = false }: StatementState, dialect: Dialect): boolean {
  return isLimitWritten && !(dialect.bindsOrderedLimits && orders.length > 0);
}

/** The tables that a statement reads, the first of them its own. */
export function sourcesOf({ source, joins = [] }: StatementState): readonly Source[] {
  return [...(source === undefined ? [] : [source]), ...joins.map((join) => join.source)];
}

/** What hides the rows that were deleted softly. */
export function hiding(sources: readonly Source[]): readonly ConditionLike[] {
  return sources.flatMap(({ table: { deletedAt }, withDeleted }) =>
    deletedAt === undefined || withDeleted ? [] : deletedAt.reference.isNull(),
  );
}

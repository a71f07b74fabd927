import { UsageError } from "../errors.js";
import { Column } from "../sql/columns.js";
import { checkComparable } from "../sql/comparable.js";
import { and, type ConditionLike } from "../sql/conditions.js";
import { tableSourceOf } from "../sql/source.js";
import type { JoinKind, Source } from "../sql/statement-state.js";
import { type DeclaredColumns, Table, type TableColumn } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { View } from "../sql/views.js";
import { didYouMean, kindOf, quoted } from "../text.js";

/** A table of a query, and the model whose rows are in it, where there is one. */
export interface Target {
  readonly source: Source;
  readonly model: AnyModel | undefined;
}

/** A table that was joined. */
export interface JoinedTarget extends Target {
  readonly kind: JoinKind;
  readonly on: ConditionLike | undefined;
}

/**
 * What a query is of: a model, an alias of one, a common table expression, or a table by name with its columns.
 *
 * @throws UsageError for a name without columns
 * @throws TypeError for what is none of these
 */
export function targetOf(table: unknown, columns: unknown): Target {
  if (typeof table === "string") return { source: bareSource(table, columns), model: undefined };
  if (columns !== undefined) throw new UsageError("the columns are said of a table that is told by its name alone");
  const source = tableSourceOf(table);
  if (table instanceof View) return { source, model: table.model };
  return { source, model: table as AnyModel };
}

function bareSource(name: string, columns: unknown): Source {
  if (columns === undefined) throw new UsageError(`the table ${quoted(name)} is known by name only: say its columns`);
  if (typeof columns !== "object" || columns === null)
    throw new TypeError(`the columns of a table are an object, not ${kindOf(columns)}`);
  const declared: Record<string, DeclaredColumns[string]> = {};
  for (const [property, column] of Object.entries(columns)) {
    if (!(column instanceof Column))
      throw new TypeError(`${property}: a column is such as integer(), not ${kindOf(column)}`);
    declared[property] = column;
  }
  return { table: new Table(name, declared), makeKey: () => undefined };
}

/**
 * The column of a name: `users.name`, or by itself one of the first table's.
 *
 * @throws TypeError for an unknown table or column, with the nearest name
 */
export function columnNamed(targets: readonly Target[], name: unknown): TableColumn {
  if (typeof name !== "string") throw new TypeError(`a column is told by its name, not by ${kindOf(name)}`);
  const [first] = targets;
  if (first?.source.table.has(name)) return first.source.table.column(name);
  for (const { source } of targets) {
    const { alias } = source.table;
    if (name.startsWith(`${alias}.`)) return source.table.column(name.slice(alias.length + 1));
  }
  const aliases = targets.map(({ source }) => source.table.alias);
  if (!name.includes(".")) return (first as Target).source.table.column(name);
  const table = name.slice(0, name.lastIndexOf("."));
  throw new TypeError(`there is no table ${quoted(table)} in the query${didYouMean(table, aliases)}`);
}

const KINDS: Record<string, JoinKind> = {
  inner: "inner",
  left: "left",
  outer: "left",
  right: "right",
  full: "full",
  cross: "cross",
};

const COMPARISONS = { "=": "eq", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "<>": "ne" } as const;

/** @throws UsageError for what is no kind of join */
export function kindNamed(kind: unknown): JoinKind {
  const known = typeof kind === "string" && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known !== undefined) return known;
  throw new UsageError(`a join is ${Object.keys(KINDS).join(", ")}`);
}

/**
 * What a join is on: `[left, right]` or `[left, comparison, right]`, the right being a column of the joined table.
 *
 * @throws TypeError for an unknown column, or columns that can't be compared
 * @throws UsageError for another form or comparison
 */
export function joinCondition(
  targets: readonly Target[],
  joined: Target,
  kind: JoinKind,
  on: unknown,
): ConditionLike | undefined {
  const parts = readOn(on);
  if (kind === "cross") {
    if (parts.length > 0) throw new UsageError("a cross join has no condition: give it an empty list");
    return undefined;
  }
  const [left, comparison, right] = parts.length === 2 ? [parts[0], "=", parts[1]] : parts;
  if (parts.length !== 2 && parts.length !== 3)
    throw new UsageError(`a join is on [left, right] or [left, comparison, right]`);
  if (typeof comparison !== "string" || !Object.hasOwn(COMPARISONS, comparison))
    throw new UsageError(`a join compares by ${Object.keys(COMPARISONS).join(" ")}`);
  if (kind === "full" && comparison !== "=") throw new UsageError("a full join compares by = alone");
  const method = COMPARISONS[comparison as keyof typeof COMPARISONS];
  const one = columnNamed(targets, left);
  const other = columnNamed([joined], right);
  checkComparable(one, other);
  return and(one.reference[method](other.reference));
}

function readOn(on: unknown): readonly unknown[] {
  if (Array.isArray(on)) return on;
  throw new TypeError(`a join is on a list of columns, not on ${kindOf(on)}`);
}

import type { Scope } from "../database/scope.js";
import type { Dialect } from "../sql/dialect.js";
import { checkNotHashed, encodeInsert, type InsertRow } from "../sql/insert-values.js";
import { writeStatement } from "../sql/statement.js";
import type { Conflict, Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, ColumnName } from "../sql/types.js";
import { checkOptions, kindOf } from "../text.js";
import { BATCH, byKey, groupByShape, MOST_VALUES } from "./insert-many.js";

/** What makes a row the same as one that is there, and what of it is updated then. */
export interface UpsertOptions<M> {
  /** The columns of a unique constraint or of the primary key; default: the primary key. */
  readonly on?: ColumnName<M> | readonly ColumnName<M>[];
  /** The columns to update; default: all that are given but those of `on`. An empty list leaves the row as it is. */
  readonly update?: readonly ColumnName<M>[];
}

type Ordinal = string | number | bigint;

/** A row with its place in what was given, and what orders it among the others: undefined where it has no key. */
interface RowToUpsert extends InsertRow {
  readonly place: number;
  readonly key: readonly Ordinal[] | undefined;
}

function conflictOf(table: Table, given: readonly TableColumn[], options: UpsertOptions<AnyModel>): Conflict {
  checkOptions("upsert", options, ["on", "update"]);
  const names = options.on === undefined ? table.key.map(({ property }) => property) : [options.on].flat();
  const on = [...new Set(names.map((name) => columnNamed(table, "on", name)))];
  if (on.length === 0) throw new TypeError(`upsert into ${table.name}, which has no primary key, wants { on: … }`);
  const others = given.filter((column) => !on.includes(column)).map(({ property }) => property);
  const update = options.update ?? others;
  if (!Array.isArray(update)) throw new TypeError(`update is a list of columns, not ${kindOf(update)}`);
  const columns = [...new Set(update.map((property) => columnNamed(table, "update", property)))];
  if (columns.length > 0 && table.updatedAt !== undefined && !columns.includes(table.updatedAt))
    columns.push(table.updatedAt);
  const { content } = table;
  if (content !== undefined && !(on.length === 1 && on[0] === content.key))
    for (const column of columns) checkNotHashed(table, column);
  // An update of nothing would give no row back; setting the key to itself changes nothing.
  return { on, update: columns.length > 0 ? columns : on };
}

/** @throws TypeError for what is no name, or an unknown column */
function columnNamed(table: Table, option: string, name: unknown): TableColumn {
  if (typeof name !== "string") throw new TypeError(`${option} names columns by text, not by ${kindOf(name)}`);
  return table.column(name);
}

/**
 * Inserts rows, or updates those that are there: one statement per set of columns, all or nothing.
 *
 * @throws TypeError where two of the rows are the same by `on`: which of them counts can't be said
 */
export async function upsertRows(
  source: Source,
  values: readonly unknown[],
  options: UpsertOptions<AnyModel>,
  scope: Scope,
): Promise<unknown[][]> {
  return await upsertOf(source, values, options, scope.dialect)(scope);
}

/**
 * The same, prepared: what is wrong with the rows is told at once, and the upsert runs where it is wanted. The rows go in the
 * order of their keys, so that upserts at a time, of the same rows, wait one for the other, and not in a circle.
 */
export function upsertOf(
  source: Source,
  values: readonly unknown[],
  options: UpsertOptions<AnyModel>,
  dialect: Dialect,
): (scope: Scope) => Promise<unknown[][]> {
  const { table, makeKey } = source;
  const encoded = values.map((value) => encodeInsert(table, dialect, value, makeKey));
  if (values.length === 0) return async () => [];
  const { on } = conflictOf(table, [], options);
  const inOrder = encoded.map((row, place): RowToUpsert => {
    // A column that has its default in one row, and is given in another, is updated only by the other.
    const defaults = row.columns.filter((column) => !isGiven(values[place], column));
    const shape = defaults.length === 0 ? row.shape : `${row.shape}/${defaults.map(({ index }) => index).join()}`;
    return { columns: row.columns, values: row.values, shape, place, key: keyOf(row, on) };
  });
  checkDistinct(table, inOrder, on);
  inOrder.sort(byOrderOfKeys);
  const groups = groupByShape(inOrder, ({ columns }) =>
    dialect.unnest === undefined ? Math.max(1, Math.floor(MOST_VALUES / Math.max(1, columns.length))) : BATCH,
  );
  const { given, others } = byKey(table, groups);
  const statements = [...given, ...others].map(({ rows, places }) => {
    const of = places.map((place) => inOrder[place]?.place ?? 0);
    const given = (rows[0]?.columns ?? []).filter((column) => isGiven(values[of[0] ?? 0], column));
    const conflict = conflictOf(table, given, options);
    const many = rows.length > 1 ? plansOf(table, dialect).upsertMany(rows, conflict) : undefined;
    if (many !== undefined) return { of, compiled: many };
    const statement = writeStatement<AnyModel>("insert", source).encodedRows(rows).onConflict(conflict).returning();
    return { of, compiled: statement.compile(dialect) };
  });
  const result: unknown[][] = new Array(values.length);
  const run = async (within: Scope): Promise<void> => {
    for (const { of, compiled } of statements) {
      const answer = await within.run(compiled);
      answer.rows.forEach((row, i) => {
        result[of[i] as number] = row;
      });
    }
  };
  return async (scope) => {
    await (statements.length === 1 ? run(scope) : scope.atomically(run));
    return result;
  };
}

/** Rows without a key come last, in the order in which they are given. */
function byOrderOfKeys({ key: a }: RowToUpsert, { key: b }: RowToUpsert): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const place = a.findIndex((part, i) => part !== b[i]);
  return place < 0 ? 0 : (a[place] as Ordinal) < (b[place] as Ordinal) ? -1 : 1;
}

/** The values of columns of a row as what can be put in order; undefined where one has none. */
function keyOf({ columns, values }: InsertRow, on: readonly TableColumn[]): Ordinal[] | undefined {
  const key: Ordinal[] = [];
  for (const column of on) {
    const value = values[columns.indexOf(column)];
    if (value === undefined || value === null) return undefined;
    key.push(typeof value === "number" || typeof value === "bigint" ? value : String(value));
  }
  return key;
}

/** Whether a column of a row to insert is not left to its default. */
function isGiven(value: unknown, { property }: TableColumn): boolean {
  return (value as Readonly<Record<string, unknown>>)[property] !== undefined;
}

function checkDistinct(table: Table, rows: readonly RowToUpsert[], on: readonly TableColumn[]): void {
  const seen = new Set<string>();
  for (const { key } of rows) {
    if (key === undefined) continue;
    const text = key.length === 1 ? String(key[0]) : JSON.stringify(key.map(String));
    if (seen.has(text)) {
      throw new TypeError(
        `two of the rows to upsert into ${table.name} have the same ${on.map((c) => c.property).join(", ")}`,
      );
    }
    seen.add(text);
  }
}

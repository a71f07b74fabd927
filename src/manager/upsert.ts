import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import type { Dialect } from "../sql/dialect.js";
import { checkNotHashed, encodeInserts, type InsertRow } from "../sql/insert-values.js";
import type { Conflict, Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import { plansOf, type TablePlans } from "../sql/table-plans.js";
import type { AnyModel, ColumnName } from "../sql/types.js";
import { checkOptions, kindOf } from "../text.js";
import { byKey, groupByShape, keepsValues, rowsPerStatement } from "./insert-many.js";

/** What makes a row the same as one that is there, and what of it is updated then. */
export interface UpsertOptions<M> {
  /** The columns of a unique constraint or of the primary key; default: the primary key. */
  readonly on?: ColumnName<M> | readonly ColumnName<M>[];
  /** The columns to update; default: all that are given but those of `on`. An empty list leaves the row as it is. */
  readonly update?: readonly ColumnName<M>[];
}

/** How many rows are so many that it is worth finding out whether they must be given back. */
const MANY = 50;

type Ordinal = string | number | bigint;

/** A row with its place in what was given, and what orders it among the others: undefined where it has no key. */
interface RowToUpsert extends InsertRow {
  readonly place: number;
  readonly key: Ordinal | readonly Ordinal[] | undefined;
}

/** Rows of one shape, which go together. */
interface Upsert {
  readonly rows: readonly RowToUpsert[];
  readonly conflict: Conflict;
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
 * Inserts rows, or updates those that are there: one statement per set of columns, or on SQLite per lot of rows, all or nothing.
 *
 * @throws TypeError where two of the rows are the same by `on`: which of them counts can't be said
 */
export async function upsertRows(
  source: Source,
  values: readonly unknown[],
  options: UpsertOptions<AnyModel>,
  scope: Scope,
): Promise<(readonly unknown[])[]> {
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
): (scope: Scope) => Promise<(readonly unknown[])[]> {
  const { table, makeKey } = source;
  const encoded = encodeInserts(table, dialect, values, makeKey);
  if (values.length === 0) return async () => [];
  const { on } = conflictOf(table, [], options);
  const inOrder = encoded.map(({ columns, values: sent, shape }, place): RowToUpsert => {
    // A column that has its default in one row, and is given in another, is updated only by the other.
    let defaults = "";
    for (const column of columns) if (!isGiven(values[place], column)) defaults += `/${column.index}`;
    return {
      columns,
      values: sent,
      shape: defaults === "" ? shape : shape + defaults,
      place,
      key: keyOf(columns, sent, on),
    };
  });
  checkDistinct(table, inOrder, on);
  inOrder.sort(byOrderOfKeys);
  const plans = plansOf(table, dialect);
  const { given, others } = byKey(table, groupByShape(inOrder));
  // In lots only now, so that rows go in the same order on every engine.
  const lots = [...given, ...others].flatMap(({ rows }) =>
    dialect.unnest === undefined ? lotsOf(plans, rows) : [rows],
  );
  const upserts = lots.map((rows): Upsert => {
    const [first] = rows;
    const given = (first?.columns ?? []).filter((column) => isGiven(values[first?.place ?? 0], column));
    return { rows, conflict: conflictOf(table, given, options) };
  });
  const isWhole = ({ rows: [first], conflict: { on, update = [] } }: Upsert): boolean =>
    table.columns.every(
      (column) => first?.columns.includes(column) && (on.includes(column) || update.includes(column)),
    );
  const result: (readonly unknown[])[] = new Array(values.length);
  const run = async (within: Scope): Promise<void> => {
    // For a few rows it isn't worth asking.
    const isKnown = values.length >= MANY && upserts.some(isWhole) && (await keepsValues(plans, within));
    for (const upsert of upserts) {
      const { rows, conflict } = upsert;
      const isSame = isKnown && isWhole(upsert);
      const answer = await within.run(plans.upsert(rows, conflict, !isSame));
      const back = isSame ? plans.knownRows(rows, 0) : answer.rows;
      back.forEach((row, i) => {
        result[rows[i]?.place ?? 0] = row;
      });
    }
  };
  return async (scope) => {
    await (upserts.length === 1 ? run(scope) : scope.atomically(run));
    return result;
  };
}

function lotsOf(plans: TablePlans, rows: readonly RowToUpsert[]): (readonly RowToUpsert[])[] {
  const [first] = rows;
  const size = first === undefined ? 1 : rowsPerStatement(plans, first);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
}

/** Rows without a key come last, in the order in which they are given. */
function byOrderOfKeys({ key: a }: RowToUpsert, { key: b }: RowToUpsert): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a !== "object" || typeof b !== "object") return a === b ? 0 : a < b ? -1 : 1;
  const place = a.findIndex((part, i) => part !== b[i]);
  return place < 0 ? 0 : (a[place] as Ordinal) < (b[place] as Ordinal) ? -1 : 1;
}

/** The values of columns of a row as what can be put in order, of several as a list; undefined where one has none. */
function keyOf(
  columns: readonly TableColumn[],
  values: readonly DriverValue[],
  on: readonly TableColumn[],
): Ordinal | Ordinal[] | undefined {
  const partOf = (column: TableColumn): Ordinal | undefined => {
    const value = values[columns.indexOf(column)];
    if (value === undefined || value === null) return undefined;
    return typeof value === "number" || typeof value === "bigint" ? value : String(value);
  };
  const [only] = on;
  if (on.length === 1 && only !== undefined) return partOf(only);
  const key = on.map(partOf);
  return key.every((part) => part !== undefined) ? key : undefined;
}

/** Whether a column of a row to insert is not left to its default. */
function isGiven(value: unknown, { property }: TableColumn): boolean {
  return (value as Readonly<Record<string, unknown>>)[property] !== undefined;
}

function checkDistinct(table: Table, rows: readonly RowToUpsert[], on: readonly TableColumn[]): void {
  const seen = new Set<Ordinal>();
  for (const { key } of rows) {
    if (key === undefined) continue;
    const text = typeof key === "object" ? JSON.stringify(key.map(String)) : key;
    if (seen.has(text)) {
      throw new TypeError(
        `two of the rows to upsert into ${table.name} have the same ${on.map((c) => c.property).join(", ")}`,
      );
    }
    seen.add(text);
  }
}

import type { Scope } from "../database/scope.js";
import type { Dialect } from "../sql/dialect.js";
import type { PlaceOf } from "../sql/each-row.js";
import {
  checkNotHashed,
  encodeInserts,
  groupRow,
  hasOwnDefault,
  type RowGroup,
  type RowList,
} from "../sql/insert-values.js";
import type { Conflict, Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import { MANY, plansOf } from "../sql/table-plans.js";
import type { AnyModel, ColumnName } from "../sql/types.js";
import { checkOptions, kindOf } from "../text.js";
import { byKey, keepsValues, lotsOf } from "./insert-many.js";
import { compareRows, markOf, type Ordinal, sortRows } from "./row-order.js";

/** What makes a row the same as one that is there, and what of it is updated then. */
export interface UpsertOptions<M> {
  /** The columns of a unique constraint or of the primary key; default: the primary key. */
  readonly on?: ColumnName<M> | readonly ColumnName<M>[];
  /** The columns to update; default: all that are given but those of `on`. An empty list leaves the row as it is. */
  readonly update?: readonly ColumnName<M>[];
}

/** Rows that go together, and what of a row that is there is updated. */
interface Upsert {
  readonly group: RowGroup;
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
  placeOf?: PlaceOf,
): Promise<(readonly unknown[])[]> {
  return await upsertOf(source, values, options, scope.dialect, placeOf)(scope);
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
  placeOf?: PlaceOf,
): (scope: Scope) => Promise<(readonly unknown[])[]> {
  const { table, makeKey } = source;
  const groups = byGivenDefaults(table, encodeInserts(table, dialect, values, makeKey, placeOf), values);
  if (values.length === 0) return async () => [];
  const { on } = conflictOf(table, [], options);
  checkDistinct(table, groups, on);
  for (const group of groups) sortRows(group, placesOf(group, on));
  groups.sort((a, b) => compareKeys(a, b, on));
  const plans = plansOf(table, dialect);
  const { given, others } = byKey(table, groups);
  const upserts = [...given, ...others].map((group): Upsert => {
    const [first = 0] = group.places;
    const columns = group.columns.filter((column) => isGiven(values[first], column));
    return { group, conflict: conflictOf(table, columns, options) };
  });
  const isWhole = ({ group, conflict: { on, update = [] } }: Upsert): boolean =>
    table.columns.every((column) => group.columns.includes(column) && (on.includes(column) || update.includes(column)));
  const result: (readonly unknown[])[] = new Array(values.length);
  const run = async (within: Scope): Promise<void> => {
    // For a few rows it isn't worth asking.
    const isKnown = values.length >= MANY && upserts.some(isWhole) && (await keepsValues(plans, within));
    for (const upsert of upserts) {
      const { group, conflict } = upsert;
      const isSame = isKnown && isWhole(upsert);
      let done = 0;
      for (const lot of lotsOf(plans, group)) {
        const kept = isSame ? undefined : plans.writtenBy(lot, conflict);
        const { rows } = await within.run(plans.upsert(lot, conflict, !isSame, kept));
        const given = kept === undefined ? rows : plans.completed(lot, kept, rows);
        const back = isSame ? plans.knownRows(lot, 0) : given;
        for (const row of back) result[group.places[done++] as number] = row;
      }
    }
  };
  const isOne = upserts.length === 1 && upserts.every(({ group }) => lotsOf(plans, group).length === 1);
  return async (scope) => {
    await (isOne ? run(scope) : scope.atomically(run));
    return result;
  };
}

/** A column that has its default in one row, and is given in another, is updated only by the other. */
function byGivenDefaults({ columns }: Table, groups: readonly RowGroup[], values: readonly unknown[]): RowGroup[] {
  const optional = columns.filter(hasOwnDefault);
  if (optional.length === 0) return [...groups];
  const made = new Map<string, RowGroup>();
  let last: RowGroup | undefined;
  for (const { columns: own, shape, rows, places } of groups) {
    rows.forEach((row, i) => {
      const place = places[i] as number;
      let shapeGiven = shape;
      for (const column of optional) if (!isGiven(values[place], column)) shapeGiven += `/${column.index}`;
      last = groupRow(made, last, { columns: own, values: row, shape: shapeGiven }, place);
    });
  }
  return [...made.values()];
}

function placesOf({ columns }: RowList, on: readonly TableColumn[]): number[] {
  return on.map((column) => columns.indexOf(column));
}

/** The order of groups by their first keys. */
function compareKeys(a: RowGroup, b: RowGroup, on: readonly TableColumn[]): number {
  const keyOf = (group: RowGroup) => placesOf(group, on).map((place) => group.rows[0]?.[place] ?? null);
  return compareRows(keyOf(a), keyOf(b), [...on.keys()]);
}

/** Whether a column of a row to insert is not left to its default. */
function isGiven(value: unknown, { property }: TableColumn): boolean {
  return (value as Readonly<Record<string, unknown>>)[property] !== undefined;
}

function checkDistinct(table: Table, groups: readonly RowGroup[], on: readonly TableColumn[]): void {
  const seen = new Set<Ordinal>();
  for (const group of groups) {
    const places = placesOf(group, on);
    for (const row of group.rows) {
      const mark = markOf(row, places);
      if (mark !== undefined && seen.has(mark)) {
        throw new TypeError(
          `two of the rows to upsert into ${table.name} have the same ${on.map((c) => c.property).join(", ")}`,
        );
      }
      seen.add(mark);
    }
  }
}

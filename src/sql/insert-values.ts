import type { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError, wrongInput } from "../errors.js";
import { kindOf } from "../text.js";
import type { Dialect } from "./dialect.js";
import { eachRow, type PlaceOf } from "./each-row.js";
import type { Table, TableColumn } from "./table.js";
import { type Expression, isExpression } from "./writer.js";

/** One row to insert: the columns that it gives, and their values, encoded. */
export interface InsertRow {
  readonly columns: readonly TableColumn[];
  readonly values: readonly DriverValue[];
  /** The same for rows that give the same columns. */
  readonly shape: string;
}

/** Rows that give the same columns: the values of each, in the order of the columns. */
export interface RowList {
  readonly columns: readonly TableColumn[];
  readonly shape: string;
  readonly rows: readonly (readonly DriverValue[])[];
}

/** The same with the places of the rows in what was given. */
export interface RowGroup extends RowList {
  readonly rows: (readonly DriverValue[])[];
  readonly places: number[];
}

/** Makes the key of a row that comes without one: the model's `generateId`. */
export type KeyMaker = () => unknown;

/** The default that is known before the insert, or undefined where the database fills it in. */
function ownDefault(column: TableColumn, makeKey: KeyMaker): unknown {
  const given = column.settings.default;
  if (given?.by === "value") return given.value;
  if (given?.by === "function") return given.make();
  return isMadeKey(column) ? makeKey() : undefined;
}

/** Whether a value may be known before the insert though none is given. */
export function hasOwnDefault(column: TableColumn): boolean {
  const by = column.settings.default?.by;
  return by === "value" || by === "function" || by === "clock" || isMadeKey(column);
}

/** Whether the model makes the column's value where none is given. */
export function isMadeKey({ isKey, isForeign, type: { kind }, settings }: TableColumn): boolean {
  const isMadeHere = isKey && !isForeign && settings.default === undefined;
  return isMadeHere && (kind === "text" || kind === "uuid");
}

/**
 * The values of a new row, with the defaults that are known here; what is left out is the database's to fill in.
 *
 * @param before the row before it, of many, whose columns are likely the same
 * @throws TypeError for an unknown column, with the nearest name, or a value that a column can't hold
 */
export function encodeInsert(
  table: Table,
  dialect: Dialect,
  given: unknown,
  makeKey: KeyMaker,
  before?: InsertRow,
): InsertRow {
  const row = requireValues(table, given);
  const { content } = table;
  /** What the key is made of: the row, and what is made for it here. */
  let known = row;
  // A copy has room for as many values as it has, and a list that grows for 17.
  const values: DriverValue[] = before === undefined ? [] : before.values.slice();
  let count = 0;
  let columns: TableColumn[] | undefined = before === undefined ? [] : undefined;
  let now: Date | undefined;
  for (const column of table.columns) {
    let encoded: DriverValue = null; // The place of a key that is made of the others, until they are known.
    if (column !== content?.key) {
      let value = row[column.property];
      if (value === undefined || (value === null && column === table.generated)) {
        value = column === table.generated ? undefined : ownDefault(column, makeKey);
        if (column.settings.default?.by === "clock") {
          now ??= new Date();
          value = now;
        }
        if (value === undefined) continue;
      }
      encoded = column.encode(dialect, value);
      if (content !== undefined && value !== row[column.property]) known = { ...known, [column.property]: value };
    }
    if (columns === undefined && before?.columns[count] !== column) columns = before?.columns.slice(0, count);
    columns?.push(column);
    values[count++] = encoded;
  }
  values.length = count;
  const isAsBefore = columns === undefined && before?.columns.length === count;
  const own = isAsBefore ? before.columns : (columns ?? before?.columns.slice(0, count) ?? []);
  if (content !== undefined) values[own.indexOf(content.key)] = content.key.encode(dialect, content.keyOf(known));
  return { columns: own, values, shape: isAsBefore ? before.shape : shapeOf(own) };
}

/** The same for many rows, those of equal shape together. */
export function encodeInserts(
  table: Table,
  dialect: Dialect,
  rows: readonly unknown[],
  makeKey: KeyMaker,
  placeOf?: PlaceOf,
): RowGroup[] {
  const groups = new Map<string, RowGroup>();
  let before: InsertRow | undefined;
  let group: RowGroup | undefined;
  const add = (given: unknown, place: number): void => {
    before = encodeInsert(table, dialect, given, makeKey, before);
    group = groupRow(groups, group, before, place);
  };
  eachRow(rows, add, placeOf);
  return [...groups.values()];
}

export function shapeOf(columns: readonly TableColumn[]): string {
  return columns.map(({ index }) => index).join();
}

/** Puts a row into the group of its shape, which is mostly that of the row before, and gives that. */
export function groupRow(
  groups: Map<string, RowGroup>,
  last: RowGroup | undefined,
  { columns, values, shape }: InsertRow,
  place: number,
): RowGroup {
  let group = last?.shape === shape ? last : groups.get(shape);
  if (group === undefined) {
    group = { columns, shape, rows: [], places: [] };
    groups.set(shape, group);
  }
  group.rows.push(values);
  group.places.push(place);
  return group;
}

/** What an update sets: columns, in their own order, and for each a value, encoded, or an expression. */
export interface UpdateRow {
  readonly columns: readonly TableColumn[];
  readonly values: readonly (DriverValue | Expression | Sql)[];
}

/**
 * What an update sets; undefined leaves a column as it is.
 *
 * @throws TypeError for an unknown column, with the nearest name, or a value that a column can't hold
 */
export function encodeUpdate(table: Table, dialect: Dialect, given: unknown): UpdateRow {
  const row = requireValues(table, given);
  const columns: TableColumn[] = [];
  const values: (DriverValue | Expression | Sql)[] = [];
  for (const column of table.columns) {
    const value = row[column.property];
    if (value === undefined) continue;
    checkNotHashed(table, column);
    columns.push(column);
    values.push(isExpression(value) ? value : column.encode(dialect, value));
  }
  const { updatedAt } = table;
  if (updatedAt !== undefined && columns.length > 0 && !columns.includes(updatedAt)) {
    columns.push(updatedAt);
    values.push(updatedAt.encode(dialect, new Date()));
  }
  return { columns, values };
}

/** @throws UsageError for a column that the row's key is made of */
export function checkNotHashed({ content, alias }: Table, column: TableColumn): void {
  if (content === undefined || !(column === content.key || content.hashed.has(column))) return;
  throw new UsageError(
    `${column.label} is part of what the ids of ${alias} are made of, and isn't changed in place: ` +
      "update() or save() an instance, which gets a new id",
  );
}

/** @throws TypeError where it is no object, or for an unknown column, with the nearest name */
export function requireValues(table: Table, given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    // Unlike Object.keys(), without a list of them for each row.
    for (const property in given) if (!table.has(property) && Object.hasOwn(given, property)) table.column(property);
    return given as Record<string, unknown>;
  }
  throw wrongInput(`the values of a row of ${table.name} are an object, not ${kindOf(given)}`);
}

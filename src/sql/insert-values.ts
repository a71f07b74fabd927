import type { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import type { Dialect } from "./dialect.js";
import type { Table, TableColumn } from "./table.js";
import { type Expression, isExpression } from "./writer.js";

/** One row to insert: the columns that it gives, and their values, encoded. */
export interface InsertRow {
  readonly columns: readonly TableColumn[];
  readonly values: readonly DriverValue[];
  /** The same for rows that give the same columns. */
  readonly shape: string;
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
  const known: Record<string, unknown> | undefined = content && {};
  const values: DriverValue[] = [];
  let columns: TableColumn[] | undefined = before === undefined ? [] : undefined;
  const add = (column: TableColumn, value: DriverValue): void => {
    if (columns === undefined && before?.columns[values.length] !== column)
      columns = before?.columns.slice(0, values.length);
    columns?.push(column);
    values.push(value);
  };
  let now: Date | undefined;
  for (const column of table.columns) {
    // Its place, until the others are known.
    if (column === content?.key) {
      add(column, null);
      continue;
    }
    let value = row[column.property];
    if (value === undefined || (value === null && column === table.generated)) {
      value = column === table.generated ? undefined : ownDefault(column, makeKey);
      if (column.settings.default?.by === "clock") {
        now ??= new Date();
        value = now;
      }
      if (value === undefined) continue;
    }
    add(column, column.encode(dialect, value));
    if (known !== undefined) known[column.property] = value;
  }
  const isAsBefore = columns === undefined && before?.columns.length === values.length;
  const own = isAsBefore ? before.columns : (columns ?? before?.columns.slice(0, values.length) ?? []);
  if (content !== undefined && known !== undefined)
    values[own.indexOf(content.key)] = content.key.encode(dialect, content.keyOf(known));
  return { columns: own, values, shape: isAsBefore ? before.shape : own.map(({ index }) => index).join() };
}

/** The same for many rows. */
export function encodeInserts(
  table: Table,
  dialect: Dialect,
  rows: readonly unknown[],
  makeKey: KeyMaker,
): InsertRow[] {
  let before: InsertRow | undefined;
  return rows.map((row) => {
    before = encodeInsert(table, dialect, row, makeKey, before);
    return before;
  });
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
    for (const property of Object.keys(given)) if (!table.has(property)) table.column(property);
    return given as Record<string, unknown>;
  }
  throw new TypeError(`the values of a row of ${table.name} are an object, not ${kindOf(given)}`);
}

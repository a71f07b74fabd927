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
 * @throws TypeError for an unknown column, with the nearest name, or a value that a column can't hold
 */
export function encodeInsert(table: Table, dialect: Dialect, given: unknown, makeKey: KeyMaker): InsertRow {
  const row = requireValues(table, given);
  const { content } = table;
  const known: Record<string, unknown> | undefined = content && {};
  const columns: TableColumn[] = [];
  const values: DriverValue[] = [];
  let shape = "";
  let now: Date | undefined;
  for (const column of table.columns) {
    if (column === content?.key) {
      // Its place, until the others are known.
      columns.push(column);
      values.push(null);
      shape += `${column.index},`;
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
    columns.push(column);
    values.push(column.encode(dialect, value));
    shape += `${column.index},`;
    if (known !== undefined) known[column.property] = value;
  }
  if (content !== undefined && known !== undefined)
    values[columns.indexOf(content.key)] = content.key.encode(dialect, content.keyOf(known));
  return { columns, values, shape };
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

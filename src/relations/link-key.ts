import { HELD, ROW, readColumn, type Stateful } from "../model/state.js";
import type { TableColumn } from "../sql/table.js";

/** The values of a key in a form in which equal ones are the same key of a Map, whichever table they were read from. */
export type LinkKey = string | number | bigint | boolean;

/** The key of values that were read from columns; undefined where one of them is missing or null. */
export function linkKey(values: readonly unknown[]): LinkKey | undefined {
  const [only] = values;
  if (values.length === 1) return only === null || only === undefined ? undefined : primitive(only);
  if (values.some((value) => value === null || value === undefined)) return undefined;
  return JSON.stringify(values.map((value) => String(primitive(value))));
}

function primitive(value: unknown): LinkKey {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    default:
      if (value instanceof Date) return value.getTime();
      return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : JSON.stringify(value);
  }
}

/** The values of columns of an instance, those assigned in the form in which the database would give them back. */
export function valuesOf(instance: Stateful, columns: readonly TableColumn[]): unknown[] {
  return columns.map((column) => {
    const value = readColumn(instance, column);
    const isAssigned = instance[HELD]?.[column.index] !== undefined;
    return isAssigned && value !== null ? column.canonical(value) : value;
  });
}

/** The values of columns as the row has them, whatever was assigned since. */
export function savedValuesOf(instance: Stateful, columns: readonly TableColumn[]): unknown[] {
  return columns.map(({ index, decode }) => {
    const raw = instance[ROW][index];
    return raw === null || raw === undefined || decode === undefined ? raw : decode(raw);
  });
}

/** Whether a column can have a value of another, so that rows can be related by it. */
export function canHold(column: TableColumn, value: unknown): boolean {
  try {
    column.canonical(valueFor(column, value));
    return true;
  } catch {
    return false;
  }
}

/** A value of one column as another takes it, which may hold whole numbers of another width. */
export function valueFor(column: TableColumn, value: unknown): unknown {
  if (typeof value === "number" && column.type.kind === "bigint") return BigInt(value);
  if (typeof value === "bigint" && column.type.kind !== "bigint") return Number(value);
  return value;
}

import { STATE } from "../manager/instance-state.js";
import { rawOf, readColumn, type Stateful } from "../model/state.js";
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

/** Reads a key out of rows of the driver that have its columns at these places; undefined where one of them is null. */
export function keyInRows(
  columns: readonly TableColumn[],
  places: readonly number[] = columns.map(({ index }) => index),
): (row: readonly unknown[]) => LinkKey | undefined {
  const [only] = columns;
  const [place = 0] = places;
  if (columns.length === 1 && only !== undefined) return (row) => rawKey(only, row[place]);
  return (row) => linkKey(columns.map((column, i) => decoded(column, row[places[i] ?? 0])));
}

/** The same of instances, with what was assigned to them. */
export function keyInInstances(columns: readonly TableColumn[]): (instance: Stateful) => LinkKey | undefined {
  const [only] = columns;
  if (columns.length !== 1 || only === undefined) return (instance) => linkKey(valuesOf(instance, columns));
  return (instance) => {
    const raw = instance[STATE].held === undefined ? rawOf(instance, only) : undefined;
    return raw === undefined ? linkKey(valuesOf(instance, columns)) : rawKey(only, raw);
  };
}

/** The same of instances as the rows have it, whatever was assigned since. */
export function keyInSaved(columns: readonly TableColumn[]): (instance: Stateful) => LinkKey | undefined {
  const [only] = columns;
  if (columns.length !== 1 || only === undefined) return (instance) => linkKey(savedValuesOf(instance, columns));
  return (instance) => rawKey(only, rawOf(instance, only));
}

/** A value as the driver gave it. The common cases are short, as they run for each row. */
function rawKey({ decode, type }: TableColumn, raw: unknown): LinkKey | undefined {
  if (typeof raw === "number" && type.kind === "integer") return raw;
  if (typeof raw === "string" && decode === undefined) return raw;
  if (raw === null || raw === undefined) return undefined;
  return primitive(decode === undefined ? raw : decode(raw));
}

const decoded = ({ decode }: TableColumn, raw: unknown): unknown =>
  raw === null || raw === undefined || decode === undefined ? raw : decode(raw);

/** The values of columns of an instance, those assigned in the form in which the database would give them back. */
export function valuesOf(instance: Stateful, columns: readonly TableColumn[]): unknown[] {
  return columns.map((column) => readValue(instance, column));
}

function readValue(instance: Stateful, column: TableColumn): unknown {
  const value = readColumn(instance, column);
  const isAssigned = instance[STATE].held?.[column.index] !== undefined;
  return isAssigned && value !== null ? column.canonical(value) : value;
}

/** The values of one column of instances, as another takes them. */
export function valuesFor(column: TableColumn, instances: Iterable<Stateful>, of: TableColumn): unknown[] {
  const values: unknown[] = [];
  for (const instance of instances) values.push(valueFor(column, readValue(instance, of)));
  return values;
}

/** The values of columns as the row has them, whatever was assigned since. */
export function savedValuesOf(instance: Stateful, columns: readonly TableColumn[]): unknown[] {
  return columns.map((column) => decoded(column, rawOf(instance, column)));
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

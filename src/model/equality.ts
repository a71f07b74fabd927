import { crypto } from "../crypto.js";
import type { ColumnType } from "../sql/column-type.js";
import { canonicalJson } from "../sql/json.js";
import { isSame, type Stateful, tableOf, valueIfThere } from "./state.js";

/** Whether it is an instance of the very same class with the same values; false for anything else. */
export function isEqual(instance: Stateful, other: unknown): boolean {
  if (instance === other) return true;
  try {
    return isOfClass(other, instance.constructor) && hasSameValues(instance, other);
  } catch {
    return false; // A value that can't be read is equal to none.
  }
}

function isOfClass(other: unknown, Class: unknown): other is Stateful {
  return typeof other === "object" && other !== null && other.constructor === Class;
}

function hasSameValues(instance: Stateful, other: Stateful): boolean {
  return tableOf(instance).columns.every((column) => {
    const [a, b] = [valueIfThere(instance, column), valueIfThere(other, column)];
    return a === undefined || b === undefined ? a === b : isSame(column, a, b);
  });
}

/**
 * The SHA-256, in hex, of the table's name and of the columns' properties, types and values, in their order; values that
 * are not there are left out.
 *
 * @throws TypeError where a value is none that its column can hold
 */
export function hashOf(instance: Stateful): string {
  const table = tableOf(instance);
  const values = table.columns.flatMap((column) => {
    const value = valueIfThere(instance, column);
    if (value === undefined) return [];
    const form = value === null ? null : canonicalForm(column.type, column.canonical(value), column.label);
    return [[column.property, column.type.kind, form]];
  });
  return crypto()
    .createHash("sha256")
    .update(JSON.stringify([table.name, ...values]))
    .digest("hex");
}

/** One JSON value for equal values of a type; those of different types are told apart by the type's name beside it. */
function canonicalForm(type: ColumnType, value: unknown, name: string): unknown {
  switch (type.kind) {
    case "json":
      return canonicalJson(value, name);
    case "array":
      return (value as readonly unknown[]).map((item) =>
        item === null ? null : canonicalForm(type.element, item, name),
      );
    case "bytes":
      return Buffer.from(value as Uint8Array).toString("hex");
    case "timestamp":
      return (value as Date).toISOString();
    default:
      // Of numbers too the shortest text that is the same number: JSON has no infinity.
      return String(value);
  }
}

import { canonicalDecimal } from "./decimal.js";

/*
 * What PostgreSQL does where an expression is stored in a column: SQLite would keep whatever was computed.
 */

/**
 * A number as a numeric column keeps it, rounded to its scale; null of null.
 *
 * @throws RangeError where the column can't hold it
 */
export function storedDecimal(value: unknown, precision: unknown, scale: unknown): string | null {
  if (value === null) return null;
  const sizes = precision === null ? [] : [Number(precision), Number(scale)];
  const canonical = canonicalDecimal(String(value), ...sizes);
  if (canonical === undefined) throw new RangeError("a number is out of range for its column");
  return canonical;
}

/**
 * A number as an integer column keeps it; null of null. What is no whole number is left for the column to refuse.
 *
 * @throws RangeError where it has more than 32 bits
 */
export function storedInteger(value: unknown): unknown {
  if (value === null) return null;
  const number = Number(value);
  if (number < -(2 ** 31) || number >= 2 ** 31) throw new RangeError("a number is out of range for its column");
  return value;
}

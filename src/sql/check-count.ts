import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";

/**
 * The size of a chunk, or how many rows are taken.
 *
 * @throws TypeError where it is no number
 * @throws UsageError where it is no positive whole number
 */
export function checkSize(name: string, value: unknown): number {
  const size = checkCount(name, value);
  if (size === undefined) throw new TypeError(`${name} wants a number, not undefined`);
  if (size === 0) throw new UsageError(`${name} wants a whole number of at least 1`);
  return size;
}

/**
 * A limit or an offset; undefined where there is none.
 *
 * @throws TypeError where it is no number
 * @throws UsageError where it is negative, a fraction, NaN or too large to count
 */
export function checkCount(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw new TypeError(`${name} wants a number, not ${kindOf(value)}`);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`${name} wants a whole number that is not negative`);
  return value;
}

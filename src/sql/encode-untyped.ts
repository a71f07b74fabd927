import type { DriverValue } from "../drivers/driver.js";
import { isStorableText, kindOf } from "../text.js";
import { canonicalJson } from "./json.js";

/**
 * A value bound by `sql` text, without a column to check it against; booleans and lists are the dialect's.
 *
 * @throws TypeError for undefined, NaN, functions, and text that can't be stored
 */
export function encodeUntypedScalar(value: unknown): DriverValue {
  if (value === null || typeof value === "bigint" || value instanceof Uint8Array) return value;
  if (typeof value === "number" && !Number.isNaN(value)) return value + 0;
  if (typeof value === "string" && isStorableText(value)) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const isPlain = typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (isPlain) return canonicalJson(value, "a value in sql`…`");
  throw new TypeError(
    `sql\`…\` can't bind ${typeof value === "string" ? "text with NUL or a lone surrogate" : kindOf(value)}`,
  );
}

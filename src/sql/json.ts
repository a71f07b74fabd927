import { wrongInput } from "../errors.js";
import { isStorableText, kindOf } from "../text.js";

/** PostgreSQL's order of the keys of a jsonb: the shorter first, then by their bytes. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || left.compare(right);
}

/**
 * A JSON value as text, in one form for equal values: PostgreSQL's order of keys, so that both engines give back the
 * same and SQLite can compare the text.
 *
 * @throws TypeError for what JSON can't hold and `JSON.stringify` would lose without a word: NaN, functions, bigint,
 *   cycles, or text that PostgreSQL can't keep
 */
export function canonicalJson(value: unknown, name: string): string {
  return write(value, name, new Set());
}

function write(value: unknown, name: string, ancestors: Set<object>): string {
  switch (typeof value) {
    case "string":
      if (!isStorableText(value)) throw wrongInput(`${name}: JSON text with a NUL or a lone surrogate can't be stored`);
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value)) throw wrongInput(`${name}: JSON can't hold ${kindOf(value)}`);
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : writeObject(value, name, ancestors);
    default:
      throw wrongInput(`${name}: JSON can't hold ${kindOf(value)}`);
  }
}

/** What JSON.stringify would make an empty object of. */
const LOST = [Map, Set, RegExp, Promise];

function writeObject(value: object, name: string, ancestors: Set<object>): string {
  if (LOST.some((kind) => value instanceof kind)) throw wrongInput(`${name}: JSON can't hold ${kindOf(value)}`);
  if ("toJSON" in value && typeof value.toJSON === "function") return write(value.toJSON(), name, ancestors);
  if (ancestors.has(value)) throw wrongInput(`${name}: JSON can't hold an object that contains itself`);
  ancestors.add(value);
  const text = Array.isArray(value)
    ? `[${Array.from(value, (item: unknown) => write(item, name, ancestors)).join(",")}]`
    : `{${writeEntries(value, name, ancestors)}}`;
  ancestors.delete(value);
  return text;
}

function writeEntries(value: object, name: string, ancestors: Set<object>): string {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([key, item]) => `${write(key, name, ancestors)}:${write(item, name, ancestors)}`)
    .join(",");
}

/** A column's value as `toJSON` gives it: a bigint as a string, bytes in base64. */
export function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return Array.isArray(value) ? value.map(jsonValue) : value;
}

import { crypto } from "../crypto.js";
import { QueryError } from "../errors.js";
import type { ColumnType } from "../sql/column-type.js";
import { canonicalJson } from "../sql/json.js";
import type { TableColumn } from "../sql/table.js";
import { kindOf } from "../text.js";
import { pack } from "./pack.js";
import { unpackAll } from "./unpack.js";

export { pack };

/*
 * The canonical form of values, of which ids are hashes. It is written down in docs/audit.md and pinned by the vectors in
 * spec/audit: nothing of it can ever change.
 */

/** @throws QueryError for bytes that are no msgpack */
export function unpack(bytes: Uint8Array): unknown {
  try {
    return unpackAll(bytes);
  } catch {
    throw new QueryError("bytes that were to be msgpack are none");
  }
}

/** SHA-256 in hex. */
export function digest(bytes: Uint8Array): string {
  return crypto().hash("sha256", bytes, "hex");
}

/** The order of text by its UTF-8 bytes, which is that of its code points. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * A column's value in the form that is packed.
 *
 * @throws TypeError for a value that the column can't hold
 */
export function packable(column: TableColumn, value: unknown): unknown {
  if (value === null) return null;
  return packableOf(column.type, column.canonical(value));
}

function packableOf(type: ColumnType, value: unknown): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "bigint":
      return String(value);
    case "timestamp":
      return (value as Date).getTime();
    case "bytes":
      return value;
    case "json":
      return packableJson(value);
    case "array":
      return (value as readonly unknown[]).map((item) => packableOf(type.element, item));
    case "integer":
    case "real":
      return plainZero(value as number);
    default:
      return value;
  }
}

/** JSON with the keys of its objects in order, as Maps. @throws TypeError for what JSON can't hold */
export function packableJson(value: unknown): unknown {
  return fromJson(JSON.parse(canonicalJson(value, "value")));
}

function fromJson(value: unknown): unknown {
  if (typeof value === "number") return plainZero(value);
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => byBytes(a, b));
  return new Map(entries.map(([key, item]) => [key, fromJson(item)]));
}

/** The value of a column that was packed, as the column takes it. */
export function unpackable({ type }: TableColumn, packed: unknown): unknown {
  return unpackableOf(type, packed);
}

function unpackableOf(type: ColumnType, packed: unknown): unknown {
  if (packed === null) return null;
  switch (type.kind) {
    case "bigint":
      return typeof packed === "string" && /^-?\d+$/.test(packed) ? BigInt(packed) : packed;
    case "timestamp":
      return typeof packed === "number" ? new Date(packed) : packed;
    case "bytes":
      return packed instanceof Uint8Array ? new Uint8Array(packed) : packed;
    case "json":
      return toJson(packed);
    case "array":
      return Array.isArray(packed) ? packed.map((item) => unpackableOf(type.element, item)) : packed;
    default:
      return packed;
  }
}

/** What was packed as Maps, as plain objects. */
export function toJson(packed: unknown): unknown {
  if (Array.isArray(packed)) return packed.map(toJson);
  // A copy, not a part of what it was packed in.
  if (packed instanceof Uint8Array) return new Uint8Array(packed);
  // Made by entries, which makes a property of "__proto__" as well.
  if (packed instanceof Map) return Object.fromEntries([...packed].map(([key, item]) => [key, toJson(item)]));
  return packed;
}

/** -0 is 0, as in the databases. */
const plainZero = (value: number): number => (value === 0 ? 0 : value);

/*
 * Details of attachments are of more kinds than columns have: what msgpack has itself for each, its timestamps too.
 */

/** @throws TypeError for what can't be packed and read back as it was */
export function packDetails(value: unknown): Uint8Array {
  return pack(detail(value, new Set()));
}

function detail(value: unknown, ancestors: Set<object>): unknown {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return wellFormed(value);
    case "number":
      if (Number.isFinite(value)) return plainZero(value);
      break;
    case "bigint":
      if (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value) return value;
      break;
    case "object":
      if (value === null) return null;
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
      if (value instanceof Uint8Array) return value;
      if (Array.isArray(value) || isPlain(value)) return detailsOf(value, ancestors);
  }
  throw new TypeError(`details can't hold ${kindOf(value)}`);
}

/** @throws TypeError for text with half a surrogate pair, which UTF-8 can't hold */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new TypeError("details can't hold text that is not well-formed Unicode");
}

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));

function detailsOf(value: object, ancestors: Set<object>): unknown {
  if (ancestors.has(value)) throw new TypeError("details can't hold an object that contains itself");
  ancestors.add(value);
  const entries = Object.entries(value).sort(([a], [b]) => byBytes(a, b));
  const packed = Array.isArray(value)
    ? Array.from(value, (item: unknown) => detail(item, ancestors))
    : new Map(entries.map(([key, item]) => [wellFormed(key), detail(item, ancestors)]));
  ancestors.delete(value);
  return packed;
}

/** @throws QueryError for bytes that are no msgpack */
export function unpackDetails(bytes: Uint8Array): unknown {
  return toJson(unpack(bytes));
}

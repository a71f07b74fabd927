/*
 * The golden vectors of ids, in vectors.json, and the form in which rows are in JSON there: what another program needs to
 * make the same ids. They are pinned: a line of that file never changes, as nobody's stored ids do.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  array,
  bigint,
  boolean,
  bytes,
  type Column,
  date,
  HashedModel,
  integer,
  json,
  numeric,
  oneOf,
  real,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";

/** What is said of a column: its type, as its function is called in a model. Every column can be null. */
export type ColumnDescription = string | { readonly type: string; readonly name?: string; readonly default?: unknown };

/** Values by column, in the form of `toPortable`. */
export type PortableRow = Readonly<Record<string, unknown>>;

export interface Vector {
  readonly title: string;
  /** By property; those whose names begin with "excluded" are excluded from the hash. */
  readonly columns: Readonly<Record<string, ColumnDescription>>;
  /** By property, as a program gives them. */
  readonly values: PortableRow;
  /** By the column's name in the database, as it gives them back, without what is excluded; else the same as `values`. */
  readonly row?: PortableRow;
  /** In hex; of those that are long, the first bytes with "…" after them. */
  readonly preimage: string;
  readonly id: string;
}

export async function readVectors(): Promise<readonly Vector[]> {
  return JSON.parse(await readFile(join(import.meta.dirname, "vectors.json"), "utf8"));
}

type AnyColumn = Column<unknown, boolean, boolean>;

const PLAIN: ReadonlyMap<string, () => AnyColumn> = new Map<string, () => AnyColumn>(
  Object.entries({ integer, bigint, real, text: () => text(), boolean, timestamp, date, uuid, json, bytes }),
);

/** `numeric(10,2)` as the column of a model. */
function columnOf(type: string): AnyColumn {
  const [, kind = "", args = ""] = /^(\w+)(?:\((.*)\))?$/.exec(type) ?? [];
  const [first = "", ...others] = args.split(",");
  const make = PLAIN.get(kind);
  if (make !== undefined) return make();
  switch (kind) {
    case "numeric":
      return args === "" ? numeric() : numeric(Number(first), Number(others[0]));
    case "varchar":
      return varchar(Number(first));
    case "oneOf":
      return oneOf(first, ...others);
    case "array":
      return array(columnOf(args).nullable());
    default:
      throw new Error(`no column is of the type ${type}`);
  }
}

const typeOf = (column: ColumnDescription): string => (typeof column === "string" ? column : column.type);

/** The model of a vector. */
export function modelOf({ columns }: Pick<Vector, "columns">, table = "vectored") {
  const declared = Object.entries(columns).map(([property, said]): [string, AnyColumn] => {
    const { type, name, default: given } = typeof said === "string" ? { type: said } : said;
    let column: AnyColumn = columnOf(type).nullable();
    if (name !== undefined) column = column.column(name);
    if (given !== undefined) column = column.default(fromPortable(type, given) as object);
    return [property, property.startsWith("excluded") ? column.excludedFromHash() : column];
  });
  return class Vectored extends HashedModel(table, Object.fromEntries(declared)) {};
}

/** The types of a vector's columns, by their names in the database. */
export function typesOf({ columns }: Pick<Vector, "columns">): Record<string, string> {
  const named = Object.entries(columns).map(([property, said]): [string, string] => {
    const name = typeof said === "string" ? undefined : said.name;
    return [name ?? property, typeOf(said)];
  });
  return Object.fromEntries(named);
}

/** The values that a vector's model takes. */
export function valuesOf({ columns, values }: Pick<Vector, "columns" | "values">): Record<string, unknown> {
  const entries = Object.entries(values).map(([property, value]): [string, unknown] => {
    const column = columns[property];
    if (column === undefined) throw new Error(`the vector has no column ${property}`);
    return [property, fromPortable(typeOf(column), value)];
  });
  return Object.fromEntries(entries);
}

interface Repeated {
  readonly repeat: unknown;
  readonly times: number;
}

const isRepeated = (value: unknown): value is Repeated =>
  typeof value === "object" && value !== null && "repeat" in value && "times" in value;

/** A value as JSON has it: bigints as text, moments as ISO 8601, bytes in hex, infinite numbers by their names. */
export function toPortable(type: string, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type === "bigint") return String(value);
  if (value instanceof Date && type === "timestamp") return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (type.startsWith("array(")) return (value as unknown[]).map((item) => toPortable(type.slice(6, -1), item));
  return value;
}

/** The value of `toPortable`; `{ repeat, times }` is a long text, list or bytes. */
export function fromPortable(type: string, given: unknown): unknown {
  if (given === null) return null;
  const value = type === "json" ? given : repeated(type, given);
  if (type === "bigint") return BigInt(value as string);
  if (type === "timestamp") return new Date(value as string);
  if (type === "bytes") return Uint8Array.from(Buffer.from(value as string, "hex"));
  if (type === "real") return Number(value);
  if (type.startsWith("array(")) return (value as unknown[]).map((item) => fromPortable(type.slice(6, -1), item));
  return value;
}

function repeated(type: string, value: unknown): unknown {
  if (!isRepeated(value)) return value;
  const { repeat, times } = value;
  return type.startsWith("array(") ? Array.from({ length: times }, () => repeat) : String(repeat).repeat(times);
}

/** A row for other programs: no value in it is shortened. */
export function plainRow({ row, ...vector }: Vector): PortableRow {
  const types = typesOf(vector);
  const entries = Object.entries(row ?? vector.values).map(([name, value]): [string, unknown] => {
    const type = types[name] ?? "";
    return [name, type === "json" ? value : repeated(type, value)];
  });
  return Object.fromEntries(entries);
}

/** The values that are computed from columns: how they are checked, sent and read, and what writes them. */
import { QueryError } from "../errors.js";
import { kindOf } from "../text.js";
import type { Checker } from "./check-value.js";
import { Codec } from "./codec.js";
import type { ColumnKind, ColumnType } from "./column-type.js";
import type { ValueInfo } from "./value-info.js";
import type { SqlWriter } from "./writer.js";

/** An integer in 53 bits: a count, a sum of integers. @throws QueryError for one that a number can't hold */
function decodeSafeInteger(raw: unknown): number {
  const number = Number(raw);
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    throw new QueryError("an integer is too large for a number: compute with a bigint column, which is exact");
  }
  return number;
}

const checkNumber: Checker = (value, name) => {
  if (typeof value === "number" && Number.isFinite(value)) return value + 0;
  throw new TypeError(`${name} takes a number, not ${kindOf(value)}`);
};

const checkSafeInteger: Checker = (value, name) => {
  if (Number.isSafeInteger(value)) return (value as number) + 0;
  throw new TypeError(`${name} takes a whole number, not ${kindOf(value)}`);
};

const checkBigint: Checker = (value, name) => {
  if (typeof value === "bigint") return value;
  throw new TypeError(`${name} takes a bigint, not ${kindOf(value)}`);
};

/** An integer that may be larger than a column's: number. */
export const WIDE_INTEGER = new Codec(
  { kind: "integer" },
  { check: checkSafeInteger, decode: decodeSafeInteger, sentAs: { kind: "real" } },
);

const NUMERIC: ColumnType = { kind: "numeric", precision: undefined, scale: undefined };

/** An integer that the database computes as a decimal: number. */
export const INTEGER_OF_DECIMAL = new Codec(NUMERIC, {
  check: checkSafeInteger,
  decode: decodeSafeInteger,
  toColumn: String,
});

/** A fraction that the database computes as a decimal: number. */
export const NUMBER_OF_DECIMAL = new Codec(NUMERIC, {
  check: checkNumber,
  decode: (raw) => Number(raw),
  toColumn: String,
});

/** An integer of any size that the database computes as a decimal: bigint. */
export const BIGINT_OF_DECIMAL = new Codec(NUMERIC, {
  check: checkBigint,
  decode: (raw) => BigInt(raw as string | number | bigint),
  toColumn: String,
});

/** A decimal of any scale: string. */
export const DECIMAL = new Codec(NUMERIC);
export const REAL = new Codec({ kind: "real" });
export const TEXT = new Codec({ kind: "text" });
export const BOOLEAN = new Codec({ kind: "boolean" });
export const JSON_VALUE = new Codec({ kind: "json" });

/** What the values of a codec are, as far as computing goes: a sum of integers is wide, of what is wide a decimal. */
export type NumberFamily = "integer" | "wide" | "bigint" | "numeric" | "real";

const FAMILIES: Partial<Record<ColumnKind, NumberFamily>> = {
  integer: "integer",
  bigint: "bigint",
  numeric: "numeric",
  real: "real",
};

/** Undefined where the values are no numbers. */
export function familyOf(codec: Codec): NumberFamily | undefined {
  if (codec === WIDE_INTEGER || codec === INTEGER_OF_DECIMAL) return "wide";
  if (codec === BIGINT_OF_DECIMAL) return "bigint";
  return FAMILIES[codec.type.kind];
}

/** A value that is computed. */
export function computed(
  codec: Codec,
  label: string,
  writeTo: (writer: SqlWriter) => void,
  nullable = true,
  parts: readonly ValueInfo[] = [],
): ValueInfo {
  return { codec, label, nullable, parts, writeTo: (writer) => void writer.repeatable(writeTo) };
}

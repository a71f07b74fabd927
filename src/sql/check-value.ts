import { wrongInput } from "../errors.js";
import { isStorableText, kindOf } from "../text.js";
import type { ColumnType } from "./column-type.js";
import { canonicalDecimal } from "./decimal.js";
import { canonicalJson } from "./json.js";

const INT32 = 2 ** 31;
const INT64 = 2n ** 63n;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const FIRST_TIME = Date.parse("0001-01-01T00:00:00.000Z");
const LAST_TIME = Date.parse("9999-12-31T23:59:59.999Z");

function refuse(name: string, wanted: string, value: unknown): never {
  throw wrongInput(`${name} takes ${wanted}, not ${kindOf(value)}`);
}

/** Refuses a value that is of the right type. */
function refuseValue(name: string, wanted: string): never {
  throw wrongInput(`${name} takes ${wanted}`);
}

function checkText(value: unknown, name: string): string {
  if (typeof value !== "string") refuse(name, "a string", value);
  if (!isStorableText(value)) refuseValue(name, "text without NUL or lone surrogates");
  return value;
}

function checkDate(value: unknown, name: string): string {
  const wanted = "a date as YYYY-MM-DD, from 0001-01-01 to 9999-12-31";
  if (typeof value !== "string") refuse(name, wanted, value);
  const match = DATE.exec(value);
  if (match === null) refuseValue(name, wanted);
  const time = Date.parse(`${value}T00:00:00.000Z`);
  // Date.parse takes February 30 for March 1 in no engine's ISO form, but an out-of-range day gives NaN or rolls over.
  if (match[1] === "0000" || Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) {
    refuseValue(name, wanted);
  }
  return value;
}

/**
 * Gives a value as the database will give it back, if a column can hold it. Null is not for it to check.
 *
 * @param name the column, for the message, which never shows the value
 * @throws TypeError for a wrong type, or a value that the type can't hold
 */
export type Checker = (value: unknown, name: string) => unknown;

/** What checks the values of a type; made once for a column. */
export function checkerOf(type: ColumnType): Checker {
  switch (type.kind) {
    case "integer":
      return checkInteger;
    case "bigint":
      return checkBigint;
    case "real":
      return checkReal;
    case "numeric":
      return (value, name) => checkNumeric(type.precision, type.scale, value, name);
    case "text":
      return checkText;
    case "varchar":
      return (value, name) => checkVarchar(type.length, value, name);
    case "boolean":
      return checkBoolean;
    case "timestamp":
      return checkTimestamp;
    case "date":
      return checkDate;
    case "uuid":
      return checkUuid;
    case "json":
      return checkJson;
    case "bytes":
      return checkBytes;
    case "oneOf":
      return (value, name) => checkOneOf(type.values, value, name);
    case "array":
      return arrayChecker(checkerOf(type.element), type.nullableElements);
  }
}

function checkInteger(value: unknown, name: string): number {
  const wanted = "an integer of 32 bits";
  if (typeof value !== "number" || !Number.isFinite(value)) refuse(name, wanted, value);
  if (!Number.isInteger(value)) refuseValue(name, `${wanted}, not a fraction`);
  if (value < -INT32 || value >= INT32) refuseValue(name, `${wanted}, not one of more`);
  return value + 0;
}

function checkBigint(value: unknown, name: string): bigint {
  if (typeof value !== "bigint" || value < -INT64 || value >= INT64) refuse(name, "a bigint of 64 bits", value);
  return value;
}

function checkReal(value: unknown, name: string): number {
  if (typeof value !== "number" || Number.isNaN(value)) refuse(name, "a number", value);
  return value + 0;
}

function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") refuse(name, "a boolean", value);
  return value;
}

function checkUuid(value: unknown, name: string): string {
  if (typeof value !== "string") refuse(name, "a UUID as a string", value);
  if (!UUID.test(value)) refuseValue(name, "a UUID with dashes");
  return value.toLowerCase();
}

function checkJson(value: unknown, name: string): unknown {
  canonicalJson(value, name);
  return value;
}

/** A copy, as what is sent and remembered must not change with the caller's. */
function checkBytes(value: unknown, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) refuse(name, "a Uint8Array", value);
  return new Uint8Array(value);
}

function checkOneOf(values: readonly string[], value: unknown, name: string): string {
  const wanted = `one of ${values.map((item) => JSON.stringify(item)).join(", ")}`;
  if (typeof value !== "string") refuse(name, wanted, value);
  return values.includes(value) ? value : refuseValue(name, wanted);
}

function checkNumeric(precision: number | undefined, scale: number | undefined, value: unknown, name: string): string {
  const wanted = `a decimal number as a string${precision ? ` within numeric(${precision}, ${scale ?? 0})` : ""}`;
  if (typeof value !== "string") refuse(name, wanted, value);
  const canonical = canonicalDecimal(value, precision, scale);
  if (canonical === undefined) refuseValue(name, wanted);
  return canonical;
}

function checkVarchar(length: number, value: unknown, name: string): string {
  const checked = checkText(value, name);
  if (checked.length > length && [...checked].length > length) refuseValue(name, `at most ${length} characters`);
  return checked;
}

function checkTimestamp(value: unknown, name: string): Date {
  if (!(value instanceof Date)) refuse(name, "a Date", value);
  const time = value.getTime();
  if (!(time >= FIRST_TIME && time <= LAST_TIME)) refuse(name, "a valid Date of the years 1 to 9999", value);
  return value;
}

function arrayChecker(checkItem: Checker, nullableItems: boolean): Checker {
  return (value, name) => {
    if (!Array.isArray(value)) refuse(name, "an array", value);
    return Array.from(value, (item: unknown, i) => {
      return item === null && nullableItems ? null : checkItem(item, `${name}[${i}]`);
    });
  };
}

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
  throw new TypeError(`${name} takes ${wanted}, not ${kindOf(value)}`);
}

function checkText(value: unknown, name: string): string {
  if (typeof value !== "string") refuse(name, "a string", value);
  if (!isStorableText(value)) refuse(name, "text without NUL or lone surrogates", value);
  return value;
}

function checkDate(value: unknown, name: string): string {
  const wanted = "a date as YYYY-MM-DD, from 0001-01-01 to 9999-12-31";
  const match = typeof value === "string" ? DATE.exec(value) : null;
  if (match === null || typeof value !== "string") refuse(name, wanted, value);
  const time = Date.parse(`${value}T00:00:00.000Z`);
  // Date.parse takes February 30 for March 1 in no engine's ISO form, but an out-of-range day gives NaN or rolls over.
  if (match[1] === "0000" || Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) {
    refuse(name, wanted, value);
  }
  return value;
}

/**
 * The value as the database will give it back, if a column of this type can hold it. Null is not checked here.
 *
 * @param name the column, for the message, which never shows the value
 * @throws TypeError for a wrong type, or a value that the type can't hold
 */
export function checkValue(type: ColumnType, value: unknown, name: string): unknown {
  switch (type.kind) {
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value) || value < -INT32 || value >= INT32) {
        refuse(name, "an integer of 32 bits", value);
      }
      return value + 0;
    case "bigint":
      if (typeof value !== "bigint" || value < -INT64 || value >= INT64) refuse(name, "a bigint of 64 bits", value);
      return value;
    case "real":
      if (typeof value !== "number" || Number.isNaN(value)) refuse(name, "a number", value);
      return value + 0;
    case "numeric":
      return checkNumeric(type.precision, type.scale, value, name);
    case "text":
      return checkText(value, name);
    case "varchar":
      return checkVarchar(type.length, value, name);
    case "boolean":
      if (typeof value !== "boolean") refuse(name, "a boolean", value);
      return value;
    case "timestamp":
      return checkTimestamp(value, name);
    case "date":
      return checkDate(value, name);
    case "uuid":
      if (typeof value !== "string" || !UUID.test(value)) refuse(name, "a UUID with dashes", value);
      return value.toLowerCase();
    case "json":
      canonicalJson(value, name);
      return value;
    case "bytes":
      if (!(value instanceof Uint8Array)) refuse(name, "a Uint8Array", value);
      return new Uint8Array(value); // a copy, as what is sent and remembered must not change with the caller's
    case "oneOf":
      if (typeof value !== "string" || !type.values.includes(value)) {
        refuse(name, `one of ${type.values.map((item) => JSON.stringify(item)).join(", ")}`, value);
      }
      return value;
    case "array":
      return checkArray(type, value, name);
  }
}

function checkNumeric(precision: number | undefined, scale: number | undefined, value: unknown, name: string): string {
  const canonical = typeof value === "string" ? canonicalDecimal(value, precision, scale) : undefined;
  if (canonical === undefined) {
    refuse(
      name,
      `a decimal number as a string${precision ? ` within numeric(${precision}, ${scale ?? 0})` : ""}`,
      value,
    );
  }
  return canonical;
}

function checkVarchar(length: number, value: unknown, name: string): string {
  const checked = checkText(value, name);
  if (checked.length > length && [...checked].length > length) refuse(name, `at most ${length} characters`, value);
  return checked;
}

function checkTimestamp(value: unknown, name: string): Date {
  if (!(value instanceof Date)) refuse(name, "a Date", value);
  const time = value.getTime();
  if (!(time >= FIRST_TIME && time <= LAST_TIME)) refuse(name, "a valid Date of the years 1 to 9999", value);
  return value;
}

function checkArray(type: ColumnType & { kind: "array" }, value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) refuse(name, "an array", value);
  return Array.from(value, (item: unknown, i) => {
    if (item === null && type.nullableElements) return null;
    return checkValue(type.element, item, `${name}[${i}]`);
  });
}

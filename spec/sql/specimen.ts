import fc from "fast-check";
import {
  array,
  bigint,
  boolean,
  bytes,
  date,
  integer,
  json,
  Model,
  type NewRow,
  numeric,
  oneOf,
  real,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";

/** A column of every type, nullable, so that each can be left out. */
export class Specimen extends Model("specimens", {
  id: integer().primaryKey(),
  anInteger: integer().nullable(),
  aBigint: bigint().nullable(),
  aReal: real().nullable(),
  aNumeric: numeric().nullable(),
  aPrice: numeric(12, 3).nullable(),
  aText: text().nullable(),
  aVarchar: varchar(5).nullable(),
  aBoolean: boolean().nullable(),
  aTimestamp: timestamp().nullable(),
  aDate: date().nullable(),
  aUuid: uuid().nullable(),
  aJson: json<fc.JsonValue>().nullable(),
  someBytes: bytes().nullable(),
  aState: oneOf("draft", "it's", 'say "x"', "\\{}", "ÄÖ𝔘").nullable(),
  integers: array(integer().nullable()).nullable(),
  bigints: array(bigint().nullable()).nullable(),
  reals: array(real().nullable()).nullable(),
  numerics: array(numeric().nullable()).nullable(),
  prices: array(numeric(12, 3).nullable()).nullable(),
  texts: array(text().nullable()).nullable(),
  varchars: array(varchar(5).nullable()).nullable(),
  booleans: array(boolean().nullable()).nullable(),
  timestamps: array(timestamp().nullable()).nullable(),
  dates: array(date().nullable()).nullable(),
  uuids: array(uuid().nullable()).nullable(),
  jsons: array(json<fc.JsonValue>().nullable()).nullable(),
  blobs: array(bytes().nullable()).nullable(),
  states: array(oneOf("a", "NULL", "").nullable()).nullable(),
}) {}

export type NewSpecimen = NewRow<typeof Specimen>;

/** Text that both engines can keep: any code points but NUL. */
export const anyText = fc.oneof(
  fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", "")),
  fc.constantFrom(
    "",
    " ",
    "NULL",
    "null",
    "\\",
    "\\\\x00",
    '"',
    "'",
    "{}",
    "{NULL}",
    "[]",
    "%_",
    "a\nb\r\n\t",
    "𝔘𝔫",
    "\uffff",
    "\u{10ffff}",
    "\ufeffx",
    "é",
    "e\u0301",
  ),
);

const FIRST = Date.parse("0001-01-01T00:00:00.000Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");
export const anyTime = fc.oneof(
  fc.integer({ min: FIRST, max: LAST }),
  fc.constantFrom(FIRST, LAST, 0, -1, 1, 951_782_400_000, Date.UTC(1899, 11, 31, 23, 59, 59, 999)),
);
export const anyTimestamp = anyTime.map((time) => new Date(time));
export const anyDate = anyTime.map((time) => new Date(time).toISOString().slice(0, 10));
export const anyUuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((value) => value.toUpperCase()),
  fc.constant("00000000-0000-0000-0000-000000000000"),
);
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array().map((value) => new Uint8Array(value)),
  fc.constantFrom(new Uint8Array(), new Uint8Array([0, 0, 255, 34, 39, 92]), Buffer.from("\\x00")),
);
export const anyInteger = fc.oneof(fc.integer(), fc.constantFrom(-0, 0, -(2 ** 31), 2 ** 31 - 1));
export const anyBigint = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, 0n, -1n),
);
export const anyReal = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(
    -0,
    0,
    Infinity,
    -Infinity,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    0.1,
    1e21,
    123456789012345680000,
    2 ** 53,
  ),
);

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength });
/** Decimals in any of the forms that PostgreSQL reads. */
export const anyDecimal = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("", "-", "+"),
      digits(25),
      fc.option(digits(25)),
      fc.constantFrom("", "", "", "e5", "E-7", "e+0", "e-30"),
    )
    .map(
      ([sign, whole, fraction, exponent]) =>
        `${sign}${whole || "0"}${fraction === null ? "" : `.${fraction}`}${exponent}`,
    ),
  fc.constantFrom(
    "0",
    "-0",
    "-0.00",
    "1.50",
    ".5",
    "5.",
    "-.000",
    "1e3",
    "123456789012345678901234567890.123456789",
    "00012.10",
  ),
);
/** Decimals within numeric(12, 3), to be rounded. */
export const anyPrice = fc.oneof(
  fc
    .tuple(fc.constantFrom("", "-"), digits(8), digits(8))
    .map(([sign, whole, fraction]) => `${sign}${whole || "0"}.${fraction}`),
  fc.constantFrom("0", "-0.0004", "0.0005", "-0.0005", "999999999.999", "1.5", "1.2345", "1.9995"),
);
export const anyJson: fc.Arbitrary<fc.JsonValue> = fc.oneof(
  fc.jsonValue({ stringUnit: "binary" }).filter((value) => !JSON.stringify(value).includes("\\u0000")),
  fc.constantFrom<fc.JsonValue>(
    { "": 1, " a b": [null, [], {}], ключ: { 𝔘: "'\"\\" }, constructor: 1, "10": 1, "9": 2, b: 1, aa: 2 },
    [],
    {},
    "",
    false,
    0,
    "null",
    "[1]",
    [[[]], [null, true]],
    1e21,
    5e-324,
    1.7976931348623157e308,
    0.1,
  ),
);
export const anyVarchar = fc
  .array(fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom("𝔘", "é", "'")), {
    maxLength: 5,
  })
  .map((parts) => parts.join("").replaceAll("\0", ""));
export const anyState = fc.constantFrom("draft", "it's", 'say "x"', "\\{}", "ÄÖ𝔘");

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 6 });
const listOf = <T>(item: fc.Arbitrary<T>) => orNull(fc.array(orNull(item), { maxLength: 5 }));
// A null of JSON is SQL's NULL, in a list as well.
const someJson = anyJson.filter((value) => value !== null);

/** Values of every type, of which any may be null. */
export const anySpecimen = fc.record({
  anInteger: orNull(anyInteger),
  aBigint: orNull(anyBigint),
  aReal: orNull(anyReal),
  aNumeric: orNull(anyDecimal),
  aPrice: orNull(anyPrice),
  aText: orNull(anyText),
  aVarchar: orNull(anyVarchar),
  aBoolean: orNull(fc.boolean()),
  aTimestamp: orNull(anyTimestamp),
  aDate: orNull(anyDate),
  aUuid: orNull(anyUuid),
  aJson: orNull(someJson),
  someBytes: orNull(anyBytes),
  aState: orNull(anyState),
  integers: listOf(anyInteger),
  bigints: listOf(anyBigint),
  reals: listOf(anyReal),
  numerics: listOf(anyDecimal),
  prices: listOf(anyPrice),
  texts: listOf(anyText),
  varchars: listOf(anyVarchar),
  booleans: listOf(fc.boolean()),
  timestamps: listOf(anyTimestamp),
  dates: listOf(anyDate),
  uuids: listOf(anyUuid),
  jsons: listOf(someJson),
  blobs: listOf(anyBytes),
  states: listOf(fc.constantFrom("a" as const, "NULL" as const, "" as const)),
});

import fc from "fast-check";
import {
  alias,
  type ColumnOf,
  type Condition,
  type Order,
  type OrderOptions,
  type Selectable,
  type SelectOf,
  type Sql,
} from "../../src/index.js";
import {
  anyBigint,
  anyBytes,
  anyDate,
  anyDecimal,
  anyInteger,
  anyJson,
  anyPrice,
  anyReal,
  anyState,
  anyText,
  anyTimestamp,
  anyUuid,
  anyVarchar,
  type NewSpecimen,
  Specimen,
} from "./specimen.js";

/** The specimens once more, to be compared with themselves. */
export const OTHER = alias(Specimen, "other");

type AnyOperand<T> = T | ColumnOf<T> | SelectOf<unknown> | Sql;

/** What the operators that all columns have take. */
export interface EqualColumn<T> extends ColumnOf<T>, Selectable<unknown> {
  eq(value: AnyOperand<T> | null): Condition;
  ne(value: AnyOperand<T> | null): Condition;
  in(values: readonly (T | null)[] | SelectOf<unknown>): Condition;
  notIn(values: readonly (T | null)[] | SelectOf<unknown>): Condition;
  isNull(): Condition;
  isNotNull(): Condition;
}

export interface OrderedColumn<T> extends EqualColumn<T> {
  lt(value: AnyOperand<T>): Condition;
  lte(value: AnyOperand<T>): Condition;
  gt(value: AnyOperand<T>): Condition;
  gte(value: AnyOperand<T>): Condition;
  between(low: AnyOperand<T>, high: AnyOperand<T>): Condition;
  asc(options?: OrderOptions): Order;
  desc(options?: OrderOptions): Order;
}

/** A column, values for it, and how JavaScript compares them. */
export interface EqualSubject<T> {
  readonly name: string;
  readonly column: EqualColumn<NoInfer<T>>;
  /** The same column of `OTHER`. */
  readonly other: EqualColumn<NoInfer<T>>;
  readonly values: fc.Arbitrary<T>;
  readonly isEqual: (a: NoInfer<T>, b: NoInfer<T>) => boolean;
  readonly row: (value: NoInfer<T> | null) => NewSpecimen;
  /** Where an operand is not what a column makes of it: the same of a row's value and an operand. */
  readonly isEqualTo?: (value: NoInfer<T>, operand: NoInfer<T>) => boolean;
}

export interface OrderedSubject<T> extends EqualSubject<T> {
  readonly column: OrderedColumn<T>;
  readonly other: OrderedColumn<T>;
  readonly compare: (a: T, b: T) => number;
  readonly compareTo?: (value: T, operand: T) => number;
}

/** A subject of some type or other, for who takes one of any type. */
export type AnOrderedSubject = (visit: <T>(subject: OrderedSubject<T>) => void) => void;
export type AnEqualSubject = (visit: <T>(subject: EqualSubject<T>) => void) => void;

const equal =
  <T>(subject: EqualSubject<T>): AnEqualSubject =>
  (visit) =>
    visit(subject);

function ordered<T>(
  name: string,
  columnOf: (columns: typeof Specimen.c) => OrderedColumn<NoInfer<T>>,
  values: fc.Arbitrary<T>,
  row: (value: NoInfer<T> | null) => NewSpecimen,
  compare: (a: NoInfer<T>, b: NoInfer<T>) => number,
  compareTo: (value: NoInfer<T>, operand: NoInfer<T>) => number = compare,
): AnOrderedSubject {
  const [column, other] = [columnOf(Specimen.c), columnOf(OTHER.c)];
  const isEqual = (a: T, b: T) => compare(a, b) === 0;
  const isEqualTo = (value: T, operand: T) => compareTo(value, operand) === 0;
  return (visit) => visit({ name, column, other, values, row, compare, compareTo, isEqual, isEqualTo });
}

const byOperator = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
/** By code points, which is the order of the bytes of UTF-8. */
export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const PLACES = 60;
/** A decimal as an integer of 10^-60ths, rounded half away from zero to `scale` places first. */
export function scaled(text: string, scale = PLACES): bigint {
  const [, sign, whole = "", fraction = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const exact = BigInt(`${whole}${fraction}${"0".repeat(PLACES + Number(exponent) - fraction.length)}`);
  const unit = 10n ** BigInt(PLACES - scale);
  const rounded = ((exact + unit / 2n) / unit) * unit;
  return sign === "-" ? -rounded : rounded;
}

const words = fc.oneof(
  anyText,
  fc.constantFrom("a", "A", "b", "B", "é", "z", "\u{1f600}", "\uff61", "\u{10000}", "\ue000", "10", "9"),
);

export const ORDERED: readonly AnOrderedSubject[] = [
  ordered(
    "integer",
    (c) => c.anInteger,
    anyInteger,
    (anInteger) => ({ anInteger }),
    byOperator,
  ),
  ordered(
    "bigint",
    (c) => c.aBigint,
    anyBigint,
    (aBigint) => ({ aBigint }),
    byOperator,
  ),
  ordered(
    "real",
    (c) => c.aReal,
    anyReal,
    (aReal) => ({ aReal }),
    byOperator,
  ),
  ordered(
    "numeric",
    (c) => c.aNumeric,
    fc.oneof(anyDecimal, fc.constantFrom("9", "10", "-9", "-10", "1.5", "1.50", "150e-2")),
    (aNumeric) => ({ aNumeric }),
    (a, b) => byOperator(scaled(a), scaled(b)),
  ),
  ordered(
    "numeric(12, 3)",
    (c) => c.aPrice,
    fc.oneof(anyPrice, fc.constantFrom("9", "10", "-9", "-10", "1.5", "1.50")),
    (aPrice) => ({ aPrice }),
    (a, b) => byOperator(scaled(a, 3), scaled(b, 3)),
    (value, operand) => byOperator(scaled(value, 3), scaled(operand)),
  ),
  ordered(
    "text",
    (c) => c.aText,
    words,
    (aText) => ({ aText }),
    byBytes,
  ),
  ordered(
    "varchar",
    (c) => c.aVarchar,
    anyVarchar,
    (aVarchar) => ({ aVarchar }),
    byBytes,
  ),
  ordered(
    "oneOf",
    (c) => c.aState,
    anyState,
    (aState) => ({ aState }),
    byBytes,
  ),
  ordered(
    "boolean",
    (c) => c.aBoolean,
    fc.boolean(),
    (aBoolean) => ({ aBoolean }),
    byOperator,
  ),
  ordered(
    "timestamp",
    (c) => c.aTimestamp,
    anyTimestamp,
    (aTimestamp) => ({ aTimestamp }),
    (a, b) => a.getTime() - b.getTime(),
  ),
  ordered(
    "date",
    (c) => c.aDate,
    anyDate,
    (aDate) => ({ aDate }),
    byOperator,
  ),
  ordered(
    "uuid",
    (c) => c.aUuid,
    anyUuid,
    (aUuid) => ({ aUuid }),
    (a, b) => byBytes(a.toLowerCase(), b.toLowerCase()),
  ),
  ordered(
    "bytes",
    (c) => c.someBytes,
    anyBytes,
    (someBytes) => ({ someBytes }),
    (a, b) => Buffer.compare(a, b),
  ),
];

/** Equal as JSON: whatever the order of keys. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return sortedJson(a) === sortedJson(b);
}

export function sortedJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join()}]`;
  const entries = Object.entries(value).sort(([a], [b]) => byOperator(a, b));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${sortedJson(item)}`).join()}}`;
}

const someJson = fc.oneof(
  anyJson.filter((value) => value !== null),
  fc.constantFrom<fc.JsonValue>({ a: 1, bb: [1] }, { bb: [1], a: 1 }, { a: 1 }, [], [1], [[1]], "x", 1, true),
);
const someTexts = fc.array(fc.option(fc.oneof(anyText, fc.constantFrom("a", "b", "NULL"))), { maxLength: 3 });
const someIntegers = fc.array(fc.option(fc.constantFrom<number>(1, 2, 3, 10)), { maxLength: 3 });

export const EQUAL: readonly AnEqualSubject[] = [
  equal({
    name: "json",
    column: Specimen.c.aJson,
    other: OTHER.c.aJson,
    values: someJson,
    row: (aJson) => ({ aJson }),
    isEqual: isSameJson,
  }),
  equal({
    name: "array of text",
    column: Specimen.c.texts,
    other: OTHER.c.texts,
    values: someTexts,
    row: (texts) => ({ texts }),
    isEqual: isSameJson,
  }),
  equal({
    name: "array of integer",
    column: Specimen.c.integers,
    other: OTHER.c.integers,
    values: someIntegers,
    row: (integers) => ({ integers }),
    isEqual: isSameJson,
  }),
];

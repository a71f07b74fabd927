import { MOST_FRACTION_DIGITS, MOST_INTEGER_DIGITS, parseDecimal } from "./decimal.js";

/*
 * Arithmetic on the numerics that SQLite keeps as text, with the results of PostgreSQL, digits after the point
 * included.
 */

/** The number `digits` / 10 ** `scale`. */
export interface Decimal {
  readonly digits: bigint;
  /** How many digits stand after the point. */
  readonly scale: number;
}

const MOST_AVERAGE_SCALE = 1000;
const LEAST_AVERAGE_DIGITS = 16;

/**
 * The number that SQLite hands to a function: a text, an INTEGER or a REAL.
 *
 * @throws TypeError where it is no number
 */
export function readDecimal(value: unknown): Decimal {
  if (typeof value === "bigint") return { digits: value, scale: 0 };
  const parts = typeof value === "string" || typeof value === "number" ? parseDecimal(String(value)) : undefined;
  if (parts === undefined) throw new TypeError("a value is no decimal number");
  const magnitude = BigInt(parts.whole + parts.fraction);
  return { digits: parts.negative ? -magnitude : magnitude, scale: parts.fraction.length };
}

/**
 * The number in PostgreSQL's form.
 *
 * @throws RangeError where PostgreSQL can't hold it
 */
export function writeDecimal({ digits, scale }: Decimal): string {
  const magnitude = String(absolute(digits)).padStart(scale + 1, "0");
  const point = magnitude.length - scale;
  if (point > MOST_INTEGER_DIGITS) throw new RangeError("a number overflows the numeric format");
  const fraction = scale === 0 ? "" : `.${magnitude.slice(point)}`;
  return `${digits < 0n ? "-" : ""}${magnitude.slice(0, point)}${fraction}`;
}

/** The number with another scale, rounded half away from zero where that is shorter. */
export function rescale({ digits, scale }: Decimal, wanted: number): Decimal {
  return { digits: wanted === scale ? digits : divide(digits, 1n, wanted - scale), scale: wanted };
}

/** `dividend` * 10 ** `shift` / `divisor`, which is positive, rounded half away from zero. */
function divide(dividend: bigint, divisor: bigint, shift: number): bigint {
  const shifted = shift > 0 ? dividend * power(shift) : dividend;
  const by = shift < 0 ? divisor * power(-shift) : divisor;
  const isUp = 2n * absolute(shifted % by) >= by;
  return shifted / by + (isUp ? (shifted < 0n ? -1n : 1n) : 0n);
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent);
const absolute = (digits: bigint): bigint => (digits < 0n ? -digits : digits);

/** A function of two numbers in SQL's manner: null where one of them is. */
const ofTwo =
  (compute: (a: Decimal, b: Decimal) => Decimal) =>
  (a: unknown, b: unknown): string | null =>
    a === null || b === null ? null : writeDecimal(compute(readDecimal(a), readDecimal(b)));

/** `a + b`, with the longer scale; null where one is null. */
export const addDecimals = ofTwo((a, b) => add(a, b));

/** `a - b`, with the longer scale; null where one is null. */
export const subtractDecimals = ofTwo((a, b) => add(a, { ...b, digits: -b.digits }));

/** `a * b`, with both scales' digits; null where one is null. */
export const multiplyDecimals = ofTwo((a, b) => {
  const product = { digits: a.digits * b.digits, scale: a.scale + b.scale };
  return product.scale > MOST_FRACTION_DIGITS ? rescale(product, MOST_FRACTION_DIGITS) : product;
});

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: rescale(a, scale).digits + rescale(b, scale).digits, scale };
}

/** The average of `count` numbers of which this is the sum. */
export function averageOf(sum: Decimal, count: bigint): Decimal {
  const scale = averageScale(sum, { digits: count, scale: 0 });
  return { digits: divide(sum.digits, count, scale - sum.scale), scale };
}

/** PostgreSQL's `select_div_scale`, which counts in its own digits, each of four decimal ones. */
function averageScale(sum: Decimal, count: Decimal): number {
  const [dividend, divisor] = [leadingDigit(sum), leadingDigit(count)];
  const weight = dividend.weight - divisor.weight - (dividend.digit <= divisor.digit ? 1 : 0);
  return Math.min(Math.max(LEAST_AVERAGE_DIGITS - 4 * weight, sum.scale), MOST_AVERAGE_SCALE);
}

/** The first digit in base 10000 that isn't 0, and the power of 10000 that it counts. */
function leadingDigit({ digits, scale }: Decimal): { readonly digit: number; readonly weight: number } {
  if (digits === 0n) return { digit: 0, weight: 0 };
  const magnitude = String(absolute(digits));
  const exponent = magnitude.length - scale - 1;
  const weight = Math.floor(exponent / 4);
  const length = exponent - 4 * weight + 1;
  return { digit: Number(magnitude.slice(0, length).padEnd(length, "0")), weight };
}

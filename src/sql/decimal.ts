const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
/** The most digits before the point that a numeric of PostgreSQL has. */
export const MOST_INTEGER_DIGITS = 131072;
/** The most digits after the point. */
export const MOST_FRACTION_DIGITS = 16383;

/** A decimal number taken apart. */
export interface DecimalParts {
  readonly negative: boolean;
  /** Digits before the point, without leading zeros; "" for 0. */
  readonly whole: string;
  readonly fraction: string;
}

/** The parts of a number in the form of SQL or of JavaScript; undefined where the text is no number. */
export function parseDecimal(text: string): DecimalParts | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, before = "", after = "", exponentText] = match;
  if (before === "" && after === "") return undefined;
  const exponent = Number(exponentText ?? 0);
  if (Math.abs(exponent) > MOST_INTEGER_DIGITS) return undefined;
  const digits = before + after;
  const point = before.length + exponent;
  const whole = (point <= 0 ? "" : digits.slice(0, point).padEnd(point, "0")).replace(/^0+/, "");
  const fraction = point < 0 ? "0".repeat(-point) + digits : digits.slice(point);
  return { negative: sign === "-", whole, fraction };
}

/** Rounds half away from zero to `scale` digits after the point, as PostgreSQL does. */
function round({ negative, whole, fraction }: DecimalParts, scale: number): DecimalParts {
  if (fraction.length <= scale) return { negative, whole, fraction: fraction.padEnd(scale, "0") };
  const up = (fraction[scale] ?? "0") >= "5" ? 1n : 0n;
  const digits = String(BigInt(whole + fraction.slice(0, scale) || "0") + up).padStart(scale, "0");
  const point = digits.length - scale;
  return { negative, whole: digits.slice(0, point).replace(/^0+/, ""), fraction: digits.slice(point) };
}

/**
 * A decimal number in the form in which PostgreSQL gives it back, rounded to `scale` where there is one; undefined
 * where the text is no number, or is one that the column can't hold.
 */
export function canonicalDecimal(text: string, precision?: number, scale?: number): string | undefined {
  const parsed = parseDecimal(text);
  if (parsed === undefined) return undefined;
  const parts = precision === undefined ? parsed : round(parsed, scale ?? 0);
  const { whole, fraction } = parts;
  if (precision !== undefined && whole.length > precision - (scale ?? 0)) return undefined;
  if (whole.length > MOST_INTEGER_DIGITS || fraction.length > MOST_FRACTION_DIGITS) return undefined;
  const isZero = whole === "" && /^0*$/.test(fraction);
  const unsigned = (whole === "" ? "0" : whole) + (fraction === "" ? "" : `.${fraction}`);
  return parts.negative && !isZero ? `-${unsigned}` : unsigned;
}

const complement = (digits: string): string => digits.replace(/\d/g, (digit) => String(9 - Number(digit)));

/**
 * Text that sorts, byte by byte, as the decimal numbers do, and is equal for equal numbers ("1.5" and "1.50"). SQLite,
 * which keeps numerics as text, compares by it.
 */
export function decimalSortKey(text: string): string {
  const parsed = parseDecimal(text);
  if (parsed === undefined) return `~${text}`;
  const { negative, whole } = parsed;
  const fraction = parsed.fraction.replace(/0+$/, "");
  if (whole === "" && fraction === "") return "5";
  const magnitude = `${String(whole.length).padStart(6, "0")}${whole}.${fraction}`;
  return negative ? `4${complement(magnitude)}~` : `6${magnitude}`;
}

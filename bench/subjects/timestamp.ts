const zero = 48;

/**
 * A timestamp of a fixed layout, `2024-01-31T12:00:00.123Z` or `2024-01-31 12:00:00.1+00`, several times faster than
 * `new Date(text)`. PostgreSQL leaves out trailing zeros of the fraction, and the fraction where it is zero.
 */
export function parseTimestamp(text: string): Date {
  const year = two(text, 0) * 100 + two(text, 2);
  return new Date(
    Date.UTC(year, two(text, 5) - 1, two(text, 8), two(text, 11), two(text, 14), two(text, 17), milliseconds(text)),
  );
}

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - zero) * 10 + text.charCodeAt(at + 1) - zero;
}

function milliseconds(text: string): number {
  if (text.charCodeAt(19) !== 46) return 0;
  let result = 0;
  let weight = 100;
  for (let at = 20; at < 23; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) break;
    result += digit * weight;
    weight /= 10;
  }
  return result;
}

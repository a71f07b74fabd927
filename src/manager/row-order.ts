import type { DriverValue } from "../drivers/driver.js";
import type { RowGroup } from "../sql/insert-values.js";

/** A value as what can be put in order; undefined where there is none. */
export type Ordinal = string | number | bigint | undefined;

/** What a row has in a place, as what can be put in order, and told from others. */
export function ordinalOf(row: readonly DriverValue[], place: number): Ordinal {
  return ordinal(row[place] ?? null);
}

export function ordinal(value: DriverValue): Ordinal {
  if (value === null) return undefined;
  return typeof value === "object" ? String(value) : value;
}

/** Puts rows in the order of what they have in some places; those that have nothing there come last, as they are given. */
export function sortRows({ rows, places }: RowGroup, on: readonly number[]): void {
  const [first = -1, ...others] = on;
  const keys = rows.map((row) => ordinalOf(row, first));
  const byKey = (a: number, b: number): number =>
    compare(keys[a], keys[b]) || compareRows(rows[a] ?? [], rows[b] ?? [], others);
  let sorted = 1;
  while (sorted < keys.length && byKey(sorted - 1, sorted) <= 0) sorted++;
  if (sorted >= keys.length) return;
  const order = Array.from(keys.keys()).sort(byKey);
  const before = { rows: [...rows], places: [...places] };
  order.forEach((from, to) => {
    rows[to] = before.rows[from] ?? [];
    places[to] = before.places[from] ?? 0;
  });
}

/** The order of rows by some places. */
export function compareRows(a: readonly DriverValue[], b: readonly DriverValue[], on: readonly number[]): number {
  for (const place of on) {
    const order = compare(ordinalOf(a, place), ordinalOf(b, place));
    if (order !== 0) return order;
  }
  return 0;
}

function compare(a: Ordinal, b: Ordinal): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What tells a row from others by some places: a text of several; undefined where it has nothing in one of them. */
export function markOf(row: readonly DriverValue[], on: readonly number[]): Ordinal {
  if (on.length === 1) return ordinalOf(row, on[0] ?? -1);
  const parts = on.map((place) => ordinalOf(row, place));
  return parts.includes(undefined) ? undefined : JSON.stringify(parts.map(String));
}

import type { Table } from "../sql/table.js";

type RawRow = readonly unknown[];

/** What became of one row, in raw values; undefined where there was, or is, none. */
export interface NetChange {
  readonly before: RawRow | undefined;
  readonly after: RawRow | undefined;
}

interface Change {
  before: RawRow | undefined;
  after: RawRow | undefined;
}

/** What happened to one row, as the select of a dialect's `preview` gives it. */
function eventOf(row: RawRow, { columns }: Table): NetChange & { readonly isGone: boolean } {
  const op = row[0];
  const before = op === "insert" ? undefined : row.slice(1, columns.length + 1);
  return { before, after: op === "delete" ? undefined : row.slice(columns.length + 1), isGone: op === "gone" };
}

/**
 * What became of each row after all that happened, in the order in which they were first touched. A row is followed by
 * its key, and where the key changes by the new one. Of a table without a key, all that happened.
 */
export function netChanges(table: Table, rows: readonly RawRow[]): readonly NetChange[] {
  const events = rows.map((row) => eventOf(row, table));
  if (table.key.length === 0) return events.filter(isChange);
  const keyOf = (row: RawRow | undefined) => JSON.stringify(table.key.map(({ index }) => keyText(row?.[index])));
  const changes: Change[] = [];
  const live = new Map<string, Change>();
  const gone = new Set<string>();
  for (const { before, after, isGone } of events) {
    const key = keyOf(before ?? after);
    if (isGone) gone.add(key);
    let change = live.get(key);
    if (change === undefined) {
      change = { before, after };
      changes.push(change);
    }
    live.delete(key);
    end(change);
    if (after === undefined) continue;
    // What had this key until now must have been removed without a word.
    end(live.get(keyOf(after)));
    live.set(keyOf(after), change);
    change.after = after;
  }
  for (const key of gone) end(live.get(key));
  for (const deleted of changes) {
    if (deleted.after !== undefined || deleted.before === undefined) continue;
    // A new row that has the key of one that was deleted is that row, updated.
    const successor = live.get(keyOf(deleted.before));
    if (successor === undefined || successor.before !== undefined) continue;
    deleted.after = successor.after;
    successor.after = undefined;
  }
  return changes.filter(isChange);
}

function end(change: Change | undefined): void {
  if (change !== undefined) change.after = undefined;
}

function keyText(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : String(value);
}

function isChange({ before, after }: NetChange): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return before.some((value, i) => !isSame(value, after[i]));
}

function isSame(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b;
}

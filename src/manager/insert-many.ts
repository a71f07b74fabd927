import type { Scope } from "../database/scope.js";
import { encodeInserts, type InsertRow } from "../sql/insert-values.js";
import { writeStatement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import type { Table } from "../sql/table.js";
import { plansOf, type TablePlans } from "../sql/table-plans.js";
import type { AnyModel, NewRow } from "../sql/types.js";
import { kindOf } from "../text.js";

/** How many rows go into one statement, where one takes many. */
export const BATCH = 5000;

/** How many values one statement binds at most; SQLite takes 32 766. */
export const MOST_VALUES = 16_000;

/** The rows inserted, in the order of the input, and their number. */
interface Inserted {
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
}

/** Rows that give the same columns, with their places in the input. */
interface Group<R = InsertRow> {
  readonly places: number[];
  readonly rows: R[];
}

/** @throws TypeError where it is no list */
export function requireList(values: unknown, method: string): readonly unknown[] {
  if (Array.isArray(values)) return values;
  throw new TypeError(`${method} wants a list of values, not ${kindOf(values)}`);
}

/** Rows of equal shape together, in lots of at most `BATCH`. */
export function groupByShape<R extends InsertRow>(rows: readonly R[]): Group<R>[] {
  const groups: Group<R>[] = [];
  const open = new Map<string, Group<R>>();
  rows.forEach((row, place) => {
    let group = open.get(row.shape);
    if (group === undefined || group.rows.length >= BATCH) {
      group = { places: [], rows: [] };
      groups.push(group);
      open.set(row.shape, group);
    }
    group.places.push(place);
    group.rows.push(row);
  });
  return groups;
}

/** Rows that give the key that is else generated go before the others, so that no generated key meets one of theirs. */
export function byKey<R extends InsertRow>(
  { generated }: Table,
  groups: readonly Group<R>[],
): { given: Group<R>[]; others: Group<R>[] } {
  const givesKey = ({ rows: [first] }: Group<R>) =>
    generated !== undefined && first?.columns.includes(generated) === true;
  return { given: groups.filter(givesKey), others: groups.filter((group) => !givesKey(group)) };
}

/** Inserts rows, all or none of them; they may give different columns. Every value is checked before anything is sent. */
export async function insertRows(
  source: Source,
  values: readonly unknown[],
  scope: Scope,
  fetch: boolean,
): Promise<Inserted> {
  const { table, makeKey } = source;
  const plans = plansOf(table, scope.dialect);
  const rows = encodeInserts(table, scope.dialect, values, makeKey);
  const order = contentOrder(table, rows);
  const groups = groupByShape(order === undefined ? rows : order.map((place) => rows[place] as InsertRow));
  const advance = plans.advanceGenerated(rows);
  const [only] = groups;
  if (only === undefined) return { rows: [], rowCount: 0 };
  const isOneStatement = scope.dialect.unnest !== undefined || rows.length === 1;
  const isAlone = groups.length === 1 && advance === undefined && isOneStatement;
  if (isAlone && order === undefined) return await insertGroup(source, only, scope, fetch);
  const insertAll = async (within: Scope): Promise<Inserted> => {
    const inserted: (readonly unknown[])[] = new Array(fetch ? rows.length : 0);
    let rowCount = 0;
    const insert = async (some: readonly Group[]): Promise<void> => {
      for (const group of some) {
        const result = await insertGroup(source, group, within, fetch);
        rowCount += result.rowCount;
        result.rows.forEach((row, i) => {
          const place = group.places[i] as number;
          inserted[order?.[place] ?? place] = row;
        });
      }
    };
    const { given, others } = byKey(table, groups);
    await insert(given);
    if (advance !== undefined) await within.run(advance);
    await insert(others);
    return { rows: inserted, rowCount };
  };
  return await (isAlone ? insertAll(scope) : scope.atomically(insertAll));
}

/** The places of rows in the order of their keys, where those are made of content: in that of chance, the index is slower. */
function contentOrder({ content }: Table, rows: readonly InsertRow[]): number[] | undefined {
  if (content === undefined || rows.length < 2) return undefined;
  const keys = rows.map(({ columns, values }) => String(values[columns.indexOf(content.key)]));
  return Array.from(keys.keys()).sort((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1));
}

/** Inserts a row, and gives it; gives none where one with the same unique values is there. */
export async function insertRowUnlessThere(source: Source, values: unknown, scope: Scope): Promise<unknown[][]> {
  const statement = writeStatement<AnyModel>("insert", source)
    .values(values as NewRow<AnyModel>)
    .onConflict({ on: [], update: undefined })
    .returning();
  return (await scope.run(statement.compile(scope.dialect))).rows;
}

async function insertGroup({ table }: Source, { rows }: Group, scope: Scope, fetch: boolean): Promise<Inserted> {
  const plans = plansOf(table, scope.dialect);
  const [first] = rows;
  if (first === undefined) return { rows: [], rowCount: 0 };
  if (rows.length === 1) return scope.run(plans.insert(first, fetch));
  const together = plans.insertMany(rows, fetch);
  return together === undefined ? insertLists(plans, rows, scope, fetch) : scope.run(together);
}

/**
 * Inserts lists of rows, a statement each. On an engine where giving rows back doubles the cost of an insert, they are
 * not asked for where all of them is known.
 */
async function insertLists(
  plans: TablePlans,
  rows: readonly InsertRow[],
  scope: Scope,
  fetch: boolean,
): Promise<Inserted> {
  const [first] = rows;
  const size = rowsPerStatement(plans, first);
  const isNumbered = fetch && first !== undefined && plans.isKnown(first) && (await keepsValues(plans, scope));
  const inserted: (readonly unknown[])[] = [];
  let rowCount = 0;
  for (let start = 0; start < rows.length; start += size) {
    const list = rows.slice(start, start + size);
    const answer = scope.run(plans.insertList(list, fetch && !isNumbered));
    const result = answer instanceof Promise ? await answer : answer;
    rowCount += result.rowCount;
    const back = isNumbered ? plans.knownRows(list, result.lastId ?? 0) : result.rows;
    for (const row of back) inserted.push(row);
  }
  return { rows: inserted, rowCount };
}

/** How many rows go into one statement that lists their values. */
export function rowsPerStatement({ dialect }: TablePlans, row: InsertRow | undefined): number {
  const width = row?.columns.length ?? 0;
  return width === 0 ? 1 : Math.max(1, Math.min(dialect.numbered?.rows ?? BATCH, Math.floor(MOST_VALUES / width)));
}

/** Whether each row that is inserted is there as it was given, and numbered after the one before. */
export async function keepsValues({ dialect: { numbered }, table }: TablePlans, scope: Scope): Promise<boolean> {
  if (numbered === undefined || table.schema !== undefined) return false;
  // Awaited also where it is there at once: until the callers wait too, their frames are missing below what follows.
  const { rows } = await scope.run({ text: numbered.countExceptions, values: [table.name], access: "read" });
  return Number(rows[0]?.[0]) === 0;
}

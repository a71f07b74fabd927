import type { Scope } from "../database/scope.js";
import { encodeInserts, type RowGroup, type RowList } from "../sql/insert-values.js";
import { writeStatement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import type { Table } from "../sql/table.js";
import { plansOf, type TablePlans } from "../sql/table-plans.js";
import type { AnyModel, NewRow } from "../sql/types.js";
import { kindOf } from "../text.js";
import { sortRows } from "./row-order.js";

/** How many rows go into one statement, where one takes many. */
export const BATCH = 5000;

/** How many values one statement binds at most; SQLite takes 32 766. */
export const MOST_VALUES = 16_000;

/** The rows inserted, in the order of the input, and their number. */
interface Inserted {
  readonly rows: readonly (readonly unknown[])[];
  readonly rowCount: number;
}

/** @throws TypeError where it is no list */
export function requireList(values: unknown, method: string): readonly unknown[] {
  if (Array.isArray(values)) return values;
  throw new TypeError(`${method} wants a list of values, not ${kindOf(values)}`);
}

/** Rows that give the key that is else generated go before the others, so that no generated key meets one of theirs. */
export function byKey<R extends RowList>({ generated }: Table, lists: readonly R[]): { given: R[]; others: R[] } {
  const givesKey = ({ columns }: R) => generated !== undefined && columns.includes(generated);
  return { given: lists.filter(givesKey), others: lists.filter((list) => !givesKey(list)) };
}

/** The rows as lists of which a statement takes one each. */
export function lotsOf({ dialect }: TablePlans, list: RowList): RowList[] {
  const { length: width } = list.columns;
  if (width === 0) return slicesOf(list, 1);
  if (dialect.unnest !== undefined) return slicesOf(list, BATCH);
  return slicesOf(list, Math.max(1, Math.min(dialect.numbered?.rows ?? BATCH, Math.floor(MOST_VALUES / width))));
}

/** The rows as lists of so many at most. */
export function slicesOf(list: RowList, size: number): RowList[] {
  const { columns, shape, rows } = list;
  if (rows.length <= size) return [list];
  const count = Math.ceil(rows.length / size);
  return Array.from({ length: count }, (_, i) => ({ columns, shape, rows: rows.slice(i * size, (i + 1) * size) }));
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
  const groups = encodeInserts(table, scope.dialect, values, makeKey);
  const { content } = table;
  // In the order of chance, the index is slower.
  if (content !== undefined) for (const group of groups) sortRows(group, [group.columns.indexOf(content.key)]);
  const advance = plans.advanceGenerated(groups);
  const [only] = groups;
  if (only === undefined) return { rows: [], rowCount: 0 };
  const most = scope.dialect.unnest === undefined ? 1 : BATCH;
  const isAlone = groups.length === 1 && advance === undefined && only.rows.length <= most;
  if (isAlone && content === undefined) return await insertGroup(plans, only, scope, fetch);
  const insertAll = async (within: Scope): Promise<Inserted> => {
    const inserted: (readonly unknown[])[] = new Array(fetch ? values.length : 0);
    let rowCount = 0;
    const insert = async (some: readonly RowGroup[]): Promise<void> => {
      for (const group of some) {
        const result = await insertGroup(plans, group, within, fetch);
        rowCount += result.rowCount;
        result.rows.forEach((row, i) => {
          inserted[group.places[i] as number] = row;
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

/** Inserts a row, and gives it; gives none where one with the same unique values is there. */
export async function insertRowUnlessThere(source: Source, values: unknown, scope: Scope): Promise<unknown[][]> {
  const statement = writeStatement<AnyModel>("insert", source)
    .values(values as NewRow<AnyModel>)
    .onConflict({ on: [], update: undefined })
    .returning();
  return (await scope.run(statement.compile(scope.dialect))).rows;
}

/**
 * Inserts rows of one shape. On an engine where giving rows back doubles the cost of an insert, they are not asked for where
 * all of them is known.
 */
async function insertGroup(plans: TablePlans, group: RowGroup, scope: Scope, fetch: boolean): Promise<Inserted> {
  const { columns, shape, rows } = group;
  const [first] = rows;
  if (first !== undefined && rows.length === 1)
    return scope.run(plans.insert({ columns, shape, values: first }, fetch));
  const isNumbered = fetch && plans.isKnown(group) && (await keepsValues(plans, scope));
  const inserted: (readonly unknown[])[] = [];
  let rowCount = 0;
  for (const lot of lotsOf(plans, group)) {
    const asksBack = fetch && !isNumbered;
    const kept = asksBack ? plans.writtenBy(lot) : undefined;
    const answer = scope.run(plans.insertMany(lot, asksBack, kept) ?? plans.insertList(lot, asksBack));
    const result = answer instanceof Promise ? await answer : answer;
    rowCount += result.rowCount;
    const given = kept === undefined ? result.rows : plans.completed(lot, kept, result.rows);
    const back = isNumbered ? plans.knownRows(lot, result.lastId ?? 0) : given;
    for (const row of back) inserted.push(row);
  }
  return { rows: inserted, rowCount };
}

/** Whether each row that is inserted is there as it was given, and numbered after the one before. */
export async function keepsValues({ dialect: { numbered }, table }: TablePlans, scope: Scope): Promise<boolean> {
  if (numbered === undefined || table.schema !== undefined) return false;
  // Awaited also where it is there at once: until the callers wait too, their frames are missing below what follows.
  const { rows } = await scope.run({ text: numbered.countExceptions, values: [table.name], access: "read" });
  return Number(rows[0]?.[0]) === 0;
}

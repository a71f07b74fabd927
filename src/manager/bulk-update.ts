import { rollBackAfterError } from "../database/run-transaction.js";
import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { NotFoundError, wrongInput } from "../errors.js";
import { eachRow } from "../sql/each-row.js";
import {
  checkNotHashed,
  groupRow,
  type InsertRow,
  type RowGroup,
  requireValues,
  shapeOf,
} from "../sql/insert-values.js";
import type { Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import { isPlainKey, plansOf, type TablePlans } from "../sql/table-plans.js";
import type { ColumnName, Row } from "../sql/types.js";
import { type Values, validRows } from "../sql/validation.js";
import { isExpression } from "../sql/writer.js";
import { type RowChanges, type RowUpdate, rowChangesOf } from "./hydrate.js";
import { BATCH, slicesOf } from "./insert-many.js";
import { markOf, type Ordinal, sortRows } from "./row-order.js";

type KeyName<M> = M extends { readonly idColumn: infer K } ? Exclude<K, undefined> & ColumnName<M> : never;

/** What `bulkUpdate` takes: the key and the columns to set, or an instance. */
export type BulkRow<M> = { readonly [K in KeyName<M>]: Row<M>[K] } & {
  readonly [K in Exclude<ColumnName<M>, KeyName<M>>]?: Row<M>[K] | undefined;
};

/**
 * Updates rows by their keys, all or none of them. Every value is checked before anything is sent, and the instances have
 * changed only once the database has.
 *
 * @throws TypeError where two items have the same key
 * @throws NotFoundError where a row is not there
 */
export async function updateRows(source: Source, items: readonly unknown[], scope: Scope): Promise<number> {
  const { table, withDeleted } = source;
  const plans = plansOf(table, scope.dialect);
  const changes: (RowChanges | undefined)[] = [];
  const given: Values[] = [];
  eachRow(items, (item) => {
    const change = rowChangesOf(table, item);
    changes.push(change);
    given.push(change?.values ?? requireValues(table, item));
  });
  const valid = await validRows(table, given);
  const settable = settableOf(table);
  const groups = new Map<string, RowGroup>();
  let group: RowGroup | undefined;
  const settles: ((scope: Scope) => void)[] = [];
  const seen = new Set<Ordinal>();
  let before: InsertRow | undefined;
  let last: readonly TableColumn[] | undefined;
  let places: readonly number[] = [];
  eachRow(valid, (values, i) => {
    const change = changes[i]?.encode(values, scope);
    before = change === undefined ? plainUpdate(plans, settable, values, before) : shapedUpdate(change, before);
    const { columns, values: row } = before;
    if (columns !== last) places = keyPlaces(table, columns);
    last = columns;
    const mark = markOf(row, places);
    if (seen.has(mark)) throw wrongInput(`bulkUpdate of ${table.name} got the same key twice`);
    seen.add(mark);
    if (columns.length === 0) return;
    group = groupRow(groups, group, before, i);
    if (change?.settle !== undefined) settles.push(change.settle);
  });
  if (groups.size === 0) return 0;
  // In a transaction, a savepoint: where a row is not there, the others must not stay updated.
  const transaction = scope.transaction();
  let updated = 0;
  try {
    for (const each of groups.values()) updated += await updateGroup(plans, each, transaction, withDeleted);
    await transaction.commit();
  } catch (error) {
    await rollBackAfterError(transaction);
    throw error;
  }
  for (const settle of settles) settle(scope);
  return updated;
}

/** The columns that are set, their values, and the key after them. */
function shapedUpdate({ columns, values, key }: RowUpdate, before: InsertRow | undefined): InsertRow {
  const isAsBefore =
    before?.columns.length === columns.length && columns.every((column, i) => column === before.columns[i]);
  const shaped = isAsBefore ? before : { columns, shape: shapeOf(columns) };
  return { columns: shaped.columns, shape: shaped.shape, values: [...values, ...key] };
}

/** The columns that can be set. The key tells the row; the time of the update comes last, when it is known whether there is one. */
function settableOf({ columns, updatedAt }: Table): TableColumn[] {
  const others = columns.filter((column) => !column.isKey && column !== updatedAt);
  return updatedAt === undefined || updatedAt.isKey ? others : [...others, updatedAt];
}

function plainUpdate(
  plans: TablePlans,
  settable: readonly TableColumn[],
  item: Values,
  before: InsertRow | undefined,
): InsertRow {
  const { table, dialect } = plans;
  // A copy has room for as many values as it has, and a list that grows for 17.
  const row: DriverValue[] = before === undefined ? [] : before.values.slice();
  let count = 0;
  let columns: TableColumn[] | undefined = before === undefined ? [] : undefined;
  for (const column of settable) {
    let value = item[column.property];
    if (value === undefined && column === table.updatedAt && count > 0) value = new Date();
    if (value === undefined) continue;
    if (isExpression(value)) throw wrongInput(`${column.label}: bulkUpdate takes values, and no expressions`);
    checkNotHashed(table, column);
    if (columns === undefined && before?.columns[count] !== column) columns = before?.columns.slice(0, count);
    columns?.push(column);
    row[count++] = column.encode(dialect, value);
  }
  const isAsBefore = columns === undefined && before?.columns.length === count;
  const own = isAsBefore ? before.columns : (columns ?? before?.columns.slice(0, count) ?? []);
  const [only] = table.key;
  const id = table.key.length === 1 && only !== undefined ? item[only.property] : item;
  for (const part of plans.encodeKey(isPlainKey(id) ? id : keyOf(table, item))) row[count++] = part;
  row.length = count;
  return { columns: own, shape: isAsBefore ? before.shape : shapeOf(own), values: row };
}

/** Where the key stands, after the columns. */
function keyPlaces({ key }: Table, { length }: readonly TableColumn[]): number[] {
  return key.map((_, i) => length + i);
}

/** The key by its properties, also those that are missing, which is told then. */
function keyOf({ key }: Table, item: Values): Values {
  return Object.fromEntries(key.map(({ property }) => [property, item[property]]));
}

/** Gives the number of the rows. @throws NotFoundError where one of them is not there */
async function updateGroup(
  plans: TablePlans,
  group: RowGroup,
  scope: Scope,
  withDeleted: boolean | undefined,
): Promise<number> {
  const { table } = plans;
  const { columns, rows } = group;
  // Whether rows that hand a unique value on to each other collide depends on the order, which is to be that of the input.
  const isOrdered = table.uniques.flat().some((column) => columns.includes(column));
  const isTogether = plans.dialect.unnest !== undefined && !isOrdered && rows.length > 1;
  // In the order of the keys, so that two that update the same rows don't wait for each other.
  if (isTogether) sortRows(group, keyPlaces(table, columns));
  let rowCount = 0;
  for (const lot of slicesOf(group, BATCH)) {
    const together = isTogether ? plans.updateMany(columns, lot.rows, withDeleted) : undefined;
    const one = plans.update(columns, [], [], withDeleted);
    const answer = together === undefined ? scope.runMany(one, lot.rows) : scope.run(together);
    rowCount += (await answer).rowCount;
  }
  if (rowCount === rows.length) return rowCount;
  throw new NotFoundError(`${rows.length - rowCount} of the rows of ${table.name} to be updated are not there`);
}

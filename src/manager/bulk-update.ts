import { rollBackAfterError } from "../database/run-transaction.js";
import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { NotFoundError } from "../errors.js";
import { checkNotHashed, type InsertRow, requireValues } from "../sql/insert-values.js";
import type { Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import { isPlainKey, plansOf, type TablePlans } from "../sql/table-plans.js";
import type { ColumnName, Row } from "../sql/types.js";
import { type Values, validRows } from "../sql/validation.js";
import { isExpression } from "../sql/writer.js";
import { type RowChanges, type RowUpdate, rowChangesOf } from "./hydrate.js";
import { groupByShape } from "./insert-many.js";

type KeyName<M> = M extends { readonly idColumn: infer K } ? Exclude<K, undefined> & ColumnName<M> : never;

/** What `bulkUpdate` takes: the key and the columns to set, or an instance. */
export type BulkRow<M> = { readonly [K in KeyName<M>]: Row<M>[K] } & {
  readonly [K in Exclude<ColumnName<M>, KeyName<M>>]?: Row<M>[K] | undefined;
};

/** The update of one row, which goes together with those of the same shape. */
interface ShapedUpdate extends RowUpdate, InsertRow {}

/**
 * Updates rows by their keys, all or none of them. Every value is checked before anything is sent, and the instances have
 * changed only once the database has.
 *
 * @throws TypeError where two items have the same key
 * @throws NotFoundError where a row is not there
 */
export async function updateRows(source: Source, items: readonly unknown[], scope: Scope): Promise<number> {
  const plans = plansOf(source.table, scope.dialect);
  const changes = items.map((item) => rowChangesOf(source.table, item) ?? plainChanges(plans, item));
  const valid = await validRows(
    source.table,
    changes.map(({ values }) => values),
  );
  let last: ShapedUpdate | undefined;
  const all = changes.map(({ encode }, i): ShapedUpdate => {
    const { columns, values, key, settle } = encode(valid[i] ?? {}, scope);
    const shape = last !== undefined && isSameList(last.columns, columns) ? last.shape : columns.map(indexOf).join();
    last = { columns, values, key, settle, shape };
    return last;
  });
  checkDistinct(plans, all);
  const updates = all.filter(({ columns }) => columns.length > 0);
  if (updates.length === 0) return 0;
  // In a transaction, a savepoint: where a row is not there, the others must not stay updated.
  const transaction = scope.transaction();
  try {
    for (const { rows } of groupByShape(updates)) await updateGroup(plans, rows, transaction, source.withDeleted);
    await transaction.commit();
  } catch (error) {
    await rollBackAfterError(transaction);
    throw error;
  }
  for (const { settle } of updates) settle?.(scope);
  return updates.length;
}

function plainChanges(plans: TablePlans, item: unknown): RowChanges {
  return { values: requireValues(plans.table, item), encode: (valid) => plainUpdate(plans, valid) };
}

function plainUpdate(plans: TablePlans, item: Values): RowUpdate {
  const { table, dialect } = plans;
  const { updatedAt } = table;
  const columns: TableColumn[] = [];
  const values: DriverValue[] = [];
  for (const column of table.columns) {
    const value = item[column.property];
    if (value === undefined) continue;
    if (isExpression(value)) throw new TypeError(`${column.label}: bulkUpdate takes values, and no expressions`);
    // The key tells the row, and is not set.
    if (column.isKey) continue;
    checkNotHashed(table, column);
    columns.push(column);
    values.push(column.encode(dialect, value));
  }
  if (updatedAt !== undefined && columns.length > 0 && !columns.includes(updatedAt)) {
    columns.push(updatedAt);
    values.push(updatedAt.encode(dialect, new Date()));
  }
  const [only] = table.key;
  const id = table.key.length === 1 && only !== undefined ? item[only.property] : item;
  return { columns, values, key: isPlainKey(id) ? plans.encodeKey(id) : plans.encodeKey(keyOf(table, item)) };
}

/** The key by its properties, also those that are missing, which is told then. */
function keyOf({ key }: Table, item: Values): Values {
  return Object.fromEntries(key.map(({ property }) => [property, item[property]]));
}

const indexOf = ({ index }: TableColumn): number => index;

function isSameList(a: readonly TableColumn[], b: readonly TableColumn[]): boolean {
  return a.length === b.length && a.every((column, i) => column === b[i]);
}

function checkDistinct({ table }: TablePlans, updates: readonly RowUpdate[]): void {
  const seen = new Set<unknown>();
  for (const { key } of updates) {
    const [only] = key;
    const mark = key.length === 1 && typeof only !== "object" ? only : JSON.stringify(key.map(String));
    if (seen.has(mark)) throw new TypeError(`bulkUpdate of ${table.name} got the same key twice`);
    seen.add(mark);
  }
}

async function updateGroup(
  plans: TablePlans,
  rows: readonly ShapedUpdate[],
  scope: Scope,
  withDeleted?: boolean,
): Promise<void> {
  const { table } = plans;
  const columns = rows[0]?.columns ?? [];
  // Whether rows that hand a unique value on to each other collide depends on the order, which is to be that of the input.
  const isOrdered = table.uniques.flat().some((column) => columns.includes(column));
  // In the order of the keys, so that two that update the same rows don't wait for each other.
  const isTogether = plans.dialect.unnest !== undefined && !isOrdered && rows.length > 1;
  const together = isTogether ? plans.updateMany(columns, inKeyOrder(rows), withDeleted) : undefined;
  const { rowCount } = await (together === undefined
    ? scope.runMany(
        plans.update(columns, [], [], withDeleted),
        rows.map(({ values, key }) => [...values, ...key]),
      )
    : scope.run(together));
  if (rowCount === rows.length) return;
  throw new NotFoundError(`${rows.length - rowCount} of the rows of ${table.name} to be updated are not there`);
}

function inKeyOrder(rows: readonly ShapedUpdate[]): ShapedUpdate[] {
  const keyed = rows.map((row) => ({ row, text: row.key.map(String).join("\0") }));
  return keyed.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ row }) => row);
}

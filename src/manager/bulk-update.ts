import { rollBackAfterError } from "../database/run-transaction.js";
import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { NotFoundError } from "../errors.js";
import { encodeUpdate, type InsertRow, requireValues } from "../sql/insert-values.js";
import type { Source } from "../sql/statement-state.js";
import type { TableColumn } from "../sql/table.js";
import { plansOf, type TablePlans } from "../sql/table-plans.js";
import type { ColumnName, Row } from "../sql/types.js";
import { type Values, validRows } from "../sql/validation.js";
import { isExpression } from "../sql/writer.js";
import { type RowChanges, type RowUpdate, rowChangesOf } from "./hydrate.js";
import { BATCH, groupByShape } from "./insert-many.js";

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
  const all = changes.map(({ encode }, i): ShapedUpdate => {
    const update = encode(valid[i] ?? {}, scope);
    return { ...update, shape: update.columns.map(({ index }) => index).join() };
  });
  checkDistinct(plans, all);
  const updates = all.filter(({ columns }) => columns.length > 0);
  if (updates.length === 0) return 0;
  // In a transaction, a savepoint: where a row is not there, the others must not stay updated.
  const transaction = scope.transaction();
  try {
    for (const { rows } of groupByShape(updates, () => BATCH))
      await updateGroup(plans, rows, transaction, source.withDeleted);
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
  // A key that is made of content tells the row, and is not set.
  const { [table.content?.key.property ?? ""]: _, ...others } = item;
  const row = encodeUpdate(table, dialect, table.content === undefined ? item : others);
  const isSet = row.columns.some((column) => !column.isKey && column !== table.updatedAt);
  const columns: TableColumn[] = [];
  const values: DriverValue[] = [];
  row.columns.forEach((column, i) => {
    const value = row.values[i];
    if (isExpression(value)) throw new TypeError(`${column.label}: bulkUpdate takes values, and no expressions`);
    if (column.isKey || value === undefined || (!isSet && item[column.property] === undefined)) return;
    columns.push(column);
    values.push(value);
  });
  const key = table.key.map(({ property }) => [property, item[property]]);
  return { columns, values, key: plans.encodeKey(Object.fromEntries(key)) };
}

function checkDistinct({ table }: TablePlans, updates: readonly RowUpdate[]): void {
  const seen = new Set<string>();
  for (const { key } of updates) {
    const text = JSON.stringify(key.map(String));
    if (seen.has(text)) throw new TypeError(`bulkUpdate of ${table.name} got the same key twice`);
    seen.add(text);
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
  const together =
    isOrdered || rows.length === 1 ? undefined : plans.updateMany(columns, inKeyOrder(rows), withDeleted);
  const sets = rows.map(({ values, key }) => [...values, ...key]);
  const { rowCount } = await (together === undefined
    ? scope.runMany(plans.update(columns, [], [], withDeleted), sets)
    : scope.run(together));
  if (rowCount === rows.length) return;
  throw new NotFoundError(`${rows.length - rowCount} of the rows of ${table.name} to be updated are not there`);
}

function inKeyOrder(rows: readonly ShapedUpdate[]): ShapedUpdate[] {
  const keyed = rows.map((row) => ({ row, text: row.key.map(String).join("\0") }));
  return keyed.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ row }) => row);
}

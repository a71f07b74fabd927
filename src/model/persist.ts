import { bindingOf, type Scope } from "../database/scope.js";
import type { DriverStatement, DriverValue } from "../drivers/driver.js";
import { NotFoundError, OptimisticLockError, UsageError } from "../errors.js";
import { encodeInsert } from "../sql/insert-values.js";
import { sourceOf } from "../sql/source.js";
import { writeStatement } from "../sql/statement.js";
import type { Table, TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import {
  changedColumns,
  classNameOf,
  dataOf,
  HELD,
  isLoaded,
  isSaved,
  ORIGIN,
  ROW,
  readColumn,
  type Stateful,
  tableOf,
  UNSAVED,
} from "./state.js";

/** Where an instance reads and writes now: the transaction that it was got in while that is open, else its database. */
export function scopeOfInstance(instance: Stateful): Scope {
  const scope = instance[ORIGIN]?.scope;
  return scope === undefined ? bindingOf(instance.constructor) : scope.current();
}

/** Inserts a new instance: one statement. @throws ConstraintError and its kin */
export async function insertRow(instance: Stateful): Promise<void> {
  const { table, makeKey } = sourceOf(instance.constructor);
  const scope = scopeOfInstance(instance);
  const row = encodeInsert(table, scope.dialect, dataOf(instance), makeKey);
  const sent = heldNow(instance);
  const { rows } = await scope.run(plansOf(table, scope.dialect).insert(row, true));
  settleInserted(instance, rows[0] ?? UNSAVED, sent, scope);
}

/** Lets an instance that was inserted have its row. */
export function settleInserted(
  instance: Stateful,
  row: readonly unknown[],
  sent: readonly unknown[],
  scope: Scope,
): void {
  remember(instance, scope);
  instance[ROW] = row;
  instance[ORIGIN] ??= { scope };
  forget(instance, tableOf(instance).columns, sent);
}

/**
 * Sets columns, together with those that were assigned before, and sends what differs from the row as it was loaded.
 *
 * @param conditions what must hold of the row besides
 * @param replaced the columns whose objects, as they are held, make way for those of the row; default: those that are given
 *   another object than the one they hold
 * @throws NotFoundError where the row is gone, OptimisticLockError where the conditions don't hold of it
 */
export async function updateRow(
  instance: Stateful,
  values: object,
  conditions?: Where<AnyModel>,
  replaced?: readonly TableColumn[],
): Promise<void> {
  const table = tableOf(instance);
  const scope = scopeOfInstance(instance);
  const { columns, encoded } = encodeChanges(instance, table, scope, values);
  const sent = heldNow(instance);
  const given = givenColumns(table, values);
  if (columns.length === 0) {
    forget(instance, given, sent);
    return;
  }
  const plans = plansOf(table, scope.dialect);
  const key = keyOf(instance, scope);
  const answer =
    conditions === undefined
      ? scope.run(plans.update(columns, encoded, key))
      : scope.run(
          writeStatement<AnyModel>("update", sourceOf(instance.constructor))
            .values(Object.fromEntries(columns.map(({ property }) => [property, newValue(instance, values, property)])))
            .where([table.keyCondition(loadedKey(instance)), ...[conditions].flat()] as Where<AnyModel>)
            .compile(scope.dialect),
        );
  const { rowCount } = answer instanceof Promise ? await answer : answer;
  if (rowCount === 0) {
    // Only here it takes a second query to tell a row that has changed from one that is gone.
    const isThere = conditions !== undefined && (await scope.run(findLoaded(instance, scope))).rows.length > 0;
    throw isThere ? unfulfilled(instance) : gone(instance, "updated");
  }
  remember(instance, scope);
  const row = [...instance[ROW]];
  columns.forEach(({ index }, i) => {
    row[index] = encoded[i];
  });
  instance[ROW] = row;
  forget(instance, [...given, ...columns], sent, replaced ?? replacedBy(given, sent, values));
}

/** What is held as a statement is sent; what is assigned while it runs differs from that, and stays. */
export function heldNow(instance: Stateful): readonly unknown[] {
  return instance[HELD] === undefined ? [] : [...instance[HELD]];
}

export function givenColumns(table: Table, values: object): TableColumn[] {
  return Object.entries(values).flatMap(([property, value]) => (value === undefined ? [] : [table.column(property)]));
}

/** Of columns that are given values, those that are given another object than the one they hold. */
export function replacedBy(given: readonly TableColumn[], held: readonly unknown[], values: object): TableColumn[] {
  return given.filter(({ index, property }) => held[index] !== Reflect.get(values, property));
}

/**
 * Lets the row speak for columns that were sent. Objects that were sent stay as they are, so that those who hold one go on
 * changing this instance, but for those that were replaced by what `update` was given.
 */
function forget(
  instance: Stateful,
  columns: readonly TableColumn[],
  sent: readonly unknown[],
  given: readonly TableColumn[] = columns.filter(({ isObject }) => !isObject),
): void {
  const held = instance[HELD];
  if (held === undefined) return;
  for (const column of columns) {
    const { index, isObject } = column;
    if (held[index] === sent[index] && (!isObject || given.includes(column))) held[index] = undefined;
  }
}

/**
 * What differs from the row as it was loaded, of the given values and of those that were assigned before.
 *
 * @throws TypeError for an unknown column, or a value that a column can't hold
 */
export function encodeChanges(instance: Stateful, table: Table, scope: Scope, values: object) {
  const columns: TableColumn[] = [];
  const encoded: DriverValue[] = [];
  const add = (column: TableColumn, value: unknown): void => {
    columns.push(column);
    encoded.push(column.encode(scope.dialect, value));
  };
  for (const [property, value] of Object.entries(values)) {
    const column = table.column(property);
    if (value !== undefined && !isLoaded(instance, column, value)) add(column, value);
  }
  for (const column of changedColumns(instance)) {
    if (Reflect.get(values, column.property) === undefined) add(column, instance[HELD]?.[column.index]);
  }
  return { columns, encoded };
}

function newValue(instance: Stateful, values: object, property: string): unknown {
  const given: unknown = Reflect.get(values, property);
  return given === undefined ? readColumn(instance, tableOf(instance).column(property)) : given;
}

/** Deletes the row. Where it is gone already, that is what was wanted. */
export async function deleteRow(instance: Stateful): Promise<void> {
  const scope = scopeOfInstance(instance);
  await scope.run(plansOf(tableOf(instance), scope.dialect).delete(keyOf(instance, scope)));
  remember(instance, scope);
  instance[ORIGIN] = { scope, ...instance[ORIGIN], isDeleted: true };
}

/** Reads the row again; what was assigned and not saved is lost. @throws NotFoundError where it is gone */
export async function reloadRow(instance: Stateful): Promise<void> {
  const scope = scopeOfInstance(instance);
  const [row] = (await scope.run(findLoaded(instance, scope))).rows;
  if (row === undefined) throw gone(instance, "reloaded");
  remember(instance, scope);
  instance[ROW] = row;
  instance[HELD] = undefined;
  instance[ORIGIN] = { scope: instance[ORIGIN]?.scope ?? scope };
}

/** A select of the row that the instance was loaded from. */
function findLoaded(instance: Stateful, scope: Scope): DriverStatement {
  const table = tableOf(instance);
  const key = loadedKey(instance);
  return plansOf(table, scope.dialect).find(table.key.length === 1 ? key[table.key[0]?.property ?? ""] : key);
}

/** Puts the instance back as it is now if the transaction is rolled back. */
function remember(instance: Stateful, scope: Scope): void {
  if (scope.isTransaction) scope.onRollback(restorerOf(instance));
}

/** What puts the instance back as it is now. */
export function restorerOf(instance: Stateful): () => void {
  const { [ROW]: row, [HELD]: held, [ORIGIN]: origin } = instance;
  const copy = held === undefined ? undefined : [...held];
  return () => {
    instance[ROW] = row;
    instance[HELD] = copy;
    instance[ORIGIN] = origin;
  };
}

/** Makes an instance, whose insert was rolled back, a new one with the same values, but for the key that was generated. */
export function unsaveInstance(instance: Stateful, keepKey: boolean): void {
  if (!isSaved(instance)) return;
  const table = tableOf(instance);
  const held: unknown[] = [];
  for (const column of table.columns)
    if (keepKey || column !== table.generated) held[column.index] = readColumn(instance, column);
  const scope = instance[ORIGIN]?.scope.current();
  instance[ROW] = UNSAVED;
  instance[HELD] = held;
  instance[ORIGIN] = scope === undefined ? undefined : { scope };
}

/** The key as the row has it, whatever was assigned since. */
function loadedKey(instance: Stateful): Record<string, unknown> {
  const entries = tableOf(instance).key.map((column): [string, unknown] => {
    const raw = instance[ROW][column.index];
    return [column.property, column.decode === undefined ? raw : column.decode(raw)];
  });
  return Object.fromEntries(entries);
}

function keyOf(instance: Stateful, scope: Scope): DriverValue[] {
  const { key, name } = tableOf(instance);
  if (key.length === 0) throw new UsageError(`table ${name} has no primary key by which to find a row again`);
  return key.map((column: TableColumn) => {
    const raw = instance[ROW][column.index];
    return column.encode(scope.dialect, column.decode === undefined ? raw : column.decode(raw));
  });
}

function unfulfilled(instance: Stateful): OptimisticLockError {
  return new OptimisticLockError(
    `the row of this ${classNameOf(instance)} is there, but no longer fulfils the conditions of the update`,
  );
}

function gone(instance: Stateful, what: string): NotFoundError {
  return new NotFoundError(`the ${classNameOf(instance)} to be ${what} is not there any more`);
}

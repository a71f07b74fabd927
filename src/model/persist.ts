import { bindingOf, type Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { NotFoundError, UsageError } from "../errors.js";
import type { RowUpdate } from "../manager/hydrate.js";
import { encodeInsert } from "../sql/insert-values.js";
import { sourceOf } from "../sql/source.js";
import { writeStatement } from "../sql/statement.js";
import type { Table, TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import { validValues } from "../sql/validation.js";
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
import { validChanges } from "./valid-changes.js";

/** Where an instance reads and writes now: the transaction that it was got in while that is open, else its database. */
export function scopeOfInstance(instance: Stateful): Scope {
  const scope = instance[ORIGIN]?.scope;
  return scope === undefined ? bindingOf(instance.constructor) : scope.current();
}

/**
 * Inserts a new instance, or updates one that was loaded by what has changed; one statement, or none.
 *
 * @throws UsageError after `delete()`
 * @throws NotFoundError where the row is gone
 */
export async function saveInstance(instance: Stateful): Promise<void> {
  checkNotDeleted(instance, "saved");
  if (isSaved(instance)) await updateInstance(instance, {});
  else await insertInstance(instance);
}

async function insertInstance(instance: Stateful): Promise<void> {
  const { table, makeKey } = sourceOf(instance.constructor);
  const sent = heldNow(instance);
  const data = dataOf(instance);
  const valid = validValues(table, data);
  const given = valid instanceof Promise ? await valid : valid;
  const replaced = table.validated.filter(({ property }) => given[property] !== data[property]);
  const scope = scopeOfInstance(instance);
  const row = encodeInsert(table, scope.dialect, given, makeKey);
  const { rows } = await scope.run(plansOf(table, scope.dialect).insert(row, true));
  remember(instance, scope);
  instance[ROW] = rows[0] ?? UNSAVED;
  instance[ORIGIN] = { scope };
  forget(instance, table.columns, sent, replaced);
}

/**
 * Sets columns, together with those that were assigned before, and sends what differs from the row as it was loaded.
 *
 * @param conditions what must hold of the row besides
 * @throws UsageError for a new or deleted instance
 * @throws NotFoundError where the row is gone, or the conditions don't hold
 */
export async function updateInstance(instance: Stateful, changes: object, conditions?: Where<AnyModel>): Promise<void> {
  checkUpdatable(instance);
  const table = tableOf(instance);
  const sent = heldNow(instance);
  const valid = validChanges(instance, table, changes);
  const values = valid instanceof Promise ? await valid : valid;
  if (valid instanceof Promise) checkUpdatable(instance);
  const scope = scopeOfInstance(instance);
  const { columns, encoded } = encodeChanges(instance, table, scope, values, sent);
  const given = givenColumns(table, values);
  if (columns.length === 0) {
    forget(instance, given, sent, given);
    return;
  }
  const plans = plansOf(table, scope.dialect);
  const key = keyOf(instance, scope);
  const answer =
    conditions === undefined
      ? scope.run(plans.update(columns, encoded, key))
      : scope.run(
          writeStatement<AnyModel>("update", sourceOf(instance.constructor))
            .values(Object.fromEntries(columns.map((column) => [column.property, newValue(values, sent, column)])))
            .where([table.keyCondition(loadedKey(instance)), ...[conditions].flat()] as Where<AnyModel>)
            .compile(scope.dialect),
        );
  const { rowCount } = answer instanceof Promise ? await answer : answer;
  if (rowCount === 0) throw conditions === undefined ? gone(instance, "updated") : unfulfilled(instance);
  remember(instance, scope);
  setInRow(instance, columns, encoded);
  forget(instance, [...given, ...columns], sent, given);
}

function setInRow(instance: Stateful, columns: readonly TableColumn[], encoded: readonly DriverValue[]): void {
  const row = [...instance[ROW]];
  columns.forEach(({ index }, i) => {
    row[index] = encoded[i];
  });
  instance[ROW] = row;
}

/** What has changed of an instance, to be updated together with others. @throws UsageError for a new or deleted instance */
export function updateOf(instance: Stateful, scope: Scope): RowUpdate {
  checkNotDeleted(instance, "updated");
  checkSaved(instance, "bulkUpdate()");
  const sent = heldNow(instance);
  const { columns, encoded } = encodeChanges(instance, tableOf(instance), scope, {}, sent);
  const settle = (within: Scope): void => {
    remember(instance, within);
    setInRow(instance, columns, encoded);
    instance[ORIGIN] = { scope: within };
    forget(instance, columns, sent, []);
  };
  return { columns, values: encoded, key: keyOf(instance, scope), settle };
}

/** What is held as a statement is made; what is assigned while it is checked and runs differs from that, and stays. */
function heldNow(instance: Stateful): readonly unknown[] {
  return instance[HELD] === undefined ? [] : [...instance[HELD]];
}

function givenColumns(table: Table, values: object): TableColumn[] {
  return Object.entries(values).flatMap(([property, value]) => (value === undefined ? [] : [table.column(property)]));
}

/**
 * Lets the row speak for columns that were sent. Objects that were sent stay as they are, so that those who hold one go on
 * changing this instance, but for those that were replaced by what `update` was given, or a schema made.
 */
function forget(
  instance: Stateful,
  columns: readonly TableColumn[],
  sent: readonly unknown[],
  replaced: readonly TableColumn[],
): void {
  const held = instance[HELD];
  if (held === undefined) return;
  for (const column of columns) {
    const { index, isObject } = column;
    if (held[index] === sent[index] && (!isObject || replaced.includes(column))) held[index] = undefined;
  }
}

/** What differs from the row as it was loaded, of the given values and of those that were assigned before. */
function encodeChanges(instance: Stateful, table: Table, scope: Scope, values: object, held: readonly unknown[]) {
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
  for (const column of changedColumns(instance, held)) {
    if (Reflect.get(values, column.property) === undefined) add(column, held[column.index]);
  }
  return { columns, encoded };
}

function newValue(values: object, held: readonly unknown[], { property, index }: TableColumn): unknown {
  const given: unknown = Reflect.get(values, property);
  return given === undefined ? held[index] : given;
}

/** Deletes the row. Where it is gone already, that is what was wanted. @throws UsageError for a new instance */
export async function deleteInstance(instance: Stateful): Promise<void> {
  if (instance[ORIGIN]?.isDeleted) return;
  checkSaved(instance, "delete()");
  const scope = scopeOfInstance(instance);
  await scope.run(plansOf(tableOf(instance), scope.dialect).delete(keyOf(instance, scope)));
  remember(instance, scope);
  instance[ORIGIN] = { scope, isDeleted: true };
}

/** Reads the row again; what was assigned and not saved is lost. @throws NotFoundError where it is gone */
export async function reloadInstance(instance: Stateful): Promise<void> {
  checkSaved(instance, "reload()");
  const table = tableOf(instance);
  const scope = scopeOfInstance(instance);
  const key = loadedKey(instance);
  const { rows } = await scope.run(
    plansOf(table, scope.dialect).find(table.key.length === 1 ? key[table.key[0]?.property ?? ""] : key),
  );
  const [row] = rows;
  if (row === undefined) throw gone(instance, "reloaded");
  remember(instance, scope);
  settle(instance, row, scope);
}

function settle(instance: Stateful, row: readonly unknown[], scope: Scope): void {
  instance[ROW] = row;
  instance[HELD] = undefined;
  instance[ORIGIN] = { scope };
}

/** Puts the instance back as it is now if the transaction is rolled back. */
function remember(instance: Stateful, scope: Scope): void {
  if (!scope.isTransaction) return;
  const { [ROW]: row, [HELD]: held, [ORIGIN]: origin } = instance;
  const copy = held === undefined ? undefined : [...held];
  scope.onRollback(() => {
    instance[ROW] = row;
    instance[HELD] = copy;
    instance[ORIGIN] = origin;
  });
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

function checkUpdatable(instance: Stateful): void {
  checkNotDeleted(instance, "updated");
  checkSaved(instance, "update()");
}

function checkSaved(instance: Stateful, method: string): void {
  if (!isSaved(instance))
    throw new UsageError(`${method} wants a ${classNameOf(instance)} that is in the database; save() it first`);
}

function checkNotDeleted(instance: Stateful, what: string): void {
  if (instance[ORIGIN]?.isDeleted)
    throw new UsageError(`this ${classNameOf(instance)} was deleted and can't be ${what}`);
}

function unfulfilled(instance: Stateful): NotFoundError {
  return new NotFoundError(`no row is this ${classNameOf(instance)} and fulfils the conditions of the update`);
}

function gone(instance: Stateful, what: string): NotFoundError {
  return new NotFoundError(`the ${classNameOf(instance)} to be ${what} is not there any more`);
}

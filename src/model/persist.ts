import { andThen } from "../database/maybe-promise.js";
import { bindingOf, type Scope } from "../database/scope.js";
import type { DriverStatement, DriverValue, MaybePromise } from "../drivers/driver.js";
import { NotFoundError, OptimisticLockError, UsageError } from "../errors.js";
import { bury, lockedRows } from "../manager/bury.js";
import type { RowChanges } from "../manager/hydrate.js";
import { STATE } from "../manager/instance-state.js";
import { checkNotHashed, encodeInsert } from "../sql/insert-values.js";
import { sourceOf } from "../sql/source.js";
import { writeStatement } from "../sql/statement.js";
import type { Content, Table, TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import { type Values, validValues } from "../sql/validation.js";
import { withArticle } from "../text.js";
import {
  changedColumns,
  classNameOf,
  clearRow,
  dataOf,
  isLoaded,
  isSame,
  isSaved,
  keptRelations,
  ownState,
  rawOf,
  readColumn,
  rowOf,
  type Stateful,
  setInRow,
  setRow,
  tableOf,
} from "./state.js";
import { validChanges } from "./valid-changes.js";

/** Where an instance reads and writes now: the transaction that it was got in while that is open, else its database. */
export function scopeOfInstance(instance: Stateful): Scope {
  const { scope } = instance[STATE];
  return scope === undefined ? bindingOf(instance.constructor) : scope.current();
}

/** Inserts a new instance: one statement. @throws ConstraintError and its kin */
export async function insertRow(instance: Stateful): Promise<void> {
  const { table, makeKey } = sourceOf(instance.constructor);
  const sent = heldNow(instance);
  const data = dataOf(instance);
  const scope = scopeOfInstance(instance);
  const valid = validValues(table, data);
  const given = valid instanceof Promise ? await valid : valid;
  const row = encodeInsert(table, scope.dialect, given, makeKey);
  const { rows } = await scope.run(plansOf(table, scope.dialect).insert(row, true));
  settleInserted(instance, rows[0] ?? [], sent, scope, refined(table, data, given));
}

const NONE: readonly TableColumn[] = [];

/** The columns for whose values schemas gave others. */
export function refined(table: Table, data: Values, given: Values): readonly TableColumn[] {
  if (given === data) return NONE;
  return table.validated.filter(({ property }) => given[property] !== data[property]);
}

/** Lets an instance that was inserted have its row. `replaced`: the columns whose objects make way for those of the row. */
export function settleInserted(
  instance: Stateful,
  row: readonly unknown[],
  sent: readonly unknown[],
  scope: Scope,
  replaced: readonly TableColumn[],
): void {
  remember(instance, scope);
  ownState(instance).scope ??= scope;
  settleRow(instance, tableOf(instance), row, sent, replaced);
}

/** Lets an instance have the row that was made of it. */
export function settleRow(
  instance: Stateful,
  table: Table,
  row: readonly unknown[],
  sent: readonly unknown[],
  replaced: readonly TableColumn[],
): void {
  setRow(instance, row);
  forget(instance, table.columns, sent, replaced);
}

/**
 * Sets columns, together with those that were assigned before, and sends what differs from the row as it was loaded.
 *
 * @param conditions what must hold of the row besides
 * @param replaced the columns whose objects, as they are held, make way for those of the row; default: those that are given
 *   another object than the one they hold
 * @throws NotFoundError where the row is gone, OptimisticLockError where the conditions don't hold of it
 */
export function updateRow(
  instance: Stateful,
  changes: object,
  conditions?: Where<AnyModel>,
  replaced: readonly TableColumn[] = [],
  suppressEvents = false,
): MaybePromise<void> {
  const table = tableOf(instance);
  const sent = heldNow(instance);
  // Before the schemas are waited for: what was begun in a transaction that ends meanwhile is not written outside of it.
  const scope = scopeOfInstance(instance);
  const send = (values: object): MaybePromise<void> => {
    const change = encodeChanges(instance, table, scope, values, sent);
    const settle = forgetting(instance, table, change, values, sent, replaced);
    const { content } = table;
    if (change.columns.length === 0) return settle();
    if (content === undefined || !change.columns.some((column) => content.hashed.has(column)))
      return sendChange(instance, table, change, conditions, scope, settle);
    return replaceRow(instance, change, content, conditions, scope, suppressEvents).then(settle);
  };
  const valid = validChanges(instance, table, changes);
  if (!(valid instanceof Promise)) return send(valid);
  return valid.then((values) => {
    checkUpdatable(instance, "updated", "update()");
    return send(values);
  });
}

/** What lets the row speak for the columns of an update, once it is there. */
function forgetting(
  instance: Stateful,
  table: Table,
  { columns }: Change,
  values: object,
  sent: readonly unknown[],
  replaced: readonly TableColumn[],
): () => void {
  if (sent.length === 0) return nothing;
  const given = givenColumns(table, values);
  // What is made of the others is not for an instance to say.
  const all = [...given, ...columns, ...madeColumns(table.content)];
  const making = [...replaced, ...replacedBy(given, sent, values)];
  return () => forget(instance, all, sent, making);
}

/** Nothing was held, so that there is nothing to let go of; what was assigned meanwhile stays. */
function nothing(): void {}

function sendChange(
  instance: Stateful,
  table: Table,
  change: Change,
  conditions: Where<AnyModel> | undefined,
  scope: Scope,
  settle: () => void,
): MaybePromise<void> {
  const { columns, encoded } = change;
  const statement =
    conditions === undefined
      ? plansOf(table, scope.dialect).update(columns, encoded, keyOf(instance, scope), isHidden(instance))
      : updateWhere(instance, change, conditions).compile(scope.dialect);
  return andThen(scope.run(statement), ({ rowCount }) => {
    if (rowCount === 0) return refuseUpdate(instance, conditions, scope);
    remember(instance, scope);
    setInRow(instance, columns, encoded);
    return settle();
  });
}

/** Only here it takes a second query to tell a row that has changed from one that is gone. */
async function refuseUpdate(instance: Stateful, conditions: Where<AnyModel> | undefined, scope: Scope): Promise<never> {
  const isThere = conditions !== undefined && (await scope.run(findLoaded(instance, scope))).rows.length > 0;
  throw isThere ? unfulfilled(instance) : gone(instance, "updated");
}

/**
 * Keeps the row as it is, and makes it the one that it is to be, whose key is another, in one transaction.
 *
 * @throws NotFoundError where the row is gone, OptimisticLockError where the conditions don't hold of it
 * @throws UniqueViolationError where another row has the same content
 */
async function replaceRow(
  instance: Stateful,
  { columns, values, encoded }: Change,
  content: Content,
  conditions: Where<AnyModel> | undefined,
  scope: Scope,
  suppressEvents: boolean,
): Promise<void> {
  const source = sourceOf(instance.constructor);
  const { table } = source;
  const { key, previous, hashed } = content;
  const old = keyPart(instance, key);
  const isFound = [
    table.keyCondition({ [key.property]: old }),
    ...(conditions === undefined ? [] : [conditions].flat()),
  ];
  const { row, changed } = await scope.atomically(async (within) => {
    const [found] = await lockedRows(source, isFound as Where<AnyModel>, within);
    if (found === undefined) {
      const isThere = conditions !== undefined && (await within.run(findLoaded(instance, within))).rows.length > 0;
      throw isThere ? unfulfilled(instance) : gone(instance, "updated");
    }
    const next = valuesOf(table, found);
    // What was not selected may have these values already.
    const differs = columns.some(
      (column, i) => hashed.has(column) && !isSame(column, next[column.property], values[i]),
    );
    columns.forEach(({ property }, i) => {
      next[property] = values[i];
    });
    if (differs && previous !== undefined) next[previous.property] = old;
    const moved = differs ? madeColumns(content) : [];
    if (differs) {
      next[key.property] = content.keyOf(next);
      await bury(instance.constructor, [found], within, { suppressEvents });
    }
    const all = [...columns, ...moved];
    const sent = [...encoded, ...moved.map((column) => column.encode(within.dialect, next[column.property]))];
    const { rowCount } = await within.run(plansOf(table, within.dialect).update(all, sent, [String(old)]));
    if (rowCount === 0) throw gone(instance, "updated");
    const row = [...found];
    all.forEach(({ index }, i) => {
      row[index] = sent[i];
    });
    return { row, changed: all };
  });
  remember(instance, scope);
  // What others have changed since stays unread, as after any update; so does what was not selected.
  setInRow(instance, changed, changed.map(({ index }) => row[index]) as DriverValue[]);
}

/** The values of a row as the driver gave it, by property. */
export function valuesOf(table: Table, row: readonly unknown[]): Values {
  const values: Values = {};
  for (const { property, index, decode } of table.columns) {
    const raw = row[index];
    values[property] = raw === null || raw === undefined || decode === undefined ? raw : decode(raw);
  }
  return values;
}

function updateWhere(instance: Stateful, { columns, values }: Change, conditions: Where<AnyModel>) {
  const source = { ...sourceOf(instance.constructor), withDeleted: isHidden(instance) };
  return writeStatement<AnyModel>("update", source)
    .values(Object.fromEntries(columns.map(({ property }, i) => [property, values[i]])))
    .where([source.table.keyCondition(loadedKey(instance)), ...[conditions].flat()] as Where<AnyModel>);
}

/** What has changed of an instance, to be updated together with others. @throws UsageError for a new or deleted instance */
export function changesOf(instance: Stateful): RowChanges {
  checkUpdatable(instance, "updated", "bulkUpdate()");
  const table = tableOf(instance);
  const sent = heldNow(instance);
  const changed = changedColumns(instance).map(({ property, index }) => [property, sent[index]] as const);
  const values: Values = Object.fromEntries(changed);
  return {
    values,
    encode(valid, scope) {
      const { columns, encoded } = encodeChanges(instance, table, scope, valid, sent);
      for (const column of columns) checkNotHashed(table, column);
      const settle = (within: Scope): void => {
        remember(instance, within);
        setInRow(instance, columns, encoded);
        ownState(instance).scope = within;
        forget(instance, columns, sent, refined(table, values, valid));
      };
      return { columns, values: encoded, key: keyOf(instance, scope), settle };
    },
  };
}

/** What is held as a statement is made; what is assigned while it is checked and runs differs from that, and stays. */
export function heldNow(instance: Stateful): readonly unknown[] {
  const { held } = instance[STATE];
  return held === undefined ? UNHELD : [...held];
}

const UNHELD: readonly unknown[] = [];

export function givenColumns(table: Table, values: object): TableColumn[] {
  return Object.entries(values).flatMap(([property, value]) => (value === undefined ? [] : [table.column(property)]));
}

/** Of columns that are given values, those that are given another object than the one they hold. */
export function replacedBy(given: readonly TableColumn[], held: readonly unknown[], values: object): TableColumn[] {
  return given.filter(({ index, property }) => held[index] !== Reflect.get(values, property));
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
  const { held } = instance[STATE];
  if (held === undefined) return;
  for (const column of columns) {
    const { index, isObject } = column;
    if (held[index] === sent[index] && (!isObject || replaced.includes(column))) held[index] = undefined;
  }
}

/** Columns of an instance that are sent, and their values. */
interface Change {
  readonly columns: readonly TableColumn[];
  readonly values: readonly unknown[];
  readonly encoded: readonly DriverValue[];
}

/**
 * What differs from the row as it was loaded, of the given values and of those that were assigned before, and where
 * anything does, the time at which it is updated.
 *
 * @throws TypeError for an unknown column, or a value that a column can't hold
 */
export function encodeChanges(
  instance: Stateful,
  table: Table,
  scope: Scope,
  given: object,
  held: readonly unknown[],
): Change {
  const columns: TableColumn[] = [];
  const values: unknown[] = [];
  const encoded: DriverValue[] = [];
  const add = (column: TableColumn, value: unknown): void => {
    // Made of the others, whatever is assigned.
    if (column === table.content?.key || column === table.content?.previous) return;
    columns.push(column);
    values.push(value);
    encoded.push(column.encode(scope.dialect, value));
  };
  for (const property of Object.keys(given)) {
    const column = table.column(property);
    const value: unknown = Reflect.get(given, property);
    if (value !== undefined && !isLoaded(instance, column, value)) add(column, value);
  }
  for (const column of changedColumns(instance, held)) {
    if (Reflect.get(given, column.property) === undefined) add(column, held[column.index]);
  }
  const { updatedAt } = table;
  if (updatedAt !== undefined && columns.length > 0 && !columns.includes(updatedAt)) add(updatedAt, new Date());
  return { columns, values, encoded };
}

/**
 * Sends some columns of an instance that is in the database, and no others that were assigned; nothing where the row has
 * these values. What is assigned to them meanwhile stays.
 *
 * @param held what was held of the instance as the write began
 * @throws NotFoundError where the row is gone
 */
export async function writeColumns(
  instance: Stateful,
  columns: readonly TableColumn[],
  values: readonly unknown[],
  held: readonly unknown[] = heldNow(instance),
): Promise<void> {
  const scope = scopeOfInstance(instance);
  const { updatedAt, content } = tableOf(instance);
  if (!columns.every((column, i) => isLoaded(instance, column, values[i]))) {
    const sent = updatedAt === undefined || columns.includes(updatedAt) ? columns : [...columns, updatedAt];
    const all = sent.length === columns.length ? values : [...values, new Date()];
    const encoded = sent.map((column, i) => column.encode(scope.dialect, all[i]));
    if (content !== undefined && columns.some((column) => content.hashed.has(column))) {
      await replaceRow(instance, { columns: sent, values: all, encoded }, content, undefined, scope, false);
    } else {
      const key = keyOf(instance, scope);
      const statement = plansOf(tableOf(instance), scope.dialect).update(sent, encoded, key, isHidden(instance));
      if ((await scope.run(statement)).rowCount === 0) throw gone(instance, "updated");
      remember(instance, scope);
      setInRow(instance, sent, encoded);
    }
    letGo(instance, sent.slice(columns.length));
  }
  letGo(
    instance,
    columns.filter(({ index }) => instance[STATE].held?.[index] === held[index]),
  );
}

/** Lets an instance have what was written to columns of its row. A rollback takes it back. */
export function keepColumns(
  instance: Stateful,
  columns: readonly TableColumn[],
  encoded: readonly DriverValue[],
  scope: Scope,
): void {
  remember(instance, scope);
  setInRow(instance, columns, encoded);
  letGo(instance, columns);
}

/** Lets an instance have columns of its row, and those made of them, as another instance has them that was written. */
export function keepFrom(instance: Stateful, written: Stateful, columns: readonly TableColumn[], scope: Scope): void {
  const all = [...columns, ...madeColumns(tableOf(written).content)];
  keepColumns(instance, all, all.map((column) => rawOf(written, column)) as DriverValue[], scope);
}

/** The columns that are made of the others. */
function madeColumns(content: Content | undefined): TableColumn[] {
  if (content === undefined) return [];
  return content.previous === undefined ? [content.key] : [content.key, content.previous];
}

/** Lets the row speak for columns. */
function letGo(instance: Stateful, columns: readonly TableColumn[]): void {
  const { held } = instance[STATE];
  if (held !== undefined) for (const { index } of columns) held[index] = undefined;
}

/** Deletes the row, or hides it. Where it is gone already, that is what was wanted. */
export async function deleteRow(
  instance: Stateful,
  force = false,
  suppressEvents = false,
): Promise<object | undefined> {
  const { table } = sourceOf(instance.constructor);
  const scope = scopeOfInstance(instance);
  if (table.content !== undefined) return buryRow(instance, table.content, scope, suppressEvents);
  const plans = plansOf(table, scope.dialect);
  const key = keyOf(instance, scope);
  const hides =
    table.deletedAt !== undefined && !force ? timesOf(table, table.deletedAt, new Date(), scope) : undefined;
  const statement = hides === undefined ? plans.delete(key, true) : plans.update(hides.columns, hides.encoded, key);
  const { rowCount } = await scope.run(statement);
  remember(instance, scope);
  // Where another has hidden it, the row has the time of that.
  if (hides !== undefined && rowCount > 0) setInRow(instance, hides.columns, hides.encoded);
  setDeleted(instance, scope, true);
  return undefined;
}

/** Keeps the row and deletes it, in one transaction; gives the record that tells of it. @throws NotFoundError where it is gone */
async function buryRow(
  instance: Stateful,
  { key }: Content,
  scope: Scope,
  suppressEvents: boolean,
): Promise<object | undefined> {
  const source = sourceOf(instance.constructor);
  const [record] = await scope.atomically(async (within) => {
    const condition = source.table.keyCondition({ [key.property]: keyPart(instance, key) });
    const rows = await lockedRows(source, condition, within);
    if (rows.length === 0) throw gone(instance, "deleted");
    const records = await bury(instance.constructor, rows, within, { suppressEvents });
    await within.run(plansOf(source.table, within.dialect).delete(keyOf(instance, within)));
    return records;
  });
  markDeleted(instance, scope);
  return record;
}

/** Lets an instance know that its row was deleted. A rollback takes it back. */
export function markDeleted(instance: Stateful, scope: Scope): void {
  remember(instance, scope);
  setDeleted(instance, scope, true);
}

function setDeleted(instance: Stateful, scope: Scope, isDeleted: boolean): void {
  const state = ownState(instance);
  state.scope ??= scope;
  state.isDeleted = isDeleted;
}

/** Shows the row again that was hidden. @throws NotFoundError where it is gone */
export async function restoreRow(instance: Stateful, deletedAt: TableColumn): Promise<void> {
  const table = tableOf(instance);
  const scope = scopeOfInstance(instance);
  const { columns, encoded } = timesOf(table, deletedAt, null, scope);
  const statement = plansOf(table, scope.dialect).update(columns, encoded, keyOf(instance, scope), true);
  if ((await scope.run(statement)).rowCount === 0) throw gone(instance, "restored");
  remember(instance, scope);
  setInRow(instance, columns, encoded);
  setDeleted(instance, scope, false);
}

/** The times that change where a row is hidden, or shown again. */
function timesOf({ updatedAt }: Table, deletedAt: TableColumn, time: Date | null, { dialect }: Scope) {
  const columns = updatedAt === undefined ? [deletedAt] : [deletedAt, updatedAt];
  return {
    columns,
    encoded: columns.map((column) => column.encode(dialect, column === deletedAt ? time : new Date())),
  };
}

/** Whether the instance is one of a row that is hidden: it was deleted, or got by `withDeleted()`. */
function isHidden(instance: Stateful): boolean {
  const { deletedAt } = tableOf(instance);
  if (deletedAt === undefined) return false;
  return instance[STATE].isDeleted || (rawOf(instance, deletedAt) ?? null) !== null;
}

/** Reads the row again; what was assigned and not saved is lost, and relations are no longer loaded. @throws NotFoundError where it is gone */
export async function reloadRow(instance: Stateful): Promise<void> {
  const scope = scopeOfInstance(instance);
  const [row] = (await scope.run(findLoaded(instance, scope))).rows;
  if (row === undefined) throw gone(instance, "reloaded");
  remember(instance, scope);
  setRow(instance, row);
  ownState(instance).held = undefined;
  setDeleted(instance, scope, false);
  for (const relation of keptRelations(instance)) relation.reset();
}

/** A select of the row that the instance was loaded from. */
function findLoaded(instance: Stateful, scope: Scope): DriverStatement {
  const table = tableOf(instance);
  const key = loadedKey(instance);
  const id = table.key.length === 1 ? key[table.key[0]?.property ?? ""] : key;
  return plansOf(table, scope.dialect).find(id, isHidden(instance));
}

/** Puts the instance back as it is now if the transaction is rolled back. */
function remember(instance: Stateful, scope: Scope): void {
  if (scope.isTransaction) scope.onRollback(restorerOf(instance));
}

/** The same for many. */
export function rememberAll(instances: readonly Stateful[], scope: Scope): void {
  if (!scope.isTransaction) return;
  const restorers = instances.map(restorerOf);
  scope.onRollback(() => {
    for (const restore of restorers) restore();
  });
}

/** What puts the instance back as it is now. */
export function restorerOf(instance: Stateful): () => void {
  const { held, scope, isNew, isDeleted } = instance[STATE];
  const before = { held: held === undefined ? undefined : [...held], scope, isNew, isDeleted };
  const row = rowOf(instance);
  return () => {
    setRow(instance, row);
    Object.assign(ownState(instance), before);
  };
}

/** Makes an instance, whose insert was rolled back, a new one with the same values, but for the key that was generated. */
export function unsaveInstance(instance: Stateful, keepKey: boolean): void {
  if (!isSaved(instance)) return;
  const table = tableOf(instance);
  const held: unknown[] = [];
  for (const column of table.columns)
    if (keepKey || column !== table.generated) held[column.index] = readColumn(instance, column);
  clearRow(instance);
  const state = ownState(instance);
  state.held = held;
  state.scope = state.scope?.current();
}

/** The key as the row has it, whatever was assigned since. */
function loadedKey(instance: Stateful): Record<string, unknown> {
  const entries = tableOf(instance).key.map((column): [string, unknown] => {
    const raw = keyPart(instance, column);
    return [column.property, column.decode === undefined ? raw : column.decode(raw)];
  });
  return Object.fromEntries(entries);
}

function keyOf(instance: Stateful, scope: Scope): DriverValue[] {
  const { key, name } = tableOf(instance);
  if (key.length === 0) throw new UsageError(`table ${name} has no primary key by which to find a row again`);
  return key.map((column: TableColumn) => {
    const raw = keyPart(instance, column);
    return column.encode(scope.dialect, column.decode === undefined ? raw : column.decode(raw));
  });
}

/** @throws UsageError where it was not selected */
function keyPart(instance: Stateful, column: TableColumn): unknown {
  const raw = rawOf(instance, column);
  if (raw === undefined)
    throw new UsageError(`${column.label} was not selected, without which the row can't be found again`);
  return raw;
}

/** @throws UsageError for a new or deleted instance */
export function checkUpdatable(instance: Stateful, what: string, method: string): void {
  checkNotDeleted(instance, what);
  checkSaved(instance, method);
}

export function checkSaved(instance: Stateful, method: string): void {
  if (!isSaved(instance))
    throw new UsageError(
      `${method} wants ${withArticle(classNameOf(instance))} that is in the database; save() it first`,
    );
}

export function checkNotDeleted(instance: Stateful, what: string): void {
  if (instance[STATE].isDeleted) throw new UsageError(`this ${classNameOf(instance)} was deleted and can't be ${what}`);
}

function unfulfilled(instance: Stateful): OptimisticLockError {
  return new OptimisticLockError(
    `the row of this ${classNameOf(instance)} is there, but no longer fulfils the conditions of the update`,
  );
}

function gone(instance: Stateful, what: string): NotFoundError {
  return new NotFoundError(`the ${classNameOf(instance)} to be ${what} is not there any more`);
}

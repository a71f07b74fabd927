import { andThen } from "../database/maybe-promise.js";
import type { Scope } from "../database/scope.js";
import type { MaybePromise } from "../drivers/driver.js";
import { STATE } from "../manager/instance-state.js";
import { encodeInsert } from "../sql/insert-values.js";
import { sourceOf } from "../sql/source.js";
import { writeStatement } from "../sql/statement.js";
import type { Table, TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import { validValues } from "../sql/validation.js";
import { type Change, encodeChanges } from "./changes.js";
import {
  checkUpdatable,
  findLoaded,
  gone,
  isHidden,
  keyOf,
  loadedKey,
  refuseUpdate,
  scopeOfInstance,
} from "./own-row.js";
import { buryRow, replaceRow } from "./replace-row.js";
import {
  forget,
  givenColumns,
  heldNow,
  keepWritten,
  letGo,
  madeColumns,
  refined,
  remember,
  replacedBy,
  setDeleted,
  settleInserted,
} from "./settle.js";
import { dataOf, isLoaded, keptRelations, ownState, type Stateful, setInRow, setRow, tableOf } from "./state.js";
import { validChanges } from "./valid-changes.js";

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
    if (change.columns.length === 0) return settle();
    return sendChange(instance, change, conditions, scope, suppressEvents, settle);
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

/** Sends what changes of the row; where its key is made of that, the row is replaced. `settle` runs once it is there. */
function sendChange(
  instance: Stateful,
  change: Change,
  conditions: Where<AnyModel> | undefined,
  scope: Scope,
  suppressEvents: boolean,
  settle: () => void,
): MaybePromise<void> {
  const table = tableOf(instance);
  const { content } = table;
  const { columns, encoded } = change;
  if (content !== undefined && columns.some((column) => content.hashed.has(column)))
    return replaceRow(instance, change, content, conditions, scope, suppressEvents).then(settle);
  const statement =
    conditions === undefined
      ? plansOf(table, scope.dialect).update(columns, encoded, keyOf(instance, scope), isHidden(instance))
      : updateWhere(instance, change, conditions).compile(scope.dialect);
  return andThen(scope.run(statement), ({ rowCount }) => {
    if (rowCount === 0) return refuseUpdate(instance, conditions, scope);
    keepWritten(instance, columns, encoded, scope);
    return settle();
  });
}

function updateWhere(instance: Stateful, { columns, values }: Change, conditions: Where<AnyModel>) {
  const source = { ...sourceOf(instance.constructor), withDeleted: isHidden(instance) };
  return writeStatement<AnyModel>("update", source)
    .values(Object.fromEntries(columns.map(({ property }, i) => [property, values[i]])))
    .where([source.table.keyCondition(loadedKey(instance)), ...[conditions].flat()] as Where<AnyModel>);
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
  const { updatedAt } = tableOf(instance);
  if (!columns.every((column, i) => isLoaded(instance, column, values[i]))) {
    const sent = updatedAt === undefined || columns.includes(updatedAt) ? columns : [...columns, updatedAt];
    const all = sent.length === columns.length ? values : [...values, new Date()];
    const encoded = sent.map((column, i) => column.encode(scope.dialect, all[i]));
    await sendChange(instance, { columns: sent, values: all, encoded }, undefined, scope, false, nothing);
    letGo(instance, sent.slice(columns.length));
  }
  letGo(
    instance,
    columns.filter(({ index }) => instance[STATE].held?.[index] === held[index]),
  );
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

/** Shows the row again that was hidden. @throws NotFoundError where it is gone */
export async function restoreRow(instance: Stateful, deletedAt: TableColumn): Promise<void> {
  const table = tableOf(instance);
  const scope = scopeOfInstance(instance);
  const { columns, encoded } = timesOf(table, deletedAt, null, scope);
  const statement = plansOf(table, scope.dialect).update(columns, encoded, keyOf(instance, scope), true);
  if ((await scope.run(statement)).rowCount === 0) throw gone(instance, "restored");
  keepWritten(instance, columns, encoded, scope);
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

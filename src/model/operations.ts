import { isInFlowOf, runInFlow } from "../database/flow.js";
import type { Scope } from "../database/scope.js";
import type { MaybePromise } from "../drivers/driver.js";
import { UniqueViolationError, UsageError } from "../errors.js";
import { type EventOptions, type HookEvent, hasHooks, type InsertPlan, runHooks } from "../manager/hooks.js";
import { insertRows, insertRowUnlessThere } from "../manager/insert-many.js";
import { STATE } from "../manager/instance-state.js";
import type { DeleteOptions } from "../manager/manager.js";
import { eachRow } from "../sql/each-row.js";
import { requireValues } from "../sql/insert-values.js";
import { sourceOf } from "../sql/source.js";
import type { AnyModel, Where } from "../sql/types.js";
import { type Values, validRows, validValues } from "../sql/validation.js";
import { checkOptions } from "../text.js";
import { encodeChanges } from "./changes.js";
import { checkNotDeleted, checkSaved, checkUpdatable, scopeOfInstance } from "./own-row.js";
import { deleteRow, insertRow, reloadRow, restoreRow, updateRow } from "./persist.js";
import { givenColumns, heldNow, refined, replacedBy, restorerOf, settleInserted } from "./settle.js";
import {
  assignColumn,
  changedColumns,
  classNameOf,
  dataOf,
  isSaved,
  ownState,
  type Stateful,
  tableOf,
} from "./state.js";

const UPDATE_EVENTS: readonly HookEvent[] = ["beforeUpdate", "afterUpdate"];
export const SAVE_EVENTS: readonly HookEvent[] = ["beforeSave", ...UPDATE_EVENTS, "afterSave"];
export const SAVE_NEW_EVENTS: readonly HookEvent[] = ["beforeSave", "beforeInsert", "afterInsert", "afterSave"];
const DELETE_EVENTS: readonly HookEvent[] = ["beforeDelete", "afterDelete"];
const RESTORE_EVENTS: readonly HookEvent[] = ["beforeRestore", "afterRestore"];
const RELOAD_EVENTS: readonly HookEvent[] = ["beforeReload", "afterReload"];

/** Runs the hooks of an event for an instance, or for a list of them. */
export type Fire = (event: HookEvent, subject: object) => Promise<void>;

/*
 * Misuse is thrown at once, not by the promise: the methods that call these are async themselves, and where no hooks run
 * nothing is to be added to what the statement costs.
 */

/**
 * Inserts a new instance, or updates one that was loaded by what has changed; one statement, or none, with hooks around it.
 *
 * @throws UsageError after `delete()`
 * @throws NotFoundError where the row is gone
 */
export function saveInstance(instance: Stateful, options?: EventOptions): MaybePromise<void> {
  checkNotDeleted(instance, "saved");
  if (!isHooked(instance, "save()", isSaved(instance) ? SAVE_EVENTS : SAVE_NEW_EVENTS, options)) {
    return isSaved(instance) ? updateRow(instance, {}, undefined, [], options?.suppressEvents) : insertRow(instance);
  }
  return operate([instance], scopeOfInstance(instance), async (fire) => {
    await fire("beforeSave", instance);
    if (isSaved(instance)) await sendChanges(instance, fire);
    else {
      await fire("beforeInsert", instance);
      await insertRow(instance);
      await fire("afterInsert", instance);
    }
    await fire("afterSave", instance);
  });
}

/**
 * Sets columns, together with those that were assigned before, and sends what differs from the row as it was loaded, with
 * hooks around it.
 *
 * @param conditions what must hold of the row besides
 * @throws UsageError for a new or deleted instance
 * @throws NotFoundError where the row is gone, OptimisticLockError where the conditions don't hold of it
 */
export function updateInstance(
  instance: Stateful,
  values: object,
  conditions?: Where<AnyModel>,
  options?: EventOptions,
): MaybePromise<void> {
  checkUpdatable(instance, "updated", "update()");
  if (!isHooked(instance, "update()", UPDATE_EVENTS, options))
    return updateRow(instance, values, conditions, [], options?.suppressEvents);
  const scope = scopeOfInstance(instance);
  const table = tableOf(instance);
  if (encodeChanges(instance, table, scope, values, heldNow(instance)).columns.length === 0)
    return updateRow(instance, values, conditions, [], options?.suppressEvents);
  return operate([instance], scope, async (fire) => {
    const replaced = replacedBy(givenColumns(table, values), heldNow(instance), values);
    for (const [property, value] of Object.entries(values)) {
      if (value !== undefined) assignColumn(instance, table.column(property), value);
    }
    await sendChanges(instance, fire, (changed) => updateRow(changed, {}, conditions, replaced));
  });
}

/** Sends what differs after the hooks have had their say. Where nothing does there is no update, and no hook of one. */
async function sendChanges(
  instance: Stateful,
  fire: Fire,
  send: (instance: Stateful) => MaybePromise<void> = (changed) => updateRow(changed, {}),
): Promise<void> {
  if (changedColumns(instance).length === 0) return;
  await fire("beforeUpdate", instance);
  if (changedColumns(instance).length === 0) return;
  await send(instance);
  await fire("afterUpdate", instance);
}

/** Options of an instance's `delete()`. */
export interface DeletionOptions extends DeleteOptions, EventOptions {}

/**
 * Deletes the row, or hides it where the model says so, with hooks around it. Where it is gone already, that is what was
 * wanted. Gives the record that tells of it, of a model that keeps what is deleted.
 *
 * @throws UsageError for a new instance
 */
export function deleteInstance(instance: Stateful, options: DeletionOptions = {}): Promise<object | undefined> {
  checkOptions("delete()", options, ["suppressEvents", "force"]);
  const { force = false, ...events } = options;
  const { content, deletedAt } = tableOf(instance);
  const isDone = instance[STATE].isDeleted && !(force && deletedAt !== undefined);
  // Of what is kept as it is deleted there is no second record.
  if (isDone && content === undefined) return Promise.resolve(undefined);
  checkSaved(instance, "delete()");
  if (!isHooked(instance, "delete()", DELETE_EVENTS, events)) return deleteRow(instance, force, events.suppressEvents);
  return operate([instance], scopeOfInstance(instance), async (fire) => {
    await fire("beforeDelete", instance);
    const record = await deleteRow(instance, force);
    await fire("afterDelete", instance);
    return record;
  });
}

/**
 * Shows a row again that is hidden, with hooks around it, whether or not the instance knows that it is: others may have
 * hidden it since.
 *
 * @throws UsageError where the model has no `softDelete`, or for a new instance
 * @throws NotFoundError where the row is gone
 */
export function restoreInstance(instance: Stateful, options?: EventOptions): Promise<void> {
  const { deletedAt } = tableOf(instance);
  if (deletedAt === undefined)
    throw new UsageError(`${classNameOf(instance)} has no softDelete, so that nothing of it is hidden`);
  checkSaved(instance, "restore()");
  if (!isHooked(instance, "restore()", RESTORE_EVENTS, options)) return restoreRow(instance, deletedAt);
  return operate([instance], scopeOfInstance(instance), async (fire) => {
    await fire("beforeRestore", instance);
    await restoreRow(instance, deletedAt);
    await fire("afterRestore", instance);
  });
}

/** Reads the row again, with hooks around it; what was assigned and not saved is lost. @throws NotFoundError where it is gone */
export function reloadInstance(instance: Stateful, options?: EventOptions): Promise<void> {
  checkSaved(instance, "reload()");
  if (!isHooked(instance, "reload()", RELOAD_EVENTS, options)) return reloadRow(instance);
  return operate([instance], scopeOfInstance(instance), async (fire) => {
    await fire("beforeReload", instance);
    await reloadRow(instance);
    await fire("afterReload", instance);
  });
}

/** Inserts rows with their hooks, as one transaction; gives no instances where `unlessThere` has found a row. */
export async function insertInstances(
  model: AnyModel,
  values: readonly unknown[],
  scope: Scope,
  { isMany = false, unlessThere = false }: InsertPlan,
): Promise<Stateful[]> {
  const source = sourceOf(model);
  const make = (row: unknown): object => new model(requireValues(source.table, row));
  const instances: Stateful[] = [];
  eachRow(values, (row) => instances.push(make(row) as Stateful));
  if (instances.length === 0) return [];
  const list = Object.freeze([...instances]);
  const work = async (fire: Fire, within: Scope): Promise<void> => {
    if (isMany) await fire("beforeInsertMany", list);
    for (const instance of instances) await fire("beforeInsert", instance);
    const sent = instances.map(heldNow);
    const data = instances.map(dataOf);
    const valid = await checked(data);
    const rows = await insertData(valid, within);
    instances.forEach((instance, i) => {
      const replaced = refined(source.table, data[i] ?? {}, valid[i] ?? {});
      settleInserted(instance, rows[i] ?? [], sent[i] ?? [], within, replaced);
    });
    for (const instance of instances) await fire("afterInsert", instance);
    if (isMany) await fire("afterInsertMany", list);
  };
  const checked = async (data: readonly Values[]): Promise<readonly Values[]> =>
    isMany ? validRows(source.table, data) : Promise.all(data.map((row) => validValues(source.table, row)));
  const insertData = async (data: readonly object[], within: Scope): Promise<readonly (readonly unknown[])[]> => {
    if (!unlessThere) return (await insertRows(source, data, within, true)).rows;
    const rows = await insertRowUnlessThere(source, data[0], within);
    if (rows.length === 0) throw there;
    return rows;
  };
  // Thrown, so that what hooks have written before is undone.
  const there = new UniqueViolationError(`another ${model.name} with these values was inserted meanwhile`, {
    table: source.table.name,
  });
  try {
    await operate(instances, scope, work);
  } catch (error) {
    if (error !== there) throw error;
    return [];
  }
  return instances;
}

/**
 * Runs an operation on instances, and its hooks, as one transaction, which the instances are in while hooks look at them.
 * Where it fails, they are as they were.
 */
export async function operate<T>(
  instances: readonly Stateful[],
  home: Scope,
  work: (fire: Fire, within: Scope) => Promise<T>,
): Promise<T> {
  const restorers = instances.map(restorerOf);
  const restore = (): void => {
    for (const restorer of restorers) restorer();
  };
  const scopes = instances.map((instance) => instance[STATE].scope);
  try {
    return await home.atomically(async (within) => {
      within.onRollback(restore);
      // Others that use an instance meanwhile, beside its hooks, are not drawn into the transaction.
      const scope = { current: () => (isInFlowOf(within) ? within.current() : home.current()) };
      for (const instance of instances) ownState(instance).scope = scope;
      const result = await runInFlow(within, () =>
        work((event, subject) => runHooks(classOf(instances), event, subject, within), within),
      );
      instances.forEach((instance, i) => {
        const state = ownState(instance);
        if (state.scope === scope) state.scope = scopes[i] ?? home;
      });
      return result;
    });
  } catch (error) {
    restore();
    throw error;
  }
}

function classOf([first]: readonly Stateful[]): object {
  return first?.constructor ?? Object;
}

/** Whether hooks are to run. @throws TypeError for an unknown option */
function isHooked(
  instance: Stateful,
  method: string,
  events: readonly HookEvent[],
  options: EventOptions | undefined,
): boolean {
  if (options !== undefined) checkOptions(method, options, ["suppressEvents"]);
  return options?.suppressEvents !== true && hasHooks(instance.constructor, events);
}

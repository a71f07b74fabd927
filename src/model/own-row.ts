import { bindingOf, type Scope } from "../database/scope.js";
import type { DriverStatement, DriverValue } from "../drivers/driver.js";
import { NotFoundError, OptimisticLockError, UsageError } from "../errors.js";
import { STATE } from "../manager/instance-state.js";
import type { TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import { withArticle } from "../text.js";
import { classNameOf, isSaved, rawOf, type Stateful, tableOf } from "./state.js";

/** Where an instance reads and writes now: the transaction that it was got in while that is open, else its database. */
export function scopeOfInstance(instance: Stateful): Scope {
  const { scope } = instance[STATE];
  return scope === undefined ? bindingOf(instance.constructor) : scope.current();
}

/** The key as the row has it, whatever was assigned since. */
export function loadedKey(instance: Stateful): Record<string, unknown> {
  return Object.fromEntries(tableOf(instance).key.map((column) => [column.property, keyPart(instance, column)]));
}

/** The same, as the database takes it. @throws UsageError where the table has none */
export function keyOf(instance: Stateful, scope: Scope): DriverValue[] {
  const { key, name } = tableOf(instance);
  if (key.length === 0) throw new UsageError(`table ${name} has no primary key by which to find a row again`);
  return key.map((column) => column.encode(scope.dialect, keyPart(instance, column)));
}

/** @throws UsageError where it was not selected */
export function keyPart(instance: Stateful, column: TableColumn): unknown {
  const raw = rawOf(instance, column);
  if (raw === undefined)
    throw new UsageError(`${column.label} was not selected, without which the row can't be found again`);
  return column.decode === undefined ? raw : column.decode(raw);
}

/** Whether the instance is one of a row that is hidden: it was deleted, or got by `withDeleted()`. */
export function isHidden(instance: Stateful): boolean {
  const { deletedAt } = tableOf(instance);
  if (deletedAt === undefined) return false;
  return instance[STATE].isDeleted || (rawOf(instance, deletedAt) ?? null) !== null;
}

/** A select of the row that the instance was loaded from. */
export function findLoaded(instance: Stateful, scope: Scope): DriverStatement {
  const table = tableOf(instance);
  const key = loadedKey(instance);
  const id = table.key.length === 1 ? key[table.key[0]?.property ?? ""] : key;
  return plansOf(table, scope.dialect).find(id, isHidden(instance));
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

/** Tells why an update found no row. Only here it takes a second query to tell a row that has changed from one that is gone. */
export async function refuseUpdate(
  instance: Stateful,
  conditions: Where<AnyModel> | undefined,
  scope: Scope,
): Promise<never> {
  const isThere = conditions !== undefined && (await scope.run(findLoaded(instance, scope))).rows.length > 0;
  throw isThere ? unfulfilled(instance) : gone(instance, "updated");
}

function unfulfilled(instance: Stateful): OptimisticLockError {
  return new OptimisticLockError(
    `the row of this ${classNameOf(instance)} is there, but no longer fulfils the conditions of the update`,
  );
}

export function gone(instance: Stateful, what: string): NotFoundError {
  return new NotFoundError(`the ${classNameOf(instance)} to be ${what} is not there any more`);
}

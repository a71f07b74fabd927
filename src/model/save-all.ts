import { andThen } from "../database/maybe-promise.js";
import type { Scope } from "../database/scope.js";
import type { MaybePromise } from "../drivers/driver.js";
import { IntegrityError, UsageError } from "../errors.js";
import { hasHooks } from "../manager/hooks.js";
import { keepInstanceShape } from "../manager/hydrate.js";
import { type Ordinal, ordinal } from "../manager/row-order.js";
import { upsertOf } from "../manager/upsert.js";
import { eachRow, type PlaceOf } from "../sql/each-row.js";
import { checkNotHashed } from "../sql/insert-values.js";
import { sourceOf } from "../sql/source.js";
import type { Table, TableColumn } from "../sql/table.js";
import { type Values, validRows } from "../sql/validation.js";
import { kindOf } from "../text.js";
import { type Fire, operate, SAVE_EVENTS, SAVE_NEW_EVENTS } from "./operations.js";
import { checkNotDeleted } from "./own-row.js";
import { heldNow, refined, rememberAll, settleRow } from "./settle.js";
import {
  changedColumns,
  classNameOf,
  dataOf,
  isSaved,
  isStateful,
  ownState,
  rawOf,
  readColumn,
  type Stateful,
  valueIfThere,
} from "./state.js";

/** Instances of one class. */
interface OfClass {
  readonly model: object;
  readonly table: Table;
  readonly instances: readonly Stateful[];
  /** Where an instance stands among those of all classes, by its place here. */
  readonly placeOf: PlaceOf | undefined;
}

/** Writes what was found to be in order. */
type Write = (scope: Scope) => Promise<void>;

/**
 * Makes the rows of instances what they are, by their primary keys: an upsert for each class, in the order in which the classes
 * come. All is checked before the first is sent, but for what hooks make of instances.
 *
 * @throws TypeError for what is no instance, a value that a column can't hold, or the same key twice
 * @throws UsageError for an instance that was deleted, lacks columns or whose key was changed, or without a primary key
 */
export async function saveAllInstances(given: readonly object[], scope: Scope): Promise<void> {
  const instances = given.map((item) => {
    if (isStateful(item)) return item;
    throw new TypeError(`what is saved are instances of models, not ${kindOf(item)}`);
  });
  const classes = byClass(instances);
  for (const { table, instances: own } of classes) for (const instance of own) checkSavable(instance, table);
  checkDistinct(classes, scope);
  // Nothing is waited for without need: what is asked of a session goes in the order in which it is asked.
  const writes: Write[] = [];
  for (const each of classes) {
    const write = writeOf(each, scope);
    writes.push(write instanceof Promise ? await write : write);
  }
  const [only] = writes;
  if (only !== undefined && writes.length === 1) await only(scope);
  else
    await scope.atomically(async (within) => {
      for (const write of writes) await write(within);
    });
}

function byClass(instances: readonly Stateful[]): OfClass[] {
  const classes = new Map<object, Stateful[]>();
  for (const instance of instances) {
    const own = classes.get(instance.constructor);
    if (own === undefined) {
      keepInstanceShape(instance.constructor);
      classes.set(instance.constructor, [instance]);
    } else own.push(instance);
  }
  return Array.from(classes, ([model, own]) => ({
    model,
    table: sourceOf(model).table,
    instances: own,
    placeOf: classes.size > 1 ? (place) => instances.indexOf(own[place] as Stateful) : undefined,
  }));
}

function checkSavable(instance: Stateful, table: Table): void {
  checkNotDeleted(instance, "saved");
  const name = classNameOf(instance);
  if (table.key.length === 0) throw new UsageError(`table ${table.name} has no primary key by which to save ${name}`);
  if (!isSaved(instance)) return;
  const missing = table.columns.find((column) => rawOf(instance, column) === undefined);
  if (missing !== undefined)
    throw new UsageError(
      `${missing.label} was not selected, so that this ${name} can't be saved as a whole; reload() it`,
    );
  checkContent(instance, table);
  if (changedColumns(instance).some(({ isKey }) => isKey))
    throw new UsageError(
      `the key of this ${name} was changed, by which a session finds its row; its own save() moves it`,
    );
}

/**
 * That an upsert of a loaded instance meets its own row, where keys are made of content.
 *
 * @throws UsageError where it was changed, IntegrityError where its row was not what its key was made of
 */
function checkContent(instance: Stateful, table: Table): void {
  const { content } = table;
  if (content === undefined || !isSaved(instance)) return;
  for (const column of changedColumns(instance)) checkNotHashed(table, column);
  if (content.keyOf(dataOf(instance)) === readColumn(instance, content.key)) return;
  throw new IntegrityError(`a ${classNameOf(instance)} to be saved is not what its id was made of`);
}

/** @throws TypeError where an instance, or a key, is there twice */
function checkDistinct(classes: readonly OfClass[], { dialect }: Scope): void {
  const tables = new Map<string, Set<unknown>>();
  for (const { table, instances, placeOf } of classes) {
    const seen = tables.get(table.quoted) ?? new Set();
    tables.set(table.quoted, seen);
    const [first, ...others] = table.key;
    const partOf = (instance: Stateful, column: TableColumn): Ordinal =>
      ordinal(column.encode(dialect, valueIfThere(instance, column) ?? null));
    let count = seen.size;
    const add = (instance: Stateful): void => {
      seen.add(instance);
      count++;
      const mark = first && partOf(instance, first);
      if (mark === undefined) return;
      const parts = others.map((column) => partOf(instance, column));
      if (parts.includes(undefined)) return;
      seen.add(others.length === 0 ? mark : JSON.stringify([mark, ...parts].map(String)));
      count++;
    };
    eachRow(instances, add, placeOf);
    if (seen.size < count) throw new TypeError(`two of the instances to save are the same row of ${table.name}`);
  }
}

/** What saves instances of one class, with their hooks around it. */
function writeOf(of: OfClass, home: Scope): MaybePromise<Write> {
  const { model, instances } = of;
  if (!hasHooks(model, [...SAVE_EVENTS, ...SAVE_NEW_EVENTS])) return upsertInstances(of, home);
  return (scope) =>
    operate(instances, scope, async (fire, within) => {
      const isNew = new Map(instances.map((instance) => [instance, !isSaved(instance)]));
      const fireAll = async (event: (of: Stateful) => Parameters<Fire>[0]): Promise<void> => {
        for (const instance of instances) await fire(event(instance), instance);
      };
      await fireAll(() => "beforeSave");
      await fireAll((instance) => (isNew.get(instance) ? "beforeInsert" : "beforeUpdate"));
      const write = await upsertInstances(of, home);
      await write(within);
      await fireAll((instance) => (isNew.get(instance) ? "afterInsert" : "afterUpdate"));
      await fireAll(() => "afterSave");
    });
}

/** What upserts instances as they are now. They are `home`'s from then on. */
function upsertInstances({ model, table, instances, placeOf }: OfClass, home: Scope): MaybePromise<Write> {
  const source = sourceOf(model);
  for (const instance of instances) checkContent(instance, table);
  const sent = instances.map(heldNow);
  const data = instances.map((instance) => dataToSave(instance, table));
  return andThen(validRows(table, data, placeOf), (given): Write => {
    const upsert = upsertOf(source, given, {}, home.dialect, placeOf);
    return async (scope) => {
      const rows = await upsert(scope);
      rememberAll(instances, scope);
      instances.forEach((instance, i) => {
        ownState(instance).scope = home;
        const replaced = refined(table, data[i] ?? {}, given[i] ?? {});
        settleRow(instance, table, rows[i] ?? [], sent[i] ?? [], replaced);
      });
    };
  });
}

/**
 * All that an instance has. Of one that was loaded, the time of its update is that of now, and whether its row is hidden and
 * what the database computes is not for it to say, unless they were assigned.
 */
function dataToSave(instance: Stateful, { updatedAt, deletedAt, computed }: Table): Values {
  const data = dataOf(instance);
  if (!isSaved(instance)) return data;
  const changed = changedColumns(instance);
  for (const column of [updatedAt, deletedAt, ...computed])
    if (column !== undefined && !changed.includes(column)) delete data[column.property];
  return data;
}

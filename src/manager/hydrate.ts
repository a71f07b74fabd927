import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError, wrongInput } from "../errors.js";
import { keepShape } from "../shapes.js";
import { sourceOf } from "../sql/source.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import type { Values } from "../sql/validation.js";
import { type HookEvent, hasHooks, initialize } from "./hooks.js";
import { STATE, State } from "./instance-state.js";
import { LoadGroup } from "./load-group.js";

const INIT: readonly HookEvent[] = ["afterInit"];

/** Says to a model's constructor that a row of the database follows, and a state. */
export const LOADED = Symbol("rowkeeper.loaded");

/**
 * Keeps the shape of a model's instances.
 *
 * @throws UsageError where its constructor doesn't let a row through
 */
export function keepInstanceShape(model: object): void {
  keepShape(model, () => {
    const state = new State();
    const sample = new (model as AnyModel)(LOADED, undefined, state);
    if (Reflect.get(sample, STATE) === state) return sample;
    throw new UsageError(
      `the constructor of ${(model as AnyModel).name} must hand on all that it is given: constructor(...given) { super(...given); }`,
    );
  });
}

/** Instances of a model out of the rows of a select of all its columns, whose values are decoded when they are read. */
export function hydrate<M extends AnyModel>(
  model: M,
  rows: readonly (readonly unknown[])[],
  scope: Scope,
): InstanceType<M>[] {
  keepInstanceShape(model);
  const isGroup = rows.length > 1 && scope.batch && sourceOf(model).hasRelations?.() === true;
  const instances = isGroup ? hydrateGroup(model, rows, scope) : hydrateEach(model, rows, new State(scope));
  if (hasHooks(model, INIT)) initialize(model, instances, () => scope);
  return instances;
}

function hydrateEach<M extends AnyModel>(
  model: M,
  rows: readonly (readonly unknown[])[],
  state: State,
  instances = new Array<InstanceType<M>>(rows.length),
  start = 0,
  end = rows.length,
): InstanceType<M>[] {
  for (let i = start; i < end; i++) instances[i] = new model(LOADED, rows[i], state) as InstanceType<M>;
  return instances;
}

/** The same where each is to know those that came with it. */
function hydrateGroup<M extends AnyModel>(
  model: M,
  rows: readonly (readonly unknown[])[],
  scope: Scope,
): InstanceType<M>[] {
  const group = LoadGroup.of(rows.length);
  const size = LoadGroup.siblings(rows.length);
  if (size === 1) {
    const page = hydrateEach(model, rows, new State(scope, group));
    for (const instance of page) group.add(instance);
    return page;
  }
  const instances = new Array<InstanceType<M>>(rows.length);
  for (let start = 0; start < rows.length; start += size) {
    const end = Math.min(start + size, rows.length);
    const siblings: object[] = [];
    hydrateEach(model, rows, new State(scope, group, siblings), instances, start, end);
    for (let i = start; i < end; i++) siblings.push(instances[i] as object);
    group.add(siblings);
  }
  return instances;
}

/** Told to an instance that was inserted in a transaction when that is rolled back. */
export const UNSAVE = Symbol("rowkeeper.unsave");

/** @param keepKey whether a generated key stays: it was given, or may be that of a row that was there */
export function unsave(instances: readonly object[], keepKey: boolean): void {
  for (const instance of instances) (instance as { [UNSAVE](keepKey: boolean): void })[UNSAVE](keepKey);
}

/** The update of one row, by the key that it has now. */
export interface RowUpdate {
  readonly columns: readonly TableColumn[];
  readonly values: readonly DriverValue[];
  readonly key: readonly DriverValue[];
  /** Tells the instance that the database has it. */
  readonly settle?: ((scope: Scope) => void) | undefined;
}

/** What has changed of a row. */
export interface RowChanges {
  /** The values by property. */
  readonly values: Values;
  /** The update, of the values as their schemas gave them back. */
  encode(valid: Values, scope: Scope): RowUpdate;
}

/** Asks an instance for what of it has changed, to be updated together with others. */
export const CHANGES = Symbol("rowkeeper.changes");

/** @throws TypeError for an instance of another table; undefined where it is none */
export function rowChangesOf(table: Table, item: unknown): RowChanges | undefined {
  if (typeof item !== "object" || item === null || !(CHANGES in item)) return undefined;
  if (sourceOf(item.constructor).table === table) return (item as { [CHANGES](): RowChanges })[CHANGES]();
  throw wrongInput(`an update of ${table.name} got an instance of ${item.constructor.name}`);
}

import type { Scope } from "../database/scope.js";
import type { AnyModel } from "../sql/types.js";
import { type HookEvent, hasHooks, initialize } from "./hooks.js";

const INIT: readonly HookEvent[] = ["afterInit"];

/** Says to a model's constructor that a row of the database follows, and where it came from. */
export const LOADED = Symbol("rowkeeper.loaded");

/** What the instances of one result have in common. */
export interface Origin {
  readonly scope: Pick<Scope, "current">;
}

/** Instances of a model out of the rows of a select of all its columns. The arrays are kept, and read when asked. */
export function hydrate<M extends AnyModel>(model: M, rows: readonly unknown[][], scope: Scope): InstanceType<M>[] {
  const origin: Origin = { scope };
  const instances = new Array<InstanceType<M>>(rows.length);
  for (let i = 0; i < rows.length; i++) instances[i] = new model(LOADED, rows[i], origin) as InstanceType<M>;
  if (hasHooks(model, INIT)) initialize(model, instances, () => scope);
  return instances;
}

/** Told to an instance that was inserted in a transaction when that is rolled back. */
export const UNSAVE = Symbol("rowkeeper.unsave");

/** @param keepKey whether a generated key stays: it was given, or may be that of a row that was there */
export function unsave(instances: readonly object[], keepKey: boolean): void {
  for (const instance of instances) (instance as { [UNSAVE](keepKey: boolean): void })[UNSAVE](keepKey);
}

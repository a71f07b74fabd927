import { type Stateful, tableOf } from "../model/state.js";
import { linkKey, valuesOf } from "./link-key.js";

/** Whether two instances are of the same row. */
export function isSameRow(one: Stateful, other: Stateful): boolean {
  if (one === other) return true;
  const { key } = tableOf(one);
  if (tableOf(other) !== tableOf(one) || key.length === 0) return false;
  const own = linkKey(valuesOf(one, key));
  return own !== undefined && own === linkKey(valuesOf(other, key));
}

/** Instances without those that are of the same row as one before them. */
export function distinct(instances: readonly Stateful[]): Stateful[] {
  const rows = new Map<unknown, Stateful>();
  for (const instance of instances) {
    const row = rowOf(instance);
    if (!rows.has(row)) rows.set(row, instance);
  }
  return [...rows.values()];
}

/** Instances without those that are of the same row as one of these. */
export function without(instances: readonly Stateful[], others: readonly Stateful[]): Stateful[] {
  const rows = new Set(others.map(rowOf));
  return instances.filter((instance) => !rows.has(rowOf(instance)));
}

/** What two instances have in common where they are of the same row, and only then. */
export function rowOf(instance: Stateful): unknown {
  const { key, name } = tableOf(instance);
  const own = key.length === 0 ? undefined : linkKey(valuesOf(instance, key));
  return own === undefined ? instance : `${name} ${own}`;
}

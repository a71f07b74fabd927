import type { KeptRelation } from "../manager/instance-state.js";
import { jsonValue } from "../sql/json.js";
import { sourceOf } from "../sql/source.js";
import { dataOf, keptRelations, type Stateful } from "./state.js";

/** What is being made while `toJSON()` of an instance calls that of those that are related to it. */
interface Making {
  /** The instances that have, or will have, their relations in it. */
  readonly whole: Set<object>;
  /** Those of them whose turn is still to come. */
  readonly awaited: Set<object>;
}

let making: Making | undefined;

/**
 * The values of an instance and its loaded relations, for JSON. Each instance has its relations once, where it is nearest
 * to the first: met again, in a cycle or beside, it has its values alone, so that what comes is never larger than what
 * was loaded. What is related is asked by its own `toJSON()`, which a class may have overridden.
 */
export function jsonOf(instance: Stateful): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(dataOf(instance))) json[property] = jsonValue(value);
  const { getters = [] } = sourceOf(instance.constructor);
  for (const name of getters) {
    // What `withCount` has loaded.
    const count = `${name}Count`;
    if (Object.hasOwn(instance, count)) json[count] = Reflect.get(instance, count);
  }
  const relations = keptRelations(instance).filter(({ isLoaded, name }) => isLoaded && getters.includes(name));
  if (relations.length === 0) return json;
  if (making !== undefined) return addRelations(json, instance, relations, making);
  making = { whole: new Set(), awaited: new Set() };
  try {
    return addRelations(json, instance, relations, making);
  } finally {
    making = undefined;
  }
}

function addRelations(
  json: Record<string, unknown>,
  instance: Stateful,
  relations: readonly KeptRelation[],
  { whole, awaited }: Making,
): Record<string, unknown> {
  if (whole.has(instance) && !awaited.delete(instance)) return json;
  whole.add(instance);
  const known = relations.map((relation) => [relation.name, relation.known()] as const);
  for (const other of known.flatMap(([, others]) => others ?? [])) {
    if (whole.has(other)) continue;
    whole.add(other);
    awaited.add(other);
  }
  for (const [name, others] of known)
    json[name] = Array.isArray(others) ? others.map((other) => plainOf(other)) : plainOf(others);
  return json;
}

function plainOf(other: unknown): unknown {
  const hasForm =
    typeof other === "object" && other !== null && "toJSON" in other && typeof other.toJSON === "function";
  return hasForm ? Reflect.apply(other.toJSON as () => unknown, other, []) : other;
}

import type { Scope } from "../database/scope.js";
import { UsageError, wrongInput } from "../errors.js";
import { eachRow } from "../sql/each-row.js";
import { requireValues } from "../sql/insert-values.js";
import { requireRelation } from "../sql/path.js";
import { sourceOf } from "../sql/source.js";
import type { Source } from "../sql/statement-state.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { type Values, validRows } from "../sql/validation.js";
import { isPlainObject } from "../sql/where.js";
import { kindOf } from "../text.js";
import { type Workplace, written } from "./changes.js";
import { hasInsertHooks, insertWithHooks } from "./hooks.js";
import { insertRows } from "./insert-many.js";
import type { Loadable } from "./related-models.js";

/** A row to be inserted, and those that are related to it. */
class Node {
  readonly edges: Edge[] = [];
  /** The rows that are to be there before it. */
  readonly after: Node[] = [];
  instance: object | undefined;

  constructor(
    readonly model: AnyModel,
    readonly values: Values,
  ) {}
}

interface Edge {
  readonly related: Loadable;
  readonly others: readonly (Node | object)[];
}

/** Whether rows are given with what is related to them: `{ name, posts: [{ title }] }`. */
export function isGraph({ table, hasRelations }: Source, rows: readonly unknown[]): boolean {
  if (!hasRelations?.()) return false;
  return rows.some((row) => isPlainObject(row) && namesOthers(table, row));
}

/** Whether a row has a property that is no column. */
function namesOthers(table: Table, row: object): boolean {
  for (const name in row) if (!table.has(name) && Object.hasOwn(row, name)) return true;
  return false;
}

/**
 * Inserts rows with what is related to them, as one transaction, with one insert for each table, but for a table that refers
 * to itself, which has one for each generation.
 *
 * @throws TypeError for an unknown column or relation, or a value that a column can't hold, before anything is sent
 */
export async function insertGraph<M extends AnyModel>(
  { model, scope }: Workplace<M>,
  rows: readonly unknown[],
): Promise<InstanceType<M>[]> {
  const nodes: Node[] = [];
  const found = { nodes, known: new Map<object, Node>(), takers: new Map<object, Map<string, Node>>() };
  const roots: Node[] = [];
  eachRow(rows, (row) => roots.push(nodeOf(model, row, found, [])));
  const byModel = grouped(nodes, (node) => node.model);
  for (const [of, own] of byModel) await check(of, own);
  const batches = batchesOf(nodes);
  await scope.atomically(async (within) => {
    for (const batch of batches) await insertNodes(batch, within);
    await relate(nodes, within);
  });
  return roots.map(({ instance }) => instance as InstanceType<M>);
}

/** The rows that were found so far, and by the objects that they were given as. */
interface Found {
  readonly nodes: Node[];
  readonly known: Map<object, Node>;
  /** Whose keys the instances that were there before are to hold, by the properties that hold them. */
  readonly takers: Map<object, Map<string, Node>>;
}

/**
 * An object that is given in several places is one row.
 *
 * @throws TypeError for what is neither a column nor a relation, no row, or a value that a column can't hold
 * @throws UsageError for a row that is to hold the keys of several
 */
function nodeOf(model: AnyModel, row: unknown, found: Found, filled: readonly string[]): Node {
  const source = sourceOf(model);
  const { table } = source;
  if (!isPlainObject(row)) throw wrongInput(`a row of ${table.name} is an object, not ${kindOf(row)}`);
  const same = found.known.get(row);
  if (same !== undefined && same.model === model) {
    if (filled.length === 0) return same;
    throw givenToSeveral(table.name);
  }
  for (const name of Object.keys(row)) if (!table.has(name)) requireRelation(source, name);
  const given = Object.entries(row).filter(([, value]) => value !== undefined);
  const values: Values = { ...requireValues(table, Object.fromEntries(given.filter(([name]) => table.has(name)))) };
  for (const property of filled) requireUnsaid(table.name, values, property);
  for (const [property, value] of Object.entries(values)) if (value !== null) table.column(property).check(value);
  const node = new Node(model, values);
  found.nodes.push(node);
  found.known.set(row, node);
  const held = new Set(filled);
  for (const [name, value] of given) {
    if (table.has(name)) continue;
    const related = requireRelation(source, name) as Loadable;
    for (const property of related.filledOfOwn) requireUnsaid(table.name, values, property);
    requireUnfilled(table.name, held, related.filledOfOwn);
    const list = listOf(related, value);
    const others = list.map((item) =>
      item instanceof related.model
        ? taken(related.requireSaved(item, "insert"), node, related, found)
        : nodeOf(related.model, item, found, related.filledOfOthers),
    );
    for (const other of others) {
      if (!isNode(other)) continue;
      if (related.comesFirst) node.after.push(other);
      else if (related.filledOfOthers.length > 0) other.after.push(node);
    }
    node.edges.push({ related, others });
  }
  return node;
}

const isNode = (item: Node | object): item is Node => item instanceof Node;

function requireUnsaid(table: string, values: Values, property: string): void {
  if (property in values)
    throw new UsageError(`${table}.${property} is filled by the relation, and can't be given besides`);
}

/** Keys of several columns may have some of these in common. */
function requireUnfilled(table: string, held: Set<string>, properties: readonly string[]): void {
  if (properties.length > 0 && properties.every((property) => held.has(property)))
    throw new UsageError(`${table}.${properties.join(", ")} would be filled by two relations`);
  for (const property of properties) held.add(property);
}

/** An instance that is to hold the key of a row. @throws UsageError where it is to hold that of another as well */
function taken(other: object, by: Node, { model, filledOfOthers }: Loadable, { takers }: Found): object {
  const ofOther = takers.get(other) ?? new Map<string, Node>();
  takers.set(other, ofOther);
  for (const property of filledOfOthers) {
    if ((ofOther.get(property) ?? by) !== by) throw givenToSeveral(sourceOf(model).table.name);
    ofOther.set(property, by);
  }
  return other;
}

const givenToSeveral = (table: string): UsageError =>
  new UsageError(`a row of ${table} is given to several, of which it can hold the key of one`);

function listOf(related: Loadable, value: unknown): readonly unknown[] {
  if (!related.isMany) return value === null ? [] : [value];
  if (Array.isArray(value)) return value;
  throw wrongInput(`${related.label} takes a list, not ${kindOf(value)}`);
}

/** Puts what the schemas of columns make of the values in their place; of a model with hooks, that is done after these. */
async function check(model: AnyModel, nodes: readonly Node[]): Promise<void> {
  const { table } = sourceOf(model);
  const rows = nodes.map(({ values }) => values);
  if (hasInsertHooks(model)) return;
  const valid = await validRows(table, rows);
  nodes.forEach((node, i) => {
    Object.assign(node.values, valid[i]);
  });
}

/**
 * The rows in the order in which they can be inserted, those of one table together.
 *
 * @throws UsageError where that can't be
 */
function batchesOf(nodes: readonly Node[]): readonly (readonly Node[])[] {
  const batches: (readonly Node[])[] = [];
  const placed = new Set<Node>();
  const isReady = ({ after }: Node) => after.every((node) => placed.has(node));
  for (let waiting = nodes; waiting.length > 0; waiting = waiting.filter((node) => !placed.has(node))) {
    const byModel = [...grouped(waiting, ({ model }) => model).values()];
    // Best all that there are of a table.
    const whole = byModel.find((some) => some.every(isReady));
    const batch = whole ?? byModel.map((some) => some.filter(isReady)).find((some) => some.length > 0);
    if (batch === undefined) throw new UsageError("rows to insert hold the keys of each other in a circle");
    batches.push(batch);
    for (const node of batch) placed.add(node);
  }
  return batches;
}

async function insertNodes(nodes: readonly Node[], within: Scope): Promise<void> {
  const [first] = nodes;
  if (first === undefined) return;
  for (const { values, edges } of nodes) {
    for (const { related, others } of edges)
      if (related.comesFirst) Object.assign(values, related.valuesOfOwn(others.map(instanceOf)));
  }
  const { model } = first;
  const source = sourceOf(model);
  const rows = nodes.map(({ values }) => values);
  const instances =
    (await insertWithHooks(model, rows, within, { isMany: true })) ??
    written({ model, source, scope: within }, (await insertRows(source, rows, within, true)).rows);
  nodes.forEach((node, i) => {
    node.instance = instances[i];
    for (const { related, others } of node.edges) {
      if (related.comesFirst) continue;
      const filled = related.valuesOfOthers(instanceOf(node));
      for (const other of others) if (isNode(other)) Object.assign(other.values, filled);
    }
  });
}

const instanceOf = (item: Node | object): object => (isNode(item) ? (item.instance as object) : item);

/** Relates those that were there before, and those that a third table relates; and lets instances have what was given. */
async function relate(nodes: readonly Node[], within: Scope): Promise<void> {
  const edges = nodes.flatMap(({ edges: own, instance }) =>
    own.map((edge) => ({ ...edge, owner: instance as object })),
  );
  for (const [related, same] of grouped(edges, (edge) => edge.related)) {
    const given = same.map(({ owner, others }) => ({
      owner,
      others: others.map(instanceOf),
      known: others.filter((other) => !isNode(other)),
    }));
    await related.relate(given, within);
  }
}

/** Items with the same key together. */
function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

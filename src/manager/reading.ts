import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { Order } from "../sql/order.js";
import type { Source } from "../sql/statement-state.js";
import type { AnyModel } from "../sql/types.js";
import { isPlainObject } from "../sql/where.js";
import { checkOptions, kindOf, quoted } from "../text.js";
import { type Addition, joinedRelations, relationCounts } from "./joined-relations.js";
import { turnIfDue } from "./load-group.js";
import { type Query, requireQuery, selectOf } from "./query.js";
import { type Branch, type Loadable, type Reading, relationNamed } from "./related-models.js";

/** What was said of the relations to load, by their names. */
type Tree = Map<string, Node>;

const BRANCH_OPTIONS = ["where", "orderBy", "limit", "offset", "selectRelated", "withCount"];

interface Node {
  options: object | undefined;
  readonly tree: Tree;
}

/**
 * What a query asks for, and no more rows than `most`.
 *
 * @throws TypeError for an unknown option, column or relation; all of it before any SQL
 */
export function readingOf(model: AnyModel, source: Source, query: object, most?: number): Reading {
  const { prefetch, selectRelated, withCount } = requireQuery(query) as EagerQuery;
  if (prefetch === undefined && selectRelated === undefined && withCount === undefined)
    return plain(selectOf<AnyModel>(source, query, undefined, most));
  const tree: Tree = new Map();
  if (prefetch !== undefined) addTo(tree, prefetch);
  const branches = branchesOf(source, tree);
  const additions = [...joinedRelations(source, selectRelated), ...relationCounts(model, source, withCount)];
  if (additions.length === 0) return { ...plain(selectOf<AnyModel>(source, query, undefined, most)), branches };
  const items = [...source.table.columns, ...additions.flatMap((addition) => addition.items)];
  const statement = selectOf<AnyModel>(source, query, items, most);
  return { ...plain(statement), branches, attach: attacher(source.table.columns.length, additions) };
}

/** A query with what is loaded besides. */
type EagerQuery = Omit<Query<AnyModel>, "prefetch" | "selectRelated" | "withCount"> &
  Readonly<Record<"prefetch" | "selectRelated" | "withCount", unknown>>;

const NONE: readonly never[] = [];

/** Named one by one: a spread of what holds a function takes half a microsecond. */
function plain(statement: Reading["statement"]): Reading {
  return { statement, branches: NONE, isChosen: false, attach: undefined };
}

const plainReadings = new WeakMap<Source, Reading>();

/** All rows, and nothing with them: the same each time. */
export function plainReading(source: Source): Reading {
  let reading = plainReadings.get(source);
  if (reading === undefined) {
    reading = plain(selectOf<AnyModel>(source, {}));
    plainReadings.set(source, reading);
  }
  return reading;
}

function attacher(width: number, additions: readonly Addition[]): Reading["attach"] {
  return (instances, rows, scope) => {
    let start = width;
    for (const { items, attach } of additions) {
      attach(instances, rows, start, scope);
      start += items.length;
    }
  };
}

function addTo(tree: Tree, prefetch: unknown): void {
  if (typeof prefetch === "string") nodeAt(tree, prefetch);
  else if (Array.isArray(prefetch)) for (const item of prefetch) addTo(tree, item);
  else if (isPlainObject(prefetch)) for (const [path, said] of Object.entries(prefetch)) addOptions(tree, path, said);
  else
    throw new TypeError(
      `prefetch wants relations, such as "posts" or { posts: { limit: 5 } }, not ${kindOf(prefetch)}`,
    );
}

function addOptions(tree: Tree, path: string, said: unknown): void {
  if (said === false || said === undefined) return;
  const node = nodeAt(tree, path);
  if (said === true) return;
  if (!isPlainObject(said)) throw new TypeError(`prefetch of ${quoted(path)} takes options, not ${kindOf(said)}`);
  const { prefetch, ...options } = said as { prefetch?: unknown };
  if (prefetch !== undefined) addTo(node.tree, prefetch);
  if (Object.keys(options).length === 0) return;
  if (node.options !== undefined) throw new UsageError(`prefetch says options of ${quoted(path)} twice`);
  node.options = options;
}

function nodeAt(tree: Tree, path: string): Node {
  let node: Node = { options: undefined, tree };
  for (const name of path.split(".")) {
    const next = node.tree.get(name) ?? { options: undefined, tree: new Map() };
    node.tree.set(name, next);
    node = next;
  }
  return node;
}

function branchesOf(source: Source, tree: Tree): readonly Branch[] {
  return [...tree].map(([name, { options, tree: below }]) => {
    const related = relationNamed(source, name);
    if (options === undefined && below.size === 0) return { related, reading: plainReading(related.target) };
    const reading = options === undefined ? plainReading(related.target) : chosenReading(related, name, options);
    const branches = branchesOf(related.target, below);
    return { related, reading: { ...reading, branches, isChosen: options !== undefined } };
  });
}

/**
 * @throws TypeError for an option that rows of a relation can't be asked with
 * @throws UsageError for a limit in an order that is SQL text
 */
function chosenReading({ model, target }: Loadable, name: string, options: object): Reading {
  checkOptions("prefetch", options, BRANCH_OPTIONS);
  const reading = readingOf(model, target, options);
  const { limit, offset, orders } = reading.statement.state;
  const isLimited = limit !== undefined || offset !== undefined;
  if (isLimited && !orders.every((order) => order instanceof Order))
    throw new UsageError(
      `prefetch of ${quoted(name)}: a limit for each owner wants an order by columns, not by sql text`,
    );
  return reading;
}

/** Loads what is to be loaded with these instances; undefined where there is nothing to wait for. */
export function loadBesides(
  instances: readonly object[],
  { branches }: Reading,
  scope: Scope,
): Promise<void> | undefined {
  return branches.length === 0 ? turnIfDue() : prefetch(instances, branches, scope);
}

async function prefetch(owners: readonly object[], branches: readonly Branch[], scope: Scope): Promise<void> {
  if (owners.length === 0) return;
  for (const { related, reading } of branches) {
    await related.load(owners, scope, reading);
    if (reading.branches.length > 0) await prefetch(related.othersOf(owners), reading.branches, scope);
  }
}

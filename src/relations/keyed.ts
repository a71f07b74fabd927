import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import type { Reading } from "../manager/related-models.js";
import type { Stateful } from "../model/state.js";
import { checkComparable } from "../sql/comparable.js";
import { and, type Condition, type ConditionLike, or } from "../sql/conditions.js";
import { Order } from "../sql/order.js";
import { SOURCE, sourceOf } from "../sql/source.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { kindOf } from "../text.js";
import { Definition, type Found, type Keys, type Link, type Said } from "./definition.js";
import { canHold, keyInInstances, type LinkKey, valueFor, valuesFor, valuesOf } from "./link-key.js";

/** Kinds of text of which not all hold the same. */
const BOUNDED: ReadonlySet<string> = new Set(["varchar", "oneOf"]);

/** The columns by which rows are related, a pair for each part of the key. */
export interface Pair {
  readonly own: TableColumn;
  readonly other: TableColumn;
}

/** Rows that are related as one holds the key of the other. */
export abstract class Keyed extends Definition {
  readonly pairs: readonly Pair[];
  protected readonly own: readonly TableColumn[];
  protected readonly others: readonly TableColumn[];
  readonly #orders: readonly Order[];
  override readonly keyWidth: number;
  readonly #keyOf: (owner: Stateful) => LinkKey | undefined;
  /** Whether this side may have keys that the other can't hold. */
  readonly #isOfOtherType: boolean;

  constructor(owner: AnyModel, model: AnyModel, said: Said, pairs: readonly Pair[]) {
    super(owner, model, said);
    for (const { own, other } of pairs) checkComparable(own, other);
    this.pairs = pairs;
    this.own = pairs.map(({ own }) => own);
    this.others = pairs.map(({ other }) => other);
    // By owner first, as an index of the key has it; where each has one, there is nothing to order.
    const orders = [...this.others, ...this.target.table.key].map((column) => new Order(column, "asc"));
    this.#orders = this.isUnique ? [] : orders;
    this.keyWidth = pairs.length;
    this.#keyOf = keyInInstances(this.own);
    this.#isOfOtherType = pairs.some(
      ({ own, other }) => own.type.kind !== other.type.kind || BOUNDED.has(other.type.kind),
    );
  }

  /** The side that holds the key. */
  abstract readonly holder: "own" | "other";

  get isUnique(): boolean {
    const columns = this.pairs.map(({ other }) => other);
    const isWithin = (unique: readonly TableColumn[]): boolean => unique.every((column) => columns.includes(column));
    return this.target.table.keys.some(isWithin);
  }

  on(own: Table, target: Table): Condition {
    const isSame = (pair: Pair) =>
      target.column(pair.other.property).reference.eq(own.column(pair.own.property).reference);
    return and(...this.pairs.map(isSame));
  }

  keyOf(owner: Stateful): LinkKey | undefined {
    if (!this.#isOfOtherType) return this.#keyOf(owner);
    const canHave = (value: unknown, i: number): boolean =>
      value === null || canHold(this.others[i] as TableColumn, value);
    return valuesOf(owner, this.own).every(canHave) ? this.#keyOf(owner) : undefined;
  }

  /** @throws TypeError for a key that the other side can't hold */
  protected override canRelate(owner: Stateful, others: readonly Stateful[] = []): boolean {
    if (others.length > 0 && this.#isOfOtherType) {
      for (const [i, value] of valuesOf(owner, this.own).entries()) {
        const column = this.others[i];
        if (value !== null) column?.check(valueFor(column, value));
      }
    }
    return super.canRelate(owner, others);
  }

  isOf(owner: Stateful): ConditionLike {
    return areEqual(this.others, valuesOf(owner, this.own));
  }

  async find(owners: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found> {
    return this.findByOwn(scope, reading, {
      ...linkOf(this.others, owners.values(), this.own),
      orders: this.#orders,
    });
  }

  /** Whether another relation, seen from the other side, is by the same columns. */
  isOfSameColumns({ pairs }: Keyed): boolean {
    return (
      pairs.length === this.pairs.length &&
      pairs.every(({ own, other }, i) => own === this.pairs[i]?.other && other === this.pairs[i]?.own)
    );
  }
}

/** That columns have these values. */
export function areEqual(columns: readonly TableColumn[], values: readonly unknown[]): Condition {
  return and(...columns.map((column, i) => column.reference.eq(valueFor(column, values[i]))));
}

/** The link by columns that have the values which one of these instances has of its own. */
export function linkOf(
  columns: readonly TableColumn[],
  instances: Iterable<Stateful>,
  own: readonly TableColumn[],
): Pick<Link, "columns" | "condition" | "values"> {
  const [only, ...more] = columns;
  const [ownOnly] = own;
  if (only === undefined || ownOnly === undefined || more.length > 0)
    return {
      columns,
      condition: () =>
        isOneOf(
          columns,
          Array.from(instances, (instance) => valuesOf(instance, own)),
        ),
    };
  const values = valuesFor(only, instances, ownOnly);
  return { columns, condition: () => only.reference.in(values), values };
}

/** That columns have one of these lists of values. */
export function isOneOf(columns: readonly TableColumn[], lists: readonly (readonly unknown[])[]): Condition {
  const [only, ...more] = columns;
  if (only !== undefined && more.length === 0) return only.reference.in(lists.map(([value]) => valueFor(only, value)));
  return or(...lists.map((values) => areEqual(columns, values)));
}

/**
 * The pairs of a key that one model holds of another: those named, or by default `<model>Id`; what they refer to is what
 * the columns' references say, else the primary key.
 *
 * @throws TypeError for an unknown column
 * @throws UsageError where the key has another number of columns
 */
export function keyPairs(
  holder: AnyModel,
  referred: AnyModel,
  keys: Keys,
): { held: TableColumn; referred: TableColumn }[] {
  const { table } = sourceOf(holder);
  const to = sourceOf(referred).table;
  const held = namesOf(keys, referred, to, table).map((name) => table.column(name));
  const isThis = (columns: readonly TableColumn[]): boolean =>
    columns.length === held.length && columns.every((column, i) => column === held[i]);
  const referenced = table.foreignKeys.find((foreign) => isThis(foreign.columns))?.referenced;
  const columns = referenced?.map((property) => to.column(property)) ?? to.key;
  if (columns.length !== held.length || columns.length === 0) {
    const labels = held.map(({ label }) => label).join(", ");
    throw new UsageError(`${labels} can't refer to ${to.name}, whose key has ${columns.length} columns`);
  }
  return held.map((column, i) => ({ held: column, referred: columns[i] as TableColumn }));
}

/** The properties that are named, or those that hold a model's key by default: `userId`; `orderLineOrderId, orderLineLine`. */
function namesOf(keys: Keys, model: AnyModel, { key }: Table, holder: Table): readonly string[] {
  if (typeof keys === "string") return [keys];
  if (keys !== undefined) {
    if (Array.isArray(keys)) return keys;
    throw new TypeError(`the key of ${model.name} is told by one property or a list of them, not ${kindOf(keys)}`);
  }
  const parts = key.length < 2 ? ["id"] : key.map(({ property }) => property);
  return defaultNames(model, holder, (name) =>
    parts.map((part) => `${name}${part.charAt(0).toUpperCase()}${part.slice(1)}`),
  );
}

/** The properties named after a model: after the class from which it inherits, where the holder has none after itself. */
export function defaultNames(
  model: AnyModel,
  holder: Table,
  namesAfter: (name: string) => readonly string[],
): readonly string[] {
  const names = namesAfter(uncapitalized(model.name));
  if (names.every((name) => holder.has(name))) return names;
  for (let parent: unknown = Object.getPrototypeOf(model); isModel(parent); parent = Object.getPrototypeOf(parent)) {
    const inherited = namesAfter(uncapitalized(parent.name));
    if (inherited.every((name) => holder.has(name))) return inherited;
  }
  return names;
}

const isModel = (value: unknown): value is AnyModel => typeof value === "function" && SOURCE in value;

const uncapitalized = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

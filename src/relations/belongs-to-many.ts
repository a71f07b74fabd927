import type { Scope } from "../database/scope.js";
import { SCOPE } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { MOST_VALUES } from "../manager/insert-many.js";
import { Manager } from "../manager/manager.js";
import type { Given } from "../manager/related-models.js";
import { saveInstance } from "../model/operations.js";
import { isSaved, isStateful, type Stateful } from "../model/state.js";
import type { JoinedModel } from "../query/joined-model.js";
import { type Builder, QueryBuilder } from "../query/query-builder.js";
import type { EntryOf } from "../query/shape.js";
import { and, type Condition, NEVER, not, or } from "../sql/conditions.js";
import { sourceOf } from "../sql/source.js";
import { writeStatement } from "../sql/statement.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyInstance, AnyModel, ColumnName, NewRow } from "../sql/types.js";
import { validRows } from "../sql/validation.js";
import { isPlainObject } from "../sql/where.js";
import { checkOptions } from "../text.js";
import type { Definition, Said } from "./definition.js";
import { areEqual, isOneOf, keyPairs } from "./keyed.js";
import { type LinkKey, linkKey, valueFor, valuesOf } from "./link-key.js";
import { type Held, Pivoted } from "./pivoted.js";
import { relationOf } from "./relation.js";
import type { RelationState } from "./relation-state.js";
import { distinct, without } from "./same-row.js";
import { ToMany } from "./to-many.js";
import { type Touch, writeAlone, writeTogether } from "./writing.js";

/** The pivot of a many-to-many: called with a member, it gives their row. */
export interface Pivot<S extends AnyModel, V extends AnyModel> {
  /** The row that relates the instance and a member, or null where there is none. */
  (member: InstanceType<S>): Promise<InstanceType<V> | null>;
  readonly model: V;
  /** The table's name. */
  readonly table: string;
  /** The properties that hold this side's key, and the other's. */
  readonly own: readonly string[];
  readonly other: readonly string[];
  /** Whether pairs have no direction. */
  readonly symmetrical: boolean;
}

interface BelongsToManyKind<S extends AnyModel, V extends AnyModel> {
  readonly model: S;
  readonly many: true;
  readonly none: never;
  readonly ownKey: never;
  readonly otherKey: never;
  readonly pivot: V;
}

/** What no value is: for what the compiler says where a key is given. */
interface FilledByTheRelation {
  readonly filled: never;
}

/** What a pivot's row has besides its keys, where the getter names them. */
type PivotValues<V extends AnyModel, Keys extends string> = {
  [K in keyof NewRow<V>]?: K extends Keys ? NewRow<V>[K] & FilledByTheRelation : NewRow<V>[K];
};

/** The instances that the rows of a third model, the pivot, relate with this one. */
export class BelongsToMany<
  S extends AnyModel,
  V extends AnyModel = AnyModel,
  Keys extends string = never,
> extends ToMany<S, BelongsToManyKind<S, V>> {
  /** @internal */
  declare readonly definition: BelongsToManyDefinition;
  /** The rows of the pivot by the others' keys, once they were loaded. */
  declare private pivotRows: ReadonlyMap<LinkKey | undefined, object> | undefined;

  /** @internal */
  constructor(owner: Stateful, definition: BelongsToManyDefinition) {
    super(owner, definition);
    this.pivotRows = undefined;
  }

  /**
   * Relates these with this instance as well; those that are related already stay as they are. One transaction. The pivot's
   * own columns may come last: `article.tags.add(tag, { addedBy: "ann" })`.
   *
   * @throws UsageError for one that is not in the database
   * @throws TypeError for an unknown column of the pivot
   */
  add(...others: readonly InstanceType<S>[]): Promise<void>;
  add(...others: readonly [...InstanceType<S>[], PivotValues<V, Keys>]): Promise<void>;
  async add(...others: readonly unknown[]): Promise<void> {
    const last = others.at(-1);
    const isExtra = isPlainObject(last) && !isStateful(last);
    const members = this.members(isExtra ? others.slice(0, -1) : others, "add");
    if (members.length > 0) await this.definition.add(this, members, isExtra ? last : {});
  }

  /** Takes out the rows that relate these with this instance, where there are any. */
  async remove(...others: readonly InstanceType<S>[]): Promise<void> {
    const members = this.members(others, "remove");
    if (members.length > 0) await this.definition.remove(this, members);
  }

  /** Takes out all rows that relate others with this instance. */
  async clear(): Promise<void> {
    this.requireOwner("clear()");
    await this.replacing(this.write([]));
  }

  /** Relates these, and no others, with this instance; none clears. One transaction. @throws UsageError as `add` */
  async set(...others: readonly InstanceType<S>[]): Promise<void> {
    await this.replacing(this.write(this.members(others, "set")));
  }

  /** The pivot's table and columns; called with a member, it gives the row that relates the two. */
  get pivot(): Pivot<S, V> {
    const { definition } = this;
    const rowOf = async (member: InstanceType<S>): Promise<InstanceType<V> | null> => {
      const [other] = this.members([member], "pivot");
      return (await this.#pivotRow(other as Stateful)) as InstanceType<V> | null;
    };
    return Object.assign(rowOf, {
      model: definition.pivot as V,
      table: definition.pivot.table,
      own: definition.ownPairs.map(({ held }) => held.property),
      other: definition.otherPairs.map(({ held }) => held.property),
      symmetrical: definition.symmetrical,
    });
  }

  /** Where the others are loaded, so are the rows that relate them, for all instances that came with the owner. */
  async #pivotRow(other: Stateful): Promise<object | null> {
    const { definition, owner, scope } = this;
    if (this.loaded() === undefined) return definition.pivotRow(owner, other, scope);
    if (this.pivotRows === undefined) await this.#loadPivotRows();
    // Others may have begun it before this one could be with them.
    if (this.pivotRows === undefined) await this.#takePivotRows([owner]);
    return this.pivotRows?.get(definition.keyOfOther(other)) ?? null;
  }

  /** By what no other relation has: several may be by one pivot, each with the sides its own way. */
  #loadPivotRows(): Promise<void> {
    return this.together(this.definition.ownPairs, (owners) => this.#takePivotRows(owners));
  }

  async #takePivotRows(owners: readonly Stateful[]): Promise<void> {
    const { definition, scope } = this;
    const rows = await definition.pivotRows(owners, scope);
    for (const owner of owners) {
      const relation = definition.of(owner);
      if (relation instanceof BelongsToMany) relation.pivotRows = rows.get(definition.keyOf(owner)) ?? new Map();
    }
  }

  override keep(key: LinkKey | undefined, others: readonly object[], isChosen?: boolean, at?: number): void {
    super.keep(key, others, isChosen, at);
    this.pivotRows = undefined;
  }

  /** A builder of queries for the others, joined with their rows of the pivot. */
  query(): PivotedQuery<S, V> {
    return this.definition.query(this.owner, this.scope) as PivotedQuery<S, V>;
  }

  protected override write(others: readonly Stateful[]): Promise<void> {
    return this.definition.replace(this, others);
  }
}

/** A query for the others of a many-to-many, joined with the pivot. */
export type PivotedQuery<S extends AnyModel, V extends AnyModel> = Builder<
  S,
  readonly [EntryOf<S>, EntryOf<V>],
  JoinedModel<readonly [EntryOf<S>, EntryOf<V>]>,
  "whole"
>;

class BelongsToManyDefinition extends Pivoted {
  readonly kind = "BelongsToMany";

  make(owner: Stateful): RelationState {
    return new BelongsToMany(owner, this);
  }

  isInverse(other: Definition): boolean {
    if (!(other instanceof Pivoted) || other.pivot !== this.pivot || other.symmetrical !== this.symmetrical)
      return false;
    const isSame = (one: readonly Held[], another: readonly Held[]) =>
      one.length === another.length && one.every(({ held }, i) => held === another[i]?.held);
    const isTurned = isSame(this.ownPairs, other.otherPairs) && isSame(this.otherPairs, other.ownPairs);
    return isTurned || (this.symmetrical && isSame(this.ownPairs, other.ownPairs));
  }

  /** Relates others with the owner, with these values of the pivot's own columns. */
  async add(relation: RelationState, others: readonly Stateful[], extra: object): Promise<void> {
    const { table } = sourceOf(this.pivot);
    for (const [property, value] of Object.entries(extra)) {
      const column = table.column(property);
      if (value !== undefined && value !== null) column.check(value);
    }
    for (const { held } of [...this.ownPairs, ...this.otherPairs]) {
      if (held.property in extra)
        throw new UsageError(`${this.label}: ${held.label} is filled by the relation, and can't be given besides`);
    }
    const rows = this.#rows(relation.owner, others, extra);
    const isAlone = this.unique !== undefined && !this.symmetrical && table.deletedAt === undefined;
    const isOne = isAlone && rows.length <= this.#mostRows;
    const write = isOne ? writeAlone : writeTogether;
    await write(relation, others, async (within, touch) => {
      await this.#insert(relation.owner, others, rows, within);
      this.#gain(relation, others, touch);
    });
  }

  async remove(relation: RelationState, others: readonly Stateful[]): Promise<void> {
    if (!this.canRelate(relation.owner)) return;
    await writeAlone(relation, others, async (within, touch) => {
      await this.#delete(this.#isPair(relation.owner, others), within);
      this.#lose(relation, others, touch);
    });
  }

  /** Relates these others with the owner, and none else; those that are new are inserted. */
  async replace(relation: RelationState, others: readonly Stateful[]): Promise<void> {
    const { owner } = relation;
    if (!this.canRelate(owner, others)) return;
    const known = relation.lastKnown() as readonly Stateful[];
    // Who is related with itself knows that from the other side too.
    const before = owner.constructor === this.model ? [...known, owner] : known;
    const write = others.length === 0 ? writeAlone : writeTogether;
    await write(relation, others, async (within, touch) => {
      for (const other of others) if (!isSaved(other)) await saveInstance(other);
      const isKept = others.length === 0 ? [] : [not(this.#isPair(owner, others))];
      await this.#delete(and(this.#isOwn(owner), ...isKept), within);
      await this.#insert(owner, others, this.#rows(owner, others, {}), within);
      this.#lose(relation, without(before, others), touch);
      this.#gain(relation, others, touch);
      touch(relation).keep(this.keyOf(owner), others);
    });
  }

  override async relate(given: readonly Given[], within: Scope): Promise<void> {
    const rows = given.flatMap(({ owner, others }) =>
      isStateful(owner) ? this.#rows(owner, distinct(others.filter(isStateful)), {}) : [],
    );
    if (rows.length > 0) await this.#manager(within).insertMany(rows as NewRow<AnyModel>[], { fetch: false });
    await super.relate(given, within);
  }

  query(owner: Stateful, scope: Scope): unknown {
    const builder = new QueryBuilder<AnyModel>(this.model, { database: { [SCOPE]: scope } });
    const [pair] = this.otherPairs;
    const { alias } = this.target.table;
    const joined = builder.join(this.links, [
      `${alias}.${pair?.referred.property}`,
      `${this.via.table.alias}.${pair?.held.property}`,
    ]);
    return joined.where(this.keyOf(owner) === undefined ? NEVER : this.isLinkedTo(owner));
  }

  async pivotRow(owner: Stateful, other: Stateful, scope: Scope): Promise<object | null> {
    return this.#manager(scope).getInstance({ where: this.#isPair(owner, [other]) });
  }

  /** The rows of the pivot of these owners, by their keys, then by the others'. */
  async pivotRows(
    owners: readonly Stateful[],
    scope: Scope,
  ): Promise<Map<LinkKey | undefined, Map<LinkKey | undefined, object>>> {
    const [own, other] = [columnsOf(this.ownPairs), columnsOf(this.otherPairs)];
    const values = owners.map((owner) => this.ownValues(owner));
    const isOwn = isOneOf(own, values);
    const where = this.symmetrical ? or(isOwn, isOneOf(other, values)) : isOwn;
    const found = new Map<LinkKey | undefined, Map<LinkKey | undefined, object>>();
    const add = (row: object, one: LinkKey | undefined, another: LinkKey | undefined): void => {
      const rows = found.get(one);
      if (rows === undefined) found.set(one, new Map([[another, row]]));
      else rows.set(another, row);
    };
    for (const row of await this.#manager(scope).getInstances({ where })) {
      if (!isStateful(row)) continue;
      const [one, another] = [linkKey(valuesOf(row, own)), linkKey(valuesOf(row, other))];
      add(row, one, another);
      if (this.symmetrical) add(row, another, one);
    }
    return found;
  }

  /** What tells one of the others from the rest. */
  keyOfOther(other: Stateful): LinkKey | undefined {
    return linkKey(this.otherValues(other));
  }

  /** The rows of the pivot. Of pairs without a direction, the smaller key comes first, so that each is there once. */
  #rows(owner: Stateful, others: readonly Stateful[], extra: object): object[] {
    this.canRelate(owner, others);
    return others.map((other) => {
      const [own, theirs] = [this.ownValues(owner), this.otherValues(other)];
      if (linkKey(theirs) === undefined) throw this.keyless(this.model);
      const [first, second] = this.symmetrical && isGreater(own, theirs) ? [theirs, own] : [own, theirs];
      return { ...extra, ...heldBy(this.ownPairs, first), ...heldBy(this.otherPairs, second) };
    });
  }

  /** Inserts the rows of the pivot that are not there. */
  async #insert(owner: Stateful, others: readonly Stateful[], rows: readonly object[], within: Scope): Promise<void> {
    if (rows.length === 0) return;
    const source = sourceOf(this.pivot);
    const unique = this.unique;
    const missing = unique === undefined || this.symmetrical ? await this.#missing(owner, others, rows, within) : rows;
    if (missing.length === 0) return;
    const valid = await validRows(source.table, missing);
    const { deletedAt } = source.table;
    // A pair that was deleted softly keeps its place, where it would be in the way of itself.
    if (deletedAt !== undefined) {
      const isHidden = and(this.#isPair(owner, others), deletedAt.reference.isNotNull());
      await this.#manager(within).withDeleted().delete(isHidden, { force: true });
    }
    if (unique === undefined) {
      await this.#manager(within).insertMany(valid as NewRow<AnyModel>[], { fetch: false });
      return;
    }
    const size = this.#mostRows;
    for (let start = 0; start < valid.length; start += size) {
      const statement = writeStatement<AnyModel>("insert", source)
        .values(valid.slice(start, start + size) as NewRow<AnyModel>[])
        .onConflict({ on: unique, update: undefined });
      await within.run(statement.compile(within.dialect));
    }
  }

  /** How many rows of the pivot go into one statement, which binds each value by itself. */
  get #mostRows(): number {
    return Math.floor(MOST_VALUES / sourceOf(this.pivot).table.columns.length);
  }

  /** The rows of the pairs that are not there yet. */
  async #missing(owner: Stateful, others: readonly Stateful[], rows: readonly object[], within: Scope) {
    const there = await this.#manager(within).getInstances({ where: this.#isPair(owner, others) });
    const pairs = new Set(there.map((row) => this.#pairOf(row)));
    return rows.filter((row) => {
      const [own, other] = [valuesIn(row, this.ownPairs), valuesIn(row, this.otherPairs)];
      return !pairs.has(pairText(own, other)) && !(this.symmetrical && pairs.has(pairText(other, own)));
    });
  }

  #pairOf(row: AnyInstance): string {
    if (!isStateful(row)) return "";
    return pairText(
      valuesOf(
        row,
        this.ownPairs.map(({ held }) => held),
      ),
      valuesOf(
        row,
        this.otherPairs.map(({ held }) => held),
      ),
    );
  }

  async #delete(condition: Condition, within: Scope): Promise<void> {
    await this.#manager(within).delete(condition, { force: true });
  }

  /** That a row of the pivot is one of the owner's. */
  #isOwn(owner: Stateful): Condition {
    const values = this.ownValues(owner);
    const isOwn = areEqual(columnsOf(this.ownPairs), values);
    return this.symmetrical ? or(isOwn, areEqual(columnsOf(this.otherPairs), values)) : isOwn;
  }

  /** That a row of the pivot relates the owner and one of the others. */
  #isPair(owner: Stateful, others: readonly Stateful[]): Condition {
    const own = this.ownValues(owner);
    const theirs = others.map((other) => this.otherValues(other));
    const between = (one: readonly Held[], another: readonly Held[]) =>
      and(areEqual(columnsOf(one), own), isOneOf(columnsOf(another), theirs));
    const isPair = between(this.ownPairs, this.otherPairs);
    return this.symmetrical ? or(isPair, between(this.otherPairs, this.ownPairs)) : isPair;
  }

  #gain(relation: RelationState, others: readonly Stateful[], touch: Touch): void {
    touch(relation).gain(others);
    this.tell(relation.owner, [], others, touch);
  }

  #lose(relation: RelationState, others: readonly Stateful[], touch: Touch): void {
    touch(relation).lose(others);
    this.tell(relation.owner, others, [], touch);
  }

  #manager(within: Scope): Manager<AnyModel> {
    return new Manager(this.pivot).using({ [SCOPE]: within });
  }
}

const columnsOf = (pairs: readonly Held[]): readonly TableColumn[] => pairs.map(({ held }) => held);

const heldBy = (pairs: readonly Held[], values: readonly unknown[]): object =>
  Object.fromEntries(pairs.map(({ held }, i) => [held.property, valueFor(held, values[i])]));

const valuesIn = (row: object, pairs: readonly Held[]): unknown[] =>
  pairs.map(({ held }) => Reflect.get(row, held.property));

const pairText = (own: readonly unknown[], other: readonly unknown[]): string =>
  JSON.stringify([String(linkKey(own)), String(linkKey(other))]);

function isGreater(one: readonly unknown[], other: readonly unknown[]): boolean {
  const [a, b] = [linkKey(one), linkKey(other)];
  return a !== undefined && b !== undefined && a > b;
}

/** Options of `belongsToMany`. */
export interface BelongsToManyOptions {
  /** Of a relation of a model with itself: pairs have no direction, so that who relates with another is related by it. */
  readonly symmetrical?: boolean;
}

/**
 * The relation to instances of another model, or this one, by the rows of a third, for a getter:
 * `get tags() { return belongsToMany(this, Tag, ArticleTag, "articleId", "tagId"); }`.
 *
 * @param ownKey the property of the pivot that holds this model's key, or several; default `<this model>Id`
 * @param otherKey the property of the pivot that holds the other's key, or several; default `<model>Id`
 * @throws TypeError where there is no such column
 * @throws UsageError where both keys are the same, or a relation between two models is to be symmetrical
 */
export function belongsToMany<S extends AnyModel, V extends AnyModel, const K extends ColumnName<V> = never>(
  owner: AnyInstance,
  model: S,
  pivot: V,
  ownKey?: K | readonly K[],
  otherKey?: K | readonly K[],
  options?: BelongsToManyOptions,
): BelongsToMany<S, V, K> {
  if (options !== undefined) checkOptions("belongsToMany()", options, ["symmetrical"]);
  const symmetrical = options?.symmetrical ?? false;
  const relation = relationOf(owner, "BelongsToMany", model, defineBelongsToMany, ownKey, pivot, otherKey, symmetrical);
  return relation as BelongsToMany<S, V, K>;
}

function defineBelongsToMany(owner: AnyModel, model: AnyModel, said: Said): Definition {
  const [ownKey, pivot = model, otherKey, symmetrical = false] = said;
  const ownPairs = keyPairs(pivot, owner, ownKey);
  const otherPairs = keyPairs(pivot, model, otherKey);
  const isOneKey = ownPairs.some(({ held }) => otherPairs.some((other) => other.held === held));
  if (isOneKey)
    throw new UsageError(
      `the two keys of ${pivot.table} are to be told apart: say which holds this side's, and which the other's`,
    );
  if (symmetrical && sourceOf(model).table !== sourceOf(owner).table)
    throw new UsageError("only a relation of a model with itself can be symmetrical");
  return new BelongsToManyDefinition(owner, model, said, pivot, ownPairs, otherPairs, symmetrical);
}

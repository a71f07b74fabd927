import type { Manager } from "../manager/manager.js";
import { sourceOf } from "../sql/source.js";
import type { AnyInstance, AnyModel, ColumnName, OrderBy, Where } from "../sql/types.js";
import { defaultKey, Relation, referredBy, sameRelation } from "./relation.js";

/** Some of the instances of a relation, asked of the database. Immutable. */
export class RelationQuery<S extends AnyModel> {
  /** @internal */
  constructor(
    readonly manager: () => Manager<S> | undefined,
    readonly conditions: readonly Where<S>[],
    readonly rest: { orderBy?: readonly OrderBy<S>[]; limit?: number; offset?: number } = {},
  ) {}

  /** Adds conditions; repeated calls are ANDed. */
  filter(where: Where<S>): RelationQuery<S> {
    return new RelationQuery(this.manager, [...this.conditions, where], this.rest);
  }

  orderBy(...orderBy: readonly OrderBy<S>[]): RelationQuery<S> {
    return new RelationQuery(this.manager, this.conditions, { ...this.rest, orderBy });
  }

  limit(limit: number): RelationQuery<S> {
    return new RelationQuery(this.manager, this.conditions, { ...this.rest, limit });
  }

  offset(offset: number): RelationQuery<S> {
    return new RelationQuery(this.manager, this.conditions, { ...this.rest, offset });
  }

  async fetchAll(): Promise<InstanceType<S>[]> {
    return (await this.manager()?.getInstances({ where: this.#where, ...this.rest })) ?? [];
  }

  async fetchOne(): Promise<InstanceType<S> | null> {
    return (await this.manager()?.getInstance({ where: this.#where, ...this.rest })) ?? null;
  }

  async count(): Promise<number> {
    return (await this.manager()?.count({ where: this.#where })) ?? 0;
  }

  async exists(): Promise<boolean> {
    return (await this.manager()?.exists({ where: this.#where })) ?? false;
  }

  get #where(): Where<S> {
    return this.conditions.flat() as Where<S>;
  }
}

/** The instances that hold this instance's key. */
export class HasMany<S extends AnyModel> extends Relation<S> implements Iterable<InstanceType<S>> {
  #loaded: readonly InstanceType<S>[] | undefined;

  get isLoaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** All of them; loaded once. Of an unsaved instance there are none. */
  async fetchAll(): Promise<InstanceType<S>[]> {
    if (this.#loaded === undefined) await this.reload();
    return [...this.secondary];
  }

  async fetchOne(): Promise<InstanceType<S> | null> {
    return this.#loaded === undefined ? this.#query.fetchOne() : (this.#loaded[0] ?? null);
  }

  async count(): Promise<number> {
    return this.#loaded?.length ?? this.#query.count();
  }

  async exists(): Promise<boolean> {
    return this.#loaded === undefined ? this.#query.exists() : this.#loaded.length > 0;
  }

  /** Those that fulfil conditions besides; always asked of the database. */
  filter(where: Where<S>): RelationQuery<S> {
    return this.#query.filter(where);
  }

  /** The instances as they were loaded. @throws RelationNotLoadedError where they were not */
  get secondary(): readonly InstanceType<S>[] {
    if (this.#loaded === undefined) throw this.notLoaded("fetchAll");
    return this.#loaded;
  }

  at(index: number): InstanceType<S> | undefined {
    return this.secondary.at(index);
  }

  get length(): number {
    return this.secondary.length;
  }

  [Symbol.iterator](): Iterator<InstanceType<S>> {
    return this.secondary[Symbol.iterator]();
  }

  async reload(): Promise<this> {
    this.#loaded = await this.#query.fetchAll();
    return this;
  }

  get #query(): RelationQuery<S> {
    const manager = () => (this.isOwnerSaved ? this.manager : undefined);
    if (!this.isOwnerSaved) return new RelationQuery(manager, []);
    const foreign = sourceOf(this.secondaryModel).table.column(this.keyProperty);
    const own = referredBy(foreign, sourceOf(this.owner.constructor).table);
    return new RelationQuery<S>(manager, [foreign.reference.eq(Reflect.get(this.owner, own.property))]);
  }
}

/**
 * The relation to those instances of a model that hold this one's key, for a getter:
 * `get posts() { return hasMany(this, Post, "authorId"); }`.
 *
 * @param key the property of the other model that holds the key; default `<this model>Id`
 * @throws TypeError where there is no such column
 */
export function hasMany<S extends AnyModel>(
  owner: AnyInstance,
  model: S,
  key: ColumnName<S> = defaultKey(owner.constructor) as ColumnName<S>,
): HasMany<S> {
  return sameRelation<HasMany<S>>(owner, HasMany<S>, model, key, () => {
    sourceOf(model).table.column(key);
    return new HasMany(owner, model, key);
  });
}

import type { Manager } from "../manager/manager.js";
import type { CheckedWhere, WhereHint } from "../sql/relation-types.js";
import type { AnyModel, OrderBy, Where } from "../sql/types.js";

/** Some of the instances of a relation, asked of the database. Immutable. */
export class RelationQuery<S extends AnyModel> {
  /** @internal */
  constructor(
    readonly manager: () => Manager<S> | undefined,
    readonly conditions: readonly Where<S>[],
    readonly rest: { orderBy?: readonly OrderBy<S>[]; limit?: number; offset?: number } = {},
  ) {}

  /** Adds conditions; repeated calls are ANDed. */
  filter(where: Where<S>): RelationQuery<S>;
  filter<const W extends WhereHint<S>>(where: CheckedWhere<S, W>): RelationQuery<S>;
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

import type { Manager } from "../manager/manager.js";
import { checkCount } from "../sql/check-count.js";
import type { CheckedOrders, CheckedWhere, OrderHint, WhereHint } from "../sql/relation-types.js";
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

  orderBy(...orderBy: readonly OrderBy<S>[]): RelationQuery<S>;
  orderBy<const O extends readonly OrderHint<S>[]>(...orderBy: CheckedOrders<S, O>): RelationQuery<S>;
  orderBy(...orderBy: readonly OrderBy<S>[]): RelationQuery<S> {
    return new RelationQuery(this.manager, this.conditions, { ...this.rest, orderBy });
  }

  /** @throws UsageError where it is negative or a fraction */
  limit(limit: number): RelationQuery<S> {
    checkCount("limit", limit);
    return new RelationQuery(this.manager, this.conditions, { ...this.rest, limit });
  }

  /** @throws UsageError where it is negative or a fraction */
  offset(offset: number): RelationQuery<S> {
    checkCount("offset", offset);
    return new RelationQuery(this.manager, this.conditions, { ...this.rest, offset });
  }

  async fetchAll(): Promise<InstanceType<S>[]> {
    return (await this.manager()?.getInstances({ where: this.#where, ...this.rest })) ?? [];
  }

  async fetchOne(): Promise<InstanceType<S> | null> {
    return (await this.manager()?.getInstance({ where: this.#where, ...this.rest })) ?? null;
  }

  /** How many `fetchAll()` would give. */
  async count(): Promise<number> {
    const { limit = Number.POSITIVE_INFINITY, offset = 0 } = this.rest;
    const all = limit === 0 ? 0 : ((await this.manager()?.count({ where: this.#where })) ?? 0);
    return Math.min(Math.max(all - offset, 0), limit);
  }

  async exists(): Promise<boolean> {
    if (this.rest.limit === 0 || (this.rest.offset ?? 0) > 0) return (await this.count()) > 0;
    return (await this.manager()?.exists({ where: this.#where })) ?? false;
  }

  get #where(): Where<S> {
    return this.conditions.flat() as Where<S>;
  }
}

import type { Stateful } from "../model/state.js";
import type { QueryBuilder } from "../query/query-builder.js";
import type { AnyInstance, AnyModel, ColumnName } from "../sql/types.js";
import type { Definition, Keys, Said } from "./definition.js";
import { HasDefinition, hasPairs } from "./has-definition.js";
import { relationOf } from "./relation.js";
import type { RelationState } from "./relation-state.js";
import { ToMany } from "./to-many.js";

interface HasManyKind<S extends AnyModel, Key extends string> {
  readonly model: S;
  readonly many: true;
  readonly none: never;
  readonly ownKey: never;
  readonly otherKey: Key;
  readonly pivot: never;
}

/** The instances that hold this instance's key. */
export class HasMany<S extends AnyModel, Key extends string = string> extends ToMany<S, HasManyKind<S, Key>> {
  /** @internal */
  declare readonly definition: HasManyDefinition;

  /**
   * Lets these hold this instance's key as well; those that do so already stay as they are. One transaction.
   *
   * @throws UsageError for one that is not in the database
   * @throws NotFoundError where the row of one is gone
   */
  async add(...others: readonly InstanceType<S>[]): Promise<void> {
    const members = this.members(others, "add");
    if (members.length > 0) await this.definition.add(this, members);
  }

  /**
   * Sets the key of these to null, where they are members.
   *
   * @throws UsageError where their key is not nullable: nothing is written then
   */
  async remove(...others: readonly InstanceType<S>[]): Promise<void> {
    const members = this.members(others, "remove");
    if (members.length > 0) await this.definition.remove(this, members);
  }

  /** Sets the key of all to null. @throws UsageError where there are any, and their key is not nullable */
  async clear(): Promise<void> {
    this.requireOwner("clear()");
    await this.replacing(this.definition.clear(this));
  }

  /** Lets these, and no others, hold this instance's key; none clears. One transaction. @throws UsageError as the others */
  async set(...others: readonly InstanceType<S>[]): Promise<void> {
    await this.replacing(this.write(this.members(others, "set")));
  }

  /** A builder of queries for the others. */
  query(): QueryBuilder<S> {
    return this.builder;
  }

  protected override write(others: readonly Stateful[]): Promise<void> {
    return this.definition.replace(this, others);
  }
}

class HasManyDefinition extends HasDefinition {
  readonly kind = "HasMany";
  readonly isMany = true;

  make(owner: Stateful): RelationState {
    return new HasMany(owner, this);
  }
}

/**
 * The relation to those instances of a model that hold this one's key, for a getter:
 * `get posts() { return hasMany(this, Post, "authorId"); }`.
 *
 * @param key the property of the other model that holds the key, or several; default `<this model>Id`
 * @throws TypeError where there is no such column
 */
export function hasMany<S extends AnyModel, const K extends ColumnName<S> = never>(
  owner: AnyInstance,
  model: S,
  key?: K | readonly K[],
): HasMany<S, [K] extends [never] ? string : K>;
export function hasMany(owner: AnyInstance, model: AnyModel, key?: Keys): unknown {
  return relationOf(owner, "HasMany", model, defineHasMany, key);
}

const defineHasMany = (owner: AnyModel, model: AnyModel, said: Said): Definition =>
  new HasManyDefinition(owner, model, said, hasPairs(owner, model, said[0]));

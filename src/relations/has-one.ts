import type { Stateful } from "../model/state.js";
import type { AnyInstance, AnyModel, ColumnName } from "../sql/types.js";
import type { Definition, Keys, Said } from "./definition.js";
import { HasDefinition, hasPairs } from "./has-definition.js";
import { relationOf } from "./relation.js";
import type { RelationState } from "./relation-state.js";
import { isSameRow } from "./same-row.js";
import { ToOne } from "./to-one.js";

interface HasOneKind<S extends AnyModel, Key extends string> {
  readonly model: S;
  readonly many: false;
  readonly none: null;
  readonly ownKey: never;
  readonly otherKey: Key;
  readonly pivot: never;
}

/** The one instance that holds this instance's key. Make its key `.unique()`, or the first by its own key is meant. */
export class HasOne<S extends AnyModel, Key extends string = string> extends ToOne<S, HasOneKind<S, Key>> {
  /** @internal */
  declare readonly definition: HasOneDefinition;

  protected override write(other: Stateful | null): Promise<void> {
    return this.definition.replace(this, other === null ? [] : [other]);
  }

  override lose(others: readonly Stateful[]): void {
    const [known] = this.others() as readonly Stateful[];
    if (known !== undefined && others.some((other) => isSameRow(known, other))) this.settle(null);
  }
}

class HasOneDefinition extends HasDefinition {
  readonly kind = "HasOne";
  readonly isMany = false;

  make(owner: Stateful): RelationState {
    return new HasOne(owner, this);
  }
}

/**
 * The relation to the one instance of a model that holds this one's key, for a getter:
 * `get avatar() { return hasOne(this, Avatar, "userId"); }`.
 *
 * @param key the property of the other model that holds the key, or several; default `<this model>Id`
 * @throws TypeError where there is no such column
 */
export function hasOne<S extends AnyModel, const K extends ColumnName<S> = never>(
  owner: AnyInstance,
  model: S,
  key?: K | readonly K[],
): HasOne<S, [K] extends [never] ? string : K>;
export function hasOne(owner: AnyInstance, model: AnyModel, key?: Keys): unknown {
  return relationOf(owner, "HasOne", model, defineHasOne, key);
}

const defineHasOne = (owner: AnyModel, model: AnyModel, said: Said): Definition =>
  new HasOneDefinition(owner, model, said, hasPairs(owner, model, said[0]));

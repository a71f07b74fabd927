/** Stand-ins */
import type { CheckedWhere, WhereHint } from "../../src/sql/relation-types.js";
import type {
  AnyInstance,
  AnyModel,
  ColumnName,
  RelationKind,
  RelationShape,
  relation,
  Where,
} from "../../src/sql/types.js";

export declare abstract class Relation<S extends AnyModel, Kind extends RelationKind> implements RelationShape<Kind> {
  #x: number;
  declare readonly [relation]: Kind;
  readonly secondaryModel: S;
  save(): Promise<this>;
  reload(): Promise<this>;
}
export declare class RelationQuery<S extends AnyModel> {
  filter(where: Where<S>): RelationQuery<S>;
  filter<const W extends WhereHint<S>>(where: CheckedWhere<S, W>): RelationQuery<S>;
  fetchAll(): Promise<InstanceType<S>[]>;
}
export declare abstract class ToOne<S extends AnyModel, Kind extends RelationKind> extends Relation<S, Kind> {
  fetch(): Promise<InstanceType<S> | Kind["none"]>;
  get secondary(): InstanceType<S> | Kind["none"] | undefined;
  set secondary(instance: InstanceType<S> | Kind["none"]);
}
export declare class BelongsTo<S extends AnyModel, None extends null = null, Key extends string = string> extends ToOne<
  S,
  { model: S; many: false; none: None; ownKey: Key; otherKey: never; pivot: never }
> {}
export declare class HasOne<S extends AnyModel, Key extends string = string> extends ToOne<
  S,
  { model: S; many: false; none: null; ownKey: never; otherKey: Key; pivot: never }
> {}
export declare abstract class ToMany<S extends AnyModel, Kind extends RelationKind>
  extends Relation<S, Kind>
  implements Iterable<InstanceType<S>>
{
  fetchAll(): Promise<InstanceType<S>[]>;
  fetchOne(): Promise<InstanceType<S> | null>;
  count(): Promise<number>;
  filter(where: Where<S>): RelationQuery<S>;
  filter<const W extends WhereHint<S>>(where: CheckedWhere<S, W>): RelationQuery<S>;
  get secondary(): readonly InstanceType<S>[];
  set secondary(instances: readonly InstanceType<S>[]);
  at(index: number): InstanceType<S> | undefined;
  get length(): number;
  [Symbol.iterator](): Iterator<InstanceType<S>>;
}
export declare class HasMany<S extends AnyModel, Key extends string = string> extends ToMany<
  S,
  { model: S; many: true; none: never; ownKey: never; otherKey: Key; pivot: never }
> {
  add(...instances: InstanceType<S>[]): Promise<void>;
}
export declare class BelongsToMany<S extends AnyModel, V extends AnyModel> extends ToMany<
  S,
  { model: S; many: true; none: never; ownKey: never; otherKey: never; pivot: V }
> {
  add(...instances: InstanceType<S>[]): Promise<void>;
}

/** The class with the getter, by its data: were it inferred itself, the relation's type would depend on `this`. */
interface Owner<D> extends AnyInstance {
  readonly data: D;
}
type NoneOf<D, K extends keyof D> = null extends D[K] ? null : never;
export declare function belongsTo<D, S extends AnyModel, const K extends keyof D & string>(
  owner: Owner<D>,
  model: S,
  key: K | readonly K[],
): BelongsTo<S, NoneOf<D, K>, K>;
export declare function belongsTo<S extends AnyModel>(owner: AnyInstance, model: S): BelongsTo<S>;
export declare function hasOne<S extends AnyModel, const K extends ColumnName<S> = never>(
  owner: AnyInstance,
  model: S,
  key?: K | readonly K[],
): HasOne<S, [K] extends [never] ? string : K>;
export declare function hasMany<S extends AnyModel, const K extends ColumnName<S> = never>(
  owner: AnyInstance,
  model: S,
  key?: K | readonly K[],
): HasMany<S, [K] extends [never] ? string : K>;
export declare function belongsToMany<S extends AnyModel, V extends AnyModel>(
  owner: AnyInstance,
  model: S,
  pivot: V,
  ownKey?: ColumnName<V> | readonly ColumnName<V>[],
  otherKey?: ColumnName<V> | readonly ColumnName<V>[],
  options?: { readonly symmetrical?: boolean },
): BelongsToMany<S, V>;
export declare class Contains<S extends AnyModel> extends ToMany<
  S,
  { model: S; many: true; none: never; ownKey: never; otherKey: never; pivot: never }
> {}
export declare class Within<S extends AnyModel> extends ToMany<
  S,
  { model: S; many: true; none: never; ownKey: never; otherKey: never; pivot: never }
> {}
export declare function contains<S extends AnyModel>(owner: AnyInstance, model: S, key?: ColumnName<S>): Contains<S>;
export declare function within<D, S extends AnyModel>(owner: Owner<D>, model: S, key?: keyof D & string): Within<S>;

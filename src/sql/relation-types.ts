/**
 * What the compiler knows of queries across relations. Types only.
 *
 * Users' getters and methods have no annotations and refer to each other's classes, so that a type which walks over all
 * members of an instance would be circular. These look only at the names that a query uses; all relations are listed only
 * where a message needs them.
 */
import type { Sql } from "sql-template-tag";
import type { Signal } from "../drivers/abort.js";
import type { Condition } from "./conditions.js";
import type { ColumnExpression } from "./operators.js";
import type { Order } from "./order.js";
import type {
  AnyInstance,
  AnyModel,
  ColumnName,
  ColumnsOf,
  Flatten,
  IsLoose,
  LooseRelation,
  NewRow,
  RelationKind,
  RelationShape,
  Row,
  Where,
  WhereObject,
} from "./types.js";

/** The members that every instance has besides its columns. */
export type InstanceMember =
  | keyof AnyInstance
  | "changes"
  | "equals"
  | "hash"
  | "reload"
  | "restore"
  | "toJSON"
  | "update"
  | "using";

/** Allows whatever there is, and yet lets editors and literals go by what it is joined with. */
type Anything = NonNullable<unknown> | null | undefined;
type AnyText = string & NonNullable<unknown>;

type InstanceOf<M> = M extends new (...args: never) => infer I ? I : never;
/** What the compiler remembers of one relation; never where the name is none. */
type KindOf<M, K> = InstanceOf<M> extends infer I ? KindIn<I, K> : never;
type KindIn<I, K> = K extends keyof I
  ? IsLoose<I[K]> extends true
    ? LooseRelation
    : I[K] extends RelationShape<infer Kind>
      ? Kind
      : never
  : never;
type IsNever<T> = [T] extends [never] ? true : false;

/** Names that may be relations: no member is looked at. */
type MemberName<M> = Exclude<keyof InstanceOf<M> & string, InstanceMember | ColumnName<M>>;

/**
 * All relations, or those to many, or to one. For messages alone: it looks at every member. As a property, as the compiler
 * shows the names then, and not what they are the result of.
 */
interface Names<M, Many extends boolean> {
  readonly relations: {
    [K in MemberName<M>]: KindOf<M, K> extends infer Kind
      ? IsNever<Kind> extends true
        ? never
        : Kind extends { readonly many: Many }
          ? K
          : never
      : never;
  }[MemberName<M>];
}

/** What might have been said in place of a name that is none; or why there is nothing. */
type RelationName<M, P extends string = "prefetch", Many extends boolean = boolean> =
  IsNever<MemberName<M>> extends true
    ? `${P}: ${Undeclared}`
    : IsNever<Names<M, Many>["relations"]> extends true
      ? `${P}: there are no such relations`
      : Names<M, Many>["relations"];

/** A class that declares no manager has that of the class which it extends, which knows its columns alone. */
type Undeclared = "for relations, declare static override objects = new Manager(this)";

// Names and paths

/** Names without the `?` of those that may be left out. */
type PathHead<P extends string> = P extends `${infer H}.${string}` ? Sure<H> : Sure<P>;
type PathTail<P extends string, H extends string> = P extends `${H}.${infer T}` | `${H}?.${infer T}` ? T : never;
type Sure<P extends string> = P extends `${infer H}?` ? H : P;

/** The path itself where it is one, else those that there are. */
type PrefetchPath<M, P extends string> = P extends `${infer H}.${infer T}`
  ? IsNever<KindOf<M, H>> extends true
    ? RelationName<M, H>
    : `${H}.${PrefetchPath<KindOf<M, H>["model"], T>}`
  : IsNever<KindOf<M, P>> extends true
    ? RelationName<M, P>
    : P;

/** The same through to-ones. */
type JoinPath<M, P extends string> = P extends `${infer H}.${infer T}`
  ? H extends JoinName<M, H>
    ? `${H}.${JoinPath<KindOf<M, H>["model"], T>}`
    : JoinName<M, H>
  : JoinName<M, P>;
type JoinName<M, P extends string> =
  IsNever<KindOf<M, P>> extends true
    ? RelationName<M, P, false>
    : KindOf<M, P>["many"] extends true
      ? `${P} has many, which selectRelated can't join: use prefetch`
      : P;

type CountedName<M, P extends string> =
  IsNever<KindOf<M, P>> extends true
    ? RelationName<M, P, true>
    : KindOf<M, P>["many"] extends true
      ? P
      : `${P} has one at most, which withCount doesn't count`;

type ExpectedPrefetch<M, P> = P extends string
  ? PrefetchPath<M, P>
  : P extends readonly unknown[]
    ? { readonly [N in keyof P]: ExpectedPrefetch<M, P[N]> }
    : P extends object
      ? { readonly [K in keyof P]: IsNever<KindOf<M, K>> extends true ? NoRelation<M, K> : ExpectedNested<M, K, P[K]> }
      : RelationName<M>;

type ExpectedNested<M, K, Q> = Q extends object ? ExpectedQuery<KindOf<M, K>["model"], Q, NestedOption> : true;

type ExpectedJoin<M, P> = P extends string
  ? JoinPath<M, P>
  : P extends readonly unknown[]
    ? { readonly [N in keyof P]: ExpectedJoin<M, P[N]> }
    : RelationName<M, "selectRelated", false>;

type ExpectedCounts<M, P> = P extends string
  ? CountedName<M, P>
  : P extends readonly unknown[]
    ? { readonly [N in keyof P]: ExpectedCounts<M, P[N]> }
    : RelationName<M, "withCount", true>;

type NoRelation<M, K> = `there is no relation ${K & string}${Advice<M>}`;
type NoMember<M, K> = `there is no column or relation ${K & string}${Advice<M>}`;
type Advice<M> = IsNever<MemberName<M>> extends true ? `: ${Undeclared}` : "";
type NoOption<K> = `there is no option ${K & string}`;

// Conditions

type ColumnCondition<T> = T | readonly T[] | Condition | null;

/** What `where` may be, said for what it is: columns, paths through to-ones to a column, relations. */
type ExpectedWhere<M, W> = W extends Condition | Sql
  ? W
  : W extends readonly unknown[]
    ? { readonly [N in keyof W]: ExpectedWhere<M, W[N]> }
    : W extends object
      ? { readonly [P in keyof W]: ExpectedValue<M, P, W[P]> }
      : Where<M>;

type ExpectedValue<M, P, V> =
  P extends ColumnName<M>
    ? ColumnCondition<Row<M>[P]>
    : P extends `${infer H}.${infer T}`
      ? PathValue<M, H, T>
      : IsNever<KindOf<M, P>> extends true
        ? NoMember<M, P>
        : KindOf<M, P>["many"] extends true
          ? ExpectedQuantified<KindOf<M, P>["model"], V>
          : ExpectedObject<KindOf<M, P>["model"], V> | null;

type PathValue<M, H extends string, P extends string> =
  IsNever<KindOf<M, H>> extends true
    ? NoMember<M, H>
    : KindOf<M, H>["many"] extends true
      ? `${H} has many: say { ${H}: { some: … } }`
      : P extends ColumnName<KindOf<M, H>["model"]>
        ? ColumnCondition<Row<KindOf<M, H>["model"]>[P]>
        : P extends `${infer Next}.${infer Rest}`
          ? PathValue<KindOf<M, H>["model"], Next, Rest>
          : `there is no column ${P} at the end of the path`;

type ExpectedQuantified<M, V> = V extends object
  ? {
      readonly [Q in keyof V]: Q extends keyof Quantified<M>
        ? ExpectedWhere<M, V[Q]>
        : `${Q & string}: of many say some, none or every`;
    }
  : Quantified<M>;
/** What is said of many: that there is one, that there is none, that all are so. */
interface Quantified<M> {
  readonly some?: Where<M>;
  readonly none?: Where<M>;
  readonly every?: Where<M>;
}

type ExpectedObject<M, V> = V extends readonly unknown[] | Condition | Sql
  ? WhereObject<M>
  : V extends object
    ? ExpectedWhere<M, V>
    : WhereObject<M>;

// Order

type ExpectedOrder<M, O, Counts extends string> = O extends string
  ? O extends `-${infer P}`
    ? `-${OrderPath<M, P, Counts>}`
    : OrderPath<M, O, Counts>
  : O extends readonly unknown[]
    ? { readonly [N in keyof O]: ExpectedOrder<M, O[N], Counts> }
    : Order | Sql;

type OrderPath<M, P extends string, Counts extends string> = P extends ColumnName<M> | Counts
  ? P
  : P extends `${infer H}.${infer T}`
    ? H extends JoinName<M, H>
      ? `${H}.${OrderPath<KindOf<M, H>["model"], T, never>}`
      : `${H} is no relation to one`
    : OrderName<M, P, Counts>;

/** What might have been said in place of a name that is none. */
type OrderName<M, P extends string, Counts extends string> = P extends `${infer H}Count`
  ? IsNever<KindOf<M, H>> extends true
    ? (keyof ColumnsOf<M> & string) | Counts
    : `${P} is not counted: add ${H} to withCount`
  : (keyof ColumnsOf<M> & string) | Counts;

// Queries

type LoadOption = "prefetch" | "selectRelated" | "withCount";
type NestedOption = "where" | "orderBy" | "limit" | "offset" | LoadOption;
type QueryOption = NestedOption | "lock" | "skipLocked" | "noWait" | "signal";
type ItemOption = Exclude<QueryOption, LoadOption> | "columns";

/** What each option may be, said for what it is. */
interface ExpectedOptions<M, Q, Counts extends string> {
  readonly where: ExpectedWhere<M, Option<Q, "where">> | undefined;
  readonly orderBy: ExpectedOrder<M, Option<Q, "orderBy">, Counts | CountsOf<Option<Q, "withCount">>> | undefined;
  readonly prefetch: ExpectedPrefetch<M, Option<Q, "prefetch">> | undefined;
  readonly selectRelated: ExpectedJoin<M, Option<Q, "selectRelated">> | undefined;
  readonly withCount: ExpectedCounts<M, Option<Q, "withCount">> | undefined;
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  readonly lock: "update" | "share" | undefined;
  readonly skipLocked: boolean | undefined;
  readonly noWait: boolean | undefined;
  readonly signal: Signal | undefined;
  readonly columns: readonly ColumnName<M>[] | undefined;
}

type ExpectedQuery<M, Q, Options extends string, Counts extends string = never> = {
  readonly [K in keyof Q]: K extends Options & keyof ExpectedOptions<M, Q, Counts>
    ? ExpectedOptions<M, Q, Counts>[K]
    : NoOption<K>;
};

type Option<Q, K extends string> = K extends keyof Q ? Q[K] : never;

/**
 * The type itself where it is as expected; else what is expected, which the compiler then compares it with. Where it compares
 * managers, it puts `any` for what is inferred, of which it need not look at what is expected.
 */
type Checked<T, Expected> = 0 extends 1 & T ? T : [T] extends [Expected] ? T : Expected;

/** A query as it was written, if all that it names is there; else what may be there. */
export type CheckedQuery<M, Q, Counts extends string = never> = Checked<Q, ExpectedQuery<M, Q, QueryOption, Counts>>;
/** The same of plain objects. */
export type CheckedItemQuery<M, Q> = Checked<Q, ExpectedQuery<M, Q, ItemOption>>;
/** The same of the conditions alone. */
export type CheckedConditions<M, Q> = Checked<Q, ExpectedQuery<M, Q, "where" | "signal">>;
/** The same of what to load with an instance. */
export type CheckedLoad<M, Q> = Checked<Q, ExpectedQuery<M, Q, LoadOption | "signal">>;
/** Conditions as they were written, if all that they name is there. */
export type CheckedWhere<M, W> = Checked<W, ExpectedWhere<M, W>>;
/** What to order by, each by itself. */
export type CheckedOrders<M, O> = Checked<O, ExpectedOrder<M, O, never>>;
/** The names of relations to many, if they are. */
export type CheckedCounts<M, P> = Checked<P, ExpectedCounts<M, P>>;

// What editors propose, and what literals are taken for. Everything that may be right is accepted.

type NameHint<M> = MemberName<M> | AnyText;
/** What conditions may look like. */
export type WhereHint<M> = Where<M> | { readonly [K in MemberName<M>]?: Anything } | Anything;
/** What to order by. */
export type OrderHint<M> = ColumnName<M> | `-${ColumnName<M>}` | AnyText | Order | Sql;
type PrefetchHint<M> =
  | NameHint<M>
  | { readonly [K in MemberName<M>]?: true | QueryHint<KindOf<M, K>["model"]> | Anything }
  | object;

/** Names of relations to many. */
export type CountHint<M> = NameHint<M> | readonly NameHint<M>[];

/** What may be loaded with an instance. */
export interface LoadHint<M> {
  /** Relations, and paths of them such as `"posts.tags"`, each loaded in one query: then they are there, by type too. */
  readonly prefetch?: PrefetchHint<M> | readonly PrefetchHint<M>[] | undefined;
  /** Relations to one, and paths of them such as `"author.avatar"`, loaded in the same query by joins. */
  readonly selectRelated?: NameHint<M> | readonly NameHint<M>[] | undefined;
  /** Relations to many: `postsCount` tells how many `posts` there are. */
  readonly withCount?: CountHint<M> | undefined;
  /** Cancels it, on PostgreSQL's server too. */
  readonly signal?: Signal | undefined;
}

/** What a query across relations may look like. */
export interface QueryHint<M> extends LoadHint<M> {
  readonly where?: WhereHint<M>;
  readonly orderBy?: OrderHint<M> | readonly OrderHint<M>[] | undefined;
  readonly limit?: Anything;
  readonly offset?: Anything;
  readonly lock?: Anything;
  readonly skipLocked?: Anything;
  readonly noWait?: Anything;
  readonly columns?: Anything;
}

// What is loaded

/** The names of the numbers: `postsCount` of `posts`. */
export type CountsOf<P> = CountName<NamesIn<P>>;
type CountName<N extends string> = string extends N ? N : `${N}Count`;
type NamesIn<P> = P extends string ? P : P extends readonly (infer Item extends string)[] ? Item : never;

/** The paths that a query loads; what it counts is a path of its own, such as `postsCount`. */
export type LoadedPaths<Q> =
  | PathsIn<Option<Q, "prefetch">>
  | NamesIn<Option<Q, "selectRelated">>
  | CountsOf<Option<Q, "withCount">>;

type PathsIn<P> = P extends string
  ? P
  : P extends readonly (infer Item)[]
    ? PathsIn<Item>
    : {
        [K in keyof P & string]:
          | MaybeLess<K, P[K]>
          | (P[K] extends object ? `${MaybeLess<K, P[K]>}.${LoadedPaths<P[K]>}` : never);
      }[keyof P & string];

/** `book?` where not all are asked for: of one, there may be none then. */
type MaybeLess<K extends string, Q> = Q extends object
  ? IsNever<NonNullable<Option<Q, "where"> | Option<Q, "limit"> | Option<Q, "offset">>> extends true
    ? K
    : `${K}?`
  : K;

/**
 * An instance with the relations by these paths loaded: `Loaded<User, "posts.tags" | "friends">`; and `Loaded<Copy, "book?">`
 * where conditions may have left the book out.
 */
export type Loaded<I, Paths extends string> =
  IsNever<Paths> extends true
    ? I
    : string extends Paths
      ? I
      : {
          readonly [K in PathHead<Paths>]: K extends keyof I
            ? LoadedRelation<I[K], PathTail<Paths, K>, LeftOut<Paths, K>>
            : number;
        } & I;

/** Null where a relation to one may be left out. */
type LeftOut<Paths extends string, K extends string> =
  IsNever<Extract<Paths, `${K}?` | `${K}?.${string}`>> extends true ? never : null;

type LoadedRelation<R, Paths extends string, None extends null> =
  IsLoose<R> extends true
    ? R
    : R extends RelationShape<infer Kind>
      ? Kind["many"] extends true
        ? LoadedMany<InstanceType<Kind["model"]>, Paths>
        : LoadedOne<InstanceType<Kind["model"]>, Kind["none"], Paths, None>
      : unknown;

/** What a relation to one is besides, once it is loaded. */
export interface LoadedOne<I, None extends null, Paths extends string, LeftOut extends null = never> {
  get secondary(): Loaded<I, Paths> | None | LeftOut;
  set secondary(instance: I | None);
  fetch(): Promise<Loaded<I, Paths> | null>;
}

/** What a relation to many is besides, once it is loaded. */
export interface LoadedMany<I, Paths extends string> extends Iterable<Loaded<I, Paths>> {
  get secondary(): readonly Loaded<I, Paths>[];
  set secondary(instances: readonly I[]);
  at(index: number): Loaded<I, Paths> | undefined;
  fetchAll(): Promise<Loaded<I, Paths>[]>;
  fetchOne(): Promise<Loaded<I, Paths> | null>;
}

// Rows with what is related to them

/** What a row to be inserted may be, said for what it is. What relations fill may be left out. */
type ExpectedRow<M, V, Filled extends string = never> = {
  readonly [K in keyof NewRow<M> as K extends Filled | OwnKeys<M, V> ? never : K]: NewRow<M>[K];
} & { readonly [K in (Filled | OwnKeys<M, V>) & ColumnName<M>]?: Row<M>[K] | undefined } & {
  readonly [K in OtherKeys<M, V>]: ExpectedMember<M, K, V[K]>;
};

/** By itself, as the compiler makes `never` of a text with the name within the type above. */
type ExpectedMember<M, K, V> = IsNever<KindOf<M, K>> extends true ? NoMember<M, K> : ExpectedRelated<M, K, V>;

type OtherKeys<M, V> = Exclude<keyof V, ColumnName<M>>;
/** The keys of this model that are filled by what is given for its relations. */
type OwnKeys<M, V> = { [K in OtherKeys<M, V>]: KindOf<M, K>["ownKey"] }[OtherKeys<M, V>];

type ExpectedRelated<M, K, V> = KindOf<M, K>["many"] extends true
  ? V extends readonly unknown[]
    ? { readonly [N in keyof V]: ExpectedItem<M, K, V[N]> }
    : readonly ExpectedItem<M, K, never>[]
  : ExpectedItem<M, K, V> | KindOf<M, K>["none"];

type ExpectedItem<M, K, V> = [V] extends [AnyInstance]
  ? InstanceType<KindOf<M, K>["model"]>
  : V extends AnyInstance
    ? InstanceType<KindOf<M, K>["model"]>
    : ExpectedRow<KindOf<M, K>["model"], V, KindOf<M, K>["otherKey"]>;

/** A row as it was written, with what is related to it, if all of it fits; else what would. */
export type CheckedRow<M, V> = Checked<V, ExpectedRow<M, V>>;
/** The same of several. */
export type CheckedRows<M, V> = Checked<V, { readonly [N in keyof V]: ExpectedRow<M, V[N]> }>;

/** What a row to be inserted may look like. */
export type RowHint<M> = { readonly [K in ColumnName<M>]?: Row<M>[K] | Anything } & {
  readonly [K in MemberName<M>]?: Anything;
};

/** What every row gives is loaded; of an instance that was there before, nothing more is known. */
type GivenPaths<M, V> =
  IsNever<V> extends true
    ? never
    : IsNever<Extract<V, AnyInstance | null>> extends true
      ? { [K in OtherKeys<M, V> & string]: K | `${K}.${GivenPaths<KindOf<M, K>["model"], ItemOf<V[K]>>}` }[OtherKeys<
          M,
          V
        > &
          string]
      : never;
type ItemOf<V> = V extends readonly (infer Item)[] ? Item : V;

/** The instance of a row that was inserted with what is related to it. */
export type Inserted<M extends AnyModel, V> = Loaded<InstanceType<M>, GivenPaths<M, V>>;

// Columns of related models

/** `Post.objects.c`: an expression for each column, and by relation those of the other model. */
export type ManagerColumns<M, Null extends null = never> =
  string extends ColumnName<M>
    ? unknown
    : { readonly [K in ColumnName<M>]: ColumnExpression<NonNullable<Row<M>[K]>, Row<M>[K] | Null> } & {
        readonly [K in MemberName<M>]: RelatedColumns<KindOf<M, K>, Null>;
      };

type RelatedColumns<Kind extends RelationKind, Null extends null> =
  IsNever<Kind> extends true
    ? never
    : Kind["many"] extends true
      ? RelatedMany<Kind["model"]>
      : ManagerColumns<Kind["model"], Null | Kind["none"]>;

/** Conditions about the rows of a relation to many. */
export interface RelatedMany<M> {
  /** There is one, that fulfils the conditions. */
  some(where?: Where<M>): Condition;
  some<const W extends WhereHint<M>>(where: CheckedWhere<M, W>): Condition;
  /** There is none, that fulfils the conditions. */
  none(where?: Where<M>): Condition;
  none<const W extends WhereHint<M>>(where: CheckedWhere<M, W>): Condition;
  /** There is none that does not fulfil the conditions. */
  every(where: Where<M>): Condition;
  every<const W extends WhereHint<M>>(where: CheckedWhere<M, W>): Condition;
  /** How many there are that fulfil the conditions. */
  count(where?: Where<M>): ColumnExpression<number>;
  count<const W extends WhereHint<M>>(where: CheckedWhere<M, W>): ColumnExpression<number>;
}

/** The instances that a query gives. */
export type Result<M extends AnyModel, Q> = Loaded<InstanceType<M>, LoadedPaths<Q>>;

/** The instances that a query gives, with counts besides. */
export type Counted<M extends AnyModel, P, Q = never> = Loaded<InstanceType<M>, CountsOf<P> | LoadedPaths<Q>>;

/** A plain object of the columns that a query names, or of all. */
export type Item<M, Q> = Q extends { readonly columns: readonly (infer K)[] }
  ? Flatten<Pick<Row<M>, K & ColumnName<M>>>
  : Row<M>;

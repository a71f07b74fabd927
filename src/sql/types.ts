/**
 * The type machinery: what the compiler knows of columns, models and queries. Types only; the one file where `any`
 * stands, where a constraint must accept every model whatever its columns.
 */
import type { Sql } from "sql-template-tag";
import type { ColumnAggregate, NullOf, ResultOf } from "./aggregates.js";
import type { Condition } from "./conditions.js";
import type { ColumnExpression, ColumnOf, Selectable, SelectOf } from "./operators.js";
import type { Order } from "./order.js";

export declare const shape: unique symbol;
/** What the compiler remembers of a column: its value, whether an insert may leave it out, whether it is the key. */
export interface ColumnShape<Value, Optional extends boolean, Key extends boolean> {
  readonly [shape]: { readonly value: Value; readonly optional: Optional; readonly key: Key };
}

// biome-ignore lint/suspicious/noExplicitAny: stands for the columns of any model
export type AnyColumns = Readonly<Record<string, ColumnShape<any, any, any>>>;

/** The columns of a table that only the database knows: any name may be one, of any value. */
// biome-ignore lint/suspicious/noExplicitAny: the value of any column
export type LooseColumns = Readonly<Record<string, ColumnShape<any, true, true>>>;
/** The expressions of such columns. */
export interface LooseExpressions {
  // biome-ignore lint/suspicious/noExplicitAny: by index, each might be undefined
  readonly c: any;
}

/** The same as one object, which reads better where an editor shows it. */
export type Flatten<T> = { [K in keyof T]: T[K] } & {};
// biome-ignore lint/suspicious/noExplicitAny: matches whatever the other two parameters are
export type ValueOf<X> = X extends ColumnShape<infer Value, any, any> ? Value : never;
type OptionalKeys<C extends AnyColumns> = {
  [K in keyof C]: C[K][typeof shape]["optional"] extends true ? K : never;
}[keyof C];
type MarkedKeys<C extends AnyColumns> = { [K in keyof C]: C[K][typeof shape]["key"] extends true ? K : never }[keyof C];

/** A row of these columns, as a plain object. */
export type RowOfColumns<C extends AnyColumns> = { -readonly [K in keyof C]: ValueOf<C[K]> };

/** What an insert takes: columns that are nullable, generated or have a default may be left out. */
export type NewRowOfColumns<C extends AnyColumns> = Flatten<
  { -readonly [K in Exclude<keyof C, OptionalKeys<C>>]: ValueOf<C[K]> } & {
    -readonly [K in OptionalKeys<C>]?: ValueOf<C[K]> | undefined;
  }
>;

/** The columns that make up the primary key: those marked, or those named in the model's options. */
export type KeyColumns<C extends AnyColumns, K extends string> = [K] extends [never] ? MarkedKeys<C> & string : K;

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never;

/** What `find` takes: the value of the key, or for a key of several columns an object of them. */
export type KeyOfColumns<C extends AnyColumns, K extends string> = [KeyColumns<C, K>] extends [never]
  ? never
  : true extends IsUnion<KeyColumns<C, K>>
    ? Flatten<{ readonly [P in KeyColumns<C, K> & keyof C]: ValueOf<C[P]> }>
    : ValueOf<C[KeyColumns<C, K> & keyof C]>;

/** What the option `timestamps` of a model takes. */
export type KeptTimes = boolean | { readonly createdAt?: string | false; readonly updatedAt?: string | false };

/**
 * The options of a model that add columns to it, or let an insert leave them out. Each is inferred by itself: of all
 * options as one, the compiler would want the types of the models that foreign keys refer to, which may be in the making.
 */
export interface KeptOptions<D extends string, T extends KeptTimes> {
  readonly softDelete?: D;
  readonly timestamps?: T & NoOtherTimes<T>;
}

/** Refuses names, of those that were inferred, that are none: the compiler by itself doesn't. */
type NoOtherTimes<T> = T extends object
  ? { readonly [P in Exclude<keyof T, "createdAt" | "updatedAt">]: never }
  : unknown;

/** A name that the compiler knows; of any text there is no column to be told. */
type Known<N> = N extends string ? (string extends N ? never : N) : never;

type TimeName<T, P extends "createdAt" | "updatedAt"> = T extends true
  ? P
  : T extends { readonly [K in P]: infer Name }
    ? Known<Name>
    : T extends object
      ? P
      : never;

type TimeNames<T> = TimeName<T, "createdAt"> | TimeName<T, "updatedAt">;

/** The columns of a model with those that its options add; the times that it keeps may be left out of an insert. */
export type KeptColumns<C extends AnyColumns, D, T> = [TimeNames<T> | Known<D>] extends [never]
  ? C
  : Flatten<
      { readonly [K in Exclude<keyof C, TimeNames<T>>]: C[K] } & {
        readonly [K in TimeNames<T>]: K extends keyof C
          ? ColumnShape<ValueOf<C[K]>, true, false>
          : ColumnShape<Date, true, false>;
      } & { readonly [K in Exclude<Known<D>, keyof C>]: ColumnShape<Date | null, true, false> }
    >;

/** A table's name without its schema. */
export type TableName<N extends string> = N extends `${string}.${infer Name}` ? TableName<Name> : N;

/** What is asked of an instance of any model. */
export interface AnyInstance {
  // biome-ignore lint/suspicious/noExplicitAny: the data of any model
  readonly data: any;
  save(): Promise<unknown>;
  delete(): Promise<unknown>;
}

/** The key that `find` of a model takes, kept where the compiler can infer it. */
export declare const key: unique symbol;

/** Whatever has columns: a model, an alias of one, a common table expression. */
export interface AnyTable {
  readonly table: string;
  // biome-ignore lint/suspicious/noExplicitAny: the columns of any table
  readonly columns: any;
}

/** Any class made by `Model()`, or a subclass of one. */
export interface AnyModel extends AnyTable {
  // biome-ignore lint/suspicious/noExplicitAny: the constructor of any model
  new (...args: any[]): AnyInstance;
}

export declare const relation: unique symbol;

/** What the compiler remembers of a relation. */
export interface RelationKind {
  /** The other model. */
  readonly model: AnyModel;
  readonly many: boolean;
  /** What is read of a to-one where there is none: null, or never where its key is not nullable. */
  readonly none: null;
  /** The properties of this model that hold the key: of belongsTo, else never; string where they are not named. */
  readonly ownKey: string;
  /** The properties of the other model that hold the key: of hasOne and hasMany, else never; string where they are not named. */
  readonly otherKey: string;
  /** The model between the two, of a many-to-many. */
  readonly pivot: AnyModel;
}

/** A relation as the compiler knows it. */
export interface RelationShape<Kind extends RelationKind> {
  readonly [relation]: Kind;
}

/** Whether a member may be whatever it is, as of models whose columns the compiler doesn't know. */
export type IsLoose<T> = 0 extends 1 & T ? true : false;

/** A relation of which the compiler knows nothing: to one or to many, to a model of which it knows as little. */
export interface LooseRelation {
  readonly model: LooseModel;
  // biome-ignore lint/suspicious/noExplicitAny: true and false
  readonly many: any;
  readonly none: null;
  readonly ownKey: string;
  readonly otherKey: string;
  readonly pivot: AnyModel;
}

interface LooseModel extends AnyTable {
  readonly columns: LooseColumns;
  // biome-ignore lint/suspicious/noExplicitAny: the members of any model
  new (...args: any[]): AnyInstance & Record<string, any>;
}

export type ColumnsOf<M> = M extends { readonly columns: infer C extends AnyColumns } ? C : never;
export type Row<M> = RowOfColumns<ColumnsOf<M>>;
export type NewRow<M> = NewRowOfColumns<ColumnsOf<M>>;
export type Key<M> = M extends { readonly [key]?: infer K } ? Exclude<K, undefined> : never;
export type ColumnName<M> = keyof ColumnsOf<M> & string;

/** `User.c`: an expression for each column. */
export type ColumnExpressions<C extends AnyColumns> = {
  readonly [K in keyof C]-?: ColumnExpression<NonNullable<ValueOf<C[K]>>, ValueOf<C[K]>>;
};

/** One condition, or one per column: a value, null, a list of values (any of them), or a condition. */
export type WhereObject<M> = {
  readonly [K in ColumnName<M>]?: Row<M>[K] | readonly Row<M>[K][] | Condition | null;
};
export type Where<M> = Condition | Sql | WhereObject<M> | readonly (Condition | Sql | WhereObject<M>)[];

/** What an update sets: values, or expressions over the row: sql`stock - 1`. */
export type UpdateValues<M> = {
  readonly [K in ColumnName<M>]?:
    | Row<M>[K]
    | ColumnOf<NonNullable<Row<M>[K]>>
    | SelectOf<NonNullable<Row<M>[K]>>
    | Sql
    | undefined;
};

/** A column's name, with `-` before it for descending order, or `User.c.name.desc()`. */
export type OrderBy<M> = ColumnName<M> | `-${ColumnName<M>}` | Order | Sql;

/** Columns, expressions and aggregates by the names that they are to have in the rows. */
export type Selection<M> = {
  readonly [name: string]: ColumnName<M> | Selectable<unknown> | AnyAggregate<ColumnName<M>>;
};

// biome-ignore lint/suspicious/noExplicitAny: stands for every aggregate's name
export type AnyAggregate<K extends string> = ColumnAggregate<any, K>;

/** What an item of a selection gives. */
export type SelectedValue<M, S> =
  S extends ColumnAggregate<infer F, infer K>
    ? K extends ColumnName<M>
      ? ResultOf<F, NonNullable<Row<M>[K]>> | NullOf<F>
      : never
    : S extends Selectable<infer T>
      ? T
      : S extends ColumnName<M>
        ? Row<M>[S]
        : never;

/** The rows that a selection gives. */
export type SelectedRow<M, S> = Flatten<{ -readonly [P in keyof S]: SelectedValue<M, S[P]> }>;

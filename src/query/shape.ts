/** What the compiler knows of a query: its tables, the names in it, and what its rows are. Types only. */
import type { ColumnAggregate, NullOf, ResultOf } from "../sql/aggregates.js";
import type { Operand, Selectable } from "../sql/operators.js";
import type { JoinKind } from "../sql/statement-state.js";
import type { AnyAggregate, AnyColumns, AnyTable, Row, RowOfColumns, TableName } from "../sql/types.js";
import type { ResultRow } from "./result-row.js";

/** A table of a query: its name, its rows, what stands for one, and whether an outer join may lack it. */
export interface Entry<N extends string, R, I, Missing extends boolean> {
  readonly name: N;
  readonly row: R;
  readonly instance: I;
  readonly missing: Missing;
}

export type AnyEntry = Entry<string, object, unknown, boolean>;

/** A table that is known by name and columns, without a model. */
export interface BareTable<N extends string, C extends AnyColumns> {
  readonly table: TableName<N>;
  readonly columns: C;
}

type AnyClass = new (...args: never[]) => unknown;

/** The model of a table; never where it has none. */
export type ModelOf<M> = M extends AnyClass ? M : M extends { readonly model: infer C extends AnyClass } ? C : never;

/** An instance of a model, or a row of a table that has none. */
export type InstanceOf<M> = [ModelOf<M>] extends [never] ? ResultRow<Row<M>> : InstanceType<ModelOf<M>>;

export type EntryOf<M extends AnyTable> = Entry<M["table"], Row<M>, InstanceOf<M>, false>;
export type BareEntry<N extends string, C extends AnyColumns> = Entry<
  TableName<N>,
  RowOfColumns<C>,
  ResultRow<RowOfColumns<C>>,
  false
>;

type MissingOf<E> = E extends Entry<infer N, infer R, infer I, boolean> ? Entry<N, R, I, true> : never;
type AllMissing<L extends readonly AnyEntry[]> = { readonly [P in keyof L]: MissingOf<L[P]> };

/** "outer" is left, as SQL has it where nothing is said. */
export type JoinName = JoinKind | "outer";

/** The tables after a join. */
export type Joined<L extends readonly AnyEntry[], E extends AnyEntry, K extends JoinName> = K extends "inner" | "cross"
  ? readonly [...L, E]
  : K extends "left" | "outer"
    ? readonly [...L, MissingOf<E>]
    : K extends "right"
      ? readonly [...AllMissing<L>, E]
      : readonly [...AllMissing<L>, MissingOf<E>];

/** The columns of the query's tables: `users.name`. */
export type DottedName<L extends readonly AnyEntry[]> = DottedOf<L[number]>;
type DottedOf<E> = E extends AnyEntry ? `${E["name"]}.${keyof E["row"] & string}` : never;

/** The columns that a condition may name: those of the first table also by themselves. */
export type Name<M, L extends readonly AnyEntry[]> = (keyof Row<M> & string) | DottedName<L>;

/** The columns that a select may name. */
export type SelectName<M, L extends readonly AnyEntry[]> = L["length"] extends 1
  ? keyof Row<M> & string
  : DottedName<L>;

type EntryNamed<L extends readonly AnyEntry[], N> = Extract<L[number], { readonly name: N }>;

/** The value of a named column, as a row has it. */
export type ValueAt<M, L extends readonly AnyEntry[], N> = N extends keyof Row<M>
  ? Row<M>[N]
  : N extends `${infer T}.${infer P}`
    ? EntryNamed<L, T>["row"][P & keyof EntryNamed<L, T>["row"]]
    : never;

/** The same as a result has it: null besides where an outer join may lack its table. */
type ResultAt<M, L extends readonly AnyEntry[], N> = ValueAt<M, L, N> | (MayLack<M, L, N> extends true ? null : never);

type MayLack<M, L extends readonly AnyEntry[], N> = N extends keyof Row<M>
  ? L[0] extends AnyEntry
    ? L[0]["missing"]
    : false
  : N extends `${infer T}.${string}`
    ? EntryNamed<L, T>["missing"]
    : false;

/** What a column may be compared with. */
export type OperandAt<M, L extends readonly AnyEntry[], N> = Operand<NonNullable<ValueAt<M, L, N>>>;

/** The columns that hold texts. */
export type TextName<M, L extends readonly AnyEntry[]> = {
  [N in Name<M, L>]: NonNullable<ValueAt<M, L, N>> extends string ? N : never;
}[Name<M, L>];

/** What a select may read under a name. */
export type SelectionOf<M, L extends readonly AnyEntry[]> = {
  readonly [name: string]: Name<M, L> | Selectable<unknown> | AnyAggregate<Name<M, L>>;
};

type SelectedAt<M, L extends readonly AnyEntry[], S> =
  S extends ColumnAggregate<infer F, infer K>
    ? ResultOf<F, NonNullable<ValueAt<M, L, K>>> | NullOf<F>
    : S extends Selectable<infer V>
      ? V
      : ResultAt<M, L, S>;

/** The rows that a selection gives. */
export type SelectedData<M, L extends readonly AnyEntry[], S> = {
  -readonly [P in keyof S]: SelectedAt<M, L, S[P]>;
};

/** The rows of a group. */
export type GroupData<M, L extends readonly AnyEntry[], N extends string> = { [P in N]: ResultAt<M, L, P> };

/** An instance of which only some columns were selected. */
export type Narrowed<I, All extends PropertyKey, D> = Omit<I, Exclude<All, keyof D> | "data"> & { readonly data: D };

/** The data of a joined row, table by table; of a select, only what it names. */
export type JoinedData<L extends readonly AnyEntry[], K extends string> = [K] extends [never]
  ? { [E in L[number] as E["name"]]: OrMissing<E, E["row"]> }
  : {
      [E in L[number] as [ColumnsAt<E, K>] extends [never] ? never : E["name"]]: OrMissing<
        E,
        Pick<E["row"], ColumnsAt<E, K>>
      >;
    };

type ColumnsAt<E extends AnyEntry, K extends string> = K extends `${E["name"]}.${infer P}` ? P & keyof E["row"] : never;
type OrMissing<E extends AnyEntry, R> = E["missing"] extends true ? R | null : R;

/** The instances of a joined row, in the order of the joins. */
export type JoinedInstances<L extends readonly AnyEntry[]> = {
  -readonly [P in keyof L]: L[P] extends AnyEntry ? OrMissing<L[P], L[P]["instance"]> : never;
};

/** What two columns may be compared by in a join. */
export type JoinComparison = "=" | ">" | ">=" | "<" | "<=" | "<>";

export type JoinOn<M, L extends readonly AnyEntry[], E extends AnyEntry> =
  | readonly [Name<M, L>, (keyof E["row"] & string) | DottedOf<E>]
  | readonly [Name<M, L>, JoinComparison, (keyof E["row"] & string) | DottedOf<E>];

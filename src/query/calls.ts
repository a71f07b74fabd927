/** How the operators of a query are called: with a column and a value, or an object of several. Types only. */
import type { NullOperatorName } from "./operators.js";
import type { AnyEntry, Name, OperandAt, TextName, ValueAt } from "./shape.js";

type Values<M, L extends readonly AnyEntry[]> = { readonly [N in Name<M, L>]?: OperandAt<M, L, N> | null };
type Texts<M, L extends readonly AnyEntry[], V = string> = { readonly [N in TextName<M, L>]?: V };
type Lists<M, L extends readonly AnyEntry[]> = {
  readonly [N in Name<M, L>]?: readonly (ValueAt<M, L, N> | null)[];
};

/** `where({ equal: { … }, isNull: [ … ] })`: one key for each operator. */
export type OperatorConditions<M, L extends readonly AnyEntry[]> = {
  readonly [P in "equal" | "notEqual" | "less" | "lessOrEqual" | "greater" | "greaterOrEqual"]?: Values<M, L>;
} & {
  readonly [P in "startsWith" | "doesNotStartWith" | "contains" | "excludes" | "endsWith" | "doesNotEndWith"]?: Texts<
    M,
    L
  >;
} & {
  readonly [P in "like" | "notLike"]?: Texts<M, L, Pattern>;
} & {
  readonly [P in "isIn" | "notIn"]?: Lists<M, L>;
} & { readonly [P in NullOperatorName]?: readonly Name<M, L>[] };

type Pattern = string | readonly [pattern: string, data: string];

/** An operator of one column and a value, or of several at once. */
export interface Compare<M, L extends readonly AnyEntry[], B> {
  <const N extends Name<M, L>>(column: N, value: OperandAt<M, L, N> | null): B;
  (values: Values<M, L>): B;
}

export interface Match<M, L extends readonly AnyEntry[], B> {
  <const N extends TextName<M, L>>(column: N, text: string): B;
  (texts: Texts<M, L>): B;
}

export interface Like<M, L extends readonly AnyEntry[], B> {
  <const N extends TextName<M, L>>(column: N, pattern: string, data?: string): B;
  (patterns: Texts<M, L, Pattern>): B;
}

export interface OneOf<M, L extends readonly AnyEntry[], B> {
  <const N extends Name<M, L>>(column: N, values: readonly (ValueAt<M, L, N> | null)[]): B;
  (lists: Lists<M, L>): B;
}

/** Columns, one by one or in a list. */
export type Nullness<M, L extends readonly AnyEntry[], B> = (
  ...columns: readonly Name<M, L>[] | readonly [readonly Name<M, L>[]]
) => B;

/** The operators that values have in expressions, as the compiler sees them; `value-expression.ts` has them all. */
import type { Sql } from "sql-template-tag";
import type { Condition } from "./conditions.js";
import type { Order, OrderOptions } from "./order.js";
import type { Expression, Subquery } from "./writer.js";

declare const holds: unique symbol;
declare const gives: unique symbol;
/** The column of a select that stands as a value. */
export declare const column: unique symbol;

/** An expression that has values of type T where it is not null. */
export interface ColumnOf<T> extends Expression {
  readonly [holds]: T;
}

/** What a select can read: an expression that gives T. */
export interface Selectable<T> extends Expression {
  readonly [gives]: T;
}

/** A select of one column of values of type T, as a value: `User.select("id").where(…)`. */
export interface SelectOf<T> extends Subquery {
  readonly [column]: T | null;
}

/** What a value may be compared with: a value, another expression, a select that gives one value, or `sql` text. */
export type Operand<T> = T | ColumnOf<T> | SelectOf<T> | Sql;

type Ordered = string | number | bigint | Date | Uint8Array | boolean;

export interface EqualityOperators<T> {
  /** `column = value`, or `column is null`. */
  eq(value: Operand<T> | null): Condition;
  /** `column <> value`, or `column is not null`. As in SQL, a null is neither equal nor unequal to a value. */
  ne(value: Operand<T> | null): Condition;
  /** One of the values, or of those that a select gives; none matches nothing. A null in a list matches nulls. */
  in(values: readonly (T | null)[] | SelectOf<T>): Condition;
  /** None of the values. As in SQL, no row is where a select gives a null. */
  notIn(values: readonly (T | null)[] | SelectOf<T>): Condition;
  isNull(): Condition;
  isNotNull(): Condition;
}

export interface Comparisons<T> {
  lt(value: Operand<T>): Condition;
  lte(value: Operand<T>): Condition;
  gt(value: Operand<T>): Condition;
  gte(value: Operand<T>): Condition;
  /** From `low` to `high`, both included. */
  between(low: Operand<T>, high: Operand<T>): Condition;
}

interface OrderOperators<T> extends Comparisons<T> {
  asc(options?: OrderOptions): Order;
  desc(options?: OrderOptions): Order;
}

export interface TextOperators {
  /** SQL's LIKE, as the engine has it: `%` and `_` are wildcards; SQLite takes capitals for small letters. */
  like(pattern: string): Condition;
  notLike(pattern: string): Condition;
  /** Literally, capitals told apart. */
  startsWith(text: string): Condition;
  endsWith(text: string): Condition;
  contains(text: string): Condition;
  /** LIKE that takes capitals for small letters, by Unicode. */
  ilike(pattern: string): Condition;
  /** Literally, capitals taken for small letters, by Unicode. */
  iEq(text: string): Condition;
  iStartsWith(text: string): Condition;
  iEndsWith(text: string): Condition;
  iContains(text: string): Condition;
}

/** What numbers are added to, taken from or multiplied by. */
type Number<T> = Operand<T> | ColumnOf<number> | ColumnOf<bigint> | ColumnOf<string>;

/** Of numbers: integer, bigint, real and numeric, each exact but for real. */
export interface NumberOperators<T, Out> {
  plus(value: Number<T>): ColumnExpression<T, Out>;
  minus(value: Number<T>): ColumnExpression<T, Out>;
  times(value: Number<T>): ColumnExpression<T, Out>;
}

/** Of lists: the columns made by `array(…)`. */
export interface ListOperators<E> {
  /** The value is one of the list's. */
  has(value: NonNullable<E>): Condition;
  /** At least one of the values is one of the list's; none given is false. */
  hasAny(values: readonly NonNullable<E>[]): Condition;
  /** All of the values are; none given is true. */
  hasAll(values: readonly NonNullable<E>[]): Condition;
  /** How many values the list has. */
  size(): ColumnExpression<number, number | null>;
}

/** What a step of a path into T may be: a key, or a place in a list. */
export type Step<T> = unknown extends T
  ? string | number
  : T extends readonly unknown[]
    ? number
    : T extends object
      ? IsUnknown<T> extends true
        ? string | number
        : keyof T & (string | number)
      : never;

/** What stands there; of a value that may be missing, what stands in it where it is there. */
export type StepOf<T, S> = unknown extends T
  ? unknown
  : T extends null | undefined
    ? never
    : T extends readonly (infer E)[]
      ? E
      : S extends keyof T
        ? T[S]
        : IsUnknown<T> extends true
          ? unknown
          : never;

/** `{}`, which is what is left of `unknown` without null. */
type IsUnknown<T> = [keyof T] extends [never] ? true : false;

/** Of JSON, whose values may be of any type: what is of another is null. */
export interface JsonOperators<T> {
  /**
   * What stands at a path inside the value: `User.c.settings.path("theme", "colors", 0)`. A key looks into objects, a
   * number into lists (-1 is the last); what is not there is null, as JSON's null is.
   */
  path<A extends Step<T>>(a: A): JsonPath<StepOf<T, A>>;
  path<A extends Step<T>, B extends Step<StepOf<T, A>>>(a: A, b: B): JsonPath<StepOf<StepOf<T, A>, B>>;
  path<A extends Step<T>, B extends Step<StepOf<T, A>>, C extends Step<StepOf<StepOf<T, A>, B>>>(
    a: A,
    b: B,
    c: C,
  ): JsonPath<StepOf<StepOf<StepOf<T, A>, B>, C>>;
  /** The value where it is a text, else null. */
  asText(): ColumnExpression<string, string | null>;
  /** The value where it is a number, else null. */
  asNumber(): ColumnExpression<number, number | null>;
  /** The value where it is true or false, else null. */
  asBoolean(): ColumnExpression<boolean, boolean | null>;
}

/** A value inside JSON. Compared with a value it is what has its type; equality is that of JSON. */
export type JsonPath<T> = ColumnOf<NonNullable<T>> &
  Selectable<T | null> &
  EqualityOperators<NonNullable<T>> &
  JsonOperators<NonNullable<T>> &
  ([NonNullable<T>] extends [string | number] ? Comparisons<NonNullable<T>> : unknown) &
  ([NonNullable<T>] extends [string] ? TextOperators : unknown) &
  ([NonNullable<T>] extends [readonly (infer E)[]] ? ListOperators<E> : unknown);

/** JSON of which nothing is said may be anything. */
type IsAny<T> = 0 extends 1 & T ? true : false;

/** An expression with the operators that its type has: a column, `User.c.name`, an aggregate, a computed value. */
export type ColumnExpression<T, Out = T> = ColumnOf<T> &
  Selectable<Out> &
  EqualityOperators<T> &
  ([T] extends [Ordered] ? OrderOperators<T> : unknown) &
  ([T] extends [string] ? TextOperators : unknown) &
  ([T] extends [string | number | bigint] ? NumberOperators<T, Out> : unknown) &
  ([T] extends [readonly (infer E)[]] ? ListOperators<E> : unknown) &
  ([T] extends [Ordered] ? (IsAny<T> extends true ? JsonOperators<T> : unknown) : JsonOperators<T>);

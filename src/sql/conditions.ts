import { Sql } from "sql-template-tag";
import { checkOptions, isStorableText, kindOf } from "../text.js";
import type { ColumnInfo } from "./column-info.js";
import { isOrderedKind, isTextKind } from "./column-type.js";
import type { ComparisonUse, MatchKind } from "./dialect.js";
import { Expression, isExpression, type SqlWriter } from "./writer.js";

/** Something that is true or not of a row. Made by a column's operators and by `and`, `or` and `not`. */
export class Condition extends Expression {
  /** Tells the compiler that nothing else is a condition, whatever its members. */
  declare protected readonly isCondition: true;

  /** @internal */
  readonly writeTo: (writer: SqlWriter) => void;

  /** @internal */
  constructor(
    writeTo: (writer: SqlWriter) => void,
    /** The column that it is about, where it is about one. @internal */
    readonly column?: ColumnInfo,
  ) {
    super();
    this.writeTo = writeTo;
  }
}

/** What a value may be compared with: a value, another column or expression, or `sql` text. */
export type Operand<T> = T | ColumnOf<T> | Sql;

type Ordered = string | number | bigint | Date | Uint8Array | boolean;

interface EqualityOperators<T> {
  /** `column = value`, or `column is null`. */
  eq(value: Operand<T> | null): Condition;
  /** `column <> value`, or `column is not null`. As in SQL, a null is neither equal nor unequal to a value. */
  ne(value: Operand<T> | null): Condition;
  /** One of the values; none of them matches nothing. A null among them matches nulls. */
  in(values: readonly (T | null)[]): Condition;
  notIn(values: readonly (T | null)[]): Condition;
  isNull(): Condition;
  isNotNull(): Condition;
}

interface OrderOperators<T> {
  lt(value: Operand<T>): Condition;
  lte(value: Operand<T>): Condition;
  gt(value: Operand<T>): Condition;
  gte(value: Operand<T>): Condition;
  /** From `low` to `high`, both included. */
  between(low: Operand<T>, high: Operand<T>): Condition;
  asc(options?: OrderOptions): Order;
  desc(options?: OrderOptions): Order;
}

interface TextOperators {
  /** SQL's LIKE, as the engine has it: `%` and `_` are wildcards; SQLite takes capitals for small letters. */
  like(pattern: string): Condition;
  notLike(pattern: string): Condition;
  /** Literally, capitals told apart. */
  startsWith(text: string): Condition;
  endsWith(text: string): Condition;
  contains(text: string): Condition;
}

declare const holds: unique symbol;

/** A column of values of type T. */
export interface ColumnOf<T> extends Expression {
  readonly [holds]: T;
}

/** A column in an expression, `User.c.name`, with the operators that its type has. */
export type ColumnExpression<T> = ColumnOf<T> &
  EqualityOperators<T> &
  ([T] extends [Ordered] ? OrderOperators<T> : unknown) &
  ([T] extends [string] ? TextOperators : unknown);

export interface OrderOptions {
  /** Where nulls come; by default they are smaller than every value. */
  readonly nulls?: "first" | "last";
}

/** One column of an `order by`. */
export class Order extends Expression {
  /** @internal */
  constructor(
    readonly column: ColumnInfo,
    readonly direction: "asc" | "desc",
    readonly nulls?: "first" | "last",
  ) {
    super();
    if (!isOrderedKind(column.type.kind))
      throw new TypeError(`${column.label} holds ${column.type.kind}, which has no order`);
    if (nulls !== undefined && nulls !== "first" && nulls !== "last")
      throw new TypeError('nulls come "first" or "last"');
  }

  /** The opposite order, nulls included. */
  reversed(): Order {
    const nulls = this.nulls === undefined ? undefined : this.nulls === "first" ? "last" : "first";
    return new Order(this.column, this.direction === "asc" ? "desc" : "asc", nulls);
  }

  /** @internal */
  writeTo(writer: SqlWriter): void {
    const { type, nullable, qualified } = this.column;
    const { before, after } = writer.dialect.comparison(type, "order").column;
    writer.write(before).write(qualified).write(after);
    if (this.direction === "desc") writer.write(" desc");
    writer.write(writer.dialect.nulls(this.direction, nullable, this.nulls));
  }
}

/** A column in an expression, with all operators; `ColumnExpression` says which of them its type has. */
export class ColumnReference extends Expression {
  /** @internal */
  constructor(readonly column: ColumnInfo) {
    super();
  }

  /** @internal */
  writeTo(writer: SqlWriter): void {
    writer.write(this.column.qualified);
  }

  eq(value: unknown): Condition {
    return value === null ? this.isNull() : this.#compare("eq", " = ", value);
  }

  ne(value: unknown): Condition {
    return value === null ? this.isNotNull() : this.#compare("ne", " <> ", value);
  }

  lt(value: unknown): Condition {
    return this.#compareOrder("lt", " < ", value);
  }

  lte(value: unknown): Condition {
    return this.#compareOrder("lte", " <= ", value);
  }

  gt(value: unknown): Condition {
    return this.#compareOrder("gt", " > ", value);
  }

  gte(value: unknown): Condition {
    return this.#compareOrder("gte", " >= ", value);
  }

  between(low: unknown, high: unknown): Condition {
    return and(this.gte(low), this.lte(high));
  }

  in(values: readonly unknown[]): Condition {
    const list = this.#list("in", values);
    const isIn = new Condition((writer) => this.#writeIn(writer, list, "in"), this.column);
    if (!values.includes(null)) return list.length === 0 ? NEVER : isIn;
    return list.length === 0 ? this.isNull() : or(isIn, this.isNull());
  }

  notIn(values: readonly unknown[]): Condition {
    const list = this.#list("notIn", values);
    const isNotIn = new Condition((writer) => this.#writeIn(writer, list, "notIn"), this.column);
    if (!values.includes(null)) return list.length === 0 ? ALWAYS : isNotIn;
    return list.length === 0 ? this.isNotNull() : and(isNotIn, this.isNotNull());
  }

  isNull(): Condition {
    return new Condition((writer) => writer.write(this.column.qualified).write(" is null"), this.column);
  }

  isNotNull(): Condition {
    return new Condition((writer) => writer.write(this.column.qualified).write(" is not null"), this.column);
  }

  like(pattern: string): Condition {
    return this.#like("like", " like ", pattern);
  }

  notLike(pattern: string): Condition {
    return this.#like("notLike", " not like ", pattern);
  }

  startsWith(text: string): Condition {
    return this.#match("startsWith", text);
  }

  endsWith(text: string): Condition {
    return this.#match("endsWith", text);
  }

  contains(text: string): Condition {
    return this.#match("contains", text);
  }

  asc(options: OrderOptions = {}): Order {
    checkOptions("an order", options, ["nulls"]);
    return new Order(this.column, "asc", options.nulls);
  }

  desc(options: OrderOptions = {}): Order {
    checkOptions("an order", options, ["nulls"]);
    return new Order(this.column, "desc", options.nulls);
  }

  #compare(operator: string, symbol: string, value: unknown): Condition {
    this.#checkOperand(operator, value);
    const use = isExpression(value) ? "equality of expressions" : "equality";
    return new Condition((writer) => this.#writeComparison(writer, use, symbol, value), this.column);
  }

  #compareOrder(operator: string, symbol: string, value: unknown): Condition {
    const { type, label } = this.column;
    if (!isOrderedKind(type.kind)) throw new TypeError(`${label} holds ${type.kind}, which has no order`);
    if (value === null) throw new TypeError(`${label}: ${operator} can't compare with null; use isNull()`);
    this.#checkOperand(operator, value);
    return new Condition((writer) => this.#writeComparison(writer, "order", symbol, value), this.column);
  }

  #writeComparison(writer: SqlWriter, use: ComparisonUse, symbol: string, value: unknown): void {
    const { column: left, value: right } = writer.dialect.comparison(this.column.type, use);
    writer.write(left.before).write(this.column.qualified).write(left.after);
    writer.write(symbol).write(right.before);
    this.#writeOperand(writer, value);
    writer.write(right.after);
  }

  #writeOperand(writer: SqlWriter, value: unknown): void {
    if (isExpression(value)) writer.operand(value);
    else writer.bind(this.column.encode(writer.dialect, value));
  }

  #checkOperand(operator: string, value: unknown): void {
    if (isExpression(value)) return;
    if (value === undefined)
      throw new TypeError(`${this.column.label}: ${operator} got undefined; null is how to say null`);
    this.column.check(value);
  }

  #list(operator: string, values: readonly unknown[]): readonly unknown[] {
    if (!Array.isArray(values))
      throw new TypeError(`${this.column.label}: ${operator} wants an array, not ${kindOf(values)}`);
    const list = values.filter((value) => value !== null);
    for (const value of list) this.#checkOperand(operator, value);
    return list;
  }

  #writeIn(writer: SqlWriter, list: readonly unknown[], kind: "in" | "notIn"): void {
    const { column } = this;
    const { dialect } = writer;
    const isPlain = !list.some(isExpression);
    const use = isPlain ? "equality" : "equality of expressions";
    const { column: left, value: right } = dialect.comparison(column.type, use);
    writer.write(left.before).write(column.qualified).write(left.after);
    const parameter = isPlain ? dialect.listParameter(column.type) : undefined;
    if (parameter !== undefined) {
      const encoded = list.map((value) => column.encode(dialect, value));
      writer.write(parameter[kind].before).bind(parameter.encode(encoded)).write(parameter[kind].after);
      return;
    }
    writer.write(kind === "in" ? " in (" : " not in (");
    writer.list(list, ", ", (value) => {
      writer.write(right.before);
      this.#writeOperand(writer, value);
      writer.write(right.after);
    });
    writer.write(")");
  }

  #like(operator: string, symbol: string, pattern: string): Condition {
    this.#checkText(operator, pattern);
    return new Condition((writer) => writer.write(this.column.qualified).write(symbol).bind(pattern), this.column);
  }

  #match(kind: MatchKind, text: string): Condition {
    this.#checkText(kind, text);
    return new Condition((writer) => {
      const { match } = writer.dialect;
      writer.write(this.column.qualified).write(match.before);
      writer.bind(writer.dialect.matchPattern(kind, text)).write(match.after);
    }, this.column);
  }

  #checkText(operator: string, text: unknown): void {
    const { label, type } = this.column;
    if (!isTextKind(type.kind)) throw new TypeError(`${operator} wants a text column, and ${label} is ${type.kind}`);
    if (typeof text !== "string") throw new TypeError(`${label}: ${operator} wants a string, not ${kindOf(text)}`);
    if (!isStorableText(text)) {
      throw new TypeError(`${label}: ${operator} wants text without NUL or lone surrogates`);
    }
  }
}

const NEVER = new Condition((writer) => writer.write("1 = 0"));
/** What is true of every row, and so no condition at all. */
export const ALWAYS = new Condition((writer) => writer.write("1 = 1"));

/** A condition, or one written as `sql` text. */
export type ConditionLike = Condition | Sql;

/** SQLite takes a row of conditions for a tree as deep as it is long, and refuses one deeper than 1000. */
const MOST_IN_A_ROW = 200;

function combine(name: string, conditions: readonly ConditionLike[], separator: string, none: Condition): Condition {
  for (const condition of conditions) checkCondition(name, condition);
  const [only] = conditions;
  if (only === undefined) return none;
  if (conditions.length === 1 && only instanceof Condition) return only;
  if (conditions.length > MOST_IN_A_ROW) {
    const half = Math.ceil(conditions.length / 2);
    const halves = [conditions.slice(0, half), conditions.slice(half)];
    return combine(
      name,
      halves.map((some) => combine(name, some, separator, none)),
      separator,
      none,
    );
  }
  return new Condition((writer) =>
    writer.list(conditions, separator, (condition) => writer.write("(").operand(condition).write(")")),
  );
}

/** @throws TypeError where it is neither a condition nor `sql` text */
export function checkCondition(name: string, condition: unknown): asserts condition is ConditionLike {
  if (!(condition instanceof Condition || condition instanceof Sql)) {
    throw new TypeError(`${name} wants conditions, such as User.c.name.eq("x") or sql text, not ${kindOf(condition)}`);
  }
}

/** All of the conditions; none given is true. */
export function and(...conditions: readonly ConditionLike[]): Condition {
  return combine("and()", conditions, " and ", ALWAYS);
}

/** At least one of the conditions; none given is false. */
export function or(...conditions: readonly ConditionLike[]): Condition {
  return combine("or()", conditions, " or ", NEVER);
}

/** The condition is false. As in SQL, what is unknown because of a null stays unknown. */
export function not(condition: ConditionLike): Condition {
  checkCondition("not()", condition);
  return new Condition((writer) => writer.write("not (").operand(condition).write(")"));
}

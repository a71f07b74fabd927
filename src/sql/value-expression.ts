import { Sql } from "sql-template-tag";
import { wrongInput } from "../errors.js";
import { INSPECT } from "../inspect.js";
import { keepShape } from "../shapes.js";
import { checkOptions, isStorableText, kindOf } from "../text.js";
import { arithmetic } from "./arithmetic.js";
import { isOrderedKind, isTextKind } from "./column-type.js";
import { DECIMAL, familyOf } from "./computed.js";
import { ALWAYS, and, Comparison, Condition, NEVER, or } from "./conditions.js";
import type { ComparisonUse, MatchKind } from "./dialect.js";
import { isJsonPath, type JsonScalar, jsonPath, jsonScalar, type PathStep } from "./json-path.js";
import { holdsItem, listSize } from "./lists.js";
import type { ColumnExpression } from "./operators.js";
import { Order, type OrderOptions } from "./order.js";
import type { ValueInfo } from "./value-info.js";
import { Expression, isExpression, type SqlWriter, Subquery } from "./writer.js";

/** A value in an expression, with all operators; `ColumnExpression` says which of them its type has. */
export class ValueExpression extends Expression {
  /** @internal */
  constructor(readonly info: ValueInfo) {
    super();
  }

  /** @internal */
  writeTo(writer: SqlWriter): void {
    this.info.writeTo(writer);
  }

  /** A column as messages call it. @internal */
  override [INSPECT](): string {
    return this.info.isColumn ? this.info.label : super[INSPECT]();
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

  in(values: readonly unknown[] | Subquery): Condition {
    if (values instanceof Subquery) return this.#inSelect(values, " in (");
    const list = this.#list("in", values);
    const isIn = new Condition((writer) => this.#writeIn(writer, list, "in"), this.info);
    if (!values.includes(null)) return list.length === 0 ? NEVER : isIn;
    return list.length === 0 ? this.isNull() : or(isIn, this.isNull());
  }

  notIn(values: readonly unknown[] | Subquery): Condition {
    if (values instanceof Subquery) return this.#inSelect(values, " not in (");
    const list = this.#list("notIn", values);
    const isNotIn = new Condition((writer) => this.#writeIn(writer, list, "notIn"), this.info);
    if (!values.includes(null)) return list.length === 0 ? ALWAYS : isNotIn;
    return list.length === 0 ? this.isNotNull() : and(isNotIn, this.isNotNull());
  }

  isNull(): Condition {
    return this.#condition((writer) => writer.operand(this).write(" is null"));
  }

  isNotNull(): Condition {
    return this.#condition((writer) => writer.operand(this).write(" is not null"));
  }

  like(pattern: string): Condition {
    return this.#like("like", " like ", pattern);
  }

  notLike(pattern: string): Condition {
    return this.#like("notLike", " not like ", pattern);
  }

  /** A pattern in which a backslash takes the meaning of a wildcard from it. @internal */
  likeEscaped(pattern: string, isNot: boolean): Condition {
    const text = this.#text("like", pattern);
    return text.#condition((writer) =>
      writer
        .operand(text)
        .write(isNot ? " not like " : " like ")
        .bind(pattern)
        .write(" escape '\\'"),
    );
  }

  ilike(pattern: string): Condition {
    const text = this.#text("ilike", pattern);
    return text.#condition((writer) => text.#writeLower(writer).write(" like ").bind(pattern.toLowerCase()));
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

  iEq(value: string): Condition {
    const text = this.#text("iEq", value);
    return text.#condition((writer) => text.#writeLower(writer).write(" = ").bind(value.toLowerCase()));
  }

  iStartsWith(text: string): Condition {
    return this.#match("startsWith", text, "iStartsWith");
  }

  iEndsWith(text: string): Condition {
    return this.#match("endsWith", text, "iEndsWith");
  }

  iContains(text: string): Condition {
    return this.#match("contains", text, "iContains");
  }

  plus(value: unknown): ValueExpression {
    return new ValueExpression(arithmetic("plus", this.info, this.#operand("plus", value)));
  }

  minus(value: unknown): ValueExpression {
    return new ValueExpression(arithmetic("minus", this.info, this.#operand("minus", value)));
  }

  times(value: unknown): ValueExpression {
    return new ValueExpression(arithmetic("times", this.info, this.#operand("times", value)));
  }

  has(value: unknown): Condition {
    return holdsItem(this.info, "has", value);
  }

  hasAny(values: readonly unknown[]): Condition {
    return or(...this.#items("hasAny", values));
  }

  hasAll(values: readonly unknown[]): Condition {
    return and(...this.#items("hasAll", values));
  }

  size(): ValueExpression {
    return new ValueExpression(listSize(this.info));
  }

  path(...steps: readonly PathStep[]): ValueExpression {
    return new ValueExpression(jsonPath(this.info, steps));
  }

  asText(): ValueExpression {
    return this.#as("text");
  }

  asNumber(): ValueExpression {
    return this.#as("real");
  }

  asBoolean(): ValueExpression {
    return this.#as("boolean");
  }

  asc(options: OrderOptions = {}): Order {
    checkOptions("an order", options, ["nulls"]);
    return new Order(this.info, "asc", options.nulls);
  }

  desc(options: OrderOptions = {}): Order {
    checkOptions("an order", options, ["nulls"]);
    return new Order(this.info, "desc", options.nulls);
  }

  #as(kind: JsonScalar): ValueExpression {
    return new ValueExpression(jsonScalar(this.info, kind));
  }

  #condition(writeTo: (writer: SqlWriter) => void): Condition {
    return new Condition(writeTo, this.info);
  }

  #compare(operator: string, symbol: string, value: unknown): Condition {
    const scalar = this.#scalarFor(value);
    if (scalar !== undefined && isExpression(value)) return scalar.#compare(operator, symbol, value);
    this.#checkOperand(operator, value);
    const use = isExpression(value) ? "equality of expressions" : "equality";
    return this.#comparison((writer) => this.#writeComparison(writer, use, symbol, value), symbol, value);
  }

  #comparison(writeTo: (writer: SqlWriter) => void, symbol: string, value: unknown): Condition {
    keepShape(Comparison, () => new Comparison(NEVER.writeTo, this.info, symbol, null));
    return this.info.isColumn === true && !isExpression(value)
      ? new Comparison(writeTo, this.info, symbol, value)
      : this.#condition(writeTo);
  }

  #compareOrder(operator: string, symbol: string, value: unknown): Condition {
    const { codec, label } = this.info;
    if (value === null) throw wrongInput(`${label}: ${operator} can't compare with null; use isNull()`);
    const scalar = this.#scalarFor(value);
    if (scalar !== undefined) return scalar.#compareOrder(operator, symbol, value);
    if (!isOrderedKind(codec.type.kind)) throw wrongInput(`${label} holds ${codec.type.kind}, which has no order`);
    this.#checkOperand(operator, value);
    return this.#comparison((writer) => this.#writeComparison(writer, "order", symbol, value), symbol, value);
  }

  /** Inside JSON there may be anything: what is compared with a number is what is a number. */
  #scalarFor(value: unknown): ValueExpression | undefined {
    if (!isJsonPath(this.info)) return undefined;
    const kind =
      value instanceof ValueExpression
        ? value.info.codec.type.kind
        : value instanceof Subquery
          ? value.kind
          : undefined;
    if (typeof value === "number" || kind === "integer" || kind === "real") return this.asNumber();
    if (typeof value === "string" || (kind !== undefined && isTextKind(kind))) return this.asText();
    return kind === "boolean" ? this.asBoolean() : undefined;
  }

  #writeComparison(writer: SqlWriter, use: ComparisonUse, symbol: string, value: unknown): void {
    const { column: left, value: right } = writer.dialect.comparison(this.info.codec.type, use);
    writer.write(left.before).operand(this).write(left.after);
    writer.write(symbol).write(right.before);
    this.#writeOperand(writer, value);
    writer.write(right.after);
  }

  #writeOperand(writer: SqlWriter, value: unknown): void {
    if (isExpression(value)) writer.operand(value);
    else writer.bind(this.info.codec.encodeOperand(writer.dialect, value, this.info.label));
  }

  #checkOperand(operator: string, value: unknown): void {
    if (isExpression(value)) return;
    const { codec, label } = this.info;
    if (value === undefined) throw wrongInput(`${label}: ${operator} got undefined; null is how to say null`);
    codec.check(value, label);
  }

  /** A value as what it is added to has it; an expression or text stays as it is. */
  #operand(operator: string, value: unknown): ValueInfo | Sql {
    if (value instanceof ValueExpression) return value.info;
    if (value instanceof Sql) return value;
    const { label } = this.info;
    // What a price is multiplied by is no price: it may have more digits.
    const codec = familyOf(this.info.codec) === "numeric" ? DECIMAL : this.info.codec;
    if (!isExpression(value)) {
      if (value === undefined) throw wrongInput(`${label}: ${operator} got undefined`);
      codec.check(value, `${label}: ${operator}`);
    }
    return {
      codec,
      label,
      nullable: false,
      writeTo(writer) {
        if (isExpression(value)) writer.operand(value);
        else writer.bind(codec.encode(writer.dialect, value, label));
      },
    };
  }

  #list(operator: string, values: readonly unknown[]): readonly unknown[] {
    if (!Array.isArray(values))
      throw wrongInput(`${this.info.label}: ${operator} wants an array, not ${kindOf(values)}`);
    const list = values.filter((value) => value !== null);
    for (const value of list) this.#checkOperand(operator, value);
    return list;
  }

  #items(operator: string, values: readonly unknown[]): Condition[] {
    if (!Array.isArray(values))
      throw wrongInput(`${this.info.label}: ${operator} wants an array, not ${kindOf(values)}`);
    return values.map((value) => holdsItem(this.info, operator, value));
  }

  #inSelect(select: Subquery, symbol: string): Condition {
    const scalar = this.#scalarFor(select);
    if (scalar !== undefined) return scalar.#inSelect(select, symbol);
    return this.#condition((writer) => {
      const { column: left, value: right } = writer.dialect.comparison(this.info.codec.type, "equality of expressions");
      writer.write(left.before).operand(this).write(left.after).write(symbol);
      select.writeValues(writer, right);
      writer.write(")");
    });
  }

  #writeIn(writer: SqlWriter, list: readonly unknown[], kind: "in" | "notIn"): void {
    const { codec, label } = this.info;
    const { dialect } = writer;
    const isPlain = !list.some(isExpression);
    const use = isPlain ? "equality" : "equality of expressions";
    const { column: left, value: right } = dialect.comparison(codec.type, use);
    writer.write(left.before).operand(this).write(left.after);
    const parameter = isPlain ? dialect.listParameter(codec.type) : undefined;
    if (parameter !== undefined) {
      const encoded = list.map((value) => codec.encodeOperand(dialect, value, label));
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
    const text = this.#text(operator, pattern);
    return text.#condition((writer) => writer.operand(text).write(symbol).bind(pattern));
  }

  #match(kind: MatchKind, value: string, insensitive?: string): Condition {
    const text = this.#text(insensitive ?? kind, value);
    return text.#condition((writer) => {
      const { match } = writer.dialect;
      const wanted = insensitive === undefined ? value : value.toLowerCase();
      (insensitive === undefined ? writer.operand(text) : text.#writeLower(writer)).write(match.before);
      writer.bind(writer.dialect.matchPattern(kind, wanted)).write(match.after);
    });
  }

  #writeLower(writer: SqlWriter): SqlWriter {
    const { before, after } = writer.dialect.lower;
    return writer.write(before).operand(this).write(after);
  }

  /** The text that an operator matches: this, or the text that JSON has here. @throws TypeError for what is none */
  #text(operator: string, text: unknown): ValueExpression {
    const { label, codec } = this.info;
    if (!isTextKind(codec.type.kind) && !isJsonPath(this.info))
      throw wrongInput(`${operator} wants a text column, and ${label} is ${codec.type.kind}`);
    if (typeof text !== "string") throw wrongInput(`${label}: ${operator} wants a string, not ${kindOf(text)}`);
    if (!isStorableText(text)) throw wrongInput(`${label}: ${operator} wants text without NUL or lone surrogates`);
    return isJsonPath(this.info) ? this.asText() : this;
  }
}

/** A value in an expression, with the operators of its type. */
export function expressionOf<T, Out = T>(info: ValueInfo): ColumnExpression<T, Out>;
export function expressionOf(info: ValueInfo): unknown {
  return new ValueExpression(info);
}

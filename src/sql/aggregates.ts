import { UsageError } from "../errors.js";
import { checkOptions, isStorableText, kindOf } from "../text.js";
import type { Codec } from "./codec.js";
import { isOrderedKind, isTextKind } from "./column-type.js";
import {
  BIGINT_OF_DECIMAL,
  computed,
  DECIMAL,
  familyOf,
  INTEGER_OF_DECIMAL,
  NUMBER_OF_DECIMAL,
  REAL,
  TEXT,
  WIDE_INTEGER,
} from "./computed.js";
import { type ConditionLike, checkCondition } from "./conditions.js";
import type { AggregateName } from "./dialect.js";
import type { ColumnExpression, ColumnOf } from "./operators.js";
import { Order } from "./order.js";
import { ValueExpression } from "./value-expression.js";
import type { ValueInfo } from "./value-info.js";
import { type OverOptions, writeOver } from "./window.js";
import type { SqlWriter } from "./writer.js";

/** Options of an aggregate. */
export interface AggregateOptions {
  /** Equal values count once. */
  readonly distinct?: boolean;
  /** Only rows that fulfil it count: SQL's `filter (where …)`. */
  readonly where?: ConditionLike;
}

/** Options of `stringAgg`. */
export interface StringAggOptions {
  readonly where?: ConditionLike;
  /** The order in which the texts are put together; by default their own. */
  readonly orderBy?: Order | readonly Order[];
}

/** An aggregate of a model's column that is named, and so known once the model is. */
export class ColumnAggregate<F extends AggregateName | "count", K extends string> {
  declare protected readonly of: [F, K];

  /** @internal */
  constructor(
    readonly property: K,
    /** Makes the aggregate of the column. @internal */
    readonly resolve: (value: ValueExpression) => ValueExpression,
  ) {}
}

/** An aggregate of an expression. */
export type Aggregate<T, Out = T> = ColumnExpression<T, Out> & {
  /** The aggregate of the rows around each row, in place of one row for all: SQL's `over (…)`. */
  over(options?: OverOptions): ColumnExpression<T, Out>;
};

/** What a sum, an average, or a least value of values of type V is, where there is a value at all. */
export type ResultOf<F, V> = F extends "count" ? number : F extends "avg" ? (V extends string ? string : number) : V;

/** Whether it is null where there is nothing to aggregate. */
export type NullOf<F> = F extends "count" ? never : null;

interface Call {
  readonly name: string;
  readonly codec: Codec;
  readonly argument: ValueInfo | undefined;
  readonly distinct: boolean;
  readonly where: ConditionLike | undefined;
  readonly nullable: boolean;
  /** Writes the call itself; what filters it follows. */
  readonly write: (writer: SqlWriter, tail: () => void, isWindow: boolean) => void;
}

class AggregateExpression extends ValueExpression {
  readonly #call: Call;

  constructor(call: Call) {
    const writeTo = (writer: SqlWriter) => call.write(writer, () => writeFilter(writer, call.where), false);
    const label = `${call.name}(${call.argument?.label ?? "*"})`;
    super({ ...computed(call.codec, label, writeTo, call.nullable), isAggregate: true });
    this.#call = call;
  }

  over(options: OverOptions = {}): ValueExpression {
    if (this.#call.distinct) throw new UsageError(`${this.info.label}: distinct values can't be aggregated over rows`);
    const { codec, nullable, where, write } = this.#call;
    const over = writeOver(options);
    const writeTo = (writer: SqlWriter) =>
      write(
        writer,
        () => {
          writeFilter(writer, where);
          over(writer);
        },
        true,
      );
    return new ValueExpression({ ...computed(codec, this.info.label, writeTo, nullable), isWindow: true });
  }
}

function writeFilter(writer: SqlWriter, where: ConditionLike | undefined): void {
  if (where !== undefined) writer.write(" filter (where ").operand(where).write(")");
}

/** What the database gives for an aggregate of these values. @throws TypeError where there is none of them */
function resultCodec(name: AggregateName, { codec, label }: ValueInfo): Codec {
  const { kind } = codec.type;
  const family = familyOf(codec);
  if (name === "min" || name === "max") {
    if (isOrderedKind(kind)) return codec;
    throw new TypeError(`${label} holds ${kind}, which has no ${name}`);
  }
  if (family === undefined) throw new TypeError(`${name} wants numbers, and ${label} is ${kind}`);
  if (name === "sum") {
    const sums = {
      integer: WIDE_INTEGER,
      wide: INTEGER_OF_DECIMAL,
      bigint: BIGINT_OF_DECIMAL,
      numeric: DECIMAL,
      real: REAL,
    };
    return sums[family];
  }
  const averages = { integer: REAL, wide: REAL, bigint: NUMBER_OF_DECIMAL, numeric: DECIMAL, real: REAL };
  return averages[family];
}

function aggregateOf(name: AggregateName, value: ValueExpression, options: AggregateOptions): AggregateExpression {
  const { info } = value;
  return new AggregateExpression({
    name,
    codec: resultCodec(name, info),
    argument: info,
    distinct: options.distinct === true,
    where: options.where,
    nullable: true,
    write(writer, tail, isWindow) {
      // Of equal values the least and the greatest are what they are of all.
      const isDistinct = options.distinct && name !== "min" && name !== "max";
      const use = isWindow ? "window" : isDistinct ? "distinct" : "group";
      const { call, argument, result } = writer.dialect.aggregate(name, info.codec.type, use);
      writer.write(`${result.before}${call}${argument.before}`);
      info.writeTo(writer);
      writer.write(`${argument.after})`);
      tail();
      writer.write(result.after);
    },
  });
}

function checkAggregate(name: string, options: AggregateOptions, known: readonly string[]): void {
  checkOptions(name, options, known);
  if (options.where !== undefined) checkCondition(`${name}()`, options.where);
}

function make(name: AggregateName, value: unknown, options: AggregateOptions): unknown {
  checkAggregate(name, options, ["distinct", "where"]);
  return ofColumn(name, value, (expression) => aggregateOf(name, expression, options));
}

/** An aggregate of an expression, or of a column that is named, which waits for its model. */
function ofColumn(name: string, value: unknown, resolve: (value: ValueExpression) => ValueExpression): unknown {
  if (value instanceof ValueExpression) return resolve(value);
  if (typeof value === "string") return new ColumnAggregate(value, resolve);
  throw new TypeError(`${name}() wants a column, such as "balance" or User.c.balance, not ${kindOf(value)}`);
}

function countOf(value: ValueExpression | undefined, options: AggregateOptions): AggregateExpression {
  const { distinct = false, where } = options;
  return new AggregateExpression({
    name: "count",
    codec: WIDE_INTEGER,
    argument: value?.info,
    distinct,
    where,
    nullable: false,
    write(writer, tail) {
      if (value === undefined) writer.write("count(*)");
      else {
        const { type } = value.info.codec;
        // Equal numbers may be kept as different texts: "1.5" and "1.50".
        const { before, after } = distinct
          ? writer.dialect.comparison(type, "equality of expressions").column
          : NOTHING;
        writer
          .write(`count(${distinct ? "distinct " : ""}${before}`)
          .operand(value)
          .write(`${after})`);
      }
      tail();
    },
  });
}

const NOTHING = { before: "", after: "" };

/**
 * How many rows there are, or how many have a value in a column: `count()`, `count("email", { distinct: true })`.
 *
 * @throws TypeError for an unknown option, with the nearest name
 */
export function count(options?: Pick<AggregateOptions, "where">): Aggregate<number>;
export function count<const K extends string>(column: K, options?: AggregateOptions): ColumnAggregate<"count", K>;
export function count(value: ColumnOf<unknown>, options?: AggregateOptions): Aggregate<number>;
export function count(first: unknown = {}, second: AggregateOptions = {}): unknown {
  if (typeof first === "string" || first instanceof ValueExpression) {
    checkAggregate("count", second, ["distinct", "where"]);
    return ofColumn("count", first, (value) => countOf(value, second));
  }
  if (typeof first !== "object" || first === null) throw new TypeError(`count() wants a column, not ${kindOf(first)}`);
  checkAggregate("count", first, ["where"]);
  return countOf(undefined, first);
}

/**
 * The sum of a column, exact but for real: of integers a number, of bigints a bigint, of numerics a string; null of
 * nothing.
 *
 * @throws TypeError where the values are no numbers
 */
export function sum<const K extends string>(column: K, options?: AggregateOptions): ColumnAggregate<"sum", K>;
export function sum<T extends number | bigint | string>(
  value: ColumnOf<T>,
  options?: AggregateOptions,
): Aggregate<T, T | null>;
export function sum(value: unknown, options: AggregateOptions = {}): unknown {
  return make("sum", value, options);
}

/**
 * The average: of numerics a string, with PostgreSQL's digits, else a number; null of nothing.
 *
 * @throws TypeError where the values are no numbers
 */
export function avg<const K extends string>(column: K, options?: AggregateOptions): ColumnAggregate<"avg", K>;
export function avg<T extends number | bigint | string>(
  value: ColumnOf<T>,
  options?: AggregateOptions,
): Aggregate<ResultOf<"avg", T>, ResultOf<"avg", T> | null>;
export function avg(value: unknown, options: AggregateOptions = {}): unknown {
  return make("avg", value, options);
}

/** The least value, null of nothing. @throws TypeError for values without order: JSON, lists */
export function min<const K extends string>(column: K, options?: AggregateOptions): ColumnAggregate<"min", K>;
export function min<T>(value: ColumnOf<T>, options?: AggregateOptions): Aggregate<T, T | null>;
export function min(value: unknown, options: AggregateOptions = {}): unknown {
  return make("min", value, options);
}

/** The greatest value, null of nothing. @throws TypeError for values without order: JSON, lists */
export function max<const K extends string>(column: K, options?: AggregateOptions): ColumnAggregate<"max", K>;
export function max<T>(value: ColumnOf<T>, options?: AggregateOptions): Aggregate<T, T | null>;
export function max(value: unknown, options: AggregateOptions = {}): unknown {
  return make("max", value, options);
}

/**
 * The texts of a column put together, in their own order unless another is given: SQL's `string_agg` or `group_concat`;
 * null of nothing.
 *
 * ```ts
 * stringAgg("name", ", ")  // string_agg("users"."name", $1 order by "users"."name")
 * ```
 *
 * @throws TypeError where the column is no text
 */
export function stringAgg<const K extends string>(
  column: K,
  separator?: string,
  options?: StringAggOptions,
): ColumnAggregate<"stringAgg", K>;
export function stringAgg(
  value: ColumnOf<string>,
  separator?: string,
  options?: StringAggOptions,
): ColumnExpression<string, string | null>;
export function stringAgg(value: unknown, separator = ",", options: StringAggOptions = {}): unknown {
  checkAggregate("stringAgg", options, ["where", "orderBy"]);
  if (typeof separator !== "string" || !isStorableText(separator))
    throw new TypeError(`the separator of stringAgg() is a text, not ${kindOf(separator)}`);
  return ofColumn("stringAgg", value, (expression) => stringAggOf(expression, separator, options));
}

function stringAggOf({ info }: ValueExpression, separator: string, options: StringAggOptions): ValueExpression {
  const { kind } = info.codec.type;
  if (!isTextKind(kind)) throw new TypeError(`stringAgg wants texts, and ${info.label} is ${kind}`);
  const orders = options.orderBy === undefined ? [new Order(info, "asc")] : [options.orderBy].flat();
  for (const order of orders)
    if (!(order instanceof Order)) throw new TypeError("stringAgg is ordered by such as User.c.name.asc()");
  const writeTo = (writer: SqlWriter): void => {
    writer.write(writer.dialect.aggregate("stringAgg", info.codec.type, "group").call);
    info.writeTo(writer);
    writer.write(", ").bind(separator).write(" order by ");
    writer.list(orders, ", ", (order) => writer.operand(order)).write(")");
    writeFilter(writer, options.where);
  };
  return new ValueExpression({ ...computed(TEXT, `stringAgg(${info.label})`, writeTo), isAggregate: true });
}

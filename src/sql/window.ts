import type { Sql } from "sql-template-tag";
import { checkOptions, kindOf } from "../text.js";
import { computed, WIDE_INTEGER } from "./computed.js";
import { Group } from "./group.js";
import type { ColumnExpression, ColumnOf, Selectable } from "./operators.js";
import { Order } from "./order.js";
import { expressionOf, ValueExpression } from "./value-expression.js";
import { isExpression, type SqlWriter } from "./writer.js";

/** The rows that a window function looks at. */
export interface OverOptions {
  /** Rows with the same values of these are looked at together; by default all rows are. */
  readonly partitionBy?: ColumnOf<unknown> | readonly ColumnOf<unknown>[];
  readonly orderBy?: Order | readonly Order[];
  /** The frame, as SQL: sql`rows between 6 preceding and current row`. */
  readonly frame?: Sql;
}

/** A function of the rows around each row, which wants to know which. */
export interface WindowFunction<T, Out = T> {
  over(options?: OverOptions): ColumnExpression<T, Out>;
}

/** What writes ` over (…)`. @throws TypeError for an unknown option, or what can't stand in it */
export function writeOver(options: OverOptions): (writer: SqlWriter) => void {
  checkOptions("over()", options, ["partitionBy", "orderBy", "frame"]);
  const parts = options.partitionBy === undefined ? [] : [options.partitionBy].flat();
  const orders = options.orderBy === undefined ? [] : [options.orderBy].flat();
  const { frame } = options;
  for (const part of parts) checkOver(part, isExpression(part), "partitionBy wants columns, such as User.c.name");
  for (const order of orders) checkOver(order, order instanceof Order, "orderBy wants such as User.c.name.asc()");
  if (frame !== undefined) checkOver(frame, isExpression(frame), "frame wants sql`…`");
  return (writer) => {
    writer.write(" over (");
    if (parts.length > 0) writer.write("partition by ").list(parts, ", ", (part) => writer.operand(partOf(part)));
    if (orders.length > 0) {
      writer.write(parts.length > 0 ? " order by " : "order by ");
      writer.list(orders, ", ", (order) => writer.operand(order));
    }
    if (frame !== undefined) writer.write(" ").operand(frame);
    writer.write(")");
  };
}

/** Equal numbers may be kept as different texts. */
const partOf = (part: unknown): unknown => (part instanceof ValueExpression ? new Group(part.info) : part);

function checkOver(value: unknown, isRight: boolean, wanted: string): void {
  if (!isRight) throw new TypeError(`over(): ${wanted}, not ${kindOf(value)}`);
}

function numbering(name: string): WindowFunction<number> {
  const over = (options: OverOptions = {}) => {
    const writeRest = writeOver(options);
    const writeTo = (writer: SqlWriter) => writeRest(writer.write(`${name}()`));
    const info = { ...computed(WIDE_INTEGER, `${name}()`, writeTo, false), isWindow: true };
    return expressionOf<number>(info);
  };
  return { over };
}

/** The row's place among those it is looked at with, from 1: `rowNumber().over({ orderBy: User.c.name.asc() })`. */
export const rowNumber = (): WindowFunction<number> => numbering("row_number");

/** The row's rank: equal rows share one, and leave a gap after it. */
export const rank = (): WindowFunction<number> => numbering("rank");

/** The row's rank without gaps. */
export const denseRank = (): WindowFunction<number> => numbering("dense_rank");

/** The value that the row so many places before has; null where there is none. */
export function lag<T, Out>(value: ColumnOf<T> & Selectable<Out>, places = 1): WindowFunction<T, Out | null> {
  return shifted<T, Out>("lag", value, places);
}

/** The value that the row so many places after has; null where there is none. */
export function lead<T, Out>(value: ColumnOf<T> & Selectable<Out>, places = 1): WindowFunction<T, Out | null> {
  return shifted<T, Out>("lead", value, places);
}

function shifted<T, Out>(name: string, value: ColumnOf<T>, places: number): WindowFunction<T, Out | null> {
  if (!(value instanceof ValueExpression)) throw new TypeError(`${name}() wants a column, not ${kindOf(value)}`);
  if (!Number.isSafeInteger(places) || places < 0) throw new TypeError(`${name}() wants a whole number of places`);
  const { info } = value;
  const over = (options: OverOptions = {}) => {
    const writeRest = writeOver(options);
    const writeTo = (writer: SqlWriter) => {
      writer.write(`${name}(`).operand(value);
      writeRest(writer.write(`, ${places})`));
    };
    return expressionOf<T, Out | null>({ ...computed(info.codec, `${name}(${info.label})`, writeTo), isWindow: true });
  };
  return { over };
}

import { kindOf } from "../text.js";
import { Codec } from "./codec.js";
import { computed, WIDE_INTEGER } from "./computed.js";
import { Condition } from "./conditions.js";
import type { ValueInfo } from "./value-info.js";
import type { SqlWriter } from "./writer.js";

/** Whether a list, or a list in JSON, has a value. @throws TypeError where it is no list, or can't hold the value */
export function holdsItem(info: ValueInfo, operator: string, value: unknown): Condition {
  const { label, codec } = info;
  const { type } = codec;
  if (type.kind === "json") return jsonHolds(info, operator, value);
  if (type.kind !== "array") throw new TypeError(`${operator} wants a list, and ${label} is ${type.kind}`);
  const item = new Codec(type.element);
  if (value === null || value === undefined)
    throw new TypeError(`${label}: ${operator} wants a value, not ${String(value)}`);
  item.check(value, label);
  return new Condition((writer) => {
    const { dialect } = writer;
    const { around, after } = dialect.listHolds(type.element);
    writer.between(around, () => info.writeTo(writer));
    writer.bind(dialect.listItem(item.encodeOperand(dialect, value, label))).write(after);
  }, info);
}

function jsonHolds(info: ValueInfo, operator: string, value: unknown): Condition {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  if (!isScalar) {
    throw new TypeError(`${info.label}: ${operator} of JSON wants a text, a number or a boolean, not ${kindOf(value)}`);
  }
  info.codec.check(value, info.label);
  return new Condition((writer) => {
    const { around, after, bound } = writer.dialect.jsonHolds(value);
    writer.between(around, () => info.writeTo(writer));
    writer.bind(bound).write(after);
  }, info);
}

/** How many values a list has. @throws TypeError where it is none */
export function listSize(info: ValueInfo): ValueInfo {
  const { kind } = info.codec.type;
  if (kind !== "array" && kind !== "json") throw new TypeError(`size() wants a list, and ${info.label} is ${kind}`);
  const writeTo = (writer: SqlWriter) => void writer.between(writer.dialect.listSize(kind), () => info.writeTo(writer));
  return computed(WIDE_INTEGER, `size(${info.label})`, writeTo, true, [info]);
}

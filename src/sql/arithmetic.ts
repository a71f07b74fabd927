import type { Sql } from "sql-template-tag";
import type { Codec } from "./codec.js";
import {
  BIGINT_OF_DECIMAL,
  computed,
  DECIMAL,
  familyOf,
  INTEGER_OF_DECIMAL,
  type NumberFamily,
  REAL,
  WIDE_INTEGER,
} from "./computed.js";
import type { ArithmeticOperator } from "./dialect.js";
import type { ValueInfo } from "./value-info.js";

/** Which numbers may be added to those of a family: what is exact stays exact, and keeps its type. */
const TAKES: Record<NumberFamily, readonly NumberFamily[]> = {
  integer: ["integer", "wide", "real"],
  wide: ["integer", "wide", "real"],
  bigint: ["integer", "wide", "bigint"],
  numeric: ["integer", "wide", "bigint", "numeric"],
  real: ["integer", "wide", "real"],
};

/** How the database computes: as 64-bit integers, as floating-point numbers, as decimals. */
function resultOf(left: NumberFamily, right: NumberFamily): { codec: Codec; as: "integer" | "real" | "decimal" } {
  if (left === "real" || right === "real") return { codec: REAL, as: "real" };
  if (left === "bigint") return { codec: BIGINT_OF_DECIMAL, as: "decimal" };
  if (left === "numeric") return { codec: DECIMAL, as: "decimal" };
  // Two integers fit into 64 bits, whatever is done to them; three may not.
  if (left === "wide" || right === "wide") return { codec: INTEGER_OF_DECIMAL, as: "decimal" };
  return { codec: WIDE_INTEGER, as: "integer" };
}

/** @throws TypeError where one of them is no number, or is one that would make the result inexact */
export function arithmetic(operator: ArithmeticOperator, left: ValueInfo, right: ValueInfo | Sql): ValueInfo {
  const family = familyOf(left.codec);
  if (family === undefined)
    throw new TypeError(`${operator} wants numbers, and ${left.label} is ${left.codec.type.kind}`);
  const isInfo = "codec" in right;
  const other = isInfo ? familyOf(right.codec) : family;
  if (other === undefined || !TAKES[family].includes(other)) {
    const what = isInfo ? `${right.label}, which is ${right.codec.type.kind}` : "it";
    throw new TypeError(`${left.label} is ${left.codec.type.kind}: ${operator} can't take ${what}`);
  }
  const { codec, as } = resultOf(family, other);
  const label = `${left.label} ${operator} ${isInfo ? right.label : "sql"}`;
  return computed(
    codec,
    label,
    (writer) => {
      const { before, between, after } = writer.dialect.arithmetic(operator, as);
      writer.write(before);
      left.writeTo(writer);
      writer.write(between);
      if (isInfo) right.writeTo(writer);
      else writer.write("(").operand(right).write(")");
      writer.write(after);
    },
    left.nullable || !isInfo || right.nullable,
    isInfo ? [left, right] : [left],
  );
}

import { type ColumnType, isTextKind } from "./column-type.js";
import type { TableColumn } from "./table.js";

const PLAIN_NUMBERS: readonly string[] = ["integer", "bigint", "real"];

/** @throws TypeError where the engines would not compare the two, or each in its way */
export function checkComparable(left: TableColumn, right: TableColumn): void {
  const [one, other] = [left.type.kind, right.type.kind];
  const isText = isTextKind(one) && isTextKind(other);
  if (isText || (PLAIN_NUMBERS.includes(one) && PLAIN_NUMBERS.includes(other)) || isSameType(left.type, right.type))
    return;
  throw new TypeError(
    `${left.label} is ${nameOf(left.type)} and ${right.label} is ${nameOf(right.type)}: they can't be compared`,
  );
}

/** Whether both engines compare the types; lists only where their items are kept alike. */
function isSameType(one: ColumnType, other: ColumnType, isItem = false): boolean {
  if (one.kind === "array" && other.kind === "array") return isSameType(one.element, other.element, true);
  if (isItem && one.kind === "numeric" && other.kind === "numeric") return one.scale === other.scale;
  return one.kind === other.kind;
}

const nameOf = (type: ColumnType): string => (type.kind === "array" ? `an array of ${type.element.kind}` : type.kind);

import type { Codec } from "./codec.js";
import type { SqlWriter } from "./writer.js";

/** What an expression has to know of a value: a column's, or one that is computed. */
export interface ValueInfo {
  readonly codec: Codec;
  /** For messages: "users.numProducts". */
  readonly label: string;
  readonly nullable: boolean;
  /** It is a column of a table that a statement names, the same object in all statements. */
  readonly isColumn?: boolean;
  /** What it is computed of, row by row. None is said of a column, an aggregate, or SQL of a user's own. */
  readonly parts?: readonly ValueInfo[];
  /** It is one value of many rows. */
  readonly isAggregate?: boolean;
  /** It is a window function's, which is worked out after rows are chosen and grouped. */
  readonly isWindow?: boolean;
  writeTo(writer: SqlWriter): void;
}

/** The same value where it may be null. */
export function asNullable(info: ValueInfo): ValueInfo {
  const { codec, label } = info;
  return { codec, label, nullable: true, writeTo: (writer) => info.writeTo(writer) };
}

/** Whether a value is one of many rows, or is computed of such. */
export function isAggregated({ isAggregate = false, parts = [] }: ValueInfo): boolean {
  return isAggregate || parts.some(isAggregated);
}

/** Why a value can't stand in the conditions of rows; undefined where it can. */
export function misplacedInWhere(info: ValueInfo): string | undefined {
  if (info.isAggregate) return `${info.label} is an aggregate, which stands in having`;
  if (info.isWindow) return `${info.label} is a window function: select it in a cte(), and choose its rows`;
  for (const part of info.parts ?? []) {
    const reason = misplacedInWhere(part);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

import type { Codec } from "./codec.js";
import type { SqlWriter } from "./writer.js";

/** What an expression has to know of a value: a column's, or one that is computed. */
export interface ValueInfo {
  readonly codec: Codec;
  /** For messages: "users.numProducts". */
  readonly label: string;
  readonly nullable: boolean;
  /** What it is computed of, row by row. None is said of a column, an aggregate, or SQL of a user's own. */
  readonly parts?: readonly ValueInfo[];
  /** It is one value of many rows. */
  readonly isAggregate?: boolean;
  writeTo(writer: SqlWriter): void;
}

/** The same value where it may be null. */
export function asNullable(info: ValueInfo): ValueInfo {
  const { codec, label } = info;
  return { codec, label, nullable: true, writeTo: (writer) => info.writeTo(writer) };
}

import type { Codec } from "./codec.js";
import type { SqlWriter } from "./writer.js";

/** What an expression has to know of a value: a column's, or one that is computed. */
export interface ValueInfo {
  readonly codec: Codec;
  /** For messages: "users.numProducts". */
  readonly label: string;
  readonly nullable: boolean;
  /** It is one value for many rows. */
  readonly isAggregate?: boolean;
  writeTo(writer: SqlWriter): void;
}

/** The same value where it may be null. */
export function asNullable(info: ValueInfo): ValueInfo {
  const { codec, label } = info;
  return { codec, label, nullable: true, writeTo: (writer) => info.writeTo(writer) };
}

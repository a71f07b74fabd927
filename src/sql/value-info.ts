import type { Codec } from "./codec.js";
import type { SqlWriter } from "./writer.js";

/** What an expression has to know of a value: a column's, or one that is computed. */
export interface ValueInfo {
  readonly codec: Codec;
  /** For messages: "users.numProducts". */
  readonly label: string;
  readonly nullable: boolean;
  writeTo(writer: SqlWriter): void;
}

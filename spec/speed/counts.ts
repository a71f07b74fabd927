import type { OperationName } from "./operations.js";

/** What one call of an operation takes. */
export interface Counts {
  /** Statements sent, those that begin and end transactions included. */
  readonly statements: number;
  /** Promises made, those of the driver included. */
  readonly promises: number;
  /** Bytes allocated in the JavaScript heap for each row. */
  readonly bytes: number;
}

/** What is counted on one engine. */
export interface Measured {
  readonly operations: Readonly<Record<OperationName, Counts>>;
  /** Bytes that stay in use for each select of another shape, beyond the first few thousand. */
  readonly heldPerShape: number;
  /** Bytes that stay in use for each instance of a result, its values included. */
  readonly heldPerInstance: number;
}

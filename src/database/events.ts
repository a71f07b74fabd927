import type { DriverStatement } from "../drivers/driver.js";
import type { Place } from "./place.js";

/** The transaction that a statement ran in. */
export interface QueryTransaction {
  /** A number of its own within the process. */
  readonly id: number;
  /** Where it was begun: "app.ts:12:5". */
  readonly place: string;
  /** The transaction around it, where it is a savepoint. */
  readonly outer: QueryTransaction | undefined;
}

/** What `on("query")` tells of a statement that ran; never its values. */
export interface QueryEvent {
  readonly sql: string;
  /** From sending to the answer, in milliseconds, without `waited`; of a stream, what its batches took. */
  readonly duration: number;
  /**
   * What it waited before that, in milliseconds: for a connection of the pool, SQLite's write lock, or the end of a
   * savepoint. The first statement of a transaction has the waiting of the transaction.
   */
  readonly waited: number;
  /** Rows read or changed; undefined where the statement failed. */
  readonly rowCount: number | undefined;
  /** Where in the program it was asked for: "app.ts:12:5". */
  readonly place: string;
  /** The transaction that it ran in; undefined outside of any. */
  readonly transaction: QueryTransaction | undefined;
  /** What it failed with, if it did. */
  readonly error: unknown;
}

export type QueryListener = (event: QueryEvent) => void;

/** A statement that is sent later than it was asked for, and the place of that where somebody listens. */
export interface NotedStatement extends DriverStatement {
  readonly place?: Place | undefined;
}

/** Who asked for a statement: a transaction, or the statement by itself. */
export interface Asker {
  /** What events tell of the transaction. */
  readonly told: QueryTransaction | undefined;
  /** What was waited since this was last asked for, in milliseconds. */
  takeWaited(): number;
}

/** A listener that throws has a bug of its own, which the process hears of; the statement has run all the same. */
export function call<E>(listener: (event: E) => void, event: E): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

import { performance } from "node:perf_hooks";
import type { DriverResult, DriverStatement, MaybePromise } from "../drivers/driver.js";
import { Place } from "./place.js";

/** What `on("query")` tells of a statement that ran; never its values. */
export interface QueryEvent {
  readonly sql: string;
  /** From sending to the answer, in milliseconds. */
  readonly duration: number;
  /** Rows read or changed; undefined where the statement failed. */
  readonly rowCount: number | undefined;
  /** Where in the program it was asked for: "app.ts:12:5". */
  readonly place: string;
  /** What it failed with, if it did. */
  readonly error: unknown;
}

export type QueryListener = (event: QueryEvent) => void;

/** A statement that is sent later than it was asked for, and the place of that where somebody listens. */
export interface NotedStatement extends DriverStatement {
  readonly place?: Place | undefined;
}

/** Those who want to hear of statements. */
export class QueryListeners {
  readonly #listeners = new Set<QueryListener>();

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  add(listener: QueryListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: QueryListener): void {
    this.#listeners.delete(listener);
  }

  /** Sends a statement and tells the listeners of it, whether it succeeds or fails. */
  observe(statement: NotedStatement, send: () => MaybePromise<DriverResult>): MaybePromise<DriverResult> {
    const tell = this.#teller(statement);
    const succeed = (result: DriverResult): DriverResult => {
      tell(result.rowCount, undefined);
      return result;
    };
    const fail = (error: unknown): never => {
      tell(undefined, error);
      throw error;
    };
    let answer: MaybePromise<DriverResult>;
    try {
      answer = send();
    } catch (error) {
      return fail(error);
    }
    return answer instanceof Promise ? answer.then(succeed, fail) : succeed(answer);
  }

  /** Hands on the batches of a cursor and tells the listeners of it at its end, with the rows that were read. */
  async *observeCursor(
    statement: DriverStatement,
    batches: AsyncIterable<unknown[][]>,
  ): AsyncGenerator<unknown[][], void, undefined> {
    const tell = this.#teller(statement);
    let rowCount = 0;
    let failure: unknown;
    try {
      for await (const rows of batches) {
        rowCount += rows.length;
        yield rows;
      }
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      tell(failure === undefined ? rowCount : undefined, failure);
    }
  }

  #teller({ text, place = new Place() }: NotedStatement): (rowCount: number | undefined, error: unknown) => void {
    const start = performance.now();
    return (rowCount, error) => {
      const event = { sql: text, duration: performance.now() - start, rowCount, place: String(place), error };
      for (const listener of this.#listeners) call(listener, event);
    };
  }
}

/** A listener that throws has a bug of its own, which the process hears of; the statement has run all the same. */
function call(listener: QueryListener, event: QueryEvent): void {
  try {
    listener(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** Prints a statement that ran, in one line, to the standard error. */
export function printQuery({ sql, duration, rowCount, error }: QueryEvent): void {
  const outcome = error instanceof Error ? `failed: ${error.name}` : `${rowCount} row${rowCount === 1 ? "" : "s"}`;
  console.error(`[rowkeeper] ${duration.toFixed(1)} ms, ${outcome}: ${sql}`);
}

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
  observe(statement: DriverStatement, send: () => MaybePromise<DriverResult>): MaybePromise<DriverResult> {
    const place = new Place();
    const start = performance.now();
    const tell = (rowCount: number | undefined, error: unknown): void => {
      const event = { sql: statement.text, duration: performance.now() - start, rowCount, place: String(place), error };
      for (const listener of this.#listeners) listener(event);
    };
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
}

/** Prints a statement that ran, in one line, to the standard error. */
export function printQuery({ sql, duration, rowCount, error }: QueryEvent): void {
  const outcome = error instanceof Error ? `failed: ${error.name}` : `${rowCount} row${rowCount === 1 ? "" : "s"}`;
  console.error(`[rowkeeper] ${duration.toFixed(1)} ms, ${outcome}: ${sql}`);
}

import { AsyncResource } from "node:async_hooks";
import type { DriverResult, MaybePromise } from "../drivers/driver.js";
import { type Asker, call, type NotedStatement, type QueryEvent, type QueryListener } from "./events.js";
import { andThen } from "./maybe-promise.js";
import { Place } from "./place.js";
import type { Server } from "./server.js";
import type { SlowQueries } from "./slow-queries.js";
import { begun, isTraced, QueryMessage, settle, traced } from "./tracing.js";

/** Called with how a statement ended; `spent`: its milliseconds, where they are not all until now. */
type Tell = (rowCount: number | undefined, error: unknown, spent?: number) => void;

const NOTHING: DriverResult = { rows: [], rowCount: 0 };

/** Those who want to hear of a database's statements: listeners, tracers, and who looks for slow ones. */
export class Watch {
  readonly #listeners = new Set<QueryListener>();
  readonly #server: Server;
  readonly #slow: SlowQueries | undefined;

  constructor(server: Server, slow: SlowQueries | undefined) {
    this.#server = server;
    this.#slow = slow;
  }

  /** Whether nobody wants to hear of statements. */
  get isIdle(): boolean {
    return this.#listeners.size === 0 && this.#slow === undefined && !isTraced();
  }

  add(listener: QueryListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: QueryListener): void {
    this.#listeners.delete(listener);
  }

  /** Sends a statement and tells of it, whether it succeeds or fails, where somebody wants to hear of it. */
  observe(statement: NotedStatement, send: () => MaybePromise<DriverResult>, asker: Asker): MaybePromise<DriverResult> {
    if (this.isIdle) return send();
    const { message, tell } = this.#teller(statement, asker);
    const succeed = (result: DriverResult): DriverResult => {
      tell(result.rowCount, undefined);
      return result;
    };
    const fail = (error: unknown): never => {
      tell(undefined, error);
      throw error;
    };
    const run = (sent: () => MaybePromise<DriverResult>): MaybePromise<DriverResult> => {
      let answer: MaybePromise<DriverResult>;
      try {
        answer = sent();
      } catch (error) {
        return fail(error);
      }
      return answer instanceof Promise ? answer.then(succeed, fail) : succeed(answer);
    };
    return message === undefined ? run(send) : traced(message, () => run(() => begun(message, send)));
  }

  /** Runs SQL text of several statements, and tells of it as of one. */
  observeScript(text: string, run: () => MaybePromise<void>, asker: Asker): MaybePromise<void> {
    const answer = this.observe({ text, values: [] }, () => andThen(run(), () => NOTHING), asker);
    return andThen(answer, () => {});
  }

  /** Hands on the batches of a cursor and tells of it at its end, with the rows that were read. */
  observeCursor(
    statement: NotedStatement,
    batches: AsyncIterable<DriverResult>,
    asker: Asker,
  ): AsyncIterable<DriverResult> {
    return this.isIdle ? batches : this.#eachBatch(statement, batches, asker);
  }

  async *#eachBatch(
    statement: NotedStatement,
    batches: AsyncIterable<DriverResult>,
    asker: Asker,
  ): AsyncGenerator<DriverResult, void, undefined> {
    const { message, tell: telling } = this.#teller(statement, asker);
    const tell: Tell =
      message === undefined ? telling : traced(message, () => begun(message, () => AsyncResource.bind(telling)));
    let rowCount = 0;
    let failure: unknown;
    // What is done with a batch takes its time too, which is not the statement's.
    let spent = 0;
    let since: number | undefined = performance.now();
    try {
      for await (const batch of batches) {
        spent += performance.now() - since;
        since = undefined;
        rowCount += batch.rowCount;
        yield batch;
        since = performance.now();
      }
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (since !== undefined) spent += performance.now() - since;
      tell(failure === undefined ? rowCount : undefined, failure, spent);
    }
  }

  #teller(
    statement: NotedStatement,
    asker: Asker,
  ): { readonly message: QueryMessage | undefined; readonly tell: Tell } {
    const { text, place = new Place() } = statement;
    const message = isTraced() ? new QueryMessage(text, this.#server, place, asker.told) : undefined;
    const before = asker.takeWaited();
    const start = performance.now();
    const tell: Tell = (rowCount, error, spent = performance.now() - start) => {
      const during = asker.takeWaited();
      const ended = { duration: Math.max(0, spent - during), waited: before + during, rowCount, error };
      if (message !== undefined) settle(Object.assign(message, ended));
      const slow = this.#slow?.isSlow(ended.duration) ? this.#slow : undefined;
      if (this.#listeners.size === 0 && slow === undefined) return;
      const transaction = asker.told;
      const event: QueryEvent = { sql: text, ...ended, place: place.toString(transaction?.place), transaction };
      for (const listener of this.#listeners) call(listener, event);
      slow?.report(event, statement);
    };
    return { message, tell };
  }
}

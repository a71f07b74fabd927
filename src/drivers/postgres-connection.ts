import {
  AmbiguousCommitError,
  ConnectionError,
  QueryError,
  type RowkeeperError,
  SerializationError,
  TransactionClosedError,
  UsageError,
} from "../errors.js";
import type { BeginOptions, DriverConnection, DriverResult, DriverStatement, DriverValue } from "./driver.js";
import { readCursor } from "./postgres-cursors.js";
import { isConnectionLost, isPlanOutdated, postgresError } from "./postgres-errors.js";
import { driverResult, type PostgresQueries, plainQuery, send } from "./postgres-query.js";
import type { PostgresClient, PostgresQuery, PostgresResult } from "./postgres-types.js";
import { refuseTransactionControl } from "./transaction-control.js";

/** What a connection needs of the driver. */
export interface PostgresConnectionOptions {
  readonly client: PostgresClient;
  readonly queries: PostgresQueries;
  readonly access: "read" | "write";
  /** The limit for locks that each transaction must set, in milliseconds; undefined where the server has it already. */
  readonly lockTimeout: number | undefined;
  /** Another client, in place of one whose connection was lost while it was idle. */
  readonly replace: () => Promise<PostgresClient>;
  readonly onClose: () => void;
}

type Results = PostgresResult | PostgresResult[];

/** A connection to PostgreSQL, held by one user. What is asked of it at the same time runs in the order of asking. */
export class PostgresConnection implements DriverConnection {
  readonly #options: PostgresConnectionOptions;
  #client: PostgresClient;
  #last: Promise<unknown> | undefined;
  #transaction: BeginOptions | undefined;
  /** Why the transaction can't be committed any more. */
  #failure: RowkeeperError | undefined;
  #cursors = new Set<string>();
  #isTransactionOfCursors = false;
  #cursorsInTransaction = 0;
  #isLost = false;
  #isClosed = false;

  constructor(options: PostgresConnectionOptions) {
    this.#options = options;
    this.#client = options.client;
  }

  async run(statement: DriverStatement): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text);
    const query = this.#options.queries.query(statement, statement.values);
    return driverResult(await this.#send(query), statement.describe);
  }

  async runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text);
    const rows: unknown[][] = [];
    let rowCount = 0;
    for (const values of sets) {
      const query = this.#options.queries.query(statement, values, sets.length > 1);
      const result = driverResult(await this.#send(query), false);
      for (const row of result.rows) rows.push(row);
      rowCount += result.rowCount;
    }
    return { rows, rowCount };
  }

  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<unknown[][]> {
    const scope = {
      isInTransaction: () => this.#transaction !== undefined,
      isUsable: () => this.#failure === undefined && !this.#isClosed && !this.#isLost,
      send: (query: PostgresQuery) => this.#send(query),
      cursors: () => this.#cursors,
      enter: () => this.#enterCursor(),
      leave: () => this.#leaveCursor(),
    };
    return readCursor(scope, statement, size);
  }

  /** @throws UsageError where the text begins a transaction or ends the current one */
  async script(text: string): Promise<void> {
    const wasInTransaction = this.#transaction !== undefined;
    try {
      const results = await this.#send(plainQuery(text));
      const commands = (Array.isArray(results) ? results : [results]).map(({ command }) => command);
      if (wasInTransaction) await this.#checkStillInTransaction(commands, text);
      else await this.#checkNoTransaction(commands, text);
    } catch (error) {
      if (!wasInTransaction) await this.rollback();
      throw error;
    }
  }

  async begin(options: BeginOptions): Promise<void> {
    if (this.#transaction !== undefined && !this.#isTransactionOfCursors)
      throw new UsageError("a transaction is already open on this connection");
    if (this.#cursors.size > 0)
      throw new UsageError("a transaction can't begin while a cursor is open on its connection");
    const query = plainQuery(beginText(options, this.#options.lockTimeout));
    try {
      await this.#send(query);
    } catch (error) {
      if (!(error instanceof ConnectionError) || this.#isClosed) throw error;
      // It was lost while it was idle: nothing has happened on it yet, so another one serves as well.
      await this.#replaceClient();
      await this.#send(query);
    }
    this.#transaction = options;
    this.#failure = undefined;
  }

  async commit(): Promise<void> {
    const isReadOnly = this.#transaction?.readOnly === true;
    let failure: RowkeeperError | undefined;
    const wasLost = this.#isLost;
    let results: Results;
    try {
      results = await this.#send(plainQuery("commit"));
    } catch (error) {
      if (!(error instanceof ConnectionError) || isReadOnly || wasLost) throw error;
      throw new AmbiguousCommitError(
        "the connection was lost while the transaction was committed: it may have been committed or not",
        { cause: error.cause, sql: "commit" },
      );
    } finally {
      failure = this.#failure;
      this.#end();
    }
    // A transaction in which a statement failed is rolled back by COMMIT, which PostgreSQL doesn't call an error.
    const command = Array.isArray(results) ? undefined : results.command;
    if (command === "COMMIT") return;
    const ErrorClass = failure instanceof SerializationError ? SerializationError : QueryError;
    throw new ErrorClass("the transaction was rolled back, because a statement in it had failed", {
      cause: failure,
      sql: "commit",
    });
  }

  async rollback(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#send(plainQuery("rollback"));
    } catch (error) {
      // A transaction whose connection was lost is rolled back by the server.
      if (!(error instanceof ConnectionError)) throw error;
    } finally {
      this.#end();
    }
  }

  async savepoint(name: string): Promise<void> {
    await this.#send(plainQuery(`savepoint ${name}`));
  }

  async release(name: string): Promise<void> {
    await this.#send(plainQuery(`release savepoint ${name}`));
  }

  async rollbackTo(name: string): Promise<void> {
    await this.#send(plainQuery(`rollback to savepoint ${name}`));
    this.#failure = undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      if (this.#transaction !== undefined) await this.rollback();
      for (const name of this.#cursors) await this.#send(plainQuery(`close ${name}`));
      await this.#last;
    } catch {
      // Whatever state it is in, nobody shall get it again.
      this.#isLost = true;
    } finally {
      this.#isClosed = true;
      this.#client.release(this.#isLost);
      this.#options.onClose();
    }
  }

  async #replaceClient(): Promise<void> {
    this.#client.release(true);
    try {
      this.#client = await this.#options.replace();
      this.#isLost = false;
    } catch (error) {
      this.#isClosed = true;
      this.#options.onClose();
      throw error;
    }
  }

  async #checkNoTransaction(commands: readonly string[], sql: string): Promise<void> {
    if (!commands.some(begins)) return;
    const isEnded = commands.findLastIndex((command) => ends(command)) > commands.findLastIndex(begins);
    await this.rollback();
    if (isEnded) return;
    throw new UsageError("a script began a transaction and did not end it; what it did after that was undone", { sql });
  }

  async #checkStillInTransaction(commands: readonly string[], sql: string): Promise<void> {
    if (!commands.some(ends)) return;
    try {
      // `rollback to` a savepoint of the script's own reports itself as ROLLBACK too.
      await this.#send(plainQuery("savepoint rowkeeper_probe; release savepoint rowkeeper_probe"));
      if (!commands.includes("COMMIT")) return;
    } catch {
      // Not in a transaction any more.
    }
    await this.rollback();
    throw new UsageError("a script ended the transaction that it ran in", { sql });
  }

  /** The transaction of the cursors on a connection that only reads and has none of its own. */
  async #enterCursor(): Promise<void> {
    if (this.#transaction === undefined && this.#options.access === "read") {
      this.#isTransactionOfCursors = true;
      await this.begin({ readOnly: true });
    }
    if (this.#isTransactionOfCursors) this.#cursorsInTransaction += 1;
  }

  async #leaveCursor(): Promise<void> {
    if (!this.#isTransactionOfCursors) return;
    this.#cursorsInTransaction -= 1;
    if (this.#cursorsInTransaction === 0) await this.rollback();
  }

  #end(): void {
    this.#isTransactionOfCursors = false;
    this.#cursorsInTransaction = 0;
    this.#transaction = undefined;
    this.#failure = undefined;
    this.#cursors = new Set();
  }

  /** Sends a query once those before it are answered: pg is to have one at a time. */
  async #send(query: PostgresQuery): Promise<Results> {
    if (this.#isClosed) throw new TransactionClosedError("a connection was used after it was given back");
    const previous = this.#last;
    const sent = previous === undefined ? this.#sendNow(query) : previous.then(() => this.#sendNow(query));
    const settled = sent.then(
      () => {},
      () => {},
    );
    this.#last = settled;
    try {
      return await sent;
    } catch (error) {
      throw this.#failed(error, query.text);
    } finally {
      if (this.#last === settled) this.#last = undefined;
    }
  }

  #sendNow(query: PostgresQuery): Promise<Results> {
    return send(this.#client, query);
  }

  #failed(cause: unknown, sql: string): RowkeeperError {
    if (isConnectionLost(cause)) this.#isLost = true;
    if (isPlanOutdated(cause)) this.#options.queries.forget(sql);
    const error = postgresError(cause, sql);
    if (this.#transaction !== undefined) this.#failure ??= error;
    return error;
  }
}

function beginText(options: BeginOptions, lockTimeout: number | undefined): string {
  const isolation = options.isolation === undefined ? "" : ` isolation level ${options.isolation}`;
  const begin = `begin${isolation}${options.readOnly === true ? " read only" : ""}`;
  const timeout = options.timeout ?? lockTimeout;
  return timeout === undefined ? begin : `${begin}; set local lock_timeout = ${serverTimeout(timeout)}`;
}

/** A limit as PostgreSQL takes it: whole milliseconds, where 0 is no limit. */
export function serverTimeout(timeout: number): number {
  return timeout < 2 ** 31 ? Math.max(1, Math.ceil(timeout)) : 0;
}

function begins(command: string): boolean {
  return command === "BEGIN" || command === "START";
}

function ends(command: string): boolean {
  return command === "COMMIT" || command === "ROLLBACK";
}

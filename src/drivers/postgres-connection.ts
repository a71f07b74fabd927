import {
  AmbiguousCommitError,
  ConnectionError,
  QueryError,
  RowkeeperError,
  SerializationError,
  TransactionClosedError,
  UsageError,
} from "../errors.js";
import type { Signal } from "./abort.js";
import type { BeginOptions, DriverConnection, DriverResult, DriverStatement, DriverValue } from "./driver.js";
import { readCursor } from "./postgres-cursors.js";
import { isAnswer, isCancelled, isClientSpent, isPlanOutdated, postgresError } from "./postgres-errors.js";
import {
  begins,
  driverResult,
  ends,
  isInTransaction,
  type PostgresQueries,
  plainQuery,
  send,
  sendFirst,
} from "./postgres-query.js";
import { type Begin, canBegin, gather } from "./postgres-rows.js";
import type { PostgresClient, PostgresQuery, PostgresResult } from "./postgres-types.js";
import { fromFirstWord, refuseTransactionControl } from "./transaction-control.js";

/** What a connection needs of the driver. */
export interface PostgresConnectionOptions {
  readonly client: PostgresClient;
  readonly queries: PostgresQueries;
  readonly access: "read" | "write";
  /** The limit for locks that each transaction must set, in milliseconds; undefined where the server has it already. */
  readonly lockTimeout: number | undefined;
  /** Another client, in place of one whose connection was lost while it was idle. */
  readonly replace: () => Promise<PostgresClient>;
  /** Whether the client has served long enough, and shall serve nobody after this connection. */
  readonly isWorn: (client: PostgresClient) => boolean;
  /** Who holds other connections, for messages. */
  readonly others: () => readonly string[];
  readonly onClose: () => void;
}

type Results = PostgresResult | PostgresResult[];

/** The transaction of the cursors on a connection that only reads and has none of its own. */
interface CursorTransaction {
  cursors: number;
}

/**
 * A connection to PostgreSQL, held by one user. What is asked of it at the same time runs in the order of asking, each
 * call as a whole; the state is that of the call whose turn it is. Typed statements of one transaction that are asked for
 * at the same time are sent without waiting for each other's answers.
 */
export class PostgresConnection implements DriverConnection {
  readonly #options: PostgresConnectionOptions;
  /** Undefined where it was lost and no other was to be had. */
  #client: PostgresClient | undefined;
  #last: Promise<void> | undefined;
  /** Whose turn it is, or was, of those that run alone. */
  #turn: Promise<void> | undefined;
  /** Statements that were sent, or wait for `#last`, and not for each other. */
  readonly #together = new Set<Promise<void>>();
  #transaction: BeginOptions | undefined;
  /** What begins the transaction, while it has not been sent: it goes with the first statement where it can. */
  #unsentBegin: string | undefined;
  /** What was sent along with the first statement, as long as others may go along with it too. */
  #begin: Begin | undefined;
  /** Why the transaction can't be committed any more. */
  #failure: RowkeeperError | undefined;
  #cursors = new Set<string>();
  /** By savepoint: the cursors that were open when it was set. */
  readonly #cursorsAt = new Map<string, ReadonlySet<string>>();
  #transactionOfCursors: CursorTransaction | undefined;
  #isLost = false;
  /** Whether SQL of the user's own has run that may have changed more than rows. */
  #hasTraces = false;
  #isClosed = false;

  constructor(options: PostgresConnectionOptions) {
    this.#options = options;
    this.#client = options.client;
  }

  async run(statement: DriverStatement): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text, "postgres");
    const query = this.#options.queries.query(statement, statement.values);
    // The server answers in the order of asking, and an error stops what comes after it in the transaction.
    const canGoTogether =
      statement.access !== undefined &&
      this.#transaction !== undefined &&
      this.#unsentBegin === undefined &&
      this.#client?.pipeline &&
      // What cancels it must meet nothing else.
      statement.signal === undefined;
    const results = canGoTogether
      ? await this.#goTogether(statement, query)
      : await this.#inTurn(() => this.#sendStatement(statement, query));
    return driverResult(results, statement.describe);
  }

  async runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text, "postgres");
    return this.#inTurn(async () => {
      const rows: unknown[][] = [];
      let rowCount = 0;
      for (const values of sets) {
        const query = this.#options.queries.query(statement, values, sets.length > 1);
        const sent = this.#sendStatement(statement, query);
        // Others may go along with a transaction's first statement, but not between this one's sets.
        if (sets.length > 1) this.#begin = undefined;
        const result = driverResult(await sent, false);
        for (const row of result.rows) rows.push(row);
        rowCount += result.rowCount;
      }
      return { rows, rowCount };
    });
  }

  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult> {
    const scope = {
      isInTransaction: () => this.#transaction !== undefined,
      send: (query: PostgresQuery) => {
        if (statement.access === undefined) this.#hasTraces ||= mayLeaveTraces(statement.text);
        return this.#send(query, statement.signal);
      },
      sendTo: (cursor: string, query: PostgresQuery) =>
        this.#inTurn(async () => (this.#cursors.has(cursor) ? this.#sendNow(query, statement.signal) : undefined)),
      closeCursor: (cursor: string) => this.#closeCursor(cursor),
      cursors: () => this.#cursors,
      enter: () => this.#enterCursor(),
    };
    return readCursor(scope, statement, size);
  }

  /** @throws UsageError where the text begins a transaction or ends the current one */
  script(text: string, signal?: Signal): Promise<void> {
    return this.#inTurn(async () => {
      const wasInTransaction = this.#transaction !== undefined;
      this.#hasTraces = true;
      try {
        const results = await this.#sendNow(plainQuery(text), signal);
        const commands = (Array.isArray(results) ? results : [results]).map(({ command }) => command);
        if (wasInTransaction) await this.#checkStillInTransaction(commands, text);
        else await this.#checkNoTransaction(commands, text);
      } catch (error) {
        if (!wasInTransaction) await this.#rollbackNow();
        throw error;
      }
    });
  }

  begin(options: BeginOptions): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#transactionOfCursors !== undefined || this.#cursors.size > 0)
        throw new UsageError("a transaction can't begin while a cursor is open on its connection");
      if (this.#transaction !== undefined) throw new UsageError("a transaction is already open on this connection");
      await this.#beginNow(options);
    });
  }

  commit(): Promise<void> {
    return this.#inTurn(() => this.#commitNow());
  }

  async rollback(): Promise<void> {
    if (!this.#isClosed) await this.#inTurn(() => this.#rollbackNow());
  }

  async savepoint(name: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#sendNow(plainQuery(`savepoint ${name}`));
      this.#cursorsAt.set(name, new Set(this.#cursors));
    });
  }

  async release(name: string): Promise<void> {
    await this.#send(plainQuery(`release savepoint ${name}`));
  }

  async rollbackTo(name: string): Promise<void> {
    await this.#inTurn(async () => {
      await this.#sendNow(plainQuery(`rollback to savepoint ${name}`));
      this.#failure = undefined;
      const kept = this.#cursorsAt.get(name);
      for (const cursor of this.#cursors) if (!kept?.has(cursor)) this.#cursors.delete(cursor);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const ended = this.#inTurn(() => this.#endAll());
    this.#isClosed = true;
    try {
      await ended;
    } catch {
      // Whatever state it is in, nobody shall get it again.
      this.#isLost = true;
    } finally {
      const client = this.#client;
      client?.release(this.#isLost || this.#hasTraces || this.#options.isWorn(client) || isInTransaction(client, []));
      this.#options.onClose();
    }
  }

  async #beginNow(options: BeginOptions): Promise<void> {
    const text = beginText(options, this.#options.lockTimeout);
    this.#unsentBegin = text;
    if (!this.#client?.pipeline || text.includes(";")) await this.#sendBegin(text);
    this.#transaction = options;
    this.#failure = undefined;
  }

  async #sendBegin(text: string): Promise<void> {
    this.#unsentBegin = undefined;
    try {
      await this.#sendNow(plainQuery(text));
    } catch (error) {
      if (!(error instanceof ConnectionError)) this.#refuseOthers(error);
      await this.#beginElsewhere(text);
    }
  }

  /** Where no transaction could begin: whatever came now would run in none. */
  #refuseOthers(failure: unknown): never {
    this.#isLost = true;
    throw failure;
  }

  /** Where the connection was lost while it was idle: nothing of the transaction is kept, so another one serves as well. */
  async #beginElsewhere(text: string): Promise<void> {
    await this.#replaceClient();
    this.#failure = undefined;
    await this.#sendNow(plainQuery(text));
  }

  async #sendFirst(text: string, query: PostgresQuery, signal: Signal | undefined): Promise<Results> {
    const client = this.#client;
    if (client === undefined || signal !== undefined || !canBegin(client, query)) {
      await this.#sendBegin(text);
      return this.#sendNow(query, signal);
    }
    this.#unsentBegin = undefined;
    const begin = { text, isDone: false };
    this.#begin = begin;
    try {
      return await sendFirst(client, begin, query);
    } catch (error) {
      const failure = this.#failed(error, query);
      if (begin.isDone) throw failure;
      if (!(failure instanceof ConnectionError)) this.#refuseOthers(failure);
      this.#begin = undefined; // On another connection it is begun by itself.
      await this.#beginElsewhere(text);
      return this.#sendNow(query);
    } finally {
      this.#begin = undefined;
    }
  }

  /**
   * Sends a query that only reads right behind what begins its transaction; where that failed, once another has begun. A
   * query that writes waits: without a transaction, what it did would stay.
   */
  async #sendAfterBegin(begin: Begin, query: PostgresQuery): Promise<Results> {
    const client = this.#client;
    if (client === undefined) return this.#sendNow(query);
    gather(client);
    const answer = send(client, query);
    answer.catch(() => {});
    await this.#last;
    if (!begin.isDone) return this.#sendNow(query);
    try {
      return await answer;
    } catch (error) {
      throw this.#failed(error, query);
    }
  }

  async #commitNow(): Promise<void> {
    if (this.#unsentBegin !== undefined) {
      this.#end();
      return;
    }
    const isReadOnly = this.#transaction?.readOnly === true;
    let failure: RowkeeperError | undefined;
    const wasLost = this.#isLost;
    let results: Results;
    try {
      results = await this.#sendNow(plainQuery("commit"));
    } catch (error) {
      const cause = error instanceof RowkeeperError ? error.cause : error;
      if (isReadOnly || wasLost || isAnswer(cause)) throw error;
      this.#isLost = true;
      throw new AmbiguousCommitError(
        "the connection was lost, or gave no answer, while the transaction was committed: it may have been committed or not",
        { cause, sql: "commit" },
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

  async #rollbackNow(): Promise<void> {
    try {
      if (this.#unsentBegin !== undefined) return;
      await this.#sendNow(plainQuery("rollback"));
    } catch (error) {
      // A transaction whose connection was lost is rolled back by the server.
      if (!this.#isLost) throw error;
    } finally {
      this.#end();
    }
  }

  async #endAll(): Promise<void> {
    if (this.#transaction !== undefined) await this.#rollbackNow();
    for (const name of this.#cursors) await this.#sendNow(plainQuery(`close ${name}`));
  }

  async #replaceClient(): Promise<void> {
    const lost = this.#client;
    this.#client = undefined;
    lost?.release(true);
    this.#client = await this.#options.replace();
    this.#isLost = false;
    this.#hasTraces = false;
  }

  async #checkNoTransaction(commands: readonly string[], sql: string): Promise<void> {
    if (!commands.some(begins)) return;
    const isEnded = commands.findLastIndex((command) => ends(command)) > commands.findLastIndex(begins);
    await this.#rollbackNow();
    if (isEnded) return;
    throw new UsageError("a script began a transaction and did not end it; what it did after that was undone", { sql });
  }

  async #checkStillInTransaction(commands: readonly string[], sql: string): Promise<void> {
    if (!commands.some(ends)) return;
    try {
      // `rollback to` a savepoint of the script's own reports itself as ROLLBACK too.
      await this.#sendNow(plainQuery("savepoint rowkeeper_probe; release savepoint rowkeeper_probe"));
      if (!commands.includes("COMMIT")) return;
    } catch {
      // Not in a transaction any more.
    }
    await this.#rollbackNow();
    throw new UsageError("a script ended the transaction that it ran in", { sql });
  }

  /** Begins the transaction that a cursor needs, and gives what ends it after the last of the cursors in it. */
  #enterCursor(): Promise<() => Promise<void>> {
    return this.#inTurn(async () => {
      if (this.#transaction === undefined && this.#options.access === "read") {
        await this.#beginNow({ readOnly: true });
        this.#transactionOfCursors = { cursors: 0 };
      }
      const transaction = this.#transactionOfCursors;
      if (transaction !== undefined) transaction.cursors += 1;
      return () => this.#leaveCursor(transaction);
    });
  }

  async #leaveCursor(transaction: CursorTransaction | undefined): Promise<void> {
    if (transaction === undefined || this.#isClosed) return;
    await this.#inTurn(async () => {
      transaction.cursors -= 1;
      if (transaction.cursors === 0 && transaction === this.#transactionOfCursors) await this.#rollbackNow();
    });
  }

  #end(): void {
    this.#transactionOfCursors = undefined;
    this.#transaction = undefined;
    this.#unsentBegin = undefined;
    this.#failure = undefined;
    this.#cursors = new Set();
    this.#cursorsAt.clear();
  }

  /** A cursor that ended with its transaction or savepoint is closed; in a transaction that failed none can be. */
  async #closeCursor(cursor: string): Promise<void> {
    if (this.#isClosed) return;
    await this.#inTurn(async () => {
      if (!this.#cursors.delete(cursor) || this.#failure !== undefined || this.#isLost) return;
      await this.#sendNow(plainQuery(`close ${cursor}`));
    });
  }

  #send(query: PostgresQuery, signal?: Signal): Promise<Results> {
    return this.#inTurn(() => this.#sendNow(query, signal));
  }

  /** Sends a query once what can't share its way with others, and was asked before, is done. */
  async #goTogether(statement: DriverStatement, query: PostgresQuery): Promise<Results> {
    this.#checkOpen();
    const previous = this.#last;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#together.add(finished);
    try {
      // What comes after something that has to wait, waits too.
      if (statement.access !== "read" || previous !== this.#turn) this.#begin = undefined;
      if (this.#begin !== undefined) return await this.#sendAfterBegin(this.#begin, query);
      if (previous !== undefined) await previous;
      if (this.#client !== undefined && this.#together.size > 1) gather(this.#client);
      return await this.#sendNow(query);
    } finally {
      finish();
      this.#together.delete(finished);
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new TransactionClosedError("a connection was used after it was given back");
  }

  /** Does something alone, once all that was asked before is done. */
  async #inTurn<T>(action: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    const [previous, together] = [this.#last, [...this.#together]];
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#last = finished;
    try {
      if (previous !== undefined) await previous;
      for (const one of together) await one;
      this.#turn = finished;
      // Awaited by nobody else, so that the stack of an error reaches the caller.
      return await action();
    } finally {
      finish();
      if (this.#last === finished) this.#last = undefined;
    }
  }

  /** SQL of the user's own must leave the connection in the transaction that it is in. */
  async #sendStatement(statement: DriverStatement, query: PostgresQuery): Promise<Results> {
    if (statement.access !== undefined) return this.#sendNow(query, statement.signal);
    this.#hasTraces ||= mayLeaveTraces(query.text);
    const results = await this.#sendNow(query, statement.signal);
    const wasInTransaction = this.#transaction !== undefined;
    const isNow = this.#client && isInTransaction(this.#client, results);
    if (isNow === undefined || isNow === wasInTransaction) return results;
    await this.#rollbackNow();
    const message = wasInTransaction ? "ended the transaction that it ran in" : "began a transaction, which was undone";
    throw new UsageError(`a statement ${message}`, { sql: query.text });
  }

  async #sendNow(query: PostgresQuery, signal?: Signal): Promise<Results> {
    signal?.throwIfAborted();
    if (this.#unsentBegin !== undefined) return this.#sendFirst(this.#unsentBegin, query, signal);
    const client = this.#client;
    if (client === undefined || this.#isLost)
      throw new ConnectionError("the connection to PostgreSQL was lost before", { sql: query.text });
    try {
      return await send(client, query, signal);
    } catch (error) {
      const failure = this.#failed(error, query);
      if (isCancelled(error)) signal?.throwIfAborted();
      throw failure;
    }
  }

  #failed(cause: unknown, { text: sql, values }: PostgresQuery): RowkeeperError {
    if (isClientSpent(cause)) this.#isLost = true;
    if (isPlanOutdated(cause)) this.#options.queries.forget(sql);
    const error = postgresError(cause, { sql, values, others: this.#options.others });
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

/** Whether SQL of the user's own may leave something on its connection: settings, temporary tables, locks, listeners. */
function mayLeaveTraces(text: string): boolean {
  const isPlain = /^(?:select|insert|update|delete|merge|with|values|table|explain|show)\b/i.test(
    fromFirstWord(text, "postgres"),
  );
  return !isPlain || /set_config|advisory_(?!xact)|setseed|\btemp(?:orary)?\b/i.test(text);
}

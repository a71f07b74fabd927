import { TransactionClosedError, UsageError } from "../errors.js";
import type { Signal } from "./abort.js";
import type { BeginOptions, DriverConnection, DriverResult, DriverStatement, DriverValue } from "./driver.js";
import { readCursor } from "./postgres-cursors.js";
import { PostgresLink, type PostgresLinkOptions, type Results } from "./postgres-link.js";
import { begins, driverResult, ends, isInTransaction, plainQuery } from "./postgres-query.js";
import { gather } from "./postgres-rows.js";
import { PostgresTransaction } from "./postgres-transaction.js";
import type { PostgresQuery } from "./postgres-types.js";
import { fromFirstWord, refuseTransactionControl } from "./transaction-control.js";

/** What a connection needs of the driver. */
export interface PostgresConnectionOptions extends PostgresLinkOptions {
  readonly access: "read" | "write";
  /** The limit for locks that each transaction must set, in milliseconds; undefined where the server has it already. */
  readonly lockTimeout: number | undefined;
  readonly onClose: () => void;
}

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
  readonly #link: PostgresLink;
  #last: Promise<void> | undefined;
  /** Whose turn it is, or was, of those that run alone. */
  #turn: Promise<void> | undefined;
  /** Statements that were sent, or wait for `#last`, and not for each other. */
  readonly #together = new Set<Promise<void>>();
  #transaction: PostgresTransaction | undefined;
  #cursors = new Set<string>();
  /** By savepoint: the cursors that were open when it was set. */
  readonly #cursorsAt = new Map<string, ReadonlySet<string>>();
  #transactionOfCursors: CursorTransaction | undefined;
  #isClosed = false;

  constructor(options: PostgresConnectionOptions) {
    this.#options = options;
    this.#link = new PostgresLink(options);
  }

  async run(statement: DriverStatement): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text, "postgres");
    const query = this.#options.queries.query(statement, statement.values);
    const transaction = this.#transaction;
    // The server answers in the order of asking, and an error stops what comes after it in the transaction.
    const canGoTogether =
      statement.access !== undefined &&
      transaction?.isUnsent === false &&
      this.#link.client?.pipeline &&
      // What cancels it must meet nothing else.
      statement.signal === undefined;
    const results = canGoTogether
      ? await this.#goTogether(transaction, statement, query)
      : await this.#inTurn(() => this.#sendStatement(statement, query));
    return driverResult(results, statement.describe);
  }

  async runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text, "postgres");
    return this.#inTurn(async () => {
      // Others may go along with a transaction's first statement, but not between this one's sets.
      if (sets.length > 1) this.#transaction?.refuseFollowers();
      const rows: unknown[][] = [];
      let rowCount = 0;
      for (const values of sets) {
        const query = this.#options.queries.query(statement, values, sets.length > 1);
        const result = driverResult(await this.#sendStatement(statement, query), false);
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
        if (statement.access === undefined) this.#link.hasTraces ||= mayLeaveTraces(statement.text);
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
      this.#link.hasTraces = true;
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
    return this.#inTurn(async () => {
      try {
        // Where SQL of the user's own has ended the transaction, which was told, there is none to commit.
        await (this.#transaction?.commit() ?? this.#link.send(plainQuery("commit")));
      } finally {
        this.#end();
      }
    });
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
      this.#link.recover();
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
      this.#link.giveUp(); // Whatever state it is in, nobody shall get it again.
    } finally {
      this.#link.release();
      this.#options.onClose();
    }
  }

  async #beginNow(options: BeginOptions): Promise<void> {
    const transaction = new PostgresTransaction(this.#link, options, this.#options.lockTimeout);
    if (!transaction.canWait) await transaction.begin();
    this.#link.recover();
    this.#transaction = transaction;
  }

  async #rollbackNow(): Promise<void> {
    try {
      if (this.#transaction?.isUnsent) return;
      await this.#sendNow(plainQuery("rollback"));
    } catch (error) {
      // A transaction whose connection was lost is rolled back by the server.
      if (!this.#link.isLost) throw error;
    } finally {
      this.#end();
    }
  }

  async #endAll(): Promise<void> {
    if (this.#transaction !== undefined) await this.#rollbackNow();
    for (const name of this.#cursors) await this.#sendNow(plainQuery(`close ${name}`));
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
    this.#cursors = new Set();
    this.#cursorsAt.clear();
  }

  /** A cursor that ended with its transaction or savepoint is closed; in a transaction that failed none can be. */
  async #closeCursor(cursor: string): Promise<void> {
    if (this.#isClosed) return;
    await this.#inTurn(async () => {
      const hasFailed = this.#transaction !== undefined && this.#link.failure !== undefined;
      if (!this.#cursors.delete(cursor) || hasFailed || this.#link.isLost) return;
      await this.#sendNow(plainQuery(`close ${cursor}`));
    });
  }

  #send(query: PostgresQuery, signal?: Signal): Promise<Results> {
    return this.#inTurn(() => this.#sendNow(query, signal));
  }

  /** Sends a query once what can't share its way with others, and was asked before, is done. */
  async #goTogether(
    transaction: PostgresTransaction,
    statement: DriverStatement,
    query: PostgresQuery,
  ): Promise<Results> {
    this.#checkOpen();
    const previous = this.#last;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    this.#together.add(finished);
    try {
      // What comes after something that has to wait, waits too.
      if (statement.access !== "read" || previous !== this.#turn) transaction.refuseFollowers();
      if (transaction.canBeFollowed) return await transaction.sendBehind(query, previous);
      if (previous !== undefined) await previous;
      const { client } = this.#link;
      if (client !== undefined && this.#together.size > 1) gather(client);
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
    this.#link.hasTraces ||= mayLeaveTraces(query.text);
    const results = await this.#sendNow(query, statement.signal);
    const wasInTransaction = this.#transaction !== undefined;
    const { client } = this.#link;
    const isNow = client && isInTransaction(client, results);
    if (isNow === undefined || isNow === wasInTransaction) return results;
    await this.#rollbackNow();
    const message = wasInTransaction ? "ended the transaction that it ran in" : "began a transaction, which was undone";
    throw new UsageError(`a statement ${message}`, { sql: query.text });
  }

  #sendNow(query: PostgresQuery, signal?: Signal): Promise<Results> {
    return (this.#transaction ?? this.#link).send(query, signal);
  }
}

/** Whether SQL of the user's own may leave something on its connection: settings, temporary tables, locks, listeners. */
function mayLeaveTraces(text: string): boolean {
  const isPlain = /^(?:select|insert|update|delete|merge|with|values|table|explain|show)\b/i.test(
    fromFirstWord(text, "postgres"),
  );
  return !isPlain || /set_config|advisory_(?!xact)|setseed|\btemp(?:orary)?\b/i.test(text);
}

import { TimeoutError, TransactionClosedError, UsageError } from "../errors.js";
import type {
  BeginOptions,
  DriverConnection,
  DriverResult,
  DriverStatement,
  DriverValue,
  MaybePromise,
  Waiting,
} from "./driver.js";
import { retryWhileBusy } from "./sqlite-busy.js";
import { SqliteCursors, spool, stepThrough } from "./sqlite-cursors.js";
import { isBusy, sqliteError } from "./sqlite-errors.js";
import { execute, type PreparedStatement, type PreparedStatements } from "./sqlite-statements.js";
import { turnIfDue } from "./turns.js";

/** What a connection is allowed, and how it ends. */
export interface SqliteConnectionOptions {
  readonly statements: PreparedStatements;
  readonly waiting: Waiting;
  /** The lock that SQLite may answer to be held by others: "the write lock of blog.db". */
  readonly lock: string;
  /** Whether it is one of those that only read: `pragma query_only` is on. */
  readonly onlyReads: boolean;
  /** Whether its transactions write unless they say that they don't. */
  readonly writes: boolean;
  readonly onClose: () => void;
}

/** A connection to SQLite, held by one user. Transactions that write take the write lock when they begin. */
export class SqliteConnection implements DriverConnection {
  readonly #options: SqliteConnectionOptions;
  readonly #statements: PreparedStatements;
  readonly #cursors = new SqliteCursors();
  #isInTransaction = false;
  #isMadeReadOnly = false;
  #isClosed = false;
  /** A `runMany` that is under way. */
  #many: Promise<unknown> | undefined;

  constructor(options: SqliteConnectionOptions) {
    this.#options = options;
    this.#statements = options.statements;
  }

  turn(): Promise<void> | undefined {
    return turnIfDue();
  }

  run(statement: DriverStatement): MaybePromise<DriverResult> {
    this.#check();
    this.#refuseWriting(statement.text);
    return this.#retry(() => this.#statements.run(statement), statement.text);
  }

  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    const answer = this.#runSets(statement, sets);
    this.#many = Promise.allSettled([this.#many, answer]).then(() => {});
    return answer;
  }

  async #runSets(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    this.#check();
    this.#refuseWriting(statement.text);
    const { text } = statement;
    const prepared = this.#attempt(() => this.#statements.prepare(text), text);
    const result = { rows: [], rowCount: 0 };
    for (let done = 0; done < sets.length; ) {
      const turn = turnIfDue();
      if (turn !== undefined) {
        await turn;
        statement.signal?.throwIfAborted();
        this.#check();
      }
      done = runUntilDue(prepared, statement, sets, done, result);
    }
    return result;
  }

  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult> {
    const { handle } = this.#statements;
    const open = () => {
      this.#check();
      return this.#options.onlyReads
        ? stepThrough(handle, statement)
        : spool(handle, statement, (action) => this.#whileWriting(action));
    };
    return this.#cursors.read(open, size, statement.text);
  }

  /**
   * A script is not run again where another process holds the lock, as its first statements may have run. So it waits
   * for the lock before; another process may still take it between two statements.
   *
   * @throws UsageError where the text begins a transaction or ends the current one
   * @throws TimeoutError where the lock is not to be had; what the script did before that stays
   */
  script(text: string): MaybePromise<void> {
    this.#check();
    this.#refuseWriting(text);
    if (this.#statements.handle.inTransaction || this.#options.onlyReads) return this.#execScript(text);
    const waited = this.#retry(() => this.#exec("begin immediate; commit"), text);
    return waited instanceof Promise ? waited.then(() => this.#execScript(text)) : this.#execScript(text);
  }

  begin(options: BeginOptions): MaybePromise<void> {
    this.#check();
    if (this.#isInTransaction) throw new UsageError("a transaction is already open on this connection");
    if (this.#cursors.areOpen)
      throw new UsageError("a transaction can't begin while a cursor is open on its connection");
    const { waiting, writes, onlyReads, lock } = this.#options;
    const readOnly = options.readOnly === true;
    const text = writes && !readOnly ? "begin immediate" : "begin";
    const begun = () => {
      this.#exec(text);
      this.#isInTransaction = true;
      if (readOnly && !onlyReads) this.#setReadOnly(true);
    };
    return retryWhileBusy(
      begun,
      options.timeout === undefined
        ? waiting
        : { holder: waiting.holder, timeout: options.timeout, signal: waiting.signal },
      lock,
      text,
    );
  }

  commit(): MaybePromise<void> {
    this.#check();
    this.#closeCursors();
    return this.#retry(() => {
      this.#exec("commit");
      this.#end();
    }, "commit");
  }

  rollback(): void {
    if (this.#isClosed) return;
    this.#attempt(() => {
      this.#closeCursors();
      if (this.#statements.handle.inTransaction) this.#exec("rollback");
      this.#end();
    }, "rollback");
  }

  /** After what is under way, of which no part may fall into the savepoint. */
  async savepoint(name: string): Promise<void> {
    await this.#many;
    this.#control(`savepoint ${name}`);
  }

  release(name: string): void {
    this.#control(`release ${name}`);
  }

  rollbackTo(name: string): void {
    this.#control(`rollback to ${name}`);
  }

  close(): void {
    if (this.#isClosed) return;
    try {
      if (this.#isInTransaction) this.rollback();
      else this.#closeCursors();
    } finally {
      this.#isClosed = true;
      this.#options.onClose();
    }
  }

  /** Savepoints have nothing to undo where nothing is written, and better-sqlite3 refuses them while a cursor is open. */
  #control(text: string): void {
    this.#check();
    if (!this.#options.onlyReads) this.#attempt(() => this.#exec(text), text);
  }

  #check(): void {
    if (this.#isClosed) throw new TransactionClosedError("a connection was used after it was given back");
    if (!this.#isInTransaction || this.#statements.handle.inTransaction) return;
    throw new TransactionClosedError(
      "SQLite has rolled the transaction back: a trigger or an `on conflict rollback` asked for it, or the disk failed",
    );
  }

  /** SQL of the user's own could switch off what keeps a connection from writing. */
  #refuseWriting(text: string): void {
    if (!this.#isMadeReadOnly && !this.#options.onlyReads) return;
    if (!/\bpragma\b[\s\S]*query_only/i.test(text)) return;
    throw new UsageError("`pragma query_only` can't be used where nothing may be written", { sql: text });
  }

  #end(): void {
    this.#isInTransaction = false;
    if (this.#isMadeReadOnly) this.#setReadOnly(false);
  }

  #setReadOnly(on: boolean): void {
    this.#exec(`pragma query_only = ${on ? "on" : "off"}`);
    this.#isMadeReadOnly = on;
  }

  #whileWriting(action: () => void): void {
    if (!this.#isMadeReadOnly) {
      action();
      return;
    }
    this.#setReadOnly(false);
    try {
      action();
    } finally {
      this.#setReadOnly(true);
    }
  }

  #execScript(text: string): void {
    const { handle } = this.#statements;
    const wasInTransaction = handle.inTransaction;
    this.#attempt(() => {
      try {
        handle.exec(text);
      } catch (error) {
        if (!isBusy(error)) throw error;
        const message = `another process took ${this.#options.lock} while a script ran; what it did before that stays`;
        throw new TimeoutError(message, { cause: error, sql: text });
      } finally {
        if (handle.inTransaction !== wasInTransaction) this.#undoTransactionControl(text);
      }
    }, text);
  }

  #undoTransactionControl(text: string): never {
    if (this.#statements.handle.inTransaction) {
      this.#exec("rollback");
      throw new UsageError("a script began a transaction and did not end it; what it did after that was undone", {
        sql: text,
      });
    }
    throw new UsageError("a script ended the transaction that it ran in", { sql: text });
  }

  #closeCursors(): void {
    this.#cursors.closeAll();
  }

  #exec(text: string): void {
    this.#statements.handle.exec(text);
  }

  #attempt<T>(action: () => T, sql: string): T {
    try {
      return action();
    } catch (error) {
      throw sqliteError(error, sql);
    }
  }

  /** Others can hold the lock only where this connection has none yet: outside a transaction, or before its first read. */
  #retry<T>(action: () => T, sql: string): MaybePromise<T> {
    const { waiting, lock } = this.#options;
    return retryWhileBusy(action, waiting, lock, sql);
  }
}

/**
 * Runs a statement for sets of values, from one on until the event loop is due its turn; gives the place of the next. By
 * itself, as what V8 optimizes of a connection is forgotten with the connection.
 */
function runUntilDue(
  prepared: PreparedStatement,
  statement: DriverStatement,
  sets: readonly (readonly DriverValue[])[],
  start: number,
  result: { readonly rows: unknown[][]; rowCount: number },
): number {
  let next = start;
  try {
    do {
      const { rows, rowCount } = execute(prepared, statement, sets[next++]);
      for (const row of rows) result.rows.push(row);
      result.rowCount += rowCount;
    } while (next < sets.length && turnIfDue() === undefined);
  } catch (error) {
    throw sqliteError(error, statement.text);
  }
  return next;
}

import type { Signal } from "../drivers/abort.js";
import type {
  BeginOptions,
  DriverResult,
  DriverStatement,
  DriverValue,
  MaybePromise,
  Waiting,
} from "../drivers/driver.js";
import { TransactionClosedError } from "../errors.js";
import type { Dialect } from "../sql/dialect.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { Place } from "./place.js";
import { checkTransactionOptions, SCOPE, type Scope, type TransactionOptions } from "./scope.js";
import type { SignalOptions } from "./signals.js";
import { Transaction } from "./transaction.js";
import type { OpenTransaction, TransactionHome } from "./transaction-home.js";
import type { Watch } from "./watch.js";

/**
 * Transactions one after another: the first statement begins one, and so does the first after a commit or rollback. What
 * was got in one of them goes on in the next.
 */
export class TransactionSeries implements Scope, TransactionHome, AsyncDisposable {
  readonly dialect: Dialect;
  readonly timeout: number;
  readonly batch: boolean;
  readonly isTransaction = true;
  readonly signal: Signal | undefined;
  readonly watch: Watch;
  readonly #home: TransactionHome;
  readonly #options: TransactionOptions;
  readonly #place = new Place();
  /** The transaction of the statements that come now, or where that is over, the last one. */
  #transaction: Transaction | undefined;
  #isOver = true;
  #isClosed = false;

  constructor(home: TransactionHome, options: TransactionOptions) {
    this.#home = home;
    this.#options = checkTransactionOptions(options);
    this.dialect = home.dialect;
    this.timeout = options.timeout ?? home.timeout;
    this.batch = home.batch;
    this.signal = options.signal;
    this.watch = home.watch;
  }

  get [SCOPE](): Scope {
    return this;
  }

  /** Nothing, where nothing was sent since the last. */
  commit(): Promise<void> {
    return this.#end((transaction) => transaction.commit());
  }

  rollback(): Promise<void> {
    return this.#end((transaction) => transaction.rollback());
  }

  async #end(how: (transaction: Transaction) => Promise<void>): Promise<void> {
    this.#checkOpen();
    const transaction = this.#transaction;
    if (transaction === undefined || this.#isOver) return;
    try {
      await how(transaction);
    } finally {
      if (this.#transaction === transaction) this.#isOver = transaction.isEnded;
    }
  }

  /** Rolls back what is not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#transaction?.[Symbol.asyncDispose]();
  }

  afterCommit(callback: () => unknown): void {
    this.#now().afterCommit(callback);
  }

  onRollback(undo: () => void): void {
    this.#transaction?.onRollback(undo);
  }

  transaction(options?: TransactionOptions, place?: Place): Transaction {
    return this.#now().transaction(options, place);
  }

  run(statement: DriverStatement): MaybePromise<DriverResult> {
    return this.#now().run(statement);
  }

  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): MaybePromise<DriverResult> {
    return this.#now().runMany(statement, sets);
  }

  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult> {
    return this.#now().cursor(statement, size);
  }

  async atomically<T>(work: (scope: Scope) => Promise<T>, options?: SignalOptions): Promise<T> {
    // Awaited, as the caller's frames would else be missing below the statements that go on at once.
    return await this.#now().atomically(work, options);
  }

  current(): Scope {
    return this.#isClosed ? this.#home.current() : this;
  }

  tableNamed(name: string): Table | undefined {
    return this.#home.tableNamed(name);
  }

  boundModels(): readonly AnyModel[] {
    return this.#home.boundModels();
  }

  enter(transaction: Waiting, options: BeginOptions): MaybePromise<OpenTransaction> {
    return this.#home.enter(transaction, options);
  }

  #now(): Transaction {
    this.#checkOpen();
    if (this.#transaction === undefined || this.#isOver) {
      this.#transaction = new Transaction(this, this.#options, this.#place);
      this.#isOver = false;
    }
    return this.#transaction;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new TransactionClosedError(`the session opened at ${this.#place} is closed`);
  }
}

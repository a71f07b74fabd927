import type { Signal } from "../drivers/abort.js";
import type {
  BeginOptions,
  DriverConnection,
  DriverResult,
  DriverStatement,
  MaybePromise,
  Waiting,
} from "../drivers/driver.js";
import { Permits } from "../drivers/permits.js";
import type { Dialect } from "../sql/dialect.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import type { ConnectionHost } from "./connection.js";
import { runTransaction } from "./run-transaction.js";
import type { Scope } from "./scope.js";
import { withSignal } from "./signals.js";
import { WatchedStatement } from "./statement-holder.js";
import { Transaction } from "./transaction.js";
import { beginOn, type OpenTransaction, type TransactionHome } from "./transaction-home.js";
import type { Watch } from "./watch.js";

/** The database. */
interface ConnectionHome extends TransactionHome {
  /** What a transaction begins with where it doesn't say. */
  beginOptions(options: BeginOptions): BeginOptions;
}

/**
 * A database of which one connection is held: transactions begin on that connection, and leave it open. Its uses take
 * turns, so that no statement falls into the transaction of another use; they wait for each other without a limit.
 */
export class HeldConnection implements TransactionHome, ConnectionHost {
  readonly dialect: Dialect;
  readonly timeout: number;
  readonly batch: boolean;
  readonly watch: Watch;
  readonly #turn = new Permits("its turn on a connection", 1);

  constructor(
    readonly home: ConnectionHome,
    readonly connection: DriverConnection,
    readonly signal?: Signal,
  ) {
    this.dialect = home.dialect;
    this.timeout = home.timeout;
    this.batch = home.batch;
    this.watch = home.watch;
  }

  run(statement: DriverStatement): Promise<DriverResult> {
    const own = withSignal(statement, this.signal);
    const asker = new WatchedStatement();
    return this.#inTurn(() => this.watch.observe(own, () => this.connection.run(own), asker), own.signal, asker);
  }

  async *cursor(statement: DriverStatement, size: number): AsyncGenerator<DriverResult, void, undefined> {
    const own = withSignal(statement, this.signal);
    const asker = new WatchedStatement();
    yield* this.watch.observeCursor(own, this.#eachInTurn(this.connection.cursor(own, size), asker), asker);
  }

  /** Turn by turn, so that it isn't opened in the transaction of another use. */
  async *#eachInTurn(
    batches: AsyncIterableIterator<DriverResult>,
    asker: WatchedStatement,
  ): AsyncGenerator<DriverResult, void, undefined> {
    try {
      for (;;) {
        const step = await this.#inTurn(() => batches.next(), this.signal, asker);
        if (step.done === true) return;
        yield step.value;
      }
    } finally {
      await batches.return?.();
    }
  }

  atomically<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#inTurn(() => runTransaction(() => new Transaction(this, {}), work), this.signal);
  }

  script(text: string): Promise<void> {
    const { connection, signal, watch } = this;
    const asker = new WatchedStatement();
    return this.#inTurn(() => watch.observeScript(text, () => connection.script(text, signal), asker), signal, asker);
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.connection.close());
  }

  async #inTurn<T>(use: () => MaybePromise<T>, signal?: Signal, holder = new WatchedStatement()): Promise<T> {
    const permit = await this.#turn.take(holder, Infinity, signal);
    try {
      return await use();
    } finally {
      this.#turn.give(permit);
    }
  }

  enter(_transaction: Waiting, options: BeginOptions): MaybePromise<OpenTransaction> {
    return beginOn(this.connection, this.home.beginOptions(options), () => {});
  }

  tableNamed(name: string): Table | undefined {
    return this.home.tableNamed(name);
  }

  boundModels(): readonly AnyModel[] {
    return this.home.boundModels();
  }

  current(): Scope {
    return this.home.current();
  }
}

import type { Signal } from "../drivers/abort.js";
import type { DriverResult, DriverStatement, DriverValue, MaybePromise } from "../drivers/driver.js";
import type { Dialect } from "../sql/dialect.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import type { NotedStatement } from "./events.js";
import type { Place } from "./place.js";
import type { NestableScope, Scope, TransactionOptions } from "./scope.js";
import { anySignal, type SignalOptions, signalIn, untilAbort, withSignal } from "./signals.js";

/**
 * A scope whose operations a signal cancels. What was never sent leaves a transaction as it was. Instances that come of
 * it stay in the scope beneath it, as they may be used for longer than the signal is meant for.
 */
class SignalScope implements Scope {
  readonly dialect: Dialect;
  readonly isTransaction: boolean;
  readonly batch: boolean;
  readonly signal: Signal;
  readonly #home: Scope;

  constructor(home: Scope, signal: Signal) {
    this.dialect = home.dialect;
    this.isTransaction = home.isTransaction;
    this.batch = home.batch;
    this.signal = anySignal(home.signal, signal);
    this.#home = home instanceof SignalScope ? home.#home : home;
  }

  /** For an instance that was put here, rather than read here. */
  get stay(): Pick<Scope, "current"> {
    return { current: () => (this.#home.current() === this.#home ? this : this.#home.current()) };
  }

  run(statement: DriverStatement): MaybePromise<DriverResult> {
    this.signal.throwIfAborted();
    return this.#home.run(withSignal(statement, this.signal));
  }

  noted(statement: DriverStatement): NotedStatement {
    return this.#home.noted?.(statement) ?? statement;
  }

  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): MaybePromise<DriverResult> {
    this.signal.throwIfAborted();
    return this.#home.runMany(withSignal(statement, this.signal), sets);
  }

  /** Frees the cursor at an abort, even where nobody asks for the next batch. */
  async *cursor(statement: DriverStatement, size: number): AsyncGenerator<DriverResult, void, undefined> {
    const { signal } = this;
    signal.throwIfAborted();
    yield* untilAbort(this.#home.cursor(withSignal(statement, signal), size), signal);
  }

  atomically<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#home.atomically(work, { signal: this.signal });
  }

  transaction(options: TransactionOptions = {}, place?: Place): NestableScope {
    const { signal } = signalIn(options);
    return this.#home.transaction({ ...options, signal: anySignal(signal, this.signal) }, place);
  }

  current(): Scope {
    return this.#home.current();
  }

  boundModels(): readonly AnyModel[] {
    return this.#home.boundModels();
  }

  onRollback(undo: () => void): void {
    this.#home.onRollback(undo);
  }

  tableNamed(name: string): Table | undefined {
    return this.#home.tableNamed(name);
  }
}

/** The scope, for operations that a signal cancels, where one is given. @throws TypeError for what is no signal */
export function scopeWith(scope: Scope, options: SignalOptions): Scope {
  const { signal } = signalIn(options);
  return signal === undefined ? scope : new SignalScope(scope, signal);
}

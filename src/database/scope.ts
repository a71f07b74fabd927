import type { Signal } from "../drivers/abort.js";
import type { DriverResult, DriverStatement, DriverValue, IsolationLevel, MaybePromise } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { KnownTables } from "../sql/rows.js";
import type { AnyModel } from "../sql/types.js";
import { checkOptions, didYouMean, kindOf } from "../text.js";
import type { NotedStatement } from "./events.js";
import type { Place } from "./place.js";
import { type SignalOptions, signalIn } from "./signals.js";

const ISOLATION_LEVELS = [
  "read uncommitted",
  "read committed",
  "repeatable read",
  "serializable",
] as const satisfies readonly IsolationLevel[];

/** @throws UsageError for what is no level, with the nearest that is */
export function checkIsolation(isolation: unknown): void {
  if (ISOLATION_LEVELS.some((level) => level === isolation)) return;
  const near = typeof isolation === "string" ? didYouMean(isolation, ISOLATION_LEVELS) : "";
  throw new UsageError(`the isolation levels are ${ISOLATION_LEVELS.join(", ")}${near}`);
}

/** Options of a transaction. */
export interface TransactionOptions extends SignalOptions {
  /** What it may see of others; on SQLite every transaction is serializable. Default: the database's own. */
  readonly isolation?: IsolationLevel;
  /** Writes are refused; on SQLite it runs beside a writer. */
  readonly readOnly?: boolean;
  /** The longest wait for a connection, SQLite's write lock or a row's lock, in milliseconds. Default: the database's. */
  readonly timeout?: number;
  /**
   * Its abort cancels the statement that runs, and rolls the transaction back at once; from then on all that is asked of
   * it, `commit()` too, fails with the signal's reason.
   */
  readonly signal?: Signal | undefined;
}

/** @throws TypeError for an unknown option, UsageError for a value that makes no sense */
export function checkTransactionOptions(options: TransactionOptions): TransactionOptions {
  checkOptions("a transaction", options, ["isolation", "readOnly", "timeout", "signal"]);
  if (options.isolation !== undefined) checkIsolation(options.isolation);
  if (options.timeout !== undefined && typeof options.timeout !== "number") {
    throw new TypeError(`timeout is a number of milliseconds, not ${kindOf(options.timeout)}`);
  }
  if (options.timeout !== undefined && !(options.timeout >= 0)) {
    throw new UsageError("timeout is a number of milliseconds, 0 or more");
  }
  signalIn(options);
  return options;
}

/** Options of a transaction that runs a function. */
export interface RetryOptions extends TransactionOptions {
  /** How many times the function is run again after a serialization failure or a deadlock; default 0. */
  readonly retries?: number;
}

/** What a manager is bound to: a database, or a transaction on it. */
export interface Scope extends KnownTables {
  readonly isTransaction: boolean;
  /** Whether what came together loads what is related together, and finds of one tick go together. */
  readonly batch: boolean;
  /** What cancels all that runs here. */
  readonly signal?: Signal | undefined;
  /** What an instance keeps that is put here by `using()`, where that is not the scope itself. */
  readonly stay?: Pick<Scope, "current">;

  /** Runs one statement. @throws RowkeeperError */
  run(statement: DriverStatement): MaybePromise<DriverResult>;

  /** The statement as one that is asked for here and run later. */
  noted?(statement: DriverStatement): NotedStatement;

  /** Runs one statement once per set of values, all or none of them. */
  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): MaybePromise<DriverResult>;

  /** Reads a select in batches: one consistent snapshot, in bounded memory. */
  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult>;

  /** Runs several statements as one: in a transaction of their own, or within the one that is open. */
  atomically<T>(work: (scope: Scope) => Promise<T>, options?: SignalOptions): Promise<T>;

  /**
   * A transaction on the database, or nested in the one that is open. Nothing is sent until its first statement.
   *
   * @param place where it begins, where the caller is nearer to that
   */
  transaction(options?: TransactionOptions, place?: Place): NestableScope;

  /** The scope to use now: a transaction that has ended gives what it was opened in. */
  current(): Scope;

  /** The models that are bound to the database. */
  boundModels(): readonly AnyModel[];

  /** Undoes in memory what a rollback undoes in the database. Outside a transaction there is nothing to undo. */
  onRollback(undo: () => void): void;
}

/** A scope that ends. */
export interface NestableScope extends Scope, AsyncDisposable {
  readonly isEnded: boolean;
  readonly isCommitted: boolean;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  afterCommit(callback: () => unknown): void;
  /** Runs SQL text of several statements. */
  script(text: string): MaybePromise<void>;
  /** Makes each `commit()` a UsageError: it is a preview. */
  refuseCommit(): void;
  /** @throws UsageError where a transaction nested in it, or an operation of several statements, has not ended */
  checkNothingOpen(): void;
}

/** Where managers and databases keep what they are bound to. */
export const SCOPE = Symbol("rowkeeper.scope");

/** A database, a transaction, or a manager bound to one: what `using()` takes. */
export interface Scoped {
  readonly [SCOPE]: Scope;
}

/** @throws TypeError where it is nothing that a manager can be bound to */
export function scopeOf(scoped: unknown): Scope {
  if (typeof scoped === "object" && scoped !== null && SCOPE in scoped) return scoped[SCOPE] as Scope;
  throw new TypeError(`using() wants a Database, a transaction, or a manager bound to one, not ${kindOf(scoped)}`);
}

/** Where a model class keeps the database that it is bound to. */
export const BINDING = Symbol("rowkeeper.database");

interface Bindable {
  readonly name: string;
  readonly [BINDING]?: Scope;
}

/** The database that a model is bound to, if it is to one. */
export function findBinding(model: Bindable): Scope | undefined {
  return model[BINDING];
}

/** @throws UsageError where the model is bound to no database */
export function bindingOf(model: Bindable): Scope {
  const bound = findBinding(model);
  if (bound !== undefined) return bound;
  throw new UsageError(
    `${model.name} is bound to no database: say new Database(url, { models: [${model.name}] }) ` +
      `or database.bind(${model.name}) first, or use ${model.name}.objects.using(database)`,
  );
}

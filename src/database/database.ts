import { Sql } from "sql-template-tag";
import type {
  BeginOptions,
  Driver,
  DriverConnection,
  DriverResult,
  DriverStatement,
  DriverValue,
  MaybePromise,
  Waiting,
} from "../drivers/driver.js";
import { type Holder, Permits } from "../drivers/permits.js";
import { RowkeeperError, UsageError } from "../errors.js";
import { createStatements, dropStatements } from "../schema/ddl.js";
import type { Dialect } from "../sql/dialect.js";
import { dialectOf } from "../sql/dialects.js";
import { resultItems } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { didYouMean, kindOf } from "../text.js";
import { type Connector, connectorOf, type DatabaseTarget } from "./connect.js";
import { Connection, type ConnectionHost, untypedStatement } from "./connection.js";
import { printQuery, type QueryListener, QueryListeners } from "./events.js";
import { runInFlow } from "./flow.js";
import { andThen } from "./maybe-promise.js";
import { checkDatabaseOptions, type DatabaseOptions } from "./options.js";
import { Place } from "./place.js";
import { rollBackAfterError, runTransaction } from "./run-transaction.js";
import { BINDING, SCOPE, type Scope, type Scoped, type TransactionOptions } from "./scope.js";
import { type OpenTransaction, Transaction, type TransactionHome } from "./transaction.js";

const DEFAULT_TIMEOUT = 5000;

/**
 * A database, and the models that are bound to it. Made without connecting: it connects at its first use.
 *
 * ```ts
 * await using db = new Database("sqlite:blog.db", { models: [User, Post] });
 * await db.createAll();
 * ```
 */
export class Database implements AsyncDisposable {
  /** @internal */
  readonly dialect: Dialect;
  /** @internal */
  readonly isTransaction = false;
  /** The longest wait, in milliseconds, for a connection or a lock. */
  readonly timeout: number;
  readonly #connector: Connector;
  readonly #options: DatabaseOptions;
  readonly #models = new Set<AnyModel>();
  readonly #tablesByName = new Map<string, Table>();
  readonly #listeners = new QueryListeners();
  readonly #waiting: Waiting;
  #driver: Driver | undefined;
  #connecting: Promise<Driver> | undefined;
  #isClosed = false;

  /**
   * @param target `sqlite:file.db`, `sqlite::memory:`, `postgres://…`, a Driver, a pg.Pool or an open better-sqlite3
   *   database; a pool or database of your own stays open when this one is closed
   * @throws UsageError where the target is none of these
   * @throws TypeError for an unknown option, with the nearest name
   */
  constructor(target: DatabaseTarget, options: DatabaseOptions = {}) {
    checkDatabaseOptions(options);
    this.#connector = connectorOf(target);
    this.#options = options;
    this.dialect = dialectOf(this.#connector.dialect);
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT;
    this.#waiting = new StatementWaiting(this.timeout);
    if (options.log) this.#listeners.add(options.log === true ? printQuery : options.log);
    this.bind(...((options.models ?? []) as AnyModel[]));
  }

  get [SCOPE](): Scope {
    return this;
  }

  /**
   * Binds models to this database, so that `User.objects` uses it. A model that was bound to another is bound to this
   * one from now on.
   *
   * @throws TypeError for what is no model
   */
  bind(...models: AnyModel[]): this {
    for (const model of models) {
      sourceOf(model);
      Object.defineProperty(model, BINDING, { value: this, configurable: true, writable: true });
      this.#models.add(model);
      this.#tablesByName.set(model.table, sourceOf(model).table);
    }
    return this;
  }

  /** The bound model of this class name or table name. @throws UsageError where there is none */
  model(name: string): AnyModel {
    for (const model of this.#models) if (model.name === name || model.table === name) return model;
    const names = [...this.#models].map((model) => model.name);
    throw new UsageError(`no model ${JSON.stringify(name)} is bound to this database${didYouMean(name, names)}`);
  }

  /** The model's manager, of its own class, bound to this database. */
  objects<O extends { using(scope: Scoped): O }>(model: { readonly objects: O }): O {
    return model.objects.using(this);
  }

  /** Makes the tables of the bound models, and their indexes, where they are not there yet, in the order of their references. */
  async createAll(): Promise<void> {
    await this.#runScripts(createStatements(this.#tables(), this.dialect));
  }

  /** Drops the tables of the bound models, where they are there. */
  async dropAll(): Promise<void> {
    await this.#runScripts(dropStatements(this.#tables(), this.dialect));
  }

  /**
   * The rows of SQL text of your own: `await db.query<{ n: number }>(sql`select count(*) as n from users`)`.
   *
   * @throws QueryError and its kin, with the text
   */
  async query<R extends object = Record<string, unknown>>(statement: Sql): Promise<R[]> {
    if (!(statement instanceof Sql)) throw new TypeError(`query() wants sql\`…\`, not ${kindOf(statement)}`);
    const compiled = untypedStatement(this.dialect, statement);
    return resultItems(compiled, await this.run(compiled), this) as R[];
  }

  /** A low-level connection: `await using connection = await db.connect()`. */
  async connect(): Promise<Connection> {
    const holder = new StatementHolder("connection");
    const driver = await this.#connected();
    if (driver.concurrentWriters) {
      const held = await driver.connect("write", { timeout: this.timeout, holder });
      return new Connection(this, new Held(this, held));
    }
    return new Connection(this, {
      run: (statement) => this.run(statement),
      atomically: (work) => this.atomically(work),
      script: (text) => this.#script(driver, text),
      close: () => {},
    });
  }

  /** Calls a listener for each statement that ran, or failed. Free where nobody listens. */
  on(event: "query", listener: QueryListener): this {
    checkEvent(event);
    if (typeof listener !== "function") throw new TypeError(`a listener is a function, not ${kindOf(listener)}`);
    this.#listeners.add(listener);
    return this;
  }

  off(event: "query", listener: QueryListener): this {
    checkEvent(event);
    this.#listeners.delete(listener);
    return this;
  }

  /** Closes all connections, once what uses them has ended. Commits nothing. */
  async close(): Promise<void> {
    if (this.#connecting === undefined) this.#isClosed = true;
    const driver = this.#driver ?? (await this.#connecting?.catch(() => undefined));
    // From here on the driver refuses new work, but for one that can't be closed now.
    await driver?.close();
    this.#isClosed = true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  run(statement: DriverStatement): MaybePromise<DriverResult> {
    const driver = this.#driver;
    if (driver === undefined || this.#isClosed) return this.#connected().then(() => this.run(statement));
    if (this.#listeners.isEmpty) return driver.run(statement, this.#waiting);
    return this.observe(statement, () => driver.run(statement, this.#waiting));
  }

  /** @internal */
  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    return this.atomically(async (scope) => scope.runMany(statement, sets));
  }

  /** @internal */
  async *cursor(statement: DriverStatement, size: number): AsyncIterableIterator<unknown[][]> {
    const driver = await this.#connected();
    const rows = driver.cursor(statement, size, this.#waiting);
    yield* this.observeCursor(statement, rows);
  }

  /** @internal */
  async atomically<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
    const transaction = this.begin();
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await rollBackAfterError(transaction);
      throw error;
    }
  }

  /** @internal */
  begin(options: TransactionOptions = {}): Transaction {
    return new Transaction(this, options);
  }

  /** @internal */
  tableNamed(name: string): Table | undefined {
    return this.#tablesByName.get(name);
  }

  /** @internal */
  current(): Scope {
    return this;
  }

  /** @internal */
  onRollback(): void {}

  /** @internal */
  enter(transaction: Transaction, options: BeginOptions): MaybePromise<OpenTransaction> {
    return andThen(this.#driver ?? this.#connected(), (driver) =>
      andThen(driver.connect(options.readOnly ? "read" : "write", transaction), (connection) =>
        beginOn(connection, options, () => connection.close()),
      ),
    );
  }

  /** @internal */
  observe(statement: DriverStatement, send: () => MaybePromise<DriverResult>): MaybePromise<DriverResult> {
    return this.#listeners.isEmpty ? send() : this.#listeners.observe(statement, send);
  }

  /** @internal */
  observeCursor(statement: DriverStatement, rows: AsyncIterable<unknown[][]>): AsyncIterable<unknown[][]> {
    return this.#listeners.isEmpty ? rows : this.#listeners.observeCursor(statement, rows);
  }

  async #connected(): Promise<Driver> {
    if (this.#isClosed) throw new UsageError("the database is closed");
    this.#connecting ??= Promise.resolve(this.#connector.connect({ ...this.#options, timeout: this.timeout }));
    try {
      this.#driver = await this.#connecting;
      return this.#driver;
    } catch (error) {
      this.#connecting = undefined;
      throw error;
    }
  }

  #tables(): Table[] {
    return [...new Set([...this.#models].map((model) => sourceOf(model).table))];
  }

  async #runScripts(scripts: readonly string[]): Promise<void> {
    if (scripts.length === 0) return;
    await this.atomically(async (scope) => {
      if (scope instanceof Transaction) for (const text of scripts) await scope.script(text);
    });
  }

  async #script(driver: Driver, text: string): Promise<void> {
    const connection = await driver.connect("write", this.#waiting);
    try {
      await connection.script(text);
    } finally {
      await connection.close();
    }
  }
}

/**
 * A database of which one connection is held: transactions begin on that connection, and leave it open. Its uses take
 * turns, so that no statement falls into the transaction of another use; they wait for each other without a limit.
 */
class Held implements TransactionHome, ConnectionHost {
  readonly dialect: Dialect;
  readonly timeout: number;
  readonly #turn = new Permits("its turn on a connection", 1);

  constructor(
    readonly database: Database,
    readonly connection: DriverConnection,
  ) {
    this.dialect = database.dialect;
    this.timeout = database.timeout;
  }

  run(statement: DriverStatement): Promise<DriverResult> {
    return this.#inTurn(() => this.observe(statement, () => this.connection.run(statement)));
  }

  atomically<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
    return this.#inTurn(() => runTransaction(() => new Transaction(this, {}), work));
  }

  script(text: string): Promise<void> {
    return this.#inTurn(() => this.connection.script(text));
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.connection.close());
  }

  async #inTurn<T>(use: () => MaybePromise<T>): Promise<T> {
    const permit = await this.#turn.take(new StatementHolder(), Infinity);
    try {
      return await use();
    } finally {
      this.#turn.give(permit);
    }
  }

  enter(_transaction: Transaction, options: BeginOptions): MaybePromise<OpenTransaction> {
    return beginOn(this.connection, options, () => {});
  }

  observe(statement: DriverStatement, send: () => MaybePromise<DriverResult>): MaybePromise<DriverResult> {
    return this.database.observe(statement, send);
  }

  observeCursor(statement: DriverStatement, rows: AsyncIterable<unknown[][]>): AsyncIterable<unknown[][]> {
    return this.database.observeCursor(statement, rows);
  }

  tableNamed(name: string): Table | undefined {
    return this.database.tableNamed(name);
  }

  current(): Scope {
    return this.database;
  }
}

function beginOn(
  connection: DriverConnection,
  options: BeginOptions,
  leave: () => MaybePromise<void>,
): MaybePromise<OpenTransaction> {
  const open = { connection, commit: () => connection.commit(), rollback: () => connection.rollback(), leave };
  let begun: MaybePromise<void>;
  try {
    begun = connection.begin(options);
  } catch (error) {
    leave();
    throw error;
  }
  if (!(begun instanceof Promise)) return open;
  return begun.then(
    () => open,
    async (error: unknown) => {
      await leave();
      throw error;
    },
  );
}

/** How a statement by itself waits; shared by all, as few of them ever do. */
class StatementWaiting implements Waiting {
  constructor(readonly timeout: number) {}

  get holder(): Holder {
    return new StatementHolder();
  }
}

/** A statement by itself, whose place is looked for when it has to wait; or a connection, which remembers where it began. */
class StatementHolder implements Holder {
  #place: Place | undefined;

  constructor(readonly what: "statement" | "connection" = "statement") {
    if (what === "connection") this.#place = new Place();
  }

  describe(): string {
    this.#place ??= new Place();
    return `the ${this.what} at ${this.#place}`;
  }

  ownsCurrentFlow(): boolean {
    return false;
  }
}

function checkEvent(event: unknown): void {
  if (event !== "query") throw new UsageError('a database has the event "query"');
}

/**
 * Runs a function in a transaction on each of several databases: all are rolled back when it throws, or a statement has
 * failed, and committed, one after another, when it returns.
 *
 * It is no two-phase commit: where one of the later commits fails, those before it stay committed, and the error says so.
 *
 * @throws what the function throws; all is rolled back then
 * @throws RowkeeperError where some were committed before another's commit failed
 */
export async function transaction<T>(
  databases: readonly Database[],
  work: (scopes: Transaction[]) => Promise<T> | T,
  options: TransactionOptions = {},
): Promise<T> {
  if (new Set(databases).size < databases.length) throw new UsageError("transaction() names each database once");
  const scopes = databases.map((database) => database.begin(options));
  const inFlows = scopes.reduceRight<() => Promise<T>>(
    (inner, scope) => () => runInFlow(scope, inner),
    async () => work(scopes),
  );
  try {
    const result = await inFlows();
    for (const scope of scopes) scope.checkNotFailed();
    await commitAll(scopes);
    return result;
  } catch (error) {
    for (const scope of scopes) await rollBackAfterError(scope);
    throw error;
  }
}

async function commitAll(scopes: readonly Transaction[]): Promise<void> {
  const ofCallbacks: unknown[] = [];
  let committed = 0;
  for (const scope of scopes) {
    if (scope.isEnded) continue;
    try {
      await scope.commit();
    } catch (cause) {
      if (scope.isCommitted) ofCallbacks.push(cause);
      else if (committed === 0) throw cause;
      else {
        const message = `${committed} of ${scopes.length} databases were committed before the commit of another failed`;
        throw new RowkeeperError(message, { cause });
      }
    }
    committed += 1;
  }
  if (ofCallbacks.length > 0) throw ofCallbacks[0];
}

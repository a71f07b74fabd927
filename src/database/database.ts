import { Sql } from "sql-template-tag";
import type { Signal } from "../drivers/abort.js";
import type {
  BeginOptions,
  Driver,
  DriverResult,
  DriverStatement,
  DriverValue,
  MaybePromise,
  Waiting,
} from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import { keepShape } from "../shapes.js";
import type { Dialect } from "../sql/dialect.js";
import { dialectOf } from "../sql/dialects.js";
import { resultItems } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { didYouMean, kindOf } from "../text.js";
import { type Connector, connectorOf, type DatabaseTarget } from "./connect.js";
import { Connection, untypedStatement } from "./connection.js";
import type { NotedStatement, QueryListener } from "./events.js";
import { HeldConnection } from "./held-connection.js";
import { printQuery } from "./log.js";
import { andThen } from "./maybe-promise.js";
import { checkDatabaseOptions, type DatabaseOptions } from "./options.js";
import { Place } from "./place.js";
import { checkPreview, type Preview, type PreviewOptions, runPreview } from "./preview.js";
import type { ReflectOptions } from "./reflect.js";
import { rollBackAfterError } from "./run-transaction.js";
import { BINDING, type RetryOptions, SCOPE, type Scope, type Scoped, type TransactionOptions } from "./scope.js";
import { shownServer } from "./server.js";
import { beginSession, Session } from "./session.js";
import { scopeWith } from "./signal-scope.js";
import { type SignalOptions, signalIn } from "./signals.js";
import { SlowQueries } from "./slow-queries.js";
import { StatementHolder, StatementWaiting, WatchedStatement } from "./statement-holder.js";
import { Transaction } from "./transaction.js";
import { beginOn, type OpenTransaction } from "./transaction-home.js";
import { TransactionSeries } from "./transaction-series.js";
import { Watch } from "./watch.js";

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
  /** @internal */
  readonly batch: boolean;
  /** The longest wait, in milliseconds, for a connection or a lock. */
  readonly timeout: number;
  readonly #connector: Connector;
  readonly #options: DatabaseOptions;
  readonly #models = new Set<AnyModel>();
  readonly #tablesByName = new Map<string, Table>();
  /** @internal */
  readonly watch: Watch;
  #found: ReadonlyMap<string, Table> = new Map();
  readonly #waiting: Waiting;
  #driver: Driver | undefined;
  #connecting: Promise<Driver> | undefined;
  #isClosed = false;

  /**
   * @param target `sqlite:file.db`, `sqlite::memory:`, `postgres://…`, a Driver, a pg.Pool or an open database of
   *   better-sqlite3 or node:sqlite; a pool or database of your own stays open when this one is closed
   * @throws UsageError where the target is none of these, or an option means nothing there
   * @throws TypeError for an unknown option, with the nearest name
   */
  constructor(target: DatabaseTarget, options: DatabaseOptions = {}) {
    checkDatabaseOptions(options);
    this.#connector = connectorOf(target, options);
    this.#options = options;
    this.dialect = dialectOf(this.#connector.server.dialect);
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT;
    this.batch = options.batch ?? true;
    this.#waiting = new StatementWaiting(this.timeout);
    const { slowQuery } = options;
    const slow = slowQuery && new SlowQueries(slowQuery, this.dialect.name, (statement) => this.#planOf(statement));
    this.watch = new Watch(this.#connector.server, slow);
    if (options.log) this.watch.add(options.log === true ? printQuery : options.log);
    this.bind(...((options.models ?? []) as AnyModel[]));
    keepShape(this, () => new Session(new Transaction(this, {})));
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
    const companions = models.flatMap((model) => sourceOf(model).companions?.() ?? []);
    for (const model of new Set([...models, ...companions])) {
      Object.defineProperty(model, BINDING, { value: this, configurable: true, writable: true });
      this.#models.add(model);
      this.#tablesByName.set(model.table, sourceOf(model).table);
    }
    return this;
  }

  /** The bound model of this class name or table name. @throws UsageError where there is none */
  model(name: string): AnyModel {
    if (typeof name !== "string")
      throw new TypeError(`model() wants the name of a class or table, not ${kindOf(name)}`);
    for (const model of this.#models) if (model.name === name || model.table === name) return model;
    const names = [...this.#models].map((model) => model.name);
    throw new UsageError(`no model ${JSON.stringify(name)} is bound to this database${didYouMean(name, names)}`);
  }

  /** The model's manager, of its own class, bound to this database. @throws TypeError where it is no model */
  objects<O extends { using(scope: Scoped): O }>(model: { readonly objects: O }): O {
    sourceOf(model);
    return model.objects.using(this);
  }

  /**
   * Runs a function in a transaction that is always rolled back, and gives what it would have changed: by bulk statements,
   * SQL text, cascades, and triggers of the tables' own. See `Manager.preview`, which is this for one model's manager.
   *
   * ```ts
   * const preview = await db.preview((tx) => User.objects.using(tx).delete({ active: false }));
   * preview.of(Post).deleted; // the posts that would have gone with their users
   * ```
   *
   * @throws UsageError (`commit()` within the function)
   */
  async preview<T>(
    work: (transaction: Transaction) => Promise<T> | T,
    options: PreviewOptions = {},
  ): Promise<Preview<T>> {
    checkPreview(work, options);
    const { models, ...begin } = options;
    return runPreview(() => this.transaction(begin), work, models ?? this.boundModels());
  }

  /**
   * This database for operations that a signal cancels: `User.objects.using(db.with({ signal }))`.
   *
   * @throws TypeError for what is no signal
   */
  with(options: SignalOptions): Scoped {
    return { [SCOPE]: scopeWith(this, options) };
  }

  /** Makes the tables of the bound models, and their indexes, where they are not there yet, in the order of their references. */
  async createAll(options: SignalOptions = {}): Promise<void> {
    const tables = this.#tables();
    const { createStatements } = await import("../schema/ddl.js");
    await this.#runScripts(createStatements(tables, this.dialect), options);
  }

  /** Drops the tables of the bound models, where they are there. */
  async dropAll(options: SignalOptions = {}): Promise<void> {
    const tables = this.#tables();
    const { dropStatements } = await import("../schema/ddl.js");
    await this.#runScripts(dropStatements(tables, this.dialect), options);
  }

  /**
   * Reads the tables of the database itself, by one statement, and keeps them in `tables`, which it gives: columns, keys,
   * uniques, checks, indexes and references, as a model would declare them. Tables that are read by their names are added.
   *
   * @throws TypeError for an unknown option, with the nearest name
   */
  async reflect(options: ReflectOptions = {}): Promise<ReadonlyMap<string, Table>> {
    const { checkReflect, readTables } = await import("./reflect.js");
    checkReflect(options);
    const read = await readTables(scopeWith(this, options), options);
    const asked = new Set(options.tables);
    const kept = options.tables === undefined ? [] : [...this.#found].filter(([name]) => !asked.has(name));
    this.#found = new Map([...kept, ...read]);
    return this.#found;
  }

  /** The tables that `reflect()` read last, by their names; none before it. */
  get tables(): ReadonlyMap<string, Table> {
    return this.#found;
  }

  /**
   * In words, how the tables of the database differ from those of the bound models; none where `createAll()` has made
   * them, and nothing was altered since. Tables without a model are no difference.
   */
  async differences(options: SignalOptions = {}): Promise<string[]> {
    const tables = this.#tables();
    const { findDifferences } = await import("./reflect.js");
    return findDifferences(scopeWith(this, options), tables);
  }

  /**
   * The rows of SQL text of your own: `await db.query<{ n: number }>(sql`select count(*) as n from users`)`.
   *
   * @throws QueryError and its kin, with the text
   */
  async query<R extends object = Record<string, unknown>>(statement: Sql, options: SignalOptions = {}): Promise<R[]> {
    if (!(statement instanceof Sql)) throw new TypeError(`query() wants sql\`…\`, not ${kindOf(statement)}`);
    const compiled = untypedStatement(this.dialect, statement);
    return resultItems(compiled, await scopeWith(this, options).run(compiled), this) as R[];
  }

  /**
   * A session that commits as it goes: its first statement begins a transaction, and so does the first after each `commit()`
   * or `rollback()`. What is not committed when it is closed is rolled back.
   *
   * ```ts
   * await using session = db.session();
   * await session.save(new User({ name: "x" }));
   * await session.commit();
   * ```
   *
   * @throws TypeError for an unknown option
   */
  session(options: TransactionOptions = {}): Session {
    return new Session(new TransactionSeries(this, options));
  }

  /**
   * A session of one transaction, apart from any other: nothing is sent until its first statement. Leaving the block without
   * a commit rolls back. Given a function, it commits when the function returns, rolls back when it throws, and runs it again,
   * where `retries` says so, after a serialization failure or a deadlock.
   *
   * ```ts
   * await db.begin(async (session) => {
   *   await session.saveAll([user, post]);
   * });
   * ```
   *
   * @throws TypeError for an unknown option
   */
  begin(options?: TransactionOptions): Session;
  begin<T>(work: (session: Session) => Promise<T> | T, options?: RetryOptions): Promise<T>;
  begin<T>(
    work: TransactionOptions | ((session: Session) => Promise<T> | T) = {},
    options?: RetryOptions,
  ): Session | Promise<T> {
    return beginSession(this, work, options);
  }

  /** A low-level connection: `await using connection = await db.connect()`. A signal cancels all that is done by it. */
  async connect(options: SignalOptions = {}): Promise<Connection> {
    const { signal } = signalIn(options);
    signal?.throwIfAborted();
    const holder = new StatementHolder("connection");
    const driver = await this.#connected();
    if (driver.concurrentWriters) {
      const held = await driver.connect("write", { timeout: this.timeout, holder, signal });
      return new Connection(this, new HeldConnection(this, held, signal));
    }
    const scope = scopeWith(this, options);
    return new Connection(this, {
      run: (statement) => scope.run(statement),
      cursor: (statement, size) => scope.cursor(statement, size),
      atomically: (work) => scope.atomically(work),
      script: (text) => this.#script(driver, text, signal),
      close: () => {},
    });
  }

  /**
   * Whether the database answers: true, or an error.
   *
   * @throws ConnectionError where it can't be reached, TimeoutError where no connection is free in time
   */
  async ping(): Promise<true> {
    await this.run({ text: this.dialect.ping, values: [], access: "read" });
    return true;
  }

  /** Calls a listener for each statement that ran, or failed. Free where nobody listens. */
  on(event: "query", listener: QueryListener): this {
    checkEvent(event);
    if (typeof listener !== "function") throw new TypeError(`a listener is a function, not ${kindOf(listener)}`);
    this.watch.add(listener);
    return this;
  }

  off(event: "query", listener: QueryListener): this {
    checkEvent(event);
    this.watch.delete(listener);
    return this;
  }

  /** Closes all connections, once what uses them has ended. Commits nothing. */
  async close(): Promise<void> {
    // Finds that were asked for before have yet to be sent.
    if (this.batch && this.dialect.mergesFinds) await undefined;
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
  [INSPECT](): string {
    return `Database(${shownServer(this.#connector.server)})`;
  }

  /** @internal */
  run(statement: DriverStatement): MaybePromise<DriverResult> {
    const driver = this.#driver;
    if (driver === undefined || this.#isClosed) {
      return this.#connected().then(() => {
        statement.signal?.throwIfAborted();
        return this.run(statement);
      });
    }
    if (this.watch.isIdle) return driver.run(statement, this.#waitingFor(statement));
    const holder = new WatchedStatement();
    const waiting = { timeout: this.timeout, holder, signal: statement.signal };
    return this.watch.observe(statement, () => driver.run(statement, waiting), holder);
  }

  /** @internal */
  noted(statement: DriverStatement): NotedStatement {
    return this.watch.isIdle ? statement : { ...statement, place: new Place() };
  }

  /** @internal */
  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): Promise<DriverResult> {
    return this.atomically(async (scope) => scope.runMany(statement, sets), statement);
  }

  /** @internal */
  async *cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult> {
    const driver = await this.#connected();
    const holder = new WatchedStatement();
    const waiting = { timeout: this.timeout, holder, signal: statement.signal };
    yield* this.watch.observeCursor(statement, driver.cursor(statement, size, waiting), holder);
  }

  /** @internal */
  async atomically<T>(work: (transaction: Transaction) => Promise<T>, { signal }: SignalOptions = {}): Promise<T> {
    const transaction = this.transaction({ signal });
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
  transaction(options: TransactionOptions = {}, place?: Place): Transaction {
    return new Transaction(this, options, place);
  }

  /** @internal */
  tableNamed(name: string): Table | undefined {
    return this.#tablesByName.get(name);
  }

  /** @internal */
  boundModels(): readonly AnyModel[] {
    return [...this.#models];
  }

  /** @internal */
  current(): Scope {
    return this;
  }

  /** @internal */
  onRollback(): void {}

  /** @internal */
  enter(transaction: Waiting, begin: BeginOptions): MaybePromise<OpenTransaction> {
    const options = this.beginOptions(begin);
    return andThen(this.#driver ?? this.#connected(), (driver) =>
      andThen(driver.connect(options.readOnly ? "read" : "write", transaction), (connection) =>
        beginOn(connection, options, () => connection.close()),
      ),
    );
  }

  /** With the isolation that transactions have where they don't say. @internal */
  beginOptions(options: BeginOptions): BeginOptions {
    const { isolation } = this.#options;
    return isolation === undefined || options.isolation !== undefined ? options : { ...options, isolation };
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

  #waitingFor({ signal }: DriverStatement): Waiting {
    return signal === undefined ? this.#waiting : new StatementWaiting(this.timeout, signal);
  }

  /** How the engine runs a statement; asked beside all else, and told to nobody who listens. */
  async #planOf(statement: DriverStatement): Promise<string> {
    const driver = await this.#connected();
    const explaining = this.dialect.explaining(statement);
    // Unprepared, as PostgreSQL takes a plan's placeholders without values by its simple protocol only.
    const { rows } = await driver.run({ ...explaining, access: "read", prepare: false }, this.#waiting);
    return this.dialect.planText(rows);
  }

  #tables(): Table[] {
    return [...new Set([...this.#models].map((model) => sourceOf(model).table))];
  }

  async #runScripts(scripts: readonly string[], options: SignalOptions): Promise<void> {
    const { signal } = signalIn(options);
    signal?.throwIfAborted();
    if (scripts.length === 0) return;
    await this.atomically(async (transaction) => {
      for (const text of scripts) await transaction.script(text);
    }, options);
  }

  async #script(driver: Driver, text: string, signal?: Signal): Promise<void> {
    const holder = new WatchedStatement();
    const connection = await driver.connect("write", { timeout: this.timeout, holder, signal });
    try {
      await this.watch.observeScript(text, () => connection.script(text, signal), holder);
    } finally {
      await connection.close();
    }
  }
}

function checkEvent(event: unknown): void {
  if (event !== "query") throw new UsageError('a database has the event "query"');
}

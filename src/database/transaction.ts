import { onAbort, type Signal } from "../drivers/abort.js";
import type { DriverConnection, DriverResult, DriverStatement, DriverValue, MaybePromise } from "../drivers/driver.js";
import { type Holder, type Permit, Permits } from "../drivers/permits.js";
import { fromFirstWord } from "../drivers/transaction-control.js";
import { ConnectionError, RowkeeperError, TransactionClosedError, UsageError } from "../errors.js";
import type { Dialect } from "../sql/dialect.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { Aftermath } from "./aftermath.js";
import type { QueryTransaction } from "./events.js";
import { isInFlowOf } from "./flow.js";
import { warnOfForgottenCommit } from "./forgotten-commit.js";
import { andThen } from "./maybe-promise.js";
import { Place } from "./place.js";
import { checkTransactionOptions, SCOPE, type Scope, type Scoped, type TransactionOptions } from "./scope.js";
import { scopeWith } from "./signal-scope.js";
import { anySignal, type SignalOptions, withSignal } from "./signals.js";
import { WatchedStatement } from "./statement-holder.js";
import type { OpenTransaction, TransactionHome } from "./transaction-home.js";
import type { Watch } from "./watch.js";

/** A transaction is made a few calls below the user's. */
const PLACE_DEPTH = 9;

let savepoints = 0;
let lastId = 0;

/**
 * One transaction, or one savepoint in it. Nothing is sent until its first statement. A statement that fails leaves it
 * good for nothing but a rollback, on every engine; a savepoint keeps such a failure apart.
 */
export class Transaction implements AsyncDisposable {
  /** @internal */
  readonly dialect: Dialect;
  /** @internal */
  readonly timeout: number;
  /** @internal */
  readonly batch: boolean;
  /** @internal */
  readonly watch: Watch;
  /** @internal */
  readonly isTransaction = true;
  /** @internal */
  readonly signal: Signal | undefined;
  readonly #home: TransactionHome | Transaction;
  readonly #options: TransactionOptions;
  readonly #place: Place;
  #open: MaybePromise<OpenTransaction> | undefined;
  #connection: DriverConnection | undefined;
  #isEnded = false;
  #isCommitted = false;
  /** Whether it was ended by the rollback of the transaction around it, so that nothing of it may be sent any more. */
  #isAbandoned = false;
  /** The rollback that an abort led to, until the transaction is ended by who began it as well. */
  #abortion: Promise<void> | undefined;
  /** Stops listening to the signal. */
  #forget: (() => void) | undefined;
  #isPreview = false;
  #hasWritten = false;
  /** How many rows were changed, for those who must know whether there is something to undo. */
  #changes = 0;
  #failure: unknown;
  /** How many operations of several statements are under way, of which a part must not be committed. */
  #operations = 0;
  /** Held by a savepoint while it is open, so that no statement of this transaction falls into it. */
  #turn: Permits | undefined;
  /** The last statement whose answer was not there at once. */
  #lastUnderWay: Promise<void> | undefined;
  /** The savepoints that have begun and not ended: one that is open, and those that wait for their turn. */
  readonly #nested = new Set<Transaction>();
  /** What was waited and no statement has told of yet, in milliseconds. */
  #waited = 0;
  #told: QueryTransaction | undefined;
  readonly #aftermath = new Aftermath();

  constructor(home: TransactionHome | Transaction, options: TransactionOptions, place = new Place(PLACE_DEPTH)) {
    this.#home = home;
    this.#place = place;
    this.#options = checkTransactionOptions(options);
    if (home instanceof Transaction && (options.isolation !== undefined || options.readOnly !== undefined)) {
      throw new UsageError("a nested transaction has the isolation, and may write as, the one around it");
    }
    this.dialect = home.dialect;
    this.timeout = options.timeout ?? home.timeout;
    this.batch = home.batch;
    this.watch = home.watch;
    this.signal = anySignal(home.signal, options.signal);
  }

  get [SCOPE](): Scope {
    return this;
  }

  /** @internal */
  get holder(): Holder {
    return this;
  }

  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  get isEnded(): boolean {
    return this.#isEnded && this.#abortion === undefined;
  }

  /** This transaction for operations that a signal cancels, as `Database.with`. @throws TypeError for what is no signal */
  with(options: SignalOptions): Scoped {
    return { [SCOPE]: scopeWith(this, options) };
  }

  /** @internal */
  describe(): string {
    return `the ${this.#home instanceof Transaction ? "savepoint" : "transaction"} begun at ${this.#place}`;
  }

  /** @internal */
  ownsCurrentFlow(): boolean {
    return isInFlowOf(this);
  }

  /** @internal */
  onWaited(milliseconds: number): void {
    this.#waited += milliseconds;
  }

  /** @internal */
  takeWaited(): number {
    const waited = this.#waited;
    this.#waited = 0;
    return waited;
  }

  /** @internal */
  get told(): QueryTransaction {
    const outer = this.#home instanceof Transaction ? this.#home.told : undefined;
    this.#told ??= { id: ++lastId, place: String(this.#place), outer };
    return this.#told;
  }

  /** @internal */
  tableNamed(name: string): Table | undefined {
    return this.#home.tableNamed(name);
  }

  /** @internal */
  boundModels(): readonly AnyModel[] {
    return this.#home.boundModels();
  }

  /** @internal */
  refuseCommit(): void {
    this.#isPreview = true;
  }

  /** @throws UsageError where a transaction nested in this one, or an operation of several statements, has not ended @internal */
  checkNothingOpen(): void {
    if (this.#nested.size > 0)
      throw new UsageError(`${this.describe()} can't end while a transaction nested in it is open`);
    if (this.#operations > 0)
      throw new UsageError(
        `${this.describe()} can't end while an operation of several statements is under way in it: wait for that first`,
      );
  }

  /** @internal */
  current(): Scope {
    return this.isEnded ? this.#home.current() : this;
  }

  /** @internal */
  run(given: DriverStatement): MaybePromise<DriverResult> {
    const statement = withSignal(given, this.signal);
    const answer = this.#use(
      (connection) => this.watch.observe(statement, () => connection.run(statement), this),
      statement,
    );
    if (statement.access === "read") return answer;
    return answer instanceof Promise
      ? answer.then((result) => this.#count(statement, result))
      : this.#count(statement, answer);
  }

  /** @internal */
  runMany(given: DriverStatement, sets: readonly (readonly DriverValue[])[]): MaybePromise<DriverResult> {
    const statement = withSignal(given, this.signal);
    const answer = this.#use(
      (connection) => this.watch.observe(statement, () => connection.runMany(statement, sets), this),
      statement,
    );
    return andThen(answer, (result) => this.#count(statement, result));
  }

  #count(statement: DriverStatement, result: DriverResult): DriverResult {
    if (this.#isWrite(statement)) this.#changes += result.rowCount;
    return result;
  }

  /** Whether a statement writes; SQL text of a user's own is taken to where it doesn't begin as a query. */
  #isWrite({ access, text }: DriverStatement): boolean {
    if (access !== undefined) return access === "write";
    return !/^(?:select|values|explain|show|pragma|table)\b/i.test(fromFirstWord(text, this.dialect.name));
  }

  /** Runs SQL text of several statements. @internal */
  script(text: string): MaybePromise<void> {
    return this.#use((connection) => this.watch.observeScript(text, () => connection.script(text, this.signal), this));
  }

  /** @internal */
  async *cursor(given: DriverStatement, size: number): AsyncIterableIterator<DriverResult> {
    const statement = withSignal(given, this.signal);
    const connection = await this.#use((own) => own, statement);
    try {
      yield* this.watch.observeCursor(statement, connection.cursor(statement, size), this);
    } catch (error) {
      this.#fail(error, statement.signal);
    }
  }

  /** Where the work fails after it has changed rows, which can't be undone by themselves, so has the transaction. @internal */
  async atomically<T>(work: (scope: Scope) => Promise<T>, options: SignalOptions = {}): Promise<T> {
    this.#checkOpen();
    const before = this.#changes;
    this.#operations += 1;
    try {
      return await work(scopeWith(this, options));
    } catch (error) {
      if (this.#changes > before) this.#failure ??= error;
      throw error;
    } finally {
      this.#operations -= 1;
    }
  }

  /** A transaction nested in this one: a savepoint. @throws TransactionClosedError after the end */
  transaction(options: TransactionOptions = {}, place?: Place): Transaction {
    this.#checkOpen();
    return new Transaction(this, options, place);
  }

  /** @internal */
  onRollback(undo: () => void): void {
    this.#aftermath.onRollback(undo);
  }

  /**
   * Calls back once the outermost transaction is committed; never where it, or a savepoint around the call, is rolled
   * back. What the callback throws comes out of `commit()`, undoes nothing, and keeps no other callback from its call.
   *
   * @throws TransactionClosedError after the end
   */
  afterCommit(callback: () => unknown): void {
    this.#checkOpen();
    this.#aftermath.afterCommit(callback);
  }

  /**
   * Makes what was written last, and gives the connection back.
   *
   * @throws TransactionClosedError after the end, or where a statement has failed (all is rolled back then)
   * @throws UsageError where a nested transaction, or an operation of several statements, has not ended
   * @throws AmbiguousCommitError where the connection is lost before the database answers
   * @throws the signal's reason after its abort (all is rolled back then)
   */
  async commit(): Promise<void> {
    if (!this.isEnded && this.signal?.aborted) {
      await this.rollback();
      throw this.signal.reason;
    }
    this.#checkEnded();
    if (this.#isPreview) throw new UsageError("a preview is always rolled back, and can't be committed");
    if (this.#failure !== undefined) {
      await this.rollback();
      throw this.#failed();
    }
    this.checkNothingOpen();
    this.#end();
    if (this.#lastUnderWay !== undefined) await this.#lastUnderWay;
    // Waited for as statements do, so that those which were asked for before are sent before.
    if (this.#open instanceof Promise) await this.#begun();
    const open = this.#open instanceof Promise ? await this.#open : this.#open;
    try {
      // A statement that nobody waited for may have failed meanwhile; or fail the commit.
      this.checkNotFailed();
      const committed = open?.commit();
      if (committed instanceof Promise) await committed;
    } catch (error) {
      if (this.#failure !== undefined) {
        await this.#undoAll(open);
        throw this.#failed();
      }
      this.#aftermath.undo();
      await open?.leave();
      throw error;
    }
    const left = open?.leave();
    if (left instanceof Promise) await left;
    if (this.#isAbandoned)
      throw new TransactionClosedError(`the transaction around ${this.describe()} was rolled back`);
    this.#isCommitted = true;
    const calling = this.#handOver();
    if (calling !== undefined) await calling;
  }

  /**
   * Undoes what was written, and gives the connection back. Instances that were inserted are unsaved again, and
   * transactions nested in this one have ended with it.
   *
   * @throws TransactionClosedError after the end
   */
  async rollback(): Promise<void> {
    if (this.#abortion !== undefined) return this.#acceptAbortion();
    this.#checkEnded();
    this.#end();
    const nested = this.#allNested();
    for (const transaction of nested) {
      transaction.#end();
      transaction.#isAbandoned = true;
    }
    for (const transaction of nested) await (await transaction.#opened())?.leave();
    await this.#lastUnderWay;
    const open = await this.#opened();
    await this.#undoAll(open, nested);
  }

  #end(): void {
    this.#isEnded = true;
    this.#forget?.();
  }

  /** Rolls back at once, so that what is locked is free though who began the transaction may be busy with other things. */
  #abort(): void {
    if (this.#isEnded) return;
    const abortion = this.rollback();
    abortion.catch(() => {}); // Told to who ends the transaction.
    this.#abortion = abortion;
  }

  async #acceptAbortion(): Promise<void> {
    const abortion = this.#abortion;
    this.#abortion = undefined;
    await abortion;
  }

  async #undoAll(open: OpenTransaction | undefined, nested: readonly Transaction[] = []): Promise<void> {
    try {
      await open?.rollback();
    } catch (error) {
      // A connection that is gone has rolled back by itself.
      if (!(error instanceof ConnectionError)) throw error;
    } finally {
      for (const transaction of nested) transaction.#aftermath.undo();
      this.#aftermath.undo();
      await open?.leave();
    }
  }

  /** The savepoints that have begun and not ended, also those within them, which come first. */
  #allNested(): Transaction[] {
    return [...this.#nested].flatMap((transaction) => [...transaction.#allNested(), transaction]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isEnded) return;
    if (this.#hasWritten && this.#connection !== undefined && this.#failure === undefined && !this.signal?.aborted)
      warnOfForgottenCommit(this.#place);
    await this.rollback();
  }

  /** Takes the turn of this transaction's statements and sets a savepoint. */
  async #enterNested(savepoint: Transaction): Promise<OpenTransaction> {
    this.#checkOpen();
    this.#turn ??= new Permits(`its turn in ${this.describe()}`, 1);
    const turn = this.#turn;
    const asked = this.#lastUnderWay;
    this.#nested.add(savepoint);
    let permit: Permit | undefined;
    const leave = () => {
      if (permit !== undefined) turn.give(permit);
      this.#nested.delete(savepoint);
    };
    try {
      permit = await turn.take(savepoint, savepoint.timeout, savepoint.signal);
      this.#checkOpen();
      const connection = await rested(await this.#begun());
      await asked; // Some may have left the event loop a turn, and are still to be sent.
      this.checkNotFailed();
      const name = `rowkeeper_${++savepoints}`;
      await this.#send(connection, (own) => own.savepoint(name), undefined);
      return {
        connection,
        commit: () => connection.release(name),
        rollback: () => andThen(connection.rollbackTo(name), () => connection.release(name)),
        leave,
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Lets `send` use the connection: at once where it is there and no savepoint is open, else when it is its turn. */
  #use<T>(send: (connection: DriverConnection) => MaybePromise<T>, statement?: DriverStatement): MaybePromise<T> {
    this.#checkOpen();
    const signal = statement === undefined ? this.signal : statement.signal;
    if (statement?.access !== "read") this.#hasWritten ||= statement === undefined || this.#isWrite(statement);
    const answer =
      this.#turn !== undefined && !this.#turn.isFree
        ? this.#useInTurn(this.#turn, send, signal)
        : this.#useAtOnce(send, signal);
    return answer instanceof Promise ? this.#underWay(answer) : answer;
  }

  /** Awaited here alone, as a promise that two wait for has no callers in the stack of its error. */
  async #underWay<T>(answer: Promise<T>): Promise<T> {
    let end = () => {};
    this.#lastUnderWay = new Promise<void>((resolve) => {
      end = resolve;
    });
    try {
      return await answer;
    } finally {
      end();
    }
  }

  #useAtOnce<T>(send: (connection: DriverConnection) => MaybePromise<T>, signal: Signal | undefined): MaybePromise<T> {
    const own = this.#connection ?? this.#begun();
    const connection = own instanceof Promise ? own.then(rested) : rested(own);
    if (!(connection instanceof Promise)) return this.#send(connection, send, signal);
    return connection.then((opened) => {
      this.checkNotFailed();
      return this.#send(opened, send, signal);
    });
  }

  async #useInTurn<T>(
    turn: Permits,
    send: (connection: DriverConnection) => MaybePromise<T>,
    signal: Signal | undefined,
  ): Promise<T> {
    const statement = new WatchedStatement();
    const permit: Permit = await turn.take(statement, this.timeout, signal);
    this.onWaited(statement.takeWaited());
    try {
      this.checkNotFailed();
      return await this.#send(await rested(await this.#begun()), send, signal);
    } finally {
      turn.give(permit);
    }
  }

  #send<T>(
    connection: DriverConnection,
    send: (connection: DriverConnection) => MaybePromise<T>,
    signal: Signal | undefined,
  ): MaybePromise<T> {
    signal?.throwIfAborted(); // What is never sent leaves the transaction as it was.
    try {
      if (this.#isAbandoned) this.#checkEnded();
      const answer = send(connection);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#fail(error, signal)) : answer;
    } catch (error) {
      return this.#fail(error, signal);
    }
  }

  #fail(error: unknown, signal: Signal | undefined): never {
    const isOfDatabase = error instanceof RowkeeperError && !(error instanceof UsageError);
    // What was sent before it was known that another had failed.
    if (this.#failure !== undefined && isOfDatabase) throw this.#failed();
    if (isOfDatabase || signal?.aborted) this.#failure ??= error;
    throw error;
  }

  /** The connection, with the transaction begun on it. */
  #begun(): MaybePromise<DriverConnection> {
    if (this.#connection !== undefined) return this.#connection;
    this.#open ??= this.#enter();
    return andThen(this.#open, (open) => {
      this.#connection = open.connection;
      return open.connection;
    });
  }

  #enter(): MaybePromise<OpenTransaction> {
    const { signal } = this.#options;
    const entered =
      this.#home instanceof Transaction ? this.#home.#enterNested(this) : this.#home.enter(this, this.#options);
    if (signal === undefined) return entered;
    return andThen(entered, (open) => {
      if (signal.aborted) this.#abort();
      else this.#forget = onAbort(signal, () => this.#abort());
      return open;
    });
  }

  async #opened(): Promise<OpenTransaction | undefined> {
    try {
      return await this.#open;
    } catch {
      return undefined; // It never began, which its first statement has said.
    }
  }

  #handOver(): Promise<void> | undefined {
    if (!(this.#home instanceof Transaction)) return this.#aftermath.callBack();
    this.#aftermath.handTo(this.#home.#aftermath);
    this.#home.#hasWritten ||= this.#hasWritten;
    this.#home.#changes += this.#changes;
    return undefined;
  }

  #checkEnded(): void {
    if (this.#abortion !== undefined || this.#isAbandoned) this.signal?.throwIfAborted();
    if (this.#isEnded) throw new TransactionClosedError(`${this.describe()} has ended`);
  }

  #checkOpen(): void {
    this.#checkEnded();
    this.checkNotFailed();
  }

  /** @throws TransactionClosedError where a statement has failed, so that it can only be rolled back @internal */
  checkNotFailed(): void {
    if (!this.isEnded) this.signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failed();
  }

  #failed(): TransactionClosedError {
    return new TransactionClosedError(
      `a statement, or an operation of several, of ${this.describe()} has failed, and the transaction can only be rolled back; ` +
        "a nested one (tx.transaction(), session.begin()) keeps a failure that is expected apart",
      { cause: this.#failure },
    );
  }
}

/** The connection, once it has left the event loop the turn that it owes. */
function rested(connection: DriverConnection): MaybePromise<DriverConnection> {
  const turn = connection.turn?.();
  return turn === undefined ? connection : turn.then(() => connection);
}

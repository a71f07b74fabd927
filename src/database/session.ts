import { Sql } from "sql-template-tag";
import type { MaybePromise } from "../drivers/driver.js";
import { MultipleResultsError, NotFoundError } from "../errors.js";
import { checkNamedValues, NamedSql, type NamedValues, namedText } from "../sql/named-text.js";
import { resultItems } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { type SessionRow, Statement } from "../sql/statement.js";
import type { AnyInstance, AnyTable } from "../sql/types.js";
import { kindOf } from "../text.js";
import { type ExecuteResult, untypedStatement } from "./connection.js";
import { andThen } from "./maybe-promise.js";
import { NEAR, Place } from "./place.js";
import { itemsOfRun, runStatement } from "./run-statement.js";
import { attemptOptions, runTransaction } from "./run-transaction.js";
import {
  type NestableScope,
  type RetryOptions,
  SCOPE,
  type Scope,
  type Scoped,
  type TransactionOptions,
} from "./scope.js";
import { instancesOf, saveAll } from "./session-model.js";
import { scopeWith } from "./signal-scope.js";
import type { SignalOptions } from "./signals.js";

/** What a session works in: one transaction, or one after another. */
type SessionScope = Scope & Pick<NestableScope, "commit" | "rollback" | "afterCommit"> & AsyncDisposable;

/** A row of SQL text, of which nothing is known. */
type AnyRow = Record<string, unknown>;

/** A statement of any kind that a session runs. */
type SessionStatement = Statement<AnyTable, unknown, unknown> | Sql;

/**
 * A unit of work: statements, instances and managers of many models in one transaction (`db.begin()`), or in one after
 * another (`db.session()`). What is neither committed nor rolled back when it is closed is rolled back.
 *
 * ```ts
 * await using session = db.session();
 * const user = await session.one(User.select().where({ email: "a@x.org" }));
 * user.name = "a";
 * await session.saveAll([user, new Post({ userId: user.id, title: "b" })]);
 * await session.commit();
 * ```
 *
 * All that reads or runs a statement throws QueryError and its kin; TransactionClosedError once it is closed, or until the
 * rollback where a statement has failed.
 */
export class Session implements AsyncDisposable {
  readonly #scope: SessionScope;

  /** @internal */
  constructor(scope: SessionScope) {
    this.#scope = scope;
  }

  get [SCOPE](): Scope {
    return this.#scope;
  }

  /** This, for operations that a signal cancels: `User.objects.using(session.with({ signal }))`. @throws TypeError for what is no signal */
  with(options: SignalOptions): Scoped {
    return { [SCOPE]: scopeWith(this.#scope, options) };
  }

  // Reading

  /**
   * All rows: instances of `User.select()`, plain objects of other statements and of SQL text, values where a statement says
   * `scalars()`.
   *
   * ```ts
   * await session.all(User.select().where({ active: true })); // User[]
   * await session.all(User.select("id", "name"));             // { id: number; name: string }[]
   * await session.all(User.select("name").scalars());         // string[]
   * await session.all<{ n: number }>(text("select count(*) as n from users where name = :name", { name }));
   * ```
   *
   * @throws TypeError where it is neither a statement nor `sql`
   */
  all<M extends AnyTable, R, V, I>(statement: Statement<M, R, V, I>): Promise<SessionRow<R, I>[]>;
  all<R extends object = AnyRow>(statement: Sql): Promise<R[]>;
  async all(statement: SessionStatement): Promise<unknown[]> {
    const rows = this.#read(statement);
    return rows instanceof Promise ? await rows : rows;
  }

  /** The first row, as `all` gives it, or null where there is none. */
  first<M extends AnyTable, R, V, I>(statement: Statement<M, R, V, I>): Promise<SessionRow<R, I> | null>;
  first<R extends object = AnyRow>(statement: Sql): Promise<R | null>;
  async first(statement: SessionStatement): Promise<unknown> {
    const answer = this.#read(statement, 1);
    const [first = null] = answer instanceof Promise ? await answer : answer;
    return first;
  }

  /**
   * The one row that there is, as `all` gives it.
   *
   * @throws NotFoundError where there is none
   * @throws MultipleResultsError where there are more
   */
  one<M extends AnyTable, R, V, I>(statement: Statement<M, R, V, I>): Promise<SessionRow<R, I>>;
  one<R extends object = AnyRow>(statement: Sql): Promise<R>;
  async one(statement: SessionStatement): Promise<unknown> {
    const answer = this.#read(statement, 2);
    const rows = answer instanceof Promise ? await answer : answer;
    if (rows.length === 0) throw new NotFoundError("the statement gave no row");
    return only(rows);
  }

  /** The one row that there is, as `all` gives it, or null. @throws MultipleResultsError where there are more */
  oneOrNone<M extends AnyTable, R, V, I>(statement: Statement<M, R, V, I>): Promise<SessionRow<R, I> | null>;
  oneOrNone<R extends object = AnyRow>(statement: Sql): Promise<R | null>;
  async oneOrNone(statement: SessionStatement): Promise<unknown> {
    const answer = this.#read(statement, 2);
    const rows = answer instanceof Promise ? await answer : answer;
    return rows.length === 0 ? null : only(rows);
  }

  /** The rows, of which no more than `most` are wanted; at once where the driver answers at once. */
  #read(given: SessionStatement, most?: number): MaybePromise<unknown[]> {
    if (!(given instanceof Statement)) return this.#execute(given).then(({ rows }) => rows);
    const { verb, limit, model } = given.state;
    const isLimited = verb !== "select" || limit !== undefined || most === undefined;
    const statement = isLimited ? given : given.atMost(most);
    if (model === undefined) return this.#execute(statement).then(({ rows }) => rows);
    return andThen(runStatement(statement, this.#scope), ({ result }) => instancesOf(model, result.rows, this.#scope));
  }

  // Writing

  /**
   * Runs a statement, and gives the rows that it returns, as plain objects, and the number of those that it changed or read.
   *
   * ```ts
   * await session.execute(updateTable(User).values({ active: false }).where({ name: "x" }));
   * ```
   *
   * @throws TypeError where it is neither a statement nor `sql`
   */
  execute<M extends AnyTable, R, V, I>(statement: Statement<M, R, V, I>): Promise<ExecuteResult<R>>;
  execute<R extends object = AnyRow>(statement: Sql): Promise<ExecuteResult<R>>;
  execute(statement: SessionStatement): Promise<ExecuteResult<unknown>> {
    return this.#execute(statement);
  }

  async #execute(statement: SessionStatement): Promise<ExecuteResult<unknown>> {
    const scope = this.#scope;
    if (statement instanceof Statement) {
      const ran = await runStatement(statement, scope);
      return { rows: itemsOfRun(ran, scope, statement.state.isScalar), rowCount: ran.result.rowCount };
    }
    if (!(statement instanceof Sql))
      throw new TypeError(`a session wants a statement, sql\`…\` or text("…", {…}), not ${kindOf(statement)}`);
    const compiled = untypedStatement(scope.dialect, statement);
    const result = await scope.run(compiled);
    return { rows: resultItems(compiled, result, scope), rowCount: result.rowCount };
  }

  /**
   * Runs SQL text once per set of values of its named parameters, prepared once; all or none of it is written. Gives the
   * number of rows changed.
   *
   * ```ts
   * await session.executeMany("insert into tags (name, rank) values (:name, :rank)", [{ name: "a", rank: 1 }]);
   * ```
   *
   * @throws UsageError for a parameter without a value, or a value without a parameter; before anything is sent
   */
  async executeMany(text: string, sets: readonly NamedValues[]): Promise<number> {
    if (!Array.isArray(sets)) throw new TypeError(`executeMany wants a list of sets of values, not ${kindOf(sets)}`);
    const { dialect } = this.#scope;
    const { names } = namedText(text);
    // Compiled with the parameters' names for their values, which tell the order in which those are bound.
    const statement = untypedStatement(
      dialect,
      new NamedSql(text, Object.fromEntries(names.map((name) => [name, name]))),
    );
    const encoded = sets.map((set) => {
      checkNamedValues(names, set);
      return statement.values.map((name) => dialect.encodeUntyped(set[String(name)]));
    });
    if (encoded.length === 0) return 0;
    const { rowCount } = await this.#scope.atomically(async (scope) =>
      scope.runMany({ ...statement, describe: false }, encoded),
    );
    return rowCount;
  }

  /**
   * Inserts the row of an instance, or makes the row with its primary key as the instance is, in one statement. Gives the
   * very instance, with what the database filled in. Commits nothing. See `saveAll`.
   *
   * @throws TypeError for what is no instance of a model
   */
  async save<I extends AnyInstance>(instance: I): Promise<I> {
    await saveAll([instance], "save()", this.#scope);
    return instance;
  }

  /**
   * Inserts the rows of instances, or makes the rows with their primary keys as the instances are: one upsert for each class
   * and batch, with nothing read before, in the order in which the classes come. Instances that don't have the same columns
   * set have statements of their own. Gives the very instances, in their order, with what the database filled in; commits
   * nothing.
   *
   * A new instance sets the columns that it was given; one that was loaded sets all of them, `updatedAt` among them. Hooks
   * run as of `save()` of each instance: those of an insert for a new one, whether or not its row turns out to be there.
   *
   * ```ts
   * await session.saveAll([new Stock({ shop: "a", item: "b", amount: 1 }), new Stock({ shop: "a", item: "c", amount: 2 })]);
   * // insert into "stock" ("shop", "item", "amount") values (?, ?, ?), (?, ?, ?)
   * // on conflict ("shop", "item") do update set "amount" = excluded."amount" returning …
   * ```
   *
   * @throws TypeError for what are no instances of models, a value that a column can't hold, or the same key twice; before
   *   anything is sent
   * @throws UsageError for a deleted instance, one whose key was changed, or of a model without a primary key
   */
  async saveAll<I extends AnyInstance>(instances: readonly I[]): Promise<I[]> {
    if (!Array.isArray(instances)) throw new TypeError(`saveAll() wants a list of instances, not ${kindOf(instances)}`);
    const list = [...(instances as readonly I[])];
    await saveAll(list, "saveAll()", this.#scope);
    return list;
  }

  // Scopes

  /** The model's manager, of its own class, bound to this session. @throws TypeError where it is no model */
  objects<O extends { using(scope: Scoped): O }>(model: { readonly objects: O }): O {
    sourceOf(model);
    return model.objects.using(this);
  }

  /**
   * A session nested in this one: a savepoint. `commit()` hands what it wrote to this one; a statement that fails in it
   * leaves this one good. Given a function, it commits when that returns, and rolls back when it throws.
   *
   * @throws TypeError for an unknown option
   * @throws UsageError for options that only a transaction of its own has
   */
  begin(options?: TransactionOptions): Session;
  begin<T>(work: (session: Session) => Promise<T> | T, options?: RetryOptions): Promise<T>;
  begin<T>(
    work: TransactionOptions | ((session: Session) => Promise<T> | T) = {},
    options?: RetryOptions,
  ): Session | Promise<T> {
    return beginSession(this.#scope, work, options);
  }

  /**
   * Makes what was written last. A session of `db.begin()` ends with it; in one of `db.session()`, the next statement begins
   * the next transaction.
   *
   * @throws TransactionClosedError after the end, or where a statement has failed (all is rolled back then)
   * @throws AmbiguousCommitError where the connection is lost before the database answers
   */
  commit(): Promise<void> {
    return this.#scope.commit();
  }

  /** Undoes what was written since the last commit; instances are as they were. @throws TransactionClosedError after the end */
  rollback(): Promise<void> {
    return this.#scope.rollback();
  }

  /** Calls back once the transaction of now is committed; never where it is rolled back. */
  afterCommit(callback: () => unknown): void {
    this.#scope.afterCommit(callback);
  }

  /** Asks the database for an answer, on the session's own connection. @throws ConnectionError where none comes */
  async ping(): Promise<true> {
    await this.#scope.run({ text: this.#scope.dialect.ping, values: [], access: "read" });
    return true;
  }

  /** Rolls back what was written and not committed, and gives the connection back. */
  close(): Promise<void> {
    return this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope[Symbol.asyncDispose]();
  }
}

/** @throws MultipleResultsError where there are several */
function only([first, ...others]: readonly unknown[]): unknown {
  if (others.length > 0) throw new MultipleResultsError("the statement gave more than one row");
  return first;
}

/** A session of one transaction, or a savepoint; or what a function gives that runs in one. */
export function beginSession<T>(
  home: Pick<Scope, "transaction" | "isTransaction">,
  work: TransactionOptions | ((session: Session) => Promise<T> | T),
  options: RetryOptions = {},
): Session | Promise<T> {
  const place = new Place(NEAR);
  if (typeof work !== "function") return new Session(home.transaction(work, place));
  const begin = attemptOptions(home, options);
  return runTransaction(
    () => home.transaction(begin, place),
    (transaction) => work(new Session(transaction)),
    options,
  );
}

import { Sql } from "sql-template-tag";
import type { DriverResult, DriverStatement, DriverValue, MaybePromise } from "../drivers/driver.js";
import { fromFirstWord } from "../drivers/transaction-control.js";
import { UsageError } from "../errors.js";
import { checkSize } from "../sql/check-count.js";
import type { Dialect } from "../sql/dialect.js";
import { type KnownTables, resultItems } from "../sql/rows.js";
import { SqlWriter } from "../sql/writer.js";
import { checkOptions, kindOf } from "../text.js";
import { Cursor } from "./cursor.js";
import type { Scope } from "./scope.js";

/** What `execute` gives. */
export interface ExecuteResult<R> {
  readonly rows: R[];
  /** Rows read, or changed where none are given back. */
  readonly rowCount: number;
}

/** How a cursor reads. */
export interface CursorOptions {
  /** How many rows are got at a time; default 1000. */
  readonly size?: number;
}

const BATCH = 1000;

/** What runs the statements of a connection: one of the driver's own, or the database where that would block others. */
export interface ConnectionHost {
  run(statement: DriverStatement): MaybePromise<DriverResult>;
  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult>;
  /** A transaction on this connection. */
  atomically<T>(work: (scope: Scope) => Promise<T>): Promise<T>;
  script(text: string): MaybePromise<void>;
  /** Gives back what was taken. */
  close(): MaybePromise<void>;
}

/**
 * A low-level connection, for SQL text of one's own. On PostgreSQL it holds one connection of the pool, so that `set` and
 * temporary tables stay, and what is asked of it at the same time is done one after another; on SQLite, whose one writer it
 * would keep from all others, it takes its turn statement by statement.
 */
export class Connection implements AsyncDisposable {
  readonly #known: KnownTables;
  readonly #host: ConnectionHost;
  readonly #cursors = new Set<Cursor<unknown>>();
  #isClosed = false;

  /** @internal */
  constructor(known: KnownTables, host: ConnectionHost) {
    this.#known = known;
    this.#host = host;
  }

  /**
   * Runs one statement: `sql` text, or text with the engine's own placeholders (`?` or `$1`) and a list of values.
   *
   * @throws QueryError and its kin, with the text
   */
  async execute<R extends object = Record<string, unknown>>(
    statement: Sql | string,
    values: readonly unknown[] = [],
  ): Promise<ExecuteResult<R>> {
    this.#check();
    const compiled = untypedStatement(this.#known.dialect, statement, values);
    const result = await this.#host.run(compiled);
    return { rows: resultItems(compiled, result, this.#known) as R[], rowCount: result.rowCount };
  }

  /**
   * A cursor over the rows of a select, for results that are too large to be read at once. Other statements may run on the
   * connection meanwhile, and don't change what it gives; `executeMany` is refused until it is closed or at its end.
   *
   * ```ts
   * await using cursor = connection.cursor("select id, name from users order by id");
   * const first = await cursor.fetchOne();
   * for await (const { id, name } of cursor) console.log(id, name);
   * ```
   *
   * @throws TypeError, UsageError where it is no select, or the size is no positive whole number
   */
  cursor<R extends object = Record<string, unknown>>(
    statement: Sql | string,
    values: readonly unknown[] = [],
    options: CursorOptions = {},
  ): Cursor<R> {
    this.#check();
    checkOptions("a cursor", options, ["size"]);
    const size = checkSize("size", options.size ?? BATCH);
    const compiled = untypedStatement(this.#known.dialect, statement, values);
    if (!/^(?:select|with|values)\b/i.test(fromFirstWord(compiled.text, this.#known.dialect.name)))
      throw new UsageError("a cursor is for a select", { sql: compiled.text });
    const cursor: Cursor<R> = new Cursor(
      this.#host.cursor(compiled, size),
      (batch) => resultItems(compiled, batch, this.#known) as R[],
      () => this.#cursors.delete(cursor),
    );
    this.#cursors.add(cursor);
    return cursor;
  }

  /**
   * Runs one statement once per list of values, in one transaction, prepared once. Gives the number of rows changed.
   *
   * @throws QueryError and its kin; nothing is written then
   * @throws UsageError while a cursor of the connection is open
   */
  async executeMany(text: string, sets: readonly (readonly unknown[])[]): Promise<number> {
    this.#check();
    if (!Array.isArray(sets)) throw new TypeError(`executeMany wants a list of lists of values, not ${kindOf(sets)}`);
    if (this.#cursors.size > 0)
      throw new UsageError("executeMany is a transaction, which can't begin while a cursor of its connection is open");
    const statement = untypedStatement(this.#known.dialect, text, []);
    const encoded = sets.map((values) => encodeAll(this.#known.dialect, values));
    if (encoded.length === 0) return 0;
    const result = await this.#host.atomically(async (scope) =>
      scope.runMany({ ...statement, describe: false }, encoded),
    );
    return result.rowCount;
  }

  /** Runs text of several statements, without values. It is no transaction by itself. */
  async executeScript(text: string): Promise<void> {
    this.#check();
    await this.#host.script(text);
  }

  /** Closes its cursors, and gives the connection back. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const cursor of this.#cursors) await cursor.close();
    await this.#host.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#isClosed) throw new UsageError("the connection is closed");
  }
}

/** A statement of a user's own text for the driver, whose rows are read by the types that the engine tells. */
export function untypedStatement(dialect: Dialect, statement: Sql | string, values: readonly unknown[] = []) {
  const common = { access: undefined, bigints: true, describe: true, output: undefined };
  if (typeof statement === "string") return { ...common, text: statement, values: encodeAll(dialect, values) };
  if (!(statement instanceof Sql)) throw new TypeError(`SQL is text or sql\`…\`, not ${kindOf(statement)}`);
  const writer = new SqlWriter(dialect).sql(statement);
  return { ...common, text: writer.text, values: writer.values };
}

function encodeAll(dialect: Dialect, values: readonly unknown[]): DriverValue[] {
  if (!Array.isArray(values)) throw new TypeError(`the values of a statement are a list, not ${kindOf(values)}`);
  return values.map((value) => dialect.encodeUntyped(value));
}

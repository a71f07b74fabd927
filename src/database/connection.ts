import { Sql } from "sql-template-tag";
import type { DriverResult, DriverStatement, DriverValue, MaybePromise } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { Dialect } from "../sql/dialect.js";
import { type KnownTables, resultItems } from "../sql/rows.js";
import { SqlWriter } from "../sql/writer.js";
import { kindOf } from "../text.js";
import type { Scope } from "./scope.js";

/** What `execute` gives. */
export interface ExecuteResult<R> {
  readonly rows: R[];
  /** Rows read, or changed where none are given back. */
  readonly rowCount: number;
}

/** What runs the statements of a connection: one of the driver's own, or the database where that would block others. */
export interface ConnectionHost {
  run(statement: DriverStatement): MaybePromise<DriverResult>;
  /** A transaction on this connection. */
  atomically<T>(work: (scope: Scope) => Promise<T>): Promise<T>;
  script(text: string): MaybePromise<void>;
  /** Gives back what was taken. */
  close(): MaybePromise<void>;
}

/**
 * A low-level connection, for SQL text of one's own. On PostgreSQL it holds one connection of the pool, so that `set` and
 * temporary tables stay, and what is asked of it at the same time is done one after another; on SQLite, whose one writer it would keep from all others, it takes its turn statement by statement.
 */
export class Connection implements AsyncDisposable {
  readonly #known: KnownTables;
  readonly #host: ConnectionHost;
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
   * Runs one statement once per list of values, in one transaction, prepared once. Gives the number of rows changed.
   *
   * @throws QueryError and its kin; nothing is written then
   */
  async executeMany(text: string, sets: readonly (readonly unknown[])[]): Promise<number> {
    this.#check();
    if (!Array.isArray(sets)) throw new TypeError(`executeMany wants a list of lists of values, not ${kindOf(sets)}`);
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

  /** Gives the connection back. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
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

import type { Signal } from "./abort.js";
import type { Holder } from "./permits.js";

/** The SQL dialects that rowkeeper speaks. */
export type DialectName = "sqlite" | "postgres";

/**
 * A value as a driver takes it. Values are already encoded for the dialect: booleans, dates, JSON and arrays come as
 * numbers or text. PostgreSQL's drivers send everything but bytes as text.
 */
export type DriverValue = string | number | bigint | Uint8Array | null;

/** One statement for a driver. */
export interface DriverStatement {
  /** SQL in the dialect's own placeholders: `?` for sqlite, `$1` for postgres. */
  readonly text: string;
  readonly values: readonly DriverValue[];
  /** Whether it writes. Left out (SQL text of a user's own): the driver finds out for itself. */
  readonly access?: "read" | "write" | undefined;
  /** Integers come as bigint (needed where a 64-bit column is read); else as number. Only sqlite heeds it. */
  readonly bigints?: boolean | undefined;
  /** false: is not worth preparing, and is not prepared. Only postgres heeds it. */
  readonly prepare?: boolean | undefined;
  /** Asks for `fields` in the result. */
  readonly describe?: boolean | undefined;
  /**
   * Cancels the statement, on the server too where the engine can: it fails then with the signal's reason. A statement
   * that was finished all the same gives its result.
   */
  readonly signal?: Signal | undefined;
}

/** What is known of one column of a result. */
export interface DriverField {
  readonly name: string;
  /** sqlite: the table and column that the value comes from, or null where it is computed. */
  readonly table?: string | null;
  readonly column?: string | null;
  /** postgres: the OID of the type. */
  readonly type?: number;
}

/** What a statement gave. */
export interface DriverResult {
  /**
   * The rows, as arrays of raw values in the order of the select list.
   * sqlite: number (bigint where asked), string, Uint8Array or null. postgres: the server's text, or null.
   */
  readonly rows: unknown[][];
  /** Rows given back, or changed where none are given back. */
  readonly rowCount: number;
  /** sqlite: the last key that the database generated, of an insert that gives no rows. */
  readonly lastId?: number | bigint | undefined;
  readonly fields?: readonly DriverField[] | undefined;
}

/** How an operation waits for what others hold: a connection, SQLite's write lock. */
export interface Waiting {
  /** The longest wait, in milliseconds. */
  readonly timeout: number;
  /** Who is waiting, and after the wait, holding. */
  readonly holder: Holder;
  /** Ends the wait, with its reason. */
  readonly signal?: Signal | undefined;
}

export type IsolationLevel = "read uncommitted" | "read committed" | "repeatable read" | "serializable";

/** How a transaction begins. */
export interface BeginOptions {
  readonly isolation?: IsolationLevel | undefined;
  readonly readOnly?: boolean | undefined;
  /** The longest wait for a row's lock, in milliseconds, where it differs from the driver's own. */
  readonly timeout?: number | undefined;
}

/** An answer that is there at once where the driver is synchronous. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * Speaks to one database. Passed to `new Database(driver)`, or made from a URL.
 *
 * All errors it throws are of rowkeeper's error tree, with the driver's own as `cause`.
 */
export interface Driver {
  readonly dialect: DialectName;

  /** Whether several connections can write at a time. Where not, one held for writing keeps all others from it. */
  readonly concurrentWriters: boolean;

  /** Runs one statement by itself, in no transaction, on whichever connection is free. */
  run(statement: DriverStatement, waiting: Waiting): MaybePromise<DriverResult>;

  /**
   * A connection of one's own until it is released. `"write"` takes SQLite's write lock; `"read"` promises that nothing
   * will be written.
   */
  connect(access: "read" | "write", waiting: Waiting): MaybePromise<DriverConnection>;

  /**
   * Reads a select in batches of at most `size` rows, each a result, by itself: one consistent snapshot, in bounded memory. Between
   * batches the database can be used for anything else. Leaving the iteration early frees what it holds.
   */
  cursor(statement: DriverStatement, size: number, waiting: Waiting): AsyncIterableIterator<DriverResult>;

  /** Closes all connections, once they are released. */
  close(): Promise<void>;
}

/** One connection, held by one user. */
export interface DriverConnection {
  /**
   * What the next statement is to wait for, so that a synchronous driver leaves the event loop a turn now and then.
   * Left out, or undefined: nothing.
   */
  turn?(): Promise<void> | undefined;

  run(statement: DriverStatement): MaybePromise<DriverResult>;

  /** Runs one statement once per set of values, prepared once; the rows of all, in order, and the sum of the counts. */
  runMany(statement: DriverStatement, sets: readonly (readonly DriverValue[])[]): MaybePromise<DriverResult>;

  /**
   * Reads a select in batches of at most `size` rows, each a result: one consistent snapshot, in bounded memory. Other statements may
   * run on the connection meanwhile. Leaving the iteration early frees the cursor.
   */
  cursor(statement: DriverStatement, size: number): AsyncIterableIterator<DriverResult>;

  /** Runs SQL text of several statements, without values; an abort of the signal cancels it. */
  script(text: string, signal?: Signal): MaybePromise<void>;

  begin(options: BeginOptions): MaybePromise<void>;
  commit(): MaybePromise<void>;
  rollback(): MaybePromise<void>;
  /** Sets, releases or goes back to a savepoint. The names are rowkeeper's own: letters, digits and `_`. */
  savepoint(name: string): MaybePromise<void>;
  release(name: string): MaybePromise<void>;
  rollbackTo(name: string): MaybePromise<void>;

  /** Gives the connection back; an open transaction is rolled back. */
  close(): MaybePromise<void>;
}

import type { DriverValue } from "./driver.js";

/*
 * What of better-sqlite3 is used, described by its structure, so that rowkeeper compiles without better-sqlite3.
 */

/** A prepared statement of better-sqlite3. */
export interface SqliteStatement {
  /** Whether it gives rows. */
  readonly reader: boolean;
  readonly readonly: boolean;
  raw(on?: boolean): unknown;
  safeIntegers(on?: boolean): unknown;
  all(values: readonly DriverValue[]): unknown[];
  run(values: readonly DriverValue[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  iterate(values: readonly DriverValue[]): IterableIterator<unknown>;
  columns(): readonly SqliteColumn[];
}

/** What a prepared statement tells of a column of its result. */
export interface SqliteColumn {
  readonly name: string;
  readonly table: string | null;
  readonly column: string | null;
}

/** How a function or an aggregate is registered; with `safeIntegers`, integers reach it as bigints. */
export interface SqliteRegistration {
  readonly deterministic?: boolean;
  readonly safeIntegers?: boolean;
}

/** An open database of better-sqlite3: `new Database("blog.db")`. */
export interface SqliteHandle {
  readonly inTransaction: boolean;
  prepare(text: string): SqliteStatement;
  exec(text: string): unknown;
  function(name: string, options: SqliteRegistration, fn: (...values: unknown[]) => unknown): unknown;
  aggregate(name: string, options: SqliteRegistration & SqliteAggregate): unknown;
  close(): unknown;
}

/** The class that better-sqlite3 exports. */
export type SqliteConstructor = new (path: string, options: { timeout: number }) => SqliteHandle;

/** An SQL aggregate of one argument. */
export interface SqliteAggregate<State = unknown> {
  /** Makes the state of a group, before its first row. */
  start(): State;
  /** Changes the state by a row's value. */
  step(state: State, value: unknown): void;
  /** Takes out the value that came in first; without it, the aggregate is no window function. */
  inverse?(state: State, value: unknown): void;
  /** What the aggregate gives; in a window, it is asked for after every row. */
  result(state: State): unknown;
}

/** An SQL function, of as many arguments as it declares, or an aggregate. */
export type SqliteFunction = ((...values: unknown[]) => unknown) | SqliteAggregate;

/**
 * SQL functions to register on each connection, by name; the same arguments must always give the same result. Integers
 * reach them as bigints.
 */
export type SqliteFunctions = Readonly<Record<string, SqliteFunction>>;

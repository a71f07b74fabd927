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

/** An open database of better-sqlite3: `new Database("blog.db")`. */
export interface SqliteHandle {
  readonly inTransaction: boolean;
  prepare(text: string): SqliteStatement;
  exec(text: string): unknown;
  function(name: string, options: { deterministic?: boolean }, fn: (...values: unknown[]) => unknown): unknown;
  close(): unknown;
}

/** The class that better-sqlite3 exports. */
export type SqliteConstructor = new (path: string, options: { timeout: number }) => SqliteHandle;

/** SQL functions to register on each connection, by name; the same arguments must always give the same result. */
export type SqliteFunctions = Readonly<Record<string, (...values: unknown[]) => unknown>>;

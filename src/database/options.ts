import type { IsolationLevel } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { checkOptions, kindOf, withArticle } from "../text.js";
import type { QueryListener } from "./events.js";
import { checkIsolation } from "./scope.js";
import { checkSlowQuery, type SlowQueryOptions } from "./slow-queries.js";

/** Sizes and times of the pool of connections. */
export interface PoolOptions {
  /** The most connections: PostgreSQL's pool (default 10), or SQLite's connections that read in transactions and streams (default 4). */
  readonly max?: number;
  /** How long a connection stays open unused, in milliseconds; default 10 000. PostgreSQL only. */
  readonly idleTimeout?: number;
  /** How long a connection is used at all, in milliseconds; no limit by default. PostgreSQL only. */
  readonly maxLifetime?: number;
}

/** Options of a database. */
export interface DatabaseOptions {
  /** The models to bind to it. */
  readonly models?: readonly object[];
  readonly pool?: PoolOptions;
  /** The longest wait, in milliseconds, for a connection, for SQLite's write lock or for a row's lock; default 5000. */
  readonly timeout?: number;
  /** What transactions may see of others, where they don't say; on SQLite all are serializable. Default: the server's own. */
  readonly isolation?: IsolationLevel;
  /**
   * How long a statement may run, in milliseconds; no limit by default. PostgreSQL only: SQLite runs in this process, and
   * can't be interrupted by it.
   */
  readonly statementTimeout?: number;
  /** false sends statements without preparing them, for PgBouncer. Default true. PostgreSQL only. */
  readonly prepare?: boolean;
  /**
   * Whether what came together loads what is related together, and `find`s of one tick go together as one statement, where
   * each costs a way to a server and back. Default true.
   */
  readonly batch?: boolean;
  /** What the server's own views call this program; default "rowkeeper". PostgreSQL only. */
  readonly applicationName?: string;
  /** TLS, as pg takes it. PostgreSQL only. */
  readonly ssl?: boolean | object;
  /** Set on each connection: `{ cache_size: -64000 }`. SQLite only. */
  readonly pragmas?: Readonly<Record<string, string | number | boolean>>;
  /** true prints each statement, without its values, to the standard error; a function gets each query's event. */
  readonly log?: boolean | QueryListener;
  /** Tells of statements that take long, and how the engine runs them. */
  readonly slowQuery?: SlowQueryOptions;
}

const OPTIONS = [
  "models",
  "pool",
  "timeout",
  "isolation",
  "statementTimeout",
  "prepare",
  "batch",
  "applicationName",
  "ssl",
  "pragmas",
  "log",
  "slowQuery",
] as const satisfies readonly (keyof DatabaseOptions)[];

/** What `typeof` says of the options that are no numbers. */
const TYPES: Partial<Record<keyof DatabaseOptions, readonly string[]>> = {
  pool: ["object"],
  prepare: ["boolean"],
  batch: ["boolean"],
  applicationName: ["string"],
  ssl: ["boolean", "object"],
  pragmas: ["object"],
  log: ["boolean", "function"],
  slowQuery: ["object"],
};

/**
 * Refuses what is no option, or makes no sense.
 *
 * @throws TypeError for an unknown option, with the nearest name, or a value of a wrong type
 * @throws UsageError for a value out of range
 */
export function checkDatabaseOptions(options: DatabaseOptions): void {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`the options of a Database are an object, not ${kindOf(options)}`);
  checkOptions("a Database", options, OPTIONS);
  for (const [name, types] of Object.entries(TYPES)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined && !types.includes(value === null ? "null" : typeof value))
      throw new TypeError(`${name} takes ${types.map(withArticle).join(" or ")}, not ${kindOf(value)}`);
  }
  if (options.models !== undefined && !Array.isArray(options.models))
    throw new TypeError(`models is a list of models, not ${kindOf(options.models)}`);
  checkOptions("a Database's pool", options.pool ?? {}, ["max", "idleTimeout", "maxLifetime"]);
  const { max, idleTimeout, maxLifetime } = options.pool ?? {};
  const times = { timeout: options.timeout, statementTimeout: options.statementTimeout, idleTimeout, maxLifetime };
  for (const [name, value] of Object.entries(times)) {
    if (value === undefined) continue;
    if (typeof value !== "number") throw new TypeError(`${name} is a number of milliseconds, not ${kindOf(value)}`);
    if (!(value >= 0)) throw new UsageError(`${name} is a number of milliseconds, 0 or more`);
  }
  for (const [name, value] of Object.entries<unknown>(options.pragmas ?? {}))
    if (typeof value !== "string" && typeof value !== "boolean" && !Number.isFinite(value))
      throw new TypeError(`the pragma ${name} is text, a boolean or a finite number, not ${kindOf(value)}`);
  if (options.isolation !== undefined) checkIsolation(options.isolation);
  if (options.slowQuery !== undefined) checkSlowQuery(options.slowQuery);
  if (max !== undefined && (!Number.isInteger(max) || max < 1))
    throw new UsageError("pool.max is a whole number, 1 or more");
}

/** What a database was asked for by, as far as options are about it. */
type TargetKind = "sqlite" | "postgres" | "handle" | "pool" | "driver";

/** The options that mean nothing, by what the database is reached by, and why. */
const MEANINGLESS: Readonly<Record<TargetKind, readonly [why: string, ...names: string[]]>> = {
  sqlite: [
    "is for PostgreSQL: SQLite runs in this process, without a server",
    "prepare",
    "applicationName",
    "ssl",
    "statementTimeout",
    "pool.idleTimeout",
    "pool.maxLifetime",
  ],
  postgres: ["is for SQLite", "pragmas"],
  handle: [
    "can't be set on an open database of your own",
    "pool",
    "pragmas",
    "prepare",
    "applicationName",
    "ssl",
    "statementTimeout",
  ],
  pool: ["can't be set on a pool of your own", "pool", "pragmas", "applicationName", "ssl", "statementTimeout"],
  driver: [
    "can't be set on a driver of your own",
    "pool",
    "pragmas",
    "prepare",
    "applicationName",
    "ssl",
    "statementTimeout",
  ],
};

/** @throws UsageError for an option that means nothing there */
export function refuseOptions(options: DatabaseOptions, kind: TargetKind): void {
  const [why, ...names] = MEANINGLESS[kind];
  for (const name of names) {
    const value = name.split(".").reduce<unknown>((at, part) => Object(at)[part], options);
    if (value !== undefined) throw new UsageError(`the option ${name} ${why}`);
  }
}

import type { Driver } from "../drivers/driver.js";
import { type DatabaseSync, nodeSqlite, nodeSqliteHandle } from "../drivers/node-sqlite.js";
import { type PostgresPool, postgresDriver } from "../drivers/postgres.js";
import { type SqliteConstructor, type SqliteHandle, sqliteDriver } from "../drivers/sqlite.js";
import { UsageError } from "../errors.js";
import { sqliteFunctions } from "../sql/sqlite-functions.js";
import { type DatabaseOptions, refuseOptions } from "./options.js";
import { fileServer, poolServer, type Server, urlServer } from "./server.js";

/**
 * What a database is reached by: a URL, a driver, or an open pg.Pool, or database of better-sqlite3 or node:sqlite, of the
 * user's own.
 */
export type DatabaseTarget = string | Driver | PostgresPool | SqliteHandle | DatabaseSync;

type Connect = (options: DatabaseOptions & { readonly timeout: number }) => Promise<Driver> | Driver;

/** A target that was understood: whose SQL it speaks, and how to get its driver. Nothing is loaded or opened yet. */
export interface Connector {
  readonly server: Server;
  readonly connect: Connect;
}

/**
 * Understands `sqlite:file.db`, `sqlite::memory:`, `sqlite:///absolute/file.db`, `postgres://…`, a driver, a pool and a
 * handle.
 *
 * @throws UsageError for anything else, or an option that means nothing there
 */
export function connectorOf(target: DatabaseTarget, options: DatabaseOptions): Connector {
  if (typeof target === "string") return urlConnector(target, options);
  if (typeof target === "object" && target !== null) {
    if ("dialect" in target) {
      refuseOptions(options, "driver");
      const server = { dialect: target.dialect, namespace: undefined, address: undefined, port: undefined };
      return { server, connect: () => target };
    }
    if ("prepare" in target && "exec" in target) {
      refuseOptions(options, "handle");
      const server = fileServer("name" in target ? target.name : undefined);
      return { server, connect: (options) => sqliteHandle(target, options) };
    }
    if ("connect" in target && "options" in target) {
      refuseOptions(options, "pool");
      return { server: poolServer(target.options), connect: (options) => ownPool(target, options) };
    }
  }
  throw new UsageError(
    "a Database wants a URL, a Driver, a pg.Pool or an open database of better-sqlite3 or node:sqlite",
  );
}

function urlConnector(url: string, options: DatabaseOptions): Connector {
  const sqlite = /^sqlite:(?:\/\/)?(.*)$/s.exec(url);
  if (sqlite !== null) {
    const path = sqlite[1] ?? "";
    if (path === "") throw new UsageError("a sqlite URL names a file, sqlite:blog.db, or sqlite::memory:");
    refuseOptions(options, "sqlite");
    return { server: fileServer(path), connect: (options) => sqliteFile(path, options) };
  }
  if (/^postgres(ql)?:\/\//.test(url)) {
    refuseOptions(options, "postgres");
    return { server: urlServer(url), connect: (options) => postgresUrl(url, options) };
  }
  const scheme = /^([a-z0-9+.-]+):/i.exec(url)?.[1];
  throw new UsageError(
    `a database's URL begins with sqlite: or postgres://${scheme === undefined ? "" : `, not ${scheme}:`}`,
  );
}

async function sqliteFile(path: string, { timeout, pool, pragmas }: Parameters<Connect>[0]): Promise<Driver> {
  const Database = await loadSqlite();
  return sqliteDriver({ Database, path, timeout, readers: pool?.max ?? 4, pragmas, functions: sqliteFunctions });
}

/** better-sqlite3, else what Node itself has. */
async function loadSqlite(): Promise<SqliteConstructor> {
  const name = "better-sqlite3";
  try {
    return required(name) ?? (await import("better-sqlite3")).default;
  } catch (cause) {
    if (!isNotInstalled(name, cause)) throw cause;
    const Database = nodeSqlite(process.getBuiltinModule("node:sqlite"));
    if (Database !== undefined) return Database;
    throw new UsageError(`${notInstalled(name)}, or run it on Node 22.16 or later, which has SQLite itself`, { cause });
  }
}

function sqliteHandle(target: SqliteHandle | DatabaseSync, { timeout }: Parameters<Connect>[0]): Driver {
  const handle = "inTransaction" in target ? target : nodeSqliteHandle(target);
  return sqliteDriver({ handle, timeout, functions: sqliteFunctions });
}

async function postgresUrl(url: string, options: Parameters<Connect>[0]): Promise<Driver> {
  const pg = required<typeof import("pg")>("pg") ?? (await load("pg", () => import("pg"))).default;
  const { timeout, prepare, pool, statementTimeout, applicationName, ssl } = options;
  return postgresDriver({
    Pool: pg.Pool,
    config: { connectionString: url, ...(ssl !== undefined && { ssl }) },
    timeout,
    prepare,
    max: pool?.max,
    idleTimeout: pool?.idleTimeout,
    maxLifetime: pool?.maxLifetime,
    statementTimeout,
    applicationName,
  });
}

function ownPool(pool: PostgresPool, { timeout, prepare }: Parameters<Connect>[0]): Driver {
  return postgresDriver({ pool, timeout, prepare });
}

/**
 * A package by `require`, which takes half of the time that `import()` does: that reads its text twice. Undefined where it isn't
 * found so: it may be in the one file that a program was bundled into, where `import()` has it.
 */
function required<T>(name: string): T | undefined {
  try {
    return process.getBuiltinModule("node:module").createRequire(import.meta.url)(name);
  } catch {
    return undefined;
  }
}

async function load<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isNotInstalled(name, cause)) throw cause;
    throw new UsageError(notInstalled(name), { cause });
  }
}

function isNotInstalled(name: string, cause: unknown): boolean {
  return (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND" && String(cause).includes(`'${name}'`);
}

function notInstalled(name: string): string {
  return `this URL needs the package ${name}, which is not installed: npm install ${name}`;
}

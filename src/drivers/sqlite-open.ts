import { ConnectionError, UsageError } from "../errors.js";
import { didYouMean, quoted } from "../text.js";
import { isBusy } from "./sqlite-errors.js";
import type { SqliteConstructor, SqliteFunctions, SqliteHandle } from "./sqlite-types.js";

/** Pragmas by name: `{ cache_size: -64000, recursive_triggers: true }`. */
export type SqlitePragmas = Readonly<Record<string, string | number | boolean>>;

interface OpenOptions {
  readonly Database: SqliteConstructor;
  readonly path: string;
  readonly pragmas?: SqlitePragmas | undefined;
  readonly functions?: SqliteFunctions | undefined;
}

/** Opens a connection; may find the database locked by another process, which an error says. */
export function openSqlite(options: OpenOptions, access: "read" | "write"): SqliteHandle {
  const { path } = options;
  const handle = create(options);
  try {
    if (path !== ":memory:" && path !== "" && access === "write") handle.exec("pragma journal_mode = wal");
    handle.exec("pragma foreign_keys = on; pragma synchronous = normal");
    setPragmas(handle, options.pragmas ?? {});
    registerFunctions(handle, options.functions);
    if (access === "read") handle.exec("pragma query_only = on");
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}

function create({ Database, path }: OpenOptions): SqliteHandle {
  try {
    // Never blocks: a `busy_timeout` would stop the event loop, and with it the transaction that is waited for.
    return new Database(path, { timeout: 0 });
  } catch (error) {
    if (isBusy(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ConnectionError(`${path} can't be opened: ${message}`, { cause: error });
  }
}

export function registerFunctions(handle: SqliteHandle, functions: SqliteFunctions = {}): void {
  const options = { deterministic: true, safeIntegers: true };
  for (const [name, made] of Object.entries(functions)) {
    if (typeof made === "function") handle.function(name, options, made);
    else handle.aggregate(name, { ...options, ...made });
  }
}

/** @throws UsageError for a name that SQLite doesn't know, which it would take in silence, with the nearest */
function setPragmas(handle: SqliteHandle, pragmas: SqlitePragmas): void {
  const given = Object.entries(pragmas);
  if (given.length === 0) return;
  const listing = handle.prepare("select name from pragma_pragma_list");
  listing.raw();
  const known = listing.all([]).map(String);
  for (const [name, value] of given) {
    if (known.length > 0 && !known.includes(name.toLowerCase()))
      throw new UsageError(`SQLite has no pragma ${quoted(name)}${didYouMean(name, known)}`);
    handle.exec(pragma(name, value));
  }
}

function pragma(name: string, value: string | number | boolean): string {
  if (!/^\w+$/.test(name)) throw new UsageError(`"${name}" is no name of a pragma`);
  return `pragma ${name} = ${typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : value}`;
}

import type { DialectName } from "../drivers/driver.js";

/** Where a database is, as far as that is known; nothing of who uses it. */
export interface Server {
  readonly dialect: DialectName;
  /** The database's name; for SQLite the file's path. */
  readonly namespace: string | undefined;
  readonly address: string | undefined;
  readonly port: number | undefined;
}

const DEFAULT_PORT = 5432;

/** `sqlite:blog.db`, `postgres://localhost:5432/blog`, as far as it is known. */
export function shownServer({ dialect, namespace = "", address, port }: Server): string {
  if (address !== undefined) return `${dialect}://${address}:${port ?? ""}/${namespace}`;
  return namespace === "" ? dialect : `${dialect}:${namespace}`;
}

/** The file of SQLite. */
export function fileServer(path: unknown): Server {
  const namespace = typeof path === "string" && path !== "" ? path : undefined;
  return { dialect: "sqlite", namespace, address: undefined, port: undefined };
}

/** The server of a URL, with what pg takes from the environment for what the URL leaves out. */
export function urlServer(url: string): Server {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    return postgresServer({
      host: hostname || searchParams.get("host"),
      port: port || searchParams.get("port"),
      database: decodeURIComponent(pathname.slice(1)),
    });
  } catch {
    // What the driver will say of the URL when it connects.
    return postgresServer({});
  }
}

/** The server of a user's own pool. */
export function poolServer(options: object): Server {
  return "connectionString" in options && typeof options.connectionString === "string"
    ? urlServer(options.connectionString)
    : postgresServer(options);
}

function postgresServer(options: object): Server {
  const read = (name: string): unknown => Reflect.get(options, name) || undefined;
  const { PGHOST, PGPORT, PGDATABASE } = process.env;
  const port = Number(read("port") ?? PGPORT ?? DEFAULT_PORT);
  return {
    dialect: "postgres",
    namespace: textOf(read("database") ?? PGDATABASE),
    address: textOf(read("host") ?? PGHOST ?? "localhost"),
    port: Number.isInteger(port) ? port : undefined,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

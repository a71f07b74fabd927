import type { DialectName } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { Dialect } from "./dialect.js";
import { postgresDialect } from "./postgres-dialect.js";
import { sqliteDialect } from "./sqlite-dialect.js";

/** @throws UsageError for a dialect that rowkeeper doesn't speak */
export function dialectOf(name: DialectName): Dialect {
  if (name === "sqlite") return sqliteDialect;
  if (name === "postgres") return postgresDialect;
  throw new UsageError('a driver\'s dialect is "sqlite" or "postgres"');
}

import type { DialectName } from "../drivers/driver.js";
import type { CatalogDialect } from "./catalog.js";
import { postgresCatalog } from "./postgres-catalog.js";
import { sqliteCatalog } from "./sqlite-catalog.js";

const CATALOGS: Readonly<Record<DialectName, CatalogDialect>> = { sqlite: sqliteCatalog, postgres: postgresCatalog };

/** How an engine's tables are read; not a part of its dialect, since few programs read them, and each would load it. */
export const catalogOf = (name: DialectName): CatalogDialect => CATALOGS[name];

import type { EngineName } from "../subject.js";
import type { Engine } from "./engine.js";
import { startPostgres } from "./postgres.js";
import { startSqlite } from "./sqlite.js";

export const start: Record<EngineName, () => Promise<Engine>> = { sqlite: startSqlite, postgres: startPostgres };

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe } from "node:test";
import Sqlite from "better-sqlite3";
import pg from "pg";
import type { DialectName, Driver } from "../../src/drivers/driver.js";
import { nodeSqlite } from "../../src/drivers/node-sqlite.js";
import { postgresDriver } from "../../src/drivers/postgres.js";
import { type SqliteConstructor, sqliteDriver } from "../../src/drivers/sqlite.js";

/** How a driver for a spec is made. */
export interface DriverSettings {
  /** In milliseconds; 5000 by default. */
  readonly timeout?: number;
  /** postgres: the most connections; sqlite: the most readers. 4 by default. */
  readonly max?: number;
}

/** An empty database, which is removed after the test. */
export interface Place {
  /** What `new Database` takes. */
  readonly url: string;
  /** Another driver for it; for `sqlite memory`, another database. It is closed after the test. */
  driver(settings?: DriverSettings): Driver;
}

/** A database engine that specs run on. */
export interface Engine {
  readonly name: "sqlite file" | "sqlite memory" | "postgres";
  readonly dialect: DialectName;
  /** Whether reads run beside a transaction that writes; else all queue for the one connection. */
  readonly readsBesideWrites: boolean;
  /** Whether transactions that write run side by side. */
  readonly writesSideBySide: boolean;
  /** A new place, removed after the test that asks for it. */
  fresh(): Promise<Place>;
  /** A new place, removed after the suite; to be asked for in a `before`. */
  shared(): Promise<Place>;
  /** The URL of a new place, removed after the test that asks for it. */
  url(): Promise<string>;
}

type Undo = () => Promise<void>;

interface EngineFacts extends Pick<Engine, "name" | "dialect" | "readsBesideWrites" | "writesSideBySide"> {
  make(undo: Undo[]): Promise<Place>;
}

const FACTS: readonly EngineFacts[] = [
  {
    name: "sqlite file",
    dialect: "sqlite",
    readsBesideWrites: true,
    writesSideBySide: false,
    async make(undo) {
      const directory = await mkdtemp(join(tmpdir(), "rowkeeper-"));
      undo.push(() => rm(directory, { recursive: true, force: true }));
      const path = join(directory, "spec.db");
      return sqlitePlace(path, undo);
    },
  },
  {
    name: "sqlite memory",
    dialect: "sqlite",
    readsBesideWrites: false,
    writesSideBySide: false,
    make: async (undo) => sqlitePlace(":memory:", undo),
  },
  {
    name: "postgres",
    dialect: "postgres",
    readsBesideWrites: true,
    writesSideBySide: true,
    async make(undo) {
      const { url, drop } = await makeSchema();
      undo.push(drop);
      return {
        url,
        driver({ timeout = 5_000, max = 4 } = {}) {
          return closing(postgresDriver({ Pool: pg.Pool, config: { connectionString: url }, timeout, max }), undo);
        },
      };
    },
  },
];

/** Node's own SQLite, where it has it. */
export const NodeSqlite = nodeSqlite(process.getBuiltinModule("node:sqlite"));

/** ROWKEEPER_SQLITE=node runs the specs of both SQLite engines on Node's own; `spec/run.ts` sees to the URLs. */
const chosen = process.env.ROWKEEPER_SQLITE === "node" ? NodeSqlite : undefined;

/** The class of the library that is used for SQLite. */
export const SqliteDatabase: SqliteConstructor = chosen ?? Sqlite;

/** JavaScript for that class, for programs of other processes, as far as both libraries agree. */
export const SQLITE_CLASS = chosen === undefined ? 'require("better-sqlite3")' : 'require("node:sqlite").DatabaseSync';

function sqlitePlace(path: string, undo: Undo[]): Place {
  return {
    url: `sqlite:${path}`,
    driver({ timeout = 5_000, max = 4 } = {}) {
      return closing(sqliteDriver({ Database: SqliteDatabase, path, timeout, readers: max }), undo);
    },
  };
}

function closing(driver: Driver, undo: Undo[]): Driver {
  undo.push(() => driver.close());
  return driver;
}

/** Where the specs find PostgreSQL. */
export function postgresUrl(): string {
  const url = process.env.DATABASE_URL;
  if (url === undefined || url === "") throw new Error("DATABASE_URL is not set: run the specs by `npm run spec`");
  return url;
}

/** A schema of one's own, which the connections of `url` find their tables in. */
export async function makeSchema(): Promise<{ url: string; drop: Undo }> {
  const name = `spec_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await administrate(`create schema ${name}`);
  const url = new URL(postgresUrl());
  url.searchParams.set("options", `-c search_path=${name}`);
  return { url: url.href, drop: () => administrate(`set lock_timeout = 5000; drop schema ${name} cascade`) };
}

/** Runs SQL beside whatever a spec does. */
export async function administrate(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    await client.query(`set client_min_messages = warning; ${text}`);
  } finally {
    await client.end();
  }
}

async function undoAll(undo: Undo[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** A `describe` per engine. */
export function eachEngine(specs: (engine: Engine) => void): void {
  for (const { make, ...facts } of FACTS) {
    describe(facts.name, () => {
      const ofTest: Undo[] = [];
      const ofSuite: Undo[] = [];
      afterEach(() => undoAll(ofTest));
      after(() => undoAll(ofSuite));
      const fresh = () => make(ofTest);
      specs({ ...facts, fresh, shared: () => make(ofSuite), url: async () => (await fresh()).url });
    });
  }
}

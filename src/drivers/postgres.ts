import type { Driver, DriverConnection, DriverResult, DriverStatement, Waiting } from "./driver.js";
import { type Lease, Leases } from "./leases.js";
import { type Permit, Permits } from "./permits.js";
import { poolConfig } from "./postgres-config.js";
import { PostgresConnection } from "./postgres-connection.js";
import { connectionError, isConnectionLost, isPlanOutdated, postgresError } from "./postgres-errors.js";
import { AcquireFailure, acquire, type Clients, driverResult, PostgresQueries, sendThrough } from "./postgres-query.js";
import type { PostgresClient, PostgresPool, PostgresPoolConstructor, PostgresQuery } from "./postgres-types.js";
import { refuseTransactionControl } from "./transaction-control.js";

export type * from "./postgres-types.js";

interface CommonOptions {
  /** How long connecting, closing and waiting for a row's lock take at most, in milliseconds. */
  readonly timeout: number;
  /**
   * Whether statements are prepared under names, true by default. `false` is for pools between here and the server
   * that give each transaction another connection, such as PgBouncer.
   */
  readonly prepare?: boolean | undefined;
}

/** A pool that the driver makes itself. */
export interface PostgresPoolOptions extends CommonOptions {
  /** The class `Pool` that `pg` exports. */
  readonly Pool: PostgresPoolConstructor;
  /** Where to connect, as pg takes it: `{ connectionString }`, `{ host, port, user, password, database, ssl }`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The most connections; 10 by default. */
  readonly max?: number | undefined;
  /** How long a connection stays open unused, in milliseconds; 10 000 by default. */
  readonly idleTimeout?: number | undefined;
  /** How long a connection is used at all, in milliseconds; no limit by default. */
  readonly maxLifetime?: number | undefined;
  /** How long a statement may run, in milliseconds; no limit by default. */
  readonly statementTimeout?: number | undefined;
  /** What the server's views call the connections; "rowkeeper" by default. */
  readonly applicationName?: string | undefined;
}

/** A pool of the user's own, which is not ended when the driver is closed. */
export interface PostgresOwnPoolOptions extends CommonOptions {
  readonly pool: PostgresPool;
}

/** A driver for PostgreSQL through pg, or a library with the same interface. It connects at its first use. */
export function postgresDriver(options: PostgresPoolOptions | PostgresOwnPoolOptions): Driver {
  const { timeout, prepare = true } = options;
  if ("pool" in options) {
    const { pool } = options;
    return new PostgresDriver({
      pool,
      max: pool.options.max ?? 10,
      timeout,
      prepare,
      lockTimeout: timeout,
      isOwn: false,
    });
  }
  const max = options.max ?? 10;
  const pool = new options.Pool(poolConfig(options, max, prepare));
  return new PostgresDriver({ pool, max, timeout, prepare, lockTimeout: prepare ? undefined : timeout, isOwn: true });
}

interface DriverOptions {
  readonly pool: PostgresPool;
  readonly max: number;
  readonly timeout: number;
  readonly prepare: boolean;
  readonly lockTimeout: number | undefined;
  /** Whether the pool is the driver's, to be ended with it. */
  readonly isOwn: boolean;
}

const survive = (): void => {};

class PostgresDriver implements Driver {
  readonly dialect = "postgres";
  readonly concurrentWriters = true;
  readonly #options: DriverOptions;
  readonly #pool: PostgresPool;
  readonly #permits: Permits;
  readonly #queries: PostgresQueries;
  readonly #leases = new Leases("the database");
  /** By client: how many names of statements had been taken back when it was first used. */
  readonly #takenBack = new WeakMap<PostgresClient, number>();
  readonly #clients: Clients = {
    greet: (client) => this.#greet(client),
    isWorn: (client) => this.#queries.isWorn(this.#takenBack.get(client) ?? 0),
  };

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#pool = options.pool;
    this.#permits = new Permits(`one of the ${options.max} connections to PostgreSQL`, options.max);
    this.#queries = new PostgresQueries(options.prepare);
    // A connection that is lost while it is idle is replaced at its next use; unheard, the event would end the process.
    this.#pool.on("error", survive);
  }

  async run(statement: DriverStatement, waiting: Waiting): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text);
    const lease = this.#leases.take(waiting.holder);
    let permit: Permit | undefined;
    try {
      permit = this.#permits.tryTake(waiting.holder) ?? (await this.#permits.take(waiting.holder, waiting.timeout));
      const query = this.#queries.query(statement, statement.values);
      try {
        return driverResult(await sendThrough(this.#pool, query, this.#clients), statement.describe);
      } catch (error) {
        return await this.#runAgain(statement, query, error);
      }
    } finally {
      this.#give(permit, lease);
    }
  }

  async connect(access: "read" | "write", waiting: Waiting): Promise<DriverConnection> {
    const lease = this.#leases.take(waiting.holder);
    let permit: Permit | undefined;
    try {
      permit = await this.#permits.take(waiting.holder, waiting.timeout);
      return new PostgresConnection({
        client: await this.#acquire(),
        queries: this.#queries,
        access,
        lockTimeout: this.#options.lockTimeout,
        replace: () => this.#acquire(),
        isWorn: (client) => this.#clients.isWorn(client),
        onClose: () => this.#give(permit, lease),
      });
    } catch (error) {
      this.#give(permit, lease);
      throw error;
    }
  }

  async *cursor(
    statement: DriverStatement,
    size: number,
    waiting: Waiting,
  ): AsyncGenerator<unknown[][], void, undefined> {
    const connection = await this.connect("read", waiting);
    try {
      yield* connection.cursor(statement, size);
    } finally {
      await connection.close();
    }
  }

  async close(): Promise<void> {
    const { timeout, isOwn } = this.#options;
    await this.#leases.close(timeout, async () => {
      if (isOwn) await this.#pool.end();
    });
  }

  /** Runs a statement again where it certainly did not change anything the first time. */
  async #runAgain(statement: DriverStatement, query: PostgresQuery, failure: unknown): Promise<DriverResult> {
    if (failure instanceof AcquireFailure) throw connectionError(failure.cause);
    const isOutdated = isPlanOutdated(failure);
    if (isOutdated) this.#queries.forget(query.text);
    else if (statement.access !== "read" || !isConnectionLost(failure)) throw postgresError(failure, query.text);
    const again = isOutdated ? this.#queries.query(statement, statement.values) : query;
    try {
      return driverResult(await sendThrough(this.#pool, again, this.#clients), statement.describe);
    } catch (error) {
      throw error instanceof AcquireFailure ? connectionError(error.cause) : postgresError(error, query.text);
    }
  }

  async #acquire(): Promise<PostgresClient> {
    try {
      const client = await acquire(this.#pool);
      this.#greet(client);
      return client;
    } catch (error) {
      throw connectionError(error);
    }
  }

  /** The pool listens only to clients that are idle; whoever waits for an answer learns of the loss by its failure. */
  #greet(client: PostgresClient): void {
    if (this.#takenBack.has(client)) return;
    client.on("error", survive);
    this.#takenBack.set(client, this.#queries.takenBack);
  }

  #give(permit: Permit | undefined, lease: Lease): void {
    if (permit !== undefined) this.#permits.give(permit);
    this.#leases.give(lease);
  }
}

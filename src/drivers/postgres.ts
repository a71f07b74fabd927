import { setImmediate } from "node:timers/promises";
import type { Driver, DriverConnection, DriverResult, DriverStatement, Waiting } from "./driver.js";
import { type Lease, Leases } from "./leases.js";
import { type Holder, type Permit, Permits } from "./permits.js";
import { poolConfig } from "./postgres-config.js";
import { PostgresConnection } from "./postgres-connection.js";
import { connectionError, isCancelled, isConnectionLost, isPlanOutdated, postgresError } from "./postgres-errors.js";
import {
  AcquireFailure,
  acquire,
  type CheckOut,
  type Clients,
  checkOutUntilAbort,
  checkOutWithin,
  driverResult,
  PostgresQueries,
  sendThrough,
  timed,
} from "./postgres-query.js";
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

/** The pools and clients that are listened to: once each, as those of a user's own pool outlive the driver. */
const heard = new WeakSet<PostgresPool | PostgresClient>();

/** Keeps the loss of a connection, which its next use learns of anyway, from ending the process as an unheard event. */
function surviveErrors(emitter: PostgresPool | PostgresClient): void {
  if (heard.has(emitter)) return;
  heard.add(emitter);
  emitter.on("error", () => {});
}

/**
 * Lets the pool hear of other connections that were lost at the same time, as they all are when a server restarts, so
 * that it doesn't give one of them next.
 */
const othersLost = (): Promise<void> => setImmediate();

class PostgresDriver implements Driver {
  readonly dialect = "postgres";
  readonly concurrentWriters = true;
  readonly #options: DriverOptions;
  readonly #pool: PostgresPool;
  readonly #permits: Permits;
  readonly #queries: PostgresQueries;
  readonly #leases = new Leases("the database");
  /** The leases of those who hold a connection. */
  readonly #held = new Set<Lease>();
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
    surviveErrors(this.#pool);
  }

  async run(statement: DriverStatement, waiting: Waiting): Promise<DriverResult> {
    if (statement.access === undefined) refuseTransactionControl(statement.text, "postgres");
    const { holder } = waiting;
    const lease = this.#leases.take(holder);
    let permit: Permit | undefined;
    try {
      permit = this.#permits.tryTake(holder) ?? (await this.#waitForPermit(waiting));
      const query = this.#queries.query(statement, statement.values);
      const checkOut = this.#checkOut(waiting);
      try {
        const { signal, describe } = statement;
        return driverResult(await sendThrough(checkOut, query, this.#clients, signal), describe);
      } catch (error) {
        return await this.#runAgain(statement, query, error, waiting);
      }
    } finally {
      this.#give(permit, lease);
    }
  }

  async connect(access: "read" | "write", waiting: Waiting): Promise<DriverConnection> {
    const lease = this.#leases.take(waiting.holder);
    let permit: Permit | undefined;
    try {
      permit = await this.#waitForPermit(waiting);
      const client = await this.#acquire(waiting);
      this.#held.add(lease);
      return new PostgresConnection({
        client,
        queries: this.#queries,
        access,
        lockTimeout: this.#options.lockTimeout,
        replace: async () => {
          await othersLost();
          return this.#acquire(waiting);
        },
        others: () => this.#othersThan(waiting.holder),
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
  ): AsyncGenerator<DriverResult, void, undefined> {
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
  async #runAgain(
    statement: DriverStatement,
    query: PostgresQuery,
    failure: unknown,
    waiting: Waiting,
  ): Promise<DriverResult> {
    const { signal, describe } = statement;
    if (failure instanceof AcquireFailure || isCancelled(failure)) signal?.throwIfAborted();
    const failed = (error: unknown) =>
      error instanceof AcquireFailure
        ? connectionError(error.cause, this.#options.timeout)
        : postgresError(error, {
            sql: query.text,
            values: statement.values,
            others: () => this.#othersThan(waiting.holder),
          });
    if (failure instanceof AcquireFailure) throw failed(failure);
    const isOutdated = isPlanOutdated(failure);
    if (isOutdated) this.#queries.forget(query.text);
    else if (statement.access !== "read" || !isConnectionLost(failure)) throw failed(failure);
    else await othersLost();
    const again = isOutdated ? this.#queries.query(statement, statement.values) : query;
    try {
      return driverResult(await sendThrough(this.#checkOut(waiting), again, this.#clients, signal), describe);
    } catch (error) {
      if (error instanceof AcquireFailure || isCancelled(error)) signal?.throwIfAborted();
      throw failed(error);
    }
  }

  #waitForPermit({ holder, timeout, signal }: Waiting): Promise<Permit> {
    return this.#permits.take(holder, timeout, signal);
  }

  /** A pool of the driver's own has a limit for waiting itself. */
  #checkOut({ timeout, holder, signal }: Waiting): CheckOut {
    const checkOut = this.#options.isOwn ? this.#checkOutOfOwn : checkOutWithin(this.#pool, timeout);
    const cancelled = signal === undefined ? checkOut : checkOutUntilAbort(checkOut, signal);
    return holder.onWaited === undefined ? cancelled : timed(cancelled, holder);
  }

  readonly #checkOutOfOwn: CheckOut = (callback) => this.#pool.connect(callback);

  /** Some of those who hold a connection, for messages. */
  #othersThan(holder: Holder): string[] {
    const others = [...this.#held].filter((lease) => lease.holder !== holder);
    return others.slice(0, 3).map((lease) => lease.holder.describe());
  }

  async #acquire(waiting: Waiting): Promise<PostgresClient> {
    try {
      const client = await acquire(this.#checkOut(waiting));
      this.#greet(client);
      return client;
    } catch (error) {
      waiting.signal?.throwIfAborted();
      throw connectionError(error, this.#options.timeout);
    }
  }

  /** The pool listens only to clients that are idle; whoever waits for an answer learns of the loss by its failure. */
  #greet(client: PostgresClient): void {
    if (this.#takenBack.has(client)) return;
    surviveErrors(client);
    this.#takenBack.set(client, this.#queries.takenBack);
  }

  #give(permit: Permit | undefined, lease: Lease): void {
    if (permit !== undefined) this.#permits.give(permit);
    this.#held.delete(lease);
    this.#leases.give(lease);
  }
}

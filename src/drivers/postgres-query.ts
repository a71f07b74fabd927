import { ConnectionError, TimeoutError, UsageError } from "../errors.js";
import { onAbort, type Signal } from "./abort.js";
import type { DriverResult, DriverStatement, DriverValue } from "./driver.js";
import type { Holder } from "./permits.js";
import { sendUntilAbort } from "./postgres-cancel.js";
import { isClientSpent } from "./postgres-errors.js";
import { type Begin, sendQuery } from "./postgres-rows.js";
import type {
  PostgresCallback,
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresResult,
} from "./postgres-types.js";
import { timerDelay } from "./timer-delay.js";

/** The most statements that are prepared under names at a time. */
const MOST_NAMES = 500;
/** A name is taken from a statement for another once this many statements have run without it. */
const IDLE_USES = 5_000;
/** The most texts that are remembered after their first use. */
const MOST_TEXTS = 2_000;

const asItCame = (value: string): string => value;
const types = { getTypeParser: () => asItCame };

/** Counts for the whole process, since several drivers may share the connections of a user's own pool. */
let lastName = 0;

interface Name {
  readonly name: string;
  /** Which of all uses was its last. */
  lastUse: number;
}

/**
 * Turns statements into pg's queries, and names those that are worth preparing: from their second use on, at most 500 at
 * a time. A name that is taken back is never used again, but the server keeps its statement for as long as the
 * connection lasts. So a connection wears out: once 500 names were taken back since its first use, it is closed when it
 * is given back. It has at most 1000 prepared statements then, and those that came while one user held it.
 */
export class PostgresQueries {
  readonly #names = new Map<string, Name>();
  readonly #usedOnce = new Set<string>();
  #uses = 0;
  #takenBack = 0;

  /** @param prepare whether to prepare statements, which pools like PgBouncer may not support */
  constructor(readonly prepare: boolean) {}

  /** @param isRepeated whether the statement is about to run many times */
  query(statement: DriverStatement, values: readonly DriverValue[], isRepeated = false): PostgresQuery {
    const { text } = statement;
    const name = this.prepare && statement.prepare !== false ? this.#nameOf(text, isRepeated) : undefined;
    if (name !== undefined) return { text, values, name, rowMode: "array", types };
    if (statement.access === undefined) return { text, values, rowMode: "array", types, queryMode: "extended" };
    return { text, values, rowMode: "array", types };
  }

  /** Lets the statement be prepared anew, under another name. */
  forget(text: string): void {
    if (this.#names.delete(text)) this.#takenBack += 1;
  }

  /** How many names were taken back until now; to be kept of a connection when it is first used. */
  get takenBack(): number {
    return this.#takenBack;
  }

  /** Whether a connection may hold so many statements without a name that it is to be replaced. */
  isWorn(takenBackAtFirstUse: number): boolean {
    return this.#takenBack - takenBackAtFirstUse >= MOST_NAMES;
  }

  #nameOf(text: string, isRepeated: boolean): string | undefined {
    this.#uses += 1;
    const known = this.#names.get(text);
    if (known !== undefined) {
      known.lastUse = this.#uses;
      return known.name;
    }
    if (!isRepeated && !this.#usedOnce.has(text)) {
      if (this.#usedOnce.size >= MOST_TEXTS) this.#usedOnce.clear();
      this.#usedOnce.add(text);
      return undefined;
    }
    if (this.#names.size >= MOST_NAMES && !this.#takeOneBack()) return undefined;
    this.#usedOnce.delete(text);
    lastName += 1;
    const name = `rowkeeper_${lastName}`;
    this.#names.set(text, { name, lastUse: this.#uses });
    return name;
  }

  /** Takes the next name round back, if it is idle; more statements in turn than names would only chase each other. */
  #takeOneBack(): boolean {
    for (const [text, known] of this.#names) {
      if (this.#uses - known.lastUse > IDLE_USES) {
        this.forget(text);
        return true;
      }
      this.#names.delete(text);
      this.#names.set(text, known);
      return false;
    }
    return false;
  }
}

/** A query of the driver's own, or of several statements. */
export function plainQuery(text: string): PostgresQuery {
  return { text, rowMode: "array", types };
}

/** Gives a client of a pool, or tells why there is none. */
export type CheckOut = (callback: (error: Error | undefined, client: PostgresClient | undefined) => void) => void;

/**
 * Checks a client out of a pool whose clients others hold as well. One that comes after the timeout goes back at once.
 *
 * @param timeout the longest wait, in milliseconds
 */
export function checkOutWithin(pool: PostgresPool, timeout: number): CheckOut {
  return (callback) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      callback(new TimeoutError(`the pool had no free connection within ${timeout} ms`), undefined);
    }, timerDelay(timeout));
    try {
      pool.connect((error, client) => {
        clearTimeout(timer);
        if (isLate) client?.release();
        else callback(error, client);
      });
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
  };
}

/** Waits for a client no longer than until the abort of a signal; one that comes later goes back at once. */
export function checkOutUntilAbort(checkOut: CheckOut, signal: Signal): CheckOut {
  return (callback) => {
    signal.throwIfAborted();
    let isLate = false;
    const forget = onAbort(signal, () => {
      isLate = true;
      callback(new ConnectionError("nobody waits for a connection any more"), undefined);
    });
    try {
      checkOut((error, client) => {
        forget();
        if (isLate) client?.release();
        else callback(error, client);
      });
    } catch (error) {
      forget();
      throw error;
    }
  };
}

/** The same, and tells who waits how long that took. */
export function timed(checkOut: CheckOut, holder: Holder): CheckOut {
  return (callback) => {
    const since = performance.now();
    checkOut((error, client) => {
      holder.onWaited?.(performance.now() - since);
      callback(error, client);
    });
  };
}

/** Checks a client out. */
export function acquire(checkOut: CheckOut): Promise<PostgresClient> {
  // pg throws at once where it can't read its configuration: the promise is rejected then.
  return new Promise((resolve, reject) => {
    checkOut((error, client) => {
      if (error) reject(error);
      else if (client === undefined) reject(new ConnectionError("the pool gave no connection"));
      else resolve(client);
    });
  });
}

/** Whether a client is in a transaction after the commands that it ran; undefined where that isn't known. */
export function isInTransaction(
  client: PostgresClient,
  results: PostgresResult | PostgresResult[],
): boolean | undefined {
  const status = client.getTransactionStatus?.() ?? undefined;
  if (status !== undefined) return status !== "I";
  const command = Array.isArray(results) ? results.at(-1)?.command : results.command;
  if (command === undefined) return undefined;
  if (begins(command)) return true;
  return ends(command) ? false : undefined;
}

/** Whether a command, as results name them, begins a transaction. */
export function begins(command: string): boolean {
  return command === "BEGIN" || command === "START";
}

/** Whether a command ends a transaction, or goes back to a savepoint. */
export function ends(command: string): boolean {
  return command === "COMMIT" || command === "ROLLBACK";
}

function sendTo(
  client: PostgresClient,
  query: PostgresQuery,
  signal: Signal | undefined,
  callback: PostgresCallback,
): void {
  if (signal === undefined) sendQuery(client, query, callback);
  else sendUntilAbort(client, query, signal, callback);
}

/** Sends a query; the results are those of each of its statements. */
export function send(
  client: PostgresClient,
  query: PostgresQuery,
  signal?: Signal,
): Promise<PostgresResult | PostgresResult[]> {
  return answerOf((callback) => sendTo(client, query, signal, callback));
}

/** Begins a transaction and sends its first query, in one round trip; only where `canBegin`. */
export function sendFirst(
  client: PostgresClient,
  begin: Begin,
  query: PostgresQuery,
): Promise<PostgresResult | PostgresResult[]> {
  return answerOf((callback) => sendQuery(client, query, callback, begin));
}

function answerOf(ask: (callback: PostgresCallback) => void): Promise<PostgresResult | PostgresResult[]> {
  return new Promise((resolve, reject) => {
    ask((error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

/** Why no client was to be had, apart from why a query failed. */
export class AcquireFailure {
  constructor(readonly cause: unknown) {}
}

/** What a driver knows of its clients. */
export interface Clients {
  /** Called with a client before it is used. */
  greet(client: PostgresClient): void;
  /** Whether a client has served long enough. */
  isWorn(client: PostgresClient): boolean;
}

/**
 * Sends a query on whichever client is free, and throws the client away where it is of no more use: `acquire` and `send`
 * in one promise.
 *
 * @throws AcquireFailure, or what the query failed with
 */
export function sendThrough(
  checkOut: CheckOut,
  query: PostgresQuery,
  clients: Clients,
  signal?: Signal,
): Promise<PostgresResult | PostgresResult[]> {
  return new Promise((resolve, reject) => {
    const use = (failure: Error | undefined, client: PostgresClient | undefined) => {
      if (failure || client === undefined) {
        reject(new AcquireFailure(failure));
        return;
      }
      clients.greet(client);
      sendTo(client, query, signal, (error, result) => {
        // What is in a transaction nobody ends would be lost, with all that came after it.
        const isOpen = !error && isInTransaction(client, result) === true;
        client.release((error && isClientSpent(error)) || isOpen || clients.isWorn(client));
        if (error) reject(error);
        else if (isOpen)
          reject(
            new UsageError("a statement ran in a transaction that nobody ends; it was undone", { sql: query.text }),
          );
        else resolve(result);
      });
    };
    try {
      checkOut(use);
    } catch (error) {
      reject(new AcquireFailure(error));
    }
  });
}

/** The result, in rowkeeper's form; of the last statement, where there were several. */
export function driverResult(result: PostgresResult | PostgresResult[], describe: boolean | undefined): DriverResult {
  const last = Array.isArray(result) ? result[result.length - 1] : result;
  if (last === undefined) return { rows: [], rowCount: 0 };
  const { rows, fields } = last;
  const rowCount = last.rowCount ?? rows.length;
  if (describe !== true) return { rows, rowCount };
  return { rows, rowCount, fields: fields.map((field) => ({ name: field.name, type: field.dataTypeID })) };
}

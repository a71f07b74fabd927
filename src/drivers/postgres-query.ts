import { ConnectionError } from "../errors.js";
import type { DriverResult, DriverStatement, DriverValue } from "./driver.js";
import { isConnectionLost } from "./postgres-errors.js";
import type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult } from "./postgres-types.js";

const MOST_NAMES = 500;
const MOST_TEXTS = 2_000;

const asItCame = (value: string): string => value;
const types = { getTypeParser: () => asItCame };

/** Counts for the whole process, since several drivers may share the connections of a user's own pool. */
let lastName = 0;

/** Turns statements into pg's queries, and names those that are worth preparing: from their second use on. */
export class PostgresQueries {
  /** By text: the name, or undefined after the first use. */
  readonly #names = new Map<string, string | undefined>();
  #named = 0;

  /** @param prepare whether to prepare statements, which pools like PgBouncer may not support */
  constructor(readonly prepare: boolean) {}

  /** @param isRepeated whether the statement is about to run many times */
  query(statement: DriverStatement, values: readonly DriverValue[], isRepeated = false): PostgresQuery {
    const { text } = statement;
    const name = this.prepare ? this.#nameOf(text, isRepeated) : undefined;
    if (name !== undefined) return { text, values, name, rowMode: "array", types };
    if (statement.access === undefined) return { text, values, rowMode: "array", types, queryMode: "extended" };
    return { text, values, rowMode: "array", types };
  }

  /** Lets the statement be prepared anew, under another name. */
  forget(text: string): void {
    this.#names.delete(text);
  }

  #nameOf(text: string, isRepeated: boolean): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined || this.#named >= MOST_NAMES) return name;
    if (!isRepeated && !this.#names.has(text)) {
      if (this.#names.size >= MOST_TEXTS) this.#forgetUnnamed();
      this.#names.set(text, undefined);
      return undefined;
    }
    lastName += 1;
    this.#named += 1;
    const given = `rowkeeper_${lastName}`;
    this.#names.set(text, given);
    return given;
  }

  #forgetUnnamed(): void {
    for (const [text, name] of this.#names) if (name === undefined) this.#names.delete(text);
  }
}

/** A query of the driver's own, or of several statements. */
export function plainQuery(text: string): PostgresQuery {
  return { text, rowMode: "array", types };
}

/** Checks a client out of the pool. */
export function acquire(pool: PostgresPool): Promise<PostgresClient> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (error) reject(error);
      else if (client === undefined) reject(new ConnectionError("the pool gave no connection"));
      else resolve(client);
    });
  });
}

/** Sends a query; the results are those of each of its statements. */
export function send(client: PostgresClient, query: PostgresQuery): Promise<PostgresResult | PostgresResult[]> {
  return new Promise((resolve, reject) => {
    client.query(query, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}

/** Why no client was to be had, apart from why a query failed. */
export class AcquireFailure {
  constructor(readonly cause: unknown) {}
}

/**
 * Sends a query on whichever client is free, and throws the client away where its connection was lost: `acquire` and
 * `send` in one promise.
 *
 * @param onClient called with the client before it is used
 * @throws AcquireFailure, or what the query failed with
 */
export function sendThrough(
  pool: PostgresPool,
  query: PostgresQuery,
  onClient: (client: PostgresClient) => void,
): Promise<PostgresResult | PostgresResult[]> {
  return new Promise((resolve, reject) => {
    pool.connect((failure, client) => {
      if (failure || client === undefined) {
        reject(new AcquireFailure(failure));
        return;
      }
      onClient(client);
      client.query(query, (error, result) => {
        client.release(error ? isConnectionLost(error) : false);
        if (error) reject(error);
        else resolve(result);
      });
    });
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

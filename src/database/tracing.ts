import { tracingChannel } from "node:diagnostics_channel";
import type { QueryTransaction } from "./events.js";
import type { Place } from "./place.js";
import type { Server } from "./server.js";
import { operationOf } from "./sql-words.js";

const { start, end, asyncStart, asyncEnd, error } = tracingChannel<unknown, QueryMessage>("rowkeeper:query");

/** Whether anybody listens to the channels. */
export function isTraced(): boolean {
  return (
    start.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    error.hasSubscribers
  );
}

/**
 * What the diagnostics channels `tracing:rowkeeper:query:start`, `end`, `asyncStart`, `asyncEnd` and `error` tell of a
 * statement: one object for all of them. `asyncEnd` is published once for each statement, whatever the engine and
 * whether it failed; what is known at the end is there from `asyncStart` and `error` on. Never values.
 */
export class QueryMessage {
  /** `db.query.text` */
  readonly sql: string;
  /** `db.system.name` */
  readonly system: "postgresql" | "sqlite";
  /** `db.namespace`: the database's name; for SQLite the file's path. */
  readonly namespace: string | undefined;
  /** `server.address` */
  readonly address: string | undefined;
  /** `server.port` */
  readonly port: number | undefined;
  /** The transaction that it runs in; undefined outside of any. */
  readonly transaction: QueryTransaction | undefined;
  /** `db.response.returned_rows`, or rows changed; undefined where it failed. */
  readonly rowCount: number | undefined;
  /** From sending to the answer, in milliseconds, without `waited`. */
  readonly duration: number | undefined;
  /** What it waited for a connection or SQLite's write lock, in milliseconds. */
  readonly waited: number | undefined;
  /** What it failed with; its `name` is `error.type`. */
  readonly error: unknown;
  readonly #place: Place;

  /** @internal */
  constructor(sql: string, server: Server, place: Place, transaction: QueryTransaction | undefined) {
    this.sql = sql;
    this.system = server.dialect === "postgres" ? "postgresql" : "sqlite";
    this.namespace = server.namespace;
    this.address = server.address;
    this.port = server.port;
    this.transaction = transaction;
    this.#place = place;
  }

  /** `db.operation.name`: "select". */
  get operation(): string | undefined {
    return operationOf(this.sql).operation;
  }

  /** `db.collection.name`: the table that it is about first; undefined where the text doesn't tell. */
  get collection(): string | undefined {
    return operationOf(this.sql).collection;
  }

  /** Where in the program it was asked for: "app.ts:12:5". */
  get place(): string {
    return this.#place.toString(this.transaction?.place);
  }
}

/** Tells of the start of a statement, and does all that belongs to it in the context that tracers have bound to that. */
export function traced<T>(message: QueryMessage, work: () => T): T {
  return start.runStores(message, work);
}

/** Sends a statement, and tells that the call is over. */
export function begun<T>(message: QueryMessage, send: () => T): T {
  try {
    return send();
  } finally {
    end.publish(message);
  }
}

/** Tells of the end of a statement. */
export function settle(message: QueryMessage): void {
  if (message.error !== undefined) error.publish(message);
  asyncStart.publish(message);
  asyncEnd.publish(message);
}

import { ConnectionError, type RowkeeperError } from "../errors.js";
import type { Signal } from "./abort.js";
import { isCancelled, isClientSpent, isPlanOutdated, postgresError } from "./postgres-errors.js";
import { isInTransaction, type PostgresQueries, send } from "./postgres-query.js";
import type { PostgresClient, PostgresQuery, PostgresResult } from "./postgres-types.js";

/** What a link needs of the driver. */
export interface PostgresLinkOptions {
  readonly client: PostgresClient;
  readonly queries: PostgresQueries;
  /** Another client, in place of one whose connection was lost while it was idle. */
  readonly replace: () => Promise<PostgresClient>;
  /** Whether the client has served long enough, and shall serve nobody after this connection. */
  readonly isWorn: (client: PostgresClient) => boolean;
  /** Who holds other connections, for messages. */
  readonly others: () => readonly string[];
}

/** The results of a query; of each of its statements, where it has several. */
export type Results = PostgresResult | PostgresResult[];

/** A connection's client, and what became of it. */
export class PostgresLink {
  readonly #options: PostgresLinkOptions;
  #client: PostgresClient | undefined;
  #isLost = false;
  #failure: RowkeeperError | undefined;
  /** Whether SQL of the user's own has run that may have changed more than rows, so that nobody else shall have the client. */
  hasTraces = false;

  constructor(options: PostgresLinkOptions) {
    this.#options = options;
    this.#client = options.client;
  }

  /** Undefined where it was lost and no other was to be had. */
  get client(): PostgresClient | undefined {
    return this.#client;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Why the first query failed that did since `recover()`: in a transaction, why that can't be committed any more. */
  get failure(): RowkeeperError | undefined {
    return this.#failure;
  }

  recover(): void {
    this.#failure = undefined;
  }

  async send(query: PostgresQuery, signal?: Signal): Promise<Results> {
    signal?.throwIfAborted();
    const client = this.#client;
    if (client === undefined || this.#isLost)
      throw new ConnectionError("the connection to PostgreSQL was lost before", { sql: query.text });
    try {
      return await send(client, query, signal);
    } catch (error) {
      const failure = this.failed(error, query);
      if (isCancelled(error)) signal?.throwIfAborted();
      throw failure;
    }
  }

  /** The error for what a query failed with. */
  failed(cause: unknown, { text: sql, values }: PostgresQuery): RowkeeperError {
    if (isClientSpent(cause)) this.#isLost = true;
    if (isPlanOutdated(cause)) this.#options.queries.forget(sql);
    const error = postgresError(cause, { sql, values, others: this.#options.others });
    this.#failure ??= error;
    return error;
  }

  /** Takes another client in place of one that was lost while it was idle. */
  async replace(): Promise<void> {
    const lost = this.#client;
    this.#client = undefined;
    lost?.release(true);
    this.#client = await this.#options.replace();
    this.#isLost = false;
    this.#failure = undefined;
    // The traces that are known of may be those of what is sent next.
  }

  /** Sends nothing any more, and lets nobody else have the client. */
  giveUp(): void {
    this.#isLost = true;
  }

  release(): void {
    const client = this.#client;
    client?.release(this.#isLost || this.hasTraces || this.#options.isWorn(client) || isInTransaction(client, []));
  }
}

import { AmbiguousCommitError, ConnectionError, QueryError, RowkeeperError, SerializationError } from "../errors.js";
import type { Signal } from "./abort.js";
import type { BeginOptions } from "./driver.js";
import { isAnswer } from "./postgres-errors.js";
import type { PostgresLink, Results } from "./postgres-link.js";
import { plainQuery, send, sendFirst } from "./postgres-query.js";
import { type Begin, canBegin, gather } from "./postgres-rows.js";
import type { PostgresQuery } from "./postgres-types.js";

/**
 * A transaction, from its begin to its commit. What begins it is sent along with its first statement where that can be, and
 * what only reads may be sent right behind that, before it is known whether the transaction has begun.
 */
export class PostgresTransaction {
  readonly #link: PostgresLink;
  readonly #isReadOnly: boolean;
  readonly #begin: Begin;
  #isUnsent = true;
  #canBeFollowed = true;

  /** @param lockTimeout the limit for locks where the options say none; see `PostgresConnectionOptions` */
  constructor(link: PostgresLink, options: BeginOptions, lockTimeout: number | undefined) {
    this.#link = link;
    this.#isReadOnly = options.readOnly === true;
    this.#begin = { text: beginText(options, lockTimeout), isDone: false };
  }

  /** Whether nothing of it was sent, so that there is nothing to end either. */
  get isUnsent(): boolean {
    return this.#isUnsent;
  }

  /** Whether what begins it may be sent along with a statement: one statement itself, to a client that sends without waiting. */
  get canWait(): boolean {
    return this.#link.client?.pipeline === true && !this.#begin.text.includes(";");
  }

  /** Whether `sendBehind` may be used: what begins it is on its way along with the first statement, or is to be. */
  get canBeFollowed(): boolean {
    return this.#canBeFollowed;
  }

  /** Lets nothing be sent right behind its first statement any more. */
  refuseFollowers(): void {
    this.#canBeFollowed = false;
  }

  /** Begins it without a statement. */
  async begin(): Promise<void> {
    this.#isUnsent = false;
    this.#canBeFollowed = false;
    try {
      await this.#link.send(plainQuery(this.#begin.text));
    } catch (error) {
      await this.#beginElsewhere(error);
    }
  }

  send(query: PostgresQuery, signal?: Signal): Promise<Results> {
    return this.#isUnsent ? this.#sendFirst(query, signal) : this.#link.send(query, signal);
  }

  async #sendFirst(query: PostgresQuery, signal: Signal | undefined): Promise<Results> {
    signal?.throwIfAborted();
    const { client } = this.#link;
    if (client === undefined || signal !== undefined || !canBegin(client, query)) {
      await this.begin();
      return this.#link.send(query, signal);
    }
    this.#isUnsent = false;
    try {
      return await sendFirst(client, this.#begin, query);
    } catch (error) {
      const failure = this.#link.failed(error, query);
      if (this.#begin.isDone) throw failure;
      this.#canBeFollowed = false; // On another connection it is begun by itself.
      await this.#beginElsewhere(failure);
      return this.#link.send(query);
    } finally {
      this.#canBeFollowed = false;
    }
  }

  /**
   * Begins on another connection where this one was lost while it was idle, as nothing of the transaction is kept then. Where
   * it couldn't begin for another reason, nothing may come any more: it would run in no transaction.
   */
  async #beginElsewhere(failure: unknown): Promise<void> {
    if (!(failure instanceof ConnectionError)) {
      this.#link.giveUp();
      throw failure;
    }
    await this.#link.replace();
    await this.#link.send(plainQuery(this.#begin.text));
  }

  /**
   * Sends a query that only reads right behind the first statement; where the transaction didn't begin with that, once it has
   * begun elsewhere. A query that writes waits: without a transaction, what it did would stay.
   *
   * @param first the end of all that the first statement does
   */
  async sendBehind(query: PostgresQuery, first: Promise<void> | undefined): Promise<Results> {
    const { client } = this.#link;
    if (client === undefined) return this.#link.send(query);
    gather(client);
    const answer = send(client, query);
    answer.catch(() => {});
    await first;
    if (!this.#begin.isDone) return this.#link.send(query);
    try {
      return await answer;
    } catch (error) {
      throw this.#link.failed(error, query);
    }
  }

  /**
   * @throws AmbiguousCommitError where the connection is lost before the server answers
   * @throws QueryError or SerializationError where a statement has failed, so that the server has rolled back
   */
  async commit(): Promise<void> {
    if (this.#isUnsent) return;
    const wasLost = this.#link.isLost;
    let results: Results;
    try {
      results = await this.#link.send(plainQuery("commit"));
    } catch (error) {
      const cause = error instanceof RowkeeperError ? error.cause : error;
      if (this.#isReadOnly || wasLost || isAnswer(cause)) throw error;
      this.#link.giveUp();
      throw new AmbiguousCommitError(
        "the connection was lost, or gave no answer, while the transaction was committed: it may have been committed or not",
        { cause, sql: "commit" },
      );
    }
    // A transaction in which a statement failed is rolled back by COMMIT, which PostgreSQL doesn't call an error.
    const command = Array.isArray(results) ? undefined : results.command;
    if (command === "COMMIT") return;
    const { failure } = this.#link;
    const ErrorClass = failure instanceof SerializationError ? SerializationError : QueryError;
    throw new ErrorClass("the transaction was rolled back, because a statement in it had failed", {
      cause: failure,
      sql: "commit",
    });
  }
}

function beginText(options: BeginOptions, lockTimeout: number | undefined): string {
  const isolation = options.isolation === undefined ? "" : ` isolation level ${options.isolation}`;
  const begin = `begin${isolation}${options.readOnly === true ? " read only" : ""}`;
  const timeout = options.timeout ?? lockTimeout;
  return timeout === undefined ? begin : `${begin}; set local lock_timeout = ${serverTimeout(timeout)}`;
}

/** A limit as PostgreSQL takes it: whole milliseconds, where 0 is no limit. */
export function serverTimeout(timeout: number): number {
  return timeout < 2 ** 31 ? Math.max(1, Math.ceil(timeout)) : 0;
}

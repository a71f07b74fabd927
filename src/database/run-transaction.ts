import { setTimeout as sleep } from "node:timers/promises";
import { SerializationError, TransactionClosedError, UsageError } from "../errors.js";
import { requireOptions } from "../text.js";
import { runInFlow } from "./flow.js";
import type { NestableScope, RetryOptions, Scope, TransactionOptions } from "./scope.js";

/** The longest pause before a transaction is run again, in milliseconds, doubled with each attempt up to a limit. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 500;

/**
 * How each attempt begins.
 *
 * @throws TypeError where the options are no object
 * @throws UsageError for `retries` of a nested transaction
 */
export function attemptOptions(
  { isTransaction }: Pick<Scope, "isTransaction">,
  options: RetryOptions,
): TransactionOptions {
  requireOptions("a transaction", options);
  if (!("retries" in options)) return options;
  const { retries, ...begin } = options;
  if (isTransaction && retries)
    throw new UsageError("a nested transaction can't be run again by itself; say retries on the outermost one");
  return begin;
}

/**
 * Runs a function in a transaction: commits when it returns, rolls back and rethrows when it throws, and runs it again,
 * in a new transaction, after a serialization failure or a deadlock.
 */
export async function runTransaction<S extends NestableScope, T>(
  begin: () => S,
  work: (transaction: S) => Promise<T> | T,
  { retries = 0 }: Pick<RetryOptions, "retries"> = {},
): Promise<T> {
  if (!Number.isInteger(retries) || retries < 0) throw new UsageError("retries is a whole number, 0 or more");
  for (let attempt = 0; ; attempt++) {
    const transaction = begin();
    try {
      transaction.signal?.throwIfAborted();
      const result = await runInFlow(transaction, () => work(transaction));
      if (!transaction.isEnded) await transaction.commit();
      return result;
    } catch (error) {
      await rollBackAfterError(transaction);
      const isWorthAnother = isSerializationFailure(error) && !transaction.isCommitted;
      if (!isWorthAnother || attempt >= retries) throw error;
    }
    await sleep(Math.random() * Math.min(FIRST_PAUSE * 2 ** attempt, LONGEST_PAUSE));
  }
}

/** Rolls back what has not ended. An error of its own is not told: the one that led here says more. */
export async function rollBackAfterError(transaction: NestableScope): Promise<void> {
  if (transaction.isEnded) return;
  try {
    await transaction.rollback();
  } catch {
    // Its connection has been given back all the same.
  }
}

/** Whether it is one, or what a statement or the commit got that came after one. */
function isSerializationFailure(error: unknown): boolean {
  return (
    error instanceof SerializationError ||
    (error instanceof TransactionClosedError && error.cause instanceof SerializationError)
  );
}

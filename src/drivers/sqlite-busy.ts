import { setTimeout } from "node:timers/promises";
import { TimeoutError } from "../errors.js";
import type { MaybePromise, Waiting } from "./driver.js";
import { isBusy, sqliteError } from "./sqlite-errors.js";

const LONGEST_PAUSE = 25;

/**
 * Runs something on a connection, and again after a pause as long as another process (or a connection that is not
 * rowkeeper's) has the lock. SQLite's own `busy_timeout` would block the event loop.
 *
 * @param what what is waited for, for messages: "the write lock of blog.db"
 * @throws TimeoutError once the wait takes longer than `waiting.timeout`
 * @throws the reason of `waiting.signal`, after its abort
 */
export function retryWhileBusy<T>(attempt: () => T, waiting: Waiting, what: string, sql?: string): MaybePromise<T> {
  try {
    return attempt();
  } catch (error) {
    if (!isBusy(error)) throw sqliteError(error, sql);
    return retry(attempt, waiting, what, sql);
  }
}

async function retry<T>(attempt: () => T, waiting: Waiting, what: string, sql?: string): Promise<T> {
  const { holder } = waiting;
  const deadline = performance.now() + waiting.timeout;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const since = performance.now();
    const left = deadline - since;
    await setTimeout(Math.max(0, Math.min(pause, left)));
    waiting.signal?.throwIfAborted();
    holder.onWaited?.(performance.now() - since);
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw sqliteError(error, sql);
      if (left > pause) continue;
      throw new TimeoutError(
        `${holder.describe()} waited ${waiting.timeout} ms for ${what}, ` +
          "which is held by another process or by a connection that rowkeeper did not open",
        { cause: error, sql },
      );
    }
  }
}

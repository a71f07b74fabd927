import { onAbort, type Signal } from "../drivers/abort.js";
import type { DriverStatement } from "../drivers/driver.js";
import { kindOf, requireOptions } from "../text.js";

/** Options of what a signal can cancel. */
export interface SignalOptions {
  /** Cancels what is under way at its abort, on PostgreSQL's server too: it fails with the signal's reason. */
  readonly signal?: Signal | undefined;
}

/** @throws TypeError for a signal that is none */
export function signalIn(options: SignalOptions): SignalOptions {
  requireOptions("what a signal cancels", options);
  const { signal } = options;
  if (signal === undefined || signal instanceof AbortSignal) return options;
  throw new TypeError(`signal is an AbortSignal, not ${kindOf(signal)}`);
}

/** A signal that is aborted once one of these is. */
export function anySignal(one: Signal | undefined, other: Signal): Signal;
export function anySignal(one: Signal | undefined, other: Signal | undefined): Signal | undefined;
export function anySignal(one: Signal | undefined, other: Signal | undefined): Signal | undefined {
  if (one === undefined || one === other) return other;
  return other === undefined ? one : AbortSignal.any([one, other]);
}

/** The statement, to be cancelled by the signal unless it has one of its own. */
export function withSignal<S extends DriverStatement>(statement: S, signal: Signal | undefined): S {
  return signal === undefined || statement.signal !== undefined ? statement : { ...statement, signal };
}

/** Hands on what an iterator gives until the abort of a signal, which ends it at once, and the next step fails. */
export async function* untilAbort<T>(
  items: AsyncIterableIterator<T>,
  signal: Signal,
): AsyncGenerator<T, void, undefined> {
  const forget = onAbort(signal, () => void items.return?.().catch(() => {}));
  try {
    for await (const item of items) {
      yield item;
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
  } finally {
    forget();
  }
}

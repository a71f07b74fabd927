import { TimeoutError, UsageError } from "../errors.js";
import type { Holder } from "./permits.js";
import { timerDelay } from "./timer-delay.js";

/** A use of a driver that its `close()` waits for. */
export interface Lease {
  readonly holder: Holder;
}

/** Who uses a driver now, so that it is closed after the last of them, and used by nobody afterwards. */
export class Leases {
  readonly #taken = new Set<Lease>();
  #finished: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;

  /** @param what what is used, for messages: "blog.db" */
  constructor(readonly what: string) {}

  /** @throws UsageError after `close` */
  take(holder: Holder): Lease {
    this.check();
    const lease = { holder };
    this.#taken.add(lease);
    return lease;
  }

  /** @throws UsageError after `close` */
  check(): void {
    if (this.#finished !== undefined) throw new UsageError(`${this.what} was closed`);
  }

  give(lease: Lease): void {
    this.#taken.delete(lease);
    if (this.#taken.size === 0) this.#whenEmpty?.();
  }

  /**
   * Lets nobody in any more, waits for those who are, and runs `finish` after the last of them.
   *
   * @param timeout the longest wait, in milliseconds; `finish` runs even if the last of them leaves later
   * @throws UsageError where the flow that closes is one of them
   * @throws TimeoutError where one of them is still there after `timeout`
   */
  async close(timeout: number, finish: () => void | Promise<void>): Promise<void> {
    for (const { holder } of this.#taken) {
      if (!holder.ownsCurrentFlow()) continue;
      throw new UsageError(`${this.what} can't be closed from within ${holder.describe()}`);
    }
    this.#finished ??= this.#emptied().then(finish);
    const finished = this.#finished;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        if (this.#taken.size > 0) reject(this.#tooLate(timeout));
      }, timerDelay(timeout));
      finished.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  #emptied(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#taken.size === 0) resolve();
      else this.#whenEmpty = resolve;
    });
  }

  #tooLate(timeout: number): TimeoutError {
    const holders = [...this.#taken].slice(0, 3).map(({ holder }) => holder.describe());
    return new TimeoutError(`${this.what} was not closed within ${timeout} ms: it is used by ${holders.join(", ")}`);
  }
}

import { TimeoutError, UsageError } from "../errors.js";
import { onAbort, type Signal } from "./abort.js";
import { timerDelay } from "./timer-delay.js";

/** Who holds or awaits a permit, so that an error can name the places. */
export interface Holder {
  /** What it is and where it began: "the transaction begun at app.ts:12:5". Called when a wait fails. */
  describe(): string;
  /** Called when a wait begins, in the stack of the one who waits, so that `describe()` can name the place. */
  onWait?(): void;
  /** Whether the code that is running now was called from within this holder, so that waiting for it can't end. */
  ownsCurrentFlow(): boolean;
  /** Told how long it waited, in milliseconds, after each wait. */
  onWaited?(milliseconds: number): void;
}

/** A permit that was taken; give it back once. */
export interface Permit {
  readonly holder: Holder;
}

interface Waiter {
  readonly holder: Holder;
  readonly grant: (permit: Permit) => void;
}

/** A counting lock that is handed out in the order of asking: SQLite's one writer, a pool's connections. */
export class Permits {
  readonly #taken = new Set<Permit>();
  readonly #waiters: Waiter[] = [];

  /**
   * @param what what is waited for, for messages: "the write lock of blog.db"
   * @param capacity how many may hold it at a time
   */
  constructor(
    readonly what: string,
    readonly capacity: number,
  ) {}

  /** Whether a permit is to be had at once. */
  get isFree(): boolean {
    return this.#taken.size < this.capacity && this.#waiters.length === 0;
  }

  /** Takes a permit if one is free; never waits. */
  tryTake(holder: Holder): Permit | undefined {
    return this.isFree ? this.#add(holder) : undefined;
  }

  /**
   * Waits for a permit, behind those who asked before.
   *
   * @param timeout the longest wait, in milliseconds, or Infinity
   * @throws UsageError where all permits are held by the very flow that asks: the wait could not end
   * @throws TimeoutError after `timeout` milliseconds
   * @throws the signal's reason, at its abort
   */
  async take(holder: Holder, timeout: number, signal?: Signal): Promise<Permit> {
    signal?.throwIfAborted();
    if (this.isFree) return this.#add(holder);
    holder.onWait?.();
    if (this.#isHeldByCurrentFlow()) {
      throw new UsageError(
        `${holder.describe()} would wait for ever for ${this.what}: it is held by ${this.#describeHolders()}, in the same flow. ` +
          "Run it through that transaction (`Model.objects.using(tx)`; of a session, `session.objects(Model)` or " +
          "`session.begin()`), or end the transaction first.",
      );
    }
    const since = performance.now();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        holder,
        grant: (permit) => {
          clearTimeout(timer);
          forget?.();
          holder.onWaited?.(performance.now() - since);
          resolve(permit);
        },
      };
      const leave = (reason: unknown) => {
        clearTimeout(timer);
        forget?.();
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        holder.onWaited?.(performance.now() - since);
        reject(reason);
      };
      const timer = setTimeout(() => {
        const who = holder.describe();
        leave(
          new TimeoutError(`${who} waited ${timeout} ms for ${this.what}, which is held by ${this.#describeHolders()}`),
        );
      }, timerDelay(timeout));
      const forget = signal && onAbort(signal, () => leave(signal.reason));
      this.#waiters.push(waiter);
    });
  }

  /** Gives a permit back, to the first who waits; giving it back again does nothing. */
  give(permit: Permit): void {
    if (!this.#taken.delete(permit)) return;
    const next = this.#waiters.shift();
    if (next !== undefined) next.grant(this.#add(next.holder));
  }

  #add(holder: Holder): Permit {
    const permit = { holder };
    this.#taken.add(permit);
    return permit;
  }

  #isHeldByCurrentFlow(): boolean {
    for (const { holder } of this.#taken) if (!holder.ownsCurrentFlow()) return false;
    return this.#taken.size > 0;
  }

  #describeHolders(): string {
    return [...this.#taken]
      .slice(0, 3)
      .map(({ holder }) => holder.describe())
      .join(", ");
  }
}

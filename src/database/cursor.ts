import type { DriverResult } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { checkSize } from "../sql/check-count.js";

/**
 * Reads the rows of a select bit by bit: one consistent snapshot, in bounded memory. Nothing is sent before the first is
 * asked for. It frees itself when the last row was read, and is closed where a loop over it is left before.
 */
export class Cursor<R> implements AsyncIterable<R>, AsyncDisposable {
  readonly #batches: AsyncIterator<DriverResult>;
  readonly #read: (batch: DriverResult) => R[];
  readonly #onClose: () => void;
  #rows: R[] = [];
  /** How many of the rows have been given. */
  #given = 0;
  #isAtEnd = false;
  #isClosed = false;
  /** How many fetches are under way. */
  #fetches = 0;
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(batches: AsyncIterator<DriverResult>, read: (batch: DriverResult) => R[], onClose: () => void) {
    this.#batches = batches;
    this.#read = read;
    this.#onClose = onClose;
  }

  /** The next row, or null after the last. @throws QueryError and its kin; UsageError after `close()` */
  async fetchOne(): Promise<R | null> {
    const [row] = await this.#take(1);
    return row ?? null;
  }

  /** The next so many rows; fewer at the end. @throws as `fetchOne` */
  async fetchMany(count: number): Promise<R[]> {
    return this.#take(checkSize("fetchMany", count));
  }

  /** All rows that are left. @throws as `fetchOne` */
  fetchAll(): Promise<R[]> {
    return this.#take(Infinity);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    let isLeft = true;
    try {
      for (let row = await this.fetchOne(); row !== null; row = await this.fetchOne()) yield row;
      isLeft = false;
    } finally {
      if (isLeft) await this.close();
    }
  }

  /** Frees what the engine keeps for it, once the fetches that have begun have their rows. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#fetches > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    this.#rows = [];
    this.#given = 0;
    this.#end();
    await this.#batches.return?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #take(count: number): Promise<R[]> {
    if (this.#isClosed) throw new UsageError("the cursor is closed");
    this.#fetches += 1;
    try {
      const taken: R[] = [];
      do {
        const rows = this.#rows.slice(this.#given, this.#given + count - taken.length);
        this.#given += rows.length;
        for (const row of rows) taken.push(row);
      } while (taken.length < count && (await this.#fill()));
      return taken;
    } finally {
      this.#fetches -= 1;
      if (this.#fetches === 0) this.#onIdle?.();
    }
  }

  /** Reads the next batch. Whether there are rows to be given: who asked at the same time may have read some. */
  async #fill(): Promise<boolean> {
    const step = this.#isAtEnd ? undefined : await this.#next();
    if (step?.done === true) this.#end();
    else if (step !== undefined) {
      this.#rows = [...this.#rows.slice(this.#given), ...this.#read(step.value)];
      this.#given = 0;
    }
    return this.#given < this.#rows.length;
  }

  async #next(): Promise<IteratorResult<DriverResult>> {
    try {
      return await this.#batches.next();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#isAtEnd = true;
    this.#onClose();
  }
}

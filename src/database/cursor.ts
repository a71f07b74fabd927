import type { DriverResult } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { checkSize } from "../sql/check-count.js";

/**
 * Reads the rows of a select bit by bit: one consistent snapshot, in bounded memory. Nothing is sent before the first is
 * asked for. It frees itself when the last row was read, or a loop over it is left.
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
    try {
      for (let row = await this.fetchOne(); row !== null; row = await this.fetchOne()) yield row;
    } finally {
      await this.close();
    }
  }

  /** Frees what the engine keeps for it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#rows = [];
    this.#given = 0;
    this.#end();
    await this.#batches.return?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #take(count: number): Promise<R[]> {
    this.#checkOpen();
    const taken: R[] = [];
    do {
      const rows = this.#rows.slice(this.#given, this.#given + count - taken.length);
      this.#given += rows.length;
      for (const row of rows) taken.push(row);
    } while (taken.length < count && (await this.#fill()));
    return taken;
  }

  /** Reads the next batch. Whether there are rows to be given: who asked at the same time may have read some. */
  async #fill(): Promise<boolean> {
    const step = this.#isAtEnd ? undefined : await this.#next();
    this.#checkOpen();
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

  #checkOpen(): void {
    if (this.#isClosed) throw new UsageError("the cursor is closed");
  }
}

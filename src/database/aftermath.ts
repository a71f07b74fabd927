/** What the end of a transaction leads to in memory: what a rollback undoes, and who is called after the commit. */
export class Aftermath {
  readonly #undo: (() => void)[] = [];
  readonly #callbacks: (() => unknown)[] = [];
  #isUndone = false;
  /** Where all went that comes of a savepoint that was committed. */
  #outer: Aftermath | undefined;

  /** Where the rollback has been, undoes what the caller is about to do. */
  onRollback(undo: () => void): void {
    if (this.#isUndone) queueMicrotask(undo);
    else if (this.#outer !== undefined) this.#outer.onRollback(undo);
    else this.#undo.push(undo);
  }

  afterCommit(callback: () => unknown): void {
    this.#callbacks.push(callback);
  }

  /** Undoes, the last first. */
  undo(): void {
    this.#isUndone = true;
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  /** Leaves all to the transaction around this savepoint. */
  handTo(outer: Aftermath): void {
    this.#outer = outer;
    for (const undo of this.#undo.splice(0)) outer.#undo.push(undo);
    for (const callback of this.#callbacks.splice(0)) outer.#callbacks.push(callback);
  }

  /**
   * Calls back, one after another; what the first to fail threw is thrown once all were called. Undefined where there is
   * nobody to call.
   */
  callBack(): Promise<void> | undefined {
    // Instances keep their transaction; it must not keep them.
    this.#undo.length = 0;
    return this.#callbacks.length === 0 ? undefined : this.#callAll();
  }

  async #callAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const callback of this.#callbacks.splice(0)) {
      try {
        await callback();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

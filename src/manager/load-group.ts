/** How many instances keep each other alive: a weak reference to each by itself would cost a tenth of reading it. */
export const SIBLINGS = 8;

/**
 * The instances that came together, so that what one of them is asked for is loaded for all. Who keeps one instance of a
 * page does not keep the page, but a few of its siblings at most.
 */
export class LoadGroup {
  readonly #members: WeakRef<readonly object[]>[] = [];
  readonly #loading = new Map<object, Promise<unknown>>();

  add(siblings: readonly object[]): void {
    this.#members.push(new WeakRef(siblings));
  }

  /** Those that are still in use. */
  members(): object[] {
    return this.#members.flatMap((siblings) => siblings.deref() ?? []);
  }

  /** Runs one loading of a thing at a time: who asks while it runs waits for it. */
  load(what: object, work: () => Promise<unknown>): Promise<unknown> {
    const running = this.#loading.get(what);
    if (running !== undefined) return running;
    const done = work().finally(() => this.#loading.delete(what));
    this.#loading.set(what, done);
    return done;
  }
}

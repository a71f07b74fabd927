/**
 * The instances that came together, so that what one of them is asked for is loaded for all. Nothing but they keep it: it is
 * gone with the last of them.
 */
export class LoadGroup {
  readonly #loading = new Map<object, Promise<unknown>>();

  constructor(readonly members: readonly object[]) {}

  /** Runs one loading of a thing at a time: who asks while it runs waits for it. */
  load(what: object, work: () => Promise<unknown>): Promise<unknown> {
    const running = this.#loading.get(what);
    if (running !== undefined) return running;
    const done = work().finally(() => this.#loading.delete(what));
    this.#loading.set(what, done);
    return done;
  }
}

/**
 * The instances that came together, so that what one of them is asked for is loaded for all. Nothing but they keep it: it is
 * gone with the last of them.
 */
export class LoadGroup {
  readonly #loading = new Map<object, Loading>();

  constructor(readonly members: readonly object[]) {}

  /**
   * Runs one loading of a thing at a time: who asks while it runs waits for it. Who is in another place does not, as that may
   * be a transaction for which the loading waits.
   */
  load(what: object, place: object, work: () => Promise<unknown>): Promise<unknown> {
    const running = this.#loading.get(what);
    if (running !== undefined) return running.place === place ? running.done : work();
    const done = work().finally(() => this.#loading.delete(what));
    this.#loading.set(what, { place, done });
    return done;
  }
}

interface Loading {
  readonly place: object;
  readonly done: Promise<unknown>;
}

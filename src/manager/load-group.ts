/**
 * The instances that came together, so that what one of them is asked for is loaded for all. It keeps none of them alive:
 * who keeps one instance of a page does not keep the page.
 */
export class LoadGroup {
  readonly #members: readonly WeakRef<object>[];
  readonly #loading = new Map<object, Promise<unknown>>();

  constructor(members: readonly object[]) {
    this.#members = members.map((member) => new WeakRef(member));
  }

  /** Those that are still in use. */
  members(): object[] {
    return this.#members.flatMap((member) => member.deref() ?? []);
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

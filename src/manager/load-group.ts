/** How many instances that came together keep each other: a weak reference to each by itself would cost too much. */
const SIBLINGS = 8;

/**
 * How many instances come together as a page, and how many are made in pages before the next turn of the event loop is
 * waited for. More would outlive the collections of garbage that they could be gone by.
 */
const PAGE = 500;

/** The pages of this turn of the event loop, and what ends it. */
let fresh: LoadGroup[] = [];
let freshCount = 0;
let turn: Promise<void> | undefined;

/**
 * The instances that came together, so that what one of them is asked for is loaded for all.
 *
 * Who keeps one instance of a page is not to keep the page. In the turn of the event loop in which it is made, a group keeps
 * its members; after that, each member keeps a few siblings, and the group knows them weakly. (A weak reference that is made
 * at once would be strong until that turn ends, which on a synchronous driver a loop of awaits doesn't do.) What is larger
 * than a page is kept whole.
 */
export class LoadGroup {
  #siblings: (readonly object[])[] = [];
  #weakly: readonly WeakRef<readonly object[]>[] = [];
  readonly #loading = new Map<object, Loading>();

  /** How many of so many members keep each other. */
  static siblings(count: number): number {
    return count > PAGE ? count : SIBLINGS;
  }

  constructor(count: number) {
    if (count > PAGE) return;
    fresh.push(this);
    freshCount += count;
    turn ??= new Promise((resolve) => setImmediate(() => endTurn(resolve)));
  }

  /** Members that keep each other. */
  add(siblings: readonly object[]): void {
    this.#siblings.push(siblings);
  }

  /** Those that are still in use. */
  get members(): readonly object[] {
    return [...this.#siblings, ...this.#weakly.map((some) => some.deref() ?? [])].flat();
  }

  /** Keeps its members no longer. */
  weaken(): void {
    this.#weakly = this.#siblings.map((some) => new WeakRef(some));
    this.#siblings = [];
  }

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

function endTurn(resolve: () => void): void {
  for (const group of fresh) group.weaken();
  fresh = [];
  freshCount = 0;
  turn = undefined;
  resolve();
}

/** The end of this turn of the event loop, where so much was read in it that it is time for one. */
export function turnIfDue(): Promise<void> | undefined {
  return freshCount > PAGE ? turn : undefined;
}

/** The most instances of a page. What is larger is kept whole: a weak reference to each would hold much itself. */
const PAGE = 10_000;

/**
 * How many instances may be made in pages before the next turn of the event loop is waited for. More would outlive the
 * collections of garbage that they could be gone by.
 */
const MOST_IN_TURN = 500;

/** The pages of this turn of the event loop, and what ends it. */
let fresh: LoadGroup[] = [];
let freshCount = 0;
let turn: Promise<void> | undefined;

/**
 * The instances that came together, so that what one of them is asked for is loaded for all.
 *
 * Who keeps one instance of a page is not to keep the page: a group keeps its members in the turn of the event loop in which
 * they are made, and knows them weakly after that. (A weak reference that is made at once would be strong until that turn
 * ends, which on a synchronous driver a loop of awaits doesn't do.)
 */
export class LoadGroup {
  #members: readonly object[];
  #weakly: readonly WeakRef<object>[] | undefined;
  readonly #loading = new Map<object, Loading>();

  constructor(members: readonly object[]) {
    this.#members = members;
    if (members.length > PAGE) return;
    fresh.push(this);
    freshCount += members.length;
    turn ??= new Promise((resolve) => setImmediate(() => endTurn(resolve)));
  }

  /** Those that are still in use. */
  get members(): readonly object[] {
    return this.#weakly?.flatMap((member) => member.deref() ?? []) ?? this.#members;
  }

  /** Keeps its members no longer. */
  weaken(): void {
    this.#weakly = this.#members.map((member) => new WeakRef(member));
    this.#members = [];
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
  return freshCount > MOST_IN_TURN ? turn : undefined;
}

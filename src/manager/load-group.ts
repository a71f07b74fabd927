import { keepShape } from "../shapes.js";

/** How many weak references there are to a result at most: of more instances, those next to each other keep each other. */
const PARTS = 100;

/**
 * How many instances may be made in pages before the next turn of the event loop is waited for. More would outlive the
 * collections of garbage that they could be gone by.
 */
const MOST_IN_TURN = 500;

/** The pages of this turn of the event loop, and what ends it. */
const fresh: LoadGroup[] = [];
let freshCount = 0;
let turn: Promise<void> | undefined;

/**
 * The instances that came together, so that what one of them is asked for is loaded for all.
 *
 * Who keeps one instance of a page is not to keep the page: a group keeps its members in the turn of the event loop in which
 * they are made, and knows them weakly after that. (A weak reference that is made at once would be strong until that turn
 * ends, which on a synchronous driver a loop of awaits doesn't do.) Of a larger result, the instances of a hundredth keep each other.
 */
export class LoadGroup {
  /** Members, or lists of siblings. */
  #parts: object[] = [];
  #weakly: readonly WeakRef<object>[] = [];
  readonly #loading = new Map<object, Loading>();

  /** How many of so many members are to keep each other. */
  static siblings(count: number): number {
    return Math.ceil(count / PARTS);
  }

  /** A group for so many members. */
  static of(count: number): LoadGroup {
    const group = new LoadGroup();
    fresh.push(group);
    freshCount += count;
    turn ??= new Promise((resolve) => setImmediate(() => endTurn(resolve)));
    return group;
  }

  /** A member, or siblings, which keep each other. */
  add(part: object | readonly object[]): void {
    this.#parts.push(part);
  }

  /** Those that are still in use. */
  get members(): readonly object[] {
    return [...this.#parts, ...this.#weakly.map((part) => part.deref() ?? [])].flat();
  }

  /** Keeps its members no longer. */
  weaken(): void {
    this.#weakly = this.#parts.map((part) => new WeakRef(part));
    this.#parts = [];
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

keepShape(LoadGroup, () => new LoadGroup());

interface Loading {
  readonly place: object;
  readonly done: Promise<unknown>;
}

function endTurn(resolve: () => void): void {
  // The list is emptied, and used again: what an old one held would be kept as long as that.
  for (let group = fresh.pop(); group !== undefined; group = fresh.pop()) group.weaken();
  freshCount = 0;
  turn = undefined;
  // What is known weakly is kept to the end of this turn too, and would be through all that goes on in it.
  setImmediate(resolve);
}

/** The end of this turn of the event loop, where so much was read in it that it is time for one. */
export function turnIfDue(): Promise<void> | undefined {
  return freshCount > MOST_IN_TURN ? turn : undefined;
}

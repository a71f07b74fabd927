/** How many instances that came later are made before a group that is still in use keeps its members weakly. */
const LATER = 50_000;

/** The groups that keep their members, the oldest first, and how many instances had been made when each was. */
const young: { readonly group: WeakRef<LoadGroup>; readonly made: number }[] = [];
let made = 0;
let madeAtTurn = 0;

/**
 * The instances that came together, so that what one of them is asked for is loaded for all.
 *
 * Who keeps one instance of a page is not to keep the page: a group that has grown old keeps its members weakly. Not from the
 * start, as weak references to all would cost a tenth of reading them, and most groups are gone soon.
 */
export class LoadGroup {
  #members: readonly object[] | undefined;
  #weakMembers: readonly WeakRef<object>[] = [];
  readonly #loading = new Map<object, Promise<unknown>>();

  constructor(members: readonly object[]) {
    this.#members = members;
    made += members.length;
    young.push({ group: new WeakRef(this), made });
    for (let [oldest] = young; oldest !== undefined && made - oldest.made > LATER; [oldest] = young) {
      young.shift();
      oldest.group.deref()?.weaken();
    }
  }

  private weaken(): void {
    this.#weakMembers = this.members().map((member) => new WeakRef(member));
    this.#members = undefined;
  }

  /** Those that are still in use. */
  members(): readonly object[] {
    return this.#members ?? this.#weakMembers.flatMap((member) => member.deref() ?? []);
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

/**
 * Lets the event loop turn where many instances were made since it did: until then, JavaScript keeps everything to which a
 * weak reference was made, and where the driver is synchronous, a loop of awaits doesn't turn it.
 */
export function turnIfDue(): Promise<void> | undefined {
  if (made - madeAtTurn <= LATER) return undefined;
  madeAtTurn = made;
  return new Promise((resolve) => setImmediate(resolve));
}

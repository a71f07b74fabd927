import type { Signal } from "../drivers/abort.js";
import type { Waiting } from "../drivers/driver.js";
import type { Holder } from "../drivers/permits.js";
import type { Asker } from "./events.js";
import { Place } from "./place.js";

/** How a statement by itself waits; shared by all, as few of them ever do. */
export class StatementWaiting implements Waiting {
  constructor(
    readonly timeout: number,
    readonly signal?: Signal,
  ) {}

  get holder(): Holder {
    return new StatementHolder();
  }
}

/** A statement by itself, whose place is looked for when it has to wait; or a connection, which remembers where it began. */
export class StatementHolder implements Holder {
  #place: Place | undefined;

  constructor(readonly what: "statement" | "connection" = "statement") {
    if (what === "connection") this.#place = new Place();
  }

  onWait(): void {
    this.#place ??= new Place();
  }

  describe(): string {
    this.#place ??= new Place();
    return `the ${this.what} at ${this.#place}`;
  }

  ownsCurrentFlow(): boolean {
    return false;
  }
}

/** A statement by itself that somebody wants to hear of. */
export class WatchedStatement extends StatementHolder implements Asker {
  readonly told = undefined;
  #waited = 0;

  onWaited(milliseconds: number): void {
    this.#waited += milliseconds;
  }

  takeWaited(): number {
    const waited = this.#waited;
    this.#waited = 0;
    return waited;
  }
}

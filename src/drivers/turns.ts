import { setImmediate } from "node:timers";

/** How long a synchronous driver may keep the event loop from anything else, in milliseconds. */
const LONGEST = 10;

/** When work began in this turn of the event loop; undefined where none has. */
let since: number | undefined;
/** Who waits for the next turn. */
let next: Promise<void> | undefined;
let begin: (() => void) | undefined;

/**
 * The next turn of the event loop, where a driver has worked for long in this one: timers, signals and sockets come to
 * nothing while one synchronous statement follows another. All who ask in one turn are let on in the order of asking.
 */
export function turnIfDue(): Promise<void> | undefined {
  if (since === undefined) {
    since = performance.now();
    setImmediate(turned);
    return undefined;
  }
  if (next === undefined && performance.now() - since < LONGEST) return undefined;
  next ??= new Promise((resolve) => {
    begin = resolve;
  });
  return next;
}

function turned(): void {
  since = undefined;
  next = undefined;
  begin?.();
  begin = undefined;
}

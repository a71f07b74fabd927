/** The longest that a timer of Node waits, in milliseconds; asked for more, it ends at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** A limit, which may be `Infinity`, as a timer takes it: 24 days stand for all that is longer. */
export function timerDelay(milliseconds: number): number {
  return Math.min(milliseconds, LONGEST_DELAY);
}

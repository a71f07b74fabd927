import type { MaybePromise } from "../drivers/driver.js";

/** Goes on with an answer at once where it is there, so that a synchronous driver costs no turn of the event loop. */
export function andThen<T, U>(answer: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}

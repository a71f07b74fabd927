import { AsyncLocalStorage } from "node:async_hooks";

interface Flow {
  readonly owner: object;
  readonly outer: Flow | undefined;
}

const flows = new AsyncLocalStorage<Flow>();
let running = 0;

/**
 * Runs a function so that whatever it calls, across `await`, can be told to be called from within `owner`. Following
 * asynchronous calls makes every `await` of the process slower, so it is switched on only while such a function runs.
 */
export async function runInFlow<T>(owner: object, work: () => Promise<T> | T): Promise<T> {
  running++;
  try {
    return await flows.run({ owner, outer: flows.getStore() }, work);
  } finally {
    if (--running === 0) flows.disable();
  }
}

/** Whether the code that is running now was called from a function that runs in `owner`'s flow. */
export function isInFlowOf(owner: object): boolean {
  if (running === 0) return false;
  for (let flow = flows.getStore(); flow !== undefined; flow = flow.outer) if (flow.owner === owner) return true;
  return false;
}

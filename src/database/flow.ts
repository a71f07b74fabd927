import { AsyncLocalStorage } from "node:async_hooks";

interface Flow {
  readonly owner: object;
  readonly outer: Flow | undefined;
}

const flows = new AsyncLocalStorage<Flow>();

/** How long following asynchronous calls stays switched on after its last use, in milliseconds. */
const REST = 1000;
let running = 0;
let isUsed = false;
let rest: NodeJS.Timeout | undefined;

/**
 * Runs a function so that whatever it calls, across `await`, can be told to be called from within `owner`. Before Node 24
 * following asynchronous calls makes every `await` of the process slower, and switching it on and off costs more still,
 * so it is switched off once it has not been used for a while.
 */
export async function runInFlow<T>(owner: object, work: () => Promise<T> | T): Promise<T> {
  running++;
  isUsed = true;
  rest ??= setInterval(switchOffUnused, REST).unref();
  try {
    return await flows.run({ owner, outer: flows.getStore() }, work);
  } finally {
    running--;
  }
}

function switchOffUnused(): void {
  if (running > 0 || isUsed) {
    isUsed = false;
    return;
  }
  clearInterval(rest);
  rest = undefined;
  flows.disable();
}

/** Runs a function so that nothing that it calls is in the flow of its caller: what waits for others waits for that too. */
export function runOutOfFlow<T>(work: () => T): T {
  return running === 0 ? work() : flows.exit(work);
}

/** The flow that the code that is running now belongs to, to tell it from others; undefined outside of any. */
export function currentFlow(): object | undefined {
  return running === 0 ? undefined : flows.getStore();
}

/** Whether the code that is running now was called from a function that runs in `owner`'s flow. */
export function isInFlowOf(owner: object): boolean {
  if (running === 0) return false;
  for (let flow = flows.getStore(); flow !== undefined; flow = flow.outer) if (flow.owner === owner) return true;
  return false;
}

/** An AbortSignal, where the types of Node.js or of a browser are there: the package's own types do without them. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : never;

/** What is to be called at a signal's abort, and the one listener that does. */
interface Heard {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

/** One listener for each signal, however much hangs on it: Node warns of more than ten as of a leak. */
const signals = new WeakMap<Signal, Heard>();

/** Calls back at the abort of a signal, once; gives what stops listening. */
export function onAbort(signal: Signal, callback: () => void): () => void {
  const heard = signals.get(signal) ?? listenTo(signal);
  const own = () => callback();
  heard.callbacks.add(own);
  return () => {
    if (heard.callbacks.delete(own) && heard.callbacks.size === 0) stopListening(signal, heard);
  };
}

function listenTo(signal: Signal): Heard {
  const callbacks = new Set<() => void>();
  const listener = () => {
    stopListening(signal, heard);
    for (const callback of callbacks) callback();
  };
  const heard = { callbacks, listener };
  signals.set(signal, heard);
  signal.addEventListener("abort", listener);
  return heard;
}

function stopListening(signal: Signal, { listener }: Heard): void {
  signal.removeEventListener("abort", listener);
  signals.delete(signal);
}

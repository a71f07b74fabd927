import { setImmediate } from "node:timers/promises";

/** Bytes that are in use once the garbage is collected: of the JavaScript heap, and of what it holds outside. */
export async function memoryInUse(): Promise<{ heap: number; external: number }> {
  // A WeakRef that was read is held to the end of the task.
  for (let time = 0; time < 2; time++) {
    await setImmediate();
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

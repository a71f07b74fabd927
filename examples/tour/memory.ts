import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** The memory that is held now, garbage left out, in bytes. */
function heldMemory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Tells how much more memory was held at the fullest of the moments it looked than when it was made, in MB. */
export class MemoryWatch {
  readonly #before = heldMemory();
  #most = 0;

  look(): void {
    this.#most = Math.max(this.#most, heldMemory() - this.#before);
  }

  get mostInMegabytes(): number {
    return Math.round(this.#most / 100_000) / 10;
  }
}

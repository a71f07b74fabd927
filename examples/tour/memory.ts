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

/** Tells how much more memory was held at the fullest of the moments it looked than when it was made. */
export class MemoryWatch {
  readonly #before = heldMemory();
  #most = 0;

  look(): void {
    this.#most = Math.max(this.#most, heldMemory() - this.#before);
  }

  /** The most, to be read: "84 MB", or "under 1 MB". */
  get mostHeld(): string {
    const megabytes = Math.round(this.#most / 1_000_000);
    return megabytes < 1 ? "under 1 MB" : `${megabytes} MB`;
  }
}

import { fileURLToPath } from "node:url";

let own: string | undefined;

/**
 * The folder of rowkeeper's own code: src/, where this is src/database/place.ts, or dist/, where it is a part of a file. Undefined
 * where a program was bundled into CommonJS, which knows no import.meta.
 */
function ownFolder(): string | undefined {
  const { url }: { readonly url?: string } = import.meta;
  if (url !== undefined) own ??= fileURLToPath(new URL(".", url)).replace(/database[\\/]$/, "");
  return own;
}

/** rowkeeper's own frames come first, and can be more than the ten that are kept by default. */
const DEPTH = 40;

/** How many frames are looked through by what users call directly; each takes a quarter of a microsecond. */
export const NEAR = 5;

/** Where in the user's code something began. Cheap to make; the stack is read when it is asked for. */
export class Place {
  readonly #error: Error;

  /** @param depth how many frames to look through; the more, the longer it takes */
  constructor(depth = DEPTH) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = depth;
    this.#error = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** "app.ts:12:5", or what is said otherwise where no frame of the stack can be told to be the user's own. */
  toString(otherwise = "an unknown place"): string {
    const folder = ownFolder();
    if (folder === undefined) return otherwise;
    const frames = (this.#error.stack ?? "").split("\n").slice(1);
    const frame = frames.find((line) => !line.includes(folder) && !line.includes("node:") && /:\d+:\d+/.test(line));
    const place = frame === undefined ? undefined : /(?:\(|at (?:async )?)([^(]+:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    return place?.replace(/^file:\/\//, "") ?? otherwise;
  }
}

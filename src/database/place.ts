import { fileURLToPath } from "node:url";

/** The folder of rowkeeper's own code, whose frames are of no interest to its users. */
const OWN = fileURLToPath(new URL("..", import.meta.url));

/** Where in the user's code something began. Cheap to make; the stack is read when it is asked for. */
export class Place {
  readonly #error = new Error();

  /** "app.ts:12:5", or "an unknown place". */
  toString(): string {
    const frames = (this.#error.stack ?? "").split("\n").slice(1);
    const frame = frames.find((line) => !line.includes(OWN) && !line.includes("node:") && /:\d+:\d+/.test(line));
    const place = frame === undefined ? undefined : /\(?([^()\s]+:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    return place?.replace(/^file:\/\//, "") ?? "an unknown place";
  }
}

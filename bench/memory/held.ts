import { join } from "node:path";
import type { Engine } from "../engines/engine.js";
import type { EngineName } from "../subject.js";
import { runChild } from "./run-child.js";

/** What is held: of all rows, what one reading gave. */
export const heldWays = ["driver", "expert", "rowkeeper", "rowkeeper-read"] as const;
export type HeldWay = (typeof heldWays)[number];

/** The rows that are held. */
export const heldRows = 100_000;

/** What the rows take, in bytes. */
export interface Held {
  readonly heap: number;
  /** Outside of the heap, held by what is in it: buffers. */
  readonly external: number;
}

export interface HeldResult extends Held {
  readonly engine: EngineName;
  readonly way: HeldWay;
}

/** What 100 000 rows take while they are held, the garbage collected; each way in a process of its own. */
export async function measureHeld(directory: string, name: EngineName, engine: Engine): Promise<HeldResult[]> {
  const database = await engine.fresh();
  try {
    await database.grow(heldRows);
    const results: HeldResult[] = [];
    for (const way of heldWays) {
      const script = join(directory, "memory", "held-child.js");
      const held = await runChild<Held>(`${name}, rows held by ${way}`, script, [name, database.location, way]);
      results.push({ engine: name, way, ...held });
    }
    return results;
  } finally {
    await database.drop();
  }
}

/** How much more rowkeeper's instances hold than the driver's objects, nothing of either read; in bytes. */
export function heldBeyondDriver(results: readonly HeldResult[], engine: EngineName): number {
  const held = (way: HeldWay) => {
    const found = results.find((result) => result.engine === engine && result.way === way);
    return found === undefined ? 0 : found.heap + found.external;
  };
  return held("rowkeeper") - held("driver");
}

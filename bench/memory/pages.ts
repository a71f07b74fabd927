import { join } from "node:path";
import type { Engine } from "../engines/engine.js";
import type { EngineName } from "../subject.js";
import { runChild } from "./run-child.js";

/** Whether what one instance is asked for is loaded for all that came with it. */
export const pageWays = ["together", "alone"] as const;
export type PageWay = (typeof pageWays)[number];

/** The pages that are read, and after how many the heap is looked at first. */
export const pageCount = 1000;
export const firstPages = 100;

/** Bytes of the heap in use, the garbage collected. */
export interface PagesHeap {
  readonly afterFirst: number;
  readonly afterAll: number;
}

export interface PagesResult extends PagesHeap {
  readonly engine: EngineName;
  readonly way: PageWay;
}

/** What the heap holds while pages are read and one instance of each is kept. */
export async function measurePages(directory: string, name: EngineName, engine: Engine): Promise<PagesResult[]> {
  const database = await engine.fresh();
  try {
    const results: PagesResult[] = [];
    for (const way of pageWays) {
      const script = join(directory, "memory", "pages-child.js");
      const heap = await runChild<PagesHeap>(`${name}, pages ${way}`, script, [database.location, way]);
      results.push({ engine: name, way, ...heap });
    }
    return results;
  } finally {
    await database.drop();
  }
}

/** How much more the heap grows, by all instances that came with a kept one, than by what is kept; in bytes. */
export function growthBeyond(results: readonly PagesResult[], engine: EngineName): number {
  const growth = (way: PageWay) => {
    const found = results.find((result) => result.engine === engine && result.way === way);
    return found === undefined ? 0 : found.afterAll - found.afterFirst;
  };
  return growth("together") - growth("alone");
}

import type { DriverResult } from "../drivers/driver.js";

/** The batches of a cursor, each made into something else. Leaving early leaves the cursor. */
export async function* mapChunks<T>(
  batches: AsyncIterable<DriverResult>,
  map: (rows: unknown[][]) => T | Promise<T>,
): AsyncGenerator<T, void, undefined> {
  for await (const { rows } of batches) if (rows.length > 0) yield await map(rows);
}

/** The batches of a cursor, each made into something else. Leaving early leaves the cursor. */
export async function* mapChunks<T>(
  batches: AsyncIterable<unknown[][]>,
  map: (rows: unknown[][]) => T | Promise<T>,
): AsyncGenerator<T, void, undefined> {
  for await (const rows of batches) if (rows.length > 0) yield await map(rows);
}

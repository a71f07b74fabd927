import { Entry } from "./models.js";

const COLUMNS = [Entry.c.id, Entry.c.rank, Entry.c.id, Entry.c.rank, Entry.c.id];
const OPERATORS = ["eq", "ne", "lt", "lte", "gt", "gte"] as const;
/** How many are started together. */
const TOGETHER = 100;

/** Runs the selects of these numbers, each of another shape; in one transaction, where they needn't wait for each other. */
export async function selectShapes(numbers: readonly number[]): Promise<void> {
  await Entry.objects.transaction(async (tx) => {
    for (let done = 0; done < numbers.length; done += TOGETHER) {
      const together = numbers.slice(done, done + TOGETHER);
      await Promise.all(together.map((shape) => tx.getItems({ where: conditionsOf(shape), limit: 1 })));
    }
  });
}

/** The digits of a number say which operators there are. */
const conditionsOf = (shape: number) =>
  COLUMNS.map((column, place) => column[OPERATORS[Math.floor(shape / 6 ** place) % 6] ?? "eq"](1));

/** The whole numbers from one to before another. */
export const numbersFrom = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

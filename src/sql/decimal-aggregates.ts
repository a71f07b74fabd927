import type { SqliteAggregate } from "../drivers/sqlite-types.js";
import { decimalSortKey } from "./decimal.js";
import { averageOf, type Decimal, readDecimal, rescale, writeDecimal } from "./decimal-arithmetic.js";

/** The sum of the numbers that are in it. */
class Total {
  #sum = 0n;
  /** The longest scale that has been in it, which `#sum` has. */
  #scale = 0;
  #count = 0;
  /** How many numbers of each scale are in it: the sum's scale is the longest of them. */
  readonly #scales = new Map<number, number>();

  get count(): number {
    return this.#count;
  }

  get sum(): Decimal {
    return rescale({ digits: this.#sum, scale: this.#scale }, Math.max(0, ...this.#scales.keys()));
  }

  add(number: Decimal): void {
    if (number.scale > this.#scale) {
      this.#sum = rescale({ digits: this.#sum, scale: this.#scale }, number.scale).digits;
      this.#scale = number.scale;
    }
    this.#sum += rescale(number, this.#scale).digits;
    this.#note(number.scale, 1);
  }

  takeOut(number: Decimal): void {
    this.#sum -= rescale(number, this.#scale).digits;
    this.#note(number.scale, -1);
  }

  #note(scale: number, change: 1 | -1): void {
    this.#count += change;
    const numbers = (this.#scales.get(scale) ?? 0) + change;
    if (numbers === 0) this.#scales.delete(scale);
    else this.#scales.set(scale, numbers);
  }
}

const sumOf = (total: Total): string | null => (total.count === 0 ? null : writeDecimal(total.sum));

const averageOfTotal = (total: Total): string | null =>
  total.count === 0 ? null : writeDecimal(averageOf(total.sum, BigInt(total.count)));

const ofTotal = (result: (total: Total) => string | null): SqliteAggregate<Total> => ({
  start: () => new Total(),
  step(total, value) {
    if (value !== null) total.add(readDecimal(value));
  },
  inverse(total, value) {
    if (value !== null) total.takeOut(readDecimal(value));
  },
  result,
});

/** `sum(…)` as a decimal text, exact; null where there is no number. */
export const decimalSum = ofTotal(sumOf);

/** `avg(…)` as a decimal text; null where there is no number. */
export const decimalAverage = ofTotal(averageOfTotal);

/** A total of numbers, each once. */
interface DistinctTotal {
  readonly seen: Set<string>;
  readonly total: Total;
}

const ofDistinct = (result: (total: Total) => string | null): SqliteAggregate<DistinctTotal> => ({
  start: () => ({ seen: new Set(), total: new Total() }),
  step({ seen, total }, value) {
    if (value === null) return;
    const key = decimalSortKey(String(value));
    if (seen.has(key)) return;
    seen.add(key);
    total.add(readDecimal(value));
  },
  result: ({ total }) => result(total),
});

/** `sum(distinct …)`, for which "1.5" and "1.50" are one number; SQLite's own `distinct` compares texts. */
export const distinctDecimalSum = ofDistinct(sumOf);

/** `avg(distinct …)`, for which "1.5" and "1.50" are one number. */
export const distinctDecimalAverage = ofDistinct(averageOfTotal);

type IsBetter = (key: string, than: string) => boolean;

const isSmaller: IsBetter = (key, than) => key < than;
const isLarger: IsBetter = (key, than) => key > than;

interface Candidate {
  readonly place: number;
  readonly key: string;
  readonly value: unknown;
}

/**
 * The values that are the best of those in the frame, or will be once those before them have left it: each is better
 * than all that came after it.
 */
class Candidates {
  readonly #isBetter: IsBetter;
  readonly #candidates: Candidate[] = [];
  #entered = 0;
  #left = 0;

  constructor(isBetter: IsBetter) {
    this.#isBetter = isBetter;
  }

  get best(): unknown {
    return this.#candidates[0]?.value ?? null;
  }

  add(value: unknown): void {
    const key = decimalSortKey(String(value));
    // Of equal numbers the last one stays, as in PostgreSQL.
    for (let last = this.#candidates.at(-1); last !== undefined; last = this.#candidates.at(-1)) {
      if (this.#isBetter(last.key, key)) break;
      this.#candidates.pop();
    }
    this.#candidates.push({ place: this.#entered++, key, value });
  }

  /** Takes out what was added first; rows leave a frame in the order in which they entered it. */
  takeOutFirst(): void {
    if (this.#candidates[0]?.place === this.#left++) this.#candidates.shift();
  }
}

const ofFrame = (isBetter: IsBetter): SqliteAggregate<Candidates> => ({
  start: () => new Candidates(isBetter),
  step(candidates, value) {
    if (value !== null) candidates.add(value);
  },
  inverse(candidates, value) {
    if (value !== null) candidates.takeOutFirst();
  },
  result: (candidates) => candidates.best,
});

/** `min(…)` by the numbers' order, as the value is kept. */
export const decimalMinimum = ofFrame(isSmaller);

/** `max(…)` by the numbers' order, as the value is kept. */
export const decimalMaximum = ofFrame(isLarger);

interface Best {
  key: string | undefined;
  value: unknown;
}

const ofGroup = (isBetter: IsBetter): SqliteAggregate<Best> => ({
  start: () => ({ key: undefined, value: null }),
  step(best, value) {
    if (value === null) return;
    const key = decimalSortKey(String(value));
    if (best.key !== undefined && isBetter(best.key, key)) return;
    best.key = key;
    best.value = value;
  },
  result: (best) => best.value,
});

/** The same as `decimalMinimum` in constant memory, but no window function: values can't be taken out. */
export const groupMinimum = ofGroup(isSmaller);

/** The same as `decimalMaximum` in constant memory, but no window function. */
export const groupMaximum = ofGroup(isLarger);

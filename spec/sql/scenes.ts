/** Rows of one column and operands for them, and what JavaScript expects of conditions on them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Condition, type Database, not } from "../../src/index.js";
import type { EqualSubject } from "./oracle.js";
import { Specimen } from "./specimen.js";

/** Some rows, nulls among them, and operands, of which some are values of the rows. */
export function scenes<T>({ values }: Pick<EqualSubject<T>, "values">) {
  return fc.array(values, { minLength: 1, maxLength: 6 }).chain((pool) => {
    const value = fc.oneof(fc.constantFrom(...pool), values);
    return fc.record({
      rows: fc.array(fc.option(value, { freq: 4 }), { maxLength: 10 }),
      operands: fc.tuple(value, value),
      list: fc.array(fc.option(value, { freq: 5 }), { maxLength: 4 }),
    });
  });
}

export async function insertRows<T>(
  db: Database,
  { row }: Pick<EqualSubject<T>, "row">,
  rows: readonly (T | null)[],
): Promise<number[]> {
  await db.objects(Specimen).delete("all");
  return (await db.objects(Specimen).insertMany(rows.map(row))).map(({ id }) => id);
}

/** Whether a condition is true of a value; null where that is unknown. */
export type Verdict<T> = (value: T | null, place: number) => boolean | null;

/** The verdict of an operator that knows nothing of nulls. */
export const unlessNull =
  <T>(choose: (value: T, place: number) => boolean): Verdict<T> =>
  (value, place) =>
    value === null ? null : choose(value, place);

/** The keys of the rows that fulfil a condition, by the database. */
export type Finder = (where: Condition) => Promise<readonly { readonly id: number }[]>;

/** Conditions, and the same negated, choose the rows of which they are true, or false. */
export async function checkVerdictsBy<T>(
  find: Finder,
  ids: readonly number[],
  rows: readonly (T | null)[],
  wanted: readonly (readonly [Condition, Verdict<T>])[],
): Promise<void> {
  const chosen = async (where: Condition) => (await find(where)).map(({ id }) => ids.indexOf(id)).sort((a, b) => a - b);
  for (const [i, [condition, verdict]] of wanted.entries()) {
    const places = (said: boolean) => rows.flatMap((value, place) => (verdict(value, place) === said ? [place] : []));
    assert.deepEqual(await chosen(condition), places(true), `condition ${i}`);
    assert.deepEqual(await chosen(not(condition)), places(false), `not of condition ${i}`);
  }
}

/** The same of rows of specimens. */
export function checkVerdicts<T>(
  db: Database,
  ids: readonly number[],
  rows: readonly (T | null)[],
  wanted: readonly (readonly [Condition, Verdict<T>])[],
): Promise<void> {
  return checkVerdictsBy((where) => db.objects(Specimen).getItems({ where, columns: ["id"] }), ids, rows, wanted);
}

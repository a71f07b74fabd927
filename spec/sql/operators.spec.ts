import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { Condition, Database, Order } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { EQUAL, type EqualSubject, ORDERED, type OrderedSubject } from "./oracle.js";
import { Specimen } from "./specimen.js";

const RUNS = { numRuns: 40 };

/** Some rows, nulls among them, and operands, of which some are values of the rows. */
function scenes<T>({ values }: EqualSubject<T>) {
  return fc.array(values, { minLength: 1, maxLength: 6 }).chain((pool) => {
    const value = fc.oneof(fc.constantFrom(...pool), values);
    return fc.record({
      rows: fc.array(fc.option(value, { freq: 4 }), { maxLength: 10 }),
      operands: fc.tuple(value, value),
      list: fc.array(fc.option(value, { freq: 5 }), { maxLength: 4 }),
    });
  });
}

/** The places of the rows that fulfil a condition, by the database. */
async function selected(db: Database, ids: readonly number[], where: Condition): Promise<number[]> {
  const found = await db.objects(Specimen).getItems({ where, columns: ["id"], orderBy: "id" });
  return found.map(({ id }) => ids.indexOf(id));
}

/** The places of the values that JavaScript chooses. Nulls it never sees, as SQL's comparisons are unknown for them. */
function expected<T>(rows: readonly (T | null)[], choose: (value: T) => boolean): number[] {
  return rows.flatMap((value, place) => (value !== null && choose(value) ? [place] : []));
}

const nulls = (rows: readonly unknown[]) => rows.flatMap((value, place) => (value === null ? [place] : []));
const sorted = (places: readonly number[]) => [...places].sort((a, b) => a - b);

async function insertRows<T>(db: Database, subject: EqualSubject<T>, rows: readonly (T | null)[]): Promise<number[]> {
  await db.objects(Specimen).delete("all");
  return (await db.objects(Specimen).insertMany(rows.map(subject.row))).map(({ id }) => id);
}

async function checkEquality<T>(db: Database, subject: EqualSubject<T>): Promise<void> {
  const { column, isEqual } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows, operands: [operand], list }) => {
      const ids = await insertRows(db, subject, rows);
      const isIn = (value: T) => list.some((item) => item !== null && isEqual(item, value));
      const hasNull = list.includes(null);
      const isNotIn =
        list.length === 0
          ? sorted([...expected(rows, () => true), ...nulls(rows)])
          : expected(rows, (value) => !isIn(value));
      const wanted: [Condition, number[]][] = [
        [column.eq(operand), expected(rows, (value) => isEqual(value, operand))],
        [column.ne(operand), expected(rows, (value) => !isEqual(value, operand))],
        [column.eq(null), nulls(rows)],
        [column.ne(null), expected(rows, () => true)],
        [column.isNull(), nulls(rows)],
        [column.isNotNull(), expected(rows, () => true)],
        [column.in(list), sorted([...expected(rows, isIn), ...(hasNull ? nulls(rows) : [])])],
        [column.notIn(list), isNotIn],
      ];
      for (const [condition, places] of wanted) assert.deepEqual(await selected(db, ids, condition), places);
    }),
    RUNS,
  );
}

async function checkOrder<T>(db: Database, subject: OrderedSubject<T>): Promise<void> {
  const { column, compare } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows, operands: [low, high] }) => {
      const ids = await insertRows(db, subject, rows);
      const wanted: [Condition, number[]][] = [
        [column.lt(low), expected(rows, (value) => compare(value, low) < 0)],
        [column.lte(low), expected(rows, (value) => compare(value, low) <= 0)],
        [column.gt(low), expected(rows, (value) => compare(value, low) > 0)],
        [column.gte(low), expected(rows, (value) => compare(value, low) >= 0)],
        [column.between(low, high), expected(rows, (value) => compare(value, low) >= 0 && compare(value, high) <= 0)],
      ];
      for (const [condition, places] of wanted) assert.deepEqual(await selected(db, ids, condition), places);
    }),
    RUNS,
  );
}

async function checkSorting<T>(db: Database, subject: OrderedSubject<T>): Promise<void> {
  const { column, compare } = subject;
  /** Nulls by `nullRank`, values by `sign`, ties by place. */
  const sort = (rows: readonly (T | null)[], sign: 1 | -1, nullRank: 1 | -1) =>
    rows
      .map((value, place) => ({ value, place }))
      .sort((a, b) => {
        if (a.value === null || b.value === null) {
          return (a.value === null ? nullRank : 0) - (b.value === null ? nullRank : 0) || a.place - b.place;
        }
        return sign * compare(a.value, b.value) || a.place - b.place;
      })
      .map(({ place }) => place);
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows }) => {
      const ids = await insertRows(db, subject, rows);
      const wanted: [Order, number[]][] = [
        [column.asc(), sort(rows, 1, -1)],
        [column.desc(), sort(rows, -1, 1)],
        [column.asc({ nulls: "first" }), sort(rows, 1, -1)],
        [column.asc({ nulls: "last" }), sort(rows, 1, 1)],
        [column.desc({ nulls: "first" }), sort(rows, -1, -1)],
        [column.desc({ nulls: "last" }), sort(rows, -1, 1)],
      ];
      for (const [order, places] of wanted) {
        const found = await db.objects(Specimen).getItems({ columns: ["id"], orderBy: [order, "id"] });
        assert.deepEqual(
          found.map(({ id }) => ids.indexOf(id)),
          places,
        );
      }
    }),
    RUNS,
  );
}

eachEngine((engine) => {
  describe("operators", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    const testOrdered = <T>(subject: OrderedSubject<T>) => {
      test(`eq ne in notIn isNull of ${subject.name} choose the rows that JavaScript does (S13, S10)`, () =>
        checkEquality(db, subject));
      test(`lt lte gt gte between of ${subject.name} choose the rows that JavaScript does (S10)`, () =>
        checkOrder(db, subject));
      test(`${subject.name} sorts as JavaScript sorts it, nulls smallest or as said`, () => checkSorting(db, subject));
    };
    const testEqual = <T>(subject: EqualSubject<T>) => {
      test(`eq ne in notIn isNull of ${subject.name} choose the rows that JavaScript does (S13, S10)`, () =>
        checkEquality(db, subject));
    };
    for (const visit of ORDERED) visit(testOrdered);
    for (const visit of EQUAL) visit(testEqual);
  });
});

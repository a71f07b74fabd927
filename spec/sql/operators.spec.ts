import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { Database, Order } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { EQUAL, type EqualSubject, ORDERED, type OrderedSubject } from "./oracle.js";
import { checkVerdicts, insertRows, scenes, unlessNull } from "./scenes.js";
import { Specimen } from "./specimen.js";

const RUNS = { numRuns: 25 };

async function checkEquality<T>(db: Database, subject: EqualSubject<T>): Promise<void> {
  const { column, isEqual, isEqualTo = isEqual } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows, operands: [operand], list }) => {
      const ids = await insertRows(db, subject, rows);
      const isIn = (value: T | null) =>
        value === null ? list.includes(null) : list.some((item) => item !== null && isEqualTo(value, item));
      // A list with a null in it says of nulls as well whether they are in it; an empty one says so of all.
      const saysAll = list.length === 0 || list.includes(null);
      await checkVerdicts<T>(db, ids, rows, [
        [column.eq(operand), unlessNull((value) => isEqualTo(value, operand))],
        [column.ne(operand), unlessNull((value) => !isEqualTo(value, operand))],
        [column.eq(null), (value) => value === null],
        [column.ne(null), (value) => value !== null],
        [column.isNull(), (value) => value === null],
        [column.isNotNull(), (value) => value !== null],
        [column.in(list), saysAll ? isIn : unlessNull(isIn)],
        [column.notIn(list), saysAll ? (value) => !isIn(value) : unlessNull((value) => !isIn(value))],
      ]);
    }),
    RUNS,
  );
}

async function checkOrder<T>(db: Database, subject: OrderedSubject<T>): Promise<void> {
  const { column, compare, compareTo = compare } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows, operands: [low, high] }) => {
      const ids = await insertRows(db, subject, rows);
      await checkVerdicts<T>(db, ids, rows, [
        [column.lt(low), unlessNull((value) => compareTo(value, low) < 0)],
        [column.lte(low), unlessNull((value) => compareTo(value, low) <= 0)],
        [column.gt(low), unlessNull((value) => compareTo(value, low) > 0)],
        [column.gte(low), unlessNull((value) => compareTo(value, low) >= 0)],
        [column.between(low, high), unlessNull((value) => compareTo(value, low) >= 0 && compareTo(value, high) <= 0)],
      ]);
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

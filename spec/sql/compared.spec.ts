import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type Condition, type Database, exists, max } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { EQUAL, type EqualSubject, ORDERED, type OrderedSubject, OTHER } from "./oracle.js";
import { checkVerdicts, insertRows, scenes, unlessNull, type Verdict } from "./scenes.js";
import { Specimen } from "./specimen.js";

const RUNS = { numRuns: 15 };

/** Whether a condition on a row and the one after it is true. `exists` is never unknown. */
const ofNext = (condition: Condition): Condition =>
  exists(OTHER.select("id").where([OTHER.c.id.eq(Specimen.c.id.plus(1)), condition]));

/** The verdict on a value and the one after it, false where one of them is null or missing. */
const withNext =
  <T>(rows: readonly (T | null)[], choose: (value: T, next: T) => boolean): Verdict<T> =>
  (value, place) => {
    const next = rows[place + 1] ?? null;
    return value !== null && next !== null && choose(value, next);
  };

async function checkColumns<T>(db: Database, subject: EqualSubject<T>): Promise<void> {
  const { column, other, isEqual } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows }) => {
      const ids = await insertRows(db, subject, rows);
      await checkVerdicts<T>(db, ids, rows, [
        [ofNext(column.eq(other)), withNext(rows, isEqual)],
        [ofNext(column.ne(other)), withNext(rows, (value, next) => !isEqual(value, next))],
        [ofNext(other.eq(column)), withNext(rows, isEqual)],
      ]);
    }),
    RUNS,
  );
}

async function checkOrder<T>(db: Database, subject: OrderedSubject<T>): Promise<void> {
  const { column, other, compare } = subject;
  const greatest = OTHER.select({ greatest: max(other) });
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows }) => {
      const ids = await insertRows(db, subject, rows);
      const isGreatest = (value: T) => rows.every((row) => row === null || compare(row, value) <= 0);
      await checkVerdicts<T>(db, ids, rows, [
        [ofNext(column.lt(other)), withNext(rows, (value, next) => compare(value, next) < 0)],
        [ofNext(column.gte(other)), withNext(rows, (value, next) => compare(value, next) >= 0)],
        [ofNext(column.between(other, other)), withNext(rows, (value, next) => compare(value, next) === 0)],
        [column.eq(greatest), unlessNull(isGreatest)],
        [column.ne(greatest), unlessNull((value) => !isGreatest(value))],
        [column.lt(greatest), unlessNull((value) => !isGreatest(value))],
        [column.gte(greatest), unlessNull(isGreatest)],
      ]);
    }),
    RUNS,
  );
}

async function checkSelects<T>(db: Database, subject: EqualSubject<T>): Promise<void> {
  const { column, other, isEqual } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), fc.nat({ max: 10 }), async ({ rows }, cut) => {
      const ids = await insertRows(db, subject, rows);
      // The values from a place on, nulls among them or not.
      const from = OTHER.select({ value: other }).where(OTHER.c.id.gte(ids[cut] ?? 2 ** 31 - 1));
      const known = from.where(other.isNotNull());
      const values = rows.slice(cut);
      const isIn = (value: T) => values.some((item) => item !== null && isEqual(item, value));
      const hasNull = values.includes(null);
      /** SQL's rule: in nothing is nothing; what is not found among nulls may yet be one of them. */
      const among: Verdict<T> = (value) => {
        if (values.length === 0) return false;
        return value === null ? null : isIn(value) || (hasNull ? null : false);
      };
      const amongKnown: Verdict<T> = (value) => {
        if (values.every((item) => item === null)) return false;
        return value === null ? null : isIn(value);
      };
      const negated =
        (verdict: Verdict<T>): Verdict<T> =>
        (value, place) => {
          const said = verdict(value, place);
          return said === null ? null : !said;
        };
      await checkVerdicts<T>(db, ids, rows, [
        [column.in(from), among],
        [column.notIn(from), negated(among)],
        [column.in(known), amongKnown],
        [column.notIn(known), negated(amongKnown)],
      ]);
    }),
    RUNS,
  );
}

eachEngine((engine) => {
  // A file and a database in memory have one dialect.
  if (engine.name === "sqlite file") return;

  describe("operators between columns and selects", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    const testEqual = <T>(subject: EqualSubject<T>) => {
      test(`eq and ne compare a column of ${subject.name} with another as JavaScript does`, () =>
        checkColumns(db, subject));
      test(`in and notIn take the ${subject.name} of a select by SQL's rule for nulls`, () =>
        checkSelects(db, subject));
    };
    const testOrdered = <T>(subject: OrderedSubject<T>) => {
      testEqual(subject);
      test(`${subject.name} is ordered with another column, and with the greatest of a select`, () =>
        checkOrder(db, subject));
    };
    for (const visit of ORDERED) visit(testOrdered);
    for (const visit of EQUAL) visit(testEqual);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { avg, count, type Database, max, min, QueryError, stringAgg, sum } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, openAt } from "../support/open.js";
import { byBytes, EQUAL, type EqualSubject, ORDERED, type OrderedSubject } from "./oracle.js";
import { insertRows, scenes } from "./scenes.js";
import { anyBigint, anyInteger, anyText, type NewSpecimen, Specimen } from "./specimen.js";

const RUNS = { numRuns: 20 };
const { c } = Specimen;

const isKnown = <T>(value: T | null): value is T => value !== null;

/** Each of several equal values once. */
function distinct<T>(values: readonly T[], isEqual: (a: T, b: T) => boolean): T[] {
  return values.filter((value, i) => values.findIndex((other) => isEqual(other, value)) === i);
}

async function checkCounts<T>(db: Database, subject: EqualSubject<T>): Promise<void> {
  const { column, isEqual } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), fc.nat({ max: 9 }), async ({ rows }, cut) => {
      const ids = await insertRows(db, subject, rows);
      const known = rows.filter(isKnown);
      const first = rows.slice(0, cut).filter(isKnown);
      const isFirst = c.id.in(ids.slice(0, cut));
      const found = await db.objects(Specimen).aggregate({
        all: count(),
        known: count(column),
        unequal: count(column, { distinct: true }),
        first: count(column, { where: isFirst }),
        unequalFirst: count(column, { distinct: true, where: isFirst }),
      });
      assert.deepEqual(found, {
        all: rows.length,
        known: known.length,
        unequal: distinct(known, isEqual).length,
        first: first.length,
        unequalFirst: distinct(first, isEqual).length,
      });
      const groups = await db
        .objects(Specimen)
        .aggregate({ value: column, n: count(), least: min(c.id) }, { groupBy: "value" });
      const same = (a: T | null, b: T | null) => (a === null || b === null ? a === b : isEqual(a, b));
      const wanted = distinct(rows, same).map((value) => ({
        n: rows.filter((row) => same(row, value)).length,
        least: ids[rows.findIndex((row) => same(row, value))],
      }));
      assert.deepEqual(
        groups.map(({ n, least }) => ({ n, least })).sort((a, b) => Number(a.least) - Number(b.least)),
        wanted,
      );
    }),
    RUNS,
  );
}

async function checkExtremes<T>(db: Database, subject: OrderedSubject<T>): Promise<void> {
  const { column, compare } = subject;
  await fc.assert(
    fc.asyncProperty(scenes(subject), async ({ rows }) => {
      await insertRows(db, subject, rows);
      const objects = db.objects(Specimen);
      const sorted = rows.filter(isKnown).sort(compare);
      const found = await objects.aggregate({
        least: min(column),
        most: max(column),
        again: min(column, { distinct: true }),
        none: max(column, { where: c.id.lt(0) }),
      });
      const expect = (value: T | null, wanted: T | undefined) =>
        assert.ok(value === null || wanted === undefined ? value === (wanted ?? null) : compare(value, wanted) === 0);
      expect(found.least, sorted[0]);
      expect(found.most, sorted.at(-1));
      expect(found.again, sorted[0]);
      assert.equal(found.none, null);
      for (const direction of ["", "-"] as const) {
        const groups = await objects.aggregate(
          { value: min(column), n: count() },
          { groupBy: "id", orderBy: [`${direction}value`, `${direction}id`] },
        );
        const places = rows.map((value, place) => ({ value, place }));
        places.sort(
          (a, b) =>
            (a.value === null || b.value === null
              ? Number(a.value !== null) - Number(b.value !== null)
              : compare(a.value, b.value)) || a.place - b.place,
        );
        if (direction === "-") places.reverse();
        assert.deepEqual(
          groups.map(({ id }) => id - Math.min(...groups.map((group) => group.id))),
          places.map(({ place }) => place),
        );
      }
    }),
    RUNS,
  );
}

/** A decimal of three places, and as a number of thousandths. */
const thousandths = fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n });
function priceOf(value: bigint): string {
  const digits = String(value < 0n ? -value : value).padStart(4, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

/** Reals whose sums are exact, in whatever order. */
const eighths = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((n) => n / 8);

const someNumbers = fc.array(
  fc.record({
    anInteger: fc.option(
      fc.oneof(
        anyInteger.map((n) => n + 0),
        fc.constantFrom(1, 2),
      ),
    ),
    aBigint: fc.option(anyBigint),
    aReal: fc.option(fc.oneof(eighths, fc.constantFrom(0.5, 2))),
    price: fc.option(fc.oneof(thousandths, fc.constantFrom(1000n, 1500n))),
  }),
  { maxLength: 8 },
);

function total<T extends number | bigint>(values: readonly (T | null)[], add: (a: T, b: T) => T): T | null {
  return values.filter(isKnown).reduce<T | null>((sofar, value) => (sofar === null ? value : add(sofar, value)), null);
}
const ofNumbers = (values: readonly (number | null)[]) => total(values, (a, b) => a + b);
const ofBigints = (values: readonly (bigint | null)[]) => total(values, (a, b) => a + b);
const unequal = <T>(values: readonly (T | null)[]) => [...new Set(values)];
const mean = (values: readonly (number | null)[]) => {
  const sumOfThem = ofNumbers(values);
  return sumOfThem === null ? null : sumOfThem / values.filter(isKnown).length;
};
const priceTotal = (values: readonly (bigint | null)[]) => {
  const sumOfThem = ofBigints(values);
  return sumOfThem === null ? null : priceOf(sumOfThem);
};

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("aggregates", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    async function insert(rows: readonly NewSpecimen[]): Promise<void> {
      await db.objects(Specimen).delete("all");
      await db.objects(Specimen).insertMany(rows);
    }

    const testEqual = <T>(subject: EqualSubject<T>) => {
      test(`count of ${subject.name}, all, unequal and filtered, and its groups, are what JavaScript counts`, () =>
        checkCounts(db, subject));
    };
    const testOrdered = <T>(subject: OrderedSubject<T>) => {
      testEqual(subject);
      test(`min and max of ${subject.name} are what JavaScript finds, and groups are ordered by them`, () =>
        checkExtremes(db, subject));
    };
    for (const visit of ORDERED) visit(testOrdered);
    for (const visit of EQUAL) visit(testEqual);

    test("sum and avg, all, distinct and filtered, are what JavaScript computes exactly; null of nothing", async () => {
      await fc.assert(
        fc.asyncProperty(someNumbers, async (rows) => {
          await insert(rows.map(({ price, ...row }) => ({ ...row, aPrice: price === null ? null : priceOf(price) })));
          const [integers, bigints, reals, prices] = [
            rows.map((row) => row.anInteger),
            rows.map((row) => row.aBigint),
            rows.map((row) => row.aReal),
            rows.map((row) => row.price),
          ];
          const positive = integers.filter((value) => value !== null && value > 0);
          const found = await db.objects(Specimen).aggregate({
            integers: sum("anInteger"),
            unequalIntegers: sum("anInteger", { distinct: true }),
            positive: sum(c.anInteger, { where: c.anInteger.gt(0) }),
            meanInteger: avg("anInteger"),
            unequalMean: avg("anInteger", { distinct: true }),
            positiveMean: avg("anInteger", { where: c.anInteger.gt(0) }),
            bigints: sum("aBigint"),
            unequalBigints: sum("aBigint", { distinct: true }),
            reals: sum("aReal"),
            unequalReals: sum("aReal", { distinct: true }),
            meanReal: avg("aReal"),
            prices: sum("aPrice"),
            unequalPrices: sum("aPrice", { distinct: true }),
            none: sum("aPrice", { where: c.id.lt(0) }),
            noMean: avg("aBigint", { where: c.id.lt(0) }),
          });
          assert.deepEqual(found, {
            integers: ofNumbers(integers),
            unequalIntegers: ofNumbers(unequal(integers)),
            positive: ofNumbers(positive),
            meanInteger: mean(integers),
            unequalMean: mean(unequal(integers)),
            positiveMean: mean(positive),
            bigints: ofBigints(bigints),
            unequalBigints: ofBigints(unequal(bigints)),
            reals: ofNumbers(reals),
            unequalReals: ofNumbers(unequal(reals)),
            meanReal: mean(reals),
            prices: priceTotal(prices),
            unequalPrices: priceTotal(unequal(prices)),
            none: null,
            noMean: null,
          });
        }),
        { numRuns: 40 },
      );
    });

    test("an average of decimals has PostgreSQL's digits, of bigints it is the nearest number", async () => {
      await insert([
        { aNumeric: "1.5", aBigint: 2n ** 63n - 1n },
        { aNumeric: "1.50", aBigint: 2n ** 63n - 1n },
        { aNumeric: "10", aBigint: -2n },
      ]);
      const found = await db.objects(Specimen).aggregate({
        sum: sum("aNumeric"),
        mean: avg("aNumeric"),
        big: avg("aBigint"),
        unequal: count("aNumeric", { distinct: true }),
        some: avg(c.aNumeric.times("1000000"), { where: c.aNumeric.eq("1.5") }),
      });
      assert.deepEqual(found, {
        sum: "13.00",
        mean: "4.3333333333333333",
        big: 6148914691236517000,
        unequal: 2,
        some: "1500000.000000000000",
      });
    });

    test("sums of integers past 2^53 are a QueryError; of bigints they are exact past 64 bits", async () => {
      const most = 2 ** 31 - 1;
      await insert(Array.from({ length: 3 }, () => ({ anInteger: most, aBigint: 2n ** 63n - 1n })));
      const objects = db.objects(Specimen);
      const wide = c.anInteger.times(2 ** 22);
      assert.deepEqual(await objects.aggregate({ total: sum(wide, { distinct: true }) }), { total: most * 2 ** 22 });
      assert.ok((await failureOf(() => objects.aggregate({ total: sum(wide) }))) instanceof QueryError);
      const exact = { total: sum("aBigint"), square: sum(c.aBigint.times(c.aBigint)) };
      const n = 2n ** 63n - 1n;
      assert.deepEqual(await objects.aggregate(exact), { total: 3n * n, square: 3n * n * n });
      const groups = { groupBy: "aBigint", having: { total: 3n * n } } as const;
      assert.deepEqual(await objects.aggregate({ total: sum("aBigint") }, groups), [{ aBigint: n, total: 3n * n }]);
    });

    test("stringAgg puts texts together in their order, or in another", async () => {
      const scene = fc.record({
        texts: fc.array(fc.option(anyText, { freq: 5 }), { maxLength: 6 }),
        separator: fc.oneof(anyText, fc.constant(", ")),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ texts, separator }) => {
          await insert(texts.map((aText, i) => ({ aText, anInteger: i % 3 })));
          const known = texts.filter(isKnown);
          const some = texts.filter((_, i) => i % 3 === 1).filter(isKnown);
          const joined = (parts: readonly string[], by: string) => (parts.length === 0 ? null : parts.join(by));
          const found = await db.objects(Specimen).aggregate({
            own: stringAgg("aText", separator),
            given: stringAgg(c.aText, separator, { orderBy: c.id.desc() }),
            some: stringAgg("aText", "|", { where: c.anInteger.eq(1) }),
            plain: stringAgg("aText"),
          });
          assert.deepEqual(found, {
            own: joined([...known].sort(byBytes), separator),
            given: joined([...known].reverse(), separator),
            some: joined(some.sort(byBytes), "|"),
            plain: joined([...known].sort(byBytes), ","),
          });
        }),
        { numRuns: 30 },
      );
    });
  });
});

test("aggregates refuse columns of types that they have no meaning for (S1)", () => {
  const { c: all } = Specimen;
  const numbers = new Set<unknown>([all.id, all.anInteger, all.aBigint, all.aReal, all.aNumeric, all.aPrice]);
  const texts = new Set<unknown>([all.aText, all.aVarchar, all.aState]);
  const kinds = new Map(Object.entries(Specimen.columns).map(([name, { settings }]) => [name, settings.type.kind]));
  for (const [name, column] of Object.entries(all)) {
    const refuses = (make: (value: never) => unknown, has: boolean) =>
      has ? make(column as never) : assert.throws(() => make(column as never), TypeError, `${make.name} of ${name}`);
    refuses(count, true);
    refuses(sum, numbers.has(column));
    refuses(avg, numbers.has(column));
    const isOrdered = !["json", "array"].includes(kinds.get(name) ?? "");
    refuses(min, isOrdered);
    refuses(max, isOrdered);
    refuses(stringAgg, texts.has(column));
  }
});

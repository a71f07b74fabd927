import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type ColumnExpression, type Condition, count, type Database } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { isSameJson, scaled } from "./oracle.js";
import { checkVerdicts, insertRows, unlessNull } from "./scenes.js";
import {
  anyBigint,
  anyBytes,
  anyDate,
  anyDecimal,
  anyInteger,
  anyJson,
  anyPrice,
  anyReal,
  anyText,
  anyTimestamp,
  anyUuid,
  anyVarchar,
  type NewSpecimen,
  Specimen,
} from "./specimen.js";

interface ListColumn<T> {
  has(value: T): Condition;
  hasAny(values: readonly T[]): Condition;
  hasAll(values: readonly T[]): Condition;
  size(): ColumnExpression<number, number | null>;
}

interface ListSubject<T> {
  readonly name: string;
  readonly column: ListColumn<NoInfer<T>>;
  readonly items: fc.Arbitrary<T>;
  readonly isEqual: (a: NoInfer<T>, b: NoInfer<T>) => boolean;
  readonly row: (list: readonly (NoInfer<T> | null)[] | null) => NewSpecimen;
}
type AListSubject = (visit: <T>(subject: ListSubject<T>) => void) => void;

const list =
  <T>(
    name: string,
    column: ListColumn<NoInfer<T>>,
    items: fc.Arbitrary<T>,
    row: (list: (NoInfer<T> | null)[] | null) => NewSpecimen,
    isEqual: (a: NoInfer<T>, b: NoInfer<T>) => boolean = (a, b) => a === b,
  ): AListSubject =>
  (visit) =>
    visit({ name, column, items, isEqual, row: (given) => row(given === null ? null : [...given]) });

const { c } = Specimen;
const LISTS: readonly AListSubject[] = [
  list("integer", c.integers, anyInteger, (integers) => ({ integers })),
  list("bigint", c.bigints, anyBigint, (bigints) => ({ bigints })),
  list("real", c.reals, anyReal, (reals) => ({ reals })),
  list(
    "numeric",
    c.numerics,
    fc.oneof(anyDecimal, fc.constantFrom("1.5", "1.50", "15e-1")),
    (numerics) => ({ numerics }),
    (a, b) => scaled(a) === scaled(b),
  ),
  list(
    "numeric(12, 3)",
    c.prices,
    fc.oneof(anyPrice, fc.constantFrom("1.5", "1.50")),
    (prices) => ({ prices }),
    (item, wanted) => scaled(item, 3) === scaled(wanted),
  ),
  list("text", c.texts, anyText, (texts) => ({ texts })),
  list("varchar", c.varchars, anyVarchar, (varchars) => ({ varchars })),
  list("boolean", c.booleans, fc.boolean(), (booleans) => ({ booleans })),
  list(
    "timestamp",
    c.timestamps,
    anyTimestamp,
    (timestamps) => ({ timestamps }),
    (a, b) => a.getTime() === b.getTime(),
  ),
  list("date", c.dates, anyDate, (dates) => ({ dates })),
  list(
    "uuid",
    c.uuids,
    anyUuid,
    (uuids) => ({ uuids }),
    (a, b) => a.toLowerCase() === b.toLowerCase(),
  ),
  list(
    "json",
    c.jsons,
    fc.oneof(
      anyJson.filter((value) => value !== null),
      fc.constantFrom<fc.JsonValue>(1, "1", true, "true", 0.1, 1e300, [1], { a: 1 }),
    ),
    (jsons) => ({ jsons }),
    isSameJson,
  ),
  list(
    "bytes",
    c.blobs,
    anyBytes,
    (blobs) => ({ blobs }),
    (a, b) => Buffer.compare(a, b) === 0,
  ),
  list("oneOf", c.states, fc.constantFrom("a", "NULL", ""), (states) => ({ states })),
];

async function checkLists<T>(db: Database, subject: ListSubject<T>): Promise<void> {
  const { column, items, isEqual } = subject;
  const scene = fc.array(items, { minLength: 1, maxLength: 4 }).chain((pool) => {
    const item = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...pool) }, { weight: 1, arbitrary: items });
    const row = fc.array(fc.option(item, { freq: 6 }), { maxLength: 4 });
    return fc.record({
      rows: fc.array(fc.option(row, { freq: 6 }), { minLength: 1, maxLength: 6 }),
      wanted: fc.array(item, { maxLength: 3 }),
      one: item,
    });
  });
  await fc.assert(
    fc.asyncProperty(scene, async ({ rows, wanted, one }) => {
      const ids = await insertRows(db, subject, rows);
      type Row = readonly (T | null)[];
      const has = (row: Row, value: T) => row.some((item) => item !== null && isEqual(item, value));
      await checkVerdicts<Row>(db, ids, rows, [
        [column.has(one), unlessNull((row) => has(row, one))],
        // None of none is true of any list, all of none of every one, known or not.
        [
          column.hasAny(wanted),
          (row) => (wanted.length === 0 ? false : row && wanted.some((value) => has(row, value))),
        ],
        [
          column.hasAll(wanted),
          (row) => (wanted.length === 0 ? true : row && wanted.every((value) => has(row, value))),
        ],
        [column.size().gte(2), unlessNull((row) => row.length >= 2)],
      ]);
      const sizes = await db
        .objects(Specimen)
        .setSql(Specimen.select({ size: column.size() }))
        .orderBy("id")
        .scalars()
        .fetchall();
      assert.deepEqual(
        sizes,
        rows.map((row) => (row === null ? null : row.length)),
      );
    }),
    { numRuns: 20 },
  );
}

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("lists", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    for (const visit of LISTS)
      visit((subject) => {
        test(`has hasAny hasAll size of an array of ${subject.name} choose the rows that JavaScript does`, () =>
          checkLists(db, subject));
      });

    test("whole numbers past 2^53 are found as JavaScript has them, in lists and inside JSON", async () => {
      await db.objects(Specimen).delete("all");
      const large = -55592600688897210;
      await db.objects(Specimen).insert({ reals: [large, Infinity], aJson: { one: large } });
      for (const [condition, n] of [
        [c.reals.has(large), 1],
        [c.reals.has(Infinity), 1],
        [c.reals.has(0), 0],
        [c.aJson.path("one").asNumber().eq(large), 1],
        [c.aJson.path("one").eq(large), 1],
      ] as const)
        assert.equal(await db.objects(Specimen).count({ where: condition }), n);
    });

    test("their sizes are ordered and grouped by", async () => {
      await db.objects(Specimen).delete("all");
      await db.objects(Specimen).insertMany([[1, 2], [], [null, 1], [3]].map((integers) => ({ integers })));
      const objects = db.objects(Specimen);
      const ordered = await objects.getItems({ columns: ["integers"], orderBy: [c.integers.size().desc(), "id"] });
      assert.deepEqual(
        ordered.map(({ integers }) => integers),
        [[1, 2], [null, 1], [3], []],
      );
      const groups = await objects.aggregate(
        { size: c.integers.size(), n: count() },
        { groupBy: "size", orderBy: "-size" },
      );
      assert.deepEqual(groups, [
        { size: 2, n: 2 },
        { size: 1, n: 1 },
        { size: 0, n: 1 },
      ]);
    });
  });
});

test("lists take values of their type, and what is no list has none (S1, Q12)", () => {
  for (const value of [null, undefined, "1", 1.5, 2 ** 31, [1]]) {
    assert.throws(() => c.integers.has(value as never), TypeError, String(value));
    assert.throws(() => c.integers.hasAll([1, value as never]), TypeError, String(value));
  }
  for (const values of [1, "x", undefined, { 0: 1, length: 1 }]) {
    assert.throws(() => c.integers.hasAny(values as never), TypeError, String(values));
    assert.throws(() => c.integers.hasAll(values as never), TypeError, String(values));
  }
  for (const name of ["has", "hasAny", "hasAll", "size"])
    assert.throws(() => Reflect.get(c.aText, name).call(c.aText, ["x"]), TypeError, name);
});

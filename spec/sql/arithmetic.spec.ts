import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type ColumnOf, type Database, expression, QueryError, type Selectable, sql, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, openAt } from "../support/open.js";
import { anyBigint, Specimen } from "./specimen.js";

const OPERATORS = ["plus", "minus", "times"] as const;
type Operator = (typeof OPERATORS)[number];

type Numbers = ColumnOf<number> | ColumnOf<bigint> | ColumnOf<string>;
type Computing = { readonly [K in Operator]: (value: Numbers) => Selectable<unknown> };

const { c } = Specimen;
const COLUMNS: Record<string, Computing & Numbers> = {
  anInteger: c.anInteger,
  aReal: c.aReal,
  aBigint: c.aBigint,
  aNumeric: c.aNumeric,
  aPrice: c.aPrice,
};

/** What may be added to what: all that loses nothing. */
const MIXES: Record<string, readonly string[]> = {
  anInteger: ["anInteger", "aReal"],
  aReal: ["anInteger", "aReal"],
  aBigint: ["anInteger", "aBigint"],
  aNumeric: ["anInteger", "aBigint", "aNumeric", "aPrice"],
  aPrice: ["anInteger", "aBigint", "aNumeric", "aPrice"],
};
const PAIRS = Object.entries(MIXES).flatMap(([left, rights]) => rights.map((right) => [left, right] as const));

/** The number `digits` / 10 ** `scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

function decimalOf(value: unknown): Decimal {
  const [whole = "", fraction = ""] = String(value).split(".");
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

function decimalText({ digits, scale }: Decimal): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const point = text.length - scale;
  return `${digits < 0n ? "-" : ""}${text.slice(0, point)}${scale === 0 ? "" : `.${text.slice(point)}`}`;
}

function compute<T extends number | bigint>(operator: Operator, a: T, b: T): number | bigint;
function compute(operator: Operator, a: number, b: number): number {
  return operator === "plus" ? a + b : operator === "minus" ? a - b : a * b;
}

function computeDecimal(operator: Operator, a: Decimal, b: Decimal): Decimal {
  const scale = operator === "times" ? a.scale + b.scale : Math.max(a.scale, b.scale);
  const shifted = ({ digits, scale: own }: Decimal) =>
    operator === "times" ? digits : digits * 10n ** BigInt(scale - own);
  return { digits: BigInt(compute(operator, shifted(a), shifted(b))), scale };
}

/** What JavaScript makes of two columns of a row. */
function expected(operator: Operator, left: string, right: string, row: Record<string, unknown>): unknown {
  const [a, b] = [row[left], row[right]];
  if (a === null || b === null) return null;
  if (left === "aReal" || right === "aReal") return compute(operator, Number(a), Number(b));
  const exact = computeDecimal(operator, decimalOf(a), decimalOf(b));
  if (left === "anInteger") return Number(exact.digits);
  return left === "aBigint" ? exact.digits : decimalText(exact);
}

const decimal = (scale: fc.Arbitrary<number>) =>
  fc.tuple(fc.bigInt(), scale).map(([digits, places]) => decimalText({ digits: digits % 10n ** 9n, scale: places }));
/** Without what a product could take too far: PostgreSQL refuses what SQLite makes 0 or infinite. */
const someReal = fc
  .double({ min: -1e100, max: 1e100, noNaN: true })
  .map((value) => (Math.abs(value) < 1e-100 ? 0 : value));
/** Of which two can be multiplied without leaving what a number can hold. */
const someInteger = fc.integer({ min: -(2 ** 26), max: 2 ** 26 });

const someRow = fc.record({
  anInteger: fc.option(someInteger),
  aReal: fc.option(someReal),
  aBigint: fc.option(anyBigint),
  aNumeric: fc.option(decimal(fc.integer({ min: 0, max: 30 }))),
  aPrice: fc.option(decimal(fc.constant(3))),
});

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("arithmetic", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    async function insert(rows: readonly Record<string, unknown>[]): Promise<void> {
      await db.objects(Specimen).delete("all");
      await db.objects(Specimen).insertMany(rows);
    }
    const select = (selection: Record<string, Selectable<unknown>>) =>
      db.objects(Specimen).setSql(Specimen.select(selection)).orderBy("id").fetchall();

    test("of columns gives what JavaScript computes exactly, null of a null, in every mix that is exact", async () => {
      const selection: Record<string, Selectable<unknown>> = {};
      for (const [left, right] of PAIRS)
        for (const operator of OPERATORS) {
          const [column, other] = [COLUMNS[left], COLUMNS[right]];
          assert.ok(column && other);
          selection[`${left} ${operator} ${right}`] = column[operator](other);
        }
      await fc.assert(
        fc.asyncProperty(fc.array(someRow, { minLength: 1, maxLength: 8 }), async (rows) => {
          await insert(rows);
          const wanted = rows.map((row) =>
            Object.fromEntries(
              PAIRS.flatMap(([left, right]) =>
                OPERATORS.map((operator) => [`${left} ${operator} ${right}`, expected(operator, left, right, row)]),
              ),
            ),
          );
          assert.deepEqual(await select(selection), wanted);
        }),
        { numRuns: 25 },
      );
    });

    test("of a column and a value is the same, also compared, ordered and nested", async () => {
      const operands = fc.record({ integer: someInteger, real: someReal, big: anyBigint, text: decimal(fc.nat(20)) });
      await fc.assert(
        fc.asyncProperty(someRow, operands, async (row, { integer, real, big, text }) => {
          await insert([row]);
          const given = { ...row, integer, real, big, text };
          const of = (left: string, right: string) =>
            Object.fromEntries(OPERATORS.map((operator) => [operator, expected(operator, left, right, given)]));
          const all = <T>(column: { readonly [K in Operator]: (value: T) => Selectable<unknown> }, value: T) => ({
            plus: column.plus(value),
            minus: column.minus(value),
            times: column.times(value),
          });
          assert.deepEqual(await select(all(c.anInteger, integer)), [of("anInteger", "integer")]);
          const reals = OPERATORS.map((operator) => (row.aReal === null ? null : compute(operator, row.aReal, real)));
          const [found] = await select(all(c.aReal, real));
          assert.deepEqual(found && Object.values(found), reals);
          assert.deepEqual(await select(all(c.aBigint, big)), [of("aBigint", "big")]);
          assert.deepEqual(await select(all(c.aNumeric, text)), [of("aNumeric", "text")]);

          const nested = c.aBigint.times(big).minus(c.anInteger).plus(1n);
          const exact =
            row.aBigint === null || row.anInteger === null ? null : row.aBigint * big - BigInt(row.anInteger) + 1n;
          assert.deepEqual(await select({ nested }), [{ nested: exact }]);
          const isThere = exact !== null;
          const counted = [nested.eq(exact ?? 0n), nested.lt((exact ?? 0n) + 1n), nested.in([exact ?? 0n, 5n])];
          for (const where of counted) assert.equal(await db.objects(Specimen).exists({ where }), isThere);
          assert.equal(await db.objects(Specimen).exists({ where: nested.gt(exact ?? 0n) }), false);
        }),
        { numRuns: 25 },
      );
    });

    test("takes sql text for a number of the column's own type", async () => {
      await insert([{ anInteger: 5, aPrice: "1.500" }]);
      const selection = {
        integer: c.anInteger.times(sql`2 + ${3}`),
        price: c.aPrice.minus(sql`${"0.5"}`),
      };
      assert.deepEqual(await select(selection), [{ integer: 25, price: "1.000" }]);
    });

    test("of integers is exact to 2^53, and past it a QueryError; of bigints it is exact past 64 bits", async () => {
      const most = 2 ** 31 - 1;
      await insert([{ anInteger: most, aBigint: 2n ** 63n - 1n }]);
      const square = c.anInteger.times(2 ** 22);
      assert.deepEqual(await select({ square }), [{ square: most * 2 ** 22 }]);
      assert.ok((await failureOf(() => select({ square: c.anInteger.times(c.anInteger) }))) instanceof QueryError);
      const cube = c.anInteger.times(c.anInteger).times(c.anInteger);
      assert.ok((await failureOf(() => select({ cube }))) instanceof QueryError);
      const back = cube.minus(c.anInteger.times(c.anInteger).times(c.anInteger));
      assert.deepEqual(await select({ back, more: c.aBigint.times(c.aBigint) }), [
        { back: 0, more: (2n ** 63n - 1n) ** 2n },
      ]);
    });

    test("of integers gives an integer, which has no sign where it is 0, and no point as text", async () => {
      await insert([{ anInteger: -1 }]);
      const zero = c.anInteger.times(0);
      const words = expression(text(), sql`${c.anInteger.plus(3)} || ${"!"}`);
      assert.deepEqual(await select({ zero, words }), [{ zero: 0, words: "2!" }]);
    });

    test("orders by what it computes, as a number", async () => {
      await insert(["9", "10", "-1", null].map((aNumeric) => ({ aNumeric })));
      const found = await db
        .objects(Specimen)
        .getItems({ columns: ["aNumeric"], orderBy: c.aNumeric.times("2").desc() });
      assert.deepEqual(
        found.map(({ aNumeric }) => aNumeric),
        ["10", "9", "-1", null],
      );
    });
  });
});

test("numbers that would make each other inexact, and what is no number, are refused (S1)", () => {
  for (const [left, column] of Object.entries(COLUMNS))
    for (const [right, other] of Object.entries(COLUMNS))
      for (const operator of OPERATORS) {
        if (MIXES[left]?.includes(right)) column[operator](other);
        else assert.throws(() => column[operator](other), TypeError, `${left} ${operator} ${right}`);
      }
  const others = [c.aText, c.aVarchar, c.aState, c.aDate, c.aUuid];
  for (const column of others) {
    assert.throws(() => column.plus("x" as never), TypeError);
    assert.throws(() => c.aNumeric.plus(column), TypeError);
  }
  for (const value of [null, undefined, 1.5, 2 ** 31, "1", 1n, c.aBoolean])
    assert.throws(() => c.anInteger.plus(value as never), TypeError, String(value));
  for (const value of [1, "1", 2n ** 63n]) assert.throws(() => c.aBigint.times(value as never), TypeError);
  for (const value of [1, 1n, "x", "NaN"]) assert.throws(() => c.aNumeric.minus(value as never), TypeError);
  for (const value of [Number.NaN, "1", 1n]) assert.throws(() => c.aReal.minus(value as never), TypeError);
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import pg from "pg";
import { registerFunctions } from "../../src/drivers/sqlite-open.js";
import { canonicalDecimal } from "../../src/sql/decimal.js";
import {
  addDecimals,
  averageOf,
  multiplyDecimals,
  readDecimal,
  subtractDecimals,
  writeDecimal,
} from "../../src/sql/decimal-arithmetic.js";
import { sqliteFunctions } from "../../src/sql/sqlite-functions.js";
import { postgresUrl } from "../support/engines.js";
import { anyBigint, anyDecimal, anyPrice } from "./specimen.js";

const average = (sum: unknown, count: bigint): string => writeDecimal(averageOf(readDecimal(sum), count));

const canonical = (text: string, precision?: number, scale?: number): string =>
  canonicalDecimal(text, precision, scale) ?? assert.fail(`${text} is no decimal`);

/** Decimals of all sizes, many of them equal to another one of another scale. */
const anyNumeric = fc.oneof(
  anyDecimal,
  fc.constantFrom("1.5", "1.50", "-1.5", "-1.500", "0", "0.00", "10000", "9999.9999", "0.0001", "0.00009999"),
  fc.constantFrom("1e300", "-9.99e299", "1e-300", "-1e-300", "7e-1200", "1e1200", "3.000e-20"),
  fc.integer({ min: -20, max: 20 }).map(String),
);

/** A row of the table that both engines get: two numerics of any scale, a numeric(12, 3) and a bigint. */
const anyRow = fc.record({
  a: fc.option(anyNumeric),
  b: fc.option(anyNumeric),
  price: fc.option(anyPrice),
  big: fc.option(fc.oneof(anyBigint, fc.bigInt({ min: -5n, max: 5n }))),
});
type TableRow = typeof anyRow extends fc.Arbitrary<infer T> ? T : never;

/** What SQL calls a function here, and what each engine does. */
const NAMES = [
  "add",
  "subtract",
  "multiply",
  "sum",
  "avg",
  "min",
  "max",
  "group_min",
  "group_max",
  "sum_distinct",
  "avg_distinct",
] as const;
type Call = (name: (typeof NAMES)[number], argument: string) => string;
const POSTGRES_NAMES: Partial<Record<string, string>> = {
  add: "numeric_add(",
  subtract: "numeric_sub(",
  multiply: "numeric_mul(",
  group_min: "min(",
  group_max: "max(",
  sum_distinct: "sum(distinct ",
  avg_distinct: "avg(distinct ",
};
const inPostgres: Call = (name, argument) => `${POSTGRES_NAMES[name] ?? `${name}(`}${argument})`;
const inSqlite: Call = (name, argument) => `rowkeeper_${name}(${argument})`;

/** Runs one query, written for the engine, over the same rows on both, and compares what it gives. */
class Engines {
  readonly #sqlite = new Sqlite(":memory:");
  readonly #postgres = new pg.Client({ connectionString: postgresUrl() });

  async open(): Promise<void> {
    registerFunctions(this.#sqlite, sqliteFunctions);
    await this.#postgres.connect();
    this.#sqlite.exec("create table t (n integer, a text, b text, price text, big integer)");
  }

  async close(): Promise<void> {
    this.#sqlite.close();
    await this.#postgres.end();
  }

  async expectSame(rows: readonly TableRow[], query: (call: Call) => string): Promise<void> {
    assert.deepEqual(this.sqlite(rows, query(inSqlite)), await this.postgres(rows, query(inPostgres)));
  }

  sqlite(rows: readonly TableRow[], query: string): unknown[] {
    this.#sqlite.exec("delete from t");
    const insert = this.#sqlite.prepare("insert into t values (?, ?, ?, ?, ?)");
    const or = (text: string | null, ...of: number[]) => (text === null ? null : canonical(text, ...of));
    for (const [i, { a, b, price, big }] of rows.entries()) {
      insert.run(i + 1, or(a), or(b), or(price, 12, 3), big);
    }
    return this.#sqlite.prepare(query).raw().all();
  }

  async postgres(rows: readonly TableRow[], query: string): Promise<unknown[]> {
    const table =
      "with t as (select n, a, b, price::numeric(12, 3), big from unnest($1::numeric[], $2::numeric[], $3::numeric[], $4::bigint[]) with ordinality as u(a, b, price, big, n))";
    const columns = (["a", "b", "price", "big"] as const).map((name) => rows.map((row) => row[name]));
    return (await this.#postgres.query({ text: `${table} ${query}`, values: columns, rowMode: "array" })).rows;
  }

  /** What PostgreSQL makes of pairs of texts. */
  async ofPairs(pairs: readonly (readonly [string, string])[], expression: string): Promise<string[]> {
    const text = `select (${expression})::text from unnest($1::text[], $2::text[]) with ordinality as u(a, b, n) order by n`;
    const values = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    return (await this.#postgres.query<string[]>({ text, values, rowMode: "array" })).rows.map(([value]) =>
      String(value),
    );
  }
}

const asText = (expression: string): string => `cast(${expression} as text)`;

describe("decimal arithmetic", () => {
  test("keeps the scales that PostgreSQL keeps", () => {
    assert.equal(addDecimals("1.50", "2"), "3.50");
    assert.equal(addDecimals("99.9", "0.1"), "100.0");
    assert.equal(subtractDecimals("1.5", "1.500"), "0.000");
    assert.equal(subtractDecimals("0.5", "1"), "-0.5");
    assert.equal(multiplyDecimals("-0.20", "0.3"), "-0.060");
    assert.equal(multiplyDecimals("-0.0", "5"), "0.0");
    assert.equal(average("10", 4n), "2.5000000000000000");
    assert.equal(average("-2", 3n), "-0.66666666666666666667");
    assert.equal(average("0", 3n), "0.00000000000000000000");
  });

  test("takes what SQLite hands over: texts, INTEGERs, REALs and nulls", () => {
    assert.equal(addDecimals(9223372036854775807n, 1n), "9223372036854775808");
    assert.equal(addDecimals(0.1, "1e-7"), "0.1000001");
    assert.equal(multiplyDecimals(1e21, 2), "2000000000000000000000");
    for (const compute of [addDecimals, subtractDecimals, multiplyDecimals]) {
      assert.equal(compute(null, "1"), null);
      assert.equal(compute("1", null), null);
    }
  });

  test("refuses what is no number, and what PostgreSQL can't hold, without showing it", () => {
    for (const value of ["secret", "", "NaN", Infinity, new Uint8Array([49])]) {
      assert.throws(() => addDecimals(value, "1"), new TypeError("a value is no decimal number"));
    }
    assert.throws(() => addDecimals("5e131071", "5e131071"), RangeError);
    assert.throws(() => multiplyDecimals("1e70000", "1e70000"), RangeError);
    assert.equal(multiplyDecimals("1e70000", "1e61071")?.length, 131072);
    assert.equal(multiplyDecimals("5e-9000", "1e-7384"), `0.${"0".repeat(16382)}1`);
  });

  test("is commutative, undoes what it did, and distributes", () => {
    fc.assert(
      fc.property(anyNumeric, anyNumeric, anyNumeric, (a, b, c) => {
        const sum = addDecimals(a, b);
        assert.equal(sum, addDecimals(b, a));
        assert.equal(multiplyDecimals(a, b), multiplyDecimals(b, a));
        assert.equal(
          addDecimals(subtractDecimals(sum, b), subtractDecimals(a, a)),
          addDecimals(a, subtractDecimals(b, b)),
        );
        assert.equal(multiplyDecimals(sum, c), addDecimals(multiplyDecimals(a, c), multiplyDecimals(b, c)));
      }),
    );
  });
});

describe("decimals in SQLite's SQL and in PostgreSQL's", () => {
  const engines = new Engines();
  before(() => engines.open());
  after(() => engines.close());

  const check = (query: (call: Call) => string, size = 60) =>
    fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: size }), (rows) => engines.expectSame(rows, query)),
      { numRuns: 40 },
    );

  test("an average has the same digits, at every size of the sum and the count", async () => {
    const sums = fc.oneof(
      anyNumeric,
      fc.tuple(fc.bigInt(), fc.integer({ min: -40, max: 40 })).map((p) => p.join("e")),
    );
    const counts = fc
      .oneof(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), fc.bigInt({ min: 1n, max: 20_000n }))
      .map(String);
    const pairs = fc.sample(fc.tuple(sums, counts), 3000);
    const wanted = await engines.ofPairs(pairs, "a::numeric / b::bigint");
    pairs.forEach(([sum, count], i) => {
      assert.equal(average(sum, BigInt(count)), wanted[i], `${sum} / ${count}`);
    });
  });

  test("sums, differences and products are the same text", () =>
    check((call) => {
      const pairs = ["a, b", "a, price", "price, price", "price, big", "big, big", "b, a"];
      const names = ["add", "subtract", "multiply"] as const;
      return `select ${names.flatMap((name) => pairs.map((pair) => asText(call(name, pair)))).join()} from t order by n`;
    }));

  test("sum, avg, min and max are the same text, by group, filtered, and over no rows", () =>
    check((call) => {
      const columns = ["a", "price", "big"].flatMap((column) =>
        (["sum", "avg", "min", "max", "group_min", "group_max"] as const).flatMap((name) => [
          asText(call(name, column)),
          asText(`${call(name, column)} filter (where n % 3 = 1)`),
        ]),
      );
      return `select -1 as part, ${columns.join()} from t union all
        select cast(n % 4 as integer), ${columns.join()} from t group by n % 4 order by part`;
    }));

  test("distinct sums and averages are the same text where values have one scale", () =>
    check((call) => {
      const columns = ["price", "big"].flatMap((column) =>
        (["sum_distinct", "avg_distinct"] as const)
          .map((name) => asText(call(name, column)))
          .concat((["sum", "avg", "min", "max"] as const).map((name) => asText(call(name, `distinct ${column}`)))),
      );
      return `select ${columns.join()} from t`;
    }));

  test("distinct sums take equal numbers of unequal scales once", async () => {
    const anyRows = fc.array(anyRow, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(anyRows, async (rows) => {
        // Which of the equal ones gives the scale is left open by PostgreSQL.
        const query = (call: Call) => `select ${asText(call("sum_distinct", "a"))}, count(a) from t`;
        const [[sum]] = engines.sqlite(rows, query(inSqlite)) as [[string | null]];
        const [[wanted]] = (await engines.postgres(rows, query(inPostgres))) as [[string | null]];
        assert.equal(sum === null ? null : Number(subtractDecimals(sum, wanted)), wanted === null ? null : 0);
      }),
      { numRuns: 40 },
    );
  });

  test("windows with moving frames give the same text (min and max, too)", () =>
    check((call) => {
      const frames = [
        "rows between 3 preceding and 1 following",
        "rows between 4 preceding and 2 preceding",
        "rows between 2 following and 6 following",
        "rows unbounded preceding",
        "rows between 1 preceding and unbounded following",
        "rows between 2 preceding and 2 following exclude current row",
      ];
      const columns = frames.flatMap((frame) =>
        ["a", "price", "big"].flatMap((column) =>
          (["sum", "avg", "min", "max"] as const).map((name) =>
            asText(`${call(name, column)} filter (where n % 5 <> 2) over (partition by n % 2 order by n ${frame})`),
          ),
        ),
      );
      return `select ${columns.join()} from t order by n`;
    }, 40));
});

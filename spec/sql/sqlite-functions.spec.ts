import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import pg from "pg";
import { registerFunctions } from "../../src/drivers/sqlite-open.js";
import { Database, QueryError, sql } from "../../src/index.js";
import { canonicalJson } from "../../src/sql/json.js";
import { postgresDialect } from "../../src/sql/postgres-dialect.js";
import { sqliteFunctions } from "../../src/sql/sqlite-functions.js";
import { eachEngine, postgresUrl } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { anyJson, anyText } from "./specimen.js";

type Path = readonly (string | number)[];

/** Paths to what is there, to what is not, and by steps of the wrong type. */
function pathsInto(value: fc.JsonValue): Path[] {
  const wrong: Path[] = ["", "0", "length", "__proto__", "constructor", 0, 1, -1, 99].map((step) => [step]);
  if (typeof value !== "object" || value === null) return [[], ...wrong];
  const steps = Array.isArray(value) ? value.flatMap((_, i) => [i, i - value.length]) : Object.keys(value);
  const deeper = steps.flatMap((step) => {
    const item = Array.isArray(value) ? value.at(Number(step)) : value[step];
    return item === undefined ? [] : pathsInto(item).map((path) => [step, ...path]);
  });
  return [[], ...wrong, ...deeper];
}

describe("SQL functions of SQLite", () => {
  const sqlite = new Sqlite(":memory:");
  const postgres = new pg.Client({ connectionString: postgresUrl() });
  before(async () => {
    registerFunctions(sqlite, sqliteFunctions);
    await postgres.connect();
  });
  after(async () => {
    sqlite.close();
    await postgres.end();
  });

  const call = (name: string, ...values: unknown[]): unknown =>
    sqlite
      .prepare(`select ${name}(${values.map(() => "?").join()})`)
      .pluck()
      .get(...values);

  /** What PostgreSQL finds at paths, in canonical form. */
  async function found(value: fc.JsonValue, paths: readonly Path[]): Promise<(string | null)[]> {
    const values: unknown[] = [JSON.stringify(value)];
    const columns = paths.map((path) => {
      const { before, parts, after } = postgresDialect.jsonPath(path);
      const bound = parts.map((part) => `${part.before}$${values.push(part.value)}${part.after}`);
      return `(${before}$1::jsonb${bound.join("")}${after})::text`;
    });
    const result = await postgres.query<(string | null)[]>({ text: `select ${columns}`, values, rowMode: "array" });
    return (result.rows[0] ?? []).map((text) => (text === null ? null : canonicalJson(JSON.parse(text), "it")));
  }

  test("rowkeeper_json finds what PostgreSQL's dialect finds", async () => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (value) => {
        const paths = pathsInto(value).slice(0, 300);
        const own = paths.map((path) =>
          call("nullif", call("rowkeeper_json", JSON.stringify(value), JSON.stringify(path)), "null"),
        );
        assert.deepEqual(own, await found(value, paths));
      }),
      {
        numRuns: 100,
        examples: [[{ __proto__: null, "0": { a: [1, [null]] }, b: [[{}], "x"] }], [JSON.parse('{"__proto__":1}')]],
      },
    );
    assert.equal(call("rowkeeper_json", null, "[]"), null);
    assert.throws(() => call("rowkeeper_json", "{secret", "[]"), new TypeError("a text is no JSON"));
  });

  test("rowkeeper_lower lowers all letters as ICU does in PostgreSQL", async () => {
    // PostgreSQL's ICU may be older than JavaScript's: these letters have been in Unicode for long.
    const blocks = [
      [0x41, 0x24f],
      [0x300, 0x307],
      [0x370, 0x3ff],
      [0x400, 0x52f],
      [0x1e00, 0x1fff],
    ] as const;
    const anyLetter = fc
      .oneof(...blocks.map(([min, max]) => fc.integer({ min, max })), fc.constantFrom(0x3a3, 0x130, 0x2e, 0x20))
      .map((code) => String.fromCodePoint(code));
    const letters = fc.string({ unit: anyLetter });
    const texts = [...fc.sample(letters, 1000), "ÄİΣ", "ΑΣ ΑΣΑ Σ", "İ̇", "ẞ", "𐐀", "Ǆ"];
    const query = `select lower(t collate "und-x-icu") from unnest($1::text[]) with ordinality as u(t, n) order by n`;
    const { rows } = await postgres.query<[string]>({ text: query, values: [texts], rowMode: "array" });
    assert.deepEqual(
      texts.map((text) => call("rowkeeper_lower", text)),
      rows.flat(),
    );
    for (const text of fc.sample(anyText, 100)) assert.equal(call("rowkeeper_lower", text), text.toLowerCase());
    assert.equal(call("rowkeeper_lower", null), null);
  });

  test("min and max give the value as it is kept, of equal ones the last", () => {
    const of = (name: string, ...values: unknown[]) =>
      sqlite.prepare(`select ${name}(value) from json_each(?)`).pluck().get(JSON.stringify(values));
    assert.equal(of("rowkeeper_min", "10", "9", "9.00", null, "9.5"), "9.00");
    assert.equal(of("rowkeeper_max", "9", "10", "-11", "10.0", "9.5"), "10.0");
    assert.equal(of("rowkeeper_max", null), null);
    assert.equal(of("rowkeeper_min", 3, 2), 2);
  });
});

eachEngine((engine) => {
  if (engine.dialect !== "sqlite") return;

  test("connections that read and those that write have the functions, and a handle of the user's own", async () => {
    await using db = await open(engine, []);
    const handle = new Sqlite(":memory:");
    await using own = new Database(handle, { models: [] });
    const query = sql`select rowkeeper_sum(value) as total, rowkeeper_add(${"0.10"}, ${9007199254740993n}) as more from json_each('["0.1", "0.20"]')`;
    const wanted = [{ total: "0.30", more: "9007199254740993.10" }];
    assert.deepEqual(await db.query(query), wanted);
    assert.deepEqual(await own.query(query), wanted);
    await db.query(sql`create table totals as ${query}`);
    assert.deepEqual(await db.query(sql`select total, more from totals`), wanted);
    handle.close();
  });

  test("a function that fails is a QueryError without the value", async () => {
    await using db = await open(engine, []);
    const error = await failureOf(() => db.query(sql`select rowkeeper_sum(${"secret"})`));
    assert.ok(error instanceof QueryError);
    assert.equal(error.message, "a value is no decimal number");
    assert.ok(error.sql?.includes("rowkeeper_sum"));
    // The connection goes on.
    assert.deepEqual(await db.query(sql`select rowkeeper_sum(${"1.0"}) as total`), [{ total: "1.0" }]);
  });
});

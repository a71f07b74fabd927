import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Column, integer, Model, Sql, sql, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Thing extends Model("things", { id: integer().primaryKey(), name: text(), list: integer().nullable() }) {}

/** The text with its parameters as `<name>`. */
function marked(source: string, values: Record<string, unknown>): string {
  const statement = text(source, Object.fromEntries(Object.keys(values).map((name) => [name, `<${name}>`])));
  return statement.strings.map((part, i) => part + (statement.values[i] ?? "")).join("");
}

/** Pieces of SQL in which a `:x` is no parameter, whatever they hold. */
const noise = fc.oneof(
  fc
    .string({ unit: fc.constantFrom(":x", "'", '"', "a", "--", "/*", "$$", "\\", "[", " ") })
    .chain((inside) =>
      fc.constantFrom(
        `'${inside.replaceAll("'", "''")}'`,
        `"${inside.replaceAll('"', '""')}"`,
        ` E'${inside.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`,
        `--${inside}\n`,
        `/*${inside.replaceAll("/*", "").replaceAll("*/", "").replaceAll("/", "")}*/`,
        `/* /*${inside.replaceAll("/*", "").replaceAll("*/", "").replaceAll("/", "")}*/ :x*/`,
        ` $tag$${inside}$tag$`,
        ` $$${inside.replaceAll("$", "")}$$`,
      ),
    ),
  fc.constantFrom(
    " a::x ",
    " a::x[] ",
    " list[1:x] ",
    " list[:x] ",
    " list[a[1:2]:x] ",
    " := ",
    " : x ",
    " 1:2 ",
    " (",
  ),
  fc.constantFrom(" from ", ",", " = ", ")", " date '2020-01-01' ", " naïve$name$ ", " a$$b "),
);

describe("SQL text with named parameters", () => {
  test("text() is a column, and with SQL the SQL with its values bound", () => {
    assert.ok(text() instanceof Column);
    const statement = text("select * from things where name = :name and id > :id", { id: 1, name: "a" });
    assert.ok(statement instanceof Sql);
    assert.deepEqual(
      [statement.strings, statement.values],
      [
        ["select * from things where name = ", " and id > ", ""],
        ["a", 1],
      ],
    );
    assert.deepEqual(text("select 1").values, []);
  });

  test("a :name in quotes, comments, casts and slices is no parameter", () => {
    for (const [source, expected] of [
      ["select ':x', \":x\", `:x`, :a", "select ':x', \":x\", `:x`, <a>"],
      ["select 'it''s :x', :a", "select 'it''s :x', <a>"],
      ["select E'it\\'s :x', :a", "select E'it\\'s :x', <a>"],
      ["select e'\\\\', :a, '\\', :a", "select e'\\\\', <a>, '\\', <a>"],
      ["select date'\\', :a", "select date'\\', <a>"],
      ["select $$ :x $$, $t$ :x $$ $t$, a$t$b, :a", "select $$ :x $$, $t$ :x $$ $t$, a$t$b, <a>"],
      ["select :a::integer, :a ::x, a::x", "select <a>::integer, <a> ::x, a::x"],
      ["select :a -- :x 'it\n, :a /* :x /* :x */ ' */ + :a", "select <a> -- :x 'it\n, <a> /* :x /* :x */ ' */ + <a>"],
      ["select l[1:x], l[:x], l[a[1:x]:x], :a", "select l[1:x], l[:x], l[a[1:x]:x], <a>"],
      ["select l[(:a):(:a)], l[f(:a)]", "select l[(<a>):(<a>)], l[f(<a>)]"],
      ["select array[:a, :a], ARRAY [[:a],[:a]]", "select array[<a>, <a>], ARRAY [[<a>],[<a>]]"],
      ["select (array[:a])[1:x], :a", "select (array[<a>])[1:x], <a>"],
      ["f(n := 1, m:=:a)", "f(n := 1, m:=<a>)"],
      ["(:a),:a=:a", "(<a>),<a>=<a>"],
      ["select ':a', :a 'open :x", "select ':a', <a> 'open :x"],
      [":a /* open :x", "<a> /* open :x"],
    ] as const)
      assert.equal(marked(source, { a: 1 }), expected, source);
    assert.equal(
      marked("select :größe, :_a1, :a_b, :A", { größe: 1, _a1: 1, a_b: 1, A: 1 }),
      "select <größe>, <_a1>, <a_b>, <A>",
    );
  });

  test("whatever stands around it, a parameter is found, and nothing else", () => {
    const piece = fc.oneof(noise, fc.constantFrom(":a", ":b"));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        // What opens a bracket within `(` closes it.
        const source = `${pieces.join(" ")} :a :b`;
        const expected = `${pieces.map((each) => (/^:[ab]$/.test(each) ? `<${each.slice(1)}>` : each)).join(" ")} <a> <b>`;
        assert.equal(marked(source, { a: 1, b: 1 }), expected);
      }),
      { numRuns: 2000 },
    );
  });

  test("a parameter without a value, or a value without a parameter, is refused", () => {
    for (const [source, values, Kind, message] of [
      ["select :name", {}, UsageError, /:name has no value/],
      ["select :name, ':nam'", { name: 1, nam: 2 }, UsageError, /no parameter "nam" \(did you mean "name"\?\)/],
      ["select 1", { name: 1 }, UsageError, /no parameter "name"/],
      ["select :name", { name: undefined }, TypeError, /:name can't be undefined/],
      ["select :toString", {}, UsageError, /:toString has no value/],
      ["select $1, :name", { name: 1 }, UsageError, /\$1/],
      ["select :name", null, TypeError, /object, not null/],
      ["select :name", ["a"], TypeError, /object, not an array/],
      [5, {}, TypeError, /not a number/],
    ] as const)
      assert.throws(
        () => text(source as string, values as never),
        (error) => error instanceof Kind && message.test(error.message),
        String(source),
      );
    assert.doesNotThrow(() => text("select '$1', a$1"));
  });

  test("a very long text takes no deep recursion", () => {
    const long = "'".repeat(200_000);
    assert.deepEqual(text(`select '${long}', :a, "${'""'.repeat(100_000)}"`, { a: 1 }).values, [1]);
    assert.deepEqual(text(`${"/*".repeat(50_000)}${"*/".repeat(50_000)} :a`, { a: 1 }).values, [1]);
  });
});

eachEngine((engine) => {
  test("values come as they were given, quoted texts as they are", async () => {
    await using db = await open(engine, [Thing]);
    await Thing.objects.insertMany([{ name: "it's" }, { name: ":name", list: 3 }]);
    const name = ":name";
    const rows = await db.query(
      text("select name, ':name' as said from things where name = :name /* :not */ -- :nor", { name }),
    );
    assert.deepEqual(rows, [{ name: ":name", said: ":name" }]);
    const within = sql`select count(*) as n from things where ${text("name = :name", { name: "it's" })} or id > ${9}`;
    assert.deepEqual(await db.query(within), [{ n: 1 }]);
  });

  test("a parameter that stands in several places is one", async () => {
    await using db = await open(engine, [Thing]);
    await Thing.objects.insertMany([{ name: "a", list: 1 }, { name: "b" }]);
    const either = (list: number | null) =>
      db.query(text("select name from things where list = :list or :list is null and list is null", { list }));
    assert.deepEqual(await either(null), [{ name: "b" }]);
    assert.deepEqual(await either(1), [{ name: "a" }]);
    const grouped = text(
      "select list * cast(:n as integer) as m, count(*) as n from things where list > 0 group by list * cast(:n as integer)",
      { n: 5 },
    );
    assert.deepEqual(await db.query(grouped), [{ m: 5, n: 1 }]);
    const both = text("select name from things where (:c or list = :list) and name = :name and :c", {
      c: Thing.c.list.eq(1),
      list: 7,
      name: "a",
    });
    assert.deepEqual(await db.query(both), [{ name: "a" }]);
    const nested = text("select name from things where :part and name in (:a, :b, :a)", {
      part: sql`list = ${1} and ${2} = 2`,
      a: "a",
      b: "b",
    });
    assert.deepEqual(await db.query(nested), [{ name: "a" }]);
  });

  test("refuses before anything is sent", async () => {
    await using db = await open(engine, [Thing]);
    assert.ok((await failureOf(async () => db.query(text("select :a", {})))) instanceof UsageError);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import {
  alias,
  avg,
  count,
  cte,
  type Database,
  denseRank,
  exists,
  expression,
  integer,
  lag,
  lead,
  Model,
  max,
  min,
  not,
  numeric,
  rank,
  rowNumber,
  sql,
  sum,
  text,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";

class Sale extends Model("sales", {
  id: integer().primaryKey(),
  shop: text().nullable(),
  points: integer().nullable(),
  price: numeric().nullable(),
  afterId: integer().nullable(),
}) {}

const { c } = Sale;
const SHOPS = ["a", "B", "ä", "\u{1f600}", "\uff61"];
const PRICES = ["1.5", "1.50", "9", "10", "-3"];

const someRow = fc.record({
  shop: fc.option(fc.constantFrom(...SHOPS)),
  points: fc.option(fc.integer({ min: -5, max: 5 })),
  price: fc.option(fc.constantFrom(...PRICES)),
});
type SaleRow = typeof someRow extends fc.Arbitrary<infer T> ? T : never;

const compareNumbers = (a: number | null, b: number | null) =>
  a === null || b === null ? Number(a !== null) - Number(b !== null) : a - b;
const sumOf = (numbers: readonly (number | null)[]) =>
  numbers.reduce<number | null>((total, n) => (n === null ? total : (total ?? 0) + n), null);

/** What JavaScript says of a row among all of them, in the order of points, and then of ids. */
function windowsOf(rows: readonly (SaleRow & { readonly place: number })[], row: SaleRow & { readonly place: number }) {
  const part = rows.filter(({ shop }) => shop === row.shop);
  const ordered = [...part].sort((a, b) => compareNumbers(b.points, a.points) || a.place - b.place);
  const i = ordered.indexOf(row);
  const ahead = ordered.filter(({ points }) => compareNumbers(points, row.points) > 0);
  const samePrice = rows.filter(
    ({ price }) => (price === null ? null : Number(price)) === (row.price === null ? null : Number(row.price)),
  );
  return {
    number: i + 1,
    rank: ahead.length + 1,
    dense: new Set(ahead.map(({ points }) => points)).size + 1,
    before: ordered[i - 1]?.points ?? null,
    later: ordered[i + 2]?.points ?? null,
    running: sumOf(ordered.slice(0, i + 1).map(({ points }) => points)),
    framed: sumOf(ordered.slice(Math.max(0, i - 1), i + 1).map(({ points }) => points)),
    all: rows.length,
    known: rows.filter(({ points }) => points !== null && points > 0).length,
    samePrice: samePrice.length,
  };
}

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("windows, common table expressions and models named twice", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Sale]);
    });
    after(() => db.close());

    async function insert(rows: readonly Partial<SaleRow & { afterId: number | null }>[]): Promise<number[]> {
      await db.objects(Sale).delete("all");
      return (await db.objects(Sale).insertMany(rows)).map(({ id }) => id);
    }

    test("window functions give each row what JavaScript says of the rows around it", async () => {
      const within = { partitionBy: c.shop, orderBy: [c.points.desc(), c.id.asc()] };
      const selection = {
        number: rowNumber().over(within),
        rank: rank().over({ partitionBy: c.shop, orderBy: c.points.desc() }),
        dense: denseRank().over({ partitionBy: [c.shop], orderBy: [c.points.desc()] }),
        before: lag(c.points).over(within),
        later: lead(c.points, 2).over(within),
        running: sum(c.points).over(within),
        framed: sum(c.points).over({ ...within, frame: sql`rows between 1 preceding and current row` }),
        all: count().over(),
        known: count(c.points, { where: c.points.gt(0) }).over(),
        samePrice: count().over({ partitionBy: c.price }),
      };
      await fc.assert(
        fc.asyncProperty(fc.array(someRow, { maxLength: 10 }), async (given) => {
          await insert(given);
          const rows = given.map((row, place) => ({ ...row, place }));
          const found = await db.objects(Sale).setSql(Sale.select(selection)).orderBy("id").fetchall();
          assert.deepEqual(
            found,
            rows.map((row) => windowsOf(rows, row)),
          );
        }),
        { numRuns: 40 },
      );
    });

    test("decimals are aggregated exactly over rows, by number", async () => {
      await insert(["1.5", "10", null, "9", "0.1"].map((price) => ({ price })));
      const over = { orderBy: c.id.asc() };
      const found = await db
        .objects(Sale)
        .setSql(
          Sale.select({ total: sum(c.price).over(over), most: max(c.price).over(over), mean: avg(c.price).over(over) }),
        )
        .orderBy("id")
        .fetchall();
      assert.deepEqual(found, [
        { total: "1.5", most: "1.5", mean: "1.50000000000000000000" },
        { total: "11.5", most: "10", mean: "5.7500000000000000" },
        { total: "11.5", most: "10", mean: "5.7500000000000000" },
        { total: "20.5", most: "10", mean: "6.8333333333333333" },
        { total: "20.6", most: "10", mean: "5.1500000000000000" },
      ]);
    });

    test("a common table expression of a window gives the first of each group, in any statement", async () => {
      const ids = await insert([
        { shop: "a", points: 1 },
        { shop: "a", points: 3 },
        { shop: "b", points: null },
        { shop: "b", points: 2 },
      ]);
      const place = rowNumber().over({ partitionBy: c.shop, orderBy: c.points.desc() });
      const placed = cte("placed", Sale.select({ id: "id", name: "shop", place }));
      const objects = db.objects(Sale);
      const first = await objects
        .setSql(placed.select(["id", "name"]))
        .where({ place: 1 })
        .orderBy("-name")
        .fetchall();
      assert.deepEqual(first, [
        { id: ids[3], name: "b" },
        { id: ids[1], name: "a" },
      ]);
      const where = c.id.in(placed.select("id").where(placed.c.place.gt(1)));
      assert.deepEqual(
        (await objects.getInstances({ where, orderBy: "id" })).map(({ id }) => id),
        [ids[0], ids[2]],
      );
      const outer = cte("outer one", placed.select({ n: count(), top: max("place") }).groupBy("name"));
      assert.deepEqual(await objects.setSql(outer.select()).fetchall(), [
        { n: 2, top: 2 },
        { n: 2, top: 2 },
      ]);
      assert.equal(await objects.delete(where), 2);
      assert.equal(await objects.update(exists(placed.select().where(placed.c.id.eq(c.id))), { points: 0 }), 2);
    });

    test("a common table expression of sql is read by its columns' types, and may name itself", async () => {
      const rows = cte(
        "numbers",
        { n: integer(), half: numeric() },
        sql`select cast(${1} as integer), cast(${"0.50"} as ${engine.dialect === "postgres" ? sql`numeric` : sql`text`})
          union all select n + 1, half from numbers where n < ${4}`,
        { recursive: true },
      );
      const objects = db.objects(Sale);
      const found = await objects.setSql(rows.select()).where(rows.c.n.gt(2)).orderBy("-n").fetchall();
      assert.deepEqual(found, [
        { n: 4, half: "0.50" },
        { n: 3, half: "0.50" },
      ]);
      assert.deepEqual(await objects.setSql(rows.select({ total: sum("half"), n: sum(rows.c.n) })).fetchall(), [
        { total: "2.00", n: 10 },
      ]);
    });

    test("a model under another name is compared with itself, by exists and as a value", async () => {
      const [first] = await insert([{ points: 1 }, { points: 2 }, { points: 3 }]);
      await db.objects(Sale).update(c.points.gt(1), { afterId: first ?? 0 });
      const next = alias(Sale, "next");
      const objects = db.objects(Sale);
      const points = async (where: Parameters<typeof not>[0]) =>
        (await objects.getItems({ where, orderBy: "id" })).map((row) => row.points);
      assert.deepEqual(await points(exists(next.select().where(next.c.afterId.eq(c.id)))), [1]);
      assert.deepEqual(await points(not(exists(next.select("id").where(next.c.afterId.eq(c.id))))), [2, 3]);
      const least = next.select({ least: min("points") }).where(next.c.afterId.eq(c.afterId));
      assert.deepEqual(await points(c.points.gt(least)), [3]);
      const own = await objects
        .setSql(next.select({ id: "id", twice: next.c.points.times(2) }))
        .orderBy("-id")
        .fetchone();
      assert.equal(own?.twice, 6);
      assert.deepEqual(
        await objects
          .setSql(next.select(["points"]))
          .where({ points: [2, 3] })
          .orderBy("points")
          .scalars()
          .fetchall(),
        [2, 3],
      );
    });

    test("groups of a chain are chosen by conditions on aggregates and on expressions with values", async () => {
      await insert([
        { shop: "a", points: 1 },
        { shop: "a", points: 3 },
        { shop: "b", points: 5 },
        { shop: null, points: 7 },
      ]);
      const loud = expression(text().nullable(), sql`${c.shop} || ${"!"}`);
      const statement = Sale.select({ loud, n: count(), total: sum("points") }).groupBy(loud);
      const objects = db.objects(Sale);
      assert.deepEqual(await objects.setSql(statement).orderBy(loud.asc()).fetchall(), [
        { loud: null, n: 1, total: 7 },
        { loud: "a!", n: 2, total: 4 },
        { loud: "b!", n: 1, total: 5 },
      ]);
      const chosen = statement.having(loud.startsWith("a"), count().gt(1)).having(sum(c.points).lt(5));
      assert.deepEqual(await objects.setSql(chosen).fetchall(), [{ loud: "a!", n: 2, total: 4 }]);
      const ranked = Sale.select({ shop: "shop", place: rank().over({ orderBy: sum(c.points).desc() }) }).groupBy(
        "shop",
      );
      assert.deepEqual(await objects.setSql(ranked).orderBy("shop").fetchall(), [
        { shop: null, place: 1 },
        { shop: "a", place: 3 },
        { shop: "b", place: 2 },
      ]);
    });
  });
});

test("what is no expression, select or column is refused where windows and views want one (S1)", () => {
  const wrong: (() => unknown)[] = [
    () => rank().over({ orderBy: "points" as never }),
    () => rank().over({ partitionBy: "shop" as never }),
    () => rank().over({ frame: "rows 1 preceding" as never }),
    () => rank().over({ order: c.id.asc() } as never),
    () => lag("points" as never),
    () => lag(c.points, -1),
    () => lead(c.points, 1.5),
    () => lead(c.points, "1; drop table sales" as never),
    () => exists("select 1" as never),
    () => exists(sql`select 1` as never),
    () => cte("x", "select 1" as never),
    () => cte("x", { n: integer() }, "select 1" as never),
    () => cte("x", { n: "integer" as never }, sql`select 1`),
    () => cte("x", { n: integer() }, sql`select 1`, { recursiv: true } as never),
    () => expression("integer" as never, sql`1`),
    () => expression(integer(), "1" as never),
    () => Sale.select({}),
    () => Sale.select({ n: "nmae" as never }),
    () => Sale.select({ n: sum("nmae" as never) }),
    () => Sale.select({ n: 1 as never }),
    () => Sale.select("id").groupBy("nmae" as never),
    () => Sale.select("id").groupBy(1 as never),
    () => Sale.select("id").having("n > 1" as never),
  ];
  for (const work of wrong) assert.throws(work, TypeError, String(work));
});

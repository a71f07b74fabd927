import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { avg, count, type Database, integer, Model, max, min, sql, sum, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, openAt, statementsOf } from "../support/open.js";
import { untyped } from "./untyped.js";

class Sale extends Model("sales", {
  id: integer().primaryKey(),
  shop: text().nullable(),
  item: text(),
  price: integer().nullable(),
}) {}
class Shop extends Model("shops", { id: integer().primaryKey(), name: text(), city: text().nullable() }) {}

interface Row {
  readonly shop: string | null;
  readonly item: string;
  readonly price: number | null;
}

const anyRows = fc.array(
  fc.record({
    shop: fc.option(fc.constantFrom("a", "b", "B"), { freq: 4 }),
    item: fc.constantFrom("x", "y"),
    price: fc.option(fc.integer({ min: -3, max: 9 }), { freq: 4 }),
  }),
  { maxLength: 12 },
);

/** Nulls first, then by code points. */
const byShop = (a: { readonly shop: string | null }, b: { readonly shop: string | null }) =>
  Buffer.compare(Buffer.from(a.shop ?? ""), Buffer.from(b.shop ?? ""));

/** What a database makes of groups of rows. */
function grouped<K extends string | null>(rows: readonly Row[], keyOf: (row: Row) => K) {
  const keys = [...new Set(rows.map(keyOf))];
  return keys.map((key) => {
    const members = rows.filter((row) => keyOf(row) === key);
    const prices = members.flatMap(({ price }) => price ?? []);
    const total = prices.reduce((a, b) => a + b, 0);
    const isNone = prices.length === 0;
    return {
      shop: key,
      n: members.length,
      priced: prices.length,
      items: new Set(members.map(({ item }) => item)).size,
      total: isNone ? null : total,
      least: isNone ? null : Math.min(...prices),
      most: isNone ? null : Math.max(...prices),
    };
  });
}

const SELECTION = {
  shop: "shop",
  n: count(),
  priced: count("price"),
  items: count("item", { distinct: true }),
  total: sum("price"),
  least: min("price"),
  most: max("price"),
} as const;

eachEngine((engine) => {
  describe("groups", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Sale, Shop]);
    });
    after(() => db.close());

    async function fill(rows: readonly Row[]): Promise<void> {
      await Sale.objects.delete("all");
      await Shop.objects.delete("all");
      await Sale.objects.insertMany(rows);
      await Shop.insertMany([{ name: "a", city: "C" }, { name: "b", city: "C" }, { name: "z" }]);
    }
    const data = <D>(rows: readonly { readonly data: D }[]): D[] => rows.map((row) => row.data);

    test("have the aggregates that JavaScript finds, in any form of having, ordered and counted (S18, S23)", async () => {
      await fc.assert(
        fc.asyncProperty(anyRows, fc.integer({ min: 0, max: 4 }), async (rows, least) => {
          await fill(rows);
          const wanted = grouped(rows, ({ shop }) => shop).sort(byShop);
          const query = Sale.query().group("shop").select(SELECTION).orderBy("shop", "asc");
          assert.deepEqual(data(await query.get()), wanted);
          assert.equal(await query.count(), wanted.length);
          const many = wanted.filter(({ n }) => n >= least);
          for (const having of [
            query.having(({ n }) => n.gte(least)),
            query.having(count().gte(least)),
            query.having(sql`count(*) >= ${least}`),
            query.having([count().gte(least), sql`1 = 1`]),
            query.having(({ n, shop }) => [n.gte(least), sql`${shop} is null or 1 = 1`]),
          ]) {
            assert.deepEqual(data(await having.get()), many);
            assert.equal(await having.count(), many.length);
          }
          const exactly = (test: (row: (typeof wanted)[number]) => boolean) => wanted.filter(test);
          assert.deepEqual(
            data(await query.having({ n: least }).get()),
            exactly(({ n }) => n === least),
          );
          assert.deepEqual(
            data(await query.having({ n: [1, 3], shop: "a" }).get()),
            exactly(({ n, shop }) => [1, 3].includes(n) && shop === "a"),
          );
          assert.deepEqual(
            data(await query.having({ total: null }).get()),
            exactly(({ total }) => total === null),
          );
          assert.deepEqual(
            data(
              await query
                .having({ shop: null })
                .having(({ n }) => n.gt(1))
                .get(),
            ),
            exactly(({ shop, n }) => shop === null && n > 1),
          );
          const positive = grouped(
            rows.filter(({ price }) => (price ?? 0) > 0),
            ({ shop }) => shop,
          ).sort(byShop);
          assert.deepEqual(data(await query.greater("price", 0).get()), positive);
          const [alone] = await Sale.query()
            .select({ n: count(), total: sum("price"), mean: avg("price") })
            .get();
          const prices = rows.flatMap(({ price }) => price ?? []);
          const total = prices.length === 0 ? null : prices.reduce((a, b) => a + b);
          assert.equal(alone?.data.n, rows.length);
          assert.equal(alone?.data.total, total);
        }),
        { numRuns: 25 },
      );
    });

    test("of joins have aggregates of all tables, null for the groups of a missing side (S18, S23)", async () => {
      await fc.assert(
        fc.asyncProperty(anyRows, async (rows) => {
          await fill(rows);
          const cities = new Map<string | null, string | null>([
            ["a", "C"],
            ["b", "C"],
          ]);
          const joined = Sale.query().join(Shop, ["shop", "name"], "left");
          const query = joined
            .group("shops.city")
            .select({
              shop: "shops.city",
              n: count("sales.id"),
              total: sum("sales.price"),
              shops: count("shops.id", { distinct: true }),
            })
            .orderBy("shop", "asc");
          const wanted = grouped(rows, ({ shop }) => cities.get(shop) ?? null).sort(byShop);
          const shops = (city: string | null) =>
            city === null ? 0 : new Set(rows.flatMap(({ shop }) => (cities.has(shop) ? shop : []))).size;
          assert.deepEqual(
            data(await query.get()),
            wanted.map(({ shop, n, total }) => ({ shop, n, total, shops: shops(shop) })),
          );
          assert.equal(await query.count(), wanted.length);
          const named = joined.group(["shops.city", "item"]);
          assert.equal(await named.count(), (await named.get()).length);
        }),
        { numRuns: 15 },
      );
    });

    test("without a selection have what was grouped by, under the names that were given", async () => {
      await fill([
        { shop: "b", item: "x", price: 1 },
        { shop: "a", item: "x", price: 2 },
        { shop: "a", item: "x", price: 2 },
      ]);
      const two = Sale.query().group(["shop", "item"]).orderBy("shop", "desc");
      assert.deepEqual(data(await two.get()), [
        { shop: "b", item: "x" },
        { shop: "a", item: "x" },
      ]);
      assert.deepEqual(data(await two.select(["item"]).take(1)), [{ item: "x" }]);
      const joined = Sale.query().join(Shop, ["shop", "name"]).group("shops.name").orderBy("shops.name", "asc").skip(1);
      assert.deepEqual(data(await joined.get()), [{ "shops.name": "b" }]);
      assert.deepEqual((await Sale.query().group("shop").orderBy({ shop: "asc" }).first())?.data, { shop: "a" });
      const shouting = Sale.query()
        .select({ shout: Sale.c.shop, twice: Sale.c.price.times(2) })
        .orderBy("twice", "desc")
        .orderBy("id", "asc");
      assert.deepEqual(data(await shouting.take(1)), [{ shout: "a", twice: 4 }]);
    });

    test("are refused where they make no sense, at the call and with nothing sent", async () => {
      const query = () => untyped(Sale.query());
      const refused: readonly (readonly [string, RegExp, () => unknown])[] = [
        ["UsageError", /sales\.item is no aggregate/, () => query().group?.("shop").select?.(["item"])],
        [
          "UsageError",
          /sales\.item is no aggregate/,
          () => query().group?.("shop").select?.({ item: "item", n: count() }),
        ],
        ["UsageError", /sales\.item is no aggregate/, () => query().select?.({ item: "item", n: count() })],
        ["UsageError", /sales\.id is no aggregate/, () => query().group?.("shop").orderBy?.("id", "asc")],
        ["UsageError", /sales\.id is no aggregate/, () => query().group?.("shop").orderBy?.(Sale.c.id.desc())],
        ["UsageError", /sales\.id is no aggregate/, () => query().orderBy?.("id", "asc").group?.("shop")],
        ["UsageError", /sales\.id is no aggregate/, () => query().group?.("shop").having?.(Sale.c.id.gt(1))],
        [
          "UsageError",
          /sales\.price is no/,
          () =>
            query()
              .group?.("shop")
              .select?.({ x: Sale.c.price.plus(1) }),
        ],
        ["UsageError", /sales\.shop is no/, () => query().select?.({ n: count().plus(1), shop: "shop" })],
        ["UsageError", /group\(\) before it/, () => query().having?.(sql`1 = 1`)],
        ["UsageError", /group\(\) before it/, () => query().select?.(["shop"]).having?.({ shop: "a" })],
        ["UsageError", /group\(\) before it/, () => query().select?.({ name: "shop" }).having?.({ name: "a" })],
        ["TypeError", /"m" in the rows/, () => query().group?.("shop").select?.({ n: count() }).having?.({ m: 1 })],
        ["TypeError", /undefined/, () => query().group?.("shop").having?.({ shop: undefined })],
        ["TypeError", /null/, () => query().group?.("shop").having?.(null)],
        [
          "TypeError",
          /users?\.n|no column|"nothing"/,
          () =>
            query()
              .group?.("shop")
              .select?.({ n: count("nothing") }),
        ],
        [
          "TypeError",
          /sum wants numbers/,
          () =>
            query()
              .group?.("shop")
              .select?.({ n: sum("item") }),
        ],
        ["TypeError", /not a number/, () => query().group?.("shop").select?.({ n: 5 })],
        ["TypeError", /at least one/, () => query().group?.("shop").select?.({})],
        ["TypeError", /at least one/, () => query().group?.([])],
        ["TypeError", /by its name/, () => query().group?.(5)],
        ["TypeError", /a list of columns or an object/, () => query().select?.("shop")],
        ["TypeError", /a list of columns or an object/, () => query().select?.(sql`shop`)],
      ];
      const sent = await statementsOf(db, async () => {
        for (const [name, message, work] of refused) {
          const error = await failureOf(work);
          assert.equal(error.name, name, error.message);
          assert.match(error.message, message);
        }
      });
      assert.deepEqual(sent, []);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bigint, integer, Model, max, numeric, QueryError, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Item extends Model("items", {
  id: integer().primaryKey(),
  stock: integer().nullable(),
  sold: bigint().nullable(),
  price: numeric(8, 2).nullable(),
  weight: numeric().nullable(),
}) {}

const { c } = Item;

eachEngine((engine) => {
  describe("updates by expressions", () => {
    test("keep what is computed as the column keeps its values, rounded half away from zero", async () => {
      await using _db = await open(engine, [Item]);
      const { objects } = Item;
      await Item.insertMany([
        { price: "1.50", weight: "0.10", stock: 2, sold: 2n ** 53n },
        { price: "-2.50", weight: null, stock: null, sold: null },
      ]);
      const values = {
        price: c.price.times("1.15"),
        weight: c.weight.plus("0.005"),
        stock: c.stock.minus(5),
        sold: c.sold.plus(1n),
      };
      assert.equal(await objects.update("all", values), 2);
      const columns = ["price", "weight", "stock", "sold"] as const;
      assert.deepEqual(await objects.getItems({ columns, orderBy: "id" }), [
        { price: "1.73", weight: "0.105", stock: -3, sold: 2n ** 53n + 1n },
        { price: "-2.88", weight: null, stock: null, sold: null },
      ]);
      assert.equal(await objects.count({ where: { price: "1.73" } }), 1);
      await objects.update(
        { stock: null },
        { price: sql`${c.price} * 10`, weight: Item.select({ most: max("price") }) },
      );
      assert.deepEqual(await objects.getItems({ columns: ["price", "weight"], where: { stock: null } }), [
        { price: "-28.80", weight: "1.73" },
      ]);
    });

    test("fail where the column can't hold it, and change nothing", async () => {
      await using _db = await open(engine, [Item]);
      const { objects } = Item;
      const item = await Item.insert({ stock: 2 ** 31 - 1, sold: 2n ** 63n - 1n, price: "999999.99" });
      for (const values of [
        { stock: c.stock.plus(1) },
        { stock: sql`${c.stock} + 1 + 0 * ${c.id}` },
        { stock: c.stock.times(-2) },
        { sold: c.sold.plus(1n) },
        { price: c.price.plus("0.01") },
      ]) {
        assert.ok((await failureOf(() => objects.update("all", values))) instanceof QueryError);
        assert.deepEqual({ ...(await objects.get()).data }, { ...item.data });
      }
      await objects.update("all", {
        stock: c.stock
          .minus(2 ** 31 - 1)
          .minus(2 ** 31 - 1)
          .minus(1),
      });
      assert.equal((await objects.get()).stock, -(2 ** 31));
    });
  });
});

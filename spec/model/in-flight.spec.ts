import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, integer, json, Manager, Model, NotFoundError, numeric, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Item extends Model("items", {
  id: integer().primaryKey(),
  name: text(),
  note: text().nullable(),
  prices: array(numeric(10, 2)).default(() => []),
  details: json<{ size: number }>().nullable(),
}) {
  static override objects = new Manager(this);
}

eachEngine((engine) => {
  describe("what is assigned while a statement runs", () => {
    test("stays, and is a change, after a save that inserts (M11)", async () => {
      await using _db = await open(engine, [Item]);
      const item = new Item({ name: "first" });
      const saving = item.save();
      item.name = "second";
      item.note = "late";
      await saving;
      assert.deepEqual(item.changes, { name: "second", note: "late" });
      await item.save();
      assert.deepEqual((await Item.objects.get()).data, item.data);
      assert.equal(item.name, "second");
    });

    test("stays, and is a change, after a save that updates, or an update of the same column", async () => {
      await using _db = await open(engine, [Item]);
      const item = await Item.objects.insert({ name: "a" });
      item.name = "b";
      const saving = item.save();
      item.name = "c";
      await saving;
      assert.deepEqual([item.name, item.changes], ["c", { name: "c" }]);
      const updating = item.update({ name: "d" });
      item.name = "e";
      await updating;
      assert.deepEqual([item.name, item.changes], ["e", { name: "e" }]);
      assert.equal((await Item.objects.get()).name, "d");
    });

    test("in a JSON value that is being inserted is a change too (S31)", async () => {
      await using _db = await open(engine, [Item]);
      const details = { size: 1 };
      const item = new Item({ name: "a", details });
      const saving = item.save();
      details.size = 2;
      await saving;
      assert.deepEqual(item.changes, { details: { size: 2 } });
    });
  });

  describe("an instance's changes", () => {
    test("are gone after a save though the database keeps the value in another form (S31)", async () => {
      await using db = await open(engine, [Item]);
      const item = await Item.objects.insert({ name: "a" });
      item.prices = ["1.5", "2"];
      await item.save();
      assert.deepEqual(item.changes, {});
      assert.deepEqual(await statementsOf(db, () => item.save()), []);
      await item.reload();
      assert.deepEqual(item.prices, ["1.50", "2.00"]);
    });

    test("are dropped by an update back to what was loaded, without SQL (S32)", async () => {
      await using db = await open(engine, [Item]);
      const item = await Item.objects.insert({ name: "a" });
      item.name = "b";
      assert.deepEqual(await statementsOf(db, () => item.update({ name: "a" })), []);
      assert.deepEqual([item.name, item.changes], ["a", {}]);
    });

    test("stay where the conditions of an update don't hold, and the error says so (S34)", async () => {
      await using _db = await open(engine, [Item]);
      const item = await Item.objects.insert({ name: "a" });
      item.note = "mine";
      const error = await failureOf(() => item.update({ name: "b" }, [Item.c.name.eq("other")]));
      assert.ok(error instanceof NotFoundError);
      assert.match(error.message, /fulfils the conditions/);
      assert.deepEqual(item.changes, { note: "mine" });
    });
  });
});

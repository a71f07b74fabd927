import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, belongsTo, hasMany, integer, json, Manager, Model, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Owner extends Model("owners", { id: integer().primaryKey(), legacy: integer().unique(), name: text() }) {
  static override objects = new Manager(this);
  get things() {
    return hasMany(this, Thing, "ownerLegacy");
  }
}

class Thing extends Model("things", {
  id: integer().primaryKey(),
  ownerLegacy: integer().references(() => Owner, { column: "legacy" }),
  words: array(text()).default(() => []),
  details: json().nullable(),
}) {
  static override objects = new Manager(this);
  get owner() {
    return belongsTo(this, Owner, "ownerLegacy");
  }
}

eachEngine((engine) => {
  describe("after a rollback", () => {
    test("an instance that was upserted is unsaved, and a save inserts it (S65)", async () => {
      await using _db = await open(engine, [Owner, Thing]);
      await using tx = Owner.objects.transaction();
      const owner = await tx.upsert({ id: 5, legacy: 1, name: "a" });
      await tx.rollback();
      await owner.save();
      assert.deepEqual(await Owner.objects.getItems(), [{ id: 5, legacy: 1, name: "a" }]);
    });

    test("an instance that was reloaded has what it had before", async () => {
      await using _db = await open(engine, [Owner, Thing]);
      const owner = await Owner.objects.insert({ legacy: 1, name: "a" });
      await using tx = Owner.objects.transaction();
      await tx.update({ id: owner.id }, { name: "b" });
      await owner.using(tx).reload();
      assert.equal(owner.name, "b");
      await tx.rollback();
      assert.equal(owner.name, "a");
      await owner.update({ name: "b" });
      assert.equal((await Owner.objects.get()).name, "b");
    });
  });

  describe("a relation", () => {
    test("follows the column that its key refers to, where that is not the primary key", async () => {
      await using _db = await open(engine, [Owner, Thing]);
      const a = await Owner.objects.insert({ legacy: 2, name: "a" });
      await Owner.objects.insert({ legacy: 1, name: "b" });
      const thing = await Thing.objects.insert({ ownerLegacy: 2 });
      assert.equal((await thing.owner.fetch())?.name, "a");
      assert.deepEqual(
        (await a.things.fetchAll()).map(({ id }) => id),
        [thing.id],
      );
    });
  });

  describe("lists", () => {
    test("of texts that look like the bounds of a PostgreSQL array are read as they were written", async () => {
      await using _db = await open(engine, [Owner, Thing]);
      await Owner.objects.insert({ legacy: 1, name: "a" });
      const words = ["x]=y", "[0:1]={a,b}", "keep"];
      const { id } = await Thing.objects.insert({ ownerLegacy: 1, words });
      assert.deepEqual((await Thing.objects.find(id))?.words, words);
    });

    test("with holes, and collections, are no JSON: a TypeError before any SQL", async () => {
      await using _db = await open(engine, [Owner, Thing]);
      // biome-ignore lint/suspicious/noSparseArray: it is what is tested
      for (const details of [[1, , 3], new Map([[1, 2]]), new Set([1]), /x/]) {
        const error = await failureOf(() => Thing.objects.insert({ ownerLegacy: 1, details }));
        assert.ok(error instanceof TypeError, String(error));
      }
    });
  });
});

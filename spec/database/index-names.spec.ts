import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boolean, integer, Model, real, sql, text, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

eachEngine((engine) => {
  describe("indexes", () => {
    test("of the same columns are all made: a plain one, a unique one of some rows, one that descends", async () => {
      class Member extends Model(
        "members",
        { id: integer().primaryKey(), email: text().index(), active: boolean().default(true) },
        { indexes: [{ columns: ["email"], unique: true, where: sql`id > 0` }, ["-email"]] },
      ) {}
      await using db = await open(engine, [Member]);
      await db.createAll();
      await Member.insert({ email: "a" });
      assert.ok((await failureOf(() => Member.insert({ email: "a" }))) instanceof UniqueViolationError);
    });

    test("of two tables whose names run together are refused, not skipped", async () => {
      const One = class extends Model("a", { id: integer().primaryKey(), bC: text().index() }) {};
      const Two = class extends Model("a_b", { id: integer().primaryKey(), c: text().index() }) {};
      assert.ok((await failureOf(async () => (await open(engine, [One, Two])).close())) instanceof UsageError);
    });
  });

  test("a default of Infinity is one on both engines", async () => {
    class Limit extends Model("limits", {
      id: integer().primaryKey(),
      most: real().default(Infinity),
      least: real().default(-Infinity),
    }) {}
    await using db = await open(engine, [Limit]);
    await using connection = await db.connect();
    await connection.execute("insert into limits (id) values (1)");
    const limit = await Limit.find(1);
    assert.deepEqual([limit?.most, limit?.least], [Infinity, -Infinity]);
  });
});

test("a model without columns is refused when the class is made", () => {
  assert.throws(() => Model("nothing", {}), UsageError);
});

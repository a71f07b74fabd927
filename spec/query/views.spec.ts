import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alias, cte, QueryBuilder, UsageError } from "../../src/index.js";
import { people, User } from "../manager/models.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

eachEngine((engine) => {
  describe("a query of another name of a model", () => {
    test("gives instances, also of a join and of some columns", async () => {
      await using db = await open(engine, [User]);
      await User.objects.insertMany(people(["a", 1], ["b", 2]));
      const other = alias(User, "other");
      const query = new QueryBuilder(other, { database: db }).orderBy("id", "asc");
      assert.ok((await query.first()) instanceof User);
      assert.ok((await query.select(["id", "name"]).first()) instanceof User);
      const [pair] = await User.query().join(other, ["age", "<", "other.age"]).get();
      const models = (await pair?.getModels()) ?? [];
      assert.deepEqual(
        models.map((model) => [model instanceof User, model?.name]),
        [
          [true, "a"],
          [true, "b"],
        ],
      );
    });

    test("writes nothing, as nothing in the database has that name", async () => {
      await using db = await open(engine, [User]);
      const users = new QueryBuilder(alias(User, "other"), { database: db }).equal("name", "a");
      const some = new QueryBuilder(cte("some", User.select(["name"])), { database: db }).equal("name", "a");
      const texts = await statementsOf(db, async () => {
        for (const work of [() => users.update({ name: "b" }), () => users.delete(), () => some.delete()]) {
          const error = await failureOf(work);
          assert.ok(error instanceof UsageError, String(error));
          assert.match(error.message, /(other|some) only stands for one/);
        }
      });
      assert.deepEqual(texts, []);
    });
  });
});

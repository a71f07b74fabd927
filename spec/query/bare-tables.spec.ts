import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { type Database, integer, Model, QueryBuilder, text, ValidationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Line extends Model("lines", { id: integer().primaryKey(), line: text() }) {}

const columns = { id: integer().primaryKey(), line: text().check(z.string().trim().max(5)) };

eachEngine((engine) => {
  describe("a table that is told by its name and columns", () => {
    const linesOf = (database: Database) => new QueryBuilder("lines", { columns, database });

    test("is written what the schemas of its columns make of values", async () => {
      await using db = await open(engine, [Line]);
      const lines = linesOf(db);
      const row = await lines.insert({ id: 1, line: " a " });
      assert.deepEqual(row.data, { id: 1, line: "a" });
      await lines.insertMany([{ id: 2, line: "b " }]);
      await lines.equal("id", 1).update({ line: " c" });
      assert.deepEqual(
        (await Line.objects.getItems({ orderBy: "id" })).map(({ line }) => line),
        ["c", "b"],
      );
    });

    test("is written nothing that they refuse", async () => {
      await using db = await open(engine, [Line]);
      const lines = linesOf(db);
      const line = "too long";
      const texts = await statementsOf(db, async () => {
        const ways = [
          () => lines.insert({ id: 1, line }),
          () => lines.insertMany([{ id: 1, line }]),
          () => lines.equal("id", 1).update({ line }),
        ];
        for (const work of ways) assert.ok((await failureOf(work)) instanceof ValidationError, String(work));
      });
      assert.deepEqual(texts, []);
    });
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { integer, Model, RowkeeperError, text, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class User extends Model("users", {
  id: integer().primaryKey(),
  fullName: text().unique(),
  age: integer().nullable(),
}) {}

const SECRET = "sesame";

test("an error has no properties for what is not known, which console.log would show", () => {
  assert.deepEqual(Object.keys(new UsageError("x")), []);
  assert.equal(new UsageError("x").sql, undefined);
  assert.deepEqual(Object.keys(new RowkeeperError("x", { sql: "select 1" })), ["sql"]);
});

eachEngine((engine) => {
  test("a violated constraint shows what the engine tells of it", async () => {
    await using _db = await open(engine, [User]);
    await User.objects.insert({ fullName: SECRET });
    const error = await failureOf(() => User.objects.insert({ fullName: SECRET }));
    assert.ok(error instanceof UniqueViolationError);
    assert.doesNotMatch(inspect(error, { depth: 0 }), /: undefined/);
    assert.deepEqual([error.table, error.columns], ["users", ["full_name"]]);
  });
});

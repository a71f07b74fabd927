import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  and,
  Database,
  insertInto,
  integer,
  Manager,
  Model,
  RowkeeperError,
  sum,
  text,
  UniqueViolationError,
  UsageError,
  updateTable,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class UserManager extends Manager<typeof User> {}

class User extends Model("users", {
  id: integer().primaryKey(),
  fullName: text().unique(),
  age: integer().nullable(),
}) {
  static override objects = new UserManager(this);
}

const SECRET = "sesame";

test("console.log shows an expression, a condition and a statement as their SQL, without values", () => {
  const { fullName, age } = User.c;
  const shown: [unknown, string][] = [
    [fullName, "users.fullName"],
    [User.c, "{ id: users.id, fullName: users.fullName, age: users.age }"],
    [fullName.desc(), '"users"."full_name" desc'],
    [sum(age), 'sum("users"."age")'],
    [fullName.eq(SECRET), '"users"."full_name" = ?'],
    [and(fullName.eq(SECRET), age.gt(4711)), '("users"."full_name" = ?) and ("users"."age" > ?)'],
    [User.select("id").where({ fullName: SECRET }), 'select "users"."id" from "users" where "users"."full_name" = ?'],
    [insertInto(User).values({ fullName: SECRET }), 'insert into "users" ("full_name") values (?)'],
    [updateTable(User).values({ fullName: SECRET }), "[Statement]"], // Of which rows is not said yet.
  ];
  for (const [value, expected] of shown) assert.equal(inspect(value), expected);
});

test("console.log shows a Database by its place, without who uses it, and a manager by its model", async () => {
  const places = {
    "sqlite:blog.db": "Database(sqlite:blog.db)",
    "sqlite::memory:": "Database(sqlite::memory:)",
    [`postgres://me:${SECRET}@example.org:5433/blog?password=${SECRET}`]: "Database(postgres://example.org:5433/blog)",
  };
  for (const [url, expected] of Object.entries(places)) {
    await using db = new Database(url);
    assert.equal(inspect(db), expected);
  }
  await using db = new Database("sqlite::memory:", { models: [User] });
  assert.equal(inspect(User.objects), "UserManager(User)");
  assert.equal(inspect(db.objects(User).transaction()), "UserManager(User)");
});

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

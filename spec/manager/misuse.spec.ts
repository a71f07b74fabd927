import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  array,
  belongsTo,
  count,
  integer,
  Manager,
  Model,
  QueryBuilder,
  stringAgg,
  sum,
  text,
  transaction,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Person extends Model("people", {
  id: integer().primaryKey(),
  name: text().unique(),
  age: integer().nullable(),
}) {
  static override objects = new Manager(this);
}

class Loose extends Model("loose", { a: integer().nullable(), b: integer().nullable() }) {}

/** What V8 says where nobody has looked at what was given. */
const V8 = /Cannot|is not a function|not iterable|called on|'in' operator|Class constructor/;

const wrong = (value: unknown): never => value as never;

const VALUES: readonly unknown[] = [null, 0, Symbol("x"), [null], true];

eachEngine((engine) => {
  describe("calls that make no sense", () => {
    test("what is no object of options is a TypeError that says so, before any SQL (S1)", async () => {
      await using db = await open(engine, [Person]);
      const { objects } = Person;
      const person = await objects.insert({ name: "ada" });
      const calls: readonly ((value: never) => unknown)[] = [
        (value) => objects.getInstances(value),
        (value) => objects.getItems(value),
        (value) => objects.count(value),
        (value) => objects.last(value),
        (value) => objects.explain(value),
        (value) => objects.stream(value).next(),
        (value) => objects.chunk(1, value),
        (value) => objects.insert({ name: "x" }, value),
        (value) => objects.upsert({ name: "x" }, value),
        (value) => objects.update({ id: 1 }, { age: 1 }, value),
        (value) => objects.delete({ id: 1 }, value),
        (value) => objects.getOrCreate({ name: "x" }, value),
        (value) => objects.updateOrCreate({ name: "x" }, value),
        (value) => objects.aggregate({ n: count() }, value),
        (value) => objects.transaction(() => 1, value),
        (value) => objects.preview(() => 1, value),
        (value) => objects.preview(value),
        (value) => db.preview(() => 1, value),
        (value) => db.preview(value),
        (value) => db.begin(value),
        (value) => db.model(value),
        (value) => db.objects(value),
        (value) => transaction(value, () => 1),
        (value) => transaction([value], () => 1),
        (value) => transaction([db], value),
        (value) => objects.upsert({ name: "x" }, { on: "name", update: [value] }),
        (value) => objects.upsert({ name: "x" }, { on: [value] }),
        (value) => Person.c.name.asc(value),
        (value) => sum("age", value),
        (value) => new QueryBuilder(Person, value),
        (value) => person.save(value),
        (value) => person.update({ age: 1 }, undefined, value),
        (value) => person.update(value),
        (value) => person.delete(value),
        (value) => belongsTo(person, value),
      ];
      const texts = await statementsOf(db, async () => {
        for (const call of calls) {
          for (const value of VALUES) {
            const error = await failureOf(() => call(wrong(value)));
            assert.ok(error instanceof TypeError, `${call} of ${String(value)}: ${error}`);
            assert.doesNotMatch(error.message, V8, call.toString());
          }
        }
      });
      assert.deepEqual(texts, []);
    });

    test("columns that are named twice in an upsert count once, on each engine", async () => {
      await using _db = await open(engine, [Person]);
      await Person.objects.insert({ name: "ada" });
      const options = { on: ["name", "name"], update: ["age", "age"] } as const;
      assert.equal((await Person.objects.upsert({ name: "ada", age: 36 }, options)).age, 36);
    });

    test("updateOrCreate of a table without a key is a UsageError, before any SQL", async () => {
      await using db = await open(engine, [Loose]);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => Loose.objects.updateOrCreate({ a: 1 }, { b: 2 }));
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /wants a primary key/);
      });
      assert.deepEqual(texts, []);
    });

    test("an empty list of orders is none, in stringAgg as elsewhere", async () => {
      await using _db = await open(engine, [Person]);
      await Person.objects.insertMany([{ name: "b" }, { name: "a" }]);
      assert.deepEqual(await Person.objects.aggregate({ all: stringAgg("name", "", { orderBy: [] }) }), { all: "ab" });
    });
  });
});

describe("declarations that make no sense", () => {
  test("are refused by a TypeError, or a UsageError, that says what is wanted (S1)", async () => {
    const columns = { id: integer().primaryKey(), name: text() };
    const calls: readonly ((value: never) => unknown)[] = [
      (value) => Model("t", value),
      (value) => Model("t", { ...columns, extra: value }),
      (value) => Model("t", columns, value),
      (value) => Model("t", columns, { primaryKey: [value] }),
      (value) => Model("t", columns, { unique: [value] }),
      (value) => Model("t", columns, { unique: value }),
      (value) => Model("t", columns, { indexes: [value] }),
      (value) => Model("t", columns, { indexes: [{ columns: value }] }),
      (value) => Model("t", columns, { checks: [value] }),
      (value) => Model("t", columns, { checks: value }),
      (value) => Model("t", columns, { schema: value }),
      (value) => array(value),
      (value) => text().defaultSql(value),
    ];
    for (const call of calls) {
      for (const value of VALUES) {
        const error = await failureOf(() => call(wrong(value)));
        assert.ok(error instanceof TypeError || error instanceof UsageError, `${call} of ${String(value)}: ${error}`);
        assert.doesNotMatch(error.message, V8, `${call} of ${String(value)}`);
      }
    }
  });
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Database, integer, json, Manager, Model, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";

class Mistyped extends Model("mistyped", {
  id: integer().primaryKey(),
  name: text(),
  age: integer().nullable(),
  info: json<{ gt?: number }>().nullable(),
}) {
  static override objects = new Manager(this);
}

const { objects } = Mistyped;

/** A call as plain JavaScript makes it. */
const call = (method: (...values: never[]) => unknown, ...values: unknown[]): unknown =>
  Reflect.apply(method, objects, values);

eachEngine((engine) => {
  describe("what is written as other libraries have it", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Mistyped]);
      await objects.insert({ name: "a", info: { gt: 3 } });
    });
    after(() => db.close());

    const cases: readonly (readonly [string, RegExp, () => unknown])[] = [
      [
        "conditions in place of a query",
        /no option "name": it takes .*where/,
        () => call(objects.getInstances, { name: "a" }),
      ],
      [
        "an option that is far from all",
        /no option "take": it takes .*limit/,
        () => call(objects.getItems, { take: 3 }),
      ],
      [
        "a query in place of conditions",
        /conditions are wanted themselves/,
        () => call(objects.delete, { where: { id: 1 } }),
      ],
      ["an operator in an object", /say column\.gt\(…\)/, () => call(objects.count, { where: { age: { gt: 3 } } })],
      ["a direction in words", /"-name"/, () => call(objects.getItems, { orderBy: "name desc" })],
      [
        "a fraction",
        /age takes an integer of 32 bits, not a fraction$/,
        () => call(objects.insert, { name: "a", age: 1.5 }),
      ],
      ["too large an integer", /of 32 bits, not one of more$/, () => call(objects.insert, { name: "a", age: 2 ** 31 })],
      ["a text", /of 32 bits, not a string$/, () => call(objects.insert, { name: "a", age: "1" })],
      [
        "a column that was not called",
        /x\.id is declared by a column, such as integer\(\)/,
        () => call(Model, "x", { id: integer }),
      ],
    ];
    for (const [what, message, run] of cases) {
      test(`is a TypeError that says how it is here: ${what} (S1)`, () =>
        assert.rejects(async () => run(), { name: "TypeError", message }));
    }

    test("but an object is a value of JSON", async () =>
      assert.equal(await objects.count({ where: { info: { gt: 3 } } }), 1));
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  array,
  boolean,
  bytes,
  date,
  integer,
  json,
  Model,
  NotNullViolationError,
  numeric,
  oneOf,
  sql,
  text,
  timestamp,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

let counted = 0;
const count = () => {
  counted += 1;
  return counted;
};

class Thing extends Model("things", {
  id: integer().primaryKey(),
  label: text().default('it\'s a "label"'),
  price: numeric(6, 2).default("1.5"),
  isNew: boolean().default(false),
  tags: array(text()).default(["a", 'b"c']),
  meta: json<{ a: number[] }>().default({ a: [1] }),
  blob: bytes().default(new Uint8Array([0, 255])),
  state: oneOf("on", "it's off").default("it's off"),
  place: integer().default(count),
  maybe: text().nullable().default("given"),
  size: integer().defaultSql(sql`2 + 3`),
  at: timestamp().defaultNow(),
  day: date().defaultNow(),
  since: timestamp().default(new Date(86_400_000)),
  must: text(),
}) {}

eachEngine((engine) => {
  describe("defaults", () => {
    test("of a value, a function, SQL and the clock fill what an insert leaves out, by insert, insertMany and save (S17, M10)", async () => {
      await using _db = await open(engine, [Thing]);
      counted = 0;
      const inserted = await Thing.insert({ must: "a" });
      const [many] = await Thing.insertMany([{ must: "b" }, { must: "c", label: "own" }]);
      const saved = await new Thing({ must: "d" }).save();
      for (const [i, thing] of [inserted, many ?? assert.fail(), saved].entries()) {
        const { id, must, place, at, day, ...others } = thing.data;
        assert.deepEqual(others, {
          label: 'it\'s a "label"',
          price: "1.50",
          isNew: false,
          tags: ["a", 'b"c'],
          meta: { a: [1] },
          blob: new Uint8Array([0, 255]),
          state: "it's off",
          maybe: "given",
          size: 5,
          since: new Date(86_400_000),
        });
        assert.equal(must, "abd"[i]);
        assert.ok(Math.abs(at.getTime() - Date.now()) < 60_000);
        assert.match(day, /^\d{4}-\d{2}-\d{2}$/);
        assert.deepEqual((await Thing.find(id))?.data, thing.data);
      }
      assert.deepEqual([inserted.place, many?.place, saved.place], [1, 2, 4]);
    });

    test("of values are the database's as well, for rows that others insert", async () => {
      await using db = await open(engine, [Thing]);
      counted = 0;
      await Thing.insert({ must: "ours" });
      await db.query(sql`insert into things (must, place) values ('theirs', 1)`);
      const [ours, theirs] = await Thing.objects.getItems({ orderBy: "id" });
      const { id: _a, must: _b, at: _c, ...first } = ours ?? assert.fail();
      const { id: _d, must: _e, at: _f, ...second } = theirs ?? assert.fail();
      assert.deepEqual(second, first);
    });

    test("are not used for a null that is given", async () => {
      await using _db = await open(engine, [Thing]);
      assert.equal((await Thing.insert({ must: "a", maybe: null })).maybe, null);
      assert.ok(
        (await failureOf(() => Thing.insert({ must: "a", label: null as never }))) instanceof NotNullViolationError,
      );
    });

    test("missing, and nothing given: NotNullViolationError with the column", async () => {
      await using _db = await open(engine, [Thing]);
      const error = await failureOf(() => Thing.insert({} as never));
      assert.ok(error instanceof NotNullViolationError);
      assert.deepEqual(error.columns, ["must"]);
    });

    test("are not shared: mutating one row's JSON leaves the next one's", async () => {
      await using _db = await open(engine, [Thing]);
      const thing = await Thing.insert({ must: "a" });
      thing.meta.a.push(2);
      await thing.save();
      assert.deepEqual((await Thing.insert({ must: "b" })).meta, { a: [1] });
    });
  });
});

test("a default's function that gives a wrong value is a TypeError at the insert", async () => {
  class Odd extends Model("odd", { id: integer().primaryKey(), n: integer().default(() => 1.5) }) {}
  const { Database } = await import("../../src/index.js");
  await using db = new Database("sqlite::memory:", { models: [Odd] });
  await db.createAll();
  assert.ok((await failureOf(() => Odd.insert({}))) instanceof TypeError);
  assert.throws(() => text().defaultNow(), UsageError);
});

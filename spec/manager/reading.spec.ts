import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type Database,
  integer,
  Model,
  MultipleResultsError,
  NotFoundError,
  type Query,
  sql,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, openAt, statementsOf } from "../support/open.js";
import { people, User } from "./models.js";

eachEngine((engine) => {
  describe("reading", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [User]);
      await User.objects.insertMany(people(["a", 1], ["b", 2], ["b", 3], ["C", null], ["d", 5]));
    });
    after(() => db.close());

    const names = async (query: Query<typeof User>) => (await User.objects.getItems(query)).map(({ name }) => name);

    test("gives instances by getInstances, rows by getItems, null where nothing is found (M5)", async () => {
      const instances = await User.objects.getInstances({ where: { name: "a" } });
      assert.ok(instances[0] instanceof User);
      assert.equal(instances[0].shout, "A");
      const items = await User.objects.getItems({ where: { name: "a" } });
      assert.equal(Object.getPrototypeOf(items[0]), Object.prototype);
      assert.deepEqual(
        items,
        instances.map(({ data }) => data),
      );
      assert.deepEqual(await User.objects.getItems({ where: { name: "x" } }), []);
      assert.equal(await User.objects.getInstance({ where: { name: "x" } }), null);
      assert.equal(await User.objects.getItem({ where: { name: "x" } }), null);
      assert.equal((await User.objects.getInstance({ where: { name: "b" }, orderBy: "-age" }))?.age, 3);
      assert.deepEqual(await User.objects.getItem({ columns: ["age"], where: { name: "d" } }), { age: 5 });
      assert.equal(await User.objects.find(999), null);
    });

    test("takes conditions as a list, one, an object, null, lists and sql text (M3, S8)", async () => {
      const { c } = User;
      const cases: [Query<typeof User>["where"], string[]][] = [
        [undefined, ["a", "b", "b", "C", "d"]],
        [[], ["a", "b", "b", "C", "d"]],
        [{}, ["a", "b", "b", "C", "d"]],
        [[c.name.eq("b"), c.age.gt(2)], ["b"]],
        [c.age.isNull(), ["C"]],
        [{ name: "b", age: 3 }, ["b"]],
        [{ name: ["a", "d"] }, ["a", "d"]],
        [{ age: null }, ["C"]],
        [{ age: [1, null] }, ["a", "C"]],
        [{ age: [] }, []],
        [{ age: c.age.between(2, 4) }, ["b", "b"]],
        [[{ name: "b" }, c.age.lt(3), sql`${c.age} > ${1}`], ["b"]],
        [sql`age = ${5} or name = ${"a"}`, ["a", "d"]],
      ];
      for (const [where, wanted] of cases) {
        assert.deepEqual(await names({ where, orderBy: "id" }), wanted);
        assert.equal(await User.objects.count({ where }), wanted.length);
        assert.equal(await User.objects.exists({ where }), wanted.length > 0);
      }
    });

    test("with an undefined in a condition is a TypeError, never every row (S8)", async () => {
      const attempts = [
        { name: undefined },
        [{ name: undefined }],
        [undefined],
        { name: ["a", undefined] },
        null,
        "x",
        [null],
      ];
      const texts = await statementsOf(db, async () => {
        for (const where of attempts) {
          for (const work of [
            () => User.objects.getInstances({ where: where as never }),
            () => User.objects.count({ where: where as never }),
            () => User.objects.update(where as never, { name: "x" }),
            () => User.objects.delete(where as never),
          ]) {
            assert.ok((await failureOf(work)) instanceof TypeError, `${JSON.stringify(where)} in ${work}`);
          }
        }
        assert.ok((await failureOf(() => User.objects.delete(undefined as never))) instanceof Error);
      });
      assert.deepEqual(texts, []);
    });

    test("orders by names, -names, expressions and sql text (M3)", async () => {
      const byName = (order: Query<typeof User>["orderBy"]) => names({ orderBy: order });
      assert.deepEqual(await byName("name"), ["C", "a", "b", "b", "d"]);
      assert.deepEqual(await byName(["-name"]), ["d", "b", "b", "a", "C"]);
      assert.deepEqual(await byName(User.c.age.desc({ nulls: "first" })), ["C", "d", "b", "b", "a"]);
      assert.deepEqual(await byName(sql`lower(${User.c.name}) desc`), ["d", "C", "b", "b", "a"]);
      const items = await User.objects.getItems({ orderBy: ["-name", "age"], columns: ["name", "age"] });
      assert.deepEqual(
        items.map(({ age }) => age),
        [5, 2, 3, 1, null],
      );
    });

    test("limit and offset: 0 is no row and nothing left out, undefined does nothing, together or alone (M4, S16)", async () => {
      const page = (limit?: number, offset?: number) => names({ orderBy: "id", limit, offset });
      assert.deepEqual(await page(2), ["a", "b"]);
      assert.deepEqual(await page(2, 3), ["C", "d"]);
      assert.deepEqual(await page(undefined, 3), ["C", "d"]);
      assert.deepEqual(await page(undefined, 0), ["a", "b", "b", "C", "d"]);
      assert.deepEqual(await page(0), []);
      assert.deepEqual(await page(0, 2), []);
      assert.deepEqual(await page(9, 9), []);
      assert.equal(await User.objects.getInstance({ limit: 0 }), null);
      assert.equal(await User.objects.first({ limit: 0 }), null);
    });

    test("refuses a limit or offset that is negative, a fraction, NaN or no number, before any SQL (S3)", async () => {
      const texts = await statementsOf(db, async () => {
        for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
          assert.ok((await failureOf(() => User.objects.getInstances({ limit: wrong }))) instanceof UsageError);
          assert.ok((await failureOf(() => User.objects.getItems({ offset: wrong }))) instanceof UsageError);
          assert.throws(() => User.objects.setSql(User.select()).limit(wrong), UsageError);
          assert.throws(() => User.objects.setSql(User.select()).offset(wrong), UsageError);
        }
        for (const wrong of ["1", null, 1n]) {
          assert.ok((await failureOf(() => User.objects.getInstances({ limit: wrong as never }))) instanceof TypeError);
          assert.throws(() => User.objects.setSql(User.select()).offset(wrong as never), TypeError);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("get gives the one row, or says that there is none, or more", async () => {
      assert.equal((await User.objects.get({ where: { name: "a" } })).age, 1);
      assert.ok((await failureOf(() => User.objects.get({ where: { name: "x" } }))) instanceof NotFoundError);
      assert.ok((await failureOf(() => User.objects.get({ where: { name: "b" } }))) instanceof MultipleResultsError);
      assert.equal((await User.objects.get({ where: { name: "b" }, orderBy: "age", limit: 1 })).age, 2);
    });

    test("first and last go by the key, or by the order that is given, and turn it round with its nulls", async () => {
      assert.equal((await User.objects.first())?.name, "a");
      assert.equal((await User.objects.last())?.name, "d");
      assert.equal((await User.objects.first({ orderBy: "-age" }))?.age, 5);
      assert.equal((await User.objects.last({ orderBy: "-age" }))?.age, null);
      assert.equal((await User.objects.last({ orderBy: "age" }))?.age, 5);
      assert.equal((await User.objects.last({ orderBy: User.c.age.asc({ nulls: "last" }) }))?.age, null);
      assert.equal((await User.objects.last({ where: { name: "b" }, orderBy: ["name", "age"] }))?.age, 3);
      assert.equal(await User.objects.first({ where: { name: "x" } }), null);
      assert.equal(await User.objects.last({ where: { name: "x" } }), null);
      assert.ok((await failureOf(() => User.objects.last({ limit: 1 }))) instanceof UsageError);
      await assert.rejects(User.objects.first({ orderBy: "nmae" as never }), TypeError);
      assert.ok((await failureOf(() => User.objects.last({ orderBy: sql`name` }))) instanceof UsageError);
    });

    test("findMany gives instances in the order of the keys, each once, without those that are not there", async () => {
      const [a, b, b2] = await User.objects.getInstances({ orderBy: "id" });
      const [i, j, k] = [a?.id ?? 0, b?.id ?? 0, b2?.id ?? 0];
      const found = await User.objects.findMany([k, 999, i, k, j]);
      assert.deepEqual(
        found.map(({ id }) => id),
        [k, i, j],
      );
      assert.deepEqual(await statementsOf(db, () => User.objects.findMany([])), []);
      assert.equal((await statementsOf(db, () => User.objects.findMany([i, j, k]))).length, 1);
      assert.ok((await failureOf(() => User.objects.findMany(3 as never))) instanceof TypeError);
      assert.ok((await failureOf(() => User.objects.findMany(["x" as never]))) instanceof TypeError);
      const many = await User.objects.findMany(Array.from({ length: 40_000 }, (_, n) => n));
      assert.equal(many.length, 5);
    });

    test("explain tells how the engine would run the query, and runs nothing", async () => {
      const plan = await User.objects.explain({ where: { name: "a" }, orderBy: "name" });
      assert.match(plan, engine.dialect === "sqlite" ? /SCAN users/ : /Seq Scan on users|Bitmap|Index/);
    });

    test("the first rows in the order of an index are read by it, and not by sorting all", {
      skip: engine.dialect !== "sqlite" && "what PostgreSQL does depends on how many rows there are",
    }, async () => {
      class Entry extends Model("entries", { id: integer().primaryKey(), rank: integer(), at: integer().index() }) {}
      await using own = await open(engine, [Entry]);
      const query = { where: { rank: 1 }, orderBy: ["-at", "rank"], limit: 1 } as const;
      assert.match(await own.objects(Entry).explain(query), /USING INDEX/);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  array,
  bigint,
  boolean,
  bytes,
  date,
  integer,
  json,
  Model,
  NotFoundError,
  numeric,
  oneOf,
  real,
  sql,
  text,
  timestamp,
  UniqueViolationError,
  UsageError,
  uuid,
  varchar,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Post, people, User } from "./models.js";

class Stock extends Model(
  "stock",
  {
    shop: text(),
    item: text(),
    amount: integer().default(0),
    note: text().nullable(),
    words: array(text()).nullable(),
  },
  { primaryKey: ["shop", "item"] },
) {}

class Place extends Model("places", { id: integer().primaryKey(), position: integer().unique(), name: text() }) {}

class Everything extends Model("everything", {
  id: uuid().primaryKey(),
  big: bigint().nullable(),
  share: real().nullable(),
  price: numeric(10, 2).nullable(),
  exact: numeric().nullable(),
  short: varchar(5).nullable(),
  state: oneOf("new", "old").nullable(),
  flag: boolean().nullable(),
  at: timestamp().nullable(),
  day: date().nullable(),
  doc: json().nullable(),
  raw: bytes().nullable(),
  list: array(integer().nullable()).nullable(),
}) {}

class Counter extends Model("counters", { id: integer().primaryKey(), n: integer().default(0) }) {}

class Keyless extends Model("keyless", { word: text() }) {}

const names = async () => (await User.objects.getItems({ orderBy: "id" })).map(({ name }) => name);

eachEngine((engine) => {
  describe("bulk updates side by side", () => {
    test("of the same rows in different orders don't wait for each other in a circle", async () => {
      await using _db = await open(engine, [Counter]);
      const rows = [{ id: 1 }, { id: 2 }];
      await Counter.objects.insertMany(rows);
      const updates = Array.from({ length: 20 }, (_, i) => (i % 2 ? rows : rows.toReversed()));
      const counts = await Promise.all(
        updates.map((items, i) => Counter.objects.bulkUpdate(items.map(({ id }) => ({ id, n: i })))),
      );
      assert.deepEqual(new Set(counts), new Set([2]));
    });
  });

  describe("bulkUpdate", () => {
    test("of plain objects sets each row's own values, in one statement per set of columns", async () => {
      await using db = await open(engine, [User]);
      const users = await User.objects.insertMany(people(["a", 1], ["b", 2], ["c", 3], ["d", 4]));
      const [a = 0, b = 0, c = 0] = users.map(({ id }) => id);
      let count = 0;
      const texts = await statementsOf(db, async () => {
        count = await User.objects.bulkUpdate([
          { id: a, name: "A", age: 10 },
          { age: null, id: b, name: "B" },
          { id: c, active: false },
          { id: users[3]?.id ?? 0, active: false, age: undefined },
        ]);
      });
      assert.equal(count, 4);
      assert.equal(texts.length, 2);
      const expected = engine.dialect === "sqlite" ? /^update "users" set "name" = \?, "age" = \? / : / from unnest\(/;
      assert.match(texts[0] ?? "", expected);
      assert.deepEqual(
        (await User.objects.getItems({ orderBy: "id" })).map(({ name, age, active }) => [name, age, active]),
        [
          ["A", 10, true],
          ["B", null, true],
          ["c", 3, false],
          ["d", 4, false],
        ],
      );
    });

    test("of instances sends what has changed, and nothing of those that have not; they are as saved after it", async () => {
      await using db = await open(engine, [User]);
      const users = await User.objects.insertMany(people(["a", 1], ["b", 2], ["c", 3]));
      const [a, b, c] = users as [User, User, User];
      a.name = "A";
      b.name = "B";
      assert.equal(await User.objects.bulkUpdate(users), 2);
      assert.deepEqual([a.changes, b.changes, a.name, a.data.name], [{}, {}, "A", "A"]);
      assert.deepEqual(await names(), ["A", "B", "c"]);
      const texts = await statementsOf(db, async () => {
        assert.equal(await User.objects.bulkUpdate([a, b, c]), 0);
        assert.equal(await User.objects.bulkUpdate([]), 0);
        await a.save();
      });
      assert.deepEqual(texts, []);
      a.age = 11;
      assert.equal(await User.objects.bulkUpdate([a, { id: c.id, name: "C" }]), 2);
      assert.deepEqual(await names(), ["A", "B", "C"]);
      assert.equal(c.name, "c");
    });

    test("goes by keys of several columns, and sets values of every type", async () => {
      await using _db = await open(engine, [Stock, Everything]);
      await Stock.objects.insertMany(["a", "b"].flatMap((shop) => ["x", "y"].map((item) => ({ shop, item }))));
      await Stock.objects.bulkUpdate([
        { shop: "a", item: "y", amount: 1, words: ["p", 'q"\\'] },
        { shop: "b", item: "x", amount: 2, words: null },
      ]);
      assert.deepEqual(
        (await Stock.objects.getItems({ orderBy: ["shop", "item"] })).map(({ amount, words }) => [amount, words]),
        [
          [0, null],
          [1, ["p", 'q"\\']],
          [2, null],
          [0, null],
        ],
      );
      const values = {
        big: 9007199254740993n,
        share: 0.1,
        price: "12.30",
        exact: "1.500",
        short: "äöü€😀",
        state: "old" as const,
        flag: true,
        at: new Date("2024-05-06T07:08:09.123Z"),
        day: "2024-05-06",
        doc: { a: "x", b: [1, null] },
        raw: new Uint8Array([0, 255]),
        list: [1, null, 3],
      };
      const rows = await Everything.objects.insertMany([{}, {}, {}]);
      const [first, second, third] = rows as [Everything, Everything, Everything];
      Object.assign(second, values);
      const nulls = Object.fromEntries(Object.keys(values).map((name) => [name, null]));
      await Everything.objects.bulkUpdate([{ ...nulls, id: third.id }, { ...values, id: first.id }, second]);
      for (const { id } of [first, second]) assert.deepEqual((await Everything.find(id))?.data, { id, ...values });
      assert.deepEqual((await Everything.find(third.id))?.data, { id: third.id, ...nulls });
    });

    test("changes the key of an instance, which the old key finds", async () => {
      await using _db = await open(engine, [Stock]);
      const stock = await Stock.objects.insertMany([
        { shop: "a", item: "x", amount: 1 },
        { shop: "a", item: "y", amount: 2 },
      ]);
      for (const each of stock) each.shop = "b";
      assert.equal(await Stock.objects.bulkUpdate(stock), 2);
      assert.deepEqual(
        (await Stock.objects.getItems({ orderBy: "item" })).map(({ shop, item }) => shop + item),
        ["bx", "by"],
      );
      for (const each of stock) await each.update({ amount: 9 });
      assert.equal(await Stock.objects.count({ where: { amount: 9 } }), 2);
    });

    test("updates rows one after another where they hand unique values on, with the same outcome on each engine", async () => {
      await using db = await open(engine, [Place]);
      const places = [1, 2, 3].map((id) => ({ id, position: id, name: `${id}` }));
      await Place.objects.insertMany(places);
      const moved = places.map(({ id }) => ({ id, position: id + 1 }));
      await assert.rejects(Place.objects.bulkUpdate(moved), UniqueViolationError);
      const texts = await statementsOf(db, async () => {
        assert.equal(await Place.objects.bulkUpdate(moved.toReversed()), 3);
      });
      // PostgreSQL updates the rows of one statement in an order of its own.
      assert.match(texts.join("\n"), /^update "places" set "position" = (\?|\$1) where "id" = (\?|\$2)$/);
      assert.deepEqual(
        (await Place.objects.getItems({ orderBy: "id" })).map(({ position }) => position),
        [2, 3, 4],
      );
    });

    test("of many rows is right, and few statements", async () => {
      await using db = await open(engine, [Stock]);
      const rows = Array.from({ length: 12_000 }, (_, i) => ({ shop: "s", item: `${i}`, amount: i }));
      await Stock.objects.insertMany(rows, { fetch: false });
      const texts = await statementsOf(db, () =>
        Stock.objects.bulkUpdate(rows.map((row) => ({ ...row, amount: row.amount * 2 }))),
      );
      assert.equal(texts.length, 3);
      assert.equal(await Stock.objects.count({ where: sql`amount = 2 * cast(item as integer)` }), 12_000);
    });

    test("writes nothing where a row is not there, nor changes an instance; in a transaction too, which goes on", async () => {
      await using _db = await open(engine, [User]);
      const users = await User.objects.insertMany(people(["a", 1], ["b", 2]));
      const [a, b] = users as [User, User];
      await User.objects.delete({ id: b.id });
      a.name = "A";
      b.name = "B";
      await assert.rejects(User.objects.bulkUpdate(users), NotFoundError);
      await assert.rejects(User.objects.bulkUpdate([a, { id: 99, age: 1 }]), NotFoundError);
      assert.deepEqual([await names(), a.changes, b.changes], [["a"], { name: "A" }, { name: "B" }]);
      await User.objects.transaction(async (tx) => {
        await assert.rejects(tx.bulkUpdate(users), NotFoundError);
        await tx.insert({ name: "c" });
      });
      assert.deepEqual(await names(), ["a", "c"]);
      await a.save();
      assert.deepEqual(await names(), ["A", "c"]);
    });

    test("changes no instance where the database refuses one of the rows", async () => {
      await using _db = await open(engine, [User]);
      const users = await User.objects.insertMany(people(["a", 1], ["b", 2]));
      const [a, b] = users as [User, User];
      a.age = 10;
      Object.assign(b, { email: "e", age: 20 });
      await User.objects.insert({ name: "c", email: "e" });
      await assert.rejects(User.objects.bulkUpdate(users), UniqueViolationError);
      assert.deepEqual([a.changes, b.changes], [{ age: 10 }, { email: "e", age: 20 }]);
      assert.deepEqual(
        (await User.objects.getItems({ orderBy: "id" })).map(({ age }) => age),
        [1, 2, null],
      );
    });

    test("in a transaction that is rolled back leaves instances as they were; in one that commits, as saved (S65)", async () => {
      await using _db = await open(engine, [User]);
      const users = await User.objects.insertMany(people(["a", 1], ["b", 2]));
      for (const user of users) user.name += "!";
      await using undone = User.objects.transaction();
      await undone.bulkUpdate(users);
      assert.deepEqual(
        users.map((user) => user.changes),
        [{}, {}],
      );
      await undone.rollback();
      assert.deepEqual(
        users.map((user) => user.changes),
        [{ name: "a!" }, { name: "b!" }],
      );
      await User.objects.transaction(async (tx) => {
        await tx.bulkUpdate(users);
        await users[0]?.update({ age: 5 }); // It goes on in the transaction.
        assert.equal(await tx.count({ where: { age: 5 } }), 1);
      });
      assert.deepEqual(await names(), ["a!", "b!"]);
      await users[1]?.update({ age: 6 });
      assert.equal(await User.objects.count({ where: { age: 6 } }), 1);
    });

    test("keeps what is assigned while it runs", async () => {
      await using _db = await open(engine, [User]);
      const users = await User.objects.insertMany(people(["a", 1], ["b", 2]));
      const [a] = users as [User, User];
      for (const user of users) user.name += "!";
      const running = User.objects.bulkUpdate(users);
      a.name = "later";
      await running;
      assert.deepEqual(a.changes, { name: "later" });
      assert.deepEqual(await names(), ["a!", "b!"]);
    });

    test("checks all before any SQL", async () => {
      await using db = await open(engine, [User, Post, Keyless]);
      const [a, b] = (await User.objects.insertMany(people(["a", 1], ["b", 2]))) as [User, User];
      a.name = "A";
      await b.delete();
      const post = await Post.objects.insert({ title: "t", authorId: a.id });
      const wrong: [unknown, new (message: string) => Error][] = [
        [
          [
            { id: 1, name: "x" },
            { id: 1, age: 2 },
          ],
          TypeError,
        ],
        [[a, { id: a.id, age: 2 }], TypeError],
        [[a, a], TypeError],
        [
          [
            { id: 1, name: "x" },
            { id: 2, name: 3 },
          ],
          TypeError,
        ],
        [[{ id: 1, nmae: "x" }], TypeError],
        [[{ name: "x" }], TypeError],
        [[{ id: null, name: "x" }], TypeError],
        [[{ id: "1", name: "x" }], TypeError],
        [[{ id: 1, name: sql`upper(name)` }], TypeError],
        [[{ id: 1, name: User.c.email }], TypeError],
        [[1], TypeError],
        [[null], TypeError],
        [{ id: 1 }, TypeError],
        [[post], TypeError],
        [[new User({ id: 1, name: "x" })], UsageError],
        [[a, b], UsageError],
      ];
      const texts = await statementsOf(db, async () => {
        for (const [items, kind] of wrong) {
          const error = await failureOf(() => User.objects.bulkUpdate(items as never));
          assert.ok(error instanceof kind, `${error}`);
        }
        assert.ok((await failureOf(() => Keyless.objects.bulkUpdate([{ word: "x" }]))) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(a.changes, { name: "A" });
    });
  });
});

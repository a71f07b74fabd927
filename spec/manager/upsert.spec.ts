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
  numeric,
  real,
  text,
  timestamp,
  UniqueViolationError,
  uuid,
  varchar,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { User } from "./models.js";

class Stock extends Model(
  "stock",
  { shop: text(), item: text(), amount: integer().default(0), note: text().nullable() },
  { primaryKey: ["shop", "item"] },
) {}
class Loose extends Model("loose", { a: text().nullable(), b: text().nullable() }, { unique: [["a", "b"]] }) {}
class Numbered extends Model("numbered", {
  id: integer().primaryKey(),
  u: text().unique(),
  note: text().nullable(),
}) {}
class Kind extends Model("kinds", {
  id: integer().primaryKey(),
  big: bigint(),
  real: real(),
  price: numeric(10, 2).nullable(),
  free: numeric(),
  name: text(),
  short: varchar(4),
  on: boolean(),
  at: timestamp(),
  day: date(),
  uuid: uuid(),
  json: json<unknown>(),
  bytes: bytes(),
  list: array(real()),
  made: text().default("m"),
}) {}
const kindValues = (id: number) => ({
  id,
  big: BigInt(id) * 2n ** 50n,
  real: [-0, 1, 1e300, -1.5, Number.POSITIVE_INFINITY][id % 5] ?? 0,
  price: id % 2 === 0 ? null : `+0${id}.5`,
  free: `0${id}.50`,
  name: `n${id}`,
  short: "\u{1f600}abc",
  on: id % 2 === 0,
  at: new Date(1_700_000_000_000 + id),
  day: "2024-02-29",
  uuid: "ABCDEF00-0000-4000-8000-00000000ABCD",
  json: { b: [-0, 1.0, null], a: "x" },
  bytes: new Uint8Array([0, id]),
  list: [-0, 1, 2.5],
});
class Nocase extends Model("nocase", { name: text().primaryKey(), amount: integer() }) {}
class Foreign extends Model("foreigns", {
  id: integer().primaryKey(),
  name: text(),
  at: timestamp(),
  note: text().nullable(),
}) {}
const twenty = <T>(work: (i: number) => Promise<T>) => Promise.all(Array.from({ length: 20 }, (_, i) => work(i)));

eachEngine((engine) => {
  describe("upsert", () => {
    test("inserts, or updates what is given, in one statement, and leaves other columns alone", async () => {
      await using db = await open(engine, [User]);
      const first = await User.objects.upsert({ email: "a@x", name: "a", age: 3 }, { on: "email" });
      let second: User | undefined;
      const texts = await statementsOf(db, async () => {
        second = await User.objects.upsert({ email: "a@x", name: "b" }, { on: "email" });
      });
      assert.equal(texts.length, 1);
      assert.match(texts[0] ?? "", /on conflict \("email"\) do update set "name" = excluded\."name" returning /);
      assert.deepEqual([second?.id, second?.name, second?.age], [first.id, "b", 3]);
      assert.equal(await User.objects.count(), 1);
    });

    test("updates only what `update` names, and nothing where it is empty", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.upsert({ email: "a@x", name: "a", age: 3 }, { on: ["email"] });
      const named = await User.objects.upsert({ email: "a@x", name: "b", age: 4 }, { on: "email", update: ["age"] });
      assert.deepEqual([named.name, named.age], ["a", 4]);
      const kept = await User.objects.upsert({ email: "a@x", name: "c", age: 5 }, { on: "email", update: [] });
      assert.deepEqual([kept.name, kept.age], ["a", 4]);
    });

    test("gives many rows as they are in the database, whatever the form in which they were given", async () => {
      await using _db = await open(engine, [Kind]);
      await Kind.objects.insertMany(Array.from({ length: 30 }, (_, i) => ({ ...kindValues(i + 1), name: "old" })));
      const given = Array.from({ length: 60 }, (_, i) => kindValues(60 - i));
      const made = await Kind.objects.upsertMany(given);
      const there = await Kind.objects.getInstances({ orderBy: "-id" });
      assert.equal(there.length, 60);
      assert.deepEqual(
        made.map(({ data }) => data),
        there.map(({ data }) => data),
      );
      for (const [i, kind] of made.entries()) {
        Object.assign(kind, kindValues(60 - i), { json: there[i]?.json });
        assert.deepEqual(kind.changes, {});
      }
    });

    if (engine.dialect === "sqlite")
      test("gives many rows as a table of another program keeps them", async () => {
        await using db = await open(engine, []);
        db.bind(Nocase);
        await using connection = await db.connect();
        await connection.executeScript(
          "create table nocase (name text primary key collate nocase, amount integer not null)",
        );
        await Nocase.objects.insert({ name: "N7", amount: 0 });
        const given = Array.from({ length: 60 }, (_, i) => ({ name: `n${i}`, amount: i }));
        const made = await Nocase.objects.upsertMany(given);
        assert.deepEqual(made[7]?.data, { name: "N7", amount: 7 });
        assert.equal(made[8]?.name, "n8");
      });

    if (engine.dialect === "postgres")
      test("gives many rows as a table of another program keeps them, and as its triggers make them", async () => {
        await using db = await open(engine, []);
        db.bind(Nocase, Foreign);
        await using connection = await db.connect();
        await connection.executeScript(`
          create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
          create table nocase (name text collate nocase primary key, amount integer not null);
          create table foreigns (id integer generated by default as identity primary key, name char(8) not null,
            at timestamptz(0) not null, note text default 'made');`);
        await Nocase.objects.insert({ name: "N7", amount: 0 });
        const stocks = Array.from({ length: 60 }, (_, i) => ({ name: `n${i}`, amount: i }));
        assert.deepEqual((await Nocase.objects.upsertMany(stocks))[7]?.data, { name: "N7", amount: 7 });
        const rows = Array.from({ length: 60 }, (_, i) => ({ name: `n${i}`, at: new Date(1_700_000_000_300 + i) }));
        const asThere = async (made: Promise<Foreign[]>) => {
          const data = (await made).map((instance) => instance.data);
          const ids = data.map(({ id }) => id);
          const there = await Foreign.objects.findMany(ids);
          assert.deepEqual(
            data,
            there.map((instance) => instance.data),
          );
          return data;
        };
        const [first] = await asThere(Foreign.objects.insertMany(rows));
        assert.deepEqual([first?.name, first?.at.getMilliseconds(), first?.note], ["n0      ", 0, "made"]);
        await connection.executeScript(`
          alter table foreigns alter name type text, alter at type timestamptz(3);
          create function shout() returns trigger language plpgsql as
            $$ begin new.name := upper(new.name); new.note := null; return new; end $$;
          create trigger shouting before insert or update on foreigns for each row execute function shout();`);
        const ids = rows.map((row, i) => ({ id: 2 * i + 1, ...row }));
        for (const made of [Foreign.objects.insertMany(rows), Foreign.objects.upsertMany(ids)])
          assert.deepEqual([(await asThere(made))[9]?.name, (await made)[9]?.note], ["N9", null]);
        await connection.executeScript("drop trigger shouting on foreigns");
        for (const made of [Foreign.objects.insertMany(rows), Foreign.objects.upsertMany(ids)])
          assert.equal((await asThere(made))[9]?.name, "n9");
      });

    test("goes by the primary key, composite too", async () => {
      await using _db = await open(engine, [Stock, User]);
      await Stock.objects.upsert({ shop: "s", item: "i", amount: 1, note: "n" });
      const again = await Stock.objects.upsert({ shop: "s", item: "i", amount: 2 });
      assert.deepEqual(again.data, { shop: "s", item: "i", amount: 2, note: "n" });
      await Stock.objects.upsert({ shop: "s", item: "i" });
      assert.deepEqual(await Stock.objects.getItems(), [again.data]);
      const user = await User.objects.upsert({ name: "new" });
      assert.equal((await User.objects.upsert({ id: user.id, name: "renamed" })).id, user.id);
      assert.equal(await User.objects.count(), 1);
    });

    test("upsertMany gives instances in the order of its input, mixing new and old and different columns", async () => {
      await using _db = await open(engine, [Stock]);
      await Stock.objects.insertMany([
        { shop: "s", item: "b", amount: 5 },
        { shop: "s", item: "d", amount: 5, note: "n" },
      ]);
      const rows = await Stock.objects.upsertMany([
        { shop: "s", item: "a", amount: 1 },
        { shop: "s", item: "b", note: "x" },
        { shop: "s", item: "c" },
        { shop: "s", item: "d", amount: 4 },
      ]);
      assert.deepEqual(
        rows.map(({ item, amount, note }) => [item, amount, note]),
        [
          ["a", 1, null],
          ["b", 5, "x"],
          ["c", 0, null],
          ["d", 4, "n"],
        ],
      );
      const many = Array.from({ length: 9000 }, (_, i) => ({ shop: "t", item: `${i}`, amount: i }));
      assert.ok((await Stock.objects.upsertMany(many)).every(({ amount }, i) => amount === i));
      assert.ok((await Stock.objects.upsertMany(many)).every(({ amount }, i) => amount === i));
      assert.deepEqual(await Stock.objects.upsertMany([]), []);
    });

    test("upsertMany updates in each row what that row gives, and never writes a default over what is there", async () => {
      await using _db = await open(engine, [Stock]);
      const kept = [
        { shop: "s", item: "a", amount: 5 },
        { shop: "s", item: "b", amount: 6 },
      ];
      for (const turned of [false, true]) {
        await Stock.objects.delete("all");
        await Stock.objects.insertMany(kept);
        const rows = [
          { shop: "s", item: "a", amount: 7 },
          { shop: "s", item: "b" },
        ];
        await Stock.objects.upsertMany(turned ? rows.toReversed() : rows);
        const items = await Stock.objects.getItems({ orderBy: "item", columns: ["item", "amount"] });
        assert.deepEqual(items, [
          { item: "a", amount: 7 },
          { item: "b", amount: 6 },
        ]);
      }
    });

    test("calls a default's function once for each row", async () => {
      let calls = 0;
      class Counted extends Model("counted", {
        id: integer().primaryKey(),
        n: integer().default(() => {
          calls += 1;
          return calls;
        }),
      }) {}
      await using _db = await open(engine, [Counted]);
      await Counted.objects.upsertMany([{ id: 1 }, { id: 2 }]);
      await Counted.objects.getOrCreate({ id: 3 });
      await Counted.objects.insertMany([{}, {}]);
      assert.equal(calls, 5);
      assert.deepEqual(
        (await Counted.objects.getItems({ orderBy: "id" })).map(({ n }) => n),
        [1, 2, 3, 4, 5],
      );
    });

    test("upsertMany is all or nothing", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insert({ name: "a", email: "a@x" });
      const error = await failureOf(() =>
        User.objects.upsertMany([
          { id: 50, name: "b" },
          { id: 51, name: "c", email: "a@x" },
          { id: 52, name: "d", age: 1 },
        ]),
      );
      assert.ok(error instanceof UniqueViolationError);
      assert.equal(await User.objects.count(), 1);
    });

    test("upsertMany of rows with a key and without never gives a new row a key of another", async () => {
      await using _db = await open(engine, [User]);
      const rows = await User.objects.upsertMany([
        { name: "new" },
        { id: 1, name: "one", age: 1 },
        { id: 2, name: "two" },
      ]);
      assert.deepEqual(
        rows.map(({ name }) => name),
        ["new", "one", "two"],
      );
      assert.deepEqual(rows.map(({ id }) => id).slice(1), [1, 2]);
      assert.equal(await User.objects.count(), 3);
    });

    test("the same row twice in one upsertMany is a TypeError, nothing sent (V4)", async () => {
      await using db = await open(engine, [Stock]);
      const texts = await statementsOf(db, async () => {
        const twice = [
          { shop: "s", item: "i", amount: 1 },
          { shop: "s", item: "i", note: "x" },
        ];
        assert.ok((await failureOf(() => Stock.objects.upsertMany(twice))) instanceof TypeError);
        assert.ok(
          (await failureOf(() => Stock.objects.upsert({ shop: "s", item: "i" }, { on: [] }))) instanceof TypeError,
        );
        assert.ok(
          (await failureOf(() => Stock.objects.upsert({ shop: "s", item: "i" }, { onn: "x" } as never))) instanceof
            TypeError,
        );
      });
      assert.deepEqual(texts, []);
    });

    test("of 20 at once makes one row, and none fails", async () => {
      await using _db = await open(engine, [User]);
      const users = await twenty((i) => User.objects.upsert({ email: "a@x", name: `n${i}` }, { on: "email" }));
      assert.equal(new Set(users.map(({ id }) => id)).size, 1);
      assert.equal(await User.objects.count(), 1);
    });
  });

  describe("getOrCreate", () => {
    test("gives the row that is there, or inserts it with the defaults, and tells which", async () => {
      await using _db = await open(engine, [User]);
      const [created, isNew] = await User.objects.getOrCreate({ email: "a@x" }, { name: "a", age: 1 });
      assert.deepEqual([created.name, created.email, isNew], ["a", "a@x", true]);
      const [found, isNewAgain] = await User.objects.getOrCreate({ email: "a@x" }, { name: "b" });
      assert.deepEqual([found.id, found.name, isNewAgain], [created.id, "a", false]);
      const [byNull, isThird] = await User.objects.getOrCreate({ email: null, name: "c" });
      assert.deepEqual([byNull.name, isThird], ["c", true]);
      assert.equal((await User.objects.getOrCreate({ email: null, name: "c" }))[1], false);
    });

    test("called by 20 at once inserts one row, which all of them get", async () => {
      await using _db = await open(engine, [User]);
      const all = await twenty((i) => User.objects.getOrCreate({ email: "a@x" }, { name: `n${i}` }));
      assert.equal(new Set(all.map(([user]) => user.id)).size, 1);
      assert.equal(all.filter(([, isNew]) => isNew).length, 1);
      assert.equal(await User.objects.count(), 1);
    });

    test("that meets another row with a unique value is a UniqueViolationError", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insert({ name: "a", email: "a@x" });
      const error = await failureOf(() => User.objects.getOrCreate({ name: "b" }, { email: "a@x" }));
      assert.ok(error instanceof UniqueViolationError);
    });

    test("within a transaction inserts in it, and a rollback undoes it", async () => {
      await using _db = await open(engine, [User]);
      {
        await using tx = User.objects.transaction();
        const [, isNew] = await tx.getOrCreate({ email: "a@x" }, { name: "a" });
        assert.ok(isNew);
        assert.equal((await tx.getOrCreate({ email: "a@x" }))[1], false);
        await tx.rollback();
      }
      assert.equal(await User.objects.count(), 0);
    });

    test("wants values by column, not conditions: TypeError, nothing sent (S8)", async () => {
      await using db = await open(engine, [User, Loose]);
      const texts = await statementsOf(db, async () => {
        for (const where of [
          undefined,
          null,
          [],
          {},
          "x",
          { email: undefined },
          User.c.name.eq("a"),
          { name: ["a"] },
          { name: User.c.name.eq("a") },
        ]) {
          assert.ok(
            (await failureOf(() => User.objects.getOrCreate(where as never))) instanceof TypeError,
            String(where),
          );
          assert.ok((await failureOf(() => User.objects.updateOrCreate(where as never, {}))) instanceof TypeError);
        }
      });
      assert.deepEqual(texts, []);
    });
  });

  describe("updateOrCreate", () => {
    test("updates the row that is there, or inserts it, and tells which", async () => {
      await using _db = await open(engine, [User]);
      const [created, isNew] = await User.objects.updateOrCreate({ email: "a@x" }, { name: "a", age: 1 });
      assert.deepEqual([created.name, created.age, isNew], ["a", 1, true]);
      const [updated, isNewAgain] = await User.objects.updateOrCreate({ email: "a@x" }, { name: "b" });
      assert.deepEqual([updated.id, updated.name, updated.age, isNewAgain], [created.id, "b", 1, false]);
      assert.equal((await User.objects.get()).name, "b");
      const [same] = await User.objects.updateOrCreate({ email: "a@x" }, {});
      assert.equal(same.name, "b");
      await updated.update({ name: "c" });
      assert.equal((await User.objects.get()).name, "c");
    });

    test("called by 20 at once makes one row, and none fails", async () => {
      await using _db = await open(engine, [User]);
      const all = await twenty((age) => User.objects.updateOrCreate({ email: "a@x" }, { name: "n", age }));
      assert.equal(new Set(all.map(([user]) => user.id)).size, 1);
      assert.equal(all.filter(([, isNew]) => isNew).length, 1);
      assert.ok(all.every(([user], i) => user.age === i));
    });

    test("writes nothing where the update fails", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insert({ name: "a", email: "a@x" });
      await User.objects.insert({ name: "b", email: "b@x" });
      const error = await failureOf(() => User.objects.updateOrCreate({ name: "b" }, { email: "a@x" }));
      assert.ok(error instanceof UniqueViolationError);
      assert.deepEqual(await User.objects.getItems({ orderBy: "name", columns: ["email"] }), [
        { email: "a@x" },
        { email: "b@x" },
      ]);
    });
  });

  test("many rows of different columns go in the same order on every engine, however many a statement takes (S17)", async () => {
    await using _db = await open(engine, [Numbered]);
    const numbered = Numbered.objects;
    const made = await numbered.upsertMany(
      Array.from({ length: 61 }, (_, i) => ({ u: `k${i + 10}`, ...(i === 5 && { note: "x" }) })),
      { on: "u" },
    );
    assert.deepEqual([made[5]?.id, made[6]?.id, made[60]?.id], [61, 6, 60]);
    await numbered.delete("all");
    await numbered.insertMany(Array.from({ length: 62 }, (_, i) => ({ id: i + 1, u: `u${i + 1}` })));
    // The second takes what the last gives up.
    const rows = Array.from({ length: 62 }, (_, i) => ({ id: i + 1, u: `n${i + 1}` }));
    await numbered.upsertMany(rows.map((row) => (row.id === 2 ? { id: 2, u: "u62", note: "x" } : row)));
    assert.equal((await numbered.get({ where: { u: "u62" } })).id, 2);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  bigint,
  bytes,
  Database,
  date,
  integer,
  Model,
  numeric,
  QueryError,
  type QueryEvent,
  real,
  sql,
  text,
  timestamp,
  UsageError,
  uuid,
} from "../../src/index.js";
import { type Engine, eachEngine } from "../support/engines.js";
import { failureOf, open, openAt, statementsOf } from "../support/open.js";
import { Author, Seat } from "./kept-models.js";
import { Post, User } from "./models.js";

const IDS = Array.from({ length: 50 }, (_, i) => i + 1);

const fill = () => User.objects.insertMany(IDS.map((id) => ({ name: `user ${id}` })));
const findAll = (ids: readonly number[], objects: Pick<typeof User.objects, "find"> = User.objects) =>
  Promise.all(ids.map((id) => objects.find(id)));
const namesOf = (found: readonly ({ readonly name: string } | null)[]) => found.map((user) => user?.name);
const NAMES = IDS.map((id) => `user ${id}`);

/** How many statements so many finds of one tick are. */
const sent = ({ dialect }: Engine, finds: number, together = 1) => (dialect === "postgres" ? together : finds);

eachEngine((engine) => {
  const onPostgres = { skip: engine.dialect !== "postgres" && "finds are sent one by one" };

  describe("finds of one tick", () => {
    test("are one statement on PostgreSQL, each its own on SQLite, and give the same", async () => {
      await using db = await open(engine, [User]);
      await fill();
      let found: (User | null)[] = [];
      const texts = await statementsOf(db, async () => {
        found = await findAll(IDS);
      });
      assert.equal(texts.length, sent(engine, 50));
      assert.deepEqual(namesOf(found), NAMES);
      assert.ok(found.every((user) => user instanceof User));
      if (engine.dialect === "postgres")
        assert.match(texts[0] ?? "", /^select .* from "users" where "id" = any\(\$1\)$/);
    });

    test("are found though they come by different ways within the tick", async () => {
      await using db = await open(engine, [User]);
      await fill();
      const later = async (id: number) => {
        await undefined;
        return User.find(id);
      };
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(namesOf(await Promise.all([1, 2, 3].map(later))), NAMES.slice(0, 3));
      });
      assert.equal(texts.length, sent(engine, 3));
    });

    test("are each a statement with batch: false, and in a transaction, whose statements have an order", async () => {
      await using db = await open(engine, [User], { batch: false });
      await fill();
      const alone = await statementsOf(db, async () => assert.deepEqual(namesOf(await findAll(IDS)), NAMES));
      assert.equal(alone.length, 50);
      await using batching = await open(engine, [User]);
      await fill();
      await User.objects.transaction(async (tx) => {
        const texts = await statementsOf(batching, async () =>
          assert.deepEqual(namesOf(await findAll(IDS, tx)), NAMES),
        );
        assert.equal(texts.length, 50);
      });
    });

    test("that come one after another, or alone, are the statement that a transaction sends", async () => {
      await using db = await open(engine, [User]);
      await fill();
      const texts = await statementsOf(db, async () => {
        for (const id of [1, 2, 99]) await User.find(id);
      });
      const inTransaction = await statementsOf(db, () => User.objects.transaction((tx) => tx.find(1)));
      assert.equal(texts.length, 3);
      for (const text of texts) assert.ok(inTransaction.includes(text), text);
    });

    test("give an instance to each that asks for the same key, and null for a key that is not there", async () => {
      await using db = await open(engine, [User]);
      await fill();
      let inits = 0;
      User.addHook("afterInit", () => {
        inits += 1;
      });
      try {
        const texts = await statementsOf(db, async () => {
          const [a, b, none, c] = await findAll([7, 7, 99, 7]);
          assert.deepEqual(namesOf([a ?? null, b ?? null, c ?? null]), ["user 7", "user 7", "user 7"]);
          assert.equal(none, null);
          assert.ok(a !== b && b !== c);
          if (a) a.name = "changed";
          assert.equal(b?.name, "user 7");
        });
        assert.equal(texts.length, sent(engine, 4));
        assert.equal(inits, 3);
        assert.deepEqual(await findAll([98, 99]), [null, null]);
      } finally {
        User.clearHooks();
      }
    });

    test("are not disturbed by one whose key can't be: a TypeError of its own, nothing sent for it", async () => {
      await using db = await open(engine, [User]);
      await fill();
      const texts = await statementsOf(db, async () => {
        const wrong = ["x", 1.5, null] as unknown as number[];
        const results = await Promise.allSettled([1, ...wrong, 2].map((id) => User.find(id)));
        assert.deepEqual(
          results.map((result) => (result.status === "fulfilled" ? result.value?.name : result.reason.name)),
          ["user 1", "TypeError", "TypeError", "TypeError", "user 2"],
        );
      });
      assert.equal(texts.length, sent(engine, 2));
    });

    test("of different models, databases and managers withDeleted() are not mixed", async () => {
      class Admin extends User {}
      await using db = await open(engine, [User, Admin, Post, Author]);
      await using other = await open(engine, [User]);
      db.bind(User);
      await fill();
      await other.objects(User).insert({ name: "another" });
      await Post.objects.insert({ title: "post", authorId: 1 });
      const { id } = await Author.objects.insert({ name: "hidden" });
      await Author.objects.delete({ id });
      const finds = () =>
        Promise.all([
          User.find(1),
          Admin.find(1),
          Post.find(1),
          other.objects(User).find(1),
          Author.find(id),
          Author.objects.withDeleted().find(id),
        ]);
      let elsewhere: string[] = [];
      const texts = await statementsOf(db, async () => {
        elsewhere = await statementsOf(other, async () => {
          const [[user, admin, post, another, hidden, shown], again] = await Promise.all([finds(), finds()]);
          assert.deepEqual(namesOf([user, admin, another, shown]), ["user 1", "user 1", "another", "hidden"]);
          assert.ok(!(user instanceof Admin) && admin instanceof Admin && post instanceof Post);
          assert.equal(hidden, null);
          assert.deepEqual(
            again.map((found) => found?.constructor),
            [User, Admin, Post, User, undefined, Author],
          );
        });
      });
      assert.equal(elsewhere.length, sent(engine, 2));
      assert.equal(texts.length, sent(engine, 10, 5));
    });

    test("by keys of several columns are one statement as well, hidden rows left out", async () => {
      await using db = await open(engine, [Seat]);
      const seats = [1, 2, 3, 4, 5].flatMap((place) => ["a", 'b","'].map((room) => ({ room, place })));
      await Seat.objects.insertMany(seats);
      const find = (key: { readonly room: string; readonly place: number }) => Seat.find(key);
      const texts = await statementsOf(db, async () => {
        const found = await Promise.all(seats.map(find));
        assert.deepEqual(
          found.map((seat) => ({ room: seat?.room, place: seat?.place })),
          seats,
        );
      });
      assert.equal(texts.length, sent(engine, seats.length));
      await Seat.objects.delete({ place: 2 });
      assert.equal((await Promise.all(seats.map(find))).filter((seat) => seat === null).length, 2);
      assert.equal((await Promise.all(seats.map((key) => Seat.objects.withDeleted().find(key)))).indexOf(null), -1);
    });

    test("by more keys than one statement takes are several", async () => {
      await using db = await open(engine, [User, Seat]);
      const rows = Array.from({ length: 1001 }, (_, i) => ({ room: "r", place: i + 1, name: `user ${i + 1}` }));
      await User.objects.insertMany(rows.map(({ name }) => ({ name })));
      await Seat.objects.insertMany(rows.slice(0, 300).map(({ room, place }) => ({ room, place })));
      const users = await statementsOf(db, async () => {
        const found = await Promise.all(rows.map(({ place }) => User.find(place)));
        assert.deepEqual(
          namesOf(found),
          rows.map(({ name }) => name),
        );
      });
      const seats = await statementsOf(db, async () => {
        const found = await Promise.all(rows.slice(0, 300).map(({ room, place }) => Seat.find({ room, place })));
        assert.ok(found.every((seat, i) => seat?.place === i + 1));
      });
      assert.deepEqual([users.length, seats.length], [sent(engine, 1001, 2), sent(engine, 300, 3)]);
    });

    test("by keys of any type find their rows", async () => {
      const keys = {
        bigint: [bigint().primaryKey(), [2n ** 62n, -1n]],
        uuid: [uuid().primaryKey(), ["0190A7C0-0000-7000-8000-000000000001", "0190a7c0-0000-7000-8000-000000000002"]],
        text: [text().primaryKey(), ['"a",{b}\\', "NULL", "é"]],
        timestamp: [timestamp().primaryKey(), [new Date(0), new Date("2024-02-29T12:00:00.120Z")]],
        date: [date().primaryKey(), ["2024-02-29", "0001-01-01"]],
        numeric: [numeric(10, 2).primaryKey(), ["1.5", "-20.00"]],
        real: [real().primaryKey(), [0.1, 1e21, -0]],
        bytes: [bytes().primaryKey(), [new Uint8Array([0, 255]), new Uint8Array([34, 92])]],
      } as const;
      for (const [name, [id, values]] of Object.entries(keys)) {
        const Keyed = Model(`keyed_${name}`, { id, n: integer() });
        await using db = await open(engine, [Keyed]);
        const insert = (key: never, n: number) => Keyed.objects.insert({ id: key, n });
        for (const [n, key] of values.entries()) await insert(key as never, n);
        const texts = await statementsOf(db, async () => {
          const found = await Promise.all(values.map((key) => Keyed.find(key as never)));
          assert.deepEqual(
            found.map((row) => row?.n),
            [...values.keys()],
            name,
          );
        });
        assert.equal(texts.length, sent(engine, values.length), name);
      }
    });
  });

  describe("finds of one tick that fail", () => {
    test("each fail with an Error of their own, in whose stack is the one who asked", async () => {
      await using db = await open(engine, [User]);
      await db.dropAll();
      const failures = await Promise.all([1, 2].map((id) => failureOf(async () => await User.find(id))));
      const closed = await open(engine, [User]);
      await closed.close();
      failures.push(...(await Promise.all([1, 2].map((id) => failureOf(async () => await User.find(id))))));
      assert.equal(new Set(failures).size, 4);
      for (const [i, error] of failures.entries()) {
        assert.ok(error instanceof (i < 2 ? QueryError : UsageError), String(error));
        assert.match(error.stack ?? "", /find-batch\.spec\.ts:\d+/);
      }
      for (const error of failures.slice(0, 2) as QueryError[]) {
        assert.match(error.sql ?? "", /"users"/);
        assert.ok(error.cause instanceof Error);
      }
    });

    test(
      "leave those alone whose keys the column takes, where it refuses one that the model doesn't",
      onPostgres,
      async () => {
        class Loose extends Model("loose", { id: text().primaryKey() }) {}
        await using db = new Database(await engine.url(), { models: [Loose] });
        const id = "0190a7c0-0000-7000-8000-000000000001";
        await db.query(sql`create table loose (id uuid primary key)`);
        await Loose.objects.insert({ id });
        const [good, bad] = await Promise.allSettled([Loose.find(id), Loose.find("no uuid")]);
        assert.equal(good?.status === "fulfilled" && good.value?.id, id);
        assert.ok(bad?.status === "rejected" && bad.reason instanceof QueryError);
      },
    );
  });

  test("a key that the column takes for another's text is found by finds of one tick, too", onPostgres, async () => {
    class Loose extends Model("loose", { id: text().primaryKey() }) {}
    class Short extends Model("short", { id: real().primaryKey() }) {}
    await using db = new Database(await engine.url(), { models: [Loose, Short] });
    await db.query(sql`create table loose (id uuid primary key)`);
    await db.query(sql`create table short (id float4 primary key)`);
    const id = "0190a7c0-0000-7000-8000-00000000000a";
    await Loose.objects.insert({ id });
    await Short.objects.insert({ id: 0.123456789 });
    for (const ids of [
      [id, id.toUpperCase()],
      [id.toUpperCase(), id.replace(/a$/, "b")],
    ]) {
      const found = await Promise.all(ids.map((key) => Loose.find(key)));
      assert.deepEqual(
        found.map((row) => row?.id),
        ids.map((key) => (key.toLowerCase() === id ? id : undefined)),
      );
    }
    const [short, none] = await Promise.all([0.123456789, 2].map((key) => Short.find(key)));
    assert.ok(short !== null && none === null);
  });

  test("close() waits for finds that were asked for before it", async () => {
    const url = await engine.url();
    const db = await openAt(url, [User]);
    await fill();
    const finds = findAll([1, 2]);
    const closing = db.close();
    assert.deepEqual(namesOf(await finds), ["user 1", "user 2"]);
    await closing;
  });

  test('on("query") tells the place of a find that nobody awaits at once, of several that of the first (B11)', async () => {
    await using db = await open(engine, [User]);
    await fill();
    const places: string[] = [];
    const listener = ({ place }: QueryEvent) => places.push(place);
    db.on("query", listener);
    const alone = User.find(1).then((user) => user?.name);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const several = [1, 2].map((id) => User.find(id).then((user) => user?.name));
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(await Promise.all([alone, ...several]), ["user 1", "user 1", "user 2"]);
    db.off("query", listener);
    assert.equal(places.length, 1 + sent(engine, 2));
    for (const place of places) assert.match(place, /find-batch\.spec\.ts:\d+:\d+$/);
  });

  test(
    "a find that would wait for its own flow fails alone, and others of its tick wait (B4)",
    onPostgres,
    async () => {
      await using _db = await open(engine, [User], { pool: { max: 1 }, timeout: 5000 });
      await fill();
      let begin = () => {};
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const other = begun.then(() => User.find(1));
      await User.objects.transaction(async (tx) => {
        await tx.count();
        const own = begun.then(() => failureOf(() => User.find(2)));
        begin();
        const error = await own;
        assert.ok(error instanceof UsageError, String(error));
      });
      assert.equal((await other)?.name, "user 1");
    },
  );

  test("batch is a boolean: else a TypeError", () => {
    assert.throws(() => new Database("sqlite::memory:", { batch: 1 as never }), TypeError);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  type Database,
  insertInto,
  integer,
  json,
  Model,
  sql,
  text,
  UsageError,
  updateTable,
  ValidationError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

const prefs = z.object({ theme: z.string().trim() });

class User extends Model("users", {
  id: integer().primaryKey(),
  email: text().unique().check(z.string().trim().toLowerCase().pipe(z.email())),
  name: text()
    .nullable()
    .check(v.pipe(v.string(), v.trim(), v.maxLength(5))),
  nick: text().nullable().check(type("string.trim")),
  age: integer().default(-1).check(z.number().min(0)),
  prefs: json<z.infer<typeof prefs>>().check(prefs).nullable(),
}) {}

/** What waits for `release()`, and refuses "bad". */
let gates: (() => void)[] = [];
const slow = z.string().transform(async (value, context) => {
  await new Promise<void>((resolve) => gates.push(resolve));
  if (value === "bad") context.addIssue("refused");
  return value.trim();
});

class Note extends Model("notes", {
  id: integer().primaryKey(),
  title: text().check(slow),
  body: text().nullable(),
  extra: json<string[]>().nullable(),
}) {}

async function release(count = 1): Promise<void> {
  while (gates.length < count) await new Promise((resolve) => setImmediate(resolve));
  for (const open of gates) open();
  gates = [];
}

const COLUMNS = ["email", "name", "nick", "age"] as const;
const stored = () => User.objects.getItems({ columns: COLUMNS, orderBy: "id" });
const BAD = { email: "no", name: "too long", age: -5 };
const PATHS = [["email"], ["name"], ["age"]];

/** The paths of what is refused, where nothing was sent. */
async function refused(db: Database, work: () => unknown) {
  let error: Error | undefined;
  const texts = await statementsOf(db, async () => {
    error = await failureOf(work);
  });
  assert.ok(error instanceof ValidationError, `${error}`);
  assert.deepEqual(texts, []);
  return error.issues.map(({ path }) => path);
}

eachEngine((engine) => {
  describe("schemas", () => {
    test("that are waited for while their transaction ends write nothing outside of it (S66)", async () => {
      await using db = await open(engine, [Note]);
      const inserting = Note.objects.insert({ title: "kept" });
      await release();
      const { id } = await inserting;
      const late: Promise<unknown>[] = [];
      const rolledBack = db.objects(Note).transaction(async (tx) => {
        const note = await tx.get({ where: { id } });
        late.push(note.update({ title: "late" }), new Note({ title: "new" }).using(tx).save());
        for (const each of late) each.catch(() => {});
        throw new RangeError("rolled back");
      });
      await assert.rejects(rolledBack, RangeError);
      await release(2);
      for (const each of late) assert.equal((await failureOf(() => each)).name, "TransactionClosedError");
      assert.deepEqual(await Note.objects.getItems({ columns: ["title"] }), [{ title: "kept" }]);
    });

    test("that answer otherwise than Standard Schema says are named by a TypeError", async () => {
      for (const answer of [undefined, null, 1, "x", { issues: "all" }]) {
        const check = { "~standard": { version: 1, vendor: "none", validate: () => answer } } as never;
        class Odd extends Model("odd", { id: integer().primaryKey(), a: text().check(check) }) {}
        await using _db = await open(engine, [Odd]);
        const error = await failureOf(() => Odd.objects.insert({ a: "x" }));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /^odd\.a: its check gave /);
      }
    });
  });

  describe("values that a column's schema refuses", () => {
    test("are told all at once by each write, and nothing is sent", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ email: "a@b.cd" });
      const loaded = await User.objects.get();
      const { objects } = User;
      const where = { id: user.id };
      const ways: Record<string, () => unknown> = {
        insert: () => objects.insert(BAD),
        "insert, counted": () => objects.insert(BAD, { fetch: false }),
        "static insert": () => User.insert(BAD),
        upsert: () => objects.upsert(BAD, { on: "email" }),
        "getOrCreate, to look for": () => objects.getOrCreate(BAD),
        "getOrCreate, by default": () => objects.getOrCreate({ nick: "x" }, BAD),
        "updateOrCreate, to look for": () => objects.updateOrCreate(BAD, { nick: "x" }),
        updateOrCreate: () => objects.updateOrCreate({ nick: "x" }, BAD),
        "update by key": () => objects.update(where, BAD),
        "update, fetched": () => objects.update("all", BAD, { fetch: true }),
        "update beside an expression": () => objects.update("all", { ...BAD, nick: sql`upper(nick)` }),
        "insertInto, rows": () => objects.setSql(insertInto(User)).values(BAD).rowcount(),
        "insertInto, fetched": () => objects.setSql(insertInto(User)).values(BAD).returning("id").scalar(),
        updateTable: () => objects.setSql(updateTable(User)).values(BAD).where("all").rowcount(),
        toSql: () => objects.setSql(insertInto(User)).values(BAD).toSql(),
        "update of an instance": () => user.update(BAD),
        "update under a condition": () => user.update(BAD, { name: null }),
        "save of a new instance": () => new User(BAD).save(),
        "save of a loaded instance": () => Object.assign(loaded, BAD).save(),
      };
      for (const [way, work] of Object.entries(ways)) assert.deepEqual(await refused(db, work), PATHS, way);
      assert.deepEqual(await stored(), [{ email: "a@b.cd", name: null, nick: null, age: -1 }]);
    });

    test("have their row's place in their path where several rows are written, none of which is", async () => {
      await using db = await open(engine, [User]);
      const rows = [{ email: "a@b.cd" }, BAD, { email: "e@f.gh" }, { email: "x", prefs: { theme: "x" } }];
      const places = [...PATHS.map((path) => [1, ...path]), [3, "email"]];
      assert.deepEqual(await refused(db, () => User.insertMany(rows)), places);
      assert.deepEqual(await refused(db, () => User.objects.insertMany(rows, { fetch: false })), places);
      assert.deepEqual(await refused(db, () => User.objects.upsertMany(rows, { on: "email" })), places);
      const chain = User.objects.setSql(insertInto(User));
      assert.deepEqual(await refused(db, () => chain.values(rows).rowcount()), places);
      assert.deepEqual(await refused(db, () => chain.values([{ email: "x" }]).rowcount()), [[0, "email"]]);
      assert.deepEqual(await stored(), []);
    });

    test("come after values of a wrong type, which are a TypeError as ever (S1)", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, async () => {
        for (const wrong of [{ email: 3 }, { email: "no", age: "7" }, { emial: "no" }, { email: "no", nick: sql`1` }]) {
          const error = await failureOf(() => Reflect.apply(User.objects.insert, User.objects, [wrong]));
          assert.ok(error instanceof TypeError);
          assert.match(error.message, /users/);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("leave an instance as it was (M8)", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ email: "a@b.cd", prefs: { theme: "x" } });
      user.nick = "pending";
      const before = { data: user.data, changes: user.changes };
      await refused(db, () => user.update({ email: "no", name: "bob" }));
      assert.deepEqual({ data: user.data, changes: user.changes }, before);
      user.name = "too long";
      await refused(db, () => user.save());
      assert.deepEqual(user.changes, { nick: "pending", name: "too long" });
      const fresh = new User({ email: "no" });
      await refused(db, () => fresh.save());
      assert.deepEqual(fresh.data, { email: "no" });
      fresh.email = "e@f.gh";
      await fresh.save();
      assert.deepEqual((await stored()).length, 2);
    });
  });

  describe("what a column's schema makes of a value", () => {
    test("is in the database and in the instance, however it is written", async () => {
      await using _db = await open(engine, [User]);
      const { objects } = User;
      const given = { email: " A@B.CD ", name: " bob ", nick: " b " };
      const kept = { email: "a@b.cd", name: "bob", nick: "b", age: -1 };
      const chain = objects.setSql(insertInto(User)).values(given);
      const ways: Record<string, () => Promise<unknown>> = {
        insert: () => objects.insert(given),
        "insert, counted": () => objects.insert(given, { fetch: false }),
        insertMany: async () => (await objects.insertMany([given]))[0],
        upsert: () => objects.upsert(given, { on: "email" }),
        upsertMany: async () => (await objects.upsertMany([given], { on: "email" }))[0],
        getOrCreate: async () => (await objects.getOrCreate({ email: given.email }, given))[0],
        updateOrCreate: async () => (await objects.updateOrCreate({ email: given.email }, given))[0],
        chain: () => chain.rowcount(),
        save: () => new User(given).save(),
        "update of what is there": async () => {
          await User.insert({ email: "old@b.cd" });
          return (await objects.update("all", given, { fetch: true }))[0];
        },
        "update by key": async () => {
          const { id } = await User.insert({ email: "old@b.cd" });
          await objects.update({ id }, given);
        },
        "update in the chain": async () => {
          await User.insert({ email: "old@b.cd" });
          await objects.setSql(updateTable(User)).values(given).where("all").rowcount();
        },
        "update of an instance": async () => (await User.insert({ email: "old@b.cd" })).update(given),
        "update under a condition": async () =>
          (await User.insert({ email: "old@b.cd" })).update(given, { name: null }),
        "save of what was assigned": async () => Object.assign(await User.insert({ email: "old@b.cd" }), given).save(),
      };
      for (const [way, work] of Object.entries(ways)) {
        const result = await work();
        assert.deepEqual(await stored(), [kept], way);
        if (result instanceof User) {
          const { id: _, prefs: __, ...data } = result.data;
          assert.deepEqual([data, result.changes], [kept, {}], way);
        }
        await objects.delete("all");
      }
      assert.deepEqual(given, { email: " A@B.CD ", name: " bob ", nick: " b " });
      assert.deepEqual(chain.toSql().values.slice(0, 3), ["a@b.cd", "bob", "b"]);
    });

    test("is what JSON holds in the instance too", async () => {
      await using db = await open(engine, [User]);
      const user = new User({ email: "a@b.cd", prefs: { theme: " x " } });
      await user.save();
      assert.deepEqual([user.prefs, user.changes], [{ theme: "x" }, {}]);
      user.prefs = { theme: " y " };
      await user.save();
      assert.deepEqual([user.prefs, user.changes], [{ theme: "y" }, {}]);
      await user.update({ prefs: { theme: " z " } });
      assert.deepEqual([user.prefs, user.changes], [{ theme: "z" }, {}]);
      const same = await statementsOf(db, async () => {
        user.prefs = { theme: "  z" };
        await user.save();
      });
      assert.deepEqual([user.prefs, user.changes, same], [{ theme: "z" }, {}, []]);
      assert.deepEqual((await User.objects.get()).prefs, { theme: "z" });
    });

    test("is sent only where it differs from the row, and what is as the row has it is not checked", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ email: "a@b.cd", name: "bob" });
      const texts = await statementsOf(db, async () => {
        await user.update({ email: "A@b.cd" });
        user.name = "bob ";
        assert.deepEqual(user.changes, { name: "bob " });
        await user.save();
        // The default is -1, which the schema would refuse.
        await user.update({ age: -1 });
      });
      assert.deepEqual(texts, []);
      assert.deepEqual([user.email, user.name, user.changes], ["a@b.cd", "bob", {}]);
      const one = await statementsOf(db, () => user.update({ email: "A@B.CD", nick: "x" }));
      assert.equal(one.length, 1);
      assert.doesNotMatch(one.join(), /email/);
    });

    test("is what getOrCreate and updateOrCreate look for, so that they find what they wrote", async () => {
      await using _db = await open(engine, [User]);
      const [first, created] = await User.objects.getOrCreate({ email: " A@B.CD" }, { name: "a" });
      const [second, again] = await User.objects.getOrCreate({ email: "a@b.cd " }, { name: "b" });
      const [third, once] = await User.objects.updateOrCreate({ email: "A@b.cd" }, { name: " c " });
      assert.deepEqual([created, again, once], [true, false, false]);
      assert.deepEqual([second.id, third.id, third.name], [first.id, first.id, "c"]);
    });

    test("is made once of each value, whatever the write", async () => {
      class Counted extends Model("counted", {
        id: integer().primaryKey(),
        a: text().unique(),
        b: text().check(z.string().transform((value) => `${value}!`)),
      }) {}
      await using _db = await open(engine, [Counted]);
      const { objects } = Counted;
      await objects.updateOrCreate({ a: "x" }, { b: "1" });
      assert.equal((await objects.get()).b, "1!");
      const [updated] = await objects.updateOrCreate({ a: "x" }, { b: "2" });
      assert.equal(updated.b, "2!");
      assert.equal((await objects.upsert({ a: "x", b: "3" }, { on: "a" })).b, "3!");
      const [made] = await objects.getOrCreate({ a: "y" }, { b: "4" });
      assert.equal(made.b, "4!");
      await made.update({ a: "z" });
      assert.equal((await objects.get({ where: { a: "z" } })).b, "4!");
    });

    test("is nothing for an expression, a null, or a default", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ email: "a@b.cd", name: null });
      assert.deepEqual([user.age, user.name], [-1, null]);
      await User.objects.update("all", { name: sql`' too long '`, nick: User.c.email });
      assert.deepEqual(await stored(), [{ email: "a@b.cd", name: " too long ", nick: "a@b.cd", age: -1 }]);
    });

    test("is a TypeError where the column can't hold it, and nothing is sent", async () => {
      class Odd extends Model("odd", {
        id: integer().primaryKey(),
        n: integer().check(z.number().transform((n) => n / 2)),
      }) {}
      await using db = await open(engine, [Odd]);
      const odd = await Odd.insert({ n: 4 });
      assert.equal(odd.n, 2);
      const texts = await statementsOf(db, async () => {
        for (const work of [() => Odd.insert({ n: 3 }), () => odd.update({ n: 3 })]) {
          const error = await failureOf(work);
          assert.ok(error instanceof TypeError);
          assert.match(error.message, /odd\.n/);
        }
      });
      assert.deepEqual(texts, []);
    });
  });

  describe("an asynchronous schema", () => {
    test("is waited for by every write, and refuses as others do", async () => {
      await using db = await open(engine, [Note]);
      const released = async <T>(work: () => Promise<T>, count = 1): Promise<T> => {
        const [result] = await Promise.all([work(), release(count)]);
        return result;
      };
      const { objects } = Note;
      const note = await released(() => Note.insert({ title: " a " }));
      assert.equal(note.title, "a");
      const many = await released(() => Note.insertMany([{ title: " b " }, { title: "c " }]), 2);
      assert.deepEqual(
        many.map(({ title }) => title),
        ["b", "c"],
      );
      assert.equal((await released(() => note.update({ title: " d" }))).title, "d");
      assert.equal((await released(() => new Note({ title: " e" }).save())).title, "e");
      await released(() => objects.update({ id: note.id }, { title: "f " }));
      await released(() => objects.setSql(insertInto(Note)).values({ title: " g" }).rowcount());
      assert.equal((await released(() => objects.upsert({ id: note.id, title: " h" }))).title, "h");
      assert.equal((await released(() => objects.getOrCreate({ title: " h " })))[1], false);
      const [updated] = await released(() => objects.updateOrCreate({ id: note.id }, { title: " i " }));
      assert.equal(updated.title, "i");
      const items = await objects.getItems({ columns: ["title"], orderBy: "title" });
      assert.deepEqual(
        items.map(({ title }) => title),
        ["b", "c", "e", "g", "i"],
      );
      for (const work of [() => Note.insert({ title: "bad" }), () => note.update({ title: "bad" })]) {
        assert.deepEqual(await refused(db, () => released(work)), [["title"]]);
      }
      const chain = objects.setSql(insertInto(Note)).values({ title: "bad" });
      assert.ok((await failureOf(() => chain.toSql())) instanceof UsageError);
      await release();
    });

    test("sees what was given at the call; what is assigned meanwhile is not sent, and stays", async () => {
      await using db = await open(engine, [Note]);
      const note = new Note({ title: " a ", extra: ["x"] });
      const inserting = note.save();
      note.title = "later";
      note.body = "later";
      await Promise.all([inserting, release()]);
      assert.deepEqual(await Note.objects.getItems({ columns: ["title", "body"] }), [{ title: "a", body: null }]);
      assert.deepEqual(note.changes, { title: "later", body: "later" });

      for (const conditions of [undefined, { extra: ["x"] }]) {
        note.title = " b ";
        note.body = "b";
        const texts = await statementsOf(db, async () => {
          const updating = note.update({}, conditions);
          note.title = "later";
          note.body = "later";
          note.extra = ["later"];
          await Promise.all([updating, release()]);
        });
        assert.equal(texts.length, 1);
        const items = await Note.objects.getItems({ columns: ["title", "body", "extra"] });
        assert.deepEqual(items, [{ title: "b", body: "b", extra: ["x"] }]);
        assert.deepEqual(note.changes, { title: "later", body: "later", extra: ["later"] });
        await note.reload();
        await Promise.all([note.update({ title: "again", body: null }), release()]);
      }
    });

    test("that ends after its instance was deleted, or its transaction ended, writes nothing", async () => {
      await using db = await open(engine, [Note]);
      const [note] = await Promise.all([Note.insert({ title: "a" }), release()]);
      const updating = failureOf(() => note.update({ title: "b" }));
      await note.delete();
      const texts = await statementsOf(db, async () => {
        await release();
        assert.ok((await updating) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
      await using tx = Note.objects.transaction();
      const inserting = failureOf(() => tx.insert({ title: "c" }));
      await tx.commit();
      await release();
      assert.equal((await inserting).name, "TransactionClosedError");
      assert.equal(await Note.objects.count(), 0);
    });
  });

  test("a model that is validated and inserted as what it gave has that in the row", async () => {
    await using _db = await open(engine, [User]);
    const result = await User["~standard"].validate({ email: " A@B.CD ", name: " bob ", nick: null });
    assert.ok(result.issues === undefined);
    const user = await User.insert(result.value);
    assert.deepEqual([user.email, user.name, user.nick, user.age], ["a@b.cd", "bob", null, -1]);
  });
});

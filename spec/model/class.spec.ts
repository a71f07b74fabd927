import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { bigint, bytes, integer, json, Manager, Model, oneOf, text, timestamp, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class UserManager extends Manager<typeof User> {
  adults() {
    return this.getInstances({ where: [User.c.yearsOld.gte(18)], orderBy: "name" });
  }
}
class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  yearsOld: integer().default(0),
  homeURL: text().nullable(),
  html2Text: text().nullable(),
  order: text().column('we"ird "name').nullable(),
}) {
  static override objects = new UserManager(this);
  get shout() {
    return this.name.toUpperCase();
  }
}
class Admin extends User {
  get isAdmin() {
    return true;
  }
}
class Editor extends User {
  static override objects = new UserManager(this);
}
class Plain extends Model("users", { id: integer().primaryKey(), name: text() }) {}
class Heir extends Plain {}
class Precious extends Model("precious", {
  id: bigint().primaryKey(),
  blob: bytes().nullable(),
  meta: json<{ a: number }>().nullable(),
  at: timestamp().nullable(),
  state: oneOf("a", "b").default("a"),
}) {}

describe("a model class", () => {
  for (const name of [
    "data",
    "changes",
    "save",
    "update",
    "delete",
    "reload",
    "using",
    "toJSON",
    "constructor",
    "toString",
  ]) {
    test(`refuses a column called ${name}, and says to use .column() (S30)`, () => {
      assert.throws(
        () => Model("x", { id: integer().primaryKey(), [name]: text() }),
        (error) => error instanceof UsageError && error.message.includes(`.column("`) && error.message.includes(name),
      );
    });
  }

  test("takes such a name in the database by .column() (S30)", () => {
    class Thing extends Model("things", { id: integer().primaryKey(), theData: text().column("data") }) {}
    assert.equal(new Thing({ theData: "x" }).data.theData, "x");
  });

  test("refuses what can't be: an unknown option, two columns of one name, an unknown key, set null of what takes none (Q1)", () => {
    assert.throws(() => Model("x", { a: text() }, { indexs: [] } as never), TypeError);
    assert.throws(() => Model("x", { aB: text(), a_b: text() }), UsageError);
    assert.throws(() => Model("x", { a: text() }, { primaryKey: ["b" as never] }), TypeError);
    assert.throws(() => Model("x", { a: text() }, { indexes: [["-b"]] }), TypeError);
    assert.throws(() => Model("x", { a: text() }, { unique: [["b"]] }), TypeError);
    assert.throws(() => Model("x", { a: integer().references(() => User, { onDelete: "set null" }) }), UsageError);
    assert.throws(() => Model("", { a: text() }), UsageError);
    assert.throws(() => Model("x\0", { a: text() }), UsageError);
    assert.throws(() => Model("x".repeat(64), { a: text() }), UsageError);
  });

  test("tells its table, columns and key", () => {
    assert.equal(User.table, "users");
    assert.deepEqual(Object.keys(User.columns), ["id", "name", "yearsOld", "homeURL", "html2Text", "order"]);
    assert.deepEqual(Object.keys(User.c), Object.keys(User.columns));
    assert.equal(User.idColumn, "id");
  });

  test("has one manager, made on first use, and a subclass has its own (M1)", () => {
    assert.equal(Plain.objects, Plain.objects);
    assert.equal(Heir.objects, Heir.objects);
    assert.notEqual(Heir.objects, Plain.objects);
    assert.equal(Heir.objects.model, Heir);
    assert.equal(Plain.objects.model, Plain);
    assert.equal(User.objects.constructor, UserManager);
  });

  test("that is bound to no database says what to do (S2)", async () => {
    class Loner extends Model("loners", { id: integer().primaryKey() }) {}
    for (const work of [
      () => Loner.objects.count(),
      () => Loner.find(1),
      () => new Loner().save(),
      () => Loner.objects.transaction(),
    ]) {
      const error = await failureOf(work);
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /Loner is bound to no database.*new Database/s);
    }
  });
});

eachEngine((engine) => {
  describe("models", () => {
    test("have snake_case columns for camelCase properties, or the name that .column() says", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, () => User.insert({ name: "a", homeURL: "h", html2Text: "t", order: "o" }));
      assert.match(texts[0] ?? "", /\("name", "years_old", "home_url", "html2_text", "we""ird ""name"\) values/);
      const user = await User.objects.get({ where: { order: "o" }, orderBy: "-order" });
      assert.deepEqual(user.data, { id: user.id, name: "a", yearsOld: 0, homeURL: "h", html2Text: "t", order: "o" });
    });

    test("iterate as pairs of column and value (M9)", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      assert.deepEqual(Object.fromEntries(user), user.data);
      assert.deepEqual([...user][1], ["name", "a"]);
    });

    test("print their class and values, and whether they are saved", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      assert.match(inspect(user), /^User \{\n? *id: 1,\s+name: 'a',/);
      assert.equal(inspect(new User({ name: "b" })), "User (unsaved) { name: 'b' }");
      assert.match(inspect([[[[user]]]]), /\[User\]|\[Array\]/);
      assert.match(inspect({ user }), /user: User \{/);
    });

    test("give JSON with bigints as strings and bytes in base64 (V10)", async () => {
      await using _db = await open(engine, [Precious]);
      const precious = await Precious.insert({
        id: 2n ** 60n,
        blob: new Uint8Array([1, 2, 3]),
        meta: { a: 1 },
        at: new Date(0),
      });
      assert.deepEqual(JSON.parse(JSON.stringify(precious)), {
        id: "1152921504606846976",
        blob: "AQID",
        meta: { a: 1 },
        at: "1970-01-01T00:00:00.000Z",
        state: "a",
      });
    });

    test("name the nearest column where one is unknown, wherever it is written, and send nothing (S7)", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      const wrong = { nmae: "x" } as never;
      const texts = await statementsOf(db, async () => {
        for (const work of [
          () => new User(wrong),
          () => User.insert(wrong),
          () => User.objects.insertMany([{ name: "a" }, wrong]),
          () => User.objects.update("all", wrong),
          () => User.objects.update(wrong, { name: "x" }),
          () => User.objects.delete(wrong),
          () => User.objects.upsert(wrong),
          () => User.objects.upsert({ name: "a" }, { on: "nmae" as never }),
          () => User.objects.upsert({ name: "a" }, { update: ["nmae" as never] }),
          () => User.objects.getOrCreate(wrong),
          () => User.objects.getOrCreate({ name: "new" }, wrong),
          () => User.objects.updateOrCreate({ name: "new" }, wrong),
          () => User.objects.getInstances({ where: wrong }),
          () => User.objects.getInstances({ where: [wrong] }),
          () => User.objects.getInstances({ orderBy: "nmae" as never }),
          () => User.objects.getInstances({ orderBy: ["-nmae" as never] }),
          () => User.objects.getItems({ columns: ["nmae" as never] }),
          () => User.select(["nmae" as never]),
          () => User.select("nmae" as never),
          () => User.objects.setSql(User.select()).where(wrong).fetchall(),
          () => user.update(wrong),
        ]) {
          const error = await failureOf(work);
          assert.ok(error instanceof TypeError, String(error));
          assert.match(error.message, /"-?nmae".*did you mean "name"/, String(work));
        }
        for (const work of [
          () => User.objects.getInstances({ orderby: "name" } as never),
          () => User.objects.getItem({ wher: {} } as never),
          () => User.objects.count({ wher: {} } as never),
        ]) {
          const error = await failureOf(work);
          assert.ok(error instanceof TypeError && /did you mean/.test(error.message), String(error));
        }
      });
      assert.deepEqual(texts, []);
    });

    test("of a subclass come from its own manager, in the same table", async () => {
      await using db = await open(engine, [User]);
      await User.insert({ name: "a", yearsOld: 20 });
      const admin = await Admin.find(1);
      assert.ok(admin instanceof Admin && admin.isAdmin);
      assert.equal(admin.shout, "A");
      assert.ok((await Admin.insert({ name: "b" })) instanceof Admin);
      assert.ok((await Admin.insertMany([{ name: "c" }]))[0]?.isAdmin);
      assert.ok((await db.objects(Editor).adults())[0] instanceof Editor);
      assert.equal((await User.objects.adults())[0]?.name, "a");
    });

    test("a constructor of a subclass that keeps to itself what it is given is a UsageError, and loses no row", async () => {
      class Closed extends Plain {
        constructor(values?: { name: string }) {
          super(values);
        }
      }
      class Open extends Plain {
        constructor(...given: unknown[]) {
          super(...(given as []));
        }
      }
      await using _db = await open(engine, [Plain, Closed, Open]);
      await Plain.objects.insert({ name: "a" });
      await assert.rejects(Closed.objects.getInstances(), {
        name: "UsageError",
        message: /constructor of Closed must hand on all/,
      });
      assert.equal((await Open.objects.get()).name, "a");
    });

    test("may be on two databases: each instance writes where it came from, binding again rebinds the class", async () => {
      await using first = await open(engine, [Plain]);
      await using second = await open(engine, [Plain]);
      await second.objects(Plain).insert({ name: "second" });
      await first.objects(Plain).insert({ name: "first" });
      assert.equal((await Plain.objects.get()).name, "second");
      const ofFirst = await first.objects(Plain).get();
      await ofFirst.update({ name: "changed" });
      assert.equal((await first.objects(Plain).get()).name, "changed");
      assert.equal((await second.objects(Plain).get()).name, "second");
      first.bind(Plain);
      assert.equal((await Plain.objects.get()).name, "changed");
      const copy = new Plain({ name: "copy" });
      await copy.using(second).save();
      assert.equal(await second.objects(Plain).count(), 2);
      assert.equal(await first.objects(Plain).count(), 1);
    });
  });
});

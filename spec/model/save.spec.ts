import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  boolean,
  integer,
  Model,
  NotFoundError,
  text,
  timestamp,
  UniqueViolationError,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  active: boolean().default(true),
  numPosts: integer().default(0),
  createdAt: timestamp().defaultNow(),
}) {}

eachEngine((engine) => {
  describe("save", () => {
    test("inserts a new instance in one statement, which then has defaults and the generated key (S33, M10)", async () => {
      await using db = await open(engine, [User]);
      const user = new User({ name: "a" });
      user.email = "a@x";
      const texts = await statementsOf(db, async () => assert.equal(await user.save(), user));
      assert.equal(texts.length, 1);
      assert.match(texts[0] ?? "", /^insert into "users" \("name", "email", "active", "num_posts"\) values /);
      assert.equal(typeof user.id, "number");
      assert.equal(user.active, true);
      assert.equal(user.numPosts, 0);
      assert.ok(Math.abs(user.createdAt.getTime() - Date.now()) < 60_000);
      assert.deepEqual((await User.find(user.id))?.data, user.data);
      assert.deepEqual(user.changes, {});
    });

    test("updates a loaded instance in one statement, of what changed (S33, S32)", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      user.name = "b";
      const texts = await statementsOf(db, () => user.save());
      const [one, two] = engine.dialect === "postgres" ? ["$1", "$2"] : ["?", "?"];
      assert.deepEqual(texts, [`update "users" set "name" = ${one} where "id" = ${two}`]);
      assert.deepEqual(await statementsOf(db, () => user.save()), []);
      assert.deepEqual(await statementsOf(db, () => user.update({})), []);
      assert.deepEqual(await statementsOf(db, () => user.update({ name: "b" })), []);
    });

    test("that fails leaves the instance as it was, unsaved or dirty (M11, S4)", async () => {
      await using _db = await open(engine, [User]);
      await User.insert({ name: "a", email: "a@x" });
      const other = await User.insert({ name: "b", email: "b@x" });
      const twin = new User({ name: "c", email: "a@x" });
      assert.ok((await failureOf(() => twin.save())) instanceof UniqueViolationError);
      assert.deepEqual(twin.data, { name: "c", email: "a@x" });
      assert.ok((await failureOf(() => twin.update({ name: "d" }))) instanceof UsageError);

      other.name = "dirty";
      assert.ok((await failureOf(() => other.update({ email: "a@x" }))) instanceof UniqueViolationError);
      assert.equal(other.email, "b@x");
      assert.deepEqual(other.changes, { name: "dirty" });
      twin.email = "c@x";
      await twin.save();
      assert.equal(await User.objects.count(), 3);
    });

    test("of an id that exists is a UniqueViolationError with its place, and writes nothing (S4)", async () => {
      await using _db = await open(engine, [User]);
      const { id } = await User.insert({ name: "a" });
      const error = await failureOf(() => User.insert({ id, name: "b" }));
      assert.ok(error instanceof UniqueViolationError);
      assert.equal(error.table, "users");
      assert.deepEqual(error.columns, ["id"]);
      assert.match(error.sql ?? "", /^insert into "users"/);
      assert.deepEqual(await User.objects.getItems({ columns: ["name"] }), [{ name: "a" }]);
    });

    test("update and reload of a row that is gone: NotFoundError, the instance unchanged (S34)", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      const before = user.data;
      await User.objects.delete("all");
      assert.ok((await failureOf(() => user.update({ name: "b" }))) instanceof NotFoundError);
      assert.deepEqual(user.data, before);
      user.name = "c";
      assert.ok((await failureOf(() => user.save())) instanceof NotFoundError);
      assert.deepEqual(user.changes, { name: "c" });
      assert.ok((await failureOf(() => user.reload())) instanceof NotFoundError);
      assert.deepEqual(user.changes, { name: "c" });
      assert.equal(await User.objects.count(), 0);
    });

    test("update with conditions that don't hold: NotFoundError, nothing written (S34)", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a", numPosts: 3 });
      assert.ok((await failureOf(() => user.update({ name: "b" }, { numPosts: 4 }))) instanceof NotFoundError);
      assert.equal(user.name, "a");
      await user.update({ name: "b" }, [User.c.numPosts.eq(3), { active: true }]);
      assert.equal((await User.find(user.id))?.name, "b");
    });

    test("an instance without a row has nothing to update, reload or delete: UsageError (S2)", async () => {
      await using db = await open(engine, [User]);
      const user = new User({ id: 7, name: "a" });
      const texts = await statementsOf(db, async () => {
        for (const work of [() => user.update({ name: "b" }), () => user.reload(), () => user.delete()]) {
          const error = await failureOf(work);
          assert.ok(error instanceof UsageError);
          assert.match(error.message, /save\(\)/);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("after delete, update and save throw, and the row is gone (M12)", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      const kept = await User.insert({ name: "b" });
      await user.delete();
      assert.deepEqual(await User.objects.getItems({ columns: ["id"] }), [{ id: kept.id }]);
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => user.save())) instanceof UsageError);
        assert.ok((await failureOf(() => user.update({ name: "c" }))) instanceof UsageError);
        await user.delete();
      });
      assert.deepEqual(texts, []);
      assert.equal(user.name, "a");
    });

    test("a changed key updates the row that was loaded, which then has the new key", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      user.id = 500;
      await user.save();
      await user.update({ name: "b" });
      assert.deepEqual(await User.objects.getItems({ columns: ["id", "name"] }), [{ id: 500, name: "b" }]);
      await user.delete();
      assert.equal(await User.objects.count(), 0);
    });

    test("an assigned value of a wrong type is refused when it is saved, with the column's name (S1)", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      Object.assign(user, { numPosts: "7" });
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => user.save());
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /users\.numPosts/);
      });
      assert.deepEqual(texts, []);
    });

    test("in a transaction that is rolled back leaves a new instance unsaved, to be saved again (S65)", async () => {
      await using _db = await open(engine, [User]);
      const user = new User({ name: "a" });
      const old = await User.insert({ name: "old" });
      {
        await using tx = User.objects.transaction();
        await user.using(tx).save();
        await old.using(tx).update({ name: "new" });
        const inserted = await tx.insert({ name: "b" });
        assert.equal(inserted.name, "b");
        await tx.rollback();
        assert.ok((await failureOf(() => inserted.reload())) instanceof UsageError);
        const { createdAt, ...others } = inserted.data;
        assert.deepEqual(others, { name: "b", email: null, active: true, numPosts: 0 });
        assert.ok(createdAt instanceof Date);
      }
      assert.deepEqual(user.data, { name: "a" });
      assert.equal(old.name, "old");
      assert.deepEqual(old.changes, {});
      await user.save();
      await old.update({ name: "newer" });
      const items = await User.objects.getItems({ columns: ["name"], orderBy: "name" });
      assert.deepEqual(items, [{ name: "a" }, { name: "newer" }]);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Manager, TransactionClosedError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Post, people, User, UserManager } from "./models.js";

eachEngine((engine) => {
  describe("a bound manager", () => {
    test("is of the same class, with its finders and its constructor's fields (M2)", async () => {
      await using db = await open(engine, [User]);
      await User.objects.insertMany(people(["b", 3], ["a", 4], ["young", 2]));
      const inTransaction = User.objects.transaction();
      const elsewhere = inTransaction.using(db);
      assert.equal((await inTransaction.active()).length, 2);
      assert.ok(inTransaction instanceof UserManager && inTransaction.minimum === 3);
      await inTransaction.commit();
      for (const manager of [User.objects, User.objects.using(db), db.objects(User), elsewhere]) {
        assert.ok(manager instanceof UserManager);
        assert.equal(manager.minimum, 3);
        assert.deepEqual(
          (await manager.active()).map(({ name }) => name),
          ["a", "b"],
        );
      }
      assert.equal("commit" in User.objects, false);
    });

    test("in a transaction spans models, and nothing is sent before its first statement (M13)", async () => {
      await using db = await open(engine, [User, Post]);
      const texts = await statementsOf(db, async () => {
        await using tx = User.objects.transaction();
        await tx.commit();
      });
      assert.deepEqual(texts, []);
      {
        await using tx = User.objects.transaction();
        const owner = await tx.insert({ name: "a" });
        await Post.objects.using(tx).insert({ title: "t", authorId: owner.id });
        assert.equal(await Post.objects.using(tx).count(), 1);
        await tx.rollback();
      }
      assert.equal((await User.objects.count()) + (await Post.objects.count()), 0);
      const id = await User.objects.transaction(async (tx) => {
        const owner = await tx.insert({ name: "a" });
        await Post.objects.using(tx).insert({ title: "t", authorId: owner.id });
        return owner.id;
      });
      assert.equal((await Post.objects.get()).authorId, id);
    });

    test("lets instances got in its transaction write in it while it is open, and in the database after (M13)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(people(["a", 1]));
      const outside = await User.objects.get();
      let user: User;
      {
        await using tx = User.objects.transaction();
        user = await tx.get();
        await user.update({ age: 2 });
        await tx.rollback();
      }
      assert.equal((await outside.reload()).age, 1);
      assert.equal(user.age, 1);
      await user.update({ age: 3 });
      assert.equal((await outside.reload()).age, 3);
      await using tx = User.objects.transaction();
      await outside.using(tx).update({ age: 4 });
      await tx.commit();
      assert.equal((await user.reload()).age, 4);
    });

    test("used after the end of its transaction throws TransactionClosedError (M13)", async () => {
      await using db = await open(engine, [User]);
      const tx = User.objects.transaction();
      await tx.insert({ name: "a" });
      await tx.commit();
      const texts = await statementsOf(db, async () => {
        for (const work of [
          () => tx.getInstances(),
          () => tx.insert({ name: "b" }),
          () => tx.find(1),
          () => tx.setSql(User.select()).fetchall(),
          () => tx.insertMany([{ name: "x" }, { name: "y", age: 1 }]),
          () => tx.upsert({ id: 1, name: "x" }),
          () => tx.update("all", { name: "x" }),
          () => tx.transaction(),
          () => tx.commit(),
          () => tx.rollback(),
          () => Post.objects.using(tx).count(),
          async () => {
            for await (const _ of tx.stream()) assert.fail();
          },
        ]) {
          assert.ok((await failureOf(work)) instanceof TransactionClosedError, String(work));
        }
      });
      assert.deepEqual(texts, []);
      assert.equal(await User.objects.count(), 1);
    });

    test("of two transactions at a time keeps each one's rows and chains apart (S66, M13)", async () => {
      await using _db = await open(engine, [User]);
      if (engine.writesSideBySide) {
        await using left = User.objects.transaction();
        await using right = User.objects.transaction();
        await Promise.all([left.insert({ name: "left" }), right.insert({ name: "right" })]);
        assert.deepEqual(await left.getItems({ columns: ["name"] }), [{ name: "left" }]);
        assert.deepEqual(await right.setSql(User.select("name")).scalars().fetchall(), ["right"]);
        await left.commit();
        await right.rollback();
      } else {
        await Promise.all([
          User.objects.transaction(async (tx) => tx.insert({ name: "left" })),
          User.objects.transaction(async (tx) => {
            await tx.insert({ name: "right" });
            await tx.rollback();
          }),
        ]);
      }
      assert.deepEqual(await User.objects.getItems({ columns: ["name"] }), [{ name: "left" }]);
    });

    test("is refused what is nothing to be bound to", async () => {
      await using _db = await open(engine, [User]);
      for (const wrong of [undefined, null, {}, User, "sqlite::memory:"]) {
        assert.throws(() => User.objects.using(wrong as never), TypeError);
      }
      assert.throws(() => new Manager({ table: "users" } as never), TypeError);
      assert.throws(() => new Manager(class {} as never), TypeError);
      assert.throws(() => User.objects.transaction({ readonly: true } as never), TypeError);
      await using tx = User.objects.transaction();
      assert.throws(() => tx.transaction(async () => 1, { retries: 2 }), UsageError);
    });
  });
});

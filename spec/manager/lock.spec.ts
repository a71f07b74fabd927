import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TimeoutError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { people, User } from "./models.js";

eachEngine((engine) => {
  describe("lock", () => {
    test("wants a transaction, and options that go together: UsageError, nothing sent (B13)", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => User.objects.getInstances({ lock: "update" }))) instanceof UsageError);
        assert.ok((await failureOf(() => User.objects.getItems({ lock: "share" }))) instanceof UsageError);
        await using tx = User.objects.transaction();
        for (const query of [
          { skipLocked: true },
          { noWait: true },
          { lock: "update", skipLocked: true, noWait: true },
          { lock: "write" },
        ]) {
          assert.ok((await failureOf(() => tx.getInstances(query as never))) instanceof UsageError);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("is taken in a transaction on every engine, by every way of reading (B13)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(people(["a", 1], ["b", 2]));
      await using tx = User.objects.transaction();
      assert.equal((await tx.getInstances({ lock: "update" })).length, 2);
      assert.equal((await tx.getItems({ lock: "share", noWait: true })).length, 2);
      assert.equal((await tx.first({ lock: "update", skipLocked: true }))?.name, "a");
      assert.equal((await tx.get({ where: { name: "b" }, lock: "update" })).age, 2);
      for await (const user of tx.stream({ lock: "update" })) assert.ok(user.age);
      await tx.commit();
    });

    if (engine.writesSideBySide) {
      test("skipLocked leaves out the rows of another transaction, noWait fails at once, and else it waits (B13)", async () => {
        await using _db = await open(engine, [User], { timeout: 300 });
        await User.objects.insertMany(people(["a", 1], ["b", 2], ["c", 3]));
        await using first = User.objects.transaction();
        const mine = await first.getInstances({ orderBy: "id", limit: 1, lock: "update", skipLocked: true });
        assert.deepEqual(
          mine.map(({ name }) => name),
          ["a"],
        );
        {
          await using second = User.objects.transaction();
          const theirs = await second.getInstances({ orderBy: "id", lock: "update", skipLocked: true });
          assert.deepEqual(
            theirs.map(({ name }) => name),
            ["b", "c"],
          );
        }
        {
          await using third = User.objects.transaction({ timeout: 60_000 });
          const error = await failureOf(() => third.getInstances({ lock: "update", noWait: true }));
          assert.ok(error instanceof TimeoutError, String(error));
        }
        {
          await using fourth = User.objects.transaction();
          const error = await failureOf(() => fourth.getInstances({ lock: "update" }));
          assert.ok(error instanceof TimeoutError, String(error));
        }
        await first.commit();
        await using last = User.objects.transaction();
        assert.equal((await last.getInstances({ lock: "update", noWait: true })).length, 3);
      });

      test('"share" lets others share and keeps writers out (B13)', async () => {
        await using _db = await open(engine, [User], { timeout: 300 });
        await User.objects.insertMany(people(["a", 1]));
        await using first = User.objects.transaction();
        await first.getInstances({ lock: "share" });
        {
          await using second = User.objects.transaction();
          assert.equal((await second.getInstances({ lock: "share", noWait: true })).length, 1);
        }
        assert.ok((await failureOf(() => User.objects.update("all", { age: 2 }))) instanceof TimeoutError);
      });
    }
  });
});

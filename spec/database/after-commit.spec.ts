import assert from "node:assert/strict";
import { test } from "node:test";
import { SerializationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models, owners } from "./models.js";

eachEngine((engine) => {
  test("afterCommit calls back once the commit is done, in order, and may use the database (S67)", async () => {
    await using _db = await open(engine, models, { timeout: 1000, pool: { max: 1 } });
    const seen: string[] = [];
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "a" });
      tx.afterCommit(async () => {
        await Account.objects.insert({ owner: "from the callback" });
        seen.push((await owners()).join());
      });
      tx.afterCommit(() => seen.push("second"));
      assert.deepEqual(seen, []);
    });
    assert.deepEqual(seen, ["a,from the callback", "second"]);
  });

  test("afterCommit is never called for what was rolled back (S67)", async () => {
    await using _db = await open(engine, models);
    const seen: string[] = [];
    const tx = Account.objects.transaction();
    tx.afterCommit(() => seen.push("rolled back"));
    await tx.insert({ owner: "a" });
    await tx.rollback();
    {
      await using left = Account.objects.transaction();
      left.afterCommit(() => seen.push("left"));
    }
    const giveUp = new Error("no");
    const thrown = Account.objects.transaction((inner) => {
      inner.afterCommit(() => seen.push("thrown"));
      throw giveUp;
    });
    await assert.rejects(thrown, giveUp);
    const failed = Account.objects.transaction();
    failed.afterCommit(() => seen.push("failed"));
    await failed.insertMany([{ owner: "x" }, { owner: "x" }]).catch(() => undefined);
    await assert.rejects(failed.commit());
    assert.deepEqual(seen, []);
  });

  test("afterCommit of a nested transaction waits for the outermost commit, and goes with its rollback (S67)", async () => {
    await using _db = await open(engine, models);
    const seen: string[] = [];
    await Account.objects.transaction(async (tx) => {
      tx.afterCommit(() => seen.push("outer"));
      await tx.transaction(async (inner) => {
        await inner.insert({ owner: "a" });
        inner.afterCommit(() => seen.push("inner"));
        await inner.transaction((innermost) => innermost.afterCommit(() => seen.push("innermost")));
      });
      await using undone = tx.transaction();
      await undone.insert({ owner: "b" });
      undone.afterCommit(() => seen.push("undone"));
      await undone.transaction((kept) => kept.afterCommit(() => seen.push("kept in what is undone")));
      await undone.rollback();
      assert.deepEqual(seen, []);
    });
    assert.deepEqual(seen, ["outer", "inner", "innermost"]);
    const giveUp = new Error("no");
    const outer = Account.objects.transaction(async (tx) => {
      await tx.transaction((inner) => inner.afterCommit(() => seen.push("inner of what was rolled back")));
      throw giveUp;
    });
    await assert.rejects(outer, giveUp);
    assert.equal(seen.length, 3);
  });

  test("with retries, only the attempt that is committed calls back (S67, B3)", async () => {
    await using _db = await open(engine, models);
    const seen: number[] = [];
    let attempts = 0;
    const work = async (tx: typeof Account.objects & { afterCommit(callback: () => unknown): void }) => {
      attempts += 1;
      const attempt = attempts;
      await tx.insert({ owner: `attempt ${attempt}` });
      tx.afterCommit(() => seen.push(attempt));
      if (attempt < 3) throw new SerializationError("as a database would say");
    };
    await Account.objects.transaction(work, { retries: 5 });
    assert.deepEqual([attempts, seen, await owners()], [3, [3], ["attempt 3"]]);
    attempts = 0;
    await assert.rejects(Account.objects.transaction(work, { retries: 1 }), SerializationError);
    assert.deepEqual([attempts, seen], [2, [3]]);
    attempts = 0;
    await assert.rejects(Account.objects.transaction(work), SerializationError);
    assert.equal(attempts, 1);
  });

  test("what a callback throws comes out of commit(), undoes nothing, is not retried, and keeps no other from being called", async () => {
    await using _db = await open(engine, models);
    const failure = new SerializationError("of the callback");
    const seen: string[] = [];
    let attempts = 0;
    const done = Account.objects.transaction(
      async (tx) => {
        attempts += 1;
        await tx.insert({ owner: "kept" });
        tx.afterCommit(() => {
          throw failure;
        });
        tx.afterCommit(() => seen.push("second"));
      },
      { retries: 3 },
    );
    assert.equal(await failureOf(() => done), failure);
    assert.deepEqual([attempts, seen, await owners()], [1, ["second"], ["kept"]]);
  });
});

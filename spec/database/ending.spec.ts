import assert from "node:assert/strict";
import { test } from "node:test";
import { sql, TransactionClosedError, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Account, Entry, models, owners } from "./models.js";

eachEngine((engine) => {
  test("await using: what was committed stays, what wasn't is undone when the block is left (S65, B2)", async () => {
    await using db = await open(engine, models);
    {
      await using tx = Account.objects.transaction();
      await tx.insert({ owner: "kept" });
      await tx.commit();
    }
    {
      await using tx = Account.objects.transaction();
      await tx.insert({ owner: "rolled back" });
      await tx.rollback();
    }
    const failure = new Error("thrown in the block");
    const block = async () => {
      await using tx = db.objects(Account).transaction();
      await tx.insert({ owner: "thrown" });
      throw failure;
    };
    assert.equal(await failureOf(block), failure);
    assert.deepEqual(await owners(), ["kept"]);
  });

  test("a function: commits with its result when it returns, rolls back and rethrows the very error when it throws (S65)", async () => {
    await using _db = await open(engine, models);
    const id = await Account.objects.transaction(async (tx) => (await tx.insert({ owner: "kept" })).id);
    assert.equal((await Account.objects.get()).id, id);
    const failure = Object.freeze(new RangeError("mine"));
    const thrown = await failureOf(() =>
      Account.objects.transaction(async (tx) => {
        await tx.insert({ owner: "lost" });
        throw failure;
      }),
    );
    assert.equal(thrown, failure);
    assert.deepEqual(await owners(), ["kept"]);
    const sync = await Account.objects.transaction(() => 42);
    assert.equal(sync, 42);
  });

  test("a function may end its transaction itself", async () => {
    await using _db = await open(engine, models);
    const result = await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "lost" });
      await tx.rollback();
      return "rolled back";
    });
    assert.equal(result, "rolled back");
    const failure = new Error("after the commit");
    const thrown = await failureOf(() =>
      Account.objects.transaction(async (tx) => {
        await tx.insert({ owner: "kept" });
        await tx.commit();
        throw failure;
      }),
    );
    assert.equal(thrown, failure);
    assert.deepEqual(await owners(), ["kept"]);
  });

  test("a transaction is a manager of the same class, and using() takes other models in (M2, M13)", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    assert.ok(tx instanceof Account.objects.constructor);
    const rich = await tx.insert({ owner: "rich", balance: 5000 });
    await tx.insert({ owner: "poor" });
    assert.deepEqual(
      (await tx.rich()).map(({ owner }) => owner),
      ["rich"],
    );
    const entries = Entry.objects.using(tx);
    await entries.insert({ accountId: rich.id, run: "one", step: 1 });
    assert.equal(await entries.count(), 1);
    assert.equal("commit" in entries, false);
    await tx.rollback();
    assert.equal(await Entry.objects.count(), 0);
    await assert.rejects(entries.count(), TransactionClosedError);
  });

  test("nothing is sent before the first statement, and an empty transaction ends in peace", async () => {
    await using db = await open(engine, models, { timeout: 1000 });
    const sent = await statementsOf(db, async () => {
      await using idle = Account.objects.transaction();
      await using other = Account.objects.transaction();
      // Neither holds a connection or a lock.
      await Account.objects.insert({ owner: "beside" });
      await other.commit();
      await idle.rollback();
      await using _left = Account.objects.transaction();
    });
    assert.equal(sent.length, 1);
  });

  test("after its end every use is a TransactionClosedError that says where it began (M13)", async () => {
    await using _db = await open(engine, models);
    for (const end of ["commit", "rollback"] as const) {
      const tx = Account.objects.transaction();
      await tx.insert({ owner: end });
      await tx[end]();
      const uses: (() => unknown)[] = [
        () => tx.count(),
        () => tx.find(1),
        () => tx.insert({ owner: "late" }),
        () => tx.insertMany([{ owner: "late" }, { owner: "later" }]),
        () => tx.update("all", { balance: 1 }),
        () => tx.delete("all"),
        () => tx.upsert({ owner: "late" }, { on: "owner" }),
        () => tx.setSql(sql`select 1 as one`).fetchall(),
        () => tx.stream().next(),
        () => tx.transaction(async (inner) => inner.count()),
        () => tx.transaction(),
        () => tx.commit(),
        () => tx.rollback(),
        () => tx.afterCommit(() => undefined),
        () => Account.objects.using(tx).count(),
      ];
      for (const use of uses) {
        const error = await failureOf(async () => use());
        assert.ok(error instanceof TransactionClosedError, `${use}: ${error}`);
        assert.match(error.message, /ending\.spec\.ts:\d+:\d+/);
      }
      await tx[Symbol.asyncDispose]();
    }
    assert.deepEqual(await owners(), ["commit"]);
  });

  test("a statement that failed leaves the transaction good for nothing but a rollback, and commit() says so", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "taken" });
    const tx = Account.objects.transaction();
    await tx.insert({ owner: "before" });
    await assert.rejects(tx.insert({ owner: "taken" }), UniqueViolationError);
    for (const use of [() => tx.count(), () => tx.insert({ owner: "after" }), () => tx.transaction(() => 1)]) {
      const error = await failureOf(async () => use());
      assert.ok(error instanceof TransactionClosedError, String(error));
      assert.ok(error.cause instanceof UniqueViolationError);
    }
    const error = await failureOf(() => tx.commit());
    assert.ok(error instanceof TransactionClosedError && error.cause instanceof UniqueViolationError);
    assert.deepEqual(await owners(), ["taken"]);
    // It has ended, and holds nothing any more.
    await assert.rejects(tx.rollback(), TransactionClosedError);
    await Account.objects.insert({ owner: "beside" });
  });

  test("a function that swallows a statement's failure is not committed", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "taken" });
    const error = await failureOf(() =>
      Account.objects.transaction(async (tx) => {
        await tx.insert({ owner: "before" });
        await tx.insert({ owner: "taken" }).catch(() => undefined);
      }),
    );
    assert.ok(error instanceof TransactionClosedError && error.cause instanceof UniqueViolationError);
    assert.deepEqual(await owners(), ["taken"]);
  });

  test("a call that is refused before anything is sent spoils no transaction", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    await tx.insert({ owner: "kept" });
    await assert.rejects(tx.insert({ owner: "x", balance: Number.NaN }), TypeError);
    await assert.rejects(tx.getInstances({ limit: -1 }), UsageError);
    await assert.rejects(tx.setSql(sql`commit`).rowcount(), UsageError);
    await tx.commit();
    assert.deepEqual(await owners(), ["kept"]);
  });

  test("statements that nobody awaited one by one run in the order of asking, before the commit", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    const inserts = ["a", "b", "c", "d"].map((owner) => tx.insert({ owner }));
    const counted = tx.count();
    await tx.commit();
    assert.equal(await counted, 4);
    const ids = (await Promise.all(inserts)).map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => a - b),
    );
    assert.deepEqual(await owners(), ["a", "b", "c", "d"]);
  });

  test("options that are misspelt or make no sense are refused at once", async () => {
    await using db = await open(engine, models);
    const wrong: object = { isolaton: "serializable" };
    assert.throws(() => Account.objects.transaction(wrong), /TypeError.*did you mean "isolation"|isolation/);
    assert.throws(() => db.begin(wrong), TypeError);
    const level: object = { isolation: "snapshot" };
    assert.throws(() => Account.objects.transaction(level), UsageError);
    assert.throws(() => Account.objects.transaction({ timeout: -1 }), UsageError);
    assert.throws(() => Account.objects.transaction({ timeout: Number.NaN }), UsageError);
    await assert.rejects(
      Account.objects.transaction(() => 1, { retries: -1 }),
      UsageError,
    );
    await assert.rejects(
      Account.objects.transaction(() => 1, { retries: 1.5 }),
      UsageError,
    );
  });
});

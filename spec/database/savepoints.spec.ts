import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate, setTimeout } from "node:timers/promises";
import { TransactionClosedError, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, Entry, models, owners } from "./models.js";

eachEngine((engine) => {
  test("a nested transaction is kept or undone by itself, and with the one around it (B3)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "outer" });
      await tx.transaction(async (inner) => {
        await inner.insert({ owner: "inner" });
        await inner.transaction((innermost) => innermost.insert({ owner: "innermost" }));
      });
      await using undone = tx.transaction();
      await undone.insert({ owner: "undone" });
      await undone.transaction((kept) => kept.insert({ owner: "kept in what is undone" }));
      assert.deepEqual(await owners(undone), ["inner", "innermost", "kept in what is undone", "outer", "undone"]);
      await undone.rollback();
      assert.deepEqual(await owners(tx), ["inner", "innermost", "outer"]);
    });
    assert.deepEqual(await owners(), ["inner", "innermost", "outer"]);
    const giveUp = new Error("no");
    const outer = Account.objects.transaction(async (tx) => {
      await tx.transaction((inner) => inner.insert({ owner: "committed inside" }));
      throw giveUp;
    });
    assert.equal(await failureOf(() => outer), giveUp);
    assert.deepEqual(await owners(), ["inner", "innermost", "outer"]);
  });

  test("a nested transaction keeps a statement's failure apart", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "taken" });
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "before" });
      const failed = tx.transaction(async (inner) => {
        await inner.insert({ owner: "inside" });
        await inner.insert({ owner: "taken" });
      });
      await assert.rejects(failed, UniqueViolationError);
      {
        await using inner = tx.transaction();
        await assert.rejects(inner.insert({ owner: "taken" }), UniqueViolationError);
        await assert.rejects(inner.commit(), TransactionClosedError);
      }
      await tx.insert({ owner: "after" });
    });
    assert.deepEqual(await owners(), ["after", "before", "taken"]);
  });

  test("siblings at a time take turns, and neither falls into the other (S66)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.transaction(async (tx) => {
      const sibling = (name: string, isKept: boolean) =>
        tx.transaction(async (inner) => {
          for (let i = 0; i < 10; i++) {
            await inner.insert({ owner: `${name} ${i}` });
            await (i % 2 ? setImmediate() : setTimeout(1));
          }
          if (!isKept) throw new Error(name);
        });
      const all = await Promise.allSettled([sibling("a", true), sibling("b", false), sibling("c", true)]);
      assert.deepEqual(
        all.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled"],
      );
    });
    const kept = await owners();
    assert.equal(kept.length, 20);
    assert.ok(kept.every((owner) => !owner.startsWith("b")));
  });

  test("a statement of the transaction around waits for the end of the nested one, and is not undone with it", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    const inner = tx.transaction();
    await inner.insert({ owner: "inside" });
    const order: string[] = [];
    const outside = tx.insert({ owner: "outside" }).then(() => order.push("outside"));
    const counted = Entry.objects.using(tx).count();
    await setTimeout(5);
    await inner.insert({ owner: "inside too" });
    order.push("rollback");
    await inner.rollback();
    await outside;
    assert.equal(await counted, 0);
    assert.deepEqual(order, ["rollback", "outside"]);
    await tx.commit();
    assert.deepEqual(await owners(), ["outside"]);
  });

  test("statements that wait for a nested transaction's end are written before the commit that follows them", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    const inner = tx.transaction();
    await inner.insert({ owner: "inside" });
    const waiting = ["a", "b", "c"].map((owner) => tx.insert({ owner }));
    await inner.commit();
    await tx.commit();
    await Promise.all(waiting);
    assert.deepEqual(await owners(), ["a", "b", "c", "inside"]);
  });

  test("a statement of the transaction around, within the nested one's function, is an error at once (B4)", async () => {
    await using _db = await open(engine, models, { timeout: 60_000 });
    await Account.objects.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        await inner.insert({ owner: "inside" });
        const error = await failureOf(() => tx.insert({ owner: "outside" }));
        assert.ok(error instanceof UsageError, String(error));
        assert.equal(error.message.match(/savepoints\.spec\.ts:\d+/g)?.length, 3, error.message);
      });
      await tx.insert({ owner: "after" });
    });
    assert.deepEqual(await owners(), ["after", "inside"]);
  });

  test("a commit while a nested transaction is open is a UsageError, and loses nothing", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    const inner = tx.transaction();
    await inner.insert({ owner: "inside" });
    await assert.rejects(tx.commit(), UsageError);
    await inner.commit();
    await tx.commit();
    assert.deepEqual(await owners(), ["inside"]);
  });

  test("a rollback ends the nested transactions with it (B3)", async () => {
    await using _db = await open(engine, models);
    const tx = Account.objects.transaction();
    const inner = tx.transaction();
    await inner.insert({ owner: "inside" });
    const innermost = inner.transaction();
    const instance = await innermost.insert({ owner: "innermost" });
    await tx.rollback();
    for (const nested of [inner, innermost]) {
      await assert.rejects(nested.insert({ owner: "late" }), TransactionClosedError);
      await assert.rejects(nested.commit(), TransactionClosedError);
      await nested[Symbol.asyncDispose]();
    }
    assert.deepEqual(await owners(), []);
    await instance.save();
    assert.deepEqual(await owners(), ["innermost"]);
  });

  test("a function that throws while a nested transaction is open gives its own error, and holds nothing afterwards (S65)", async () => {
    await using _db = await open(engine, models, { timeout: 1000 });
    const failure = new Error("the very error");
    const outer = Account.objects.transaction(async (tx) => {
      const inner = tx.transaction();
      await inner.insert({ owner: "inside" });
      throw failure;
    });
    assert.equal(await failureOf(() => outer), failure);
    await Account.objects.insert({ owner: "afterwards" });
    assert.deepEqual(await owners(), ["afterwards"]);
  });

  test("a sibling that fails ends those still under way: what they do later is refused and written nowhere (S66)", async () => {
    await using _db = await open(engine, models);
    const failure = new Error("the first of them");
    let late: Promise<unknown> | undefined;
    const outer = Account.objects.transaction(async (tx) => {
      const slow = tx.transaction(async (inner) => {
        await inner.insert({ owner: "slow" });
        await setTimeout(20);
        await inner.insert({ owner: "slower" });
      });
      late = slow.then(
        () => "committed",
        (error: unknown) => error,
      );
      await setTimeout(1);
      throw failure;
    });
    assert.equal(await failureOf(() => outer), failure);
    assert.ok((await late) instanceof TransactionClosedError);
    assert.deepEqual(await owners(), []);
  });

  test("a nested transaction of nothing sends nothing, and has no retries of its own", async () => {
    await using _db = await open(engine, models);
    await Account.objects.transaction(async (tx) => {
      assert.equal(await tx.transaction(() => 7), 7);
      await using _idle = tx.transaction();
      await tx.insert({ owner: "beside an idle one" });
      await assert.rejects(async () => tx.transaction(() => 1, { retries: 2 }), UsageError);
    });
    assert.deepEqual(await owners(), ["beside an idle one"]);
  });
});

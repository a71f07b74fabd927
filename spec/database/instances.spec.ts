import assert from "node:assert/strict";
import { test } from "node:test";
import { NotFoundError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models, owners } from "./models.js";

eachEngine((engine) => {
  test("an instance got in a transaction writes through it while it is open (M13)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "a", balance: 1 });
    {
      await using tx = Account.objects.transaction();
      const account = await tx.get();
      await account.update({ balance: 2 });
      account.balance = 3;
      await account.save();
      assert.equal((await tx.get()).balance, 3);
      await tx.rollback();
    }
    assert.equal((await Account.objects.get()).balance, 1);
  });

  for (const end of ["commit", "rollback"] as const) {
    test(`an instance writes through the database after the ${end} of its transaction (M13)`, async () => {
      await using _db = await open(engine, models);
      await Account.objects.insert({ owner: "a", balance: 1 });
      const tx = Account.objects.transaction();
      const account = await tx.get();
      await tx[end]();
      await account.update({ balance: 5 });
      assert.equal((await Account.objects.get()).balance, 5);
      await account.reload();
      await account.delete();
      assert.equal(await Account.objects.count(), 0);
    });
  }

  test("an instance got in a nested transaction writes through the outer one after it, then through the database", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    const account = await tx.transaction((inner) => inner.insert({ owner: "a" }));
    await account.update({ balance: 1 });
    assert.equal((await tx.get()).balance, 1);
    await tx.commit();
    await account.update({ balance: 2 });
    assert.equal((await Account.objects.get()).balance, 2);
  });

  test("instance.using(tx) joins a transaction, whose rollback leaves the instance as before (S65)", async () => {
    await using _db = await open(engine, models);
    const account = await Account.objects.insert({ owner: "a", balance: 1 });
    {
      await using tx = Account.objects.transaction();
      await account.using(tx).update({ balance: 2 });
      assert.deepEqual([account.balance, (await tx.get()).balance], [2, 2]);
      await tx.rollback();
    }
    assert.deepEqual([account.balance, account.changes], [1, {}]);
    await account.update({ balance: 3 });
    assert.equal((await Account.objects.get()).balance, 3);
  });

  test("a rolled-back insert leaves the instance unsaved, with its values but for the generated key (S65)", async () => {
    await using _db = await open(engine, models);
    const tx = Account.objects.transaction();
    const one = await tx.insert({ owner: "one", balance: 7 });
    const [two] = await tx.insertMany([{ owner: "two" }]);
    const three = new Account({ owner: "three" }).using(tx);
    await three.save();
    const [four] = await tx.getOrCreate({ owner: "four" });
    const [five] = await tx.updateOrCreate({ owner: "five" }, { balance: 5 });
    await tx.rollback();
    for (const instance of [one, two, three, four, five]) {
      assert.ok(instance);
      assert.equal(instance.data.id, undefined, `${instance.owner} is unsaved`);
      await assert.rejects(instance.update({ balance: 1 }), UsageError);
      await instance.save();
    }
    assert.equal(one.balance, 7);
    assert.deepEqual(await owners(), ["five", "four", "one", "three", "two"]);
  });

  test("a rolled-back upsert leaves an unsaved instance, which says so (S65)", async () => {
    await using _db = await open(engine, models);
    const tx = Account.objects.transaction();
    const account = await tx.upsert({ owner: "a", balance: 1 }, { on: "owner" });
    await tx.rollback();
    await assert.rejects(account.update({ balance: 2 }), UsageError);
    assert.deepEqual(await owners(), []);
    await account.save();
    assert.deepEqual(await owners(), ["a"]);
  });

  test("rolled-back updates leave the instance as before, with what was assigned still to be saved (S65)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "a", balance: 1 });
    const tx = Account.objects.transaction();
    const account = await tx.get();
    await account.update({ balance: 2 });
    await account.update({ balance: 3 });
    account.balance = 4;
    await account.save();
    await tx.rollback();
    await account.save();
    assert.equal((await Account.objects.get()).balance, account.balance, "memory and database agree after save()");
    await account.update({ balance: 9 });
    assert.equal((await Account.objects.get()).balance, 9);
  });

  test("a rolled-back delete leaves the instance there (S65, M12)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "a" });
    const tx = Account.objects.transaction();
    const account = await tx.get();
    await account.delete();
    await assert.rejects(account.update({ balance: 1 }), UsageError);
    await tx.rollback();
    await account.update({ balance: 2 });
    assert.equal((await Account.objects.get()).balance, 2);
  });

  test("a rolled-back savepoint puts back only what was done in it (S65)", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    const account = await tx.insert({ owner: "a", balance: 1 });
    await account.update({ balance: 2 });
    const inner = tx.transaction();
    await account.using(inner).update({ balance: 3 });
    const lost = await inner.insert({ owner: "lost" });
    await inner.rollback();
    assert.equal(account.balance, 2);
    await account.update({ owner: "b" });
    await lost.save();
    await tx.commit();
    assert.deepEqual(await owners(), ["b", "lost"]);
    assert.equal((await Account.objects.get({ where: { owner: "b" } })).balance, 2);
  });

  test("an outer rollback puts back what a committed savepoint did, the last first (S65)", async () => {
    await using _db = await open(engine, models);
    const account = await Account.objects.insert({ owner: "a", balance: 1 });
    const tx = Account.objects.transaction();
    await account.using(tx).update({ balance: 2 });
    await tx.transaction((inner) => account.using(inner).update({ balance: 3 }));
    await account.update({ balance: 4 });
    await tx.rollback();
    assert.deepEqual([account.balance, account.changes], [1, {}]);
  });

  test("a commit that fails leaves inserted instances unsaved (S65, M11)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "taken" });
    const tx = Account.objects.transaction();
    const account = await tx.insert({ owner: "a" });
    await tx.insert({ owner: "taken" }).catch(() => undefined);
    await assert.rejects(tx.commit());
    await assert.rejects(account.update({ balance: 1 }), UsageError);
    await account.save();
    assert.deepEqual(await owners(), ["a", "taken"]);
  });

  test("an insert that nobody awaited before the rollback gives an unsaved instance", async () => {
    await using _db = await open(engine, models);
    const tx = Account.objects.transaction();
    await tx.count();
    const inserting = tx.insert({ owner: "a" });
    await tx.rollback();
    const account = await inserting;
    await assert.rejects(account.update({ balance: 1 }), UsageError);
    await account.save();
    const first = Account.objects.transaction();
    const insertingFirst = first.insert({ owner: "b" });
    await first.rollback();
    const late = await insertingFirst;
    await assert.rejects(late.update({ balance: 1 }), UsageError);
    await late.save();
    assert.deepEqual(await owners(), ["a", "b"]);
  });

  test("an insert that nobody awaited before its nested transaction's commit is undone with the outer one", async () => {
    await using _db = await open(engine, models);
    const tx = Account.objects.transaction();
    const inner = tx.transaction();
    const inserting = inner.insert({ owner: "a" });
    await inner.commit();
    await tx.rollback();
    await (await inserting).save();
    assert.deepEqual(await owners(), ["a"]);
  });

  test("what saveAll() does that nobody awaited before its nested session's commit is undone with the outer one (S65)", async () => {
    await using db = await open(engine, models);
    await using tx = db.begin();
    const nested = tx.begin();
    const accounts = [new Account({ owner: "a" }), new Account({ owner: "b" })];
    const saving = nested.saveAll(accounts);
    await nested.commit();
    await saving;
    await tx.rollback();
    for (const account of accounts) await account.save();
    assert.deepEqual(await owners(), ["a", "b"]);
  });

  test("an outer rollback makes what a committed savepoint inserted and deleted as it was (S65)", async () => {
    await using _db = await open(engine, models);
    const deleted = await Account.objects.insert({ owner: "deleted" });
    const tx = Account.objects.transaction();
    const inserted = await tx.transaction(async (inner) => {
      await deleted.using(inner).delete();
      return inner.transaction((innermost) => innermost.insert({ owner: "inserted" }));
    });
    await tx.rollback();
    await inserted.save();
    await deleted.update({ owner: "not deleted" });
    assert.deepEqual(await owners(), ["inserted", "not deleted"]);
  });

  test("an update of a row that the rollback took away is a NotFoundError, and changes nothing in memory (M11, S34)", async () => {
    await using _db = await open(engine, models);
    const account = await Account.objects.insert({ owner: "a", balance: 1 });
    const gone = await Account.objects.get();
    await account.delete();
    await Account.objects.transaction(async (tx) => {
      const error = await failureOf(() => gone.using(tx).update({ balance: 2 }));
      assert.ok(error instanceof NotFoundError);
      assert.equal(gone.balance, 1);
      await tx.insert({ owner: "b" });
    });
    assert.deepEqual(await owners(), ["b"]);
  });
});

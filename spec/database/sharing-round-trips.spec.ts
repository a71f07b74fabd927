import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { TransactionClosedError, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, openAt } from "../support/open.js";
import { Account, models } from "./models.js";
import { startProxy } from "./proxy.js";

/** What it was rejected with, if it was. */
const nameOf = (result: PromiseSettledResult<unknown>): string =>
  result.status === "rejected" ? result.reason.name : "";

eachEngine((engine) => {
  test("statements of a transaction that are started together don't wait for each other's answers", {
    skip: engine.dialect !== "postgres" && "no round trips",
  }, async () => {
    await using proxy = await startProxy(await engine.url());
    await using _db = await openAt(proxy.url, models);
    await Account.objects.insertMany(["ann", "bob", "cyd"].map((owner) => ({ owner })));
    await using tx = Account.objects.transaction();
    const find = (owner: string) => tx.getItems({ columns: ["owner"], where: { owner } });
    await find("ann");
    const release = proxy.holdAnswers();
    const found = Promise.all(["zoe", "yan", "bob"].map(find));
    const isSent = () => proxy.sent("zoe") === 1 && proxy.sent("yan") === 1;
    for (let waited = 0; !isSent() && waited < 2000; waited += 10) await setTimeout(10);
    const wereSent = isSent();
    release();
    assert.ok(wereSent);
    assert.deepEqual(await found, [[], [], [{ owner: "bob" }]]);
  });

  test("statements that are started together keep their order, and an error stops those after it", async () => {
    await using _db = await open(engine, models);
    const [first] = await Account.objects.insertMany([{ owner: "a" }]);
    await using tx = Account.objects.transaction();
    const counts = await Promise.all([
      tx.insert({ owner: "b" }).then(() => "inserted"),
      tx.count(),
      tx.transaction(async (nested) => [await nested.insert({ owner: "c" }), await nested.count()].length),
      tx.insert({ owner: "d" }).then(() => "inserted"),
      tx.count(),
    ]);
    assert.deepEqual(counts, ["inserted", 2, 2, "inserted", 4]);
    const results = await Promise.allSettled([
      tx.insert({ owner: "e" }),
      tx.insert({ id: first?.id ?? 0, owner: "again" }),
      tx.insert({ owner: "f" }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected"],
    );
    const [, again, after] = results.map((result) => (result.status === "rejected" ? result.reason : undefined));
    assert.ok(again instanceof UniqueViolationError);
    assert.ok(after instanceof TransactionClosedError && after.cause === again, String(after));
    await tx.rollback();
    assert.equal(await Account.objects.count(), 1);
  });

  test("a commit that is started with the first statements comes after them, and fails where one of them does", async () => {
    await using db = await open(engine, models);
    const { id } = await Account.objects.insert({ owner: "a" });
    await using session = db.session();
    const tx = session.objects(Account);
    const results = await Promise.allSettled([
      tx.insert({ owner: "b" }),
      tx.insert({ id, owner: "again" }),
      tx.insert({ owner: "c" }),
      session.commit(),
    ]);
    assert.deepEqual(results.map(nameOf), [
      "",
      "UniqueViolationError",
      "TransactionClosedError",
      "TransactionClosedError",
    ]);
    assert.equal(await Account.objects.count(), 1);
  });

  test("so does a savepoint, and what waited for SQLite's lock", async () => {
    await using db = await open(engine, models);
    const { id } = await Account.objects.insert({ owner: "a" });
    await using other = db.begin();
    await other.objects(Account).insert({ owner: "other" });
    await using session = db.session();
    const tx = session.objects(Account);
    const results = Promise.allSettled([
      tx.insert({ owner: "b" }),
      tx.insert({ id, owner: "again" }),
      session.begin((nested) => nested.objects(Account).insert({ owner: "c" })),
      tx.insert({ owner: "d" }),
    ]);
    await other.rollback();
    assert.deepEqual((await results).map(nameOf), [
      "",
      "UniqueViolationError",
      "TransactionClosedError",
      "TransactionClosedError",
    ]);
  });

  test("a part of an operation of several statements is never committed: a commit meanwhile is a UsageError", async () => {
    await using db = await open(engine, models);
    await using session = db.session();
    const saving = session.saveAll([new Account({ owner: "a" }), new Account({ owner: "b", balance: 1 })]);
    await assert.rejects(
      session.commit(),
      (error) => error instanceof UsageError && /wait for that/.test(error.message),
    );
    await saving;
    assert.equal(await Account.objects.using(session).count(), 2);
    await session.commit();
    assert.equal(await Account.objects.count(), 2);
    const working = db.begin((own) => {
      void own.saveAll([new Account({ owner: "c" }), new Account({ owner: "d", balance: 1 })]).catch(() => {});
    });
    await assert.rejects(working, UsageError);
    assert.equal(await Account.objects.count(), 2);
  });

  test("a savepoint's commit that is started with its statements undoes it where one of them fails, and no more", async () => {
    await using db = await open(engine, models);
    const { id } = await Account.objects.insert({ owner: "a" });
    await using session = db.begin();
    for (const isBegun of [false, true]) {
      const nested = session.begin();
      if (isBegun) await nested.objects(Account).count();
      const tx = nested.objects(Account);
      const results = await Promise.allSettled([
        tx.insert({ owner: "b" }),
        tx.insert({ id, owner: "again" }),
        tx.insert({ owner: "c" }),
        nested.commit(),
      ]);
      assert.deepEqual(results.map(nameOf), [
        "",
        "UniqueViolationError",
        "TransactionClosedError",
        "TransactionClosedError",
      ]);
      assert.equal(await session.objects(Account).count(), 1);
    }
    await session.commit();
  });
});

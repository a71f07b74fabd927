import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { RowkeeperError, UniqueViolationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, openAt } from "../support/open.js";
import { Account, models } from "./models.js";
import { startProxy } from "./proxy.js";

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
    assert.ok(after instanceof RowkeeperError, String(after));
    await tx.rollback();
    assert.equal(await Account.objects.count(), 1);
  });
});

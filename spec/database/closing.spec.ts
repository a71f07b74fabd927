import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { Database, sql, TimeoutError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, openAt } from "../support/open.js";
import { Account, models, owners } from "./models.js";

eachEngine((engine) => {
  test("a closed database refuses everything, and is closed again without harm (Q16)", async () => {
    const db = await open(engine, models);
    await db.close();
    await db.close();
    await db[Symbol.asyncDispose]();
    const uses: (() => Promise<unknown>)[] = [
      () => Account.objects.count(),
      () => Account.objects.insert({ owner: "a" }),
      () => db.query(sql`select 1`),
      () => db.connect(),
      () => db.createAll(),
      () => Account.objects.transaction((tx) => tx.count()),
      () => Account.objects.stream().next(),
    ];
    for (const use of uses) assert.ok((await failureOf(use)) instanceof UsageError, String(use));
  });

  test("a database that was never used is closed at once, and can't be used then", async () => {
    const db = new Database(await engine.url());
    await db.close();
    await assert.rejects(db.query(sql`select 1`), UsageError);
  });

  test("close() while it connects for the first time closes what was opened", async () => {
    const db = new Database(await engine.url());
    const first = db.query(sql`select 1 as one`).then(
      () => "answered",
      (error: unknown) => error instanceof UsageError && "refused",
    );
    await db.close();
    assert.ok(["answered", "refused"].includes(String(await first)));
    await assert.rejects(db.query(sql`select 1`), UsageError);
  });

  test("close() waits for open transactions, whose statements go on; it commits nothing by itself (Q16)", async () => {
    const { name } = engine;
    const url = await engine.url();
    const db = await openAt(url, models);
    const kept = Account.objects.transaction();
    await kept.insert({ owner: "kept" });
    const order: string[] = [];
    const closing = db.close().then(() => order.push("closed"));
    await kept.insert({ owner: "kept as well" });
    await assert.rejects(Account.objects.count(), UsageError);
    order.push("commit");
    await kept.commit();
    await closing;
    assert.deepEqual(order, ["commit", "closed"]);
    if (name === "sqlite memory") return;
    await using again = new Database(url, { models });
    assert.deepEqual(await owners(again.objects(Account)), ["kept", "kept as well"]);
  });

  test("close() within a transaction's own function is a UsageError, after which all goes on (B4)", async () => {
    const db = await open(engine, models, { timeout: 60_000 });
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "a" });
      const error = await failureOf(() => db.close());
      assert.ok(error instanceof UsageError, String(error));
      assert.match(error.message, /closing\.spec\.ts:\d+/);
      await tx.insert({ owner: "b" });
    });
    assert.deepEqual(await owners(), ["a", "b"]);
    await db.close();
    await assert.rejects(db.query(sql`select 1`), UsageError);
  });

  test("close() with a transaction that never ends is a TimeoutError that names it", async () => {
    const db = await open(engine, models, { timeout: 30 });
    const tx = Account.objects.transaction();
    await tx.insert({ owner: "a" });
    const error = await failureOf(() => db.close());
    assert.ok(error instanceof TimeoutError, String(error));
    assert.match(error.message, /closing\.spec\.ts:\d+/);
    await tx.rollback();
    await db.close();
  });

  test("await using closes: of a file nothing is left beside it", {
    skip: engine.name !== "sqlite file" && "no file",
  }, async () => {
    const url = await engine.url();
    {
      await using _db = await openAt(url, models);
      await Account.objects.insert({ owner: "a" });
      await Account.objects.transaction((tx) => tx.count(), { readOnly: true });
    }
    const directory = dirname(url.slice("sqlite:".length));
    assert.deepEqual(await readdir(directory), ["spec.db"]);
  });
});

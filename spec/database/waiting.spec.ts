import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { Database, TimeoutError, UsageError } from "../../src/index.js";
import { eachEngine, SQLITE_CLASS } from "../support/engines.js";
import { failureOf, open, openAt } from "../support/open.js";
import { Account, Entry, models, owners } from "./models.js";

const HERE = /waiting\.spec\.ts:\d+:\d+/g;

/** The places in this file that an error names. */
function placesIn(error: Error): number {
  return new Set(error.message.match(HERE)).size;
}

eachEngine((engine) => {
  const waits = !engine.writesSideBySide;

  test("waiting for one's own transaction, in its function, is an error at once that names both places (B4)", {
    skip: !waits && "no wait",
  }, async () => {
    await using _db = await open(engine, models, { timeout: 60_000 });
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "inside" });
      const outside: (() => Promise<unknown>)[] = [
        () => Account.objects.insert({ owner: "outside" }),
        () => Account.objects.transaction((other) => other.insert({ owner: "other" })),
        async () => {
          await using other = Entry.objects.transaction();
          await other.insert({ run: "x", step: 1 });
        },
      ];
      if (!engine.readsBesideWrites) outside.push(() => Account.objects.count());
      for (const use of outside) {
        const error = await failureOf(use);
        assert.ok(error instanceof UsageError, String(error));
        assert.equal(placesIn(error), 2, error.message);
      }
      await tx.insert({ owner: "after" });
    });
    assert.deepEqual(await owners(), ["after", "inside"]);
  });

  test("waiting for one's own transaction, with await using, is an error after the timeout that names both places (B4)", {
    skip: !waits && "no wait",
  }, async () => {
    await using _db = await open(engine, models, { timeout: 30 });
    await using tx = Account.objects.transaction();
    await tx.insert({ owner: "inside" });
    const error = await failureOf(() => Account.objects.insert({ owner: "outside" }));
    assert.ok(error instanceof TimeoutError, String(error));
    assert.equal(placesIn(error), 2, error.message);
    assert.match(error.message, /30 ms/);
    const second = await failureOf(() =>
      Account.objects.transaction((other) => other.insert({ owner: "other" }), { timeout: 20 }),
    );
    assert.ok(second instanceof TimeoutError && placesIn(second) === 2, String(second));
    assert.match(second.message, /20 ms/);
    await tx.insert({ owner: "after" });
    await tx.commit();
    assert.deepEqual(await owners(), ["after", "inside"]);
  });

  test("a wait for one's own function from elsewhere is no error: it ends (B4)", async () => {
    await using _db = await open(engine, models, { timeout: 60_000 });
    let outside: Promise<unknown> | undefined;
    let begin = () => {};
    const go = new Promise<void>((resolve) => {
      begin = resolve;
    }).then(() => {
      outside = Account.objects.insert({ owner: "outside" });
    });
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "inside" });
      begin();
      await go;
      await tx.insert({ owner: "after" });
    });
    await outside;
    assert.deepEqual(await owners(), ["after", "inside", "outside"]);
  });

  test("a row that another transaction holds is waited for no longer than timeout", {
    skip: waits && "rows have no locks",
  }, async () => {
    await using _db = await open(engine, models, { timeout: 5000 });
    const { id } = await Account.objects.insert({ owner: "a" });
    await using holder = Account.objects.transaction();
    await holder.update({ id }, { balance: 1 });
    const late = Account.objects.transaction((tx) => tx.update({ id }, { balance: 2 }), { timeout: 30 });
    const error = await failureOf(() => late);
    assert.ok(error instanceof TimeoutError && /^update/.test(error.sql ?? ""), String(error));
    await holder.commit();
    assert.equal((await Account.objects.get()).balance, 1);
  });

  test("a pool that is exhausted is a TimeoutError that names the holders, and the next has its turn", async () => {
    await using _db = await open(engine, models, { timeout: 50, pool: { max: 2 } });
    await using first = Account.objects.transaction({ readOnly: true });
    await first.count();
    const second = engine.name === "sqlite memory" ? undefined : Account.objects.transaction({ readOnly: true });
    await second?.count();
    const third = Account.objects.transaction({ readOnly: true });
    const error = await failureOf(() => third.count());
    assert.ok(error instanceof TimeoutError, String(error));
    assert.equal(placesIn(error), second === undefined ? 2 : 3, error.message);
    await third.rollback();
    await first.commit();
    await Account.objects.transaction((tx) => tx.count(), { readOnly: true });
    await second?.commit();
  });

  test("a transaction that never got its turn can be rolled back, and left, and holds nothing", {
    skip: !waits && "no wait",
  }, async () => {
    await using _db = await open(engine, models, { timeout: 20 });
    await using holder = Account.objects.transaction();
    await holder.insert({ owner: "holder" });
    {
      await using late = Account.objects.transaction();
      await assert.rejects(late.insert({ owner: "late" }), TimeoutError);
    }
    const other = Account.objects.transaction();
    await assert.rejects(other.insert({ owner: "late" }), TimeoutError);
    await assert.rejects(other.commit());
    await holder.commit();
    await Account.objects.insert({ owner: "next" });
    assert.deepEqual(await owners(), ["holder", "next"]);
  });

  test("another process that holds the lock too long is a TimeoutError that names who waited", {
    skip: engine.name !== "sqlite file" && "no such lock",
  }, async () => {
    const url = await engine.url();
    await using _db = await openAt(url, models, { timeout: 5000 });
    const code = `const db = new (${SQLITE_CLASS})(process.argv[1]);
      db.exec("begin immediate"); process.stdout.write("locked"); process.stdin.on("data", () => { db.close(); process.exit(); });`;
    const child = spawn(process.execPath, ["-e", code, url.slice("sqlite:".length)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    try {
      const late = Account.objects.transaction((tx) => tx.insert({ owner: "late" }), { timeout: 30 });
      const error = await failureOf(() => late);
      assert.ok(error instanceof TimeoutError, String(error));
      assert.match(
        error.message,
        /waiting\.spec\.ts:\d+:\d+ waited 30 ms for the write lock of spec\.db.*another process/,
      );
      await using hasty = new Database(url, { timeout: 10 });
      const other = await failureOf(async () => await Account.objects.using(hasty).insert({ owner: "late" }));
      assert.ok(other instanceof TimeoutError && placesIn(other) === 1, String(other));
    } finally {
      child.stdin.write("go");
      await once(child, "exit");
    }
    await Account.objects.insert({ owner: "next" });
    assert.deepEqual(await owners(), ["next"]);
  });
});

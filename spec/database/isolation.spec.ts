import assert from "node:assert/strict";
import { test } from "node:test";
import { RowkeeperError, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models, owners } from "./models.js";

const LEVELS = ["read uncommitted", "read committed", "repeatable read", "serializable"] as const;

eachEngine((engine) => {
  test("what a transaction writes is seen by itself only, until the commit (S66)", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    await tx.insert({ owner: "mine" });
    const outside = owners();
    if (engine.readsBesideWrites) assert.deepEqual(await outside, []);
    assert.deepEqual(await owners(tx), ["mine"]);
    await tx.commit();
    assert.deepEqual(await outside, engine.readsBesideWrites ? [] : ["mine"]);
    assert.deepEqual(await owners(), ["mine"]);
  });

  test("a write outside does not join the transaction, and survives its rollback (S66)", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction();
    await tx.insert({ owner: "inside" });
    const outside = Account.objects.insert({ owner: "outside" });
    if (engine.writesSideBySide) await outside;
    else assert.deepEqual(await owners(tx), ["inside"]);
    await tx.rollback();
    await outside;
    assert.deepEqual(await owners(), ["outside"]);
  });

  test("a read-only transaction refuses every kind of write, and is none the worse for the connection (B3)", async () => {
    await using _db = await open(engine, models, { pool: { max: 1 } });
    await Account.objects.insert({ owner: "there" });
    const writes: ((tx: typeof Account.objects) => Promise<unknown>)[] = [
      (tx) => tx.insert({ owner: "x" }),
      (tx) => tx.update("all", { balance: 1 }),
      (tx) => tx.delete("all"),
      (tx) => tx.setSql(sql`update accounts set balance = 1`).rowcount(),
      (tx) => tx.setSql(sql`create table others (id integer)`).rowcount(),
    ];
    for (const write of writes) {
      const failed = Account.objects.transaction(
        async (tx) => {
          assert.equal(await tx.count(), 1);
          await write(tx);
        },
        { readOnly: true },
      );
      assert.ok((await failureOf(() => failed)) instanceof RowkeeperError, String(write));
    }
    assert.deepEqual((await Account.objects.getItems({ columns: ["owner", "balance"] }))[0], {
      owner: "there",
      balance: 0,
    });
    await Account.objects.insert({ owner: "afterwards" });
    await Account.objects.transaction((tx) => tx.insert({ owner: "in a transaction" }));
  });

  test("a read-only transaction runs beside a writer, and sees one and the same state throughout", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "a" });
    await using reading = Account.objects.transaction({ readOnly: true, isolation: "repeatable read" });
    assert.equal(await reading.count(), 1);
    const writing = Account.objects.transaction((tx) => tx.insert({ owner: "b" }));
    if (engine.readsBesideWrites) {
      await writing;
      assert.equal(await Account.objects.count(), 2);
    }
    assert.equal(await reading.count(), 1);
    assert.equal(await reading.transaction((nested) => nested.count()), 1);
    await reading.commit();
    await writing;
    assert.equal(await Account.objects.count(), 2);
  });

  test("a reader does not wait for a writer", { skip: !engine.readsBesideWrites && "one connection" }, async () => {
    await using _db = await open(engine, models, { timeout: 60_000 });
    await using tx = Account.objects.transaction();
    await tx.insert({ owner: "a" });
    await Account.objects.transaction(async (reading) => assert.equal(await reading.count(), 0), { readOnly: true });
    assert.equal((await Account.objects.getInstances()).length, 0);
    const streamed: string[] = [];
    for await (const account of Account.objects.stream()) streamed.push(account.owner);
    assert.deepEqual(streamed, []);
    await tx.rollback();
  });

  for (const isolation of LEVELS) {
    test(`${isolation}: a commit of another between two reads is ${isolation.startsWith("read ") ? "seen on PostgreSQL" : "not seen"} (B3)`, async () => {
      await using _db = await open(engine, models);
      await using tx = Account.objects.transaction({ isolation, readOnly: true });
      assert.equal(await tx.count(), 0);
      const insert = Account.objects.insert({ owner: "other" });
      if (engine.readsBesideWrites) await insert;
      const isSeen = engine.dialect === "postgres" && isolation.startsWith("read ");
      assert.equal(await tx.count(), isSeen ? 1 : 0);
      await tx.commit();
      await insert;
    });
  }

  test("repeatable read shows a transaction that writes one and the same state too, but for what it wrote", async () => {
    await using _db = await open(engine, models);
    await using tx = Account.objects.transaction({ isolation: "repeatable read" });
    await tx.insert({ owner: "mine" });
    const insert = Account.objects.insert({ owner: "other" });
    if (engine.writesSideBySide) await insert;
    assert.deepEqual(await owners(tx), ["mine"]);
    await tx.commit();
    await insert;
    assert.deepEqual(await owners(), ["mine", "other"]);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { SerializationError, TransactionClosedError, UniqueViolationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models, owners } from "./models.js";

/** Lets a number of flows go on once all of them have come. */
function meeting(count: number): () => Promise<void> {
  let come = 0;
  let open: () => void;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async () => {
    come += 1;
    if (come >= count) open();
    await Promise.race([all, setTimeout(2000)]);
  };
}

eachEngine((engine) => {
  test("read, think, write at a time: with retries no update is lost (B3)", async () => {
    await using _db = await open(engine, models, { timeout: 60_000 });
    const { id } = await Account.objects.insert({ owner: "a", balance: 0 });
    const add = (amount: number) =>
      Account.objects.transaction(
        async (tx) => {
          const account = await tx.get({ where: { id } });
          await setTimeout(1);
          await account.update({ balance: account.balance + amount });
        },
        { isolation: "serializable", retries: 50 },
      );
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(add));
    assert.equal((await Account.objects.get()).balance, 36);
  });

  if (engine.dialect !== "postgres") return;

  describe("what SQLite, with its one writer, can't run into", () => {
    for (const isolation of ["repeatable read", "serializable"] as const) {
      test(`${isolation}: of two that update one row, one fails with a SerializationError, and its retry succeeds (B3)`, async () => {
        await using _db = await open(engine, models);
        const { id } = await Account.objects.insert({ owner: "a", balance: 10 });
        const meet = meeting(2);
        const attempts: string[] = [];
        const seen: string[] = [];
        const add = (name: string, amount: number, retries: number) =>
          Account.objects.transaction(
            async (tx) => {
              attempts.push(name);
              tx.afterCommit(() => seen.push(name));
              const account = await tx.get({ where: { id } });
              await meet();
              await account.update({ balance: account.balance + amount });
              return account;
            },
            { isolation, retries },
          );
        await Promise.all([add("x", 1, 3), add("y", 2, 3)]);
        assert.equal((await Account.objects.get()).balance, 13);
        assert.deepEqual([attempts.length, seen.toSorted()], [3, ["x", "y"]]);
      });
    }

    test("without retries it comes out as it is, with the driver's error and the SQL", async () => {
      await using _db = await open(engine, models);
      const { id } = await Account.objects.insert({ owner: "a" });
      const meet = meeting(2);
      const update = () =>
        Account.objects.transaction(
          async (tx) => {
            await tx.get({ where: { id } });
            await meet();
            await tx.update({ id }, { balance: 1 });
          },
          { isolation: "serializable" },
        );
      const results = await Promise.allSettled([update(), update()]);
      const [failed] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      assert.ok(failed instanceof SerializationError && failed.cause instanceof Error);
      assert.match(failed.sql ?? "", /^update "accounts"/);
    });

    test("serializable: write skew that shows only at the commit is retried (B3)", async () => {
      await using _db = await open(engine, models);
      const meet = meeting(2);
      let attempts = 0;
      const insertIfAlone = (owner: string) =>
        Account.objects.transaction(
          async (tx) => {
            attempts += 1;
            const isAlone = (await tx.count()) === 0;
            await meet();
            if (isAlone) await tx.insert({ owner });
          },
          { isolation: "serializable", retries: 5 },
        );
      await Promise.all([insertIfAlone("a"), insertIfAlone("b")]);
      assert.equal((await owners()).length, 1);
      assert.equal(attempts, 3);
    });

    test("a deadlock is a SerializationError, and its retry succeeds (B3)", async () => {
      await using _db = await open(engine, models, { timeout: 20_000 });
      const [a, b] = await Account.objects.insertMany([{ owner: "a" }, { owner: "b" }]);
      const meet = meeting(2);
      let attempts = 0;
      const add = (first: number, second: number) =>
        Account.objects.transaction(
          async (tx) => {
            attempts += 1;
            await tx.update({ id: first }, { balance: attempts });
            await meet();
            await tx.update({ id: second }, { balance: attempts });
          },
          { retries: 3 },
        );
      await Promise.all([add(a?.id ?? 0, b?.id ?? 0), add(b?.id ?? 0, a?.id ?? 0)]);
      assert.equal(attempts, 3);
    });

    test("a serialization failure that the function swallowed is retried all the same", async () => {
      await using _db = await open(engine, models);
      const { id } = await Account.objects.insert({ owner: "a" });
      let attempts = 0;
      await Account.objects.transaction(
        async (tx) => {
          attempts += 1;
          await tx.get({ where: { id } });
          if (attempts === 1) await Account.objects.update({ id }, { balance: 5 });
          await tx.update({ id }, { balance: 7 }).catch(() => undefined);
        },
        { isolation: "repeatable read", retries: 1 },
      );
      assert.deepEqual([attempts, (await Account.objects.get()).balance], [2, 7]);
    });

    test("any other failure is not retried", async () => {
      await using _db = await open(engine, models);
      await Account.objects.insert({ owner: "taken" });
      let attempts = 0;
      const work = async (tx: typeof Account.objects) => {
        attempts += 1;
        await tx.insert({ owner: "taken" });
      };
      await assert.rejects(Account.objects.transaction(work, { retries: 5 }), UniqueViolationError);
      assert.equal(attempts, 1);
      const swallowed = Account.objects.transaction((tx) => work(tx).catch(() => undefined), { retries: 5 });
      assert.ok((await failureOf(() => swallowed)) instanceof TransactionClosedError);
      assert.equal(attempts, 2);
    });
  });
});

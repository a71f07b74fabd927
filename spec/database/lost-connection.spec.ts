import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { AmbiguousCommitError, ConnectionError, Database, sql, UsageError } from "../../src/index.js";
import { administrate, eachEngine } from "../support/engines.js";
import { failureOf, openAt } from "../support/open.js";
import { Account, models, owners } from "./models.js";
import { type DroppingProxy, startProxy } from "./proxy.js";

eachEngine((engine) => {
  const skip = engine.dialect !== "postgres" && "no connection to lose";

  async function behindProxy(): Promise<{ proxy: DroppingProxy; db: Database } & AsyncDisposable> {
    const proxy = await startProxy(await engine.url());
    const db = await openAt(proxy.url, models);
    return {
      proxy,
      db,
      async [Symbol.asyncDispose]() {
        await db.close();
        await proxy[Symbol.asyncDispose]();
      },
    };
  }

  for (const when of ["before", "after"] as const) {
    test(`a connection lost ${when} the server got the COMMIT: AmbiguousCommitError, never retried (B3)`, {
      skip,
    }, async () => {
      await using setting = await behindProxy();
      const { proxy } = setting;
      let attempts = 0;
      const seen: string[] = [];
      const done = Account.objects.transaction(
        async (tx) => {
          attempts += 1;
          await tx.insert({ owner: "a" });
          tx.afterCommit(() => seen.push("called"));
          proxy.dropAt("commit\0", when);
        },
        { retries: 5 },
      );
      const error = await failureOf(() => done);
      proxy.dropAt(undefined);
      assert.ok(error instanceof AmbiguousCommitError && error instanceof ConnectionError, String(error));
      assert.deepEqual([attempts, seen, proxy.drops], [1, [], 1]);
      assert.deepEqual(await owners(), when === "before" ? [] : ["a"]);
    });
  }

  test("a connection lost while nothing can have been committed is a plain ConnectionError (B3)", {
    skip,
  }, async () => {
    await using setting = await behindProxy();
    const { proxy } = setting;
    const readOnly = Account.objects.transaction(
      async (tx) => {
        await tx.count();
        proxy.dropAt("commit\0");
      },
      { readOnly: true },
    );
    const committing = await failureOf(() => readOnly);
    assert.ok(
      committing instanceof ConnectionError && !(committing instanceof AmbiguousCommitError),
      String(committing),
    );
    const writing = Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "a" });
      proxy.dropAt("insert into");
      await tx.insert({ owner: "b" });
    });
    const error = await failureOf(() => writing);
    assert.ok(error instanceof ConnectionError && !(error instanceof AmbiguousCommitError), String(error));
    proxy.dropAt(undefined);
    assert.deepEqual(await owners(), []);
  });

  test("a transaction whose connection was lost rolls back in peace, and its commit() throws", { skip }, async () => {
    await using setting = await behindProxy();
    const { proxy } = setting;
    for (const end of ["rollback", "commit", "leave"] as const) {
      const tx = Account.objects.transaction();
      const account = await tx.insert({ owner: end });
      proxy.dropAt("select");
      await assert.rejects(tx.count(), ConnectionError);
      proxy.dropAt(undefined);
      if (end === "commit") await assert.rejects(tx.commit());
      else await (end === "rollback" ? tx.rollback() : tx[Symbol.asyncDispose]());
      assert.equal(account.data.id, undefined);
    }
    assert.deepEqual(await owners(), []);
  });

  const killing = (name: string) =>
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${name}'`;
  const kill = (name: string) => administrate(killing(name));

  /** By another process while this one stands still, so that it can't have heard of it; until the last of them is gone. */
  const killUnheard = (name: string) => {
    const code = `const client = new (require("pg").Client)(process.env.DATABASE_URL);
      const kill = () => client.query(process.argv[1]).then(({ rowCount }) => rowCount > 0 && kill());
      client.connect().then(kill).then(() => client.end());`;
    assert.equal(spawnSync(process.execPath, ["-e", code, killing(name)], { stdio: "inherit" }).status, 0);
  };

  test("connections that the server ended while they were idle are survived, by reads and writes alike (V9)", {
    skip,
  }, async () => {
    const applicationName = `spec idle ${process.pid}`;
    await using db = await openAt(await engine.url(), models, { applicationName, pool: { max: 3 } });
    const uses: (() => Promise<unknown>)[] = [
      () => Account.objects.count(),
      () => db.query(sql`select 1 as one`),
      () => Account.objects.transaction((tx) => tx.insert({ owner: "in a transaction" })),
      () => Account.objects.insert({ owner: "by itself" }),
    ];
    for (const use of uses) {
      await Promise.all([Account.objects.count(), Account.objects.count(), Account.objects.count()]);
      await kill(applicationName);
      // Until the pool has heard of it.
      await setTimeout(100);
      await use();
    }
    assert.deepEqual(await owners(), ["by itself", "in a transaction"]);
  });

  test("a loss that nobody has heard of yet is survived by what can't have changed anything: a read, a transaction's begin (V9)", {
    skip,
  }, async () => {
    const applicationName = `spec unheard ${process.pid}`;
    await using _db = await openAt(await engine.url(), models, { applicationName, pool: { max: 1 } });
    for (let i = 0; i < 5; i++) {
      killUnheard(applicationName);
      assert.equal(await Account.objects.count(), i);
      killUnheard(applicationName);
      await Account.objects.transaction((tx) => tx.insert({ owner: `owner ${i}` }));
    }
  });

  test("a server that isn't there is a ConnectionError at the first use, and not the end of the Database", {
    skip,
  }, async () => {
    const proxy = await startProxy(await engine.url());
    await using db = await openAt(proxy.url, models, { timeout: 2000 });
    proxy.dropAt("accounts");
    await assert.rejects(Account.objects.insert({ owner: "a" }), ConnectionError);
    proxy.dropAt(undefined);
    await Account.objects.insert({ owner: "b" });
    await proxy[Symbol.asyncDispose]();
    await assert.rejects(db.query(sql`select 1`), ConnectionError);
    await assert.rejects(
      Account.objects.transaction((tx) => tx.insert({ owner: "c" })),
      ConnectionError,
    );
  });

  test("ping() says whether the database answers, in or out of use, and survives a connection that died while idle (V9)", async () => {
    await using db = await openAt(await engine.url(), models, { timeout: 2000, pool: { max: 1 } });
    await db.ping();
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "a" });
    });
    await db.ping();
    await db.close();
    await assert.rejects(db.ping(), UsageError);
  });

  test("ping() of a database that isn't there is a ConnectionError (V9)", async () => {
    const nowhere = engine.dialect === "sqlite" ? "sqlite:/no/such/directory/x.db" : "postgres://localhost:1/x";
    await using db = new Database(nowhere, { timeout: 2000 });
    await assert.rejects(db.ping(), ConnectionError);
  });

  test("a read, ping() too, survives the loss of all idle connections at once; a write says that it was lost (V9)", {
    skip,
  }, async () => {
    const applicationName = `spec all ${process.pid}`;
    await using db = await openAt(await engine.url(), models, { applicationName, pool: { max: 3 } });
    const ping = () => db.ping();
    const warmUp = () => Promise.all([ping(), ping(), ping()]);
    const begin = () => Account.objects.transaction((tx) => tx.count());
    for (const use of [ping, () => Account.objects.count(), warmUp, begin]) {
      await warmUp();
      killUnheard(applicationName);
      await use();
    }
    await warmUp();
    killUnheard(applicationName);
    // It may have happened, for all that is known here; so it is not sent again.
    await assert.rejects(Account.objects.insert({ owner: "once" }), ConnectionError);
    assert.deepEqual(await owners(), []);
  });
});

import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { Database, QueryBuilder, sql, TransactionClosedError, transaction } from "../../src/index.js";
import { eachEngine, postgresUrl } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { Account, Entry, models, owners } from "./models.js";
import { startProxy } from "./proxy.js";

/** What work is rejected with, whatever it is. */
async function reasonOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

const listenersOf = ({ signal }: AbortController) => getEventListeners(signal, "abort").length;

let marks = 0;

/** A text that only one statement on the server has. */
const newMark = () => `abort_${process.pid}_${++marks}`;

/** How many statements with a text run on the server. */
async function runningWith(mark: string): Promise<number> {
  const client = new pg.Client({ connectionString: postgresUrl() });
  await client.connect();
  try {
    const text = "select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1";
    return (await client.query(text, [`%${mark}%`])).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

/** Waits until a statement with a text runs on the server. */
async function untilRunning(mark: string): Promise<void> {
  while ((await runningWith(mark)) === 0) await setTimeout(5);
}

/** Runs far longer than any spec, but for a cancellation. */
const sleep = (mark: string) => sql([`select pg_sleep(60), '${mark}' as mark`]);

eachEngine((engine) => {
  describe("before", () => {
    test("nothing is sent after the abort: each operation fails with the signal's reason", async () => {
      await using db = await open(engine, models);
      const account = await Account.objects.insert({ owner: "a" });
      const reason = new Error("the user has left");
      const signal = AbortSignal.abort(reason);
      const objects = Account.objects.with({ signal });
      const byUsing = Account.objects.using(db.with({ signal }));
      const builder = new QueryBuilder(Account, { database: db.with({ signal }) });
      const operations: (() => unknown)[] = [
        () => objects.getInstances(),
        () => objects.find(account.id),
        () => objects.findMany([account.id]),
        () => objects.count(),
        () => objects.insert({ owner: "b" }),
        () => objects.insertMany([{ owner: "b" }, { owner: "c" }]),
        () => objects.update({ id: account.id }, { owner: "b" }),
        () => objects.delete({ id: account.id }),
        () => objects.upsert({ id: 7, owner: "b" }),
        () => objects.getOrCreate({ owner: "b" }),
        () => objects.setSql(Account.select()).fetchall(),
        () => objects.stream().next(),
        () => objects.explain(),
        () => objects.preview((tx) => tx.insert({ owner: "b" })),
        () => objects.transaction((tx) => tx.insert({ owner: "b" })),
        () => byUsing.getInstances(),
        () => Account.objects.getInstances({ where: { owner: "a" }, signal }),
        () => Account.objects.getItems({ columns: ["owner"], signal }),
        () => Account.objects.first({ signal }),
        () => Account.objects.get({ where: { id: account.id }, signal }),
        () => Account.objects.find(account.id, { signal }),
        () => Account.objects.findMany([account.id], { signal }),
        () => Account.objects.count({ signal }),
        () => Account.objects.exists({ where: { id: account.id }, signal }),
        () => Account.objects.stream({ signal }).next(),
        () => builder.count(),
        () => db.query(sql`select 1`, { signal }),
        () => db.connect({ signal }),
        () => db.createAll({ signal }),
        () => db.dropAll({ signal }),
        () => db.begin({ signal }).all(sql`select 1`),
        () => Account.objects.transaction((tx) => tx.insert({ owner: "b" }), { signal }),
        () => account.using(db.with({ signal })).update({ owner: "b" }),
      ];
      const sent = await statementsOf(db, async () => {
        for (const operation of operations) assert.equal(await reasonOf(operation), reason, String(operation));
      });
      assert.deepEqual(sent, []);
      assert.deepEqual(await owners(), ["a"]);
    });

    test("the reason is an AbortError where none was given, and what was thrown where it is no error", async () => {
      await using _db = await open(engine, models);
      const error = await reasonOf(() => Account.objects.with({ signal: AbortSignal.abort() }).count());
      assert.ok(error instanceof DOMException);
      assert.equal(error.name, "AbortError");
      assert.equal(await reasonOf(() => Account.objects.with({ signal: AbortSignal.abort("left") }).count()), "left");
      assert.equal(await reasonOf(() => Account.objects.with({ signal: AbortSignal.abort(null) }).count()), null);
    });

    test("a function is not called in a transaction whose signal was aborted", async () => {
      await using _db = await open(engine, models);
      let calls = 0;
      await reasonOf(() => Account.objects.transaction(() => calls++, { signal: AbortSignal.abort() }));
      assert.equal(calls, 0);
    });

    test("what is no signal is a TypeError", async () => {
      await using db = await open(engine, models);
      const signal = {} as AbortSignal;
      for (const operation of [
        () => db.with({ signal }),
        () => db.begin({ signal }),
        () => Account.objects.with({ signal }),
        () => Account.objects.transaction({ signal }),
      ])
        assert.throws(operation, TypeError);
      await assert.rejects(db.query(sql`select 1`, { signal }), TypeError);
      await assert.rejects(db.connect({ signal }), TypeError);
      await assert.rejects(Account.objects.getInstances({ signal }), TypeError);
      await assert.rejects(Account.objects.find(1, { signal }), TypeError);
    });

    test("what was never sent leaves its transaction as it was", async () => {
      await using db = await open(engine, models);
      await using tx = db.begin();
      await Account.objects.using(tx).insert({ owner: "a" });
      const reason = new Error("enough");
      const cancelled = Account.objects.using(tx.with({ signal: AbortSignal.abort(reason) }));
      assert.equal(await reasonOf(() => cancelled.insert({ owner: "b" })), reason);
      await Account.objects.using(tx).insert({ owner: "c" });
      await tx.commit();
      assert.deepEqual(await owners(), ["a", "c"]);
    });
  });

  describe("while it waits", () => {
    test("it leaves the queue at once, and those behind it have their turn", async () => {
      await using db = await open(engine, models, { timeout: 60_000, pool: { max: 1 } });
      await using holder = db.begin();
      await Account.objects.using(holder).insert({ owner: "holder" });
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error("no time");
      const waiting = [
        () => Account.objects.with({ signal }).insert({ owner: "statement" }),
        () => Account.objects.transaction((tx) => tx.insert({ owner: "transaction" }), { signal }),
        () => Account.objects.with({ signal }).insertMany([{ owner: "1" }, { owner: "2" }]),
        () => db.query(sql`delete from accounts`, { signal }),
      ].map(reasonOf);
      const behind = Account.objects.insert({ owner: "behind" });
      await setTimeout(20);
      controller.abort(reason);
      // They have ended while what they waited for is held still.
      assert.deepEqual(await Promise.all(waiting), [reason, reason, reason, reason]);
      await holder.commit();
      await behind;
      assert.deepEqual(await owners(), ["behind", "holder"]);
      assert.equal(listenersOf(controller), 0);
    });

    test("a savepoint, and a statement beside it, leave the queue of their transaction", async () => {
      await using db = await open(engine, models);
      await using tx = db.begin();
      await using first = tx.begin();
      await Account.objects.using(first).insert({ owner: "first" });
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = [
        () => Account.objects.using(tx.begin({ signal })).insert({ owner: "savepoint" }),
        () => Account.objects.using(tx.with({ signal })).insert({ owner: "statement" }),
      ].map(reasonOf);
      await setTimeout(5);
      controller.abort("enough");
      assert.deepEqual(await Promise.all(waiting), ["enough", "enough"]);
      await first.commit();
      await tx.commit();
      assert.deepEqual(await owners(), ["first"]);
    });

    test("a statement that waits for its transaction to begin is never sent, and leaves it as it was", async () => {
      await using db = await open(engine, models, { timeout: 60_000, pool: { max: 1 } });
      await using holder = db.begin();
      await Account.objects.using(holder).insert({ owner: "holder" });
      await using tx = db.begin();
      const controller = new AbortController();
      const objects = Account.objects.using(tx.with({ signal: controller.signal }));
      const waiting = reasonOf(() => objects.insert({ owner: "statement" }));
      controller.abort("enough");
      await holder.commit();
      assert.equal(await waiting, "enough");
      await Account.objects.using(tx).insert({ owner: "after" });
      await tx.commit();
      assert.deepEqual(await owners(), ["after", "holder"]);
    });
  });

  describe("in a transaction", () => {
    test("it is rolled back at once, though nothing of it runs, and what it held is free", async () => {
      await using db = await open(engine, models, { timeout: 60_000, pool: { max: 1 } });
      const controller = new AbortController();
      await using tx = Account.objects.transaction({ signal: controller.signal });
      const account = await tx.insert({ owner: "inside" });
      assert.equal(listenersOf(controller), 1);
      controller.abort("enough");
      await Account.objects.insert({ owner: "outside" });
      assert.deepEqual(await owners(), ["outside"]);
      assert.equal(account.id, undefined);
      assert.equal(listenersOf(controller), 0);

      // Nothing that is still asked of it is done elsewhere.
      assert.equal(await reasonOf(() => tx.insert({ owner: "later" })), "enough");
      assert.equal(await reasonOf(() => account.save()), "enough");
      assert.equal(await reasonOf(() => tx.commit()), "enough");
      await assert.rejects(tx.commit(), TransactionClosedError);
      assert.deepEqual(await owners(), ["outside"]);
      await account.save();
      assert.deepEqual(await owners(), ["inside", "outside"]);
      await db.close();
    });

    test("a function that swallows the reason, or never hears of it, is not committed", async () => {
      await using _db = await open(engine, models);
      for (const isLate of [false, true]) {
        const controller = new AbortController();
        const work = Account.objects.transaction(
          async (tx) => {
            await tx.insert({ owner: "a" });
            controller.abort("enough");
            if (!isLate) await tx.insert({ owner: "b" }).catch(() => {});
          },
          { signal: controller.signal, retries: 3 },
        );
        assert.equal(await reasonOf(() => work), "enough");
        assert.equal(listenersOf(controller), 0);
      }
      assert.deepEqual(await owners(), []);
    });

    test("a transaction's own signal and that of what it is opened in both end it", async () => {
      await using db = await open(engine, models);
      for (const end of ["own", "outer"] as const) {
        const controllers = { own: new AbortController(), outer: new AbortController() };
        const objects = Account.objects.using(db.with({ signal: controllers.outer.signal }));
        const insertAndAbort = async (tx: typeof objects) => {
          await tx.insert({ owner: "a" });
          controllers[end].abort(end);
        };
        const { signal } = controllers.own;
        assert.equal(await reasonOf(() => objects.transaction(insertAndAbort, { signal })), end);
      }
      assert.deepEqual(await owners(), []);
    });

    test("rollback() after the abort waits for what the abort began, and is no error", async () => {
      await using db = await open(engine, models);
      const controller = new AbortController();
      const tx = db.begin({ signal: controller.signal });
      await Account.objects.using(tx).insert({ owner: "a" });
      controller.abort("enough");
      await tx.rollback();
      await assert.rejects(tx.rollback(), TransactionClosedError);
      assert.deepEqual(await owners(), []);
    });

    test("a savepoint's signal undoes the savepoint alone; that of the transaction around it, all", async () => {
      await using db = await open(engine, models);
      await using tx = db.begin();
      await Account.objects.using(tx).insert({ owner: "a" });
      const controller = new AbortController();
      const inner = tx.begin({ signal: controller.signal });
      await Account.objects.using(inner).insert({ owner: "b" });
      controller.abort("enough");
      assert.equal(await reasonOf(() => inner.commit()), "enough");
      await Account.objects.using(tx).insert({ owner: "c" });
      await tx.commit();
      assert.deepEqual(await owners(), ["a", "c"]);

      const outerController = new AbortController();
      const outer = db.begin({ signal: outerController.signal });
      const nested = outer.begin();
      await Account.objects.using(nested).insert({ owner: "d" });
      outerController.abort("all");
      assert.equal(await reasonOf(() => Account.objects.using(nested).insert({ owner: "e" })), "all");
      assert.equal(await reasonOf(() => outer.commit()), "all");
      assert.deepEqual(await owners(), ["a", "c"]);
    });

    test("one over several databases is rolled back in all of them", async () => {
      await using db = await open(engine, models);
      await using other = await open(engine, []);
      const controller = new AbortController();
      const { signal } = controller;
      const work = transaction(
        [db, other],
        async ([tx]) => {
          assert.ok(tx !== undefined);
          await Account.objects.using(tx).insert({ owner: "a" });
          controller.abort("enough");
        },
        { signal },
      );
      assert.equal(await reasonOf(() => work), "enough");
      assert.deepEqual(await owners(), []);
      assert.equal(listenersOf(controller), 0);
    });

    test("an operation of several statements is undone as a whole", async () => {
      await using db = await open(engine, models);
      const controller = new AbortController();
      const connection = await db.connect({ signal: controller.signal });
      db.on("query", ({ sql: text }) => {
        if (text.startsWith("insert")) controller.abort("enough");
      });
      const placeholder = engine.dialect === "sqlite" ? "?" : "$1";
      await Account.objects.insert({ owner: "a" });
      assert.equal(
        await reasonOf(() =>
          connection.executeMany(`insert into accounts (owner) values (${placeholder})`, [["b"], ["c"]]),
        ),
        "enough",
      );
      await connection.close();
      assert.deepEqual(await owners(), ["a"]);
    });

    test("so it is in a session, where the signal is that of the operation", async () => {
      await using db = await open(engine, models);
      for (const begin of [() => db.session(), () => db.begin()]) {
        await using session = begin();
        const controller = new AbortController();
        const abort = ({ sql: text }: { sql: string }) => {
          if (text.startsWith("insert")) controller.abort("enough");
        };
        db.on("query", abort);
        const tx = Account.objects.using(session.with({ signal: controller.signal }));
        // Two statements, as their columns differ.
        assert.equal(await reasonOf(() => tx.upsertMany([{ id: 5, owner: "a" }, { owner: "b" }])), "enough");
        db.off("query", abort);
        assert.ok((await reasonOf(() => session.commit())) instanceof TransactionClosedError);
      }
      assert.deepEqual(await owners(), []);
    });
  });

  describe("during work that never pauses", () => {
    const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ owner: `row ${index}` }));

    test("a timeout ends an operation of many statements, which is undone", { timeout: 60_000 }, async () => {
      await using db = await open(engine, models);
      const isTimeout = (reason: unknown) => reason instanceof DOMException && reason.name === "TimeoutError";
      const list = rows(100_000);
      const sets = list.map(({ owner }) => ({ owner }));
      const saved = list.map((row) => new Account(row));
      for (const operation of [
        (signal: AbortSignal) =>
          db.begin(
            async (session) => {
              for (;;) await session.save(new Account({ owner: "a", id: 1 }));
            },
            { signal },
          ),
        (signal: AbortSignal) => Account.objects.with({ signal }).insertMany(list),
        (signal: AbortSignal) => db.begin((session) => session.saveAll(saved), { signal }),
        (signal: AbortSignal) =>
          db.begin((session) => session.executeMany("insert into accounts (owner) values (:owner)", sets), { signal }),
        async (signal: AbortSignal) => {
          for (;;) await Account.objects.with({ signal }).count();
        },
      ]) {
        assert.ok(isTimeout(await reasonOf(() => operation(AbortSignal.timeout(20)))), String(operation));
        assert.equal(await Account.objects.count(), 0);
      }
    });

    test("timers go on", async () => {
      await using db = await open(engine, models);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      await db.begin(async (session) => {
        for (const row of rows(1000)) await session.save(new Account(row));
      });
      clearInterval(timer);
      assert.ok(ticks > 0);
    });

    test("what is asked for meanwhile is done in its order, and fails the commit as ever", async () => {
      await using db = await open(engine, models);
      const until = (end: number) => {
        while (performance.now() < end);
      };
      await using session = db.session();
      await session.save(new Account({ owner: "first" }));
      until(performance.now() + 15);
      const nested = session.begin();
      const all = [
        session.save(new Account({ owner: "second" })),
        session.executeMany("insert into accounts (owner) values (:owner)", rows(10_000)),
        nested.execute(sql`delete from accounts`).then(() => nested.rollback()),
      ];
      await Promise.all(all);
      await session.commit();
      assert.equal(await Account.objects.count(), 10_002);
      await session.save(new Account({ owner: "third" }));
      until(performance.now() + 15);
      const failing = reasonOf(() => session.execute(sql`select nothing from nowhere`));
      await assert.rejects(session.commit(), TransactionClosedError);
      assert.ok((await failing) instanceof Error);
      assert.equal(await Account.objects.count(), 10_002);
    });
  });

  describe("in a stream", () => {
    const fill = () =>
      Entry.objects.insertMany(
        Array.from({ length: 3000 }, (_, step) => ({ run: "a", step })),
        { fetch: false },
      );

    test("it ends with the reason at the next batch", async () => {
      await using _db = await open(engine, models);
      await fill();
      const controller = new AbortController();
      const seen: number[] = [];
      const reason = await reasonOf(async () => {
        for await (const entry of Entry.objects.with({ signal: controller.signal }).stream({ orderBy: "step" })) {
          seen.push(entry.step);
          if (seen.length === 1500) controller.abort("enough");
        }
      });
      assert.equal(reason, "enough");
      assert.equal(seen.length, 2000);
      assert.equal(listenersOf(controller), 0);
    });

    test("what it holds is free at once, though nobody asks for the next batch", async () => {
      await using db = await open(engine, models, { timeout: 60_000, pool: { max: 1 } });
      await fill();
      const controller = new AbortController();
      const chunks = Entry.objects.with({ signal: controller.signal }).chunk(10);
      await chunks.next();
      controller.abort("enough");
      // The only connection, and SQLite's only reader, are there for others; closing waits for nobody.
      assert.equal(await Entry.objects.transaction((tx) => tx.count(), { readOnly: true }), 3000);
      if (engine.dialect === "sqlite") {
        const copies = sql`select name from sqlite_temp_master where name like 'rowkeeper_cursor%'`;
        assert.deepEqual(await db.query(copies), []);
      }
      await db.close();
      assert.equal(await reasonOf(() => chunks.next()), "enough");
      assert.equal(listenersOf(controller), 0);
    });

    test("in a transaction too, which goes on where the signal was not its own", async () => {
      await using db = await open(engine, models);
      await fill();
      await using tx = db.begin();
      const controller = new AbortController();
      const chunks = Entry.objects.using(tx.with({ signal: controller.signal })).chunk(10);
      await chunks.next();
      controller.abort("enough");
      assert.equal(await reasonOf(() => chunks.next()), "enough");
      await Account.objects.using(tx).insert({ owner: "a" });
      await tx.commit();
      assert.deepEqual(await owners(), ["a"]);
    });

    test("left early, or read to its end, it listens no more", async () => {
      await using _db = await open(engine, models);
      await fill();
      const controller = new AbortController();
      const objects = Entry.objects.with({ signal: controller.signal });
      for await (const _ of objects.stream()) break;
      for await (const _ of objects.chunk(1000)) assert.equal(listenersOf(controller), 1);
      assert.equal(listenersOf(controller), 0);
    });
  });

  describe("after", () => {
    test("an instance that was put in a transaction with a signal is the database's once that has ended", async () => {
      await using db = await open(engine, models);
      const account = await Account.objects.insert({ owner: "a" });
      await using tx = db.begin();
      const controller = new AbortController();
      account.using(tx.with({ signal: controller.signal }));
      await account.update({ balance: 1 });
      await tx.commit();
      controller.abort();
      await account.update({ balance: 2 });
      assert.equal((await Account.objects.get()).balance, 2);
    });

    test("an abort changes nothing of what has ended, and instances don't keep the signal", async () => {
      await using _db = await open(engine, models);
      const controller = new AbortController();
      const account = await Account.objects.with({ signal: controller.signal }).insert({ owner: "a" });
      const committed = await Account.objects.transaction((tx) => tx.insert({ owner: "b" }), {
        signal: controller.signal,
      });
      controller.abort();
      await account.update({ balance: 1 });
      await committed.update({ balance: 2 });
      assert.deepEqual(
        (await Account.objects.getItems({ orderBy: "owner" })).map(({ balance }) => balance),
        [1, 2],
      );
    });

    test("10 000 operations leave nothing on a signal that lives for long", async () => {
      await using db = await open(engine, models);
      const controller = new AbortController();
      const { signal } = controller;
      const objects = Account.objects.with({ signal });
      const { id } = await objects.insert({ owner: "a" });
      for (let i = 0; i < 100; i++) {
        const round = [];
        for (let j = 0; j < 98; j++) round.push(j % 2 === 0 ? objects.count() : objects.update({ id }, { balance: j }));
        round.push(
          Account.objects.transaction((tx) => tx.count(), { signal }),
          db.query(sql`select 1`, { signal }),
        );
        assert.ok(listenersOf(controller) <= 1, "Node warns of more than ten");
        await Promise.all(round);
      }
      assert.equal(listenersOf(controller), 0);
    });
  });

  if (engine.dialect === "sqlite") {
    test("on SQLite a statement that runs is not cancelled: it gives its result, and the next fails", async () => {
      await using db = await open(engine, models);
      const controller = new AbortController();
      const count = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select max(i) as i from n`;
      const timer = setTimeout(1).then(() => controller.abort("enough"));
      const first = db.query(count, { signal: controller.signal });
      assert.deepEqual(await first, [{ i: 200_000 }]);
      await timer;
      assert.equal(await reasonOf(() => db.query(count, { signal: controller.signal })), "enough");
    });
    return;
  }

  describe("during, on PostgreSQL", () => {
    test("a statement by itself is gone from the server, and the connection serves on", async () => {
      await using db = await open(engine, models, { pool: { max: 1 } });
      const [before] = await db.query(sql`select pg_backend_pid() as pid`);
      const controller = new AbortController();
      const mark = newMark();
      const work = reasonOf(() => db.query(sleep(mark), { signal: controller.signal }));
      await untilRunning(mark);
      const reason = new Error("the user has left");
      controller.abort(reason);
      assert.equal(await work, reason);
      assert.equal(await runningWith(mark), 0);
      assert.deepEqual(await db.query(sql`select pg_backend_pid() as pid`), [before]);
      assert.equal(listenersOf(controller), 0);
    });

    test("an abort right after the call cancels as well, however it meets the server", async () => {
      await using db = await open(engine, models);
      const mark = newMark();
      await Promise.all(
        Array.from({ length: 40 }, async (_, i) => {
          const controller = new AbortController();
          const work = reasonOf(() => db.query(sleep(mark), { signal: controller.signal }));
          await setTimeout(i);
          controller.abort(i);
          assert.equal(await work, i);
        }),
      );
      assert.equal(await runningWith(mark), 0);
      assert.deepEqual(await db.query(sql`select 1 as one`), [{ one: 1 }]);
    });

    test("a statement that reaches the server after the request to cancel it is cancelled all the same", async () => {
      await using proxy = await startProxy(await engine.url());
      await using db = new Database(proxy.url);
      await db.query(sql`select 1`);
      const mark = newMark();
      proxy.delayAt(mark, 300);
      const controller = new AbortController();
      const work = reasonOf(() => db.query(sleep(mark), { signal: controller.signal }));
      await setTimeout(5);
      controller.abort("enough");
      assert.equal(await work, "enough");
      assert.equal(await runningWith(mark), 0);
    });

    test("a cancellation never hits what runs next on the connection", async () => {
      await using db = await open(engine, models, { pool: { max: 1 } });
      for (let i = 0; i < 60; i++) {
        const controller = new AbortController();
        const first = db.query(sql`select pg_sleep(0.003)`, { signal: controller.signal });
        const second = db.query(sql`select pg_sleep(0.002)`);
        await setTimeout(i % 6);
        controller.abort("enough");
        await first.catch((reason) => assert.equal(reason, "enough"));
        await second;
      }
    });

    test("an answer that comes before the request to cancel does is given once that can hit nothing else", async () => {
      await using proxy = await startProxy(await engine.url());
      await using db = new Database(proxy.url, { pool: { max: 1 } });
      await db.query(sql`select 1`);
      proxy.delayAt("\x16.", 300); // how such a request's code ends
      const controller = new AbortController();
      const first = db.query(sql`select pg_sleep(0.1)`, { signal: controller.signal });
      await setTimeout(20);
      controller.abort("enough");
      await first;
      await db.query(sql`select pg_sleep(0.5)`);
    });

    test("a statement that waits for a row's lock is cancelled", async () => {
      await using db = await open(engine, models, { timeout: 60_000 });
      const { id } = await Account.objects.insert({ owner: "a" });
      await using holder = db.begin();
      await Account.objects.using(holder).update({ id }, { balance: 1 });
      const controller = new AbortController();
      const work = reasonOf(() => Account.objects.with({ signal: controller.signal }).update({ id }, { balance: 2 }));
      const inTransaction = reasonOf(() =>
        Account.objects.transaction((tx) => tx.update({ id }, { balance: 3 }), { signal: controller.signal }),
      );
      const within = Account.objects.transaction((tx) =>
        tx.with({ signal: controller.signal }).update({ id }, { balance: 4 }),
      );
      const inOther = reasonOf(() => within);
      await setTimeout(50);
      controller.abort("enough");
      // They have ended while the row is locked still.
      assert.deepEqual(await Promise.all([work, inTransaction, inOther]), ["enough", "enough", "enough"]);
      await holder.commit();
      assert.equal((await Account.objects.get()).balance, 1);
    });

    test("in a transaction, what was written before is undone, and its connection serves on", async () => {
      await using db = await open(engine, models, { pool: { max: 1 } });
      const controller = new AbortController();
      const mark = newMark();
      const work = reasonOf(() =>
        Account.objects.transaction(
          async (tx) => {
            await tx.insert({ owner: "a" });
            await tx.setSql(sleep(mark)).fetchall();
          },
          { signal: controller.signal },
        ),
      );
      await untilRunning(mark);
      controller.abort("enough");
      assert.equal(await work, "enough");
      assert.equal(await runningWith(mark), 0);
      assert.deepEqual(await owners(), []);
      await db.close();
    });

    test("one statement's signal fails its transaction as any error does, and a savepoint keeps that apart", async () => {
      await using db = await open(engine, models);
      for (const isApart of [false, true]) {
        const tx = db.begin();
        await Account.objects.using(tx).insert({ owner: `a${isApart}` });
        const within = isApart ? tx.begin() : tx;
        const controller = new AbortController();
        const mark = newMark();
        const work = reasonOf(() =>
          Account.objects
            .using(within.with({ signal: controller.signal }))
            .setSql(sleep(mark))
            .fetchall(),
        );
        await untilRunning(mark);
        controller.abort("enough");
        assert.equal(await work, "enough");
        if (isApart) await within.rollback();
        const committed = await tx.commit().then(
          () => true,
          (error: unknown) => {
            assert.ok(error instanceof TransactionClosedError);
            assert.equal(error.cause, "enough");
            return false;
          },
        );
        assert.equal(committed, isApart);
      }
      assert.deepEqual(await owners(), ["atrue"]);
    });

    test("in a session, its own signal cancels what has another, too", async () => {
      await using db = await open(engine, models, { pool: { max: 1 } });
      const [own, other] = [new AbortController(), new AbortController()];
      await using session = db.session({ signal: own.signal });
      const mark = newMark();
      const work = reasonOf(() =>
        Account.objects
          .using(session.with({ signal: other.signal }))
          .setSql(sleep(mark))
          .fetchall(),
      );
      await untilRunning(mark);
      own.abort("enough");
      assert.equal(await work, "enough");
      assert.equal(await runningWith(mark), 0);
    });

    test("a cursor whose batch is under way is cancelled, and its connection is free", async () => {
      await using db = await open(engine, models, { pool: { max: 1 } });
      await Entry.objects.insertMany([{ run: "a", step: 1 }]);
      const controller = new AbortController();
      const mark = newMark();
      const where = sql([`pg_sleep(60) is not null and '${mark}' <> ''`]);
      const work = reasonOf(() => Entry.objects.with({ signal: controller.signal }).stream({ where }).next());
      await setTimeout(50);
      controller.abort("enough");
      assert.equal(await work, "enough");
      assert.equal(await runningWith("rowkeeper_cursor"), 0);
      assert.equal(await Entry.objects.count(), 1);
      await db.close();
    });

    test("a connection's statement and script are cancelled; what is set on it stays", async () => {
      await using db = await open(engine, models);
      for (const run of ["execute", "executeScript"] as const) {
        const controller = new AbortController();
        await using connection = await db.connect({ signal: controller.signal });
        const mark = newMark();
        const work = reasonOf(() => connection[run](`select pg_sleep(60), '${mark}'`));
        await untilRunning(mark);
        controller.abort("enough");
        assert.equal(await work, "enough");
        assert.equal(await runningWith(mark), 0);
      }
    });

    test("`prepare: false` and a pool of one's own cancel alike", async () => {
      const url = await engine.url();
      await using pool = Object.assign(new pg.Pool({ connectionString: url, max: 1 }), {
        [Symbol.asyncDispose]: () => pool.end(),
      });
      for (const target of [url, pool]) {
        await using db = new Database(target, { prepare: false });
        const controller = new AbortController();
        const mark = newMark();
        const work = reasonOf(() => db.query(sleep(mark), { signal: controller.signal }));
        await untilRunning(mark);
        controller.abort("enough");
        assert.equal(await work, "enough");
        assert.equal(await runningWith(mark), 0);
      }
    });

    test("a server that does not answer is waited for no longer than the abort", async () => {
      const sockets: Socket[] = [];
      const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      const db = new Database(`postgres://nobody@127.0.0.1:${address.port}/none`, { timeout: 60_000 });
      const controller = new AbortController();
      const work = [
        () => db.query(sql`select 1`, { signal: controller.signal }),
        () => Account.objects.using(db.begin({ signal: controller.signal })).count(),
      ].map(reasonOf);
      await once(server, "connection");
      controller.abort("enough");
      assert.deepEqual(await Promise.all(work), ["enough", "enough"]);
      for (const socket of sockets) socket.destroy();
      server.close();
      await db.close();
    });
  });
});

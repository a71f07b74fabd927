import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  alias,
  count,
  type Database,
  deleteFrom,
  insertInto,
  MultipleResultsError,
  NotFoundError,
  SerializationError,
  sql,
  TransactionClosedError,
  text,
  UniqueViolationError,
  UsageError,
  updateTable,
} from "../../src/index.js";
import { type Engine, eachEngine } from "../support/engines.js";
import { failureOf, open, openAt, statementsOf } from "../support/open.js";
import { Account, Entry, models, owners } from "./models.js";

async function withOwners(engine: Engine, names: readonly string[] = ["a", "b", "c"]): Promise<Database> {
  const db = await open(engine, models);
  await Account.objects.insertMany(names.map((owner, i) => ({ owner, balance: i })));
  return db;
}

/** What a database that nobody has written to since would see. */
const seen = (db: Database): Promise<string[]> => owners(db.objects(Account));

eachEngine((engine) => {
  describe("reading in a session", () => {
    test("a select of a model gives instances, refined as it may be (V1)", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      const all = await session.all(Account.select().where(Account.c.balance.gte(1)).orderBy("-owner"));
      assert.ok(all.every((account) => account instanceof Account));
      assert.deepEqual(
        all.map(({ owner }) => owner),
        ["c", "b"],
      );
      const first = await session.first(Account.select().orderBy("owner"));
      assert.ok(first instanceof Account && first.owner === "a");
      assert.equal(await session.first(Account.select().where({ owner: "x" })), null);
      const one = await session.one(Account.select().where({ owner: "b" }));
      assert.ok(one instanceof Account && one.balance === 1);
      assert.equal((await session.oneOrNone(Account.select().where({ owner: "b" })))?.owner, "b");
    });

    test("a select of columns gives plain objects, of one with scalars() values (V1)", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      const rows = await session.all(Account.select("owner", "balance").orderBy("owner"));
      assert.deepEqual(rows, [
        { owner: "a", balance: 0 },
        { owner: "b", balance: 1 },
        { owner: "c", balance: 2 },
      ]);
      assert.ok(!(rows[0] instanceof Account));
      assert.deepEqual(await session.all(Account.select(["owner"]).limit(1).orderBy("owner")), [{ owner: "a" }]);
      assert.deepEqual(await session.all(Account.select("owner").scalars().orderBy("owner")), ["a", "b", "c"]);
      assert.deepEqual(await session.all(Account.select().scalars().where({ owner: "c" })), [3]);
      assert.equal(await session.one(Account.select({ n: count() }).scalars()), 3);
      const other = alias(Account, "other");
      assert.deepEqual(await session.first(other.select(["owner"]).orderBy("owner")), { owner: "a" });
    });

    test("sql, and text with named parameters, give rows (V1)", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      const [from, to] = ["a", "c"];
      const named = text("select owner, ':from' as said from accounts where owner > :from and owner < :to", {
        from,
        to,
      });
      assert.deepEqual(await session.all(named), [{ owner: "b", said: ":from" }]);
      assert.deepEqual(await session.one(sql`select owner from accounts where owner = ${"c"}`), { owner: "c" });
      assert.equal(await session.first(text("select owner from accounts where owner = :owner", { owner: "x" })), null);
      const condition = Account.c.owner.eq("b");
      assert.deepEqual(await session.all(text("select owner from accounts where :condition", { condition })), [
        { owner: "b" },
      ]);
    });

    test("one() wants one row, oneOrNone() none or one (V1)", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      const nobody = Account.select().where({ owner: "x" });
      assert.ok((await failureOf(() => session.one(nobody))) instanceof NotFoundError);
      assert.equal(await session.oneOrNone(nobody), null);
      for (const several of [
        () => session.one(Account.select()),
        () => session.one(Account.select("owner")),
        () => session.one(Account.select("owner").scalars()),
        () => session.oneOrNone(Account.select()),
        () => session.oneOrNone(Account.select("owner")),
      ])
        assert.ok((await failureOf(several)) instanceof MultipleResultsError, String(several));
      const texts = text("select owner from accounts where owner > :owner", { owner: "a" });
      assert.ok((await failureOf(() => session.one(texts))) instanceof MultipleResultsError);
      assert.ok((await failureOf(() => session.one(sql`select 1 as n where 1 = 2`))) instanceof NotFoundError);
      // Neither has failed in the database, so that the session goes on.
      assert.equal((await session.one(Account.select().limit(1).orderBy("owner"))).owner, "a");
    });

    test("asks for no more rows than it takes to know (V1)", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      const texts = await statementsOf(db, async () => {
        await session.first(Account.select());
        await session.oneOrNone(Account.select().where({ owner: "a" }));
      });
      assert.ok(texts.length === 2 && texts.every((each) => / limit /.test(each)), texts.join("; "));
    });

    test("a statement of another kind than a statement is a TypeError", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      for (const wrong of ["select 1", null, Account, {}] as never[])
        for (const run of [session.all, session.first, session.one, session.oneOrNone, session.execute]) {
          const error = await failureOf(() => run.call(session, wrong));
          assert.ok(error instanceof TypeError, String(error));
        }
    });
  });

  describe("writing in a session", () => {
    test("runs insertInto, updateTable and deleteFrom, and selects (V11)", async () => {
      await using db = await withOwners(engine);
      await using session = db.session();
      const inserted = await session.execute(insertInto(Account).values({ owner: "d", balance: 9 }).returning("owner"));
      assert.deepEqual(inserted, { rows: [{ owner: "d" }], rowCount: 1 });
      const updated = await session.execute(
        updateTable(Account)
          .values({ balance: 5 })
          .where({ owner: ["a", "b"] }),
      );
      assert.deepEqual(updated, { rows: [], rowCount: 2 });
      const deleted = await session.execute(deleteFrom(Account).where({ owner: "c" }));
      assert.equal(deleted.rowCount, 1);
      const read = await session.execute(Account.select("owner", "balance").orderBy("owner"));
      assert.deepEqual(read.rows, [
        { owner: "a", balance: 5 },
        { owner: "b", balance: 5 },
        { owner: "d", balance: 9 },
      ]);
      assert.deepEqual((await session.execute(sql`delete from accounts where owner = ${"d"}`)).rowCount, 1);
      if (engine.readsBesideWrites) assert.deepEqual(await seen(db), ["a", "b", "c"]);
      await session.commit();
      assert.deepEqual(await seen(db), ["a", "b"]);
    });

    test("executeMany runs once per set of values, prepared once, as one (V2)", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      const insert = "insert into accounts (owner, balance) values (:owner, :balance)";
      const sets = Array.from({ length: 50 }, (_, balance) => ({ balance, owner: `o${balance}` }));
      const texts = await statementsOf(db, async () => assert.equal(await session.executeMany(insert, sets), 50));
      assert.equal(texts.length, 1);
      assert.equal(await session.executeMany(insert, []), 0);
      const balance = "update accounts set balance = :balance + balance where owner = :owner and balance <> :balance";
      assert.equal(await session.executeMany(balance, [{ owner: "o1", balance: 3 }]), 1);
      await session.commit();
      assert.equal((await Account.objects.get({ where: { owner: "o1" } })).balance, 4);
      const twice = [{ owner: "new", balance: 0 }, ...sets.slice(0, 1)];
      assert.ok((await failureOf(() => session.executeMany(insert, twice))) instanceof UniqueViolationError);
      await session.rollback();
      assert.equal(await Account.objects.count(), 50);
    });

    test("executeMany refuses sets that don't fit before anything is sent (V2)", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      const insert = "insert into accounts (owner, balance) values (:owner, :balance)";
      const good = { owner: "a", balance: 1 };
      const texts = await statementsOf(db, async () => {
        for (const [wrong, Kind] of [
          [[good, { owner: "b" }], UsageError],
          [[good, { owner: "b", balance: 1, balanse: 2 }], UsageError],
          [[good, { owner: "b", balance: undefined }], TypeError],
          [[good, ["b", 1]], TypeError],
          [[good, null], TypeError],
          [good, TypeError],
        ] as const) {
          const error = await failureOf(() => session.executeMany(insert, wrong as never));
          assert.ok(error instanceof Kind, String(error));
        }
      });
      assert.deepEqual(texts, []);
    });
  });

  describe("a session that commits as it goes", () => {
    test("begins with its first statement, and again after each commit and rollback (V5)", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      const accounts = session.objects(Account);
      await session.commit(); // nothing yet
      await accounts.insert({ owner: "a" });
      if (engine.readsBesideWrites) assert.deepEqual(await seen(db), []);
      await session.commit();
      assert.deepEqual(await seen(db), ["a"]);
      await accounts.insert({ owner: "b" });
      await session.rollback();
      await session.rollback(); // nothing since
      assert.deepEqual(await seen(db), ["a"]);
      await accounts.insert({ owner: "c" });
      await session.commit();
      assert.deepEqual(await seen(db), ["a", "c"]);
    });

    test("keeps the class of a custom manager, and its own", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      const accounts = session.objects(Account);
      await accounts.insertMany([
        { owner: "rich", balance: 5000 },
        { owner: "poor", balance: 1 },
      ]);
      const rich = await accounts.rich();
      assert.deepEqual(
        rich.map(({ owner }) => owner),
        ["rich"],
      );
      assert.equal(accounts.constructor, Account.objects.constructor);
      assert.throws(() => session.objects({} as never), TypeError);
    });

    test("instances that were got in it stay in it across commits, and are the database's once it is closed", async () => {
      await using db = await withOwners(engine, ["a"]);
      let account: Account;
      {
        await using session = db.session();
        account = await session.one(Account.select());
        await session.commit();
        await account.update({ balance: 7 });
        await session.rollback();
        assert.equal(account.balance, 0);
        await account.update({ balance: 8 });
        await session.commit();
        await session.objects(Account).transaction(async (tx) => tx.update("all", { balance: 9 }));
        await account.reload();
        await session.commit();
      }
      await account.update({ balance: 10 });
      assert.equal((await Account.objects.get()).balance, 10);
    });

    test("closing it rolls back what is not committed, and ends it (V5)", async () => {
      await using db = await withOwners(engine, []);
      let session: ReturnType<Database["session"]>;
      const account = new Account({ owner: "b" });
      {
        await using own = db.session();
        session = own;
        await own.save(new Account({ owner: "a" }));
        await own.commit();
        await own.save(account);
        assert.equal(typeof account.id, "number");
      }
      assert.deepEqual(await seen(db), ["a"]);
      assert.equal(account.id, undefined);
      for (const use of [
        () => session.all(Account.select()),
        () => session.save(account),
        () => session.commit(),
        () => session.rollback(),
        () => session.objects(Account).count(),
        async () => session.begin(),
      ])
        assert.ok((await failureOf(use)) instanceof TransactionClosedError, String(use));
      await session.close();
    });

    test("what is started without waiting goes in order, and what is rolled back meanwhile is undone in memory", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      const accounts = Array.from({ length: 20 }, (_, i) => new Account({ owner: `o${i}` }));
      const saving = Promise.all(accounts.map((account) => session.save(account)));
      const counting = session.one(Account.select({ n: count() }).scalars());
      assert.deepEqual(await Promise.all([saving.then(({ length }) => length), counting]), [20, 20]);
      await session.commit();
      const late = new Account({ owner: "late" });
      const save = session.save(late).catch(() => undefined);
      await session.rollback();
      await save;
      assert.equal(late.id, undefined);
      const after = await session.save(new Account({ owner: "after" }));
      await session.commit();
      assert.equal((await Account.objects.find(after.id))?.owner, "after");
      assert.equal(await Account.objects.count(), 21);
    });

    test("what was sent a turn of the event loop later is undone in memory as well (S65)", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      await session.save(new Account({ owner: "first" }));
      await session.commit();
      // So long that a driver which works synchronously leaves the event loop a turn.
      for (const start = performance.now(); performance.now() - start < 15; );
      const late = new Account({ owner: "late" });
      const save = session.save(late).catch(() => undefined);
      await session.rollback();
      await save;
      assert.equal(late.id, undefined);
      assert.equal(await Account.objects.count(), 1);
    });

    test("a statement that failed leaves it good for a rollback alone, and good again after it", async () => {
      await using db = await withOwners(engine, ["a"]);
      await using session = db.session();
      await session.objects(Account).insert({ owner: "b" });
      const twice = await failureOf(() => session.objects(Account).insert({ owner: "a" }));
      assert.ok(twice instanceof UniqueViolationError);
      assert.ok((await failureOf(() => session.all(Account.select()))) instanceof TransactionClosedError);
      assert.ok((await failureOf(() => session.commit())) instanceof TransactionClosedError);
      await session.objects(Account).insert({ owner: "c" });
      await session.commit();
      assert.deepEqual(await seen(db), ["a", "c"]);
    });

    test("a commit that is refused as a nested session is open leaves both to go on", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      await session.objects(Account).insert({ owner: "a" });
      const nested = session.begin();
      await nested.objects(Account).insert({ owner: "b" });
      assert.ok((await failureOf(() => session.commit())) instanceof UsageError);
      await nested.commit();
      await session.objects(Account).insert({ owner: "c" });
      await session.commit();
      assert.deepEqual(await seen(db), ["a", "b", "c"]);
    });

    test("takes the options of a transaction, for each of them", async () => {
      await using db = await withOwners(engine, ["a"]);
      assert.throws(() => db.session({ isolatoin: "serializable" } as never), TypeError);
      assert.throws(() => db.session({ isolation: "wrong" } as never), UsageError);
      await using session = db.session({ readOnly: true });
      for (let i = 0; i < 2; i++) {
        assert.equal((await session.all(Account.select())).length, 1);
        await failureOf(() => session.objects(Account).insert({ owner: "b" }));
        await session.rollback();
      }
      assert.deepEqual(await seen(db), ["a"]);
    });

    test("calls back after the commit of what it was told in, and not after a rollback", async () => {
      await using db = await withOwners(engine, []);
      await using session = db.session();
      const called: string[] = [];
      session.afterCommit(() => called.push("rolled back"));
      await session.save(new Account({ owner: "a" }));
      await session.rollback();
      session.afterCommit(() => called.push("committed"));
      await session.save(new Account({ owner: "a" }));
      await session.commit();
      await session.save(new Account({ owner: "b" }));
      await session.commit();
      assert.deepEqual(called, ["committed"]);
    });
  });

  describe("a session of one transaction", () => {
    test("begin(fn) commits at the end and gives what the function gives; a throw rolls back (V5)", async () => {
      await using db = await withOwners(engine, []);
      const account = await db.begin(async (session) => session.save(new Account({ owner: "a" })));
      assert.deepEqual(await seen(db), ["a"]);
      const other = new Account({ owner: "b" });
      const error = await failureOf(() =>
        db.begin(async (session) => {
          await session.save(other);
          account.using(session);
          await account.update({ balance: 3 });
          throw new RangeError("mine");
        }),
      );
      assert.ok(error instanceof RangeError);
      assert.deepEqual([other.id, account.balance], [undefined, 0]);
      assert.deepEqual(await seen(db), ["a"]);
    });

    test("begin() has all of it, and ends with its commit", async () => {
      await using db = await withOwners(engine, []);
      {
        await using session = db.begin();
        await session.save(new Account({ owner: "a" }));
        assert.equal((await session.one(Account.select())).owner, "a");
        await session.commit();
        for (const use of [
          () => session.all(Account.select()),
          () => session.save(new Account({ owner: "c" })),
          () => session.commit(),
        ])
          assert.ok((await failureOf(use)) instanceof TransactionClosedError);
      }
      {
        await using session = db.begin();
        await session.save(new Account({ owner: "b" }));
      }
      assert.deepEqual(await seen(db), ["a"]);
    });

    test("begin(fn, { retries }) runs the function again after a serialization failure", async () => {
      await using db = await withOwners(engine, ["a"]);
      let attempts = 0;
      const result = await db.begin(
        async (session) => {
          await session.execute(updateTable(Account).values({ balance: sql`balance + 1` }).where({ owner: "a" }));
          attempts += 1;
          if (attempts < 3) throw new SerializationError("again");
          return attempts;
        },
        { retries: 5, isolation: "serializable" },
      );
      assert.deepEqual([result, (await Account.objects.get()).balance], [3, 1]);
      await using session = db.session();
      assert.throws(() => session.begin(async () => 1, { retries: 1 }), UsageError);
    });

    test("session.begin() nests by savepoint (V6)", async () => {
      await using db = await withOwners(engine, []);
      for (const outer of [db.session(), db.begin()]) {
        await outer.save(new Account({ owner: "outer" }));
        const lost = new Account({ owner: "lost" });
        {
          await using inner = outer.begin();
          await inner.save(lost);
          assert.equal((await inner.all(Account.select())).length, 2);
        }
        assert.equal(lost.id, undefined);
        const twice = await failureOf(() =>
          outer.begin(async (inner) => inner.objects(Account).insert({ owner: "outer" })),
        );
        assert.ok(twice instanceof UniqueViolationError);
        const kept = await outer.begin(async (inner) => inner.save(new Account({ owner: "kept" })));
        await kept.update({ balance: 4 });
        await outer.commit();
        assert.deepEqual(await seen(db), ["kept", "outer"]);
        await Account.objects.delete("all");
        await outer.close();
      }
    });

    test("a db.begin() within another is a session apart (V6)", async () => {
      await using db = await withOwners(engine, []);
      const error = await failureOf(() =>
        db.begin(async (outer) => {
          await db.begin(async (inner) => {
            await inner.save(new Account({ owner: "inner" }));
          });
          await outer.save(new Account({ owner: "outer" }));
          throw new RangeError("mine");
        }),
      );
      assert.ok(error instanceof RangeError);
      assert.deepEqual(await seen(db), ["inner"]);
    });

    test("work nested in one begin is one unit (Q16)", async () => {
      await using db = await withOwners(engine, []);
      const work = (fails: boolean) => () =>
        db.begin(async (session) => {
          const account = await session.save(new Account({ owner: "a" }));
          await session.begin(async (inner) => {
            await inner.objects(Entry).insert({ accountId: account.id, run: "r", step: 1 });
            await inner.objects(Entry).transaction(async (tx) => tx.insert({ run: "r", step: 2 }));
          });
          if (fails) throw new RangeError("mine");
        });
      await failureOf(work(true));
      assert.deepEqual([await Account.objects.count(), await Entry.objects.count()], [0, 0]);
      await work(false)();
      assert.deepEqual([await Account.objects.count(), await Entry.objects.count()], [1, 2]);
    });
  });

  if (engine.name !== "sqlite memory")
    test("`await using db` commits nothing by itself, and closes (Q16)", async () => {
      const url = await engine.url();
      let left: Database;
      {
        await using db = await openAt(url, models);
        left = db;
        await using session = db.session();
        await session.save(new Account({ owner: "a" }));
        await session.commit();
        await session.save(new Account({ owner: "b" }));
      }
      assert.ok((await failureOf(() => left.ping())) instanceof UsageError);
      await using again = await openAt(url, models);
      assert.deepEqual(await seen(again), ["a"]);
    });

  test("ping() has an answer of the database, and of a session's connection (V9)", async () => {
    await using db = await withOwners(engine, []);
    assert.equal(await db.ping(), true);
    await using session = db.session();
    assert.equal(await session.ping(), true);
    await session.close();
    assert.ok((await failureOf(() => session.ping())) instanceof TransactionClosedError);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { QueryError, type QueryEvent, sql, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models } from "./models.js";

const TEN = Array.from({ length: 10 }, (_, balance) => ({ owner: `o${balance}`, balance }));
const ALL = "select owner, balance from accounts order by balance";

eachEngine((engine) => {
  describe("a cursor of connect()", () => {
    const prepare = async () => {
      const db = await open(engine, models);
      await Account.objects.insertMany(TEN);
      return db;
    };

    test("gives rows one by one, some at a time and the rest, as execute() reads them", async () => {
      await using db = await prepare();
      await using connection = await db.connect();
      await using cursor = connection.cursor<{ owner: string; balance: number }>(ALL, [], { size: 3 });
      assert.deepEqual(await cursor.fetchOne(), TEN[0]);
      assert.deepEqual(await cursor.fetchMany(4), TEN.slice(1, 5));
      const iterated = [];
      for await (const row of cursor) {
        iterated.push(row);
        if (iterated.length === 2) assert.deepEqual(await cursor.fetchOne(), TEN[7]);
      }
      assert.deepEqual(iterated, [TEN[5], TEN[6], TEN[8], TEN[9]]);
      await using again = connection.cursor(sql`select owner from accounts where balance >= ${8} order by owner`);
      assert.deepEqual(await again.fetchAll(), [{ owner: "o8" }, { owner: "o9" }]);
      assert.equal(await again.fetchOne(), null);
      assert.deepEqual(await again.fetchAll(), []);
    });

    test("what asks for rows at the same time gets each of them once", async () => {
      await using db = await prepare();
      await using connection = await db.connect();
      const cursor = connection.cursor<{ balance: number }>(ALL, [], { size: 2 });
      const rows = await Promise.all(Array.from({ length: 12 }, () => cursor.fetchOne()));
      const balances = rows.flatMap((row) => (row === null ? [] : [row.balance]));
      assert.deepEqual(
        balances.sort((a, b) => a - b),
        TEN.map(({ balance }) => balance),
      );
    });

    test("gives the rows from before what is written meanwhile, on its connection too", async () => {
      await using db = await prepare();
      await using connection = await db.connect();
      const seen = [];
      for await (const row of connection.cursor<{ owner: string }>(ALL, [], { size: 2 })) {
        seen.push(row.owner);
        await connection.execute(sql`update accounts set balance = balance + 100 where owner = ${row.owner}`);
      }
      assert.deepEqual(
        seen,
        TEN.map(({ owner }) => owner),
      );
      assert.equal(await Account.objects.count({ where: Account.c.balance.gte(100) }), 10);
    });

    test("while one is open executeMany is refused; left or closed, it holds nothing", async () => {
      await using db = await prepare();
      await using connection = await db.connect();
      const text =
        engine.dialect === "sqlite" ? "delete from accounts where owner = ?" : "delete from accounts where owner = $1";
      const cursor = connection.cursor(ALL, [], { size: 2 });
      await cursor.fetchOne();
      assert.ok((await failureOf(() => connection.executeMany(text, [["o1"]]))) instanceof UsageError);
      await cursor.close();
      await cursor.close();
      assert.ok((await failureOf(() => cursor.fetchOne())) instanceof UsageError);
      assert.equal(await connection.executeMany(text, [["o1"], ["o2"]]), 2);
      for await (const _row of connection.cursor(ALL)) break;
      assert.equal(await connection.executeMany(text, [["o3"]]), 1);
      assert.equal((await connection.cursor(ALL).fetchAll()).length, 7);
      assert.equal(await connection.executeMany(text, [["o4"]]), 1);
    });

    test("closing it, or its connection, waits for the fetches that have begun", async () => {
      await using db = await prepare();
      const fetchFrom = async () => {
        await using connection = await db.connect();
        await using cursor = connection.cursor(ALL, [], { size: 2 });
        return cursor.fetchAll();
      };
      assert.deepEqual(await fetchFrom(), TEN);
      const connection = await db.connect();
      const cursor = connection.cursor(ALL, [], { size: 2 });
      const fetches = Promise.all([cursor.fetchOne(), cursor.fetchMany(4)]);
      await connection.close();
      assert.deepEqual((await fetches).flat(), TEN.slice(0, 5));
      assert.ok((await failureOf(() => cursor.fetchOne())) instanceof UsageError);
    });

    test("after a loop that read all of it there is nothing more; one that was left has closed it", async () => {
      await using db = await prepare();
      await using connection = await db.connect();
      const read = connection.cursor(ALL);
      for await (const _row of read);
      assert.equal(await read.fetchOne(), null);
      assert.deepEqual(await read.fetchMany(2), []);
      const left = connection.cursor(ALL);
      for await (const _row of left) break;
      assert.ok((await failureOf(() => left.fetchOne())) instanceof UsageError);
    });

    test("ends with its connection", async () => {
      await using db = await prepare();
      const connection = await db.connect();
      const cursor = connection.cursor(ALL, [], { size: 2 });
      await cursor.fetchOne();
      await connection.close();
      assert.ok((await failureOf(() => cursor.fetchMany(5))) instanceof UsageError);
      assert.ok((await failureOf(async () => connection.cursor(ALL))) instanceof UsageError);
    });

    test("what is no select, a wrong size or a wrong table is an error, and the connection goes on", async () => {
      await using db = await prepare();
      await using connection = await db.connect();
      assert.throws(() => connection.cursor("delete from accounts"), UsageError);
      assert.throws(() => connection.cursor(ALL, [], { size: 0 }), UsageError);
      // @ts-expect-error an unknown option
      assert.throws(() => connection.cursor(ALL, [], { sise: 10 }), TypeError);
      const cursor = connection.cursor(ALL);
      await assert.rejects(cursor.fetchMany(0), UsageError);
      assert.ok((await failureOf(() => connection.cursor("select * from nowhere").fetchAll())) instanceof QueryError);
      assert.equal((await cursor.fetchAll()).length, 10);
    });

    test("is told to listeners once, with all of its rows, and an abort ends it", async () => {
      await using db = await prepare();
      const events: QueryEvent[] = [];
      db.on("query", (event) => events.push(event));
      const controller = new AbortController();
      await using connection = await db.connect({ signal: controller.signal });
      await connection.cursor(ALL, [], { size: 3 }).fetchAll();
      assert.deepEqual(
        events.filter(({ sql: text }) => text === ALL).map(({ rowCount }) => rowCount),
        [10],
      );
      const cursor = connection.cursor(ALL, [], { size: 3 });
      await cursor.fetchOne();
      const reason = new Error("enough");
      controller.abort(reason);
      assert.equal(await failureOf(() => cursor.fetchAll()), reason);
    });
  });
});

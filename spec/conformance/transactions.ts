import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Driver,
  type DriverConnection,
  type DriverResult,
  type DriverValue,
  RowkeeperError,
  TransactionClosedError,
  UsageError,
} from "rowkeeper";
import { accessOf, numbers, run, type Subject, statement, waitingAt } from "./subject.js";

type Run = (sql: string, values?: readonly DriverValue[]) => Promise<DriverResult>;

function runner(driver: Driver, connection: DriverConnection): Run {
  return async (sql, values = []) => connection.run(statement(driver, sql, values, accessOf(sql)));
}

export function transactionSpecs({ make, readsBesideWrites, writesSideBySide }: Subject): void {
  const prepare = async () => {
    const driver = await make({ timeout: 5_000 });
    await run(driver, "create table t (id integer primary key)");
    const connection = await driver.connect("write", waitingAt("transaction"));
    return { driver, connection, inside: runner(driver, connection) };
  };

  describe("transactions", () => {
    test("a commit keeps, a rollback undoes", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      await connection.commit();
      await connection.begin({});
      await inside("insert into t values (2)");
      await connection.rollback();
      await connection.close();
      assert.deepEqual(numbers(await run(driver, "select id from t")), [1]);
    });

    test("a connection given back rolls back what is open", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      await connection.close();
      assert.equal((await run(driver, "select id from t")).rowCount, 0);
      await assert.rejects(inside("select 1"), TransactionClosedError);
      await connection.close();
    });

    test("a savepoint undoes what came after it, as often as asked", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      await connection.savepoint("a");
      await inside("insert into t values (2)");
      await connection.savepoint("b");
      await inside("insert into t values (3)");
      await connection.release("b");
      await connection.rollbackTo("a");
      await inside("insert into t values (4)");
      await connection.rollbackTo("a");
      await connection.release("a");
      await inside("insert into t values (5)");
      await connection.commit();
      await connection.close();
      assert.deepEqual(numbers(await run(driver, "select id from t order by id")), [1, 5]);
    });

    test("after a failure, a savepoint saves the transaction", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      await connection.savepoint("a");
      await assert.rejects(inside("insert into t values (1)"), RowkeeperError);
      await connection.rollbackTo("a");
      await connection.commit();
      await connection.close();
      assert.deepEqual(numbers(await run(driver, "select id from t")), [1]);
    });

    test("what a transaction writes is seen by nobody else before the commit (S66)", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      const outside = Promise.resolve(run(driver, "select id from t"));
      if (readsBesideWrites) assert.equal((await outside).rowCount, 0);
      await connection.commit();
      await connection.close();
      assert.equal((await outside).rowCount, readsBesideWrites ? 0 : 1);
      assert.equal((await run(driver, "select id from t")).rowCount, 1);
    });

    test("a write beside a transaction does not join it (S66)", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      const outside = run(driver, "insert into t values (2)");
      if (writesSideBySide) await outside;
      await connection.rollback();
      await connection.close();
      await outside;
      assert.deepEqual(numbers(await run(driver, "select id from t")), [2]);
    });

    test("a read-only transaction refuses to write, and leaves the connection as it was", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({ readOnly: true });
      await assert.rejects(inside("insert into t values (1)"), RowkeeperError);
      await connection.rollback();
      await inside("insert into t values (2)");
      await connection.close();
      const reading = await driver.connect("read", waitingAt("reader"));
      await reading.begin({ readOnly: true });
      await assert.rejects(runner(driver, reading)("insert into t values (3)"), RowkeeperError);
      await reading.close();
      assert.deepEqual(numbers(await run(driver, "select id from t")), [2]);
    });

    test("every isolation level is accepted; from repeatable read on, reads agree with each other", async () => {
      const { driver, connection } = await prepare();
      await connection.close();
      for (const isolation of ["read uncommitted", "read committed", "repeatable read", "serializable"] as const) {
        const reading = await driver.connect("read", waitingAt("reader"));
        await reading.begin({ isolation, readOnly: true });
        const count = async () => (await runner(driver, reading)("select id from t")).rowCount;
        const before = await count();
        const write = run(driver, "insert into t select coalesce(max(id), 0) + 1 from t");
        if (readsBesideWrites) await write;
        const isStable = !isolation.startsWith("read ") || driver.dialect === "sqlite" || !readsBesideWrites;
        assert.equal(await count(), isStable ? before : before + 1, isolation);
        await reading.commit();
        await reading.close();
        await write;
      }
    });

    test("one transaction at a time on a connection", async () => {
      const { connection } = await prepare();
      await connection.begin({});
      await assert.rejects(async () => connection.begin({}), UsageError);
      await connection.close();
    });

    test("SQL that would end the transaction is refused, as a statement and in a script", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await inside("insert into t values (1)");
      await assert.rejects(async () => connection.run({ text: "commit", values: [] }), UsageError);
      await connection.rollback();
      await connection.begin({});
      await assert.rejects(async () => connection.script("insert into t values (2); rollback"), UsageError);
      await connection.close();
      const other = await driver.connect("write", waitingAt("other"));
      await assert.rejects(async () => other.script("begin; insert into t values (3)"), UsageError);
      await assert.rejects(async () => other.script("begin; insert into nowhere values (3)"));
      await other.script("begin; insert into t values (4); commit; select 1");
      await other.close();
      assert.deepEqual(numbers(await run(driver, "select id from t")), [4]);
    });

    test("a script runs all its statements", async () => {
      const { driver, connection } = await prepare();
      await connection.script("insert into t values (1); insert into t values (2); -- the end");
      await connection.close();
      assert.equal((await run(driver, "select id from t")).rowCount, 2);
    });

    test("what is asked of a connection at the same time runs in the order of asking", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      await Promise.all([1, 2, 3, 4, 5].map((id) => inside("insert into t select count(*) * 10 + ? from t", [id])));
      await connection.commit();
      await connection.close();
      assert.deepEqual(numbers(await run(driver, "select id from t order by id")), [1, 12, 23, 34, 45]);
    });

    test("many sets of values run one by one, with the rows of all in order", async () => {
      const { driver, connection, inside } = await prepare();
      await connection.begin({});
      const insert = statement(driver, "insert into t values (?) returning id", [], "write");
      const result = await connection.runMany(insert, [[3], [1], [2]]);
      assert.deepEqual([numbers(result), result.rowCount], [[3, 1, 2], 3]);
      const update = statement(driver, "update t set id = id + 10 where id >= ?", [], "write");
      assert.deepEqual(await connection.runMany(update, [[3], [99]]), { rows: [], rowCount: 1 });
      assert.deepEqual(await connection.runMany(update, []), { rows: [], rowCount: 0 });
      await connection.commit();
      assert.deepEqual(numbers(await inside("select id from t order by id")), [1, 2, 13]);
      await connection.close();
    });
  });
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Driver, type DriverConnection, TimeoutError, UsageError } from "rowkeeper";
import { run, type Subject, statement, waitingAt } from "./subject.js";

/** Takes all connections that write, until `release`. */
async function takeAll(driver: Driver): Promise<{ count: number; release(): Promise<void> }> {
  const connections: DriverConnection[] = [];
  for (;;) {
    try {
      connections.push(await driver.connect("write", waitingAt(`holder ${connections.length + 1}`, 1)));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      return {
        count: connections.length,
        async release() {
          for (const connection of connections) await connection.close();
        },
      };
    }
  }
}

export function connectionSpecs({ make }: Subject): void {
  describe("connections", () => {
    test("those who wait get their turns in the order of asking", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (id integer)");
      const { count, release } = await takeAll(driver);
      assert.ok(count > 0);
      const order: string[] = [];
      const waits = ["a", "b", "c", "d", "e", "f"].map(async (name) => {
        const connection = await driver.connect("write", waitingAt(name));
        order.push(name);
        await connection.close();
      });
      await release();
      await Promise.all(waits);
      assert.deepEqual(order, ["a", "b", "c", "d", "e", "f"]);
    });

    test("a wait that takes too long names who waits and who holds (S66)", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (id integer)");
      const { release } = await takeAll(driver);
      const namesBoth = (error: unknown) =>
        error instanceof TimeoutError && /the save at a\.ts:1.*holder 1/.test(error.message);
      await assert.rejects(async () => driver.connect("write", waitingAt("the save at a.ts:1", 20)), namesBoth);
      const insert = statement(driver, "insert into t values (1)", [], "write");
      await assert.rejects(async () => driver.run(insert, waitingAt("the save at a.ts:1", 20)), namesBoth);
      await release();
      await driver.run(insert, waitingAt("later"));
      assert.equal((await run(driver, "select id from t")).rowCount, 1);
    });

    test("a wait ends with the reason of its signal, at the abort or at once after it", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (id integer)");
      const { release } = await takeAll(driver);
      const insert = statement(driver, "insert into t values (1)", [], "write");
      const reason = new Error("enough");
      const controller = new AbortController();
      const waiting = { ...waitingAt("the save at a.ts:1"), signal: controller.signal };
      const isReason = (error: unknown) => error === reason;
      const waits = [
        assert.rejects(async () => driver.connect("write", waiting), isReason),
        assert.rejects(async () => driver.run(insert, waiting), isReason),
      ];
      controller.abort(reason);
      await Promise.all(waits);
      await assert.rejects(async () => driver.run(insert, waiting), isReason);
      await release();
      assert.equal((await run(driver, "select id from t")).rowCount, 0);
      await driver.run(insert, waitingAt("later"));
      assert.equal((await run(driver, "select id from t")).rowCount, 1);
    });

    test("a wait without a limit, or longer than timers can be, does not end at once", async () => {
      const driver = await make({ timeout: Infinity });
      await run(driver, "create table t (id integer)");
      const { release } = await takeAll(driver);
      const waits = [Infinity, 2 ** 31].map((timeout) => driver.connect("write", waitingAt("patient", timeout)));
      await new Promise((resolve) => setTimeout(resolve, 20));
      const closings = waits.map(async (wait) => (await wait).close());
      await release();
      await Promise.all(closings);
      const connection = await driver.connect("write", waitingAt("holder"));
      const closing = driver.close();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await connection.close();
      await closing;
    });

    test("a wait for what one's own flow holds fails at once, and names both", async () => {
      const driver = await make({ timeout: 60_000 });
      const holder = { describe: () => "the transaction at b.ts:2", ownsCurrentFlow: () => true };
      const connections: DriverConnection[] = [];
      const asks = async () => connections.push(await driver.connect("write", { timeout: 60_000, holder }));
      await assert.rejects(
        async () => {
          for (;;) await asks();
        },
        (error) => error instanceof UsageError && /b\.ts:2.*b\.ts:2/.test(error.message),
      );
      for (const connection of connections) await connection.close();
    });

    test("after closing, uses are refused; closing again does nothing", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "select 1");
      await driver.close();
      await driver.close();
      await assert.rejects(async () => run(driver, "select 1"), UsageError);
      await assert.rejects(async () => driver.connect("read", waitingAt("late")), UsageError);
    });

    test("a driver that was never used closes", async () => {
      await (await make({ timeout: 5_000 })).close();
    });

    test("closing waits for connections to be given back", async () => {
      const driver = await make({ timeout: 5_000 });
      const connection = await driver.connect("write", waitingAt("holder"));
      let isClosed = false;
      const closing = driver.close().then(() => {
        isClosed = true;
      });
      await connection.run({ text: "select 1", values: [], access: "read" });
      assert.equal(isClosed, false);
      await connection.close();
      await closing;
    });

    test("closing gives up after the timeout, and names who still holds a connection", async () => {
      const driver = await make({ timeout: 30 });
      const connection = await driver.connect("write", waitingAt("the transaction at c.ts:3"));
      await assert.rejects(
        driver.close(),
        (error) => error instanceof TimeoutError && error.message.includes("the transaction at c.ts:3"),
      );
      await connection.close();
    });
  });
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Driver, type DriverConnection, RowkeeperError, TransactionClosedError, UsageError } from "rowkeeper";
import { collect, numbers, run, type Subject, statement, waitingAt } from "./subject.js";

const KINDS = ["read", "read transaction", "write", "write transaction"] as const;

async function connect(driver: Driver, kind: (typeof KINDS)[number]): Promise<DriverConnection> {
  const access = kind.startsWith("read") ? "read" : "write";
  const connection = await driver.connect(access, waitingAt("cursor"));
  if (kind.endsWith("transaction")) await connection.begin(access === "read" ? { readOnly: true } : {});
  return connection;
}

export function cursorSpecs({ make, readsBesideWrites }: Subject): void {
  const prepare = async () => {
    const driver = await make({ timeout: 5_000 });
    await run(driver, "create table t (id integer primary key)");
    const connection = await driver.connect("write", waitingAt("preparation"));
    const sets = Array.from({ length: 10 }, (_, id) => [id + 1]);
    await connection.runMany(statement(driver, "insert into t values (?)", [], "write"), sets);
    await connection.close();
    return driver;
  };
  const select = (driver: Driver, least = 0) =>
    statement(driver, "select id from t where id > ? order by id desc", [least], "read");

  describe("cursors", () => {
    for (const kind of KINDS) {
      test(`${kind}: all rows come, in order, in batches of the size asked for`, async () => {
        const driver = await prepare();
        const connection = await connect(driver, kind);
        const batches = await collect(connection.cursor(select(driver, 2), 3));
        assert.deepEqual(
          batches.map((rows) => rows.map(([id]) => Number(id))),
          [
            [10, 9, 8],
            [7, 6, 5],
            [4, 3],
          ],
        );
        assert.deepEqual(
          (await collect(connection.cursor(select(driver, 0), 5))).map((rows) => rows.length),
          [5, 5],
        );
        assert.deepEqual(await collect(connection.cursor(select(driver, 99), 5)), []);
        await connection.close();
      });

      test(`${kind}: each batch tells its rows, and its fields where they are asked for`, async () => {
        const driver = await prepare();
        const connection = await connect(driver, kind);
        const told = [];
        for await (const { rowCount, fields } of connection.cursor({ ...select(driver, 6), describe: true }, 3))
          told.push({ rowCount, names: fields?.map(({ name }) => name) });
        assert.deepEqual(told, [
          { rowCount: 3, names: ["id"] },
          { rowCount: 1, names: ["id"] },
        ]);
        for await (const { fields } of connection.cursor(select(driver), 20)) assert.equal(fields, undefined);
        await connection.close();
      });

      test(`${kind}: leaving early frees the connection for the next use`, async () => {
        const driver = await prepare();
        const connection = await connect(driver, kind);
        for await (const { rows } of connection.cursor(select(driver), 2)) {
          assert.equal(rows.length, 2);
          break;
        }
        await assert.rejects(async () => {
          for await (const _rows of connection.cursor(select(driver), 2)) throw new RangeError("left by an error");
        }, RangeError);
        if (kind.endsWith("transaction")) await connection.commit();
        await connection.begin({});
        await connection.rollback();
        await connection.close();
        assert.equal((await run(driver, "insert into t values (99)")).rowCount, 1);
      });

      test(`${kind}: two cursors and other reads run side by side`, async () => {
        const driver = await prepare();
        const connection = await connect(driver, kind);
        const first = connection.cursor(select(driver), 6);
        const second = connection.cursor(select(driver, 5), 3);
        assert.equal((await first.next()).value?.rows.length, 6);
        assert.equal((await second.next()).value?.rows.length, 3);
        assert.equal((await connection.run(select(driver))).rowCount, 10);
        assert.equal((await second.next()).value?.rows.length, 2);
        assert.equal((await second.next()).done, true);
        assert.equal((await first.next()).value?.rows.length, 4);
        assert.equal((await first.next()).done, true);
        await connection.close();
      });

      test(`${kind}: a connection given back ends its cursors`, async () => {
        const driver = await prepare();
        const connection = await connect(driver, kind);
        const cursor = connection.cursor(select(driver), 2);
        await cursor.next();
        await connection.close();
        await assert.rejects(cursor.next(), TransactionClosedError);
        assert.equal((await run(driver, "delete from t")).rowCount, 10);
      });
    }

    for (const kind of ["write", "write transaction"] as const) {
      test(`${kind}: rows are those from before the writes made meanwhile (S22)`, async () => {
        const driver = await prepare();
        const connection = await connect(driver, kind);
        const seen: number[] = [];
        for await (const { rows } of connection.cursor(select(driver), 3)) {
          seen.push(...rows.map(([id]) => Number(id)));
          const [first] = seen;
          await connection.run(statement(driver, "delete from t where id <= ?", [first ?? 0], "write"));
          await connection.run(statement(driver, "insert into t values (?)", [100 + seen.length], "write"));
        }
        assert.deepEqual(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        if (kind === "write transaction") await connection.commit();
        await connection.close();
        assert.deepEqual(numbers(await run(driver, "select id from t order by id")), [103, 106, 109, 110]);
      });
    }

    test("the driver's own: all rows from before what is written meanwhile, on whichever connection", async () => {
      const driver = await prepare();
      const seen: number[] = [];
      const sizes: number[] = [];
      for await (const { rows } of driver.cursor(select(driver, 1), 4, waitingAt("cursor"))) {
        sizes.push(rows.length);
        seen.push(...rows.map(([id]) => Number(id)));
        await run(driver, "delete from t where id < 6");
        const connection = await driver.connect("write", waitingAt("transaction"));
        await connection.begin({});
        await connection.run(statement(driver, "insert into t values (?)", [100 + seen.length], "write"));
        await connection.commit();
        await connection.close();
      }
      assert.deepEqual(sizes, [4, 4, 1]);
      assert.deepEqual(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
      assert.equal((await run(driver, "select id from t")).rowCount, 8);
    });

    test("the driver's own: left early, by an error or unread, it holds nothing that closing waits for", async () => {
      const driver = await prepare();
      const cursor = () => driver.cursor(select(driver), 2, waitingAt("cursor"));
      for (let i = 0; i < 20; i += 1) {
        for await (const { rows } of cursor()) {
          assert.equal(rows.length, 2);
          break;
        }
        await assert.rejects(async () => {
          for await (const _rows of cursor()) throw new RangeError("left by an error");
        }, RangeError);
        cursor();
      }
      const wrong = driver.cursor(
        { text: "select x from nowhere", values: [], access: "read" },
        2,
        waitingAt("cursor"),
      );
      await assert.rejects(collect(wrong), RowkeeperError);
      await driver.close();
      await assert.rejects(collect(cursor()), UsageError);
    });

    if (readsBesideWrites) {
      test("rows are those from before the writes of others", async () => {
        const driver = await prepare();
        const connection = await driver.connect("read", waitingAt("reader"));
        let seen = 0;
        for await (const { rows } of connection.cursor(select(driver), 3)) {
          seen += rows.length;
          await run(driver, "delete from t where id < 8");
        }
        assert.equal(seen, 10);
        await connection.close();
        assert.equal((await run(driver, "select id from t")).rowCount, 3);
      });
    }

    test("a cursor ends with its transaction", async () => {
      const driver = await prepare();
      for (const end of ["commit", "rollback"] as const) {
        const connection = await connect(driver, "write transaction");
        const cursor = connection.cursor(select(driver), 2);
        await cursor.next();
        await connection[end]();
        await assert.rejects(cursor.next(), TransactionClosedError);
        await connection.begin({});
        await connection.close();
      }
    });

    test("no transaction begins while a cursor is open", async () => {
      const driver = await prepare();
      const connection = await connect(driver, "write");
      const cursor = connection.cursor(select(driver), 2);
      await cursor.next();
      await assert.rejects(async () => connection.begin({}), UsageError);
      await cursor.return?.();
      await connection.begin({});
      await connection.close();
    });

    test("a select that fails says so, and leaves the connection in order", async () => {
      const driver = await prepare();
      const connection = await connect(driver, "write");
      const wrong = { text: "select x from nowhere", values: [], access: "read" } as const;
      await assert.rejects(
        collect(connection.cursor(wrong, 2)),
        (error) => error instanceof RowkeeperError && error.sql?.includes("nowhere") === true,
      );
      assert.equal((await collect(connection.cursor(select(driver), 5))).length, 2);
      await connection.close();
    });
  });
}

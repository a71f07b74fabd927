import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Driver } from "../../src/drivers/driver.js";
import { type SqliteFileOptions, sqliteDriver } from "../../src/drivers/sqlite.js";
import { ConnectionError, ConstraintError, QueryError, TimeoutError, UsageError } from "../../src/errors.js";
import { collect, numbers, run, waitingAt } from "../conformance/subject.js";
import { SQLITE_CLASS, SqliteDatabase as Sqlite } from "../support/engines.js";

let directory: string;
let path: string;
let drivers: Driver[];

function open(options: Partial<SqliteFileOptions> = {}): Driver {
  const driver = sqliteDriver({ Database: Sqlite, path, timeout: 5_000, readers: 2, ...options });
  drivers.push(driver);
  return driver;
}

/** Another process that holds the write lock until it is told to let go. */
async function lockElsewhere(): Promise<{ release(): Promise<void> }> {
  const code = `
    const db = new (${SQLITE_CLASS})(process.argv[1]);
    db.exec("begin immediate; insert into t values (100)");
    process.stdout.write("locked");
    process.stdin.on("data", () => { db.exec("commit"); db.close(); process.exit(); });`;
  const child = spawn(process.execPath, ["-e", code, path], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    async release() {
      const ended = once(child, "exit");
      child.stdin.write("release");
      await ended;
    },
  };
}

describe("the driver for SQLite", () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "rowkeeper-"));
    path = join(directory, "spec.db");
    drivers = [];
  });

  afterEach(async () => {
    for (const driver of drivers) await driver.close();
    await rm(directory, { recursive: true, force: true });
  });

  test("reads and writes that need not wait answer at once, without a promise", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const insert = { text: "insert into t values (1)", values: [], access: "write" } as const;
    const select = { text: "select id from t", values: [], access: "read" } as const;
    assert.deepEqual(driver.run(insert, waitingAt("spec")), { rows: [], rowCount: 1, lastId: 1 });
    assert.deepEqual(driver.run(select, waitingAt("spec")), { rows: [[1]], rowCount: 1 });
    const reader = driver.connect("read", waitingAt("reader"));
    assert.ok(!(reader instanceof Promise));
    assert.equal(reader.begin({ readOnly: true }), undefined);
    reader.close();
    const connection = driver.connect("write", waitingAt("transaction"));
    assert.ok(!(connection instanceof Promise));
    assert.equal(connection.begin({}), undefined);
    assert.deepEqual(driver.run(select, waitingAt("spec")), { rows: [[1]], rowCount: 1 });
    assert.ok(driver.run(insert, waitingAt("spec")) instanceof Promise);
    await connection.close();
  });

  test("two drivers on one file queue for one lock, fairly, by whichever path they know it (B1)", async () => {
    const first = open();
    await run(first, "create table t (id integer)");
    const alias = join(directory, "alias.db");
    await symlink(path, alias);
    const second = open({ path: alias });
    await run(second, "select * from t");
    const holder = await first.connect("write", waitingAt("the transaction of first"));
    await holder.begin({});
    await holder.run({ text: "insert into t values (1)", values: [], access: "write" });
    await assert.rejects(
      async () => second.connect("write", waitingAt("the transaction of second", 10)),
      (error) => error instanceof TimeoutError && /of second.*the write lock of spec\.db.*of first/.test(error.message),
    );
    const order: string[] = [];
    const waits = [second, first, second].map(async (driver, index) => {
      const connection = await driver.connect("write", waitingAt(`waiter ${index}`));
      order.push(`waiter ${index}`);
      await connection.begin({});
      await connection.run({ text: "insert into t values (2)", values: [], access: "write" });
      await connection.commit();
      await connection.close();
    });
    await holder.commit();
    await holder.close();
    await Promise.all(waits);
    assert.deepEqual(order, ["waiter 0", "waiter 1", "waiter 2"]);
    assert.equal((await run(first, "select * from t")).rowCount, 4);
  });

  test("a lock of another process is waited for while the event loop turns (B1)", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const lock = await lockElsewhere();
    assert.equal((await run(driver, "select * from t")).rowCount, 0);
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    const write = run(driver, "insert into t values (1)");
    const transaction = (async () => {
      const connection = await driver.connect("write", waitingAt("transaction"));
      await connection.begin({});
      await connection.run({ text: "insert into t values (2)", values: [], access: "write" });
      await connection.commit();
      await connection.close();
    })();
    while (turns < 20) await new Promise(setImmediate);
    await lock.release();
    await Promise.all([write, transaction]);
    clearInterval(ticking);
    assert.deepEqual(numbers(await run(driver, "select id from t order by id")), [1, 2, 100]);
  });

  test("a lock that another process keeps too long fails with the one who waits", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const lock = await lockElsewhere();
    const insert = { text: "insert into t values (1)", values: [], access: "write" } as const;
    const saysWho = (error: unknown) =>
      error instanceof TimeoutError && /the save at a\.ts:1.*spec\.db.*another process/.test(error.message);
    await assert.rejects(async () => driver.run(insert, waitingAt("the save at a.ts:1", 30)), saysWho);
    const connection = await driver.connect("write", waitingAt("the save at a.ts:1", 30));
    await assert.rejects(async () => connection.begin({}), saysWho);
    await assert.rejects(
      async () => connection.begin({ timeout: 7 }),
      (error) => error instanceof TimeoutError && error.message.includes("7 ms"),
    );
    await connection.close();
    await lock.release();
    await driver.run(insert, waitingAt("later"));
    assert.deepEqual(numbers(await run(driver, "select id from t order by id")), [1, 100]);
  });

  test("a script waits for a lock of another process, and runs no statement twice", async () => {
    const driver = open({
      functions: {
        lock: () => {
          other.exec("begin immediate");
          return 1;
        },
      },
    });
    await run(driver, "create table t (id integer)");
    const other = new Sqlite(path, { timeout: 0 });
    const lock = await lockElsewhere();
    const connection = await driver.connect("write", waitingAt("script"));
    const script = connection.script("insert into t values (1); insert into t values (2)");
    await lock.release();
    await script;
    const broken = async () => connection.script("insert into t values (3); select lock(); insert into t values (4)");
    await assert.rejects(broken, (error) => error instanceof TimeoutError && /while a script ran/.test(error.message));
    other.exec("rollback");
    other.close();
    await connection.close();
    assert.deepEqual(numbers(await run(driver, "select id from t order by id")), [1, 2, 3, 100]);
  });

  test("a value of a wrong type in a strict table is a QueryError", async () => {
    const driver = open();
    await run(driver, "create table t (id integer, n integer) strict");
    await assert.rejects(
      run(driver, "insert into t values (1, 'secret')"),
      (error) => error instanceof QueryError && !(error instanceof ConstraintError),
    );
  });

  test("a file is opened with its journal, its foreign keys and the pragmas asked for, on all connections", async () => {
    const driver = open({ pragmas: { cache_size: -1234, recursive_triggers: true } });
    const own = async (text: string) => (await driver.run({ text, values: [] }, waitingAt("spec"))).rows[0]?.[0];
    assert.equal(await own("pragma journal_mode"), "wal");
    assert.equal(await own("pragma foreign_keys"), 1);
    assert.equal(await own("pragma recursive_triggers"), 1);
    const reader = await driver.connect("read", waitingAt("reader"));
    const ofReader = await reader.run({ text: "pragma cache_size", values: [], access: "read" });
    assert.deepEqual(ofReader.rows, [[-1234]]);
    await reader.close();
    const wrong = open({ pragmas: { "a; drop": 1 } });
    await assert.rejects(async () => run(wrong, "select 1"), UsageError);
  });

  test("functions serve all connections", async () => {
    const driver = open({ functions: { twice: (n) => Number(n) * 2 } });
    assert.deepEqual(numbers(await run(driver, "select twice(21)")), [42]);
    const connection = await driver.connect("write", waitingAt("writer"));
    assert.deepEqual(numbers(await connection.run({ text: "select twice(4)", values: [] })), [8]);
    await connection.close();
  });

  test("a file that can't be opened is a ConnectionError at the first use", async () => {
    await assert.rejects(
      async () => run(open({ path: join(directory, "no/such/dir.db") }), "select 1"),
      (error) => {
        // better-sqlite3 itself looks whether there is a directory.
        return error instanceof ConnectionError;
      },
    );
    await rm(path, { force: true });
    await writeFile(path, "this is no database, whatever its name says".repeat(100));
    await assert.rejects(async () => run(open(), "select 1"), ConnectionError);
  });

  test("a cursor over the writer gives the values as they are, with their types", async () => {
    const driver = open();
    await run(driver, "create table t (a text, b integer, c real, d numeric, e blob, f)");
    await run(driver, "insert into t values ('1', 9007199254740993, 1.0, '2.50', x'00ff', '7')");
    await run(driver, "insert into t values (null, 'text', 'x', 12345678901234567890, 'y', 1.0)");
    const text =
      "select a, b, c, d, e, f, typeof(b), cast('3' as text), a || '1', f as f, ? from t union all select 1, '2', 3, 4.0, 5, 6, 7, 8, 9, 10, ?";
    const statement = { text, values: ["p", 1n], access: "read", bigints: true } as const;
    const direct = await driver.run(statement, waitingAt("spec"));
    const connection = await driver.connect("write", waitingAt("writer"));
    const rows = (await collect(connection.cursor(statement, 2))).flat();
    await connection.close();
    assert.deepEqual(rows, direct.rows);
  });

  test("a cursor in a read-only transaction of the one connection in memory", async () => {
    const driver = open({ path: ":memory:" });
    await run(driver, "create table t (id integer)");
    await run(driver, "insert into t values (1), (2), (3)");
    const connection = await driver.connect("read", waitingAt("reader"));
    await connection.begin({ readOnly: true });
    const select = {
      text: "-- all\nwith x as (select * from t) select id from x",
      values: [],
      access: "read",
    } as const;
    assert.equal((await collect(connection.cursor(select, 2))).length, 2);
    const write = { text: "insert into t values (4)", values: [], access: "write" } as const;
    await assert.rejects(async () => connection.run(write));
    await connection.commit();
    await connection.close();
    await driver.run(write, waitingAt("later"));
    const { rows } = await run(driver, "select name from sqlite_temp_schema");
    assert.deepEqual(rows, []);
  });

  test("statements that no table can be made of are read by a cursor too", async () => {
    const driver = open();
    await run(driver, "create table t (id integer primary key)");
    const connection = await driver.connect("write", waitingAt("writer"));
    for (const text of ["insert into t values (1), (2), (3) returning id", "pragma table_info(t)"]) {
      assert.ok((await collect(connection.cursor({ text, values: [] }, 2))).flat().length > 0, text);
    }
    await connection.close();
    assert.equal((await run(driver, "select * from t")).rowCount, 3);
  });

  test("a transaction that SQLite itself has rolled back takes no further statements", async () => {
    const driver = open();
    await run(driver, "create table t (id integer primary key on conflict rollback)");
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    const insert = { text: "insert into t values (1)", values: [], access: "write" } as const;
    await connection.run(insert);
    await assert.rejects(async () => connection.run(insert));
    await assert.rejects(
      async () => connection.run({ ...insert, text: "insert into t values (2)" }),
      /rolled the transaction/,
    );
    await assert.rejects(async () => connection.commit(), /rolled the transaction/);
    await connection.close();
    assert.equal((await run(driver, "select * from t")).rowCount, 0);
  });

  test("temporary tables and attached databases are known, though only to the connection that writes", async () => {
    const driver = open();
    const own = async (text: string) => driver.run({ text, values: [] }, waitingAt("spec"));
    await own("create temp table notes (id integer)");
    await own("insert into notes values (5)");
    assert.deepEqual(numbers(await own("select id from notes")), [5]);
    await own("attach ':memory:' as other");
    await own("create table other.t (id integer)");
    assert.deepEqual((await own("select id from other.t")).rows, []);
  });

  test("a handle of the user's own is used, shared in turn, and left open", async () => {
    const handle = new Sqlite(":memory:", { timeout: 0 });
    const driver = sqliteDriver({ handle, timeout: 1_000 });
    await run(driver, "create table t (id integer)");
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    await connection.run({ text: "insert into t values (1)", values: [], access: "write" });
    const read = run(driver, "select * from t");
    await connection.rollback();
    await connection.close();
    assert.equal((await read).rowCount, 0);
    await driver.close();
    handle.exec("select * from t");
    handle.close();
  });

  test("after closing, the file's log is folded into it and nothing is left beside it", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const reader = await driver.connect("read", waitingAt("reader"));
    await reader.close();
    await driver.close();
    assert.deepEqual(await readdir(directory), ["spec.db"]);
  });

  test("two drivers on one handle take turns: neither falls into the other's transaction", async () => {
    const handle = new Sqlite(":memory:", { timeout: 0 });
    const [first, second] = [sqliteDriver({ handle, timeout: 5_000 }), sqliteDriver({ handle, timeout: 5_000 })];
    await run(first, "create table t (id integer)");
    const connection = await first.connect("write", waitingAt("transaction"));
    await connection.begin({});
    await connection.run({ text: "insert into t values (1)", values: [], access: "write" });
    const outside = run(second, "insert into t values (2)");
    await connection.rollback();
    await connection.close();
    await outside;
    assert.deepEqual(numbers(await run(first, "select id from t")), [2]);
    await Promise.all([first.close(), second.close()]);
    handle.close();
  });

  test("what keeps a connection from writing can't be switched off", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    for (const access of ["read", "write"] as const) {
      const connection = await driver.connect(access, waitingAt("reader"));
      await connection.begin({ readOnly: true });
      for (const text of ["pragma query_only = off", "/* x */ PRAGMA/*;*/main.[query_only](0)"]) {
        const statement = { text, values: [] };
        await assert.rejects(async () => connection.run(statement), UsageError);
        await assert.rejects(async () => connection.runMany(statement, [[]]), UsageError);
        await assert.rejects(async () => connection.script(`select 1; ${text}`), UsageError);
      }
      const insert = { text: "insert into t values (1)", values: [], access: "write" } as const;
      await assert.rejects(async () => connection.run(insert), QueryError);
      await connection.close();
    }
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, test } from "node:test";
import { inspect } from "node:util";
import pg from "pg";
import { Database } from "../../src/database/database.js";
import type { Driver, DriverConnection } from "../../src/drivers/driver.js";
import { type PostgresPoolOptions, postgresDriver } from "../../src/drivers/postgres.js";
import {
  AmbiguousCommitError,
  ConnectionError,
  ForeignKeyViolationError,
  QueryError,
  SerializationError,
  TimeoutError,
  TransactionClosedError,
  UniqueViolationError,
  UsageError,
} from "../../src/errors.js";
import { sql } from "../../src/sql/sql.js";
import { collect, numbers, run, waitingAt } from "../conformance/subject.js";
import { administrate, makeSchema, postgresUrl } from "../support/engines.js";

let url: string;
let drop: () => Promise<void>;
let drivers: Driver[];

function open(options: Partial<PostgresPoolOptions> = {}): Driver {
  const config = { connectionString: url };
  const driver = postgresDriver({ Pool: pg.Pool, config, timeout: 5_000, max: 4, ...options });
  drivers.push(driver);
  return driver;
}

async function pidOf(user: Driver | DriverConnection): Promise<number> {
  const select = { text: "select pg_backend_pid()", values: [], access: "read" } as const;
  const { rows } = await user.run(select, waitingAt("spec"));
  return Number(rows[0]?.[0]);
}

/** Ends a connection from the server's side, and waits until it is gone. */
async function terminate(pid: number): Promise<void> {
  await administrate(`select pg_terminate_backend(${pid}, 5000)`);
}

/** The same, while this process can't notice. */
function terminateUnnoticed(pid: number): void {
  const code = `
    const client = new (require("pg").Client)(process.argv[1]);
    client.connect().then(() => client.query("select pg_terminate_backend(${pid}, 5000)")).then(() => client.end());`;
  execFileSync(process.execPath, ["-e", code, url]);
}

async function setting(user: Driver | DriverConnection, name: string): Promise<unknown> {
  const select = { text: "select current_setting($1)", values: [name], access: "read" } as const;
  return (await user.run(select, waitingAt("spec"))).rows[0]?.[0];
}

describe("the driver for PostgreSQL", () => {
  beforeEach(async () => {
    ({ url, drop } = await makeSchema());
    drivers = [];
  });

  afterEach(async () => {
    for (const driver of drivers) await driver.close();
    await drop();
  });

  test("a connection that the server ends while it is idle is replaced at the next use (V9)", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    for (let i = 0; i < 3; i += 1) {
      const pid = await pidOf(driver);
      await terminate(pid);
      assert.notEqual(await pidOf(driver), pid);
    }
    await terminate(await pidOf(driver));
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    await connection.run({ text: "insert into t values (1)", values: [], access: "write" });
    await connection.commit();
    await connection.close();
    assert.equal((await run(driver, "select * from t")).rowCount, 1);
  });

  test("a read on a connection whose end nobody has noticed yet is run again; a write is not (V9)", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    terminateUnnoticed(await pidOf(driver));
    assert.equal((await run(driver, "select * from t")).rowCount, 0);
    terminateUnnoticed(await pidOf(driver));
    await assert.rejects(run(driver, "insert into t values (1)"), ConnectionError);
    assert.equal((await run(driver, "select * from t")).rowCount, 0);
  });

  test("pg gets one query of a connection at a time, as it asks for, and no cursor is left open", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const connection = await open().connect("write", waitingAt("transaction"));
    await connection.begin({});
    const select = { text: "select generate_series(1, 5)", values: [], access: "read" } as const;
    await Promise.all(Array.from({ length: 5 }, async () => connection.run(select)));
    for await (const _rows of connection.cursor(select, 2)) break;
    await collect(connection.cursor(select, 2));
    const { rows } = await connection.run({ text: "select name from pg_cursors", values: [], access: "read" });
    assert.deepEqual(rows, []);
    await connection.close();
    process.off("warning", onWarning);
    assert.deepEqual(warnings, []);
  });

  test("a connection that dies between being taken and the begin is replaced (V9)", async () => {
    const driver = open({ max: 1 });
    const connection = await driver.connect("write", waitingAt("transaction"));
    const pid = await pidOf(connection);
    await terminate(pid);
    await connection.begin({});
    assert.notEqual(await pidOf(connection), pid);
    await connection.rollback();
    await connection.close();
  });

  test("a connection lost in a transaction is a ConnectionError; the next one is sound", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    const insert = { text: "insert into t values (1)", values: [], access: "write" } as const;
    await connection.run(insert);
    await terminate(await pidOf(connection));
    await assert.rejects(async () => connection.run(insert), ConnectionError);
    await connection.rollback();
    await connection.close();
    assert.equal((await run(driver, "select * from t")).rowCount, 0);
  });

  test("a connection lost while committing leaves it open whether it was committed (B3)", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    for (const readOnly of [false, true]) {
      const connection = await driver.connect("write", waitingAt("transaction"));
      await connection.begin({ readOnly });
      await terminate(await pidOf(connection));
      await assert.rejects(
        async () => connection.commit(),
        (error) => error instanceof ConnectionError && error instanceof AmbiguousCommitError === !readOnly,
      );
      await connection.close();
    }
  });

  test("a commit that gets no answer in time leaves it open too, and its connection serves nobody else (B3)", async () => {
    await run(open(), "create table t (id integer, check (id > 0))");
    await run(
      open(),
      "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.5); return null; end'",
    );
    await run(
      open(),
      "create constraint trigger slow after insert on t initially deferred for each row execute function slow()",
    );
    const driver = open({ max: 1, config: { connectionString: url, query_timeout: 150 } });
    const connection = await driver.connect("write", waitingAt("transaction"));
    const pid = await pidOf(connection);
    await connection.begin({});
    await connection.run({ text: "insert into t values (1)", values: [], access: "write" });
    await assert.rejects(async () => connection.commit(), AmbiguousCommitError);
    await connection.close();
    assert.notEqual(await pidOf(driver), pid);
  });

  test("a statement that gets no answer in time is a TimeoutError, and its connection serves nobody else", async () => {
    const driver = open({ max: 1, config: { connectionString: url, query_timeout: 100 } });
    const pid = await pidOf(driver);
    const sleep = { text: "select pg_sleep(1)", values: [], access: "read" } as const;
    await assert.rejects(async () => driver.run(sleep, waitingAt("spec")), TimeoutError);
    const second = await pidOf(driver);
    assert.notEqual(second, pid);
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    await assert.rejects(async () => connection.run(sleep), TimeoutError);
    await connection.rollback();
    await connection.close();
    assert.notEqual(await pidOf(driver), second);
  });

  test("too few values for a statement are a QueryError, and the connection stays", async () => {
    const driver = open({ max: 1 });
    const pid = await pidOf(driver);
    const wrong = { text: "select $1::text, $2::text", values: ["a"], access: "read" } as const;
    await assert.rejects(
      async () => driver.run(wrong, waitingAt("spec")),
      (error) => error instanceof QueryError,
    );
    assert.equal(await pidOf(driver), pid);
  });

  test("dates and bytes have their forms whatever the URL's options say, which hold but for that", async () => {
    const other = "-c datestyle=SQL,DMY -c bytea_output=escape -c work_mem=1234kB";
    const address = new URL(url);
    const options = `${address.searchParams.get("options")} ${other}`;
    address.searchParams.set("options", options);
    const select =
      "select current_setting('work_mem'), '\\x00'::bytea, timestamptz '2024-05-06 00:00Z' at time zone 'utc'";
    const plain = new URL(address);
    plain.searchParams.delete("options");
    const configs = [
      { connectionString: address.href },
      { connectionString: `${address.href}&application_name=x` },
      { connectionString: plain.href, options },
    ];
    for (const config of configs) {
      const driver = open({ config });
      assert.deepEqual((await run(driver, select)).rows, [["1234kB", "\\x00", "2024-05-06 00:00:00"]]);
      assert.match(String(await setting(driver, "search_path")), /^spec_/);
    }
    const bouncer = open({ config: { connectionString: address.href }, prepare: false });
    assert.equal(await setting(bouncer, "bytea_output"), "escape");
  });

  test("what is asked while many sets of values run comes after all of them", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    const insert = { text: "insert into t values ($1)", values: [], access: "write" } as const;
    const running = connection.runMany(insert, [[1], [2], [3]]);
    await connection.rollback();
    await running;
    assert.equal((await run(driver, "select id from t")).rowCount, 0);
    const many = connection.runMany(insert, [[1], [2], [3]]);
    const begun = [connection.begin({}), connection.begin({})];
    await assert.rejects(async () => begun[1], UsageError);
    await Promise.all([many, begun[0]]);
    await Promise.all([connection.close(), connection.close()]);
    assert.equal((await run(driver, "select id from t")).rowCount, 3);
  });

  test("a cursor whose transaction can't begin leaves the next transaction alone", async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const driver = postgresDriver({ pool, timeout: 5_000 });
    await run(driver, "create table t (id integer)");
    const connection = await driver.connect("read", waitingAt("reader"));
    const select = { text: "select 1", values: [], access: "read" } as const;
    await terminate(await pidOf(connection));
    pool.options.connectionString = "postgres://u:p@127.0.0.1:1/nowhere";
    await assert.rejects(collect(connection.cursor(select, 1)), ConnectionError);
    pool.options.connectionString = url;
    await connection.begin({});
    await connection.run({ text: "insert into t values (1)", values: [], access: "write" });
    await collect(connection.cursor(select, 5));
    await connection.rollback();
    await connection.close();
    assert.equal((await run(driver, "select * from t")).rowCount, 0);
    await driver.close();
    await pool.end();
  });

  test("two cursors that begin at once on a connection that reads share a transaction, up to the last", async () => {
    const driver = open({ max: 1 });
    const connection = await driver.connect("read", waitingAt("reader"));
    const select = { text: "select generate_series(1, 5)", values: [], access: "read" } as const;
    const all = await Promise.all([collect(connection.cursor(select, 2)), collect(connection.cursor(select, 1))]);
    assert.deepEqual(
      all.map((batches) => batches.flat().length),
      [5, 5],
    );
    await connection.begin({});
    await connection.close();
  });

  test("bytes and times of a pool that gives other forms are refused, not misread", async () => {
    const options = "-c bytea_output=escape -c datestyle=SQL,DMY";
    const pool = new pg.Pool({ connectionString: postgresUrl(), options });
    const db = new Database(pool);
    await assert.rejects(db.query(sql`select '\\x414243'::bytea as x`), QueryError);
    await assert.rejects(db.query(sql`select timestamptz '2024-05-06 00:00Z' as x`), QueryError);
    await db.close();
    await pool.end();
  });

  test("a commit that the server answers with a rollback is an error", async () => {
    const driver = open();
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({});
    await assert.rejects(async () => connection.run({ text: "select 1/0", values: [] }));
    await assert.rejects(
      async () => connection.commit(),
      (error) => error instanceof QueryError && error.cause instanceof QueryError && error.cause.sql === "select 1/0",
    );
    await connection.begin({});
    await connection.commit();
    await connection.close();
  });

  test("serialization failures and deadlocks are SerializationErrors, also at the commit", async () => {
    const driver = open();
    await run(driver, "create table t (id integer primary key, n integer)");
    await run(driver, "insert into t values (1, 0), (2, 0)");
    const [a, b] = [await driver.connect("write", waitingAt("a")), await driver.connect("write", waitingAt("b"))];
    const update = (id: number) => ({
      text: `update t set n = n + 1 where id = ${id}`,
      values: [],
      access: "write" as const,
    });
    await a.begin({ isolation: "repeatable read" });
    await b.begin({ isolation: "repeatable read" });
    await b.run({ text: "select * from t", values: [], access: "read" });
    await a.run(update(1));
    await a.commit();
    await assert.rejects(async () => b.run(update(1)), SerializationError);
    await assert.rejects(async () => b.commit(), SerializationError);
    await a.begin({});
    await b.begin({});
    await a.run(update(1));
    await b.run(update(2));
    const outcomes = await Promise.allSettled([a.run(update(2)), b.run(update(1))]);
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    assert.equal(failures.length, 1);
    assert.ok(failures[0] instanceof SerializationError);
    await a.close();
    await b.close();
  });

  test("a row's lock is waited for no longer than the timeout, or than the transaction says", async () => {
    for (const prepare of [true, false]) {
      const driver = open({ timeout: 500, prepare });
      await run(driver, "create table if not exists t (id integer)");
      await run(driver, "insert into t values (1)");
      const holder = await driver.connect("write", waitingAt("holder"));
      await holder.begin({});
      const lock = { text: "update t set id = 2", values: [], access: "write" } as const;
      await holder.run(lock);
      const waiter = await driver.connect("write", waitingAt("waiter"));
      await waiter.begin({});
      assert.equal(await setting(waiter, "lock_timeout"), "500ms");
      await assert.rejects(async () => waiter.run(lock), TimeoutError);
      await waiter.rollback();
      await waiter.begin({ timeout: 7.5 });
      assert.equal(await setting(waiter, "lock_timeout"), "8ms");
      await assert.rejects(async () => waiter.run(lock), TimeoutError);
      await waiter.rollback();
      assert.equal(await setting(waiter, "lock_timeout"), prepare ? "500ms" : "0");
      await waiter.close();
      await holder.close();
    }
  });

  test("a transaction begins with its isolation and access, and the connection forgets them", async () => {
    const driver = open({ max: 1, applicationName: "spec", statementTimeout: 12_345 });
    const connection = await driver.connect("write", waitingAt("transaction"));
    await connection.begin({ isolation: "serializable", readOnly: true });
    assert.equal(await setting(connection, "transaction_isolation"), "serializable");
    assert.equal(await setting(connection, "transaction_read_only"), "on");
    await connection.close();
    assert.equal(await setting(driver, "transaction_isolation"), "read committed");
    assert.equal(await setting(driver, "application_name"), "spec");
    assert.equal(await setting(driver, "statement_timeout"), "12345ms");
    assert.equal(await setting(open(), "application_name"), "rowkeeper");
  });

  test("statements are prepared from their second use on, at most 500 of them", async () => {
    const driver = open({ max: 1 });
    const count = async () => numbers(await run(driver, "select count(*) from pg_prepared_statements"))[0];
    assert.equal(await count(), 0);
    await run(driver, "select 1");
    assert.equal(await count(), 1);
    await run(driver, "select 1");
    assert.equal(await count(), 2);
    for (let round = 0; round < 2; round += 1) {
      for (let i = 0; i < 600; i += 1) await run(driver, `select 10 + ${i}`);
    }
    assert.equal(await count(), 500);
  });

  test("statements that come later are prepared too, and connections with too many of them are replaced", async () => {
    const driver = open({ max: 1 });
    const pid = await pidOf(driver);
    const runAll = async (first: number, rounds: number) => {
      for (let round = 0; round < rounds; round += 1)
        for (let i = 0; i < 500; i += 1) await run(driver, `select ${first + i}`);
    };
    await runAll(0, 2);
    assert.equal(await pidOf(driver), pid);
    await runAll(10_000, 13);
    assert.notEqual(await pidOf(driver), pid);
    await runAll(10_000, 1);
    const counted = await run(
      driver,
      "select count(*) from pg_prepared_statements where statement like 'select 1____'",
    );
    assert.ok(Number(numbers(counted)[0]) > 450);
  });

  test("without `prepare`, nothing is left on the connections (B12)", async () => {
    const driver = open({ max: 1, prepare: false });
    await run(driver, "create table t (id integer)");
    for (let i = 0; i < 3; i += 1) await run(driver, "insert into t values (?)", [i]);
    const connection = await driver.connect("write", waitingAt("many"));
    await connection.runMany({ text: "insert into t values ($1)", values: [], access: "write" }, [[3], [4]]);
    await connection.close();
    assert.deepEqual((await run(driver, "select name from pg_prepared_statements")).rows, []);
    assert.equal((await run(driver, "select * from t")).rowCount, 5);
  });

  test("a prepared statement whose table was changed within a transaction may be run again", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    for (let i = 0; i < 3; i += 1) await run(driver, "select * from t");
    await run(driver, "alter table t add column n integer");
    const connection = await driver.connect("write", waitingAt("transaction"));
    const select = { text: "select * from t", values: [], access: "read" } as const;
    await connection.begin({});
    await assert.rejects(async () => connection.run(select), SerializationError);
    await connection.rollback();
    await connection.begin({});
    await connection.run(select);
    await connection.commit();
    await connection.close();
  });

  test("a pool of the user's own keeps its connections after failures, and is not ended", async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const driver = postgresDriver({ pool, timeout: 5_000 });
    await run(driver, "create table t (id integer primary key)");
    const pid = await pidOf(driver);
    await run(driver, "insert into t values (1)");
    await assert.rejects(run(driver, "insert into t values (1)"), UniqueViolationError);
    assert.equal(await pidOf(driver), pid);
    await driver.close();
    assert.equal((await pool.query("select id from t")).rowCount, 1);
    await pool.end();
  });

  test("violations name columns in their own spelling, and none where the engine's are another table's", async () => {
    const driver = open();
    await run(driver, 'create table p ("userName" text, n integer, unique ("userName", n))');
    await run(driver, 'create unique index p_lower on p (lower("userName"))');
    await run(driver, "insert into p values ('a', 1)");
    const isUnique = (columns: string[], constraint: string) => (error: unknown) => {
      assert.ok(error instanceof UniqueViolationError);
      assert.deepEqual([error.columns, error.constraint], [columns, constraint]);
      return true;
    };
    await assert.rejects(run(driver, "insert into p values ('a', 1)"), isUnique(["userName", "n"], "p_userName_n_key"));
    await assert.rejects(run(driver, "insert into p values ('A', 1)"), isUnique([], "p_lower"));
    await run(driver, "create table k (id integer primary key)");
    await run(driver, "create table c (k_id integer references k (id))");
    await run(driver, "insert into k values (1)");
    await run(driver, "insert into c values (1)");
    const isForeign = (columns: string[]) => (error: unknown) => {
      assert.ok(error instanceof ForeignKeyViolationError);
      assert.deepEqual([error.table, error.columns], ["c", columns]);
      return true;
    };
    await assert.rejects(run(driver, "insert into c values (2)"), isForeign(["k_id"]));
    await assert.rejects(run(driver, "delete from k"), isForeign([]));
  });

  test("an invalid URL is a UsageError that doesn't repeat the password", async () => {
    for (const connectionString of ["postgres://u:secret@host:port/db", "postgres://u:secret%E0%A4@host/db"]) {
      const driver = open({ config: { connectionString } });
      const isDiscreet = (error: unknown) => error instanceof UsageError && !inspect(error).includes("secret");
      await assert.rejects(run(driver, "select 1"), isDiscreet);
      await assert.rejects(async () => driver.connect("write", waitingAt("transaction")), isDiscreet);
    }
  });

  test("a server that can't be reached is a ConnectionError, soon", async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    assert.ok(address !== null && typeof address === "object");
    const unanswered = { connectionString: `postgres://u:p@127.0.0.1:${address.port}/x` };
    await assert.rejects(run(open({ config: unanswered, timeout: 50 }), "select 1"), ConnectionError);
    silent.close();
    await once(silent, "close");
    await assert.rejects(run(open({ config: unanswered }), "select 1"), /can't be reached: .*ECONNREFUSED/);
    const nameless = new URL(url);
    nameless.pathname = "/no_such_database";
    await assert.rejects(run(open({ config: { connectionString: nameless.href } }), "select 1"), ConnectionError);
  });

  test("SQL that begins a transaction is refused however it is written, and nothing is lost (V10)", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    const texts = [
      "start/**/transaction",
      "start -- now\n transaction",
      "/* /* */ */ begin",
      "--\rbegin",
      "--\n;/*/**/*/ -- x\r begin",
      "prepare/**/transaction 'x'",
    ];
    const held = await driver.connect("write", waitingAt("held"));
    for (const text of texts) await assert.rejects(async () => held.run({ text, values: [] }), UsageError, text);
    await held.close();
    for (const text of texts) {
      await assert.rejects(async () => driver.run({ text, values: [] }, waitingAt("spec")), UsageError, text);
    }
    await driver.run({ text: "/* begin /* */ */ select 1 -- \n", values: [] }, waitingAt("spec"));
    await run(driver, "insert into t values (1)");
    assert.equal((await run(open(), "select * from t")).rowCount, 1);
  });

  test("a client that is in a transaction nobody ends serves nobody else, and its user learns of it", async () => {
    const driver = open({ max: 1 });
    await run(driver, "create table t (id integer)");
    // As if the check of the text had missed it.
    await assert.rejects(run(driver, "begin"), UsageError);
    await run(driver, "insert into t values (1)");
    const connection = await driver.connect("write", waitingAt("held"));
    await connection.run({ text: "begin", values: [], access: "write" });
    await connection.close();
    await run(driver, "insert into t values (2)");
    assert.deepEqual(numbers(await run(open(), "select id from t order by id")), [1, 2]);
  });

  test("what SQL of the user's own leaves on a connection goes with it; plain statements leave it in use", async () => {
    const driver = open({ max: 1 });
    const pid = await pidOf(driver);
    const use = async (text: string) => {
      const connection = await driver.connect("write", waitingAt("held"));
      if (text.includes(";")) await connection.script(text);
      else await connection.run({ text, values: [] });
      await connection.close();
    };
    await use("select 1");
    await use("/* x */ with a as (select 1) select * from a");
    assert.equal(await pidOf(driver), pid);
    const path = await setting(driver, "search_path");
    for (const text of [
      "set search_path = pg_catalog",
      "select set_config('search_path', 'pg_catalog', false)",
      "set search_path = pg_catalog; select 1",
    ]) {
      await use(text);
      assert.equal(await setting(driver, "search_path"), path, text);
    }
    await use("select 1 as x into temp mine");
    await assert.rejects(run(driver, "select * from mine"), QueryError);
    await use("select pg_advisory_lock(4711)");
    const other = await open().run(
      { text: "select pg_try_advisory_xact_lock(4711)", values: [], access: "read" },
      waitingAt("spec"),
    );
    assert.deepEqual(other.rows, [["t"]]);
  });

  test("a wait for a client of the user's own pool ends after the timeout, and a late client goes back", async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const driver = postgresDriver({ pool, timeout: 5_000 });
    const held = await pool.connect();
    const select = { text: "select 1", values: [], access: "read" } as const;
    await assert.rejects(async () => driver.run(select, waitingAt("spec", 30)), TimeoutError);
    await assert.rejects(async () => driver.connect("write", waitingAt("spec", 30)), TimeoutError);
    held.release();
    assert.equal((await driver.run(select, waitingAt("spec", 2_000))).rowCount, 1);
    assert.deepEqual([pool.idleCount, pool.waitingCount], [1, 0]);
    await driver.close();
    await pool.end();
  });

  test("databases that come and go leave one listener on the user's pool and its clients", async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const count = async () => {
      const driver = postgresDriver({ pool, timeout: 5_000 });
      await run(driver, "select 1");
      await driver.close();
      const client = await pool.connect();
      const counts = [pool.listenerCount("error"), client.listenerCount("error")];
      client.release();
      return counts;
    };
    const first = await count();
    for (let i = 0; i < 3; i += 1) assert.deepEqual(await count(), first);
    await pool.end();
  });

  test("a cursor that went with its savepoint is closed already; those from before go on", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const connection = await driver.connect("write", waitingAt("transaction"));
    const select = { text: "select generate_series(1, 5)", values: [], access: "read" } as const;
    await connection.begin({});
    const before = connection.cursor(select, 2);
    await before.next();
    await connection.savepoint("a");
    const [left, read] = [connection.cursor(select, 2), connection.cursor(select, 2)];
    await Promise.all([left.next(), read.next()]);
    await Promise.all([connection.rollbackTo("a"), left.return?.()]);
    await assert.rejects(async () => read.next(), TransactionClosedError);
    assert.deepEqual((await before.next()).value?.rows, [["3"], ["4"]]);
    await before.return?.();
    await connection.run({ text: "insert into t values (1)", values: [], access: "write" });
    await connection.commit();
    await connection.close();
    assert.equal((await run(driver, "select * from t")).rowCount, 1);
  });

  test("a message that repeats a value is replaced by its condition's name", async () => {
    const driver = open();
    const connection = await driver.connect("write", waitingAt("held"));
    const secret = "TopSecret";
    const cases: [string, string][] = [
      ["select nextval($1)", secret],
      ["select $1::text::regclass", `"${secret}"."x"`],
      ["select $1::text::regtype", secret.repeat(10)],
      ["select set_config($1, 'x', false)", secret],
      ["select pg_read_file($1)", secret],
    ];
    for (const [text, value] of cases) {
      for (const fail of [
        async () => driver.run({ text, values: [value] }, waitingAt("spec")),
        async () => connection.run({ text, values: [value] }),
      ]) {
        await assert.rejects(
          fail,
          (error) => error instanceof QueryError && !/topsecret/i.test(error.message + inspect(error)),
          text,
        );
      }
    }
    const named = { text: "select a, $1 from nowhere", values: ["a"] };
    await assert.rejects(async () => connection.run(named), /"nowhere" does not exist/);
    await connection.close();
  });

  test("a wait for a row's lock that takes too long names who holds connections here", async () => {
    const driver = open({ timeout: 50 });
    await run(driver, "create table t (id integer)");
    await run(driver, "insert into t values (1)");
    const lock = { text: "update t set id = 2", values: [], access: "write" } as const;
    const holder = await driver.connect("write", waitingAt("the transaction begun at app.ts:12:5"));
    await holder.begin({});
    await holder.run(lock);
    const waiter = await driver.connect("write", waitingAt("the waiter"));
    await waiter.begin({});
    const names = (error: unknown) =>
      error instanceof TimeoutError && /; open here: the transaction begun at app\.ts:12:5$/.test(error.message);
    await assert.rejects(async () => waiter.run(lock), names);
    await waiter.close();
    await assert.rejects(async () => driver.run(lock, waitingAt("spec")), names);
    await holder.close();
    await driver.run(lock, waitingAt("spec"));
  });

  test("with a timeout of 0, the want of a connection is a TimeoutError", async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    assert.ok(address !== null && typeof address === "object");
    const config = { connectionString: `postgres://u:p@127.0.0.1:${address.port}/x` };
    await assert.rejects(run(open({ config, timeout: 0 }), "select 1"), TimeoutError);
    silent.close();
  });
});

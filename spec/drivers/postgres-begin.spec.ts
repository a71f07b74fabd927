import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, test } from "node:test";
import pg from "pg";
import type { Driver, DriverStatement } from "../../src/drivers/driver.js";
import { postgresDriver } from "../../src/drivers/postgres.js";
import { ConnectionError, UniqueViolationError } from "../../src/errors.js";
import { run, waitingAt } from "../conformance/subject.js";
import { startProxy } from "../database/proxy.js";
import { makeSchema } from "../support/engines.js";

const INSERT = { text: "insert into notes (id, xact) values ($1, txid_current())", access: "write" } as const;
const insert = (id: number): DriverStatement => ({ ...INSERT, values: [id] });
const COUNT = { text: "select count(*), max(txid_current()) from notes where id > $1", access: "read" } as const;
const count: DriverStatement = { ...COUNT, values: [3] };

describe("a transaction on PostgreSQL", () => {
  let url: string;
  let drop: () => Promise<void>;
  let driver: Driver;

  let onAcquire: () => void;

  class ObservedPool extends pg.Pool {
    constructor(config: pg.PoolConfig) {
      super(config);
      this.on("acquire", () => onAcquire());
    }
  }

  function open(at: string): void {
    onAcquire = () => {};
    driver = postgresDriver({ Pool: ObservedPool, config: { connectionString: at }, timeout: 5_000, max: 1 });
  }

  beforeEach(async () => {
    ({ url, drop } = await makeSchema());
    open(url);
    await run(driver, "create table notes (id integer primary key, xact bigint)");
    // From its second use on, a statement is prepared, and can go out with what begins its transaction.
    for (const id of [1, 2, 3]) await driver.run(insert(id), waitingAt("spec"));
    for (let use = 0; use < 3; use++) await driver.run(count, waitingAt("spec"));
  });

  afterEach(async () => {
    await driver.close();
    await drop();
  });

  const notes = async () => {
    const { rows } = await run(driver, "select id from notes where id > 3 order by id");
    return rows.map(([id]) => Number(id));
  };

  async function inTransaction(ids: readonly number[], end: "commit" | "rollback") {
    const connection = await driver.connect("write", waitingAt("spec"));
    try {
      await connection.begin({});
      const answers = await Promise.allSettled(ids.map((id) => connection.run(insert(id))));
      await connection[end]();
      return answers.map((answer) => (answer.status === "fulfilled" ? answer.value.rowCount : answer.reason));
    } finally {
      await connection.close();
    }
  }

  /** How many notes there are before, between and after two inserts, all asked for at the same time. */
  async function countsAround(ids: readonly [number, number]): Promise<number[]> {
    const connection = await driver.connect("write", waitingAt("spec"));
    try {
      await connection.begin({});
      const asked = [count, count, insert(ids[0]), count, insert(ids[1]), count].map((statement) =>
        connection.run(statement),
      );
      const counts = (await Promise.all(asked))
        .filter(({ rows }) => rows.length > 0)
        .map(({ rows }) => Number(rows[0]?.[0]));
      await connection.commit();
      return counts;
    } finally {
      await connection.close();
    }
  }

  test("begins along with its first statement, which is in it with all that follow", async () => {
    assert.deepEqual(await inTransaction([4, 5, 6], "commit"), [1, 1, 1]);
    const { rows } = await run(driver, "select count(distinct xact) from notes where id > 3");
    assert.deepEqual(
      rows.map(([count]) => Number(count)),
      [1],
    );
    assert.deepEqual(await inTransaction([7, 8], "rollback"), [1, 1]);
    assert.deepEqual(await notes(), [4, 5, 6]);
  });

  test("whose first statement fails has begun all the same, and leaves the connection as it was", async () => {
    const [first, second] = await inTransaction([1, 4], "rollback");
    assert.ok(first instanceof UniqueViolationError, String(first));
    assert.ok(second instanceof Error, String(second));
    assert.deepEqual(await notes(), []);
    assert.deepEqual(await inTransaction([4], "commit"), [1]);
    assert.deepEqual(await notes(), [4]);
  });

  test("begins along with all that reads at first, and keeps the order of asking", async () => {
    assert.deepEqual(await countsAround([4, 5]), [0, 0, 1, 2]);
    const connection = await driver.connect("write", waitingAt("spec"));
    await connection.begin({});
    const asked = [connection.run(count), connection.script("insert into notes values (6)"), connection.run(count)];
    const [before, , after] = await Promise.all(asked);
    await connection.rollback();
    await connection.close();
    assert.deepEqual([Number(before?.rows[0]?.[0]), Number(after?.rows[0]?.[0])], [2, 3]);
  });

  test("begins along with the first of a statement's sets, and lets nothing between them", async () => {
    for (const ids of [[4], [5, 6, 7]]) {
      const connection = await driver.connect("write", waitingAt("spec"));
      await connection.begin({});
      const asked = [
        connection.runMany(
          insert(0),
          ids.map((id) => [id]),
        ),
        connection.run(count),
      ];
      const [, { rows } = { rows: [] }] = await Promise.all(asked);
      await connection.rollback();
      await connection.close();
      assert.equal(Number(rows[0]?.[0]), ids.length);
    }
  });

  test("that the server refuses to begin runs nothing that was asked for along with it, or after it", async () => {
    const seldom: DriverStatement = { text: "select 1", values: [], access: "read" };
    for (const first of [count, seldom]) {
      const connection = await driver.connect("write", waitingAt("spec"));
      await connection.begin({ isolation: JSON.parse('"none"') });
      const answers = await Promise.allSettled([first, count, insert(4)].map((asked) => connection.run(asked)));
      answers.push(...(await Promise.allSettled([connection.run(insert(5)), connection.run(count)])));
      await assert.rejects(async () => connection.commit(), Error);
      await connection.close();
      assert.deepEqual(
        answers.map(({ status }) => status),
        answers.map(() => "rejected"),
      );
      assert.deepEqual(await notes(), []);
    }
  });

  test("that can't begin runs nothing, and one of nothing sends nothing", async () => {
    const other = await driver.connect("write", waitingAt("spec"));
    await other.begin({});
    await other.commit();
    await other.close();
    await driver.close();
    const proxy = await startProxy(url);
    open(proxy.url);
    for (const id of [4, 5]) await driver.run(insert(id), waitingAt("spec"));
    proxy.dropAt("begin");
    const [failure] = await inTransaction([6], "rollback").catch((error: unknown) => [error]);
    assert.ok(failure instanceof Error, String(failure));
    assert.equal(proxy.drops, 2, "and not on another connection either");
    proxy.dropAt(undefined);
    assert.deepEqual(await notes(), [4, 5]);
    await driver.close();
    await proxy[Symbol.asyncDispose]();
    open(url);
  });

  test("whose first statement loses the connection does not run it again", async () => {
    await run(driver, "create sequence calls");
    const text = "select case when nextval('calls') > $1 then pg_terminate_backend(pg_backend_pid()) end";
    const call = (most: number): DriverStatement => ({ text, values: [most], access: "write" });
    for (const most of [10, 10, 10]) await driver.run(call(most), waitingAt("spec"));
    const connection = await driver.connect("write", waitingAt("spec"));
    await connection.begin({});
    await assert.rejects(async () => connection.run(call(3)), ConnectionError);
    await connection.close();
    const { rows } = await run(driver, "select last_value from calls");
    assert.deepEqual(
      rows.map(([value]) => Number(value)),
      [4],
    );
  });

  /** Ends the server's side of the one connection, while this process can't notice. */
  async function loseConnection(): Promise<void> {
    const { rows } = await run(driver, "select pg_backend_pid()");
    const code = `
      const client = new (require("pg").Client)(process.argv[1]);
      client.connect().then(() => client.query("select pg_terminate_backend(${Number(rows[0]?.[0])}, 5000)")).then(() => client.end());`;
    execFileSync(process.execPath, ["-e", code, url]);
  }

  test("that begins on another connection keeps the order of asking, and runs what reads but once", async () => {
    await run(driver, "create sequence reads");
    const text = "select count(*), nextval('reads') from notes where id > $1";
    const read: DriverStatement = { text, values: [3], access: "read" };
    await loseConnection();
    const connection = await driver.connect("write", waitingAt("spec"));
    await connection.begin({});
    // When it has been sent on the other connection that it begins, and not been answered.
    const begun = new Promise<void>((resolve) => {
      onAcquire = () => setImmediate(resolve);
    });
    const inserted = connection.run(insert(4));
    await begun;
    const { rows } = await connection.run(read);
    await inserted;
    await connection.rollback();
    await connection.close();
    assert.deepEqual(rows[0]?.map(Number), [1, 1]);
  });

  test("that begins on another connection leaves nobody else what SQL of the user's own has set there", async () => {
    const set = { text: "set application_name = 'left behind'", values: [] };
    for (const work of ["statement", "script"]) {
      await loseConnection();
      const connection = await driver.connect("write", waitingAt("spec"));
      await connection.begin({});
      if (work === "statement") await connection.run(set);
      else await connection.script(set.text);
      await connection.commit();
      await connection.close();
      const { rows } = await run(driver, "show application_name");
      assert.notEqual(rows[0]?.[0], "left behind", work);
    }
  });

  test("whose connection was lost while it was idle begins on another", async () => {
    await loseConnection();
    assert.deepEqual(await countsAround([4, 5]), [0, 0, 1, 2]);
    assert.deepEqual(await notes(), [4, 5]);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import pg from "pg";
import { Database, type DatabaseOptions, sql, type TransactionOptions, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models } from "./models.js";

const make = (target: unknown, options: object) => () => Reflect.construct(Database, [target, options]);

test("an option that means nothing for the engine is a UsageError that says so (V8)", () => {
  const ofPostgres: DatabaseOptions[] = [
    { statementTimeout: 5 },
    { prepare: false },
    { applicationName: "x" },
    { ssl: true },
    { pool: { idleTimeout: 5 } },
    { pool: { max: 2, maxLifetime: 5 } },
  ];
  for (const options of ofPostgres) {
    assert.throws(make("sqlite::memory:", options), {
      name: "UsageError",
      message: /the option [\w.]+ is for PostgreSQL/,
    });
    assert.doesNotThrow(make("postgres://localhost/x", options));
  }
  assert.throws(make("postgres://localhost/x", { pragmas: {} }), {
    name: "UsageError",
    message: /pragmas is for SQLite/,
  });
  assert.doesNotThrow(make("sqlite::memory:", { pragmas: {}, pool: { max: 2 }, isolation: "serializable" }));
  assert.doesNotThrow(make("sqlite::memory:", { prepare: undefined, pool: undefined }));
});

test("what is set when connections are made can't be set on connections of one's own (V8)", async () => {
  const handle = new Sqlite(":memory:");
  for (const options of [{ pragmas: { cache_size: 1 } }, { pool: { max: 2 } }, { statementTimeout: 1 }])
    assert.throws(make(handle, options), { name: "UsageError", message: /of your own/ });
  assert.doesNotThrow(make(handle, { timeout: 10 }));
  handle.close();
  const pool = new pg.Pool({ connectionString: "postgres://localhost/x" });
  for (const options of [{ pool: { max: 2 } }, { applicationName: "x" }, { ssl: true }])
    assert.throws(make(pool, options), { name: "UsageError", message: /pool of your own/ });
  assert.doesNotThrow(make(pool, { prepare: false, timeout: 10 }));
  await pool.end();
});

test("null is no value of an option that is an object (V8)", () => {
  for (const name of ["pool", "pragmas", "ssl", "slowQuery"])
    assert.throws(
      make("sqlite::memory:", { [name]: null }),
      { name: "TypeError", message: /^\w+ takes .*, not null$/ },
      name,
    );
  assert.throws(make("sqlite::memory:", { slowQuery: 200 }), { message: "slowQuery takes an object, not a number" });
  assert.throws(make("sqlite::memory:", { log: "yes" }), {
    message: "log takes a boolean or a function, not a string",
  });
});

test("isolation is one of four levels; a misspelt one is told with the nearest (V8)", () => {
  assert.throws(make("sqlite::memory:", { isolation: "serialisable" }), {
    name: "UsageError",
    message: /levels are .*did you mean "serializable"/,
  });
  assert.throws(make("sqlite::memory:", { isolation: 5 }), UsageError);
});

eachEngine((engine) => {
  test("isolation is that of each transaction that doesn't say another, by whichever way it begins (V8)", async () => {
    await using db = await open(engine, models, { isolation: "serializable" });
    if (engine.dialect === "sqlite") {
      // All are serializable there.
      await Account.objects.transaction((tx) => tx.insert({ owner: "a" }));
      assert.equal(await Account.objects.count(), 1);
      return;
    }
    const level = sql`select current_setting('transaction_isolation') as level`;
    const levelOf = async (options: TransactionOptions) => {
      await using session = db.begin(options);
      return (await session.one<{ level: string }>(level)).level;
    };
    assert.equal(await levelOf({}), "serializable");
    assert.equal(await levelOf({ readOnly: true }), "serializable");
    assert.equal(await levelOf({ isolation: "repeatable read" }), "repeatable read");
    await using connection = await db.connect();
    const texts = "insert into accounts (owner, balance) select $1 || current_setting('transaction_isolation'), 0";
    await connection.executeMany(texts, [["by "]]);
    assert.deepEqual(
      (await Account.objects.getItems()).map(({ owner }) => owner),
      ["by serializable"],
    );
    await using plain = await open(engine, models);
    assert.deepEqual(await plain.query(level), [{ level: "read committed" }]);
  });

  test("pragmas are set on each connection; one that SQLite doesn't know is told with the nearest (V8)", {
    skip: engine.dialect !== "sqlite" && "has no pragmas",
  }, async () => {
    await using db = await open(engine, models, { pragmas: { cache_size: -1234 } });
    assert.deepEqual(await db.query(sql`pragma cache_size`), [{ cache_size: -1234 }]);
    for (const value of [Number.NaN, null, [1], 1n])
      assert.throws(() => new Database("sqlite::memory:", { pragmas: { cache_size: value as never } }), {
        name: "TypeError",
        message: /the pragma cache_size is text, a boolean or a finite number/,
      });
    await using misspelt = new Database(await engine.url(), { pragmas: { cach_size: -1234 } });
    const error = await failureOf(() => misspelt.query(sql`select 1`));
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, /"cach_size".*did you mean "cache_size"/);
  });

  test("statementTimeout ends a statement that takes longer (V8)", {
    skip: engine.dialect !== "postgres" && "can't be interrupted",
  }, async () => {
    await using db = await open(engine, models, { statementTimeout: 50 });
    await assert.rejects(db.query(sql`select pg_sleep(5)`), { name: "TimeoutError" });
    assert.deepEqual(await db.query(sql`select 1 as one`), [{ one: 1 }]);
  });
});

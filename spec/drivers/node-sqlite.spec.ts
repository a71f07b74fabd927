import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { Driver } from "../../src/drivers/driver.js";
import { nodeSqlite } from "../../src/drivers/node-sqlite.js";
import { sqliteDriver } from "../../src/drivers/sqlite.js";
import type { SqliteFunctions } from "../../src/drivers/sqlite-types.js";
import { Database, QueryError, sql, UsageError } from "../../src/index.js";
import { numbers, run, waitingAt } from "../conformance/subject.js";
import { NodeSqlite } from "../support/engines.js";

test("a Node without node:sqlite, or with one of its first releases, has no such driver", () => {
  assert.equal(nodeSqlite(undefined), undefined);
  assert.equal(nodeSqlite({}), undefined);
  assert.equal(nodeSqlite({ DatabaseSync: class {}, StatementSync: class {} }), undefined);
});

function listOf(state: unknown): unknown[] {
  assert.ok(Array.isArray(state));
  return state;
}

test("an open database of such a Node's is refused at its first use, with what it takes", async () => {
  const nothing = () => {
    throw new RangeError("not to be called");
  };
  const old: object = { prepare: nothing, exec: nothing, function: nothing, close: nothing };
  const db: Database = Reflect.construct(Database, [old]);
  await assert.rejects(db.query(sql`select 1`), (error) => error instanceof UsageError && /22\.16/.test(error.message));
});

const skip =
  NodeSqlite === undefined && "this Node.js has no node:sqlite, or one that lacks what is needed; 22.16 has it";

describe("the driver for node:sqlite", { skip }, () => {
  let directory: string;
  let driver: Driver | undefined;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "rowkeeper-"));
  });
  afterEach(async () => {
    await driver?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const open = (functions: SqliteFunctions = {}) => {
    assert.ok(NodeSqlite);
    driver = sqliteDriver({
      Database: NodeSqlite,
      path: join(directory, "spec.db"),
      timeout: 50,
      readers: 2,
      functions,
    });
    return driver;
  };
  const own = async (driver: Driver, text: string, values: readonly (string | number | null)[] = []) =>
    driver.run({ text, values }, waitingAt("spec", 50));

  test("SQL of one's own that only reads doesn't wait for a transaction that writes; what writes does", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    const holder = await driver.connect("write", waitingAt("holder"));
    await holder.begin({});
    for (const text of [
      "select * from t",
      "with x as (select 1) select * from x",
      "values (1)",
      "explain delete from t",
    ])
      await own(driver, text);
    for (const text of [
      "with x as (select 1) insert into t select * from x returning id",
      "delete from t returning id",
    ])
      await assert.rejects(own(driver, text), /waited 50 ms/, text);
    await holder.close();
  });

  test("placeholders are counted as SQLite does, whatever stands in texts, names and comments", async () => {
    const driver = open();
    await run(driver, `create table "a?b" ([c?d] integer, \`e?f\` integer)`);
    const text = `/* ? */ insert into "a?b" select ?, 1 where '?''?' <> ? and "a?b" <> ? -- ?`;
    await assert.rejects(own(driver, text.replace(` and "a?b" <> ?`, ""), [1]), QueryError);
    await own(driver, text.replace(` and "a?b" <> ?`, ""), [1, "x"]);
    assert.deepEqual(numbers(await own(driver, 'select [c?d] + ?/* ? from "a?b" -- */ from `a?b`', [5])), [6]);
    for (const wrong of ["select ?1", "select :a", "select @a", "select $a"])
      await assert.rejects(own(driver, wrong, [1]), QueryError, wrong);
    for (const wrong of ["", " -- nothing", ";"]) await assert.rejects(own(driver, wrong), QueryError, wrong);
    await assert.rejects(own(driver, "select ?", [1, 2].slice(0, 0)), QueryError);
    await assert.rejects(own(driver, "select ?", [1, 2]), QueryError);
  });

  test("what is no change counts no rows, whatever was changed before", async () => {
    const driver = open();
    await run(driver, "create table t (id integer)");
    assert.equal((await own(driver, "insert into t values (1), (2)")).rowCount, 2);
    assert.equal((await own(driver, "create index t_id on t (id)")).rowCount, 0);
    assert.equal(
      (await own(driver, "with x as (select 1 as id) delete from t where id in (select id from x)")).rowCount,
      1,
    );
  });

  test("functions and aggregates, also over windows, get integers as bigints", async () => {
    const driver = open({
      kind: (value) => typeof value,
      total: {
        start: () => [],
        step: (state, value) => void listOf(state).push(value),
        inverse: (state) => void listOf(state).shift(),
        result: (state) => listOf(state).reduce((sum: bigint, value) => sum + BigInt(Number(value)), 0n),
      },
      kind_of_last: {
        start: () => [],
        step: (state, value) => void listOf(state).push(value),
        result: (state) => typeof listOf(state).at(-1),
      },
    });
    assert.deepEqual((await own(driver, "select kind(1), kind(1.5), kind('a')")).rows, [
      ["bigint", "number", "string"],
    ]);
    await run(driver, "create table t (id integer)");
    await run(driver, "insert into t values (1), (2), (4)");
    const sums = await own(driver, "select total(id) over (order by id rows 1 preceding) from t order by id");
    assert.deepEqual(numbers(sums), [1, 3, 6]);
    assert.deepEqual((await own(driver, "select kind_of_last(id) from t")).rows, [["bigint"]]);
    await assert.rejects(own(driver, "select kind_of_last(id) over (order by id) from t"), QueryError);
  });

  test("an integer beyond those of a number is refused rather than rounded, where no bigints are asked for", async () => {
    const driver = open();
    const select = { text: "select 9007199254740993", values: [], access: "read" } as const;
    assert.deepEqual((await driver.run({ ...select, bigints: true }, waitingAt("spec"))).rows, [[9007199254740993n]]);
    await assert.rejects(async () => driver.run(select, waitingAt("spec")), QueryError);
  });
});

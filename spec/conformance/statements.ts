import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "rowkeeper";
import { numbers, run, type Subject, statement, waitingAt } from "./subject.js";

export function statementSpecs({ make }: Subject): void {
  describe("statements", () => {
    test("values come back as they went in", async () => {
      const driver = await make({ timeout: 5_000 });
      const bytes = driver.dialect === "sqlite" ? "blob" : "bytea";
      await run(driver, `create table t (id integer primary key, a text, b ${bytes}, c double precision)`);
      const text = "ä€😀 ' \" \\ \n ?";
      await run(driver, "insert into t (id, a, b, c) values (1, ?, ?, ?)", [text, new Uint8Array([0, 255, 39]), 1.5]);
      await run(driver, "insert into t (id, a, b, c) values (2, ?, ?, ?)", [null, null, null]);
      await run(driver, "insert into t (id, a, b, c) values (3, ?, ?, ?)", ["", new Uint8Array([]), -0.1]);
      const { rows } = await run(driver, "select id, a, b, c from t order by id");
      const plain = rows.map((row) => row.map((v) => (v instanceof Uint8Array ? Buffer.from(v).toString("hex") : v)));
      const postgres = [
        ["1", text, "\\x00ff27", "1.5"],
        ["2", null, null, null],
        ["3", "", "\\x", "-0.1"],
      ];
      const sqlite = [
        [1, text, "00ff27", 1.5],
        [2, null, null, null],
        [3, "", "", -0.1],
      ];
      assert.deepEqual(plain, driver.dialect === "sqlite" ? sqlite : postgres);
    });

    test("64-bit integers are exact where they are asked for", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (n bigint)");
      await run(driver, "insert into t values (?)", [9_223_372_036_854_775_807n]);
      const select = { text: "select n from t", values: [], access: "read" } as const;
      const exact = await driver.run({ ...select, bigints: true }, waitingAt("spec"));
      assert.equal(String(exact.rows[0]?.[0]), "9223372036854775807");
      await run(driver, "update t set n = 7");
      const number = await driver.run(select, waitingAt("spec"));
      assert.equal(number.rows[0]?.[0], driver.dialect === "sqlite" ? 7 : "7");
    });

    test("columns of one name keep their places", async () => {
      const driver = await make({ timeout: 5_000 });
      const { rows } = await run(driver, "select 1 as a, 2 as a, 3 as b");
      assert.deepEqual(
        rows.map((row) => row.map(Number)),
        [[1, 2, 3]],
      );
    });

    test("the count is that of the rows given back, else of those changed", async () => {
      const driver = await make({ timeout: 5_000 });
      assert.equal((await run(driver, "create table t (id integer)")).rowCount, 0);
      const inserted = await run(driver, "insert into t values (1), (2), (3)");
      assert.deepEqual([inserted.rows, inserted.rowCount], [[], 3]);
      assert.equal((await run(driver, "update t set id = id + 1 where id > 1")).rowCount, 2);
      assert.equal((await run(driver, "update t set id = 0 where id > 99")).rowCount, 0);
      const returned = await run(driver, "delete from t where id > 1 returning id");
      assert.deepEqual([returned.rowCount, numbers(returned).sort()], [2, [3, 4]]);
      assert.equal((await run(driver, "select * from t")).rowCount, 1);
    });

    test("the key that SQLite made last comes with an insert that gives no rows", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (id integer primary key, n integer)");
      const isSqlite = driver.dialect === "sqlite";
      const inserted = await run(driver, "insert into t values (41, 1), (42, 2)");
      assert.equal(inserted.lastId, isSqlite ? 42 : undefined);
      if (isSqlite) assert.equal((await run(driver, "insert into t (n) values (3), (4)")).lastId, 44);
      const connection = await driver.connect("write", waitingAt("transaction"));
      await connection.begin({});
      const insert = statement(driver, "insert into t values (?, ?)", [50, 1], "write");
      assert.equal((await connection.run(insert)).lastId, isSqlite ? 50 : undefined);
      await connection.close();
      const returned = await run(driver, "insert into t values (60, 1) returning id");
      assert.deepEqual([numbers(returned), returned.lastId], [[60], undefined]);
      assert.equal((await run(driver, "select id from t")).lastId, undefined);
    });

    test("fields tell names, and where SQLite's values come from or PostgreSQL's types", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (id integer, b text)");
      const text = "select id as x, b || 'z' as y from t";
      const { fields } = await driver.run({ text, values: [], access: "read", describe: true }, waitingAt("spec"));
      const sqlite = [
        { name: "x", table: "t", column: "id" },
        { name: "y", table: null, column: null },
      ];
      const postgres = [
        { name: "x", type: 23 },
        { name: "y", type: 25 },
      ];
      assert.deepEqual(fields, driver.dialect === "sqlite" ? sqlite : postgres);
      assert.equal((await driver.run({ text, values: [], access: "read" }, waitingAt("spec"))).fields, undefined);
    });

    test("a statement follows the table when it changes", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (a integer)");
      await run(driver, "insert into t values (1)");
      for (let i = 0; i < 3; i += 1) assert.equal((await run(driver, "select * from t")).rows[0]?.length, 1);
      await run(driver, "alter table t add column b integer default 2");
      for (let i = 0; i < 3; i += 1) {
        assert.deepEqual((await run(driver, "select * from t")).rows[0]?.map(Number), [1, 2]);
      }
    });

    test("SQL of the user's own runs without saying whether it writes", async () => {
      const driver = await make({ timeout: 5_000 });
      const own = (sql: string, values: readonly (string | number)[] = []) =>
        driver.run(statement(driver, sql, values, undefined), waitingAt("spec"));
      await own("create table t (id integer, name text)");
      await own("/* a note */ insert into t values (?, ?)", [1, "a"]);
      const returned = await own("with x as (select 2 as id) insert into t select id, 'b' from x returning id");
      assert.deepEqual(numbers(returned), [2]);
      assert.deepEqual(numbers(await own("select id from t where id > ? order by id", [0])), [1, 2]);
      assert.deepEqual(numbers(await own("select cast(5 as integer) / ?", [2])), [2]);
    });

    test("SQL that begins or ends a transaction, or of several statements, is refused", async () => {
      const driver = await make({ timeout: 5_000 });
      await run(driver, "create table t (id integer)");
      for (const text of ["begin", "BEGIN IMMEDIATE", " -- x\n commit", "/* x */ rollback", "savepoint a", "end"]) {
        const sent = async () => driver.run({ text, values: [] }, waitingAt("spec"));
        await assert.rejects(sent, UsageError, text);
      }
      await assert.rejects(async () =>
        driver.run({ text: "insert into t values (1); insert into t values (2)", values: [] }, waitingAt("spec")),
      );
      assert.equal((await run(driver, "select * from t")).rowCount, 0);
    });

    test("more statements than can be kept prepared", async () => {
      const driver = await make({ timeout: 5_000 });
      for (let round = 0; round < 3; round += 1) {
        for (let i = 0; i < 600; i += 1) assert.deepEqual(numbers(await run(driver, `select ${i}`)), [i]);
      }
    });
  });
}

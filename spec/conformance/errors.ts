import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  CheckViolationError,
  ConstraintError,
  ForeignKeyViolationError,
  NotNullViolationError,
  QueryError,
  RowkeeperError,
  UniqueViolationError,
} from "rowkeeper";
import { run, type Subject, statement, waitingAt } from "./subject.js";

async function errorOf(action: () => Promise<unknown>): Promise<RowkeeperError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof RowkeeperError) return error;
    throw error;
  }
  assert.fail("it did not fail");
}

export function errorSpecs({ make }: Subject): void {
  const prepare = async () => {
    const driver = await make({ timeout: 5_000 });
    await run(
      driver,
      "create table p (id integer primary key, email text unique, a integer, b integer, unique (a, b))",
    );
    await run(
      driver,
      "create table c (id integer primary key, p_id integer not null references p (id) on delete restrict, " +
        "n integer, constraint n_positive check (n > 0))",
    );
    await run(driver, "insert into p values (1, 'secret@example.org', 1, 2)");
    await run(driver, "insert into c values (1, 1, 1)");
    return driver;
  };
  const cases: [name: string, sql: string, values: (string | number | null)[], ErrorClass: unknown, place: unknown][] =
    [
      [
        "unique",
        "insert into p (id, email) values (2, ?)",
        ["secret@example.org"],
        UniqueViolationError,
        ["p", "email"],
      ],
      ["key", "insert into p (id) values (?)", [1], UniqueViolationError, ["p", "id"]],
      ["two columns", "insert into p (id, a, b) values (3, ?, 2)", [1], UniqueViolationError, ["p", "a,b"]],
      ["not null", "insert into c values (2, ?, 1)", [null], NotNullViolationError, ["c", "p_id"]],
      ["check", "insert into c values (2, 1, ?)", [-1234567], CheckViolationError, undefined],
      ["reference", "insert into c values (2, ?, 1)", [1234567], ForeignKeyViolationError, undefined],
      ["removal", "delete from p where id = ?", [1], ForeignKeyViolationError, undefined],
    ];

  describe("errors", () => {
    for (const [name, sql, values, ErrorClass, place] of cases) {
      test(`a violated ${name} constraint has its class, its place and its SQL, and no values (B9)`, async () => {
        const driver = await prepare();
        const error = await errorOf(() => run(driver, sql, values));
        assert.equal(error.constructor, ErrorClass);
        assert.ok(error instanceof ConstraintError);
        if (place !== undefined) assert.deepEqual([error.table, error.columns.join()], place);
        if (name === "check") assert.equal(error.constraint, "n_positive");
        assert.equal(error.sql?.replace(/\$1/, "?"), sql);
        assert.ok(error.cause instanceof Error);
        assert.doesNotMatch(inspect(error), /secret@|1234567/);
      });
    }

    test("wrong SQL is a QueryError with its text", async () => {
      const driver = await make({ timeout: 5_000 });
      const error = await errorOf(() => run(driver, "select x from nowhere"));
      assert.equal(error.constructor, QueryError);
      assert.match(error.message, /nowhere/);
      assert.equal(error.sql, "select x from nowhere");
      const own = await errorOf(async () => driver.run({ text: "selec 1", values: [] }, waitingAt("spec")));
      assert.equal(own.constructor, QueryError);
    });

    test("too few values are a QueryError, after which the driver goes on", async () => {
      const driver = await make({ timeout: 5_000 });
      const wrong = { ...statement(driver, "select ? || ?", ["a", "b"], "read"), values: ["a"] };
      assert.equal((await errorOf(async () => driver.run(wrong, waitingAt("spec")))).constructor, QueryError);
      assert.equal((await run(driver, "select 1")).rowCount, 1);
    });

    test("a value that doesn't fit is not repeated in what is printed", async () => {
      const driver = await make({ timeout: 5_000 });
      const sql =
        driver.dialect === "sqlite" ? "select json_extract('{}', ?)" : "select cast(cast(? as text) as integer)";
      const error = await errorOf(() => run(driver, sql, ["top-secret"]));
      assert.equal(error.constructor, QueryError);
      assert.doesNotMatch(inspect(error), /top-secret/);
    });

    test("a statement that failed leaves the driver in order", async () => {
      const driver = await prepare();
      for (let i = 0; i < 20; i += 1) await errorOf(() => run(driver, "insert into p (id) values (?)", [1]));
      assert.equal((await run(driver, "select id from p")).rowCount, 1);
    });
  });
}

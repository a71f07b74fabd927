import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  array,
  bytes,
  insertInto,
  integer,
  json,
  Model,
  RowkeeperError,
  sql,
  text,
  updateTable,
  uuid,
  ValidationError,
  varchar,
} from "../../src/index.js";
import { sourceOf } from "../../src/sql/source.js";
import { validRows, validStatement, validValues } from "../../src/sql/validation.js";
import { failureOf } from "../support/open.js";

const SECRET = "sesame";

/** A schema of one's own, with the calls that it got. */
function schemaOf<T>(validate: (value: T) => StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>) {
  const calls: unknown[] = [];
  const schema: StandardSchemaV1<T> & { readonly calls: unknown[] } = {
    calls,
    "~standard": {
      version: 1,
      vendor: "spec",
      validate(value) {
        calls.push(value);
        return validate(value as T);
      },
    },
  };
  return schema;
}

const later = <T>(value: T) => new Promise<T>((resolve) => setImmediate(() => resolve(value)));

const prefs = z.object({ theme: z.string().trim(), sizes: z.array(z.number().max(9)) });

class User extends Model("users", {
  id: integer().primaryKey(),
  email: text().check(z.string().trim().toLowerCase().pipe(z.email())),
  name: varchar(10)
    .check(v.pipe(v.string(), v.trim(), v.minLength(2)))
    .check(v.pipe(v.string(), v.toUpperCase()))
    .nullable(),
  code: text().check(type("string.trim")).check(type("/^[a-z]+$/")).default("Not Checked"),
  prefs: json<z.infer<typeof prefs>>().check(prefs).nullable(),
  plain: text().nullable(),
}) {}

const { table } = sourceOf(User);

async function issuesOf(work: () => unknown) {
  const error = await failureOf(work);
  assert.ok(error instanceof ValidationError, `${error}`);
  return error.issues;
}

describe("schemas of columns", () => {
  test("of zod, valibot and arktype give what is written, in the order they were given", () => {
    const given = { email: " A@B.CD ", name: " bob ", code: " abc", prefs: { theme: " x", sizes: [1] }, plain: " p " };
    const valid = validValues(table, given);
    assert.deepEqual(valid, {
      email: "a@b.cd",
      name: "BOB",
      code: "abc",
      prefs: { theme: "x", sizes: [1] },
      plain: " p ",
    });
    assert.equal(given.email, " A@B.CD ");
  });

  test("leave values as they are, the very same object, where the table has none", () => {
    class Plain extends Model("plains", { a: text() }) {}
    const values = { a: 3, nonsense: true };
    assert.equal(validValues(sourceOf(Plain).table, values), values);
    const rows = [values];
    assert.equal(validRows(sourceOf(Plain).table, rows), rows);
  });

  test("all tell what they refuse in one error, with the way to it", async () => {
    const bad = { email: "no", name: " x ", code: "A1", prefs: { theme: "t", sizes: [1, 10, 3] } };
    const issues = await issuesOf(() => validValues(table, bad));
    assert.deepEqual(
      issues.map(({ path }) => path),
      [["email"], ["name"], ["code"], ["prefs", "sizes", 1]],
    );
    for (const { message } of issues) assert.notEqual(message, "");
    const ofRows = await issuesOf(() => validRows(table, [bad, { email: "a@b.cd" }, { email: "" }]));
    assert.deepEqual(
      ofRows.map(({ path }) => path),
      [
        [0, "email"],
        [0, "name"],
        [0, "code"],
        [0, "prefs", "sizes", 1],
        [2, "email"],
      ],
    );
  });

  test("raise an error whose text names the places and no value, however it is printed (M8)", async () => {
    class Vault extends Model("vaults", {
      a: text().check(
        schemaOf<string>((value) => ({ issues: [{ message: `${value} is bad` }, { message: "again" }] })),
      ),
      b: json<Record<string, string>>().check(
        schemaOf<Record<string, string>>((value) => ({
          issues: Object.keys(value).map((key) => ({ message: `no ${key}`, path: [{ key }] })),
        })),
      ),
    }) {}
    const { table: vaults } = sourceOf(Vault);
    const error = await failureOf(() => validValues(vaults, { a: SECRET, b: { [SECRET]: SECRET } }));
    assert.ok(error instanceof ValidationError && error instanceof RowkeeperError);
    assert.equal(error.name, "ValidationError");
    assert.equal(error.message, "vaults refuses 2 values: a, b");
    assert.deepEqual(error.issues, [
      { message: `${SECRET} is bad`, path: ["a"] },
      { message: "again", path: ["a"] },
      { message: `no ${SECRET}`, path: ["b", SECRET] },
    ]);
    const printed = [String(error), error.stack, inspect(error, { depth: 9 }), JSON.stringify(error)].join("\n");
    assert.doesNotMatch(printed, new RegExp(SECRET));
    const one = await failureOf(() => validRows(vaults, [{}, {}, { a: SECRET }]));
    assert.equal(one.message, "vaults refuses a value: 2.a");
    const many = await failureOf(() => validRows(vaults, new Array(1000).fill({ a: SECRET })));
    assert.match(many.message, /^vaults refuses 1000 values: 0\.a, .*, 9\.a and 990 more$/);
  });

  test("see no null, no undefined and nothing that is left out", () => {
    const seen = schemaOf<string>((value) => ({ value }));
    const gives = schemaOf<string | null>(() => ({ value: null }));
    class Some extends Model("some", {
      a: text().check(seen).nullable(),
      b: text().nullable().check(gives).check(seen),
      c: text().check(seen).default("c"),
    }) {}
    const valid = validValues(sourceOf(Some).table, { a: null, b: "x", c: undefined });
    assert.deepEqual(valid, { a: null, b: null });
    assert.deepEqual(seen.calls, []);
    assert.deepEqual(gives.calls, ["x"]);
  });

  test("see no expression that an update sets, but what stands for one in an insert", async () => {
    const seen = schemaOf<unknown>((value) => ({ value }));
    class Some extends Model("some", { a: json().check(seen).nullable(), n: integer().nullable() }) {}
    const expression = sql`n + 1`;
    const values = { a: expression, n: Some.c.n };
    assert.deepEqual(validValues(sourceOf(Some).table, values, { mayBeExpressions: true }), values);
    assert.deepEqual(seen.calls, []);
    await failureOf(() => validValues(sourceOf(Some).table, { n: Some.c.n }));
    validValues(sourceOf(Some).table, { a: expression });
    assert.equal(seen.calls.length, 1);
    validStatement(insertInto(Some).values({ a: expression }));
    assert.equal(seen.calls.length, 2);
    validStatement(updateTable(Some).values({ a: expression }));
    assert.equal(seen.calls.length, 2);
  });

  test("run only where every value of every row is of its column's type (S1)", async () => {
    const seen = schemaOf<string>((value) => ({ value }));
    class Some extends Model("some", { a: text().check(seen), n: integer() }) {}
    const { table: some } = sourceOf(Some);
    for (const wrong of [{ a: "x", n: "1" }, { a: 3, n: 1 }, { a: "x", n: 1, m: 1 }, "x", null]) {
      const error = await failureOf(() => validRows<unknown>(some, [{ a: "y", n: 1 }, wrong]));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /\bsome\b/);
    }
    assert.deepEqual(seen.calls, []);
  });

  test("may be asynchronous, each waiting for the one before it, and then all are told in order", async () => {
    const slow = schemaOf<string>((value) =>
      later(value === "bad" ? { issues: [{ message: "slow" }] } : { value: `${value}1` }),
    );
    const quick = schemaOf<string>((value) =>
      value === "x" ? { issues: [{ message: "quick" }] } : { value: `${value}2` },
    );
    class Some extends Model("some", { a: text().check(slow).check(quick), b: text().check(quick) }) {}
    const { table: some } = sourceOf(Some);
    const answer = validValues(some, { a: "a", b: "b" });
    assert.ok(answer instanceof Promise);
    assert.deepEqual(await answer, { a: "a12", b: "b2" });
    assert.deepEqual(
      await issuesOf(() =>
        validRows(some, [
          { a: "a", b: "x" },
          { a: "bad", b: "b" },
          { a: "bad", b: "x" },
        ]),
      ),
      [
        { message: "quick", path: [0, "b"] },
        { message: "slow", path: [1, "a"] },
        { message: "slow", path: [2, "a"] },
        { message: "quick", path: [2, "b"] },
      ],
    );
  });

  test("let out what they throw, and no rejection goes unseen beside it", async () => {
    const fault = new RangeError("fault");
    const throws = schemaOf<string>(() => {
      throw fault;
    });
    const rejects = schemaOf<string>(() => later(undefined).then(() => Promise.reject(new SyntaxError("later"))));
    class Sync extends Model("some", { a: text().check(throws) }) {}
    assert.throws(() => validValues(sourceOf(Sync).table, { a: "x" }), fault);
    class Both extends Model("some", { a: text().check(rejects), b: text().check(throws) }) {}
    assert.equal(await failureOf(() => validValues(sourceOf(Both).table, { a: "x", b: "x" })), fault);
    class Async extends Model("some", { a: text().check(rejects), b: text().check(rejects) }) {}
    assert.ok((await failureOf(() => validValues(sourceOf(Async).table, { a: "x", b: "x" }))) instanceof SyntaxError);
    await later(undefined);
    await later(undefined);
  });

  test("that give undefined, or refuse without a word, refuse all the same", async () => {
    const empty = schemaOf<string>(() => ({ issues: [] }));
    class Some extends Model("some", { a: text().check(empty) }) {}
    assert.deepEqual(await issuesOf(() => validValues(sourceOf(Some).table, { a: "x" })), [
      { message: "refused", path: ["a"] },
    ]);
    const lost = schemaOf<string>(() => ({ value: Reflect.get({}, "nothing") }));
    class Other extends Model("other", { a: text().check(lost) }) {}
    const error = await failureOf(() => validValues(sourceOf(Other).table, { a: "x" }));
    assert.ok(error instanceof TypeError);
    assert.match(error.message, /other\.a/);
  });

  test("are told from SQL, and nothing else is a check", () => {
    const column = text().check(sql`length(x) > 1`).check(z.string()).check(type("string"));
    assert.equal(column.settings.checks?.length, 1);
    assert.equal(column.settings.schemas?.length, 2);
    assert.equal(text().settings.schemas, undefined);
    for (const wrong of ["x > 1", () => true, null, undefined, {}]) {
      assert.throws(() => Reflect.apply(text().check, text(), [wrong]), TypeError);
    }
    assert.throws(() => array(text().check(z.email())), /array/);
    assert.throws(() => array(text().check(sql`true`)), /array/);
  });
});

describe("a model as a Standard Schema", () => {
  class Account extends Model("accounts", {
    id: integer().primaryKey(),
    email: text().check(z.string().trim().pipe(z.email())),
    name: varchar(5).check(z.string().toUpperCase()).nullable(),
    age: integer(),
    tags: array(text()).default([]),
    prefs: json<z.infer<typeof prefs>>().check(prefs).nullable(),
    raw: bytes().nullable(),
  }) {}

  const { validate } = Account["~standard"];
  const messages = ({ issues = [] }: StandardSchemaV1.Result<unknown>) =>
    issues.map(({ message, path = [] }) => `${path.join(".")}: ${message}`);
  const now = <T>(answer: T | Promise<T>): T => {
    assert.ok(!(answer instanceof Promise));
    return answer;
  };

  test("gives the values as its columns' schemas made them, without defaults", () => {
    assert.equal(Account["~standard"].version, 1);
    assert.equal(Account["~standard"].vendor, "rowkeeper");
    assert.deepEqual(now(validate({ email: " a@b.cd", age: 3, name: "bob", raw: null })), {
      value: { email: "a@b.cd", age: 3, name: "BOB", raw: null },
    });
    assert.deepEqual(now(validate({ id: null, email: "a@b.cd", age: 3, tags: undefined })), {
      value: { email: "a@b.cd", age: 3 },
    });
    assert.deepEqual(now(validate({ id: 7, email: "a@b.cd", age: 3 })), { value: { id: 7, email: "a@b.cd", age: 3 } });
  });

  test("tells all that is wrong at once: unknown, missing, null, of a wrong type, refused", () => {
    const given = {
      emial: "x",
      email: "no",
      name: "far too long",
      tags: null,
      prefs: { theme: "x", sizes: [10] },
      raw: 1,
    };
    const issues = messages(now(validate(given)));
    assert.equal(issues.length, 7);
    assert.equal(issues[0], 'emial: there is no column "emial" (did you mean "email"?)');
    assert.equal(issues[1], "name: name takes at most 5 characters");
    assert.equal(issues[2], "age: age is missing");
    assert.equal(issues[3], "tags: tags can't be null");
    assert.equal(issues[4], "raw: raw takes a Uint8Array, not a number");
    assert.match(issues[5] ?? "", /^email: ./);
    assert.match(issues[6] ?? "", /^prefs\.sizes\.0: ./);
  });

  test("throws for no input, whatever it is", () => {
    for (const wrong of [undefined, null, 3, "x", [], [{}], Symbol("x"), () => true]) {
      const { issues = [] } = now(validate(wrong));
      assert.deepEqual(
        issues.map(({ path }) => path),
        [[]],
      );
    }
    class Free extends Model("free", { a: json(), b: json() }) {}
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    const toJSON = () => assert.fail("no JSON");
    assert.deepEqual(messages(now(Free["~standard"].validate({ a: cyclic, b: { toJSON } }))), [
      "a: a: JSON can't hold an object that contains itself",
      "b: b can't be read",
    ]);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    assert.deepEqual(messages(now(Free["~standard"].validate({ a: deep, b: 1 }))), ["a: a can't be read"]);
  });

  test("refuses what schemas give and columns can't hold", () => {
    class Short extends Model("short", { a: varchar(2).check(z.string().toUpperCase()), b: text() }) {}
    assert.deepEqual(messages(now(Short["~standard"].validate({ a: "ßß", b: "x" }))), [
      "a: a takes at most 2 characters",
    ]);
  });

  test("asks for what an insert asks for: keys that are made may be left out, others may not", () => {
    class Made extends Model("made", { id: uuid().primaryKey(), n: integer() }) {}
    assert.deepEqual(now(Made["~standard"].validate({ n: 1 })), { value: { n: 1 } });
    assert.deepEqual(messages(now(Made["~standard"].validate({ id: null, n: 1 }))), ["id: id can't be null"]);
    class Shared extends Model("shared", {
      id: integer()
        .primaryKey()
        .references(() => Made),
    }) {}
    assert.deepEqual(messages(now(Shared["~standard"].validate({}))), ["id: id is missing"]);
    class Pair extends Model("pair", { a: text(), b: text() }, { primaryKey: ["a", "b"] }) {}
    assert.deepEqual(messages(now(Pair["~standard"].validate({ a: "x" }))), ["b: b is missing"]);
  });

  test("waits only for an asynchronous schema", async () => {
    class Slow extends Model("slow", {
      a: text().check(z.string().refine(async (value) => later(value !== "bad"))),
      n: integer(),
    }) {}
    const answer = Slow["~standard"].validate({ a: "bad", n: "x" });
    assert.ok(answer instanceof Promise);
    assert.deepEqual(
      (await answer).issues?.map(({ path }) => path),
      [["n"], ["a"]],
    );
    assert.deepEqual(await Slow["~standard"].validate({ a: "good", n: 1 }), { value: { a: "good", n: 1 } });
  });

  test("stands wherever a schema does: in a column, in a schema of another library, in a subclass", async () => {
    class Log extends Model("logs", { entry: json<StandardSchemaV1.InferInput<typeof Account>>().check(Account) }) {}
    const { table: logs } = sourceOf(Log);
    assert.deepEqual(
      (await issuesOf(() => validValues(logs, { entry: { email: "no", age: 1 } }))).map(({ path }) => path),
      [["entry", "email"]],
    );
    class Special extends Account {}
    assert.deepEqual(now(Special["~standard"].validate({ email: "a@b.cd", age: 3 })), {
      value: { email: "a@b.cd", age: 3 },
    });
  });
});

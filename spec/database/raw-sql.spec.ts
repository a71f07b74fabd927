import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boolean,
  date,
  integer,
  Model,
  NotNullViolationError,
  numeric,
  QueryError,
  sql,
  text,
  timestamp,
  UniqueViolationError,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models, owners } from "./models.js";

class Event extends Model("events", {
  id: integer().primaryKey(),
  title: text(),
  isPublic: boolean(),
  at: timestamp(),
  day: date(),
  price: numeric(10, 2),
  note: text().nullable(),
}) {}

eachEngine((engine) => {
  const placeholder = (n: number) => (engine.dialect === "sqlite" ? "?" : `$${n}`);

  test("db.query() gives typed rows, the same values of a model's columns on every engine (S21)", async () => {
    await using db = await open(engine, [Event]);
    const at = new Date("2024-02-29T12:34:56.789Z");
    await Event.objects.insert({ title: "a", isPublic: true, at, day: "2024-02-29", price: "12.50" });
    const rows = await db.query<{ id: number }>(
      sql`select id, title, is_public, at, day, price, note from events where title = ${"a"}`,
    );
    const common = { id: 1, title: "a", at, day: "2024-02-29", price: "12.50", note: null };
    assert.deepEqual(rows, [{ ...common, is_public: true }]);
    const aliased = await db.query(sql`select is_public as yes, at as moment from events`);
    assert.deepEqual(aliased, [{ yes: true, moment: at }]);
  });

  test("db.query() binds values, counts as numbers, and gives no rows as an empty list", async () => {
    await using db = await open(engine, models);
    await Account.objects.insertMany([{ owner: "o'brien", balance: 5 }, { owner: '"; drop table accounts; --' }]);
    const named = await db.query(sql`select balance from accounts where owner = ${"o'brien"}`);
    assert.deepEqual(named, [{ balance: 5 }]);
    assert.deepEqual(await db.query(sql`select balance from accounts where owner = ${"nobody"}`), []);
    const [counted] = await db.query<{ n: number }>(sql`select count(*) as n from accounts`);
    assert.equal(Number(counted?.n), 2);
    assert.deepEqual(await db.query(sql`update accounts set balance = ${7} where owner = ${"o'brien"}`), []);
    assert.equal((await Account.objects.get({ where: { owner: "o'brien" } })).balance, 7);
  });

  test("what is no SQL is a TypeError, wrong SQL a QueryError with its text, and BEGIN a UsageError", async () => {
    await using db = await open(engine, models);
    for (const wrong of [undefined, null, 5, {}]) {
      await assert.rejects(async () => Reflect.apply(db.query, db, [wrong]), TypeError);
    }
    const error = await failureOf(() => db.query(sql`selec 1`));
    assert.ok(error instanceof QueryError && error.sql === "selec 1" && error.cause instanceof Error);
    for (const text of [
      sql`begin`,
      sql` /* x */ commit`,
      sql`-- x
      rollback`,
    ])
      await assert.rejects(db.query(text), UsageError);
    await Account.objects.insert({ owner: "afterwards" });
  });

  test("connect(): execute gives rows and counts, with sql or with the engine's placeholders", async () => {
    await using db = await open(engine, models);
    await using connection = await db.connect();
    const insert = `insert into accounts (owner, balance) values (${placeholder(1)}, ${placeholder(2)})`;
    assert.deepEqual(await connection.execute(insert, ["a", 1]), { rows: [], rowCount: 1 });
    assert.equal(
      (await connection.execute(sql`insert into accounts (owner, balance) values (${"b"}, ${2})`)).rowCount,
      1,
    );
    const read = await connection.execute(sql`select owner, balance from accounts order by owner`);
    assert.deepEqual(read.rows, [
      { owner: "a", balance: 1 },
      { owner: "b", balance: 2 },
    ]);
    assert.equal(read.rowCount, 2);
    assert.equal((await connection.execute("update accounts set balance = 3")).rowCount, 2);
    const deleted = await connection.execute(sql`delete from accounts where owner = ${"a"} returning owner`);
    assert.deepEqual([deleted.rows, deleted.rowCount], [[{ owner: "a" }], 1]);
    await assert.rejects(connection.execute(sql`insert into accounts (owner) values (${"b"})`), UniqueViolationError);
    assert.deepEqual(await owners(), ["b"]);
  });

  test("connect(): executeMany runs once per list of values, all or nothing (V2)", async () => {
    await using db = await open(engine, models);
    await using connection = await db.connect();
    const insert = `insert into accounts (owner, balance) values (${placeholder(1)}, ${placeholder(2)})`;
    assert.equal(
      await connection.executeMany(insert, [
        ["a", 1],
        ["b", 2],
        ["c", 3],
      ]),
      3,
    );
    assert.equal(await connection.executeMany(insert, []), 0);
    await assert.rejects(
      connection.executeMany(insert, [
        ["d", 4],
        ["a", 5],
      ]),
      UniqueViolationError,
    );
    await assert.rejects(
      connection.executeMany(insert, [
        ["e", 4],
        ["f", null],
      ]),
      NotNullViolationError,
    );
    const update = `update accounts set balance = balance + ${placeholder(1)} where balance >= ${placeholder(2)}`;
    assert.equal(
      await connection.executeMany(update, [
        [1, 2],
        [1, 100],
      ]),
      2,
    );
    assert.deepEqual(await owners(), ["a", "b", "c"]);
    await assert.rejects(async () => Reflect.apply(connection.executeMany, connection, [insert, "ab"]), TypeError);
    await assert.rejects(async () => Reflect.apply(connection.executeMany, connection, [insert, [5]]), TypeError);
  });

  test("connect(): what is asked of it at the same time is done one after another, and joins no transaction", async () => {
    await using db = await open(engine, models);
    const connection = await db.connect();
    const insert = `insert into accounts (owner, balance) values (${placeholder(1)}, ${placeholder(2)})`;
    const failing = [
      ["a", 1],
      ["b", null],
    ];
    const outcomes = await Promise.allSettled([
      connection.executeMany(insert, failing),
      connection.execute(insert, ["c", 1]),
      connection.executeMany(insert, failing),
      connection.executeMany(insert, [
        ["d", 1],
        ["e", 2],
      ]),
      connection.executeScript("insert into accounts (owner, balance) values ('f', 1)"),
      connection.executeMany(insert, failing),
      connection.close(),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "fulfilled", "rejected", "fulfilled", "fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await owners(), ["c", "d", "e", "f"]);
  });

  test("connect(): executeScript runs several statements", async () => {
    await using db = await open(engine, models);
    await using connection = await db.connect();
    await connection.executeScript(`
      insert into accounts (owner, balance) values ('a;b', 1); -- a comment; with a semicolon
      insert into accounts (owner, balance) values ('c', 2);
    `);
    assert.deepEqual(await owners(), ["a;b", "c"]);
    const error = await failureOf(() => connection.executeScript("insert into nowhere values (1)"));
    assert.ok(error instanceof QueryError && error.sql?.includes("nowhere"));
    await assert.rejects(
      connection.executeScript("begin; insert into accounts (owner, balance) values ('d', 1)"),
      UsageError,
    );
    await connection.execute("select 1");
    assert.deepEqual(await owners(), ["a;b", "c"]);
  });

  test("connect(): a connection that isn't given back keeps nobody from writing, and is refused after close()", async () => {
    await using db = await open(engine, models, { timeout: 1000 });
    const connection = await db.connect();
    await connection.execute("select 1");
    await Account.objects.insert({ owner: "beside" });
    await Account.objects.transaction((tx) => tx.insert({ owner: "beside, in a transaction" }));
    await connection.close();
    await connection.close();
    await assert.rejects(connection.execute("select 1"), UsageError);
    await assert.rejects(connection.executeMany("select 1", []), UsageError);
    await assert.rejects(connection.executeScript("select 1"), UsageError);
  });

  test("connect(): on PostgreSQL what is set stays for the connection, and is not seen by others", {
    skip: engine.dialect !== "postgres" && "one connection",
  }, async () => {
    await using db = await open(engine, models);
    await using connection = await db.connect();
    await connection.executeScript("create temp table scratch (id integer)");
    await connection.executeMany("insert into scratch values ($1)", [[1], [2]]);
    assert.equal((await connection.execute("select * from scratch")).rowCount, 2);
    await assert.rejects(db.query(sql`select * from scratch`), QueryError);
  });

  test("connect(): what it executes is no part of a transaction that is open (S66)", { timeout: 20_000 }, async () => {
    await using db = await open(engine, models);
    await using connection = await db.connect();
    const tx = Account.objects.transaction();
    await tx.insert({ owner: "inside" });
    const outside = connection.execute("insert into accounts (owner, balance) values ('outside', 1)");
    if (engine.writesSideBySide) await outside;
    await tx.rollback();
    await outside;
    assert.deepEqual(await owners(), ["outside"]);
  });
});

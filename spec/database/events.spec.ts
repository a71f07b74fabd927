import assert from "node:assert/strict";
import { test } from "node:test";
import { type QueryEvent, sql, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { Account, models } from "./models.js";

const SECRET = "sesame-4711";

eachEngine((engine) => {
  test('on("query") tells the SQL, the duration, the rows and the place of each statement, never its values (B11, M8)', async () => {
    await using db = await open(engine, models);
    const events: QueryEvent[] = [];
    const listener = (event: QueryEvent) => events.push(event);
    db.on("query", listener);
    await Account.objects.insert({ owner: SECRET });
    await Account.objects.getInstances({ where: { owner: SECRET } });
    await Account.objects.find(1);
    await (await Account.objects.get()).update({ balance: 4711 });
    await db.query(sql`select * from accounts where owner = ${SECRET}`);
    await Account.objects.transaction((tx) => tx.update({ owner: SECRET }, { balance: 2 }));
    await assert.rejects(Account.objects.insert({ owner: SECRET }), UniqueViolationError);
    db.off("query", listener);
    await Account.objects.count();
    assert.deepEqual(
      events.map((event) => [/^\w+/.exec(event.sql)?.[0], event.rowCount]),
      [
        ["insert", 1],
        ["select", 1],
        ["select", 1],
        ["select", 1],
        ["update", 1],
        ["select", 1],
        ["update", 1],
        ["insert", undefined],
      ],
    );
    for (const { sql: text, duration, place } of events) {
      assert.ok(duration >= 0);
      assert.match(place, /events\.spec\.ts:\d+:\d+$/, text);
    }
    assert.equal(new Set(events.map(({ place }) => place)).size, events.length);
    assert.ok(events.at(-1)?.error instanceof UniqueViolationError);
    assert.ok(events.slice(0, -1).every(({ error }) => error === undefined));
    assert.equal(JSON.stringify(events).includes(SECRET), false);
  });

  test("the place of a database's very first statement is known too, and of those after an await", async () => {
    const url = await engine.url();
    const places: string[] = [];
    const { Database } = await import("../../src/index.js");
    await using db = new Database(url, { log: ({ place }) => places.push(place) });
    await db.query(sql`select 1`);
    await db.query(sql`select 2`);
    await db.begin().rollback();
    const deep = async (depth: number): Promise<unknown> => (depth === 0 ? db.query(sql`select 3`) : deep(depth - 1));
    await deep(3);
    for (const place of places) assert.match(place, /events\.spec\.ts:\d+:\d+$/);
    assert.equal(places.length, 3);
  });

  test("several listeners hear of a statement; only the one taken off doesn't; any other event is a UsageError", async () => {
    await using db = await open(engine, models);
    const heard: string[] = [];
    const first = () => heard.push("first");
    const second = () => heard.push("second");
    db.on("query", first).on("query", second).on("query", second);
    await Account.objects.count();
    db.off("query", first);
    await Account.objects.count();
    assert.deepEqual(heard, ["first", "second", "second"]);
    assert.throws(() => Reflect.apply(db.on, db, ["connect", first]), UsageError);
    assert.throws(() => Reflect.apply(db.off, db, ["connect", first]), UsageError);
    assert.throws(() => Reflect.apply(db.on, db, ["query", "print"]), TypeError);
  });

  test("log: true prints each statement in a line, a function gets the events; neither shows values (V8, M8)", async () => {
    const lines: string[] = [];
    const { error } = console;
    console.error = (line: unknown) => lines.push(String(line));
    try {
      await using _db = await open(engine, models, { log: true });
      await Account.objects.insert({ owner: SECRET });
      await assert.rejects(Account.objects.insert({ owner: SECRET }));
    } finally {
      console.error = error;
    }
    const inserts = lines.filter((line) => line.includes("insert into"));
    assert.equal(inserts.length, 2);
    assert.match(inserts[0] ?? "", /^\[rowkeeper\] [\d.]+ ms, 1 row: insert into "accounts"/);
    assert.match(inserts[1] ?? "", /failed: UniqueViolationError: insert into/);
    assert.equal(lines.join().includes(SECRET), false);
  });

  test("a listener that throws fails no statement, in a transaction or outside", async () => {
    await using db = await open(engine, models);
    const uncaught: unknown[] = [];
    const catchAll = (error: unknown) => uncaught.push(error);
    const handlers = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", catchAll);
    try {
      db.on("query", () => {
        throw new Error("of the listener");
      });
      await Account.objects.insert({ owner: "a" });
      await Account.objects.transaction((tx) => tx.insert({ owner: "b" }));
      await assert.rejects(Account.objects.insert({ owner: "a" }), UniqueViolationError);
      await new Promise(setImmediate);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const handler of handlers) process.on("uncaughtException", handler);
    }
    assert.equal(uncaught.length, 3);
  });
});

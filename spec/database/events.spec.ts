import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { QueryError, type QueryEvent, sql, UniqueViolationError, UsageError } from "../../src/index.js";
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

  test("the place of each statement of an operation of several is known (B11)", async () => {
    await using db = await open(engine, models);
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    await Account.objects.insertMany([{ owner: "a" }, { owner: "b" }]);
    await Account.objects.upsertMany([{ id: 1, owner: "c" }, { owner: "d" }]);
    await Account.objects.bulkUpdate([
      { id: 1, balance: 1 },
      { id: 2, balance: 2 },
    ]);
    assert.ok(events.length >= 4);
    for (const { sql: text, place } of events) assert.match(place, /events\.spec\.ts:\d+:\d+$/, text);
  });

  test("within a session it is the place of the call, not of the session, for all of an operation (B11)", async () => {
    await using db = await open(engine, models);
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    const mixed = (name: string, id: number) => [
      { owner: `${name}1` },
      { id, owner: `${name}2` },
      { owner: `${name}3`, balance: 3 },
      { id: id + 1, owner: `${name}4`, balance: 4 },
    ];
    const changes = [
      { id: 100, balance: 1 },
      { id: 101, owner: "x" },
    ];
    const lineOf = (text = "") => Number(/events\.spec\.ts:(\d+)/.exec(text)?.[1]);
    for (const session of [db.session(), db.begin()]) {
      await using open = session;
      const accounts = open.objects(Account);
      const first = lineOf(new Error().stack) + 1;
      await open.saveAll(mixed("a", 100).map((row) => new Account(row)));
      await accounts.insertMany(mixed("b", 200));
      await accounts.upsertMany(mixed("c", 300));
      await accounts.bulkUpdate(changes);
      await accounts.getOrCreate({ owner: "new" });
      await accounts.updateOrCreate({ owner: "new" }, { balance: 1 });
      const lines = events.map(({ place }) => lineOf(place) - first);
      assert.deepEqual([...new Set(lines)], [0, 1, 2, 3, 4, 5], String(lines));
      assert.ok(events.length > 9);
      events.length = 0;
    }
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

  test("an event tells the transaction: its number and place, and what a savepoint is in; undefined outside (B11)", async () => {
    await using db = await open(engine, models);
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    await Account.objects.count();
    await Account.objects.transaction(async (tx) => {
      await tx.count();
      await tx.transaction((inner) => inner.insert({ owner: "a" }));
    });
    await Account.objects.transaction((tx) => tx.count());
    const [alone, first, inner, second] = events.map(({ transaction }) => transaction);
    assert.equal(alone, undefined);
    assert.equal(first?.outer, undefined);
    assert.match(first?.place ?? "", /events\.spec\.ts:\d+:\d+$/);
    assert.deepEqual(inner?.outer, first);
    assert.notEqual(inner?.place, first?.place);
    assert.equal(new Set([first?.id, inner?.id, second?.id]).size, 3);
  });

  test("what a statement waits for the pool or the write lock is in `waited`, and not in `duration` (B11)", async () => {
    await using db = await open(engine, models, { pool: { max: 1 } });
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    const holding = Account.objects.transaction();
    await holding.insert({ owner: "a" });
    const start = performance.now();
    const waiting = [
      Account.objects.insert({ owner: "b" }),
      Account.objects.transaction((tx) => tx.insert({ owner: "c" })),
    ];
    await setTimeout(60);
    await holding.commit();
    await Promise.all(waiting);
    const elapsed = performance.now() - start;
    const [, alone, within] = events;
    assert.equal(events.length, 3);
    // Were the wait counted twice, there would be more than has passed.
    for (const { waited, duration } of events.slice(1)) assert.ok(waited + duration <= elapsed);
    assert.ok(alone && alone.waited >= 50 && alone.transaction === undefined, String(alone?.waited));
    assert.ok(within && within.waited >= 50 && within.transaction !== undefined, String(within?.waited));
  });

  test("a statement that waits for a savepoint to end, or the one connection that is held, has waited too (B11)", async () => {
    await using db = await open(engine, models);
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    await using tx = Account.objects.transaction();
    const inner = tx.transaction();
    await inner.insert({ owner: "a" });
    const waiting = tx.count();
    await setTimeout(60);
    await inner.commit();
    await waiting;
    await tx.commit();
    assert.equal(events.length, 2);
    assert.ok((events[1]?.waited ?? 0) >= 50, String(events[1]?.waited));
  });

  test("a stream's duration is that of its batches, without what is done between them", async () => {
    await using db = await open(engine, models);
    await Account.objects.insertMany([{ owner: "a" }, { owner: "b" }]);
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    const start = performance.now();
    for await (const _ of Account.objects.stream({ orderBy: "id" })) await setTimeout(40);
    const elapsed = performance.now() - start;
    const [event] = events;
    assert.deepEqual([events.length, event?.rowCount], [1, 2]);
    assert.ok(event && event.duration < elapsed - 75, String(event?.duration));
  });

  test("a stream that fails has its error, and no number of rows", async () => {
    await using db = await open(engine, models);
    await using connection = await db.connect();
    const events: QueryEvent[] = [];
    db.on("query", (event) => events.push(event));
    await assert.rejects(connection.cursor("select * from missing").fetchAll(), QueryError);
    assert.deepEqual(
      events.map(({ rowCount, error }) => [rowCount, error instanceof QueryError]),
      [[undefined, true]],
    );
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

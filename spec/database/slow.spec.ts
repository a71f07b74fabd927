import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Database, type SlowQueryEvent, sql, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, openAt, statementsOf } from "../support/open.js";
import { Account, Entry, models } from "./models.js";
import { startProxy } from "./proxy.js";

const SECRET = "sesame-4711";

async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; !isDone(); tries++) {
    assert.ok(tries < 2000, "what was waited for has not come");
    await setTimeout(5);
  }
}

test("slowQuery wants a threshold, and refuses what it doesn't know, with the nearest name (V8)", () => {
  const make = (slowQuery: unknown) => () => Reflect.construct(Database, ["sqlite::memory:", { slowQuery }]);
  assert.throws(make({ treshold: 5 }), { name: "TypeError", message: /"treshold".*"threshold"/ });
  for (const wrong of [5, {}, { threshold: "5" }, { threshold: 5, explain: 1 }, { threshold: 5, listener: "x" }])
    assert.throws(make(wrong), TypeError, JSON.stringify(wrong));
  for (const threshold of [-1, Number.NaN]) assert.throws(make({ threshold }), UsageError);
});

eachEngine((engine) => {
  test("slowQuery tells of a slow select and its plan, never of values (B11, M8)", async () => {
    const events: SlowQueryEvent[] = [];
    await using db = await open(engine, models, {
      slowQuery: { threshold: 0, listener: (event) => events.push(event) },
    });
    await Account.objects.insertMany([{ owner: SECRET }, { owner: "b" }]);
    // What looks at the schema is told of as well.
    const told = () => events.filter(({ sql: text }) => /\bfrom "?accounts\b/.test(text));
    await Account.objects.getInstances({ where: [{ owner: SECRET }, Account.c.balance.gte(-4711)] });
    await db.query(sql`/* of the page */ select * from accounts where owner = ${SECRET}`);
    await db.query(sql`with a as (select owner from accounts where balance < ${4711}) select count(*) from a`);
    await until(() => told().length === 3);
    for (const { plan, place, rowCount } of told()) {
      assert.match(plan ?? "", engine.dialect === "sqlite" ? /S(EARCH|CAN) .*accounts|COUNT/ : /Scan .*on accounts/);
      assert.match(place, /slow\.spec\.ts:\d+:\d+$/);
      assert.equal(typeof rowCount, "number");
    }
    assert.doesNotMatch(JSON.stringify(events), /sesame|4711/);
  });

  test("what is no select, or fails, is told of without a plan; what is fast is not told of (B11)", async () => {
    const events: SlowQueryEvent[] = [];
    const listener = (event: SlowQueryEvent) => events.push(event);
    await using _db = await open(engine, models, { slowQuery: { threshold: 0, listener } });
    await Account.objects.insert({ owner: "a" });
    await assert.rejects(Account.objects.insert({ owner: "a" }), UniqueViolationError);
    await until(() => events.filter(({ sql: text }) => text.startsWith("insert")).length === 2);
    const inserts = events.filter(({ sql: text }) => text.startsWith("insert"));
    assert.deepEqual(
      inserts.map(({ plan, error }) => [plan, error instanceof UniqueViolationError]),
      [
        [undefined, false],
        [undefined, true],
      ],
    );
    const slow: SlowQueryEvent[] = [];
    await using patient = await open(engine, models, {
      slowQuery: { threshold: 60_000, listener: (event) => slow.push(event) },
    });
    await patient.query(sql`select 1`);
    await setTimeout(20);
    assert.deepEqual(slow, []);
  });

  test("explain: false asks for no plan; a plan is asked for once in a while, and is no statement to hear of (B11)", async () => {
    const events: SlowQueryEvent[] = [];
    const listener = (event: SlowQueryEvent) => events.push(event);
    {
      await using db = await open(engine, models, { slowQuery: { threshold: 0, explain: false, listener } });
      await db.query(sql`select 1 as one`);
      assert.deepEqual([events.at(-1)?.sql, events.at(-1)?.plan], ["select 1 as one", undefined]);
    }
    await using db = await open(engine, models, { slowQuery: { threshold: 0, listener } });
    events.length = 0;
    const texts = await statementsOf(db, async () => {
      for (let i = 0; i < 3; i++) {
        await Account.objects.count();
        await until(() => events.filter(({ plan }) => plan !== undefined).length === i + 1);
      }
    });
    assert.equal(texts.length, 3);
    assert.equal(new Set(events.map(({ plan }) => plan)).size, 1);
  });

  test("one statement is explained once, and no more than ten plans are waited for (B11)", {
    skip: engine.dialect !== "postgres" && "its plans are not waited for",
  }, async () => {
    const events: SlowQueryEvent[] = [];
    const listener = (event: SlowQueryEvent) => events.push(event);
    await using proxy = await startProxy(await engine.url());
    await using db = await openAt(proxy.url, models, { slowQuery: { threshold: 0, listener }, pool: { max: 1 } });
    const explained = () => proxy.sent("generic_plan");
    for (let i = 0; i < 3; i++) {
      await Account.objects.count();
      await until(() => events.filter(({ plan }) => plan !== undefined).length === i + 1);
    }
    assert.equal(explained(), 1);
    events.length = 0;
    await Promise.all(Array.from({ length: 15 }, (_, i) => db.query(sql([`select ${i} as one`]))));
    await until(() => events.length === 15);
    assert.deepEqual([explained(), events.filter(({ plan }) => plan === undefined).length], [11, 5]);
  });

  test("a plan disturbs no transaction: not one that is open, nor one whose tables nobody else knows (B11)", async () => {
    const events: SlowQueryEvent[] = [];
    const listener = (event: SlowQueryEvent) => events.push(event);
    await using db = await open(engine, models, { slowQuery: { threshold: 0, listener }, pool: { max: 1 } });
    events.length = 0;
    await Account.objects.transaction(async (tx) => {
      await tx.insert({ owner: "a" });
      assert.equal(await tx.count(), 1);
      await setTimeout(20);
      await tx.insert({ owner: "b" });
    });
    await until(() => events.some(({ plan }) => plan !== undefined));
    await using scratch = db.begin();
    await scratch.execute(sql`create table unseen (id integer)`);
    await scratch.all(sql`select * from unseen`);
    await scratch.execute(sql`drop table unseen`);
    await scratch.commit();
    await until(() => events.some(({ sql: text }) => text.includes("from unseen")));
    assert.equal(await Account.objects.count(), 2);
  });

  test("a script is never explained, as its second statement would run (B11)", async () => {
    const events: SlowQueryEvent[] = [];
    const listener = (event: SlowQueryEvent) => events.push(event);
    await using db = await open(engine, models, { slowQuery: { threshold: 0, listener } });
    await using connection = await db.connect();
    await connection.executeScript("select 1; insert into entries (run, step) values ('a', 1)");
    await until(() => events.some(({ sql: text }) => text.startsWith("select 1;")));
    assert.equal(events.find(({ sql: text }) => text.startsWith("select 1;"))?.plan, undefined);
    assert.equal(await Entry.objects.count(), 1);
  });

  test("closing ends what is explained, and tells all the same (B11)", async () => {
    const events: SlowQueryEvent[] = [];
    {
      const listener = (event: SlowQueryEvent) => events.push(event);
      await using _db = await open(engine, models, { slowQuery: { threshold: 0, listener } });
      events.length = 0;
      await Promise.all([Account.objects.count(), Account.objects.exists(), Account.objects.getItems()]);
    }
    await until(() => events.length === 3);
  });

  test("without a listener a slow statement is printed, and under it its plan (B11)", async () => {
    const lines: string[] = [];
    const { error } = console;
    await using _db = await open(engine, models, { slowQuery: { threshold: 0 } });
    console.error = (line: unknown) => lines.push(String(line));
    try {
      await Account.objects.count({ where: { owner: SECRET } });
      await until(() => lines.some((line) => line.includes("select count")));
    } finally {
      console.error = error;
    }
    const [first, second] = lines.find((line) => line.includes("select count"))?.split("\n") ?? [];
    assert.match(first ?? "", /^\[rowkeeper\] .* slow: select count\(\*\)/);
    assert.match(second ?? "", /^ {12}\S/);
    assert.equal(lines.join().includes(SECRET), false);
  });
});

import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { channel } from "node:diagnostics_channel";
import { test } from "node:test";
import { type QueryMessage, sql, UniqueViolationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { Account, models } from "./models.js";

const SECRET = "sesame-4711";
const NAMES = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;

type Heard = (readonly [name: (typeof NAMES)[number], message: QueryMessage])[];

/** What the channels say while `work` runs. */
async function heardWhile(work: () => unknown, names: readonly (typeof NAMES)[number][] = NAMES): Promise<Heard> {
  const heard: [(typeof NAMES)[number], QueryMessage][] = [];
  const listeners = names.map((name) => {
    const listener = (message: unknown) => heard.push([name, message as QueryMessage]);
    return { name: `tracing:rowkeeper:query:${name}`, listener };
  });
  for (const { name, listener } of listeners) channel(name).subscribe(listener);
  try {
    await work();
  } finally {
    for (const { name, listener } of listeners) channel(name).unsubscribe(listener);
  }
  return heard;
}

eachEngine((engine) => {
  test("each statement has its start and its end on the channels, whether it succeeds or fails, in one message (B11)", async () => {
    await using db = await open(engine, models);
    const heard = await heardWhile(async () => {
      await Account.objects.insert({ owner: SECRET });
      await assert.rejects(Account.objects.insert({ owner: SECRET }), UniqueViolationError);
      for await (const _ of Account.objects.stream({ where: { owner: SECRET } }));
      await db.begin().rollback();
    });
    assert.deepEqual(
      heard.map(([name]) => name),
      [
        ...["start", "end", "asyncStart", "asyncEnd"],
        ...["start", "end", "error", "asyncStart", "asyncEnd"],
        ...["start", "end", "asyncStart", "asyncEnd"],
      ],
    );
    const [inserted, failed, streamed] = [...new Set(heard.map(([, message]) => message))];
    assert.equal(inserted?.rowCount, 1);
    assert.equal(streamed?.rowCount, 1);
    assert.equal(failed?.rowCount, undefined);
    assert.ok(failed?.error instanceof UniqueViolationError);
    for (const message of [inserted, failed, streamed]) {
      assert.ok(message?.duration !== undefined && message.waited !== undefined);
      assert.match(message.place, /tracing\.spec\.ts:\d+:\d+$/);
      assert.equal(JSON.stringify(message).includes(SECRET), false);
    }
    assert.equal((await heardWhile(() => {})).length, 0);
  });

  test("a message has what OpenTelemetry's conventions ask for (B11)", async () => {
    await using db = await open(engine, models);
    const heard = await heardWhile(async () => {
      await Account.objects.insert({ owner: "a" });
      await Account.objects.transaction((tx) => tx.update({ owner: "a" }, { balance: 1 }));
      await Account.objects.getInstances({ where: { owner: "a" } });
      await Account.objects.delete({ owner: "a" });
      await db.query(
        sql`with a as (select 1 as id) select (select max(id) from entries) as m, a.id from "accounts" join a using (id)`,
      );
      await db.query(sql`select id is distinct from balance as differs from accounts`);
      await db.query(sql`select 1 as one`);
    }, ["asyncEnd"]);
    assert.deepEqual(
      heard.map(([, { operation, collection, transaction }]) => [operation, collection, transaction !== undefined]),
      [
        ["insert", "accounts", false],
        ["update", "accounts", true],
        ["select", "accounts", false],
        ["delete", "accounts", false],
        ["select", "accounts", false],
        ["select", "accounts", false],
        ["select", undefined, false],
      ],
    );
    const [, message] = heard[0] ?? assert.fail("nothing");
    const { system, namespace, address, port } = message;
    if (engine.dialect === "sqlite") {
      assert.deepEqual([system, address, port], ["sqlite", undefined, undefined]);
      assert.match(namespace ?? "", engine.name === "sqlite file" ? /spec\.db$/ : /^:memory:$/);
    } else {
      const { hostname, port: wanted, pathname } = new URL(process.env.DATABASE_URL ?? "");
      assert.deepEqual(
        [system, namespace, address, port],
        ["postgresql", pathname.slice(1), hostname, Number(wanted || 5432)],
      );
    }
    assert.equal(JSON.stringify(message).includes("postgres:"), false);
  });

  test("what a tracer binds to the start is there until the end of a statement, on all channels, and not after (B11)", async () => {
    await using _db = await open(engine, models);
    await Account.objects.insert({ owner: "a" });
    const store = new AsyncLocalStorage<QueryMessage>();
    const start = channel("tracing:rowkeeper:query:start");
    start.bindStore(store, (message) => message as QueryMessage);
    const nested: string[] = [];
    const channels = NAMES.map((name) => {
      const listener = (message: unknown) => nested.push(`${name} ${store.getStore() === message}`);
      return { of: channel(`tracing:rowkeeper:query:${name}`), listener };
    });
    for (const { of, listener } of channels) of.subscribe(listener);
    try {
      await Account.objects.count();
      assert.equal(store.getStore(), undefined);
      await assert.rejects(Account.objects.transaction((tx) => tx.insert({ owner: "a" })));
      assert.equal(store.getStore(), undefined);
      for await (const _ of Account.objects.stream()) assert.equal(store.getStore(), undefined);
      assert.equal(store.getStore(), undefined);
    } finally {
      start.unbindStore(store);
      for (const { of, listener } of channels) of.unsubscribe(listener);
    }
    const ends = ["start true", "end true", "asyncStart true", "asyncEnd true"];
    assert.deepEqual(nested, [...ends, ...ends.toSpliced(2, 0, "error true"), ...ends]);
  });

  test("where nobody listens, no place is looked for and nothing is told; a subscriber alone is enough (B11)", async () => {
    await using _db = await open(engine, models);
    const { captureStackTrace, stackTraceLimit } = Error;
    let limits = 0;
    // A place is looked for with a limit of its own.
    Object.defineProperty(Error, "stackTraceLimit", {
      configurable: true,
      get: () => stackTraceLimit,
      set: () => {
        limits += 1;
      },
    });
    try {
      await Account.objects.count();
      assert.equal(limits, 0);
      await heardWhile(() => Account.objects.count(), ["error"]);
      assert.ok(limits > 0);
    } finally {
      Object.defineProperty(Error, "stackTraceLimit", { configurable: true, writable: true, value: stackTraceLimit });
    }
    assert.equal(Error.captureStackTrace, captureStackTrace);
  });
});

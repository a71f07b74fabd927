import assert from "node:assert/strict";
import { test } from "node:test";
import { sqliteDriver } from "../../src/drivers/sqlite.js";
import type { SqliteStatement } from "../../src/drivers/sqlite-types.js";
import { Database, sql } from "../../src/index.js";
import { type Engine, eachEngine, SqliteDatabase } from "../support/engines.js";
import { CEILINGS } from "./ceilings.js";
import { Entry, MANY, MODELS, newPeople } from "./models.js";
import { numbersFrom, selectShapes } from "./shapes.js";

const SHAPES = 3000;

/** A database with one connection of each kind, and how many of the statements on a table it has prepared until now. */
interface Prepared extends AsyncDisposable {
  count(): Promise<number>;
}

const isOnEntries = (text: string) => text.includes('"entries"') && !text.startsWith("create");

async function openCounting(engine: Engine): Promise<Prepared> {
  const url = await engine.url();
  if (engine.dialect === "sqlite") return openCountingSqlite(url);
  const db = new Database(url, { models: MODELS, pool: { max: 1 } });
  await db.createAll();
  return {
    async count() {
      const [row] = await db.query<{ n: number }>(
        sql`select count(*)::integer as n from pg_prepared_statements where statement like ${'%"entries"%'}`,
      );
      return row?.n ?? Number.NaN;
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}

async function openCountingSqlite(url: string): Promise<Prepared> {
  let prepared = 0;
  class CountingDatabase extends SqliteDatabase {
    override prepare(text: string): SqliteStatement {
      if (isOnEntries(text)) prepared += 1;
      return super.prepare(text);
    }
  }
  const path = url.slice("sqlite:".length);
  const db = new Database(sqliteDriver({ Database: CountingDatabase, path, timeout: 5_000, readers: 1 }), {
    models: MODELS,
  });
  await db.createAll();
  return { count: async () => prepared, [Symbol.asyncDispose]: () => db.close() };
}

const KINDS: Readonly<Record<string, (number: number) => Promise<unknown>>> = {
  inserts: async () => Entry.objects.insert(newPeople(1)[0]!),
  finds: (number) => Entry.objects.find(number),
  "queries by a condition": (number) =>
    Entry.objects.getInstances({ where: { email: `${number}@example.org` }, orderBy: ["-name"], limit: 9 + number }),
  counts: (number) => Entry.objects.count({ where: { rank: number } }),
  updates: (number) => Entry.objects.update({ id: number }, { name: `name ${number}` }),
};

eachEngine((engine) => {
  for (const [kind, run] of Object.entries(KINDS)) {
    test(`${MANY} ${kind} that are alike are one prepared statement`, async () => {
      await using db = await openCounting(engine);
      const before = await db.count();
      for (let number = 1; number <= MANY; number++) await run(number);
      assert.equal((await db.count()) - before, CEILINGS.prepared);
    });
  }

  test(`statements of ${SHAPES} shapes don't all stay prepared`, async () => {
    await using db = await openCounting(engine);
    const shapes = numbersFrom(0, SHAPES);
    // PostgreSQL prepares what comes a second time; SQLite prepares then what it has not kept.
    await selectShapes(shapes);
    const before = await db.count();
    await selectShapes(shapes.reverse());
    const more = (await db.count()) - before;
    const kept = engine.dialect === "postgres" ? before + more : SHAPES - more;
    assert.ok(kept > 0 && kept <= CEILINGS.keptPrepared, `${kept} are kept`);
  });
});

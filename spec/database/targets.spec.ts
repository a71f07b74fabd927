import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import Sqlite from "better-sqlite3";
import pg from "pg";
import type { DatabaseSync } from "../../src/drivers/node-sqlite.js";
import { ConnectionError, Database, sql, UsageError } from "../../src/index.js";
import { eachEngine, NodeSqlite } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { Account, models, owners } from "./models.js";

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "rowkeeper targets "));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe("what a database is made from", () => {
  test("sqlite:, with two or no slashes and an absolute or relative path, names a file", () =>
    inDirectory(async (directory) => {
      const before = process.cwd();
      process.chdir(directory);
      try {
        for (const path of ["relative.db", "./dotted.db", "two words.db", "50%.db", `${directory}/absolute.db`]) {
          await using db = await openAt(`sqlite:${path}`, models);
          await db.query(sql`select 1`);
        }
        await using db = await openAt(`sqlite://${directory}/slashes.db`, models);
        await db.query(sql`select 1`);
        const files = (await readdir(directory)).filter((file) => file.endsWith(".db"));
        const expected = ["50%.db", "absolute.db", "dotted.db", "relative.db", "slashes.db", "two words.db"];
        assert.deepEqual(files.sort(), expected);
      } finally {
        process.chdir(before);
      }
    }));

  test("sqlite::memory: is a database of its own each time", async () => {
    await using first = await openAt("sqlite::memory:", models);
    await using second = await openAt("sqlite::memory:", models);
    await Account.objects.using(first).insert({ owner: "a" });
    assert.deepEqual([await first.objects(Account).count(), await second.objects(Account).count()], [1, 0]);
  });

  test("a wrong target is a UsageError when the Database is made, that doesn't repeat the password", () => {
    for (const url of ["", "sqlite:", "sqlite://", "mysql://u:sesame@h/d", "blog.db", "postgres:db", "SELECT 1"]) {
      assert.throws(
        () => new Database(url),
        (error) => error instanceof UsageError && !error.message.includes("sesame"),
        url,
      );
    }
    const others: object[] = [{}, [], new Date()];
    for (const target of others) assert.throws(() => Reflect.construct(Database, [target]), UsageError);
    for (const target of [undefined, null, 5]) assert.throws(() => Reflect.construct(Database, [target]), UsageError);
  });

  test("a Database is made without connecting; a file that can't be opened fails its first use, and each after it", async () => {
    await using db = new Database("sqlite:/no/such/directory/x.db", { models });
    await assert.rejects(db.query(sql`select 1`), ConnectionError);
    await assert.rejects(db.createAll(), ConnectionError);
    await assert.rejects(
      Account.objects.transaction((tx) => tx.insert({ owner: "a" })),
      ConnectionError,
    );
  });

  test("an option that is misspelt, or of a wrong type or value, is refused with the nearest name (V8)", () => {
    const make = (options: object) => () => Reflect.construct(Database, ["sqlite::memory:", options]);
    assert.throws(make({ timout: 5 }), { name: "TypeError", message: /"timout".*"timeout"/ });
    assert.throws(make({ pool: { maxx: 5 } }), { name: "TypeError", message: /"maxx".*"max"/ });
    for (const options of [{ timeout: "5" }, { statementTimeout: "1s" }, { pool: { idleTimeout: "x" } }]) {
      assert.throws(make(options), TypeError, JSON.stringify(options));
    }
    for (const options of [{ timeout: -1 }, { timeout: Number.NaN }, { pool: { max: 0 } }, { pool: { max: 1.5 } }]) {
      assert.throws(make(options), UsageError, JSON.stringify(options));
    }
    for (const options of [{ pool: 5 }, { log: "yes" }, { models: Account }, { prepare: "no" }, null, 5, "log"]) {
      assert.throws(
        () => Reflect.construct(Database, ["sqlite::memory:", options]),
        TypeError,
        JSON.stringify(options),
      );
    }
    assert.throws(make({ models: [class {}] }), TypeError);
  });
});

test("an open database of node:sqlite is used, shared in turn, and left open (M13)", {
  skip: NodeSqlite === undefined && "this Node.js has no node:sqlite, or one that lacks what is needed",
}, async () => {
  const module = process.getBuiltinModule("node:sqlite") ?? {};
  const own = Reflect.construct<[string], DatabaseSync>(Reflect.get(module, "DatabaseSync"), [":memory:"]);
  {
    await using db = new Database(own, { models });
    await using second = new Database(own);
    await db.createAll();
    await using tx = Account.objects.transaction();
    await tx.insert({ owner: "a" });
    const beside = second.query<{ n: number }>(sql`select count(*) as n from accounts`);
    await tx.rollback();
    assert.deepEqual(await beside, [{ n: 0 }]);
    await Account.objects.insert({ owner: "b" });
    assert.deepEqual(await owners(), ["b"]);
  }
  const count = own.prepare("select count(*) from accounts");
  count.setReturnArrays(true);
  assert.deepEqual(count.all(), [[1]]);
  own.close();
});

eachEngine((engine) => {
  test("a handle or pool of the user's own is used, and left open (M13)", async () => {
    const url = await engine.url();
    const own =
      engine.dialect === "sqlite"
        ? new Sqlite(url.slice("sqlite:".length))
        : new pg.Pool({ connectionString: url, max: 2 });
    {
      await using db = new Database(own, { models, timeout: 1000 });
      await db.createAll();
      await Account.objects.transaction((tx) => tx.insert({ owner: "a" }));
      await Promise.all(["b", "c", "d", "e"].map((owner) => Account.objects.insert({ owner })));
      assert.deepEqual(await owners(), ["a", "b", "c", "d", "e"]);
      if (own instanceof pg.Pool) {
        const result = await own.query("select count(*)::int as n from accounts");
        assert.deepEqual(result.rows, [{ n: 5 }]);
      } else assert.deepEqual(own.prepare("select count(*) as n from accounts").get(), { n: 5 });
    }
    if (own instanceof pg.Pool) {
      assert.equal((await own.query("select 1 as one")).rows.length, 1);
      await own.end();
    } else {
      assert.ok(own.open);
      own.close();
    }
  });

  test("both spellings of PostgreSQL's scheme are understood", {
    skip: engine.dialect !== "postgres" && "not its",
  }, async () => {
    const url = await engine.url();
    for (const scheme of ["postgres", "postgresql"]) {
      await using db = new Database(url.replace(/^\w+:/, `${scheme}:`), { applicationName: `spec ${scheme}` });
      const rows = await db.query(sql`select current_setting('application_name') as name`);
      assert.deepEqual(rows, [{ name: `spec ${scheme}` }]);
    }
  });
});

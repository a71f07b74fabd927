import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { pack, unpack } from "../../src/audit/canonical.js";
import type { Database } from "../../src/database/database.js";
import { DeletedModel, NotFoundError, raw, sql, tableOf } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, openAt } from "../support/open.js";
import { Doc, Everything, everything, Page } from "./models.js";

interface Verified {
  readonly objects: { verifyAll(): AsyncIterable<{ readonly id: string; readonly reason: string }> };
}

async function problems(model: Verified): Promise<{ readonly id: string; readonly reason: string }[]> {
  const found = [];
  for await (const problem of model.objects.verifyAll()) found.push(problem);
  return found;
}

const idsOf = async (model: Verified): Promise<string[]> => (await problems(model)).map(({ id }) => id);

/** The next value to each of a row of every type. */
const near = {
  whole: -(2 ** 31) + 1,
  big: 2n ** 63n - 2n,
  double: 0.3,
  money: "1234567890.11",
  decimal: "0.10000000000000000000002",
  words: `${everything.words} `,
  short: "Short",
  isOn: true,
  moment: new Date("1970-01-01T00:00:00.000Z"),
  day: "0001-01-02",
  unique: "01890a5d-ac96-774b-bcce-b302099a8058",
  raw: new Uint8Array([0, 255, 128, 0]),
  mood: "bad" as const,
  content: { ...everything.content, b: [1, 1.5, null, { "": null }] },
  list: [new Date(0), null],
  numbers: [1, -1, 2 ** 31 - 2],
};

/** A chain of four versions of one record, and the instance of the last. */
async function chain(): Promise<Doc> {
  const doc = await Doc.insert({ title: "1" });
  for (const title of ["2", "3", "4"]) await doc.update({ title });
  return doc;
}

const tombstoneOf = async (title: string): Promise<DeletedModel> => {
  const found = (await DeletedModel.records(Doc)).find((record) => record.values().title === title);
  assert.ok(found);
  return found;
};

describe("verifying", () => {
  eachEngine((engine) => {
    test("finds a row changed behind rowkeeper's back, whichever the column", async () => {
      await using db = await open(engine, [Everything]);
      const [full, other, empty] = await Everything.insertMany([everything, near, {}]);
      assert.ok(full && other && empty);
      assert.deepEqual(await problems(Everything), []);
      const changed: string[] = [];
      const check = async (row: Everything, name: string, value: ReturnType<typeof sql>): Promise<void> => {
        const column = raw(`"${name}"`);
        const before = sql`(select ${column} from kept where id = ${row.id})`;
        await db.query(sql`update everything set ${column} = ${value} where id = ${row.id}`);
        assert.equal(await row.verify(), false, name);
        assert.deepEqual(await idsOf(Everything), [row.id], name);
        await db.query(sql`update everything set ${column} = ${before} where id = ${row.id}`);
        assert.equal(await row.verify(), true, name);
        changed.push(name);
      };
      await db.query(sql`create table kept as select * from everything`);
      for (const { name } of tableOf(Everything).columns.slice(1)) {
        const theirs = sql`(select ${raw(`"${name}"`)} from kept where id = ${other.id})`;
        await check(full, name, theirs);
        await check(full, name, sql`null`);
        await check(empty, name, theirs);
      }
      assert.equal(changed.length, 3 * Object.keys(everything).length);
      assert.deepEqual(await problems(Everything), []);
    });

    test("finds an id that was changed, and a row that no instance can be made of", async () => {
      await using db = await open(engine, [Page]);
      const [page, other] = await Page.insertMany([{ title: "a" }, { title: "b" }]);
      assert.ok(page && other);
      await db.query(sql`update pages set id = ${"x"} where id = ${page.id}`);
      assert.deepEqual(await idsOf(Page), ["x"]);
      assert.ok((await failureOf(() => page.verify())) instanceof NotFoundError);
      await db.query(sql`update pages set views = views + 1`);
      assert.equal(await other.verify(), true);
      assert.equal((await problems(Page)).length, 1);
    });

    test("finds a version that was deleted", async () => {
      await using db = await open(engine, [Doc]);
      const doc = await chain();
      assert.deepEqual(await problems(Doc), []);
      const [second, third] = [await tombstoneOf("2"), await tombstoneOf("3")];
      await db.query(sql`delete from deleted_records where id = ${second.id}`);
      const [problem, ...others] = await problems(Doc);
      assert.deepEqual([problem?.id, others.length], [third.recordId, 0]);
      assert.match(problem?.reason ?? "", new RegExp(second.recordId));
      assert.equal(await doc.verify(), true);
      await db.query(sql`delete from deleted_records where id = ${third.id}`);
      assert.equal(await doc.verify(), false);
      assert.deepEqual(await idsOf(Doc), [doc.id]);
      await assert.rejects(doc.history(), { name: "IntegrityError" });
    });

    test("finds a predecessor that was swapped, of a row and of a tombstone", async () => {
      await using db = await open(engine, [Doc]);
      const doc = await chain();
      const [first, third] = [await tombstoneOf("1"), await tombstoneOf("3")];
      const previous = doc.previousId;
      await db.query(sql`update docs set previous_id = ${first.recordId}`);
      assert.equal(await doc.verify(), false);
      assert.deepEqual(await idsOf(Doc), [doc.id]);
      await db.query(sql`update docs set previous_id = ${previous}`);
      await db.query(sql`update deleted_records set previous_id = ${first.recordId} where id = ${third.id}`);
      assert.deepEqual(await idsOf(Doc), [third.recordId]);
      await db.query(sql`update deleted_records set previous_id = null where id = ${third.id}`);
      assert.deepEqual(await idsOf(Doc), [third.recordId]);
    });

    test("finds a tombstone that was forged", async () => {
      await using db = await open(engine, [Doc, Page]);
      await chain();
      const [first, second] = [await tombstoneOf("1"), await tombstoneOf("2")];
      const set = (record: Uint8Array) =>
        db.query(sql`update deleted_records set record = ${record} where id = ${second.id}`);
      const found = async (what: string): Promise<void> => assert.deepEqual(await idsOf(Doc), [second.recordId], what);
      const content = unpack(second.record) as Map<string, unknown>;
      const forged: Record<string, unknown> = {
        "another title": new Map([...content, ["title", "x"]]),
        "another id": new Map([...content, ["id", first.recordId]]),
        "no title": new Map([...content].filter(([name]) => name !== "title")),
        "another predecessor": new Map([...content, ["previous_id", null]]),
        "an unknown column": new Map([...content, ["unknown", 1]]),
        "a value of another type": new Map([...content, ["title", 1]]),
        "no map": [1],
      };
      for (const [what, value] of Object.entries(forged)) {
        await set(pack(value));
        await found(what);
      }
      await set(new Uint8Array([0xc1, 0xff]));
      await found("no msgpack");
      await set(new Uint8Array());
      await found("nothing");
      await set(first.record);
      await found("another's record");
      await set(second.record);
      assert.deepEqual(await problems(Doc), []);
      await db.query(sql`update deleted_records set record_id = ${"x"} where id = ${first.id}`);
      assert.deepEqual((await idsOf(Doc)).sort(), ["x", second.recordId].sort());
      await db.query(sql`update deleted_records set record_id = ${first.recordId} where id = ${first.id}`);
      await db.query(sql`update deleted_records set model_class = ${"Page"} where id = ${first.id}`);
      assert.deepEqual(await idsOf(Doc), [second.recordId]);
      assert.deepEqual(await idsOf(Page), [first.recordId]);
    });

    test("ends where forged tombstones come before each other", async () => {
      await using db = await open(engine, [Doc]);
      const doc = await chain();
      const [first, second] = [await tombstoneOf("1"), await tombstoneOf("2")];
      const record = pack(
        new Map([...(unpack(first.record) as Map<string, unknown>), ["previous_id", second.recordId]]),
      );
      await db.query(
        sql`update deleted_records set record = ${record}, previous_id = ${second.recordId} where id = ${first.id}`,
      );
      await assert.rejects(doc.history(), { name: "IntegrityError" });
      assert.deepEqual(await idsOf(Doc), [first.recordId]);
    });

    test("goes on while others write, and ends early where its loop is left", async () => {
      await using db = await open(engine, [Doc]);
      const docs = await Doc.insertMany(Array.from({ length: 30 }, (_, i) => ({ title: `t${i}` })));
      for (const doc of docs) await doc.update({ body: "x" });
      await db.query(sql`update docs set body = ${"y"}`);
      for await (const problem of Doc.objects.verifyAll()) {
        assert.ok(problem.id);
        break;
      }
      await db.query(sql`update docs set body = ${"x"}`);
      await Promise.all([
        ...docs.map((doc) => doc.update({ body: "z" })),
        ...Array.from({ length: 5 }, async () => assert.deepEqual(await problems(Doc), [])),
      ]);
      assert.deepEqual(await problems(Doc), []);
    });

    test("wants one connection", async () => {
      const { url } = await engine.fresh();
      await using _ = await openAt(url, [Doc], { pool: { max: 1 }, timeout: 2_000 });
      await chain();
      assert.deepEqual(await problems(Doc), []);
    });

    test("takes the same memory for many rows as for a few", async () => {
      await using db = await open(engine, [Page]);
      await fill(db, engine.dialect, 100_000);
      const start = heapNow();
      let count = 0;
      let held = 0;
      for await (const _ of Page.objects.verifyAll()) if (++count === 99_000) held = heapNow() - start;
      assert.equal(count, 100_000);
      // All the rows would take five times as much.
      assert.ok(held < 16 * 2 ** 20, `${held}`);
    });
  });
});

/** What is held, without what is not in use any more. */
function heapNow(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

/** Rows that nothing was hashed of, so that a problem is told of each. */
async function fill(db: Database, dialect: string, count: number): Promise<void> {
  const numbers =
    dialect === "postgres"
      ? sql`select i from generate_series(1, ${raw(String(count))}) as n(i)`
      : sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${raw(String(count))}) select i from n`;
  const title = dialect === "postgres" ? sql`repeat('x', 500) || i` : sql`hex(zeroblob(250)) || i`;
  await db.query(sql`insert into pages (id, title, views) select 'id' || i, ${title}, 0 from (${numbers}) as m`);
}

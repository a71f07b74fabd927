import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  bytes,
  DeletedModel,
  HashedManager,
  HashedModel,
  IntegrityError,
  integer,
  NotFoundError,
  sql,
  text,
  timestamp,
  UniqueViolationError,
  UsageError,
  varchar,
} from "../../src/index.js";
import type { AnyColumns, AnyModel } from "../../src/sql/types.js";
import { type Engine, eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Doc, Everything, everything, Note, Page } from "./models.js";

/** What a class is called is what its tombstones know it by. */
function pages(columns: DeclaredColumns): AnyModel {
  return class Page extends HashedModel("pages", columns as AnyColumns) {};
}

type DeclaredColumns = Readonly<Record<string, unknown>>;

async function deleted(engine: Engine) {
  await using _ = await open(engine, [Page]);
  const page = await Page.insert({ title: "a title", views: 2 });
  return page.delete();
}

describe("tombstones", () => {
  eachEngine((engine) => {
    test("have the class, the id, the record and the time, and are found by their model (S44)", async () => {
      await using _ = await open(engine, [Page, Doc]);
      const before = new Date();
      const page = await Page.insert({ title: "a", views: 2 });
      await Page.insert({ title: "kept" });
      const tombstone = await page.delete();
      assert.ok(tombstone instanceof DeletedModel);
      assert.equal(tombstone.modelClass, "Page");
      assert.equal(tombstone.recordId, page.id);
      assert.equal(tombstone.previousId, null);
      assert.ok(tombstone.record instanceof Uint8Array);
      assert.ok(tombstone.timestamp >= before && tombstone.timestamp <= new Date());
      assert.deepEqual(tombstone.values(), { id: page.id, title: "a", body: null, views: 2 });
      const doc = await Doc.insert({ title: "a" });
      const first = doc.id;
      await doc.update({ title: "b" });
      await doc.delete();
      assert.deepEqual(
        (await DeletedModel.records(Page)).map(({ id }) => id),
        [tombstone.id],
      );
      const records = await DeletedModel.records(Doc, { orderBy: "timestamp" });
      assert.deepEqual(
        records.map(({ recordId, previousId }) => [recordId, previousId]).sort(),
        [
          [first, null],
          [doc.id, first],
        ].sort(),
      );
      const some = await DeletedModel.records(Doc, { where: { recordId: first } });
      assert.equal(some.length, 1);
      assert.equal(await Page.objects.count(), 1);
    });

    test("restore a row of every type bit for bit, once (S44)", async () => {
      await using db = await open(engine, [Everything]);
      const [full, empty] = await Everything.insertMany([everything, {}]);
      assert.ok(full && empty);
      const rows = async () => db.query(sql`select * from everything order by id`);
      const before = await rows();
      const data = full.data;
      for (const instance of [full, empty]) {
        const tombstone = await instance.delete();
        assert.deepEqual(tombstone.values(), instance.data);
        const found = await DeletedModel.objects.get();
        const restored = await found.restore();
        assert.ok(restored instanceof Everything);
        assert.equal(restored.id, instance.id);
        assert.equal(await restored.verify(), true);
        assert.ok((await failureOf(() => found.restore())) instanceof NotFoundError);
        assert.ok((await failureOf(() => tombstone.restore())) instanceof NotFoundError);
      }
      assert.deepEqual(await rows(), before);
      assert.deepEqual((await Everything.find(full.id))?.data, data);
      assert.equal(await DeletedModel.objects.count(), 0);
    });

    test("restore times and columns out of the hash as they were; what is computed is computed (S44)", async () => {
      await using db = await open(engine, [Note]);
      const at = new Date("2001-02-03T04:05:06.789Z");
      const note = await Note.insert({ title: "a", seen: true, createdAt: at, updatedAt: at });
      const rows = async () => db.query(sql`select * from notes`);
      const before = await rows();
      const restored = await (await note.delete()).restore();
      assert.deepEqual(await rows(), before);
      assert.deepEqual([restored.createdAt, restored.updatedAt, restored.seen, restored.loud], [at, at, true, "A"]);
      // The instance that was deleted may be deleted again.
      await note.delete();
      assert.equal(await Note.objects.count(), 0);
    });

    test("of an unknown class say which are known (S44)", async () => {
      const { data } = await deleted(engine);
      await using db = await open(engine, [Note, Doc]);
      const found = await DeletedModel.objects.using(db).insert(data);
      const error = await failureOf(() => found.restore());
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /"Page"/);
      assert.match(error.message, /Note, Doc/);
      assert.equal(await DeletedModel.objects.using(db).count(), 1);
    });

    const columns = { title: text(), body: text().nullable(), views: integer().default(0).excludedFromHash() };
    const { title: _, ...untitled } = columns;
    const unfit: Record<string, [DeclaredColumns, RegExp | undefined]> = {
      "is as it was": [columns, undefined],
      "lost a column": [untitled, /title/],
      "has a column of another type": [{ ...columns, title: integer() }, /title/],
      "has a shorter column": [{ ...columns, title: varchar(3) }, /title/],
      "has a column that can't be null any more": [{ ...columns, body: text() }, /body/],
      "has a new column that can't be null": [{ ...columns, extra: text() }, /extra/],
      "has a new hashed column with a default": [{ ...columns, extra: text().default("x") }, /extra/],
      "has a new column that can be null": [{ ...columns, extra: text().nullable() }, undefined],
      "has a new column out of the hash": [{ ...columns, extra: text().default("x").excludedFromHash() }, undefined],
    };
    for (const [what, [later, pattern]] of Object.entries(unfit))
      test(`of a model that ${what} ${pattern ? "say which column" : "are restored"} (S44)`, async () => {
        const { data } = await deleted(engine);
        const Later = pages(later);
        await using db = await open(engine, [Later]);
        const found = await DeletedModel.objects.using(db).insert(data);
        if (pattern === undefined) {
          const restored = await found.restore();
          assert.equal((restored as { readonly id?: unknown }).id, data.recordId);
        } else {
          const error = await failureOf(() => found.restore());
          assert.ok(error instanceof UsageError, String(error));
          assert.match(error.message, pattern);
        }
        assert.equal(await DeletedModel.objects.using(db).count(), pattern === undefined ? 0 : 1);
      });

    test("of a row that is there again are a UniqueViolationError, and stay (S44)", async () => {
      await using _ = await open(engine, [Page]);
      const tombstone = await (await Page.insert({ title: "a" })).delete();
      await Page.insert({ title: "a", views: 5 });
      assert.ok((await failureOf(() => tombstone.restore())) instanceof UniqueViolationError);
      assert.equal(await DeletedModel.objects.count(), 1);
      await Page.objects.delete({ title: "a" });
      assert.equal((await tombstone.restore()).id, tombstone.recordId);
    });

    test("that were changed restore nothing (S44)", async () => {
      await using db = await open(engine, [Page]);
      const tombstone = await (await Page.insert({ title: "a" })).delete();
      const other = await (await Page.insert({ title: "b" })).delete();
      await db.query(sql`update deleted_records set record = ${other.record} where id = ${tombstone.id}`);
      const forged = await DeletedModel.objects.get({ where: { id: tombstone.id } });
      assert.ok((await failureOf(() => forged.restore())) instanceof IntegrityError);
      await db.query(sql`update deleted_records set record = ${new Uint8Array([0xc1])} where id = ${tombstone.id}`);
      const broken = await DeletedModel.objects.get({ where: { id: tombstone.id } });
      assert.ok((await failureOf(() => broken.restore())) instanceof IntegrityError);
      assert.equal(await Page.objects.count(), 0);
      assert.equal(await DeletedModel.objects.count(), 2);
    });

    test("of a restore that is rolled back are there again, and the row's instance is new (S44)", async () => {
      await using db = await open(engine, [Page]);
      const tombstone = await (await Page.insert({ title: "a" })).delete();
      let restored: Page | undefined;
      await failureOf(() =>
        db.begin(async (tx) => {
          restored = await tombstone.using(tx).restore();
          throw new Error("stop");
        }),
      );
      assert.equal(await DeletedModel.objects.count(), 1);
      await restored?.save();
      assert.equal(await Page.objects.count(), 1);
      await Page.objects.delete("all");
      assert.equal((await tombstone.using(db).restore()).title, "a");
    });

    test("are made by a hashed delete with their insert hooks, unless these are suppressed (S45)", async () => {
      await using _ = await open(engine, [Page, Note]);
      const events: string[] = [];
      const hook = (record: object) => void events.push((record as DeletedModel).modelClass);
      DeletedModel.addHook("afterInsert", hook);
      try {
        const [page, note] = [await Page.insert({ title: "a" }), await Note.insert({ title: "a" })];
        await page.update({ title: "b" });
        page.title = "c";
        await page.save();
        await page.delete();
        await note.delete();
        assert.deepEqual(events.splice(0), ["Page", "Page", "Page", "Note"]);
        const quiet = { suppressEvents: true };
        const [silent] = await Page.insertMany([{ title: "a" }, { title: "b" }]);
        await silent?.update({ title: "c" }, undefined, quiet);
        assert.ok(silent);
        silent.title = "d";
        await silent.save(quiet);
        await silent.delete(quiet);
        await Page.objects.delete("all");
        assert.deepEqual(events, []);
        assert.equal(await DeletedModel.objects.count(), 8);
      } finally {
        DeletedModel.removeHook("afterInsert", hook);
      }
    });

    test("whose hook fails leave the row as it was (S45)", async () => {
      await using _ = await open(engine, [Page]);
      const stop = new Error("stop");
      const hook = () => {
        throw stop;
      };
      const page = await Page.insert({ title: "a" });
      const { id } = page;
      DeletedModel.addHook("afterInsert", hook);
      try {
        assert.equal(await failureOf(() => page.update({ title: "b" })), stop);
        assert.equal(await failureOf(() => page.delete()), stop);
      } finally {
        DeletedModel.removeHook("afterInsert", hook);
      }
      assert.equal(page.id, id);
      assert.equal(await DeletedModel.objects.count(), 0);
      assert.equal((await page.delete()).recordId, id);
    });

    test("are made of hooked models too, whose hooks see the old and the new id (S45)", async () => {
      const seen: unknown[] = [];
      class Entry extends HashedModel("entries", { name: text() }) {
        beforeUpdate() {
          seen.push(["before", this.id]);
        }
        afterUpdate() {
          seen.push(["after", this.id]);
        }
        beforeDelete() {
          seen.push(["delete", this.id]);
        }
      }
      await using db = await open(engine, [Entry]);
      const entry = await Entry.insert({ name: "a" });
      const { id } = entry;
      await entry.update({ name: "b" });
      const tombstone = await entry.delete();
      assert.equal(tombstone.recordId, entry.id);
      assert.deepEqual(seen, [
        ["before", id],
        ["after", entry.id],
        ["delete", entry.id],
      ]);
      assert.equal(await DeletedModel.objects.count(), 2);
      const restored = await tombstone.restore();
      await using session = db.session();
      restored.name = "c";
      assert.ok((await failureOf(() => session.saveAll([restored]))) instanceof UsageError);
    });

    test("are purged by age, of one model or all (S44)", async () => {
      await using _ = await open(engine, [Page, Note]);
      const old = await (await Page.insert({ title: "old" })).delete();
      await (await Page.insert({ title: "new" })).delete();
      const note = await (await Note.insert({ title: "old" })).delete();
      const past = new Date("2020-01-01T00:00:00Z");
      for (const { id } of [old, note]) await DeletedModel.objects.update({ id }, { timestamp: past });
      const before = new Date("2020-01-01T00:00:00.001Z");
      assert.equal(await DeletedModel.purge({ before: past }), 0);
      assert.equal(await DeletedModel.purge({ before, model: Page }), 1);
      assert.equal(await DeletedModel.purge({ before }), 1);
      assert.equal(await DeletedModel.objects.count(), 1);
      await assert.rejects(DeletedModel.purge({} as never), TypeError);
    });

    test("are of many rows at once, those that fulfil a condition (S44)", async () => {
      await using _ = await open(engine, [Page]);
      await Page.insertMany(Array.from({ length: 50 }, (_, i) => ({ title: `t${i}`, body: i < 40 ? "x" : null })));
      assert.equal(await Page.objects.delete({ body: "x" }), 40);
      assert.equal(await Page.query({ title: "t45" }).delete(), 1);
      assert.equal(await DeletedModel.objects.count(), 41);
      for (const record of await DeletedModel.records(Page)) await record.restore();
      assert.equal(await Page.objects.count(), 50);
      for await (const problem of Page.verifyAll()) assert.fail(problem.reason);
    });

    test("a delete of a row that is gone is a NotFoundError, and makes none (S44)", async () => {
      await using _ = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      const same = await Page.objects.get();
      await page.delete();
      assert.ok((await failureOf(() => same.delete())) instanceof NotFoundError);
      assert.ok((await failureOf(() => page.delete())) instanceof NotFoundError);
      assert.equal(await DeletedModel.objects.count(), 1);
    });

    test("two deletes of a row at a time make one, and two restores of one make one row (S44)", async () => {
      await using _ = await open(engine, [Page]);
      await Page.insert({ title: "a" });
      const [one, two] = [await Page.objects.get(), await Page.objects.get()];
      const failed = (results: PromiseSettledResult<unknown>[]) =>
        results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      const deletes = failed(await Promise.allSettled([one.delete(), two.delete()]));
      assert.ok(deletes.length === 1 && deletes[0] instanceof NotFoundError, String(deletes));
      const [a, b] = [await DeletedModel.objects.get(), await DeletedModel.objects.get()];
      const restores = failed(await Promise.allSettled([a.restore(), b.restore()]));
      assert.ok(restores.length === 1 && restores[0] instanceof NotFoundError, String(restores));
      assert.equal(await Page.objects.count(), 1);
    });

    test("go with their database, where two have models of content (S44)", async () => {
      class Other extends HashedModel("others", { name: text() }) {}
      await using one = await open(engine, [Page]);
      await using two = await open(engine, [Other]);
      const tombstone = await (await Page.insert({ title: "a" })).delete();
      const other = await (await Other.insert({ name: "b" })).delete();
      assert.equal(await DeletedModel.objects.using(one).count(), 1);
      assert.equal(await DeletedModel.objects.using(two).count(), 1);
      assert.equal((await DeletedModel.records(Page))[0]?.id, tombstone.id);
      assert.equal((await DeletedModel.records(Other))[0]?.id, other.id);
      assert.equal((await tombstone.restore()).title, "a");
      assert.equal((await other.restore()).name, "b");
    });

    test("know subclasses, managers of one's own, and transactions (S44)", async () => {
      class ShelfManager extends HashedManager<typeof Book> {
        named(title: string) {
          return this.getInstances({ where: { title } });
        }
      }
      class Book extends HashedModel("books", {
        title: text(),
        cover: bytes().nullable(),
        at: timestamp().nullable(),
      }) {
        static override objects = new ShelfManager(this);
      }
      await using db = await open(engine, [Book]);
      await db.begin(async (tx) => {
        const book = await Book.objects.using(tx).insert({ title: "a" });
        await book.update({ title: "b" });
        const objects = Book.objects.using(tx);
        assert.equal((await objects.named("b")).length, 1);
        assert.equal(await objects.head(), await objects.head());
        for await (const problem of objects.verifyAll()) assert.fail(problem.reason);
        const tombstone = await book.delete();
        assert.equal((await tombstone.restore()).id, book.id);
      });
      assert.equal((await Book.objects.named("b")).length, 1);
      assert.equal(await DeletedModel.objects.count(), 1);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HashedModel, integer, Model, text, UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, openAt, statementsOf } from "../support/open.js";
import { Card, Doc, Owner, Page } from "./models.js";

const back = { onDuplicate: "return" } as const;

describe("content that is inserted twice", () => {
  eachEngine((engine) => {
    test("is a UniqueViolationError by default (S47)", async () => {
      await using _ = await open(engine, [Page]);
      await Page.insert({ title: "a" });
      for (const options of [{}, { onDuplicate: "error" }] as const) {
        assert.ok(
          (await failureOf(() => Page.insert({ title: "a", views: 9 }, options))) instanceof UniqueViolationError,
        );
        const many = () => Page.insertMany([{ title: "b" }, { title: "a" }], options);
        assert.ok((await failureOf(many)) instanceof UniqueViolationError);
      }
      const [one, two] = [new Page({ title: "a" }), new Page({ title: "c" })];
      assert.ok((await failureOf(() => one.save())) instanceof UniqueViolationError);
      await two.save();
      assert.equal(await Page.objects.count(), 2);
    });

    test("gives the row that is there where that is asked for, as it is (S47)", async () => {
      await using db = await open(engine, [Page, Doc]);
      const page = await Page.insert({ title: "a", views: 3 });
      const same = await Page.insert({ title: "a", views: 9 }, back);
      assert.ok(same instanceof Page);
      assert.deepEqual(same.data, page.data);
      const fresh = await Page.insert({ title: "b", views: 1 }, back);
      assert.deepEqual([fresh.views, fresh.id], [1, Page.generateId({ title: "b" })]);
      assert.equal(await Page.insert({ title: "b" }, { ...back, fetch: false }), 1);
      assert.equal(await Page.objects.count(), 2);
      const doc = await Doc.insert({ title: "a" });
      const again = await Doc.insert({ title: "a" }, back);
      assert.deepEqual(again.data, doc.data);
      await again.update({ title: "c" });
      await db.begin(async (tx) => {
        assert.equal((await Page.objects.using(tx).insert({ title: "a" }, back)).id, page.id);
      });
    });

    test("may be so within a list, which gives an instance for each (S47)", async () => {
      await using _ = await open(engine, [Page]);
      await Page.insert({ title: "b", views: 3 });
      const list = [
        { title: "a" },
        { title: "b" },
        { title: "a", views: 7 },
        { title: "c", body: null },
        { title: "c" },
      ];
      const pages = await Page.insertMany(list, back);
      assert.deepEqual(
        pages.map(({ title }) => title),
        ["a", "b", "a", "c", "c"],
      );
      assert.equal(pages[0]?.id, pages[2]?.id);
      assert.equal(pages[1]?.views, 3);
      assert.equal(await Page.objects.count(), 3);
      assert.equal(await Page.insertMany(list, { ...back, fetch: false }), 5);
      assert.deepEqual(await Page.insertMany([], back), []);
    });

    test("runs no hooks for what is there, and those of an insert for what isn't (S47)", async () => {
      const seen: string[] = [];
      class Entry extends HashedModel("entries", { name: text(), slug: text().default("") }) {
        beforeInsert() {
          seen.push(this.name);
          if (this.name === "made") this.slug = "made";
        }
      }
      await using _ = await open(engine, [Entry]);
      const first = await Entry.insert({ name: "a" }, back);
      const second = await Entry.insert({ name: "a" }, back);
      assert.equal(second.id, first.id);
      const all = await Entry.insertMany([{ name: "b" }, { name: "a" }, { name: "b" }, { name: "made" }], back);
      assert.deepEqual(
        all.map(({ name, slug }) => [name, slug]),
        [
          ["b", ""],
          ["a", ""],
          ["b", ""],
          ["made", "made"],
        ],
      );
      assert.deepEqual(seen, ["a", "b", "made"]);
      const quiet = { ...back, suppressEvents: true };
      await Entry.insertMany([{ name: "a" }, { name: "quiet" }], quiet);
      assert.equal(seen.length, 3);
      for await (const problem of Entry.objects.verifyAll()) assert.fail(problem.reason);
    });

    test("has the defaults that functions make once for each row (S47)", async () => {
      let made = 0;
      class Entry extends HashedModel("entries", { name: text(), number: integer().default(() => ++made) }) {}
      await using _ = await open(engine, [Entry]);
      const entries = await Entry.insertMany([{ name: "a" }, { name: "a" }, { name: "a", number: 1 }], back);
      assert.equal(made, 2);
      assert.deepEqual(
        entries.map(({ number }) => number),
        [1, 2, 1],
      );
      for (const entry of entries) assert.equal(entry.id, Entry.generateId(entry.data));
      for await (const problem of Entry.objects.verifyAll()) assert.fail(problem.reason);
      const entry = await Entry.insert({ name: "b" });
      assert.equal(entry.id, Entry.generateId({ name: "b", number: 3 }));
    });

    test("by two at a time gives both the same row (S47)", async () => {
      const { url } = await engine.fresh();
      await using _ = await openAt(url, [Page]);
      const pages = await Promise.all(Array.from({ length: 8 }, () => Page.insert({ title: "a" }, back)));
      assert.equal(new Set(pages.map(({ id }) => id)).size, 1);
      assert.equal(await Page.objects.count(), 1);
    });

    test("still fails where another column must be unique (S47)", async () => {
      class Entry extends HashedModel("entries", { name: text().unique(), body: text() }) {}
      await using _ = await open(engine, [Entry]);
      await Entry.insert({ name: "a", body: "1" });
      const clash = () => Entry.insert({ name: "a", body: "2" }, back);
      assert.ok((await failureOf(clash)) instanceof UniqueViolationError);
      assert.equal((await Entry.insert({ name: "a", body: "1" }, back)).body, "1");
    });

    test("is an option of models of content alone, of these values (S47)", async () => {
      class Plain extends Model("plain", { id: integer().primaryKey(), name: text() }) {}
      await using db = await open(engine, [Page, Plain, Owner, Card]);
      const refused = [
        () => Plain.insert({ name: "a" }, back),
        () => Plain.insertMany([{ name: "a" }], back),
        () => Page.insert({ title: "a" }, { onDuplicate: "ignore" as never }),
        () => Owner.insert({ name: "x", cards: [{ title: "a" }] } as never, back),
      ];
      const texts = await statementsOf(db, async () => {
        for (const work of refused) assert.ok((await failureOf(work)) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
      assert.equal((await Plain.insert({ name: "a" }, { onDuplicate: "error" })).name, "a");
    });
  });
});

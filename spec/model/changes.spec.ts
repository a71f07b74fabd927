import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, bigint, bytes, integer, json, Model, text, timestamp, uuid } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";

class Page extends Model("pages", {
  id: integer().primaryKey(),
  title: text(),
  views: bigint().default(0n),
  meta: json<{ tags: string[]; at?: Date; deep?: { n: number } }>().nullable(),
  body: bytes().nullable(),
  seen: timestamp().nullable(),
  words: array(text()).default([]),
  token: uuid().nullable(),
}) {}

const NEW = {
  title: "a",
  meta: { tags: ["x"], deep: { n: 1 } },
  body: new Uint8Array([1, 2]),
  seen: new Date(1000),
  words: ["w"],
};

eachEngine((engine) => {
  describe("changes", () => {
    test("of an instance as loaded are none, however often its values are read (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const inserted = await Page.insert(NEW);
      const loaded = (await Page.find(inserted.id)) ?? assert.fail();
      for (const page of [inserted, loaded]) {
        assert.deepEqual(page.changes, {});
        assert.deepEqual(page.data, page.data);
        assert.deepEqual(page.changes, {});
      }
    });

    test("hold what was assigned, and not the same value assigned again (S31)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert(NEW);
      Object.assign(page, page.data);
      page.meta = { deep: { n: 1 }, tags: ["x"] };
      page.body = new Uint8Array([1, 2]);
      page.seen = new Date(1000);
      page.words = ["w"];
      assert.deepEqual(page.changes, {});
      assert.deepEqual(await statementsOf(db, () => page.save()), []);
      page.title = "b";
      page.views = 5n;
      assert.deepEqual(page.changes, { title: "b", views: 5n });
      page.title = "a";
      assert.deepEqual(page.changes, { views: 5n });
    });

    test("hold JSON, lists and bytes that were mutated, and saving them writes just those (S31)", async () => {
      await using db = await open(engine, [Page]);
      for (const how of ["inserted", "found", "updated"] as const) {
        const page = await Page.insert(NEW);
        const subject = how === "found" ? ((await Page.find(page.id)) ?? assert.fail()) : page;
        if (how === "updated") {
          const body = new Uint8Array([1, 2]);
          await subject.update({ title: "t", body, meta: { tags: ["x", "x"] }, words: ["w", "v"] });
          subject.body = body;
          await subject.save();
        }
        subject.meta?.tags.push("y");
        subject.words.push("z");
        if (subject.body !== null) subject.body[0] = 9;
        assert.deepEqual(Object.keys(subject.changes).sort(), ["body", "meta", "words"], how);
        const texts = await statementsOf(db, () => subject.save());
        assert.equal(texts.length, 1);
        assert.match(texts[0] ?? "", /set "meta" = .*, "body" = .*, "words" = /);
        assert.ok(!texts[0]?.includes('"title" ='));
        assert.deepEqual(subject.changes, {}, how);
        assert.deepEqual((await Page.find(page.id))?.data, subject.data);
        assert.equal(subject.body?.[0], 9);
        assert.equal(subject.meta?.tags.at(-1), "y");
        subject.meta?.tags.push("later");
        assert.deepEqual(Object.keys(subject.changes), ["meta"], `${how}, after the save`);
      }
    });

    test("are none where a Date that was read is mutated: it is a value of its own each time", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert(NEW);
      page.seen?.setTime(2000);
      assert.equal(page.seen?.getTime(), 1000);
      assert.deepEqual(page.changes, {});
      const given = new Date(3000);
      await page.update({ seen: given });
      given.setTime(4000);
      assert.equal(page.seen?.getTime(), 3000);
    });

    test("of a value that was given to save() are not seen through the caller's own object", async () => {
      await using _db = await open(engine, [Page]);
      const body = new Uint8Array([1]);
      const page = await Page.insert({ title: "a", body });
      body[0] = 7;
      assert.deepEqual(page.body, new Uint8Array([1]));
      await page.update({ body });
      body[0] = 8;
      assert.deepEqual(page.body, new Uint8Array([7]));
      assert.deepEqual(page.changes, {});
    });

    test("that JSON keeps in another form are none after save (S31)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      page.meta = { tags: [], at: new Date(0) };
      await page.save();
      assert.deepEqual(page.changes, {});
      assert.deepEqual(await statementsOf(db, () => page.save()), []);
    });

    test("in a form that the database has another of are none after save: a UUID in capitals (S31)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      page.token = "ABCDEF12-1234-1234-1234-123456789ABC";
      await page.save();
      assert.equal(page.token, "abcdef12-1234-1234-1234-123456789abc");
      assert.deepEqual(await statementsOf(db, () => page.save()), []);
    });

    test("are dropped by reload, and refreshed by update (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert(NEW);
      page.title = "b";
      page.words.push("q");
      await page.reload();
      assert.equal(page.title, "a");
      assert.deepEqual(page.words, ["w"]);
      assert.deepEqual(page.changes, {});
      page.title = "c";
      await page.update({ views: 1n });
      assert.deepEqual(page.changes, {});
      assert.deepEqual((await Page.find(page.id))?.title, "c");
    });

    test("to null and back are changes; undefined is a TypeError", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert(NEW);
      page.meta = null;
      assert.deepEqual(page.changes, { meta: null });
      await page.save();
      assert.equal((await Page.find(page.id))?.meta, null);
      page.meta = { tags: [] };
      assert.deepEqual(page.changes, { meta: { tags: [] } });
      assert.throws(() => Object.assign(page, { title: undefined }), TypeError);
    });

    test("of a new instance are the values that it has", () => {
      const page = new Page({ title: "a" });
      page.views = 2n;
      assert.deepEqual(page.changes, { title: "a", views: 2n });
      assert.deepEqual(page.data, { title: "a", views: 2n });
    });
  });
});

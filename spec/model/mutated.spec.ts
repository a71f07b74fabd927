import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, bytes, integer, json, Model, sql, text, timestamp } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";

interface Meta {
  at?: Date | string;
  deep?: { list: { n: number }[] };
}

class Page extends Model("pages", {
  id: integer().primaryKey(),
  name: text().default(""),
  meta: json<Meta>().nullable(),
  any: json<unknown>().nullable(),
  body: bytes().nullable(),
  times: array(timestamp()).default([]),
  parts: array(bytes()).default([]),
}) {}

const META = { deep: { list: [{ n: 1 }, { n: 2 }] } };

async function changed(page: Page): Promise<Page> {
  await page.save();
  assert.deepEqual(page.changes, {});
  const stored = (await Page.find(page.id)) ?? assert.fail();
  assert.deepEqual(stored.data, page.data);
  return stored;
}

eachEngine((engine) => {
  describe("a value that is mutated", () => {
    test("deep inside, is a change, and none once it is put back (S31)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ meta: META });
      const item = page.meta?.deep?.list[1] ?? assert.fail();
      item.n = 3;
      assert.deepEqual(Object.keys(page.changes), ["meta"]);
      item.n = 2;
      assert.deepEqual(page.changes, {});
      assert.deepEqual(await statementsOf(db, () => page.save()), []);
      page.meta?.deep?.list.reverse();
      assert.deepEqual((await changed(page)).meta?.deep?.list, [{ n: 2 }, { n: 1 }]);
    });

    test("through `data` is a change; `data` itself is a copy (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert({ meta: META, body: new Uint8Array([1]) });
      const { data } = page;
      data.name = "not this way";
      data.meta?.deep?.list.push({ n: 3 });
      data.body?.fill(9);
      assert.deepEqual(Object.keys(page.changes), ["meta", "body"]);
      assert.deepEqual((await changed(page)).body, new Uint8Array([9]));
    });

    test("as a Date in JSON is a change, before it was saved and after (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const at = new Date(0);
      const page = await Page.insert({});
      page.meta = { at };
      at.setTime(1000);
      await page.save();
      assert.equal((await Page.find(page.id))?.meta?.at, "1970-01-01T00:00:01.000Z");
      assert.deepEqual(page.changes, {});
      at.setTime(2000);
      assert.deepEqual(Object.keys(page.changes), ["meta"]);
      await page.save();
      assert.equal((await Page.find(page.id))?.meta?.at, "1970-01-01T00:00:02.000Z");
    });

    test("in a list, a Date or bytes, is a change (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await Page.insert({ times: [new Date(0)], parts: [new Uint8Array([1])] });
      const page = (await Page.find(id)) ?? assert.fail();
      page.times[0]?.setTime(1000);
      assert.deepEqual(Object.keys(page.changes), ["times"]);
      page.parts[0]?.fill(2);
      assert.deepEqual(Object.keys(page.changes), ["times", "parts"]);
      const stored = await changed(page);
      assert.deepEqual([stored.times, stored.parts], [[new Date(1000)], [new Uint8Array([2])]]);
    });

    test("while a save that updates is under way is a change afterwards (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert({ meta: META, body: new Uint8Array([1]) });
      page.meta?.deep?.list.push({ n: 3 });
      page.body?.fill(2);
      const saving = page.save();
      page.meta?.deep?.list.push({ n: 4 });
      page.body?.fill(3);
      await saving;
      assert.deepEqual(Object.keys(page.changes), ["meta", "body"]);
      const stored = (await Page.find(page.id)) ?? assert.fail();
      assert.deepEqual([stored.meta?.deep?.list.length, stored.body], [3, new Uint8Array([2])]);
      assert.equal((await changed(page)).meta?.deep?.list.length, 4);
    });

    test("while an update by that very value is under way is a change afterwards (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert({ meta: META });
      const { meta } = page;
      meta?.deep?.list.push({ n: 3 });
      const updating = page.update({ meta });
      meta?.deep?.list.push({ n: 4 });
      await updating;
      assert.equal(page.meta, meta);
      assert.deepEqual(Object.keys(page.changes), ["meta"]);
      assert.equal((await changed(page)).meta?.deep?.list.length, 4);
    });

    test("after a reload is seen in the new value, and not in the old (S31)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert({ meta: META });
      const old = page.meta;
      await page.reload();
      old?.deep?.list.pop();
      assert.deepEqual([page.meta, page.changes], [META, {}]);
      page.meta?.deep?.list.pop();
      assert.deepEqual(Object.keys(page.changes), ["meta"]);
    });

    test("before a rollback is a change after it (S31, S65)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert({ meta: META });
      await using tx = Page.objects.transaction();
      page.using(tx).meta?.deep?.list.push({ n: 3 });
      await page.save();
      assert.deepEqual(page.changes, {});
      await tx.rollback();
      assert.deepEqual(Object.keys(page.changes), ["meta"]);
      assert.equal((await changed(page)).meta?.deep?.list.length, 3);
    });

    test("by a hook is written, and is a change no more (S31, S35)", async () => {
      class Hooked extends Page {}
      Hooked.addHook("beforeUpdate", (page) => page.meta?.deep?.list.push({ n: 9 }));
      await using _db = await open(engine, [Page, Hooked]);
      const page = await Hooked.insert({ meta: META });
      const given: Meta = { deep: { list: [] } };
      await page.update({ meta: given });
      given.deep?.list.push({ n: 5 });
      assert.deepEqual([page.meta, page.changes], [{ deep: { list: [{ n: 9 }] } }, {}]);
      page.name = "x";
      await page.save();
      assert.deepEqual((await Page.find(page.id))?.meta?.deep?.list, [{ n: 9 }, { n: 9 }]);
    });
  });

  describe("JSON that is null", () => {
    test("as others may write it, is read as null without being a change (S31)", async () => {
      await using db = await open(engine, [Page]);
      const { id } = await Page.insert({ name: "a" });
      await Page.objects.setSql(sql`update pages set meta = 'null', "any" = '0' where id = ${id}`).rowcount();
      const page = (await Page.find(id)) ?? assert.fail();
      assert.deepEqual([page.meta, page.any], [null, 0]);
      assert.deepEqual(page.changes, {});
      assert.deepEqual(await statementsOf(db, () => page.save()), []);
      page.meta = { deep: { list: [] } };
      page.any = false;
      assert.deepEqual(Object.keys(page.changes), ["meta", "any"]);
      assert.equal((await changed(page)).any, false);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integer, json, Manager, Model, NotFoundError, OptimisticLockError, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Page extends Model("pages", {
  id: integer().primaryKey(),
  title: text(),
  version: integer().default(1),
  meta: json<{ n: number }>().nullable(),
}) {
  static override objects = new Manager(this);
}
class Part extends Model(
  "parts",
  { book: integer(), place: integer(), title: text() },
  { primaryKey: ["book", "place"] },
) {}

eachEngine((engine) => {
  describe("an update with conditions", () => {
    test("is one statement where they hold", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      const texts = await statementsOf(db, () =>
        page.update({ title: "b", version: page.version + 1 }, { version: page.version }),
      );
      assert.equal(texts.length, 1);
      assert.deepEqual((await Page.find(page.id))?.data, { id: page.id, title: "b", version: 2, meta: null });
      assert.deepEqual(page.changes, {});
    });

    test("that another was faster to make fails with an OptimisticLockError, the instance unchanged (S34)", async () => {
      await using db = await open(engine, [Page]);
      const { id } = await Page.insert({ title: "a", meta: { n: 1 } });
      const [mine, theirs] = [(await Page.find(id)) ?? assert.fail(), (await Page.find(id)) ?? assert.fail()];
      await theirs.update({ title: "theirs", version: 2 }, { version: 1 });
      if (mine.meta !== null) mine.meta.n = 2;
      const before = mine.data;
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => mine.update({ title: "mine", version: 2 }, { version: 1 }));
        assert.ok(error instanceof OptimisticLockError && error instanceof NotFoundError);
        assert.equal(error.name, "OptimisticLockError");
        assert.match(error.message, /this Page is there, but no longer fulfils the conditions/);
        assert.ok(!error.message.includes("mine"));
      });
      assert.deepEqual(
        texts.map((sql) => sql.split(" ")[0]),
        ["update", "select"],
      );
      assert.deepEqual([mine.data, mine.changes], [before, { meta: { n: 2 } }]);
      assert.equal((await Page.find(id))?.title, "theirs");
      await mine.reload();
      await mine.update({ title: "mine", version: mine.version + 1 }, { version: mine.version });
      assert.deepEqual((await Page.find(id))?.data, { id, title: "mine", version: 3, meta: { n: 1 } });
    });

    test("of a row that is gone fails with a NotFoundError that is no OptimisticLockError (S34)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      await Page.objects.delete("all");
      const error = await failureOf(() => page.update({ title: "b" }, { version: 1 }));
      assert.ok(error instanceof NotFoundError && !(error instanceof OptimisticLockError));
      assert.match(error.message, /not there any more/);
      assert.equal(page.title, "a");
    });

    test("finds its row by the key as it was loaded, of several columns too", async () => {
      await using _db = await open(engine, [Part]);
      const part = await Part.insert({ book: 1, place: 2, title: "a" });
      part.place = 3;
      assert.ok((await failureOf(() => part.update({}, { title: "b" }))) instanceof OptimisticLockError);
      assert.deepEqual(part.changes, { place: 3 });
      await part.update({}, { title: "a" });
      assert.deepEqual(await Part.objects.getItems(), [{ book: 1, place: 3, title: "a" }]);
    });

    test("of two at a time succeeds once", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await Page.insert({ title: "a" });
      const pages = await Promise.all([1, 2, 3, 4].map(async () => (await Page.find(id)) ?? assert.fail()));
      const results = await Promise.allSettled(
        pages.map((page, i) => page.update({ title: `${i}`, version: page.version + 1 }, { version: page.version })),
      );
      const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      assert.equal(failures.length, 3);
      for (const error of failures) assert.ok(error instanceof OptimisticLockError);
      assert.equal((await Page.find(id))?.version, 2);
    });

    test("that fails in a transaction leaves the transaction as good as before", async () => {
      await using _db = await open(engine, [Page]);
      await using tx = Page.objects.transaction();
      const page = await tx.insert({ title: "a" });
      assert.ok((await failureOf(() => page.update({ title: "b" }, { version: 9 }))) instanceof OptimisticLockError);
      await page.update({ title: "c" }, { version: 1 });
      await tx.commit();
      assert.equal((await Page.find(page.id))?.title, "c");
    });
  });
});

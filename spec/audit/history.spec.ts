import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeletedModel, IntegrityError, NotFoundError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Doc, Page } from "./models.js";

/** Lets the clock go on, so that versions have times of their own. */
const tick = async (): Promise<Date> => {
  const start = Date.now();
  while (Date.now() <= start + 1) await new Promise((resolve) => setTimeout(resolve, 1));
  return new Date();
};

describe("histories", () => {
  eachEngine((engine) => {
    test("are the versions of a record, oldest first, with what changed; one query", async () => {
      await using db = await open(engine, [Doc]);
      const doc = await Doc.insert({ title: "a" });
      const ids = [doc.id];
      await doc.update({ title: "b", body: "x" });
      ids.push(doc.id);
      await doc.update({ stars: 3 });
      await doc.update({ body: null });
      ids.push(doc.id);
      // Another record's versions are not among them.
      await (await Doc.insert({ title: "other" })).update({ title: "b" });
      let versions: Awaited<ReturnType<Doc["history"]>> = [];
      const texts = await statementsOf(db, async () => {
        versions = await doc.history();
      });
      assert.equal(texts.length, 1);
      assert.deepEqual(
        versions.map(({ id }) => id),
        ids,
      );
      assert.deepEqual(
        versions.map(({ data }) => [data.previousId, data.title, data.body, data.stars]),
        [
          [null, "a", null, 0],
          [ids[0], "b", "x", 3],
          [ids[1], "b", null, 3],
        ],
      );
      assert.deepEqual(Object.keys(versions[0]?.changes ?? {}), []);
      assert.deepEqual(versions[1]?.changes.title, { from: "a", to: "b" });
      assert.deepEqual(versions[2]?.changes.body, { from: "x", to: null });
      assert.equal(versions[2]?.until, null);
      assert.ok(versions[0]?.until && versions[1]?.until && versions[0].until <= versions[1].until);
      const [found] = await Doc.objects.getInstances({ where: { id: doc.id } });
      assert.equal((await found?.history())?.length, 3);
    });

    test("tell how a record was at a time, or by an id", async () => {
      await using _ = await open(engine, [Doc]);
      const doc = await Doc.insert({ title: "a" });
      const { id } = doc;
      const first = await tick();
      await tick();
      await doc.update({ title: "b" });
      const second = await tick();
      await tick();
      await doc.update({ title: "c" });
      assert.equal((await doc.asOf(first))?.title, "a");
      assert.equal((await doc.asOf(second))?.title, "b");
      assert.equal((await doc.asOf(new Date()))?.title, "c");
      assert.equal((await doc.asOf(id))?.title, "a");
      assert.equal(await doc.asOf("unknown"), null);
      assert.deepEqual((await doc.diff(id, doc.id)).title, { from: "a", to: "c" });
      assert.equal((await doc.diff(id, doc.id)).body, undefined);
      assert.ok((await failureOf(() => doc.diff(id, "unknown"))) instanceof NotFoundError);
    });

    test("are gone back in by new versions", async () => {
      await using _ = await open(engine, [Doc]);
      const doc = await Doc.insert({ title: "a", stars: 1 });
      const { id, createdAt } = doc;
      await doc.update({ title: "b", body: "x", stars: 2 });
      const second = doc.id;
      assert.equal(await doc.revertTo(id), doc);
      assert.deepEqual([doc.title, doc.body, doc.stars, doc.previousId], ["a", null, 1, second]);
      assert.deepEqual(doc.createdAt, createdAt);
      assert.notEqual(doc.id, id);
      assert.equal((await doc.history()).length, 3);
      assert.equal(await doc.verify(), true);
      assert.ok((await failureOf(() => doc.revertTo("unknown"))) instanceof NotFoundError);
      assert.equal((await doc.history()).length, 3);
    });

    test("go on after a delete and a restore", async () => {
      await using _ = await open(engine, [Doc]);
      const doc = await Doc.insert({ title: "a" });
      await doc.update({ title: "b" });
      const restored = await (await doc.delete()).restore();
      await restored.update({ title: "c" });
      assert.deepEqual(
        (await restored.history()).map(({ data }) => data.title),
        ["a", "b", "c"],
      );
      for await (const problem of Doc.objects.verifyAll()) assert.fail(problem.reason);
    });

    test("go through a version that was restored beside those after it", async () => {
      await using _ = await open(engine, [Doc]);
      const doc = await Doc.insert({ title: "a" });
      for (const title of ["b", "c"]) await doc.update({ title });
      const second = await DeletedModel.objects.get({ where: { recordId: doc.previousId ?? "" } });
      await second.restore();
      assert.equal(await doc.verify(), true);
      const versions = await doc.history();
      assert.deepEqual(
        versions.map(({ data }) => data.title),
        ["a", "b", "c"],
      );
      assert.equal((await doc.asOf(new Date()))?.title, "c");
      for await (const problem of Doc.objects.verifyAll()) assert.fail(problem.reason);
    });

    test("of a version that was purged say so", async () => {
      await using _ = await open(engine, [Doc]);
      const doc = await Doc.insert({ title: "a" });
      await doc.update({ title: "b" });
      await DeletedModel.purge({ before: new Date(Date.now() + 1000), model: Doc });
      assert.ok((await failureOf(() => doc.history())) instanceof IntegrityError);
      assert.equal(await doc.verify(), false);
    });

    test("are read in the transaction that their instance is in", async () => {
      await using db = await open(engine, [Doc]);
      await db.begin(async (tx) => {
        const doc = await Doc.objects.using(tx).insert({ title: "a" });
        await doc.update({ title: "b" });
        assert.equal((await doc.history()).length, 2);
        assert.equal(await doc.verify(), true);
      });
    });

    test("of a model that keeps none are no methods", async () => {
      await using _ = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      assert.equal("history" in page, false);
      assert.equal("previousId" in page, false);
    });
  });
});

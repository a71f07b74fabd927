import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  DeletedModel,
  deleteFrom,
  HashedModel,
  IntegrityError,
  integer,
  NotFoundError,
  OptimisticLockError,
  sql,
  text,
  UniqueViolationError,
  UsageError,
  updateTable,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, openAt, statementsOf } from "../support/open.js";
import { Card, Doc, Node, Note, Owner, Page } from "./models.js";

const problems = async (model: { objects: { verifyAll(): AsyncIterable<object> } }): Promise<object[]> => {
  const found: object[] = [];
  for await (const problem of model.objects.verifyAll()) found.push(problem);
  return found;
};

describe("updates of rows whose ids are made of content", () => {
  eachEngine((engine) => {
    test("only columns out of the hash: in place, with the same id and no tombstone (S42)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      const { id } = page;
      const texts = await statementsOf(db, () => page.update({ views: 5 }));
      assert.equal(texts.length, 1);
      page.views = 6;
      await page.save();
      assert.equal(await Page.objects.update({ title: "a" }, { views: sql`views + 1` }), 1);
      assert.equal(await Page.objects.bulkUpdate([{ id, views: 8 }]), 1);
      page.views = 9;
      assert.equal(await Page.objects.bulkUpdate([page]), 1);
      const [kept] = await Page.objects.getInstances();
      assert.deepEqual(kept?.data, { id, title: "a", body: null, views: 9 });
      assert.equal(await DeletedModel.objects.count(), 0);
    });

    test("a hashed column: a new record, a tombstone of the old, and the instance has the new id (S43)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a", views: 3 });
      const { id } = page;
      const texts = await statementsOf(db, async () => assert.equal(await page.update({ title: "b" }), page));
      assert.equal(texts.length, 3, texts.join("\n"));
      assert.equal(page.id, Page.generateId({ title: "b" }));
      assert.notEqual(page.id, id);
      assert.deepEqual(page.changes, {});
      assert.deepEqual(
        (await Page.objects.getInstances()).map(({ data }) => data),
        [{ id: page.id, title: "b", body: null, views: 3 }],
      );
      const [tombstone, ...others] = await DeletedModel.records(Page);
      assert.equal(others.length, 0);
      assert.equal(tombstone?.recordId, id);
      assert.deepEqual(tombstone?.values(), { id, title: "a", body: null, views: 3 });
      // The instance goes on from there.
      page.title = "c";
      await page.save();
      assert.equal((await Page.find(page.id))?.title, "c");
      assert.equal(await DeletedModel.objects.count(), 2);
    });

    test("what is assigned to the id is not heard (S41)", async () => {
      await using _ = await open(engine, [Page, Doc]);
      const page = await Page.insert({ title: "a" });
      const { id } = page;
      page.id = "mine";
      await page.save();
      assert.equal(page.id, id);
      await page.update({ id: "mine", views: 1 });
      assert.equal(page.id, id);
      await page.update({ id: "mine", title: "b" });
      assert.equal(page.id, Page.generateId({ title: "b" }));
      const doc = await Doc.insert({ title: "a" });
      await doc.update({ previousId: "mine", title: "b" });
      assert.equal(doc.previousId, Doc.generateId({ title: "a" }));
    });

    test("an update to the same values changes nothing, also of columns that were not selected (S43)", async () => {
      await using _ = await open(engine, [Doc]);
      const { id } = await Doc.insert({ title: "a" });
      const partial = await Doc.query().select(["id", "stars"]).find(id);
      await partial?.update({ title: "a", stars: 1 });
      assert.deepEqual(
        (await Doc.objects.getInstances()).map((doc) => [doc.id, doc.stars, doc.previousId]),
        [[id, 1, null]],
      );
      assert.equal(partial?.id, id);
      assert.equal(await DeletedModel.objects.count(), 0);
      const other = await Doc.query().select(["id"]).find(id);
      await other?.update({ title: "b" });
      assert.equal(await other?.verify(), true);
      assert.equal(await DeletedModel.objects.count(), 1);
    });

    test("conditions that don't hold change nothing, and leave an outer transaction good (S43)", async () => {
      await using db = await open(engine, [Page]);
      const page = await Page.insert({ title: "a", views: 1 });
      const { id } = page;
      assert.ok((await failureOf(() => page.update({ title: "b" }, { views: 2 }))) instanceof OptimisticLockError);
      assert.equal(page.id, id);
      await db.begin(async (tx) => {
        const mine = await Page.objects.using(tx).get({ where: { id } });
        assert.ok((await failureOf(() => mine.update({ title: "b" }, { views: 2 }))) instanceof OptimisticLockError);
        await mine.update({ title: "c" }, { views: 1 });
      });
      assert.deepEqual(
        (await DeletedModel.records(Page)).map(({ recordId }) => recordId),
        [id],
      );
      assert.equal((await Page.objects.get()).title, "c");
      const gone = await failureOf(() => page.update({ title: "d" }, { views: 1 }));
      assert.ok(gone instanceof NotFoundError, String(gone));
    });

    test("content that another row has is refused, and nothing is lost (S43)", async () => {
      await using _ = await open(engine, [Page]);
      const page = await Page.insert({ title: "a" });
      await Page.insert({ title: "b" });
      const { id } = page;
      assert.ok((await failureOf(() => page.update({ title: "b" }))) instanceof UniqueViolationError);
      assert.equal(page.id, id);
      assert.equal(await Page.objects.count(), 2);
      assert.equal(await DeletedModel.objects.count(), 0);
    });

    test("of updates at a time from several instances all but one fail, and nothing is lost (S43)", async () => {
      const { url } = await engine.fresh();
      await using _ = await openAt(url, [Page]);
      const { id } = await Page.insert({ title: "a" });
      const pages = await Promise.all(Array.from({ length: 6 }, () => Page.objects.get()));
      const results = await Promise.allSettled(pages.map((page, i) => page.update({ title: `b${i}` })));
      const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
      assert.equal(failed.length, 5);
      for (const error of failed) assert.ok(error instanceof NotFoundError, String(error));
      assert.equal(await Page.objects.count(), 1);
      assert.deepEqual(
        (await DeletedModel.records(Page)).map(({ recordId }) => recordId),
        [id],
      );
      assert.deepEqual(await problems(Page), []);
      const winner = results.findIndex(({ status }) => status === "fulfilled");
      const { id: now } = await Page.objects.get();
      assert.deepEqual(
        pages.map((page) => page.id),
        pages.map((_, i) => (i === winner ? now : id)),
      );
      const loser = pages[winner === 0 ? 1 : 0];
      assert.ok((await failureOf(() => loser?.delete())) instanceof NotFoundError);
    });

    test("a rollback of an outer transaction puts instances back (S43)", async () => {
      await using db = await open(engine, [Doc]);
      const [doc, other] = await Doc.insertMany([{ title: "a" }, { title: "x" }]);
      assert.ok(doc && other);
      const before = doc.data;
      const stop = new Error("stop");
      const error = await failureOf(() =>
        db.begin(async (tx) => {
          await doc.using(tx).update({ title: "b" });
          await doc.update({ title: "c", stars: 2 });
          const tombstone = await other.using(tx).delete();
          const restored = await tombstone.restore();
          assert.equal(await restored.verify(), true);
          await restored.delete();
          throw stop;
        }),
      );
      assert.equal(error, stop);
      assert.deepEqual(doc.data, before);
      assert.equal(await Doc.objects.count(), 2);
      assert.equal(await DeletedModel.objects.count(), 0);
      await doc.update({ title: "d" });
      await other.update({ title: "y" });
      assert.deepEqual(await problems(Doc), []);
    });

    test("what others wrote to columns out of the hash is in the tombstone, and in the new record (S43)", async () => {
      await using _ = await open(engine, [Page]);
      const stale = await Page.insert({ title: "a" });
      await Page.objects.update({ id: stale.id }, { views: 7 });
      await stale.update({ title: "b" });
      const [tombstone] = await DeletedModel.records(Page);
      assert.equal(tombstone?.values().views, 7);
      assert.equal((await Page.objects.get()).views, 7);
    });

    test("kept times go with an update: createdAt stays, updatedAt moves (S43)", async () => {
      await using _ = await open(engine, [Note]);
      const at = new Date("2020-01-01T00:00:00.001Z");
      const note = await Note.insert({ title: "a", createdAt: at, updatedAt: at });
      await note.update({ title: "b" });
      assert.deepEqual(note.createdAt, at);
      assert.ok(note.updatedAt > at);
      const row = await Note.objects.get();
      assert.deepEqual([row.createdAt, row.updatedAt, row.loud], [at, note.updatedAt, "B"]);
      const [tombstone] = await DeletedModel.records(Note);
      assert.deepEqual(tombstone?.values().updatedAt, at);
    });

    test("saving contains gives the holder another id, which the instance takes (S58)", async () => {
      await using _ = await open(engine, [Node]);
      const [root, other, leaf] = await Node.insertMany([{ name: "root" }, { name: "other" }, { name: "leaf" }]);
      assert.ok(root && other && leaf);
      const { id } = leaf;
      leaf.parents.secondary = [root, other];
      await leaf.parents.save();
      assert.equal(leaf.id, Node.generateId({ name: "leaf", parentIds: [root.id, other.id].sort().join() }));
      assert.equal(await leaf.verify(), true);
      assert.deepEqual(
        (await DeletedModel.records(Node)).map(({ recordId }) => recordId),
        [id],
      );
      await leaf.parents.save();
      assert.equal(await DeletedModel.objects.count(), 1);
      assert.deepEqual(
        (await root.children.fetchAll()).map((child) => child.id),
        [leaf.id],
      );
    });

    test("saving within gives those that hold ids other ids, which instances take (S58)", async () => {
      await using _ = await open(engine, [Node]);
      const [root, kept, taken, left] = await Node.insertMany(
        ["root", "kept", "taken", "left"].map((name) => ({ name })),
      );
      assert.ok(root && kept && taken && left);
      root.children.secondary = [kept, left];
      await root.children.save();
      const { id } = kept;
      root.children.secondary = [kept, taken, new Node({ name: "new" })];
      await root.children.save();
      assert.equal(kept.id, id);
      assert.equal(left.parentIds, "");
      for (const node of [root, kept, taken, left]) {
        assert.equal(await node.verify(), true);
        assert.equal(node.id, Node.generateId(node.data));
      }
      assert.deepEqual(await problems(Node), []);
      assert.equal((await (await root.reload()).children.fetchAll()).length, 3);
    });

    test("relations that write hashed keys give the rows other ids, which instances take (S43)", async () => {
      await using _ = await open(engine, [Owner, Card]);
      const owner = await Owner.insert({ name: "o" });
      const [a, b] = await Card.insertMany([{ title: "a" }, { title: "b" }]);
      assert.ok(a && b);
      const check = async (): Promise<void> => {
        for (const card of [a, b]) {
          assert.equal(card.id, Card.generateId(card.data));
          assert.equal(await card.verify(), true);
        }
        assert.deepEqual(await problems(Card), []);
      };
      await owner.cards.add(a, b);
      assert.deepEqual([a.ownerId, b.ownerId], [owner.id, owner.id]);
      await check();
      assert.equal(await DeletedModel.objects.count(), 2);
      await owner.cards.add(a);
      assert.equal(await DeletedModel.objects.count(), 2);
      await owner.cards.remove(b);
      assert.equal(b.ownerId, null);
      await check();
      owner.cards.secondary = [a, b];
      await owner.cards.save();
      await check();
      owner.cards.secondary = [b, new Card({ title: "c" })];
      await owner.cards.save();
      assert.deepEqual([a.ownerId, b.ownerId], [null, owner.id]);
      await check();
      owner.first.secondary = b;
      await owner.first.save();
      assert.deepEqual(
        (await Card.objects.getInstances({ where: { ownerId: owner.id } })).map(({ id }) => id),
        [b.id],
      );
      await check();
      await owner.cards.clear();
      assert.equal(await Card.objects.count({ where: { ownerId: null } }), 3);
      await Owner.insert({ name: "p", cards: [{ title: "x" }] });
      assert.deepEqual(await problems(Card), []);
    });

    test("saving belongsTo gives the holder another id, which the instance takes (S58)", async () => {
      await using _ = await open(engine, [Owner, Card]);
      const owner = await Owner.insert({ name: "o" });
      const card = await Card.insert({ title: "a" });
      const { id } = card;
      card.title = "unsaved";
      card.owner.secondary = owner;
      await card.owner.save();
      assert.equal(card.id, Card.generateId({ title: "a", ownerId: owner.id }));
      assert.deepEqual(card.changes, { title: "unsaved" });
      assert.equal(await card.verify(), true);
      const [tombstone] = await DeletedModel.records(Card);
      assert.equal(tombstone?.recordId, id);
      card.owner.secondary = new Owner({ name: "new" });
      await card.owner.save();
      assert.equal(await card.verify(), true);
      await card.save();
      assert.equal(card.id, Card.generateId({ title: "unsaved", ownerId: card.ownerId }));
      assert.deepEqual(await problems(Card), []);
    });

    test("an upsert finds its row by its content, and sets what is out of the hash (S42)", async () => {
      await using _ = await open(engine, [Page]);
      const page = await Page.insert({ title: "a", views: 1 });
      const same = await Page.objects.upsert({ title: "a", views: 2 });
      assert.deepEqual([same.id, same.views], [page.id, 2]);
      const [one, two] = await Page.objects.upsertMany([
        { title: "a", views: 3 },
        { title: "b", views: 4 },
      ]);
      assert.deepEqual([one?.id, one?.views, two?.id], [page.id, 3, Page.generateId({ title: "b" })]);
      assert.equal(await Page.objects.count(), 2);
      assert.equal(await DeletedModel.objects.count(), 0);
    });

    test("a unit of work saves new rows, and columns out of the hash, and refuses others (S42)", async () => {
      class Hooked extends HashedModel("hooked", { title: text(), views: integer().default(0).excludedFromHash() }) {
        beforeUpdate() {
          if (this.views === 13) this.title = "changed";
        }
      }
      await using db = await open(engine, [Page, Hooked]);
      const page = await Page.insert({ title: "a" });
      const hooked = await Hooked.insert({ title: "a" });
      await db.begin(async (session) => {
        page.views = 5;
        hooked.views = 5;
        const fresh = new Page({ title: "b" });
        await session.saveAll([page, fresh, hooked]);
        assert.equal(fresh.id, Page.generateId({ title: "b" }));
      });
      assert.equal((await Page.find(page.id))?.views, 5);
      hooked.views = 13;
      await assert.rejects(
        db.begin((session) => session.saveAll([hooked])),
        UsageError,
      );
      await db.query(sql`update pages set title = ${"forged"} where id = ${page.id}`);
      const forged = await Page.objects.get({ where: { id: page.id } });
      forged.views = 6;
      await assert.rejects(
        db.begin((session) => session.saveAll([forged])),
        IntegrityError,
      );
      assert.equal(await Page.objects.count(), 2);
      assert.equal(await Hooked.objects.count(), 1);
    });

    test("a change of others' rows that is rolled back leaves their instances as they were (S43)", async () => {
      await using db = await open(engine, [Owner, Card]);
      const owner = await Owner.insert({ name: "o" });
      const card = await Card.insert({ title: "a" });
      const { id } = card;
      await failureOf(() =>
        db.begin(async (tx) => {
          await owner.using(tx).cards.add(card.using(tx));
          assert.notEqual(card.id, id);
          throw new Error("stop");
        }),
      );
      assert.deepEqual([card.id, card.ownerId], [id, null]);
      assert.equal(await card.verify(), true);
    });

    test("updateOrCreate changes content as an update of the instance does (S43)", async () => {
      await using _ = await open(engine, [Page]);
      const [page, created] = await Page.objects.updateOrCreate({ title: "a" }, { body: "x" });
      assert.equal(created, true);
      const [same, again] = await Page.objects.updateOrCreate({ title: "a" }, { body: "y" });
      assert.equal(again, false);
      assert.equal(same.id, Page.generateId({ title: "a", body: "y" }));
      assert.deepEqual(
        (await DeletedModel.records(Page)).map(({ recordId }) => recordId),
        [page.id],
      );
      const [found] = await Page.objects.getOrCreate({ title: "a" });
      assert.equal(found.id, same.id);
    });
  });
});

describe("what would change content in place", () => {
  eachEngine((engine) => {
    test("is a UsageError before any SQL (S43)", async () => {
      await using db = await open(engine, [Page, Card, Owner]);
      const page = await Page.insert({ title: "a" });
      const changed = await Page.objects.get();
      changed.title = "b";
      const refused: Record<string, () => unknown> = {
        "Manager.update": () => Page.objects.update({ title: "a" }, { title: "b" }),
        "Manager.update of the id": () => Page.objects.update({ title: "a" }, { id: "b" }),
        "Manager.update by SQL": () => Page.objects.update("all", { title: sql`title || 'x'` }),
        "query().update": () => Page.query({ title: "a" }).update({ title: "b" }),
        updateTable: () => db.session().execute(updateTable(Page).values({ title: "b" }).where({ title: "a" })),
        bulkUpdate: () => Page.objects.bulkUpdate([{ id: page.id, title: "b" }]),
        "bulkUpdate of an instance": () => Page.objects.bulkUpdate([changed]),
        "upsert on another column": () => Page.objects.upsert({ title: "a", body: "b" }, { on: "title" }),
        "saveAll of a changed instance": () => db.session().saveAll([changed]),
        deleteFrom: () => deleteFrom(Page),
        "delete without a condition": () => Page.objects.delete({}),
        "a graph with onDuplicate": () =>
          Owner.insert({ name: "x", cards: [{ title: "a" }] } as never, { onDuplicate: "return" }),
      };
      for (const [name, work] of Object.entries(refused)) {
        let error: Error | undefined;
        const texts = await statementsOf(db, async () => {
          error = await failureOf(work);
        });
        assert.ok(error instanceof UsageError, `${name}: ${error}`);
        assert.deepEqual(texts, [], name);
      }
      assert.equal(await Page.objects.count(), 1);
      assert.equal(await page.verify(), true);
    });
  });
});

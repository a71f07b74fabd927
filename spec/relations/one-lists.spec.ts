import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { contains, integer, Model, NotFoundError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { idsOf, LISTED, Node, Shelf, Thing, Word } from "./one-models.js";
import { countOf } from "./one-world.js";

class Misdeclared extends Model("misdeclared", { id: integer().primaryKey(), ids: integer() }) {
  get nodes() {
    return contains(this, Node, "ids");
  }
  get words() {
    return contains(this, Word);
  }
}

/** Nodes with these ids. */
const nodes = (...ids: number[]) => Node.objects.insertMany(ids.map((id) => ({ id, name: `n${id}` })));

const idsText = async (id: number) => (await Node.objects.get({ where: { id } })).nodeIds;

eachEngine((engine) => {
  describe("ids in a text", () => {
    test("are sorted and joined by commas, in one statement, and none in one of nothing (S56)", async () => {
      await using db = await open(engine, LISTED);
      const [one, ten, two, eleven] = await nodes(1, 10, 2, 11);
      assert.ok(one && ten && two && eleven);
      one.parents.secondary = [two, eleven, ten, two];
      assert.equal(await countOf(db, () => one.parents.save()), 1);
      assert.deepEqual([one.nodeIds, await idsText(1)], ["10,11,2", "10,11,2"]);
      assert.deepEqual(idsOf(one.parents), [2, 11, 10]);
      one.parents.secondary = [ten, two, eleven];
      assert.deepEqual(await statementsOf(db, () => one.parents.save()), []);
      assert.deepEqual(idsOf((await one.parents.reload()).secondary), [2, 10, 11]);
      one.parents.secondary = [];
      await one.parents.save();
      assert.deepEqual([one.nodeIds, await idsText(1)], ["", ""]);
      const texts = await statementsOf(db, async () => {
        assert.deepEqual([await one.parents.fetchAll(), await one.parents.count()], [[], 0]);
      });
      assert.deepEqual(texts, []);
    });

    test("are matched whole: 1 is neither 11 nor 21 (S56)", async () => {
      await using db = await open(engine, LISTED);
      await nodes(1, 2, 11, 21, 111);
      await Node.objects.update({ id: 2 }, { nodeIds: "11,21" });
      await Node.objects.update({ id: 111 }, { nodeIds: "1,11" });
      const texts = await statementsOf(db, async () => {
        const all = await Node.objects.getInstances({ orderBy: "id" });
        const found = [];
        for (const node of all)
          found.push([node.id, idsOf(await node.parents.fetchAll()), idsOf(await node.children.fetchAll())]);
        assert.deepEqual(found, [
          [1, [], [111]],
          [2, [11, 21], []],
          [11, [], [2, 111]],
          [21, [], [2]],
          [111, [1, 11], []],
        ]);
      });
      assert.equal(texts.length, 3);
      const one = await Node.objects.get({ where: { id: 1 } });
      assert.deepEqual([idsOf(await one.children.query().get()), await one.children.count()], [[111], 1]);
      const two = await Node.objects.get({ where: { id: 2 } });
      assert.deepEqual([idsOf(await two.parents.query().get()), await two.parents.count()], [[11, 21], 2]);
      assert.deepEqual(idsOf(await two.parents.filter(Node.c.id.gt(11)).fetchAll()), [21]);
    });

    test("with stray commas, or what can't be an id, are read without, and written without (S56)", async () => {
      await using _db = await open(engine, LISTED);
      const [one] = await nodes(1, 2, 3);
      assert.ok(one !== undefined);
      for (const stray of [",2,,3,", "2,3,x,99999999999999999999", "1.5,2,3,-"]) {
        await one.update({ nodeIds: stray });
        const read = await Node.objects.get({ where: { id: 1 } });
        assert.deepEqual(idsOf(await read.parents.fetchAll()), [2, 3]);
      }
      await one.update({ nodeIds: ",,3,," });
      const two = await Node.objects.get({ where: { id: 2 } });
      two.children.secondary = [one];
      await two.children.save();
      assert.equal(await idsText(1), "2,3");
      await one.update({ nodeIds: "," });
      const empty = await Node.objects.get({ where: { id: 1 } });
      assert.deepEqual(await empty.parents.fetchAll(), []);
    });

    test("may be text or uuids; one with a comma is a UsageError, and nothing is written (S56)", async () => {
      await using db = await open(engine, LISTED);
      const things = await Thing.objects.insertMany([{ id: randomUUID() }, { id: randomUUID() }]);
      const words = await Word.objects.insertMany(["b", "a", "a b", "%", "ab"].map((id) => ({ id })));
      const comma = await Word.objects.insert({ id: "a,b" });
      const shelf = await Shelf.objects.insert({ id: "s" });
      shelf.things.secondary = things;
      shelf.words.secondary = words;
      await shelf.things.save();
      await shelf.words.save();
      assert.deepEqual(shelf.data, {
        id: "s",
        wordIds: "%,a,a b,ab,b",
        listed: idsOf(things).sort().join(","),
      });
      const read = await Shelf.objects.get({ prefetch: ["words", "things"] });
      assert.deepEqual([idsOf(read.words), idsOf(read.things)], [idsOf(words).sort(), idsOf(things).sort()]);
      const [thing] = await Thing.objects.getInstances();
      assert.deepEqual(idsOf((await thing?.shelves.fetchAll()) ?? []), ["s"]);
      assert.deepEqual(idsOf(await (await Word.objects.get({ where: { id: "%" } })).shelves.fetchAll()), ["s"]);
      shelf.words.secondary = [comma];
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => shelf.words.save())) instanceof UsageError);
        assert.ok((await failureOf(() => comma.shelves.fetchAll())) instanceof UsageError);
      });
      assert.deepEqual([texts, shelf.wordIds], [[], "%,a,a b,ab,b"]);
      await shelf.update({ listed: "nonsense" });
      assert.deepEqual(await (await Shelf.objects.get()).things.fetchAll(), []);
    });

    test("are null where the column is, which is none", async () => {
      await using db = await open(engine, LISTED);
      const shelf = await Shelf.objects.insert({ id: "s" });
      assert.equal(shelf.wordIds, null);
      const texts = await statementsOf(db, async () => {
        assert.deepEqual([await shelf.words.fetchAll(), await shelf.words.exists()], [[], false]);
      });
      assert.deepEqual(texts, []);
    });
  });

  describe("a relation by ids in a text", () => {
    test("seen from the other side is written in two statements: those who gain the id, and those who lose it (S52)", async () => {
      await using db = await open(engine, LISTED);
      const [one, two, three, four] = await nodes(1, 2, 3, 4);
      assert.ok(one && two && three && four);
      three.parents.secondary = [four];
      await three.parents.save();
      three.name = "dirty";
      one.children.secondary = [two, three];
      assert.equal(await countOf(db, () => one.children.save()), 2);
      assert.deepEqual([await idsText(2), await idsText(3), two.nodeIds, three.nodeIds], ["1", "1,4", "1", "1,4"]);
      assert.deepEqual(three.changes, { name: "dirty" });
      assert.deepEqual(await statementsOf(db, () => one.children.save()), []);
      one.children.secondary = [four, new Node({ name: "new" })];
      assert.equal(await countOf(db, () => one.children.save()), 3);
      assert.deepEqual([await idsText(2), await idsText(3), await idsText(4)], ["", "4", "1"]);
      assert.deepEqual([two.nodeIds, three.nodeIds, four.nodeIds], ["", "4", "1"]);
      const fresh = one.children.at(-1);
      assert.equal(await idsText(fresh?.id ?? 0), "1");
    });

    test("keeps the ids of all who write theirs to the same row at the same time (S56)", async () => {
      await using _db = await open(engine, LISTED);
      const [one, two, three] = await nodes(1, 2, 3);
      assert.ok(one && two && three);
      for (let round = 0; round < 5; round++) {
        const parents = [one, two];
        for (const parent of parents) parent.children.secondary = [await Node.objects.get({ where: { id: 3 } })];
        await Promise.all(parents.map((parent) => parent.children.save()));
        assert.equal(await idsText(3), "1,2");
        await three.reload();
        three.parents.secondary = [];
        await three.parents.save();
      }
    });

    test("is prefetched for each owner with a limit and an offset (Q15)", async () => {
      await using _db = await open(engine, LISTED);
      const [one] = await nodes(1, 2, 3, 4);
      assert.ok(one);
      one.parents.secondary = await Node.objects.getInstances({ where: { id: [2, 3, 4] } });
      await one.parents.save();
      const prefetch = { parents: { limit: 1, offset: 1, orderBy: "-id" } } as const;
      const [found] = await Node.objects.getInstances({ where: { id: 1 }, prefetch });
      assert.deepEqual(idsOf(found?.parents.secondary ?? []), [3]);
    });

    test("is known on both sides right after a write, without a query", async () => {
      await using db = await open(engine, LISTED);
      const [one, two, three] = await nodes(1, 2, 3);
      assert.ok(one && two && three);
      for (const node of [one, two, three]) await node.children.fetchAll();
      one.parents.secondary = [two, three];
      await one.parents.save();
      const texts = await statementsOf(db, () => {
        assert.deepEqual(
          [two, three].map(({ children }) => idsOf(children)),
          [[1], [1]],
        );
      });
      one.parents.secondary = [three];
      await one.parents.save();
      two.children.secondary = [three];
      await two.children.save();
      texts.push(
        ...(await statementsOf(db, () => {
          assert.deepEqual(
            [one, two, three].map(({ children }) => idsOf(children)),
            [[], [3], [1]],
          );
        })),
      );
      assert.deepEqual(texts, []);
      assert.equal(three.nodeIds, "2");
    });

    test("keeps one of the same row, though it is another instance", async () => {
      await using _db = await open(engine, LISTED);
      const [one, two] = await nodes(1, 2);
      assert.ok(one && two);
      one.parents.secondary = [two];
      await one.parents.save();
      await two.children.fetchAll();
      one.parents.secondary = [await Node.objects.get({ where: { id: 2 } })];
      await one.parents.save();
      assert.deepEqual(idsOf(two.children), [1]);
      // What this instance knows of its row is old.
      const old = await Node.objects.get({ where: { id: 1 } });
      await Node.objects.update({ id: 1 }, { nodeIds: "1,2" });
      one.children.secondary = [old];
      await one.children.save();
      assert.deepEqual([old.nodeIds, idsOf(one.children)], ["1,2", [1]]);
    });

    test("with a row that is gone is a NotFoundError, and nothing is written", async () => {
      await using _db = await open(engine, LISTED);
      const [one, two, three] = await nodes(1, 2, 3);
      assert.ok(one && two && three);
      await Node.objects.delete({ id: 3 });
      one.children.secondary = [two, three];
      await assert.rejects(one.children.save(), NotFoundError);
      assert.deepEqual([await idsText(2), two.nodeIds], ["", ""]);
      three.parents.secondary = [one];
      await assert.rejects(three.parents.save(), NotFoundError);
    });

    test("of an unsaved node has none that hold it, and those whose ids it was given (Q4)", async () => {
      await using db = await open(engine, LISTED);
      await nodes(1);
      const node = new Node({ id: 1, name: "n", nodeIds: "1" });
      assert.deepEqual(await statementsOf(db, () => node.children.fetchAll()), []);
      assert.deepEqual(idsOf(await node.parents.fetchAll()), [1]);
    });

    test("in a column that is no text, or not there, is a TypeError that names it", () => {
      const wrong = new Misdeclared({});
      assert.throws(
        () => wrong.nodes,
        (error) => error instanceof TypeError && error.message.includes("misdeclared.ids"),
      );
      assert.throws(
        () => wrong.words,
        (error) => error instanceof TypeError && error.message.includes("wordIds"),
      );
    });
  });
});

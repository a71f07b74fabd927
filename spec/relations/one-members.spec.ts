import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NotFoundError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { BLOG, Post, Visit } from "./one-models.js";
import { countOf, people, postsOf, rows, titles } from "./one-world.js";

eachEngine((engine) => {
  describe("hasMany", () => {
    test("add, remove, clear and set are a statement or two, and do nothing twice (Q6)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [x, y, z] = await postsOf(null, "x", "y", "z");
      assert.ok(x !== undefined && y !== undefined && z !== undefined);
      await ann.posts.fetchAll();
      assert.equal(await countOf(db, () => ann.posts.add(x, y, x)), 1);
      await ann.posts.add(x);
      assert.deepEqual([titles(ann.posts), await rows()], [["x", "y"], { x: ann.id, y: ann.id, z: null }]);
      assert.equal(await countOf(db, () => ann.posts.remove(x)), 1);
      await bob.posts.add(z);
      await ann.posts.remove(x, z);
      assert.deepEqual([titles(ann.posts), await rows()], [["y"], { x: null, y: ann.id, z: bob.id }]);
      assert.deepEqual([x.author.secondary, z.author.secondary], [null, bob]);
      assert.equal(await countOf(db, () => ann.posts.set(z, x)), 2);
      assert.deepEqual([titles(ann.posts), await rows()], [["z", "x"], { x: ann.id, y: null, z: ann.id }]);
      assert.equal(y.authorId, null);
      await ann.posts.set(z, x);
      assert.equal(await countOf(db, () => ann.posts.clear()), 1);
      await ann.posts.clear();
      assert.deepEqual([titles(ann.posts), await rows()], [[], { x: null, y: null, z: null }]);
      assert.deepEqual(
        [x, y, z].map(({ authorId }) => authorId),
        [null, null, null],
      );
      await ann.posts.set(y);
      await ann.posts.set();
      assert.deepEqual([titles(ann.posts), await rows()], [[], { x: null, y: null, z: null }]);
      assert.deepEqual(await statementsOf(db, () => Promise.all([ann.posts.add(), ann.posts.remove()])), []);
    });

    test("set and clear take the place of what was assigned, and add and remove change it", async () => {
      await using _db = await open(engine, BLOG);
      const [ann] = await people();
      const [x, y, z] = await postsOf(null, "x", "y", "z");
      assert.ok(x !== undefined && y !== undefined && z !== undefined);
      ann.posts.secondary = [x];
      await ann.posts.set(y);
      assert.deepEqual(titles(ann.posts), ["y"]);
      ann.posts.secondary = [x];
      await ann.posts.clear();
      assert.deepEqual(titles(ann.posts), []);
      ann.posts.secondary = [x, y];
      await ann.posts.add(z);
      await ann.posts.remove(x);
      assert.deepEqual(titles(ann.posts), ["y", "z"]);
      await ann.posts.save();
      assert.deepEqual(await rows(), { x: null, y: ann.id, z: ann.id });
    });

    test("an unsaved member of add, remove or set is a UsageError, before any SQL (Q6)", async () => {
      await using db = await open(engine, BLOG);
      const [ann] = await people();
      const [x] = await postsOf(ann.id, "x");
      assert.ok(x !== undefined);
      const fresh = new Post({ title: "new" });
      const texts = await statementsOf(db, async () => {
        for (const write of [
          () => ann.posts.add(x, fresh),
          () => ann.posts.remove(fresh),
          () => ann.posts.set(x, fresh),
        ]) {
          const error = await failureOf(write);
          assert.ok(error instanceof UsageError && error.message.includes("save()"), error.message);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("a member whose row is gone is a NotFoundError, and nothing is written", async () => {
      await using _db = await open(engine, BLOG);
      const [ann] = await people();
      const [x, y, z] = await postsOf(null, "x", "y", "z");
      assert.ok(x !== undefined && y !== undefined && z !== undefined);
      await ann.posts.set(z);
      await Post.objects.delete({ id: y.id });
      for (const write of [() => ann.posts.add(x, y), () => ann.posts.add(y), () => ann.posts.set(x, y)]) {
        await assert.rejects(write, NotFoundError);
        assert.deepEqual([titles(ann.posts), await rows()], [["z"], { x: null, z: ann.id }]);
        assert.deepEqual([x.authorId, y.authorId, z.authorId], [null, null, ann.id]);
      }
    });

    test("keys that are written keep the time of the update, in memory too", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const visit = await Visit.objects.insert({ page: "1", userId: ann.id });
      const then = new Date(2000, 1);
      await Visit.objects.update({ id: visit.id }, { updatedAt: then });
      await visit.reload();
      await bob.visits.add(visit);
      const read = await Visit.objects.get();
      assert.ok(read.updatedAt > then);
      assert.deepEqual(visit.updatedAt, read.updatedAt);
    });
  });
});

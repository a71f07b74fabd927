import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CheckViolationError, RelationNotLoadedError, UniqueViolationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { Avatar, BLOG, LISTED, Node, Post, User } from "./one-models.js";
import { people, postsOf, rows, titles } from "./one-world.js";

eachEngine((engine) => {
  describe("a write of a relation that fails", () => {
    test("leaves rows, keys, loaded lists and new members as they were (S52, M11)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [x, y] = await postsOf(ann.id, "x", "y");
      const [z] = await postsOf(bob.id, "z");
      assert.ok(x !== undefined && y !== undefined && z !== undefined);
      await x.update({ slug: "taken" });
      const before = await ann.posts.fetchAll();
      await bob.posts.fetchAll();
      await z.author.fetch();
      for (const [wrong, kind] of [
        [new Post({ title: "bad" }), CheckViolationError],
        [new Post({ title: "new", slug: "taken" }), UniqueViolationError],
      ] as const) {
        const good = new Post({ title: "good" });
        ann.posts.secondary = [z, good, wrong];
        await assert.rejects(ann.posts.save(), kind);
        assert.deepEqual(await rows(), { x: ann.id, y: ann.id, z: bob.id });
        assert.deepEqual(
          [x.authorId, y.authorId, z.authorId, z.author.secondary?.id],
          [ann.id, ann.id, bob.id, bob.id],
        );
        assert.deepEqual(
          [good.id, good.authorId, wrong.id, wrong.authorId],
          [undefined, undefined, undefined, undefined],
        );
        assert.deepEqual([...ann.posts], [z, good, wrong]);
        assert.deepEqual(titles(bob.posts), ["z"]);
        // What was assigned can be mended, and saved then.
        [wrong.title, wrong.slug] = [kind.name, null];
        ann.posts.secondary = [...before, good, wrong];
        await ann.posts.save();
        await ann.posts.set(...before);
        await Post.objects.delete({ authorId: null });
      }
    });

    test("leaves a new other unsaved, and the key as it was assigned (S52)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann] = await people();
      await User.objects.insert({ name: "taken", handle: "@x" });
      const [post] = await postsOf(ann.id, "x");
      const avatar = await Avatar.objects.insert({ url: "a", userId: ann.id });
      assert.ok(post !== undefined);
      post.title = "changed";
      const double = new User({ name: "double", handle: "@x" });
      post.author.secondary = double;
      await assert.rejects(post.author.save(), UniqueViolationError);
      assert.deepEqual([double.id, post.author.secondary, post.authorId], [undefined, double, ann.id]);
      double.handle = "@y";
      await post.author.save();
      assert.deepEqual([post.authorId, post.changes], [double.id, { title: "changed" }]);
      assert.deepEqual(await rows(), { x: double.id });
      const other = await Avatar.objects.insert({ url: "b" });
      other.user.secondary = ann;
      await assert.rejects(other.user.save(), UniqueViolationError);
      assert.deepEqual([other.changes, (await ann.avatar.fetch())?.id], [{ userId: ann.id }, avatar.id]);
    });

    test("of contains and within as well", async () => {
      await using _db = await open(engine, LISTED);
      const [a, b, c] = await Node.objects.insertMany(["a", "b", "c"].map((name) => ({ name, nodeIds: "" })));
      assert.ok(a !== undefined && b !== undefined && c !== undefined);
      a.parents.secondary = [b];
      await a.parents.save();
      const bad = new Node({ name: "bad" });
      a.parents.secondary = [c, new Node({ name: "good" }), bad];
      await assert.rejects(a.parents.save(), CheckViolationError);
      assert.deepEqual([a.nodeIds, bad.id, await Node.objects.count()], [String(b.id), undefined, 3]);
      await b.children.fetchAll();
      b.children.secondary = [c, bad];
      await assert.rejects(b.children.save(), CheckViolationError);
      assert.deepEqual([c.nodeIds, bad.nodeIds, bad.id], ["", undefined, undefined]);
      assert.equal((await Node.objects.get({ where: { id: a.id } })).nodeIds, String(b.id));
    });
  });

  describe("a transaction that is rolled back after a relation was written in it", () => {
    test("leaves hasMany as it was: rows, keys, lists of both, what was assigned (S65)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      await postsOf(ann.id, "x");
      await postsOf(bob.id, "y");
      const [x] = await ann.posts.fetchAll();
      const [y] = await bob.posts.fetchAll();
      assert.ok(x !== undefined && y !== undefined);
      await y.author.fetch();
      const fresh = new Post({ title: "new" });
      {
        await using tx = db.begin();
        ann.using(tx);
        ann.posts.secondary = [y, fresh];
        await ann.posts.save();
        assert.deepEqual([titles(ann.posts), titles(bob.posts), y.author.secondary], [["y", "new"], [], ann]);
        await tx.rollback();
      }
      const texts = await statementsOf(db, () => {
        assert.deepEqual([...ann.posts], [y, fresh]);
        assert.deepEqual([titles(bob.posts), y.author.secondary?.id], [["y"], bob.id]);
        assert.deepEqual([x.authorId, y.authorId, fresh.id, fresh.authorId], [ann.id, bob.id, undefined, undefined]);
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(await rows(), { x: ann.id, y: bob.id });
      await ann.posts.save();
      assert.deepEqual(await rows(), { x: null, y: ann.id, new: ann.id });
    });

    test("leaves add, remove, clear and set undone (S65)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [x] = await postsOf(ann.id, "x");
      const [y] = await postsOf(null, "y");
      assert.ok(x !== undefined && y !== undefined);
      const [mine] = await ann.posts.fetchAll();
      assert.ok(mine !== undefined);
      for (const write of [
        () => ann.posts.add(y),
        () => ann.posts.remove(mine),
        () => ann.posts.clear(),
        () => ann.posts.set(y),
        () => bob.posts.add(mine),
      ]) {
        await using tx = db.begin();
        for (const one of [ann, bob, mine, y]) one.using(tx);
        await write();
        await tx.rollback();
        assert.deepEqual([titles(ann.posts), mine.authorId, y.authorId], [["x"], ann.id, null]);
        assert.deepEqual(titles(bob.posts), []);
        assert.deepEqual(await rows(), { x: ann.id, y: null });
      }
    });

    test("leaves what was assigned to a relation to one to be saved again (S65)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [post] = await postsOf(ann.id, "x");
      assert.ok(post !== undefined);
      await post.author.fetch();
      const fresh = new User({ name: "new" });
      for (const other of [bob, fresh, null]) {
        await using tx = db.begin();
        post.using(tx);
        post.author.secondary = other;
        await post.author.save();
        await tx.rollback();
        assert.deepEqual([post.author.secondary, fresh.id], [other, undefined]);
        assert.deepEqual(await rows(), { x: ann.id });
        if (other === bob) assert.throws(() => bob.posts.secondary, RelationNotLoadedError);
      }
      await post.author.save();
      assert.deepEqual(await rows(), { x: null });
      const avatar = new Avatar({ url: "a" });
      {
        await using tx = db.begin();
        ann.using(tx);
        ann.avatar.secondary = avatar;
        await ann.avatar.save();
        await tx.rollback();
      }
      assert.deepEqual([ann.avatar.secondary, avatar.id, avatar.userId], [avatar, undefined, undefined]);
      await ann.avatar.save();
      assert.equal((await Avatar.objects.get()).userId, ann.id);
    });

    test("only back to the savepoint, where that is rolled back (B3)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [x, y] = await postsOf(null, "x", "y");
      assert.ok(x !== undefined && y !== undefined);
      await using tx = db.begin();
      for (const one of [ann, bob, x, y]) one.using(tx);
      await ann.posts.fetchAll();
      await ann.posts.add(x);
      {
        await using nested = tx.begin();
        for (const one of [ann, bob, x, y]) one.using(nested);
        await ann.posts.set(y);
        await bob.posts.add(x);
        await nested.rollback();
      }
      assert.deepEqual([titles(ann.posts), x.authorId, y.authorId], [["x"], ann.id, null]);
      assert.equal(x.author.secondary, ann);
      await tx.commit();
      assert.deepEqual(await rows(), { x: ann.id, y: null });
      assert.deepEqual(titles(ann.posts), ["x"]);
    });

    test("forgets what was loaded in it", async () => {
      await using db = await open(engine, BLOG);
      const [ann] = await people();
      await postsOf(ann.id, "x");
      {
        await using tx = db.begin();
        await Post.objects.using(tx).insert({ title: "y", authorId: ann.id });
        ann.using(tx);
        assert.deepEqual(titles(await ann.posts.fetchAll()), ["x", "y"]);
        await tx.rollback();
      }
      assert.throws(() => ann.posts.secondary, RelationNotLoadedError);
      assert.deepEqual(titles(await ann.posts.fetchAll()), ["x"]);
    });
  });
});

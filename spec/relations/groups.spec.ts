import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { labelsOf, MANY_MODELS, namesOf, Post, PostTag, seed, Tag, titlesOf, User } from "./many-models.js";

eachEngine((engine) => {
  describe("instances that came together", () => {
    test("load where they are: those that moved to a transaction by themselves (M13, B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(6);
      const users = await User.objects.getInstances({ orderBy: "id" });
      const [first, second, ...rest] = users as [User, User, ...User[]];
      const tx = User.objects.transaction();
      try {
        for (const one of [first, second]) one.using(tx);
        if (engine.readsBesideWrites) {
          await Post.objects.using(tx).insert({ title: "within", authorId: first.id });
          const outside = await statementsOf(db, async () => {
            for (const user of rest) assert.equal((await user.posts.fetchAll()).length, 2);
          });
          assert.equal(outside.length, 1);
          assert.ok(!first.posts.isLoaded, "is loaded where it is");
          const inside = await statementsOf(db, async () => {
            assert.equal((await first.posts.fetchAll()).length, 3);
            assert.equal((await second.posts.fetchAll()).length, 2);
          });
          assert.equal(inside.length, 1);
        } else {
          assert.equal((await first.posts.fetchAll()).length, 2);
          assert.ok(second.posts.isLoaded && rest.every((user) => !user.posts.isLoaded));
        }
      } finally {
        await tx.rollback();
      }
      const after = await statementsOf(db, async () => {
        for (const user of users) assert.equal((await user.posts.fetchAll()).length, 2);
      });
      assert.equal(after.length, 1, "those that were in the transaction, anew");
    });

    test("are asked for alone by reload(), and stay as they are for the others (B7, S54)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(4);
      const [first, second] = (await User.objects.getInstances({ orderBy: "id" })) as [User, User];
      await first.posts.fetchAll();
      await Post.objects.insertMany([first, second].map(({ id }) => ({ title: "new", authorId: id })));
      const texts = await statementsOf(db, async () => {
        await first.posts.reload();
        assert.deepEqual([first.posts.length, second.posts.length], [3, 2]);
      });
      assert.equal(texts.length, 1);
      await second.reload();
      assert.equal((await second.posts.fetchAll()).length, 3);
      const none = await User.objects.insert({ name: "none" });
      assert.deepEqual((await none.posts.reload()).secondary, []);
      assert.equal((await none.profile.reload()).secondary, null);
    });

    test("may be given at once to each of many that ask: one statement, one result (B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(10);
      const users = await User.objects.getInstances({ orderBy: "id" });
      const texts = await statementsOf(db, async () => {
        const [one, again] = await Promise.all([users[3]?.posts.fetchAll(), users[3]?.posts.fetchAll()]);
        assert.deepEqual(one, again);
        const counts = await Promise.all(users.flatMap((user) => [user.posts.fetchAll(), user.friends.fetchAll()]));
        assert.equal(counts.length, 20);
      });
      assert.equal(texts.length, 2);
      assert.ok(users.every(({ posts }) => posts.isLoaded));
    });
  });

  describe("who gets another key while the others are loaded", () => {
    test("is given what that key leads to (B7, S53)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [ann, bob] = (await User.objects.insertMany([{ name: "ann" }, { name: "bob" }])) as [User, User];
      await Post.objects.insertMany(["x", "y"].map((title) => ({ title, authorId: ann.id })));
      const [one, other] = (await Post.objects.getInstances({ orderBy: "id" })) as [Post, Post];
      const loading = one.author.fetch();
      other.authorId = bob.id;
      assert.equal((await other.author.fetch())?.name, "bob");
      assert.equal((await loading)?.name, "ann");
    });
  });

  describe("a transaction that is rolled back", () => {
    test("leaves nothing loaded of what it read: by fetch, prefetch and selectRelated (S57, S65)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const user = await User.objects.insert({ name: "u" });
      const post = await Post.objects.insert({ title: "old", authorId: user.id });
      const tx = User.objects.transaction();
      user.using(tx);
      post.using(tx);
      await Post.objects.using(tx).insert({ title: "new", authorId: user.id });
      await User.objects.using(tx).update({ id: user.id }, { name: "changed" });
      assert.deepEqual(titlesOf(await user.posts.fetchAll()), ["old", "new"]);
      assert.equal((await post.author.fetch())?.name, "changed");
      const query = { where: { title: "old" }, selectRelated: "author", prefetch: ["author.posts", "tags"] } as const;
      const [read] = await Post.objects.using(tx).getInstances(query);
      assert.ok(read);
      assert.equal(read.author.secondary?.posts.length, 2);
      await tx.rollback();
      for (const relation of [user.posts, post.author, read.author, read.tags]) assert.equal(relation.isLoaded, false);
      assert.deepEqual(titlesOf(await user.posts.fetchAll()), ["old"]);
      assert.equal((await post.author.fetch())?.name, "u");
      assert.equal((await read.author.fetch())?.name, "u");
    });

    test("that commits, or only a savepoint in it that is rolled back, keeps what holds (S65)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const user = await User.objects.insert({ name: "u" });
      const tag = await Tag.objects.insert({ label: "t" });
      const post = await Post.objects.insert({ title: "old", authorId: user.id });
      await User.objects.transaction(async (tx) => {
        user.using(tx);
        await user.posts.fetchAll();
        const inner = Post.objects.using(tx).transaction();
        const own = (await inner.find(post.id)) as Post;
        await own.tags.add(tag);
        assert.deepEqual(labelsOf(await own.tags.fetchAll()), ["t"]);
        await inner.rollback();
        assert.deepEqual(await own.tags.fetchAll(), []);
        assert.ok(user.posts.isLoaded);
      });
      assert.deepEqual(await statementsOf(db, () => user.posts.fetchAll()), []);
      assert.equal(await PostTag.objects.count(), 0);
    });
  });

  describe("of an instance that is not in the database", () => {
    test("there is nothing, without a query, and nothing can be written through it (Q4, S50)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const tag = await Tag.objects.insert({ label: "t" });
      const post = new Post({ title: "new" });
      const user = new User({ name: "new" });
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(await post.tags.fetchAll(), []);
        assert.deepEqual(post.tags.secondary, []);
        assert.deepEqual(
          [await post.tags.fetchOne(), await user.profile.fetch(), await post.author.fetch()],
          [null, null, null],
        );
        assert.deepEqual([await post.tags.count(), await post.tags.exists(), post.tags.length], [0, false, 0]);
        assert.deepEqual(await post.tags.filter({ label: "t" }).fetchAll(), []);
        assert.equal(await post.tags.filter({}).count(), 0);
        for (const write of [
          () => post.tags.add(tag),
          () => post.tags.remove(tag),
          () => post.tags.clear(),
          () => post.tags.set(tag),
          () => post.tags.pivot(tag),
          () => user.friends.set(),
        ]) {
          const error = await failureOf(write);
          assert.ok(error instanceof UsageError, `${write}: ${error}`);
          assert.match(error.message, /save\(\) it first/);
        }
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(namesOf([user]), ["new"]);
    });
  });
});

test("who keeps one of a page keeps no other of it, of more a hundredth, and a transaction none of what it streams (B7, B8)", async () => {
  const file = join(import.meta.dirname, "kept.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--import", "tsx", file]);
  const [plain, lazy, eager, large, posts, streamed] = JSON.parse(stdout);
  for (const kept of [plain, lazy, eager]) assert.equal(kept, 1, stdout);
  assert.ok(large <= 5, stdout);
  assert.equal(posts, 2);
  assert.ok(streamed <= 200, stdout);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UniqueViolationError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Avatar, BLOG, Passport, Post, User, Visit } from "./one-models.js";
import { countOf, people, postsOf, rows, titles } from "./one-world.js";

eachEngine((engine) => {
  describe("a member that is given to another", () => {
    test("is in the new owner's list and no longer in the old one's, without a query (S53)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      await postsOf(ann.id, "x", "y", "z");
      await bob.posts.fetchAll();
      const [x, y, z] = await ann.posts.fetchAll();
      assert.ok(x !== undefined && y !== undefined && z !== undefined);
      assert.equal(await countOf(db, () => bob.posts.add(x)), 1);
      y.author.secondary = bob;
      assert.equal(await countOf(db, () => y.author.save()), 1);
      bob.posts.secondary = [...bob.posts, z];
      await bob.posts.save();
      const texts = await statementsOf(db, () => {
        assert.deepEqual([titles(ann.posts), titles(bob.posts)], [[], ["x", "y", "z"]]);
        assert.deepEqual([ann.posts.length, ann.posts.at(0)], [0, undefined]);
        assert.deepEqual(
          [x, y, z].map(({ author }) => author.secondary),
          [bob, bob, bob],
        );
        assert.deepEqual(
          [x, y, z].map(({ authorId }) => authorId),
          [bob.id, bob.id, bob.id],
        );
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(await rows(), { x: bob.id, y: bob.id, z: bob.id });
    });

    test("leaves the old owner's list, though that has another instance of its row (S53)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      await postsOf(ann.id, "x", "y");
      const [x] = await ann.posts.fetchAll();
      const same = await Post.objects.get({ where: { id: x?.id ?? 0 } });
      same.author.secondary = ann;
      await same.author.save();
      await bob.posts.add(same);
      assert.deepEqual(titles(ann.posts), ["y"]);
    });

    test("of a relation to one leaves the old owner none, and frees the one that was there (S53)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [a, b] = await Avatar.objects.insertMany([
        { url: "a", userId: ann.id },
        { url: "b", userId: bob.id },
      ]);
      assert.ok(a !== undefined && b !== undefined);
      const first = await ann.avatar.fetch();
      assert.ok(first !== null);
      await bob.avatar.fetch();
      bob.avatar.secondary = first;
      assert.equal(await countOf(db, () => bob.avatar.save()), 2);
      const texts = await statementsOf(db, () => {
        assert.deepEqual([ann.avatar.secondary, bob.avatar.secondary, first.user.secondary], [null, first, bob]);
      });
      assert.deepEqual(texts, []);
      const urls = await Avatar.objects.getItems({ columns: ["url", "userId"], orderBy: "id" });
      assert.deepEqual(urls, [
        { url: "a", userId: bob.id },
        { url: "b", userId: null },
      ]);
      bob.avatar.secondary = null;
      assert.equal(await countOf(db, () => bob.avatar.save()), 1);
      assert.deepEqual([bob.avatar.secondary, first.userId, first.user.secondary], [null, null, null]);
      assert.equal(await Avatar.objects.count({ where: { userId: null } }), 2);
    });

    test("the other side of a relation to one is known as well", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const avatar = await Avatar.objects.insert({ url: "a" });
      for (const user of [ann, bob]) {
        avatar.user.secondary = user;
        await avatar.user.save();
      }
      const texts = await statementsOf(db, () => {
        assert.deepEqual([ann.avatar.secondary, bob.avatar.secondary], [null, avatar]);
      });
      assert.deepEqual(texts, []);
    });

    test("that an old instance of the row takes no part in: it says what it knew, until it is reloaded (S57)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      await postsOf(ann.id, "x");
      const mine = await User.objects.get({ where: { id: ann.id }, prefetch: ["posts"] });
      await bob.posts.add(await Post.objects.get());
      assert.deepEqual(titles(mine.posts), ["x"]);
      await mine.reload();
      assert.deepEqual(titles(await mine.posts.fetchAll()), []);
    });

    test("while its owner is loaded has the new one: what was read for the key before is not taken for it (S53)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [x] = await postsOf(ann.id, "x");
      assert.ok(x !== undefined);
      await Promise.all([x.author.fetch(), x.update({ authorId: bob.id })]);
      assert.equal((await x.author.fetch())?.id, bob.id);
    });

    test("a second instance of the row that stays does not leave", async () => {
      await using _db = await open(engine, BLOG);
      const [ann] = await people();
      const [post] = await postsOf(ann.id, "x");
      assert.ok(post !== undefined);
      await post.author.fetch();
      await post.author.secondary?.posts.fetchAll();
      const old = post.author.secondary;
      const again = await User.objects.get({ where: { id: ann.id } });
      post.author.secondary = again;
      await post.author.save();
      assert.deepEqual([old?.posts.length, post.author.secondary], [1, again]);
    });

    test("without being loaded changes nothing of what others have loaded", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [a, b] = await Avatar.objects.insertMany([{ url: "a", userId: ann.id }, { url: "b" }]);
      assert.ok(a !== undefined && b !== undefined);
      await a.user.fetch();
      // Meanwhile another has it.
      await Avatar.objects.update({ id: a.id }, { userId: null });
      const owner = a.user.secondary;
      assert.ok(owner !== null && owner !== undefined);
      owner.avatar.secondary = b;
      await owner.avatar.save();
      a.user.secondary = bob;
      await a.user.save();
      assert.equal(owner.avatar.secondary, b);
    });
  });

  describe("a key that is not nullable", () => {
    test("keeps its rows from being left: a UsageError, before anything is written (S53)", async () => {
      await using db = await open(engine, BLOG);
      const [ann] = await people();
      const [one, two] = await Visit.objects.insertMany(["1", "2"].map((page) => ({ page, userId: ann.id })));
      const passport = await Passport.objects.insert({ number: "1", holderId: ann.id });
      assert.ok(one !== undefined && two !== undefined);
      await ann.passport.fetch();
      for (const write of [
        () => ann.visits.remove(one),
        () => ann.visits.clear(),
        () => ann.visits.set(one),
        () => ann.visits.set(),
        () => {
          ann.visits.secondary = [two, new Visit({ page: "3" })];
          return ann.visits.save();
        },
        () => {
          ann.passport.secondary = new Passport({ number: "2" });
          return ann.passport.save();
        },
        () => {
          ann.passport.secondary = null;
          return ann.passport.save();
        },
      ]) {
        let error: unknown;
        const texts = await statementsOf(db, async () => {
          error = await failureOf(write);
        });
        assert.ok(error instanceof UsageError && error.message.includes("not nullable"), String(error));
        assert.ok(
          texts.every((text) => text.startsWith("select")),
          texts.join("\n"),
        );
      }
      assert.equal(await Visit.objects.count({ where: { userId: ann.id } }), 2);
      assert.equal((await Passport.objects.get()).number, passport.number);
    });

    test("lets its rows be given to another, and nothing be left", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const visit = await Visit.objects.insert({ page: "1", userId: ann.id });
      const passport = await Passport.objects.insert({ number: "1", holderId: ann.id });
      await ann.visits.fetchAll();
      await bob.visits.add(visit);
      await ann.visits.clear();
      await ann.visits.remove(visit);
      await ann.visits.set();
      bob.passport.secondary = passport;
      await bob.passport.save();
      assert.deepEqual([visit.userId, passport.holderId], [bob.id, bob.id]);
      assert.deepEqual([(await Visit.objects.get()).userId, (await Passport.objects.get()).holderId], [bob.id, bob.id]);
    });

    test("and unique, taken by another: UniqueViolationError, and all is as it was", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [one, two] = await Passport.objects.insertMany([
        { number: "1", holderId: ann.id },
        { number: "2", holderId: bob.id },
      ]);
      assert.ok(one !== undefined && two !== undefined);
      await one.holder.fetch();
      const before = one.holder.secondary;
      one.holder.secondary = bob;
      await assert.rejects(one.holder.save(), UniqueViolationError);
      assert.deepEqual([one.holder.secondary, one.changes], [bob, { holderId: bob.id }]);
      await one.reload();
      assert.deepEqual([(await one.holder.fetch())?.id, before?.id], [ann.id, ann.id]);
    });
  });
});

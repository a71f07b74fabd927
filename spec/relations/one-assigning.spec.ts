import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Avatar, BLOG, idsOf, Node, Passport, Post, User, Visit } from "./one-models.js";

/** What the compiler would not let through. */
const anything = (value: unknown) => Object.assign(Object.create(null), { value }).value;

eachEngine((engine) => {
  describe("assigning to a relation", () => {
    test("what is not of the other class is a TypeError that names relation, expected and given class (S51)", async () => {
      await using db = await open(engine, [...BLOG, Node]);
      const [user, post] = [await User.objects.insert({ name: "ann" }), await Post.objects.insert({ title: "p" })];
      const node = await Node.objects.insert({ name: "n" });
      const wrongs: [() => void, string[]][] = [
        [() => (post.author.secondary = anything(post)), ["Post.author", "User", "Post"]],
        [() => (post.author.secondary = anything(undefined)), ["Post.author", "User", "undefined"]],
        [() => (post.author.secondary = anything({ id: 1, name: "ann" })), ["Post.author", "User", "object"]],
        [() => (user.avatar.secondary = anything(post)), ["User.avatar", "Avatar", "Post"]],
        [() => (user.posts.secondary = anything([post, user])), ["User.posts", "Post", "User"]],
        [() => (user.posts.secondary = anything(post)), ["User.posts", "Post"]],
        [() => (user.posts.secondary = anything(null)), ["User.posts", "Post", "null"]],
        [() => (node.parents.secondary = anything([user])), ["Node.parents", "Node", "User"]],
        [() => (node.children.secondary = anything([user])), ["Node.children", "Node", "User"]],
      ];
      const texts = await statementsOf(db, async () => {
        for (const [assign, names] of wrongs) {
          const { name, message } = await failureOf(assign);
          assert.equal(name, "TypeError");
          for (const part of names) assert.ok(message.includes(part), `${message} has no ${part}`);
        }
        await assert.rejects(user.posts.add(anything(user)), TypeError);
        await assert.rejects(user.posts.set(anything(1)), TypeError);
      });
      assert.deepEqual([texts, post.changes], [[], {}]);
    });

    test("drops what is there twice, and keeps the order (S51)", async () => {
      await using _db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const [a, b] = await Post.objects.insertMany([{ title: "a" }, { title: "b" }]);
      assert.ok(a !== undefined && b !== undefined);
      const again = await Post.objects.get({ where: { id: b.id } });
      const fresh = new Post({ title: "new" });
      user.posts.secondary = [b, fresh, a, again, b, fresh];
      assert.deepEqual([...user.posts], [b, fresh, a]);
      assert.deepEqual([user.posts.length, user.posts.at(-1), await user.posts.count()], [3, a, 3]);
      await user.posts.save();
      assert.deepEqual([...user.posts], [b, fresh, a]);
      assert.equal(await Post.objects.count({ where: { authorId: user.id } }), 3);
    });

    test("null is none; reads give what was assigned, without a query", async () => {
      await using db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const post = await Post.objects.insert({ title: "p", authorId: user.id });
      const fresh = new User({ name: "bob" });
      const texts = await statementsOf(db, async () => {
        post.author.secondary = fresh;
        assert.equal(await post.author.fetch(), fresh);
        post.author.secondary = null;
        assert.deepEqual([post.author.secondary, await post.author.fetch(), post.authorId], [null, null, null]);
        user.avatar.secondary = null;
        assert.equal(await user.avatar.fetch(), null);
        user.posts.secondary = [];
        assert.deepEqual([await user.posts.fetchAll(), await user.posts.exists()], [[], false]);
      });
      assert.deepEqual(texts, []);
      await post.author.save();
      assert.equal((await Post.objects.get()).authorId, null);
    });

    test("a saved one gives its key at once, so that saving the owner writes it too", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await User.objects.insertMany([{ name: "ann" }, { name: "bob" }]);
      assert.ok(ann !== undefined && bob !== undefined);
      const post = new Post({ title: "p" });
      post.author.secondary = ann;
      assert.equal((await statementsOf(db, () => post.save())).length, 1);
      post.author.secondary = bob;
      assert.deepEqual(post.changes, { authorId: bob.id });
      assert.equal((await statementsOf(db, () => post.save())).length, 1);
      assert.equal((await Post.objects.get()).authorId, bob.id);
      assert.deepEqual(await statementsOf(db, () => post.author.save()), []);
      assert.equal(post.author.secondary, bob);
    });

    test("another key takes the place of what was assigned before (Q2)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await User.objects.insertMany([{ name: "ann" }, { name: "bob" }]);
      assert.ok(ann !== undefined && bob !== undefined);
      const post = await Post.objects.insert({ title: "p" });
      for (const before of [null, new User({ name: "new" }), bob]) {
        post.author.secondary = before;
        post.authorId = ann.id;
        assert.equal((await post.author.fetch())?.name, "ann");
        await post.author.save();
        await post.reload();
        post.authorId = null;
        await post.save();
      }
      assert.equal(await User.objects.count(), 2);
    });

    test("one that is not saved, and then is by itself, is still assigned", async () => {
      await using _db = await open(engine, BLOG);
      const post = await Post.objects.insert({ title: "p" });
      const user = new User({ name: "new" });
      post.author.secondary = user;
      await user.save();
      assert.equal(post.author.secondary, user);
      await post.author.save();
      assert.equal((await Post.objects.get()).authorId, user.id);
    });
  });

  describe("saving a relation", () => {
    test("writes the keys alone, in one statement for one (S52)", async () => {
      await using db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const [a, b] = await Post.objects.insertMany([{ title: "a" }, { title: "b" }]);
      assert.ok(a !== undefined && b !== undefined);
      [a.title, b.title, user.name] = ["a2", "b2", "ann2"];
      a.author.secondary = user;
      assert.equal((await statementsOf(db, () => a.author.save())).length, 1);
      assert.equal((await statementsOf(db, () => user.posts.add(b))).length, 1);
      assert.deepEqual([a.changes, b.changes, user.changes], [{ title: "a2" }, { title: "b2" }, { name: "ann2" }]);
      const rows = await Post.objects.getItems({ columns: ["title", "authorId"], orderBy: "id" });
      assert.deepEqual(rows, [
        { title: "a", authorId: user.id },
        { title: "b", authorId: user.id },
      ]);
      await a.save();
      assert.deepEqual([a.author.secondary, (await Post.objects.get({ where: { id: a.id } })).title], [user, "a2"]);
    });

    test("inserts those that are new, and a second time sends nothing (S52)", async () => {
      await using db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const post = await Post.objects.insert({ title: "p" });
      post.author.secondary = new User({ name: "new" });
      user.avatar.secondary = new Avatar({ url: "a" });
      user.posts.secondary = [new Post({ title: "x" }), new Post({ title: "y" })];
      assert.equal((await statementsOf(db, () => post.author.save())).length, 2);
      assert.equal((await statementsOf(db, () => user.avatar.save())).length, 2);
      assert.equal((await statementsOf(db, () => user.posts.save())).length, 3);
      const again = await statementsOf(db, async () => {
        await post.author.save();
        await user.avatar.save();
        await user.posts.save();
      });
      assert.deepEqual(again, []);
      assert.equal(post.authorId, post.author.secondary?.id);
      assert.equal(user.avatar.secondary?.userId, user.id);
      assert.equal(user.avatar.secondary?.user.secondary, user);
      const posts = await Post.objects.getInstances({ where: { authorId: user.id }, orderBy: "id" });
      assert.deepEqual(idsOf(user.posts), idsOf(posts));
      assert.deepEqual(await User.objects.count(), 2);
    });

    test("without anything assigned or loaded is a UsageError; loaded, it does nothing (S54)", async () => {
      await using db = await open(engine, [...BLOG, Node]);
      await User.objects.insert({ name: "ann" });
      await Post.objects.insert({ title: "p", authorId: 1 });
      await Node.objects.insert({ name: "n", nodeIds: "1" });
      const [user, post, node] = [await User.objects.get(), await Post.objects.get(), await Node.objects.get()];
      for (const relation of [post.author, user.posts, user.avatar, node.parents, node.children]) {
        assert.deepEqual(await statementsOf(db, () => assert.rejects(relation.save(), UsageError)), []);
        await relation.reload();
        assert.deepEqual(await statementsOf(db, () => relation.save()), []);
      }
    });

    test("or changing it is a UsageError for an owner that is new, or deleted (S54, Q4)", async () => {
      await using db = await open(engine, [...BLOG, Node]);
      const other = await Post.objects.insert({ title: "p" });
      const gone = await User.objects.insert({ name: "gone" });
      const node = await Node.objects.insert({ name: "n" });
      await gone.delete();
      for (const user of [gone, new User({ name: "new" })]) {
        user.posts.secondary = [other];
        user.avatar.secondary = new Avatar({ url: "a" });
        const texts = await statementsOf(db, async () => {
          for (const write of [
            () => user.posts.save(),
            () => user.posts.add(other),
            () => user.posts.remove(other),
            () => user.posts.clear(),
            () => user.posts.set(),
            () => user.avatar.save(),
          ])
            assert.ok((await failureOf(write)) instanceof UsageError);
        });
        assert.deepEqual(texts, []);
      }
      for (const fresh of [new Post({ title: "q" }), new Node({ name: "m" })]) {
        const relation = fresh instanceof Node ? fresh.parents : fresh.author;
        if (fresh instanceof Node) fresh.parents.secondary = [node];
        else fresh.author.secondary = null;
        assert.deepEqual(await statementsOf(db, () => assert.rejects(relation.save(), UsageError)), []);
      }
    });

    test("with one that was deleted is a UsageError, and writes nothing", async () => {
      await using db = await open(engine, [...BLOG, Node]);
      const [user, gone] = await User.objects.insertMany([{ name: "ann" }, { name: "gone" }]);
      const [visit, node] = [
        await Visit.objects.insert({ page: "p", userId: 1 }),
        await Node.objects.insert({ name: "n" }),
      ];
      const [lost, left] = [await Post.objects.insert({ title: "p" }), await Node.objects.insert({ name: "m" })];
      assert.ok(user !== undefined && gone !== undefined);
      for (const one of [gone, lost, left]) await one.delete();
      visit.user.secondary = gone;
      user.posts.secondary = [lost];
      node.parents.secondary = [left];
      node.children.secondary = [left];
      const texts = await statementsOf(db, async () => {
        for (const { save } of [visit.user, user.posts, node.parents, node.children].map((relation) => ({
          save: () => relation.save(),
        })))
          assert.ok((await failureOf(save)) instanceof UsageError);
        await assert.rejects(user.posts.add(lost), UsageError);
      });
      assert.deepEqual(texts, []);
    });

    test("null where the key is not nullable is a UsageError that says so, before any SQL (S53)", async () => {
      await using db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const passport = await Passport.objects.insert({ number: "1", holderId: user.id });
      passport.holder.secondary = anything(null);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => passport.holder.save());
        assert.ok(error instanceof UsageError && error.message.includes("passports.holderId"), error.message);
      });
      assert.deepEqual([texts, passport.holderId], [[], user.id]);
    });

    test("what is assigned meanwhile stays to be saved", async () => {
      await using _db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const [a, b] = await Post.objects.insertMany([{ title: "a" }, { title: "b" }]);
      assert.ok(a !== undefined && b !== undefined);
      user.posts.secondary = [a];
      const saving = user.posts.save();
      user.posts.secondary = [b];
      await saving;
      assert.deepEqual([...user.posts], [b]);
      await user.posts.save();
      assert.deepEqual(idsOf(await Post.objects.getInstances({ where: { authorId: user.id } })), [b.id]);
    });

    test("what is assigned meanwhile to a relation to one stays, and the key that went with it (S52)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await User.objects.insertMany([{ name: "ann" }, { name: "bob" }]);
      const [a, b] = await Avatar.objects.insertMany([{ url: "a" }, { url: "b" }]);
      const post = await Post.objects.insert({ title: "x" });
      assert.ok(ann !== undefined && bob !== undefined && a !== undefined && b !== undefined);
      ann.avatar.secondary = a;
      const givesAvatar = ann.avatar.save();
      ann.avatar.secondary = b;
      await givesAvatar;
      assert.equal(ann.avatar.secondary, b);
      post.author.secondary = new User({ name: "new" });
      const givesAuthor = post.author.save();
      post.author.secondary = ann;
      await givesAuthor;
      assert.deepEqual([post.author.secondary, post.authorId], [ann, ann.id]);
      await post.author.save();
      post.author.secondary = bob;
      const givesAnother = post.author.save();
      post.authorId = ann.id;
      await givesAnother;
      assert.equal((await post.author.fetch())?.id, ann.id);
      assert.equal((await Post.objects.get({ where: { id: post.id } })).authorId, bob.id);
    });
  });
});

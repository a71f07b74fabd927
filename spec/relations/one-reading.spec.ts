import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Manager, NotFoundError, RelationNotLoadedError, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { Admin, Avatar, BLOG, City, Country, idsOf, KEYED, Line, Order, Post, User, Visit } from "./one-models.js";
import { countOf } from "./one-world.js";

/** Users, each with an avatar and two posts. */
async function fill(size: number): Promise<void> {
  const users = await User.objects.insertMany(Array.from({ length: size }, (_, i) => ({ name: `u${i}` })));
  await Avatar.objects.insertMany(users.map(({ id }) => ({ url: `a${id}`, userId: id })));
  await Post.objects.insertMany(users.flatMap(({ id }) => [1, 2].map((n) => ({ title: `p${id}.${n}`, authorId: id }))));
}

eachEngine((engine) => {
  describe("relations that are read one after another", () => {
    test("500 posts and their authors by a lazy loop are 2 statements, within a transaction too (B7)", async () => {
      await using db = await open(engine, BLOG);
      await fill(250);
      const loop = async (posts: typeof Post.objects) => {
        const all = await posts.getInstances({ orderBy: "id" });
        for (const post of all) assert.equal((await post.author.fetch())?.id, post.authorId);
        assert.equal(all.length, 500);
      };
      assert.equal(await countOf(db, () => loop(Post.objects)), 2);
      await using tx = Post.objects.transaction();
      assert.equal(await countOf(db, () => loop(tx)), 2);
    });

    test("so are those of hasOne and hasMany, each owner with its own (B7)", async () => {
      await using db = await open(engine, BLOG);
      await fill(50);
      const texts = await statementsOf(db, async () => {
        for (const user of await User.objects.getInstances()) {
          assert.equal((await user.avatar.fetch())?.url, `a${user.id}`);
          const posts = await user.posts.fetchAll();
          assert.deepEqual(
            posts.map(({ title }) => title),
            [`p${user.id}.1`, `p${user.id}.2`],
          );
        }
      });
      assert.equal(texts.length, 3);
    });

    test("nothing is asked for twice, found or not (Q2)", async () => {
      await using db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      const lost = await Visit.objects.insert({ page: "p", userId: 99 });
      assert.equal(await countOf(db, () => user.posts.fetchAll()), 1);
      assert.equal(await countOf(db, () => user.avatar.fetch()), 1);
      assert.equal(await countOf(db, () => lost.user.fetch()), 1);
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(await user.posts.fetchAll(), []);
        assert.equal(await user.posts.count(), 0);
        assert.equal(await user.posts.exists(), false);
        assert.equal(await user.avatar.fetch(), null);
        assert.equal(await lost.user.fetch(), null);
      });
      assert.deepEqual(texts, []);
    });

    test("an error of the database is not remembered (Q2)", async () => {
      await using db = await open(engine, BLOG);
      await fill(1);
      const user = await User.objects.get();
      await db.query(sql`alter table posts rename to elsewhere`);
      await assert.rejects(user.posts.fetchAll());
      await db.query(sql`alter table elsewhere rename to posts`);
      assert.equal((await user.posts.fetchAll()).length, 2);
    });
  });

  describe("relations without anything", () => {
    test("a null key gives null, and asks nothing (S50, Q2)", async () => {
      await using db = await open(engine, BLOG);
      const post = await Post.objects.insert({ title: "p" });
      const texts = await statementsOf(db, async () => {
        assert.equal(await post.author.fetch(), null);
        assert.equal(post.author.secondary, null);
        assert.deepEqual(await post.author.reload(), post.author);
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(await post.author.query().get(), []);
    });

    test("an unsaved owner has none, and asks nothing (Q4)", async () => {
      await using db = await open(engine, [...BLOG, ...KEYED]);
      await Country.objects.insert({ code: "xx", name: "X" });
      await City.objects.insert({ countryCode: "xx" });
      const user = new User({ name: "new" });
      const keyed = new Country({ code: "xx", name: "Y" });
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(await user.posts.fetchAll(), []);
        assert.equal(await user.posts.fetchOne(), null);
        assert.equal(await user.posts.count(), 0);
        assert.equal(await user.posts.exists(), false);
        assert.deepEqual(await user.posts.filter({ title: "x" }).fetchAll(), []);
        assert.equal(await user.posts.filter({ title: "x" }).count(), 0);
        assert.equal(await user.avatar.fetch(), null);
        assert.equal(await new Post({ title: "p" }).author.fetch(), null);
        assert.deepEqual(await keyed.cities.fetchAll(), []);
      });
      assert.deepEqual(texts, []);
    });

    test("reload() gives null or [] (S54)", async () => {
      await using db = await open(engine, BLOG);
      const user = await User.objects.insert({ name: "ann" });
      assert.equal(await countOf(db, () => Promise.all([user.posts.reload(), user.avatar.reload()])), 2);
      assert.deepEqual([user.posts.secondary, user.avatar.secondary], [[], null]);
    });

    test("a key that is not nullable and leads nowhere: fetch() gives null, secondary throws NotFoundError", async () => {
      await using _db = await open(engine, BLOG);
      const lost = await Visit.objects.insert({ page: "p", userId: 99 });
      assert.equal(await lost.user.fetch(), null);
      assert.throws(() => lost.user.secondary, NotFoundError);
    });
  });

  describe("a relation that is not loaded", () => {
    test("throws, and says what to call", async () => {
      await using _db = await open(engine, BLOG);
      await fill(1);
      const [user, post] = [await User.objects.get(), await Post.objects.first()];
      assert.ok(post !== null);
      const isHelpful = (method: string, name: string) => (error: unknown) =>
        error instanceof RelationNotLoadedError &&
        error.message.includes(`${method}()`) &&
        error.message.includes(`prefetch: ["${name}"]`);
      assert.throws(() => post.author.secondary, isHelpful("fetch", "author"));
      assert.throws(() => user.avatar.secondary, isHelpful("fetch", "avatar"));
      assert.throws(() => user.posts.secondary, isHelpful("fetchAll", "posts"));
      assert.throws(() => user.posts.length, isHelpful("fetchAll", "posts"));
      assert.throws(() => user.posts.at(0), isHelpful("fetchAll", "posts"));
      assert.throws(() => [...user.posts], isHelpful("fetchAll", "posts"));
    });

    test("a key that changes drops what was loaded, and back brings it (Q2)", async () => {
      await using db = await open(engine, BLOG);
      await fill(2);
      const post = await Post.objects.get({ where: { title: "p1.1" } });
      await post.author.fetch();
      post.authorId = 2;
      assert.throws(() => post.author.secondary, RelationNotLoadedError);
      assert.equal((await post.author.fetch())?.id, 2);
      post.authorId = null;
      assert.deepEqual(await statementsOf(db, () => post.author.fetch()), []);
      assert.equal(post.author.secondary, null);
    });
  });

  describe("getters that a class inherits", () => {
    test("work on instances of subclasses, with keys by default too (S49)", async () => {
      await using db = await open(engine, BLOG);
      db.bind(Admin);
      await fill(1);
      const admin = await Admin.objects.get();
      assert.ok(admin instanceof Admin);
      assert.equal((await admin.avatar.fetch())?.url, "a1");
      assert.deepEqual(idsOf(await admin.visits.fetchAll()), []);
      assert.equal((await admin.posts.fetchAll()).length, 2);
      const post = await Post.objects.insert({ title: "new" });
      post.author.secondary = admin;
      await post.author.save();
      assert.equal(admin.posts.length, 3);
      assert.equal(post.author.secondary, admin);
      await admin.posts.remove(post);
      assert.deepEqual([post.authorId, post.author.secondary], [null, null]);
    });

    test("a group of both kinds loads each kind by itself", async () => {
      await using db = await open(engine, KEYED);
      await Order.objects.insertMany([1, 2].map((number) => ({ region: "eu", number })));
      await Line.objects.insert({ orderRegion: "eu", orderNumber: 2 });
      const manager = new Manager(Order);
      const [one, two] = await manager.getInstances({ orderBy: "number" });
      assert.equal(await countOf(db, () => one?.lines.fetchAll()), 1);
      assert.deepEqual([one?.lines.length, two?.lines.length], [0, 1]);
    });
  });
});

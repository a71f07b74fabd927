/** Things that are asked for or given together and would not go together. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { labelsOf, MANY_MODELS, Post, Profile, Tag, titlesOf, User, untyped } from "./many-models.js";

describe("relations at odds", () => {
  eachEngine((engine) => {
    test("has what is added or removed while it is loaded (Q5, Q7)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { id } = await User.objects.insert({ name: "a", posts: [{ title: "one", tags: [{ label: "t" }] }] });
      const user = await User.objects.get({ where: { id } });
      const two = await Post.objects.insert({ title: "two" });
      await Promise.all([user.posts.fetchAll(), user.posts.add(two)]);
      assert.deepEqual(titlesOf(user.posts.secondary), ["one", "two"]);
      await Promise.all([user.posts.reload(), user.posts.remove(two)]);
      assert.deepEqual(titlesOf(user.posts.secondary), ["one"]);

      const [post, other] = await Post.objects.getInstances({ orderBy: "id" });
      const [tag] = await Tag.objects.getInstances();
      assert.ok(post && other && tag);
      await Promise.all([post.tags.fetchAll(), post.tags.clear(), other.tags.add(tag), tag.posts.fetchAll()]);
      assert.deepEqual(labelsOf(post.tags.secondary), []);
      assert.deepEqual(labelsOf(other.tags.secondary), ["t"]);
      assert.deepEqual(titlesOf(tag.posts.secondary), ["two"]);
    });

    test("says that what was assigned can be read", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const user = await User.objects.insert({ name: "a" });
      const post = await Post.objects.insert({ title: "one" });
      post.author.secondary = user;
      user.posts.secondary = [];
      assert.ok(post.author.isLoaded && user.posts.isLoaded);
      await user.posts.reload();
      user.posts.secondary = [post];
      assert.deepEqual(titlesOf(user.posts.secondary), ["one"]);
    });

    test("refuses an instance that is inserted with two rows of which it can hold the key of one", async () => {
      const db = await open(engine, MANY_MODELS);
      await using _db = db;
      const owner = await User.objects.insert({ name: "a", profile: { bio: "b" }, posts: [{ title: "one" }] });
      const [post, profile] = [owner.posts.at(0), owner.profile.secondary];
      assert.ok(post && profile);
      const sent = await statementsOf(db, async () => {
        for (const given of [{ posts: [post] }, { profile }]) {
          const rows = ["b", "c"].map((name) => ({ name, ...given }));
          assert.ok((await failureOf(() => User.objects.insertMany(rows))) instanceof UsageError);
        }
      });
      assert.deepEqual(sent, []);
      const [next] = await User.objects.insertMany([{ name: "b", posts: [post, post], profile }]);
      assert.deepEqual([post.authorId, profile.userId, next?.posts.length], [next?.id, next?.id, 1]);
      assert.equal(await Profile.objects.count(), 1);
    });

    test("refuses a row that would be given a key by two relations", async () => {
      const db = await open(engine, MANY_MODELS);
      await using _db = db;
      const rows = [{ author: { name: "b" } }, { author: null }].map((given) => ({ title: "one", ...given }));
      const sent = await statementsOf(db, async () => {
        for (const row of rows) {
          const insert = () => untyped(User).objects.insert({ name: "a", posts: [row] });
          assert.ok((await failureOf(insert)) instanceof UsageError);
        }
      });
      assert.deepEqual(sent, []);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RelationNotLoadedError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { labelsOf, MANY_MODELS, Mark, Post, PostTag, Tag, titlesOf, untyped } from "./many-models.js";

/** A post, and so many tags, in the database. */
async function postAndTags(count = 3) {
  const post = await Post.objects.insert({ title: "post" });
  const tags = await Tag.objects.insertMany(Array.from({ length: count }, (_, i) => ({ label: `t${i}` })));
  return { post, tags, tag: tags[0] as Tag, other: tags[1] as Tag, third: tags[2] as Tag };
}

/** The tags that the database has of a post. */
async function tagsOf(post: Post): Promise<string[]> {
  const rows = await Tag.objects.getInstances({ where: { posts: { some: { id: post.id } } }, orderBy: "id" });
  return labelsOf(rows);
}

eachEngine((engine) => {
  describe("add", () => {
    test("takes many at once, and leaves those alone that are there (Q6)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other, third } = await postAndTags();
      await post.tags.add(tag, { addedBy: "ann" });
      await post.tags.add(tag, other, tag, third, { addedBy: "bob" });
      const by = await PostTag.objects.getItems({ orderBy: "tagId", columns: ["addedBy"] });
      assert.deepEqual(by, [{ addedBy: "ann" }, { addedBy: "bob" }, { addedBy: "bob" }]);
      assert.deepEqual(labelsOf(await post.tags.fetchAll()), ["t0", "t1", "t2"]);
      await post.tags.add();
      assert.deepEqual(await tagsOf(post), ["t0", "t1", "t2"]);
    });

    test("is one statement, on a pivot that has pairs once (Q6)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      const texts = await statementsOf(db, () => post.tags.add(tag, other));
      assert.equal(texts.filter((text) => text.startsWith("insert")).length, 1);
      assert.equal(texts.filter((text) => /^(select|delete|update)/.test(text)).length, 0);
    });

    test("finds those that are there where nothing keeps a pivot from having a pair twice (Q6)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await post.marks.add(tag, { color: "red" });
      await post.marks.add(tag, other, { color: "blue" });
      const rows = await Mark.objects.getItems({ orderBy: "tagId", columns: ["color"] });
      assert.deepEqual(rows, [{ color: "red" }, { color: "blue" }]);
      await post.marks.remove(tag);
      assert.deepEqual(labelsOf(await post.marks.fetchAll()), ["t1"]);
    });

    test("is one row and no error, whoever adds the same at the same time (Q6)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await Promise.all(Array.from({ length: 8 }, () => post.tags.add(tag, other)));
      await Promise.all(
        Array.from({ length: 4 }, () =>
          Post.objects.transaction(async (tx) => {
            const own = await tx.find(post.id);
            await own?.tags.add(tag, other);
          }),
        ),
      );
      assert.equal(await PostTag.objects.count(), 2);
      assert.deepEqual(labelsOf(await post.tags.fetchAll()), ["t0", "t1"]);
    });

    test("takes more at once than a statement has room for (Q6)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tags } = await postAndTags(18_000);
      await post.tags.fetchAll();
      await post.tags.add(...tags);
      assert.equal(post.tags.length, 18_000);
      await post.tags.reload();
      await post.tags.set(...tags.slice(10));
      assert.equal(await PostTag.objects.count(), 17_990);
      await post.tags.remove(...tags);
      assert.equal(await PostTag.objects.count(), 0);
    });

    test("refuses what is no tag, or not in the database, before any SQL (S51, Q6)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const { post, tag } = await postAndTags();
      const gone = await Tag.objects.insert({ label: "gone" });
      await gone.delete();
      const wrong = untyped(post.tags);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => wrong.add(tag, post));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /Post\.tags takes a Tag, not .*Post/);
        assert.ok((await failureOf(() => wrong.add(tag.id))) instanceof TypeError);
        assert.ok((await failureOf(() => post.tags.add(tag, new Tag({ label: "new" })))) instanceof UsageError);
        assert.ok((await failureOf(() => post.tags.add(gone))) instanceof UsageError);
        assert.ok((await failureOf(() => wrong.add(tag, { addBy: "x" }))) instanceof TypeError);
        assert.ok((await failureOf(() => wrong.add(tag, { addedBy: 3 }))) instanceof TypeError);
      });
      assert.deepEqual(
        texts.filter((text) => !/^(begin|rollback)/i.test(text)),
        [],
      );
      assert.deepEqual(await tagsOf(post), []);
    });
  });

  describe("remove, clear and set", () => {
    test("do nothing where there is nothing to do (Q6)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await post.tags.clear();
      await post.tags.remove(tag);
      await post.tags.add(tag);
      await post.tags.remove(other, other);
      await post.tags.remove();
      assert.deepEqual(await tagsOf(post), ["t0"]);
      await post.tags.remove(tag, other);
      assert.deepEqual(await tagsOf(post), []);
    });

    test("touch the rows of this instance alone (Q6, Q10)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      const second = await Post.objects.insert({ title: "second" });
      await post.tags.add(tag, other);
      await second.tags.add(tag, other);
      await post.tags.remove(tag);
      assert.deepEqual(await tagsOf(second), ["t0", "t1"]);
      await post.tags.set();
      await post.tags.clear();
      assert.deepEqual(await tagsOf(post), []);
      assert.deepEqual(await tagsOf(second), ["t0", "t1"]);
      assert.equal(await Tag.objects.count(), 3);
    });

    test("set replaces, and leaves the rows of those that stay as they are (Q6, S52)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other, third } = await postAndTags();
      await post.tags.add(tag, other, { addedBy: "ann" });
      await post.tags.set(third, other, third);
      assert.deepEqual(await tagsOf(post), ["t1", "t2"]);
      assert.equal((await post.tags.pivot(other))?.addedBy, "ann");
      assert.equal((await post.tags.pivot(third))?.addedBy, null);
      assert.deepEqual(labelsOf(post.tags.secondary), ["t2", "t1"], "the order of the assignment");
      await post.tags.set();
      assert.deepEqual(await tagsOf(post), []);
    });

    test("set checks first: nothing is written where one is wrong (Q6)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await post.tags.add(tag);
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => untyped(post.tags).set(other, post))) instanceof TypeError);
        assert.ok((await failureOf(() => post.tags.set(other, new Tag({ label: "new" })))) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(await tagsOf(post), ["t0"]);
    });

    test("set that the database refuses leaves everything as it was (Q6, M11)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await post.tags.add(tag);
      await post.tags.fetchAll();
      const gone = (await Tag.objects.find(other.id)) as Tag;
      await other.delete();
      await failureOf(() => post.tags.set(gone));
      assert.deepEqual(labelsOf(post.tags.secondary), ["t0"]);
      assert.deepEqual(await tagsOf(post), ["t0"]);
      assert.ok(db);
    });
  });

  describe("both sides", () => {
    test("know at once what either side writes (Q7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      const second = await Post.objects.insert({ title: "second" });
      for (const one of [tag, other]) await one.posts.fetchAll();
      for (const one of [post, second]) await one.tags.fetchAll();
      await post.tags.add(tag, other);
      await tag.posts.add(second);
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(titlesOf(await tag.posts.fetchAll()), ["post", "second"]);
        assert.deepEqual(titlesOf(other.posts.secondary), ["post"]);
        assert.deepEqual(labelsOf(await second.tags.fetchAll()), ["t0"]);
      });
      assert.deepEqual(texts, []);
      await post.tags.remove(tag);
      assert.deepEqual(titlesOf(tag.posts.secondary), ["second"]);
      await tag.posts.clear();
      assert.deepEqual(labelsOf(second.tags.secondary), []);
      await post.tags.set(tag);
      assert.deepEqual(titlesOf(other.posts.secondary), []);
      assert.deepEqual(titlesOf(tag.posts.secondary), ["post"]);
      assert.deepEqual(titlesOf(await other.posts.fetchAll()), []);
    });

    test("know as little as before where it is not loaded (Q7, S57)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await tag.posts.add(post);
      await post.tags.add(other);
      assert.throws(() => post.tags.secondary, RelationNotLoadedError);
      assert.deepEqual(labelsOf(await post.tags.fetchAll()), ["t0", "t1"]);
      assert.throws(() => tag.posts.secondary, RelationNotLoadedError);
    });

    test("are as before where the transaction is rolled back (M11)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const { post, tag, other } = await postAndTags();
      await Promise.all([post.tags.fetchAll(), tag.posts.fetchAll(), other.posts.fetchAll()]);
      await post.tags.add(tag);
      const error = new Error("no");
      const failed = await failureOf(() =>
        Post.objects.transaction(async (tx) => {
          await post.using(tx).tags.set(other);
          assert.deepEqual(labelsOf(post.tags.secondary), ["t1"]);
          assert.deepEqual(titlesOf(tag.posts.secondary), []);
          throw error;
        }),
      );
      assert.equal(failed, error);
      assert.deepEqual(labelsOf(await post.tags.fetchAll()), ["t0"]);
      assert.deepEqual(titlesOf(await tag.posts.fetchAll()), ["post"]);
      assert.deepEqual(titlesOf(await other.posts.fetchAll()), []);
    });
  });
});

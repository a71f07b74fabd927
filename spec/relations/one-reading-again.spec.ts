import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { RelationNotLoadedError, UsageError } from "../../src/index.js";
import { Author, Book } from "../manager/kept-models.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { Avatar, BLOG, idsOf, LISTED, Node, Post, User } from "./one-models.js";
import { countOf, people, postsOf, titles } from "./one-world.js";

eachEngine((engine) => {
  describe("a relation of an instance", () => {
    test("is the same object every time, and another of another instance", async () => {
      await using _db = await open(engine, [...BLOG, ...LISTED]);
      const [ann, bob] = await people();
      const [post] = await postsOf(ann.id, "x");
      const node = new Node({ name: "n" });
      assert.equal(ann.posts, ann.posts);
      assert.equal(ann.avatar, ann.avatar);
      assert.equal(post?.author, post?.author);
      assert.equal(node.parents, node.parents);
      assert.equal(node.children, node.children);
      assert.notEqual(ann.posts, bob.posts);
    });

    test("prints its kind, its model, and whether it is loaded (Q3)", async () => {
      await using _db = await open(engine, [...BLOG, ...LISTED]);
      const [ann] = await people();
      await postsOf(ann.id, "secret");
      const post = await Post.objects.get();
      const node = await Node.objects.insert({ name: "n", nodeIds: "7" });
      const relations = [post.author, ann.posts, ann.avatar, node.parents, node.children];
      const words = ["BelongsTo User", "HasMany Post", "HasOne Avatar", "Contains Node", "Within Node"];
      assert.deepEqual(
        relations.map((relation) => inspect(relation)),
        words.map((word) => `${word} (not loaded)`),
      );
      for (const relation of relations) await relation.reload();
      assert.deepEqual(
        relations.map((relation) => inspect(relation)),
        words.map((word) => `${word} (loaded)`),
      );
      post.authorId = null;
      assert.equal(inspect(post.author), "BelongsTo User (loaded)");
      post.authorId = 99;
      assert.equal(inspect(post.author), "BelongsTo User (not loaded)");
      post.author.secondary = new User({ name: "new" });
      assert.equal(inspect(post.author), "BelongsTo User (assigned)");
      ann.posts.secondary = [];
      assert.equal(inspect(ann.posts), "HasMany Post (assigned)");
    });

    test("shares nothing with one of another load, which sees what has changed between (S57)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann] = await people();
      await postsOf(ann.id, "x");
      const load = () => User.objects.get({ where: { id: ann.id } });
      const first = await load();
      const [own] = await first.posts.fetchAll();
      await Post.objects.update("all", { title: "changed" });
      await postsOf(ann.id, "y");
      const second = await load();
      const [other] = await second.posts.fetchAll();
      assert.deepEqual([titles(first.posts), titles(second.posts)], [["x"], ["changed", "y"]]);
      assert.notEqual(own, other);
      assert.ok(own !== undefined && other !== undefined);
      other.title = "mine";
      assert.equal(own.title, "x");
    });

    test("is read anew by its reload(), and by that of the instance, which drops what was assigned", async () => {
      await using db = await open(engine, BLOG);
      const [ann] = await people();
      await postsOf(ann.id, "x");
      await ann.posts.fetchAll();
      await postsOf(ann.id, "y");
      assert.deepEqual(titles(ann.posts), ["x"]);
      assert.equal(await countOf(db, () => ann.posts.reload()), 1);
      assert.deepEqual(titles(ann.posts), ["x", "y"]);
      ann.posts.secondary = [];
      ann.avatar.secondary = new Avatar({ url: "a" });
      await ann.posts.reload();
      assert.deepEqual(titles(ann.posts), ["x", "y"]);
      ann.posts.secondary = [];
      await ann.reload();
      assert.throws(() => ann.posts.secondary, RelationNotLoadedError);
      assert.throws(() => ann.avatar.secondary, RelationNotLoadedError);
      await assert.rejects(ann.posts.save(), UsageError);
      const post = await Post.objects.get({ where: { title: "x" } });
      post.author.secondary = null;
      await post.reload();
      assert.deepEqual([post.authorId, (await post.author.fetch())?.id], [ann.id, ann.id]);
    });

    test("gives copies of its list (Q5)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann] = await people();
      await postsOf(ann.id, "x");
      const given = await ann.posts.fetchAll();
      given.pop();
      (await ann.posts.fetchAll()).pop();
      Reflect.apply(Array.prototype.pop, ann.posts.secondary, []);
      const list: Post[] = [];
      ann.posts.secondary = list;
      list.push(new Post({ title: "late" }));
      assert.equal(ann.posts.length, 0);
      await ann.posts.reload();
      assert.deepEqual(titles(ann.posts), ["x"]);
    });
  });

  describe("what a relation gives of many", () => {
    test("is asked of the database by filter, in any chain, and each is a query of its own (Q5)", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [a] = await postsOf(ann.id, "a", "b", "c", "d");
      await postsOf(bob.id, "a");
      await ann.posts.fetchAll();
      await Post.objects.update({ id: a?.id ?? 0 }, { slug: "s" });
      const some = ann.posts.filter([Post.c.title.ne("d")]);
      const descending = some.orderBy("-title");
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(titles(await some.fetchAll()), ["a", "b", "c"]);
        assert.deepEqual(titles(await descending.fetchAll()), ["c", "b", "a"]);
        assert.deepEqual(titles(await descending.limit(1).offset(1).fetchAll()), ["b"]);
        assert.deepEqual(titles(await some.filter({ slug: "s" }).fetchAll()), ["a"]);
        assert.equal((await descending.fetchOne())?.title, "c");
        assert.equal(await some.filter({ title: "z" }).fetchOne(), null);
        assert.deepEqual([await some.count(), await some.exists()], [3, true]);
        assert.equal(await ann.posts.filter({ title: "z" }).exists(), false);
        assert.deepEqual(
          [await some.limit(2).count(), await some.offset(2).count(), await some.offset(9).count()],
          [2, 1, 0],
        );
        assert.deepEqual([await some.offset(2).exists(), await some.offset(3).exists()], [true, false]);
      });
      assert.equal(texts.length, 14);
      assert.deepEqual(await statementsOf(db, () => some.limit(0).exists()), []);
      assert.deepEqual([await some.limit(0).count(), await some.limit(0).fetchAll()], [0, []]);
      assert.throws(() => some.limit(-1), UsageError);
      assert.throws(() => some.offset(0.5), UsageError);
    });

    test("is counted by the database before it is loaded, and then without a query (Q5)", async () => {
      await using db = await open(engine, BLOG);
      const [{ id }] = await people();
      await postsOf(id, "a", "b", "c");
      const ann = await User.objects.get({ where: { id } });
      assert.equal(await countOf(db, () => ann.posts.count()), 1);
      assert.equal((await ann.posts.fetchOne())?.title, "a");
      assert.equal(ann.posts.isLoaded, false);
      await ann.posts.fetchAll();
      const texts = await statementsOf(db, async () => {
        assert.deepEqual([await ann.posts.count(), await ann.posts.exists(), ann.posts.length], [3, true, 3]);
        assert.deepEqual([ann.posts.at(0)?.title, ann.posts.at(-1)?.title, ann.posts.at(3)], ["a", "c", undefined]);
        assert.deepEqual([...ann.posts], ann.posts.secondary);
        assert.equal((await ann.posts.fetchOne())?.title, "a");
      });
      assert.deepEqual(texts, []);
    });

    test("comes as a builder as well, with null and [] for nothing (S55)", async () => {
      await using _db = await open(engine, BLOG);
      const [ann, bob] = await people();
      const [x] = await postsOf(ann.id, "x", "y");
      await postsOf(bob.id, "z");
      await Avatar.objects.insert({ url: "a", userId: ann.id });
      assert.deepEqual(titles(await ann.posts.query().orderBy("title", "desc").get()), ["y", "x"]);
      assert.equal(await ann.posts.query().equal("title", "z").count(), 0);
      assert.deepEqual(
        (await ann.avatar.query().get()).map(({ url }) => url),
        ["a"],
      );
      assert.deepEqual(
        (await x?.author.query().get())?.map(({ name }) => name),
        ["ann"],
      );
      assert.deepEqual(await new User({ name: "new" }).posts.query().get(), []);
    });
  });

  describe("others that are hidden", () => {
    test("are in no relation, and their keys stay as they are", async () => {
      await using _db = await open(engine, [Author, Book]);
      const author = await Author.objects.insert({ name: "a" });
      const [shown, hidden] = await Book.objects.insertMany(
        ["1", "2"].map((title) => ({ title, authorId: author.id })),
      );
      assert.ok(shown !== undefined && hidden !== undefined);
      await hidden.delete();
      assert.deepEqual(idsOf(await author.books.fetchAll()), [shown.id]);
      assert.deepEqual([await author.books.filter([]).count(), (await author.books.query().get()).length], [1, 1]);
      await author.delete();
      const read = await Book.objects.get();
      assert.equal(await read.author.fetch(), null);
      assert.equal((await Book.objects.withDeleted().get({ where: { id: hidden.id } })).authorId, author.id);
      const left = await Author.objects.withDeleted().get();
      assert.deepEqual(idsOf(await left.books.fetchAll()), [shown.id]);
    });
  });

  describe("where a relation reads and writes", () => {
    test("is the transaction that its instance is in, and the database after", async () => {
      await using db = await open(engine, BLOG);
      const [ann] = await people();
      const [post] = await postsOf(null, "x");
      assert.ok(post !== undefined);
      {
        await using tx = User.objects.transaction();
        const mine = await tx.get({ where: { id: ann.id } });
        await mine.posts.set(await Post.objects.using(tx).get());
        mine.avatar.secondary = new Avatar({ url: "a" });
        await mine.avatar.save();
        assert.deepEqual(titles(await (await tx.get({ where: { id: ann.id } })).posts.fetchAll()), ["x"]);
        assert.equal(await mine.posts.filter([]).count(), 1);
        assert.equal(mine.avatar.secondary?.user.secondary, mine);
        await tx.rollback();
      }
      assert.deepEqual([await Avatar.objects.count(), (await Post.objects.get()).authorId], [0, null]);
      {
        await using tx = db.begin();
        ann.using(tx);
        await ann.posts.add(post);
        assert.deepEqual(titles(await ann.posts.fetchAll()), ["x"]);
        await tx.commit();
      }
      assert.equal((await Post.objects.get()).authorId, ann.id);
      assert.deepEqual(titles((await ann.posts.reload()).secondary), ["x"]);
    });

    test("is the database of its instance, of several", async () => {
      await using first = await open(engine, BLOG);
      await using second = await open(engine, BLOG);
      const [one, two] = [first, second].map((db) => ({
        users: User.objects.using(db),
        posts: Post.objects.using(db),
      }));
      assert.ok(one !== undefined && two !== undefined);
      const ann = await one.users.insert({ name: "ann" });
      const other = await two.users.insert({ name: "other" });
      assert.equal(ann.id, other.id);
      await one.posts.insert({ title: "x", authorId: ann.id });
      await two.posts.insert({ title: "y", authorId: other.id });
      assert.deepEqual([titles(await ann.posts.fetchAll()), titles(await other.posts.fetchAll())], [["x"], ["y"]]);
      await ann.posts.clear();
      for (const [user, title] of [
        [ann, "of first"],
        [other, "of second"],
      ] as const) {
        user.posts.secondary = [new Post({ title })];
        await user.posts.save();
      }
      const found = async ({ posts }: typeof one) => titles(await posts.getInstances({ orderBy: "id" }));
      assert.deepEqual(
        [await found(one), await found(two)],
        [
          ["x", "of first"],
          ["y", "of second"],
        ],
      );
      assert.equal(await one.posts.count({ where: { authorId: null } }), 1);
    });
  });
});

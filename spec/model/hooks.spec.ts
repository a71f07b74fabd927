import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type HookContext,
  type HookEvent,
  integer,
  Manager,
  Model,
  NotFoundError,
  text,
  UniqueViolationError,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

const EVENTS: readonly HookEvent[] = [
  "beforeInsert",
  "afterInsert",
  "beforeInsertMany",
  "afterInsertMany",
  "beforeUpdate",
  "afterUpdate",
  "beforeSave",
  "afterSave",
  "beforeDelete",
  "afterDelete",
  "beforeReload",
  "afterReload",
];

/** Models of one test, so that no hook is left over for another. */
function makeModels() {
  class Post extends Model("posts", {
    id: integer().primaryKey(),
    title: text(),
    slug: text().default(""),
    code: text().unique().nullable(),
  }) {
    static override objects = new Manager(this);
  }
  class Log extends Model("logs", { id: integer().primaryKey(), line: text() }) {
    static override objects = new Manager(this);
  }
  const seen: string[] = [];
  for (const event of EVENTS) Post.addHook(event, () => seen.push(event));
  const take = () => seen.splice(0);
  const lines = async () => (await Log.objects.getItems({ orderBy: "id" })).map(({ line }) => line);
  return { Post, Log, take, lines };
}

eachEngine((engine) => {
  describe("hooks", () => {
    test("run before and after insert, update, save, delete and reload, in this order (S35)", async () => {
      const { Post, Log, take } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      const post = await new Post({ title: "a" }).save();
      assert.deepEqual(take(), ["beforeSave", "beforeInsert", "afterInsert", "afterSave"]);
      post.title = "b";
      await post.save();
      assert.deepEqual(take(), ["beforeSave", "beforeUpdate", "afterUpdate", "afterSave"]);
      await post.update({ title: "c" });
      assert.deepEqual(take(), ["beforeUpdate", "afterUpdate"]);
      await post.reload();
      assert.deepEqual(take(), ["beforeReload", "afterReload"]);
      await post.delete();
      assert.deepEqual(take(), ["beforeDelete", "afterDelete"]);
      await post.delete();
      assert.deepEqual(take(), []);
    });

    test("run around every insert: of the class, of its manager, and what getOrCreate creates (S35)", async () => {
      const { Post, Log, take } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      const insert = ["beforeInsert", "afterInsert"];
      const post = await Post.insert({ title: "a", code: "a" });
      assert.deepEqual(take(), insert);
      assert.equal(await Post.objects.insert({ title: "b" }, { fetch: false }), 1);
      assert.deepEqual(take(), insert);
      const [made, isMade] = await Post.objects.getOrCreate({ code: "c" }, { title: "c" });
      assert.deepEqual([made.title, isMade, take()], ["c", true, insert]);
      const [found, isNew] = await Post.objects.getOrCreate({ code: "c" }, { title: "d" });
      assert.deepEqual([found.id, isNew, take()], [made.id, false, []]);
      const [created] = await Post.objects.updateOrCreate({ code: "e" }, { title: "e" });
      assert.deepEqual([created.title, take()], ["e", insert]);
      const [updated, isCreated] = await Post.objects.updateOrCreate({ code: "a" }, { title: "z" });
      assert.deepEqual([updated.id, updated.title, isCreated], [post.id, "z", false]);
      assert.deepEqual(take(), ["beforeUpdate", "afterUpdate"]);
      assert.equal((await Post.find(post.id))?.title, "z");
    });

    test("of insertMany run once for the list, and for each of it, around one batch (S35)", async () => {
      const { Post, Log, take } = makeModels();
      await using db = await open(engine, [Post, Log]);
      const lists: string[][] = [];
      for (const event of ["beforeInsertMany", "afterInsertMany"] as const) {
        Post.addHook(event, (posts, context) => {
          assert.equal(context.event, event);
          lists.push(posts.map(({ id, title }) => `${typeof id} ${title}`));
        });
      }
      Post.addHook("beforeInsert", (post) => {
        post.slug = `${post.title}!`;
      });
      const texts = await statementsOf(db, async () => {
        const posts = await Post.insertMany([{ title: "a" }, { title: "b" }]);
        assert.deepEqual(
          posts.map(({ title, slug, changes }) => [title, slug, changes]),
          [
            ["a", "a!", {}],
            ["b", "b!", {}],
          ],
        );
      });
      assert.equal(texts.filter((sql) => sql.startsWith("insert")).length, 1);
      const each = ["beforeInsert", "beforeInsert", "afterInsert", "afterInsert"];
      assert.deepEqual(take(), ["beforeInsertMany", ...each, "afterInsertMany"]);
      assert.deepEqual(lists, [
        ["undefined a", "undefined b"],
        ["number a", "number b"],
      ]);
      assert.equal(await Post.objects.insertMany([{ title: "c" }, { title: "d" }], { fetch: false }), 2);
      assert.deepEqual(await Post.objects.insertMany([]), []);
      assert.equal(await Post.objects.count({ where: [Post.c.slug.endsWith("!")] }), 4);
    });

    test("don't run for updates and deletes by conditions, nor for upserts", async () => {
      const { Post, Log, take } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      await Post.objects.upsert({ id: 1, title: "a" });
      await Post.objects.update({ id: 1 }, { title: "b" });
      await Post.objects.delete("all");
      assert.deepEqual(take(), []);
    });

    test("don't run where suppressEvents says so, of any operation (S35)", async () => {
      const { Post, Log, take } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      const suppressEvents = true;
      const post = await new Post({ title: "a" }).save({ suppressEvents });
      post.title = "b";
      await post.save({ suppressEvents });
      await post.update({ title: "c" }, undefined, { suppressEvents });
      await post.update({ title: "d" }, { title: "c" }, { suppressEvents });
      await post.reload({ suppressEvents });
      assert.equal(post.title, "d");
      await post.delete({ suppressEvents });
      await Post.insert({ title: "e" }, { suppressEvents });
      await Post.insertMany([{ title: "f" }, { title: "g" }], { suppressEvents });
      await Post.objects.insert({ title: "h" }, { suppressEvents, fetch: false });
      await Post.objects.insertMany([{ title: "i" }], { suppressEvents });
      assert.deepEqual(take(), []);
      assert.equal(await Post.objects.count(), 5);
      await Post.insert({ title: "j" }, { suppressEvents: false });
      assert.deepEqual(take(), ["beforeInsert", "afterInsert"]);
      const wrong: object = { supressEvents: true };
      const saved = await Post.objects.get({ where: { title: "j" } });
      for (const work of [
        () => saved.save(wrong),
        () => saved.update({}, undefined, wrong),
        () => saved.delete(wrong),
        () => saved.reload(wrong),
        () => Post.insert({ title: "" }, wrong),
      ]) {
        const error = await failureOf(work);
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /suppressEvents/);
      }
    });

    test("change what is written: of a new row, and of one that is updated (S35)", async () => {
      const { Post, Log } = makeModels();
      await using db = await open(engine, [Post, Log]);
      Post.addHook("beforeSave", (post) => {
        post.slug = post.title.toLowerCase();
      });
      Post.addHook("beforeUpdate", (post) => {
        post.title += "?";
      });
      const post = await new Post({ title: "A" }).save();
      assert.equal((await Post.find(post.id))?.slug, "a");
      post.title = "B";
      const texts = await statementsOf(db, () => post.save());
      assert.match(texts.find((sql) => sql.startsWith("update")) ?? "", /set "title" = \S+, "slug" = \S+ where/);
      assert.deepEqual((await Post.find(post.id))?.data, { id: post.id, title: "B?", slug: "b", code: null });
      await post.update({ title: "C" });
      assert.deepEqual([post.title, post.slug, post.changes], ["C?", "b", {}]);
      assert.equal((await Post.find(post.id))?.title, "C?");
    });

    test("of an update don't run, and no SQL is sent, where nothing has changed, or a hook undid it (S32)", async () => {
      const { Post, Log, take } = makeModels();
      await using db = await open(engine, [Post, Log]);
      const post = await Post.insert({ title: "a" }, { suppressEvents: true });
      const sent = async (work: () => Promise<unknown>) => [await statementsOf(db, work), take()];
      assert.deepEqual(await sent(() => post.update({ title: "a" })), [[], []]);
      assert.deepEqual(await sent(() => post.update({})), [[], []]);
      assert.deepEqual(await sent(() => post.save()), [[], ["beforeSave", "afterSave"]]);
      Post.addHook("beforeUpdate", (subject) => {
        subject.title = "a";
      });
      assert.deepEqual(await sent(() => post.update({ title: "b" })), [[], ["beforeUpdate"]]);
      assert.deepEqual(post.changes, {});
    });

    test("are awaited one after another, in order of registration, sync or async (S35)", async () => {
      const { Post, Log } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      const order: string[] = [];
      for (const [name, delay] of [
        ["slow", 20],
        ["sync", 0],
        ["quick", 1],
      ] as const) {
        Post.addHook("beforeInsert", () => {
          if (delay === 0) return order.push(name);
          return new Promise<void>((resolve) => setTimeout(() => resolve(void order.push(name)), delay));
        });
      }
      await Post.insert({ title: "a" });
      assert.deepEqual(order, ["slow", "sync", "quick"]);
    });

    test("are told the event and a scope that others' managers can be bound to (S67)", async () => {
      const { Post, Log, lines } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      const write = async (post: { title: string }, context: HookContext) => {
        await Log.objects.using(context.scope).insert({ line: `${context.event} ${post.title}` });
      };
      for (const event of ["beforeInsert", "afterInsert", "beforeReload", "afterReload"] as const) {
        Post.addHook(event, write);
      }
      for (const event of ["beforeDelete", "afterDelete"] as const) Post.addHook(event, write);
      const post = await Post.insert({ title: "a" });
      await post.reload();
      await post.delete();
      assert.deepEqual(await lines(), [
        "beforeInsert a",
        "afterInsert a",
        "beforeReload a",
        "afterReload a",
        "beforeDelete a",
        "afterDelete a",
      ]);
    });
  });

  describe("a hook that throws", () => {
    const stop = new Error("no");

    for (const event of ["beforeInsert", "afterInsert", "beforeSave", "afterSave"] as const) {
      test(`(${event}) undoes a save that inserts, and what other hooks wrote (S35, S67)`, async () => {
        const { Post, Log, lines } = makeModels();
        await using _db = await open(engine, [Post, Log]);
        Post.addHook("beforeSave", async (post, { scope }) => {
          post.slug = "changed";
          await Log.objects.using(scope).insert({ line: "before" });
        });
        Post.addHook(event, () => {
          throw stop;
        });
        const post = new Post({ title: "a" });
        assert.equal(await failureOf(() => post.save()), stop);
        assert.deepEqual(post.data, { title: "a" });
        assert.deepEqual([await Post.objects.count(), await lines()], [0, []]);
        assert.ok((await failureOf(() => post.reload())) instanceof UsageError);
        Post.clearHooks();
        await post.save();
        assert.deepEqual(await Post.objects.getItems(), [post.data]);
      });
    }

    for (const event of ["beforeUpdate", "afterUpdate"] as const) {
      test(`(${event}) undoes an update, in the database and in memory (S35)`, async () => {
        const { Post, Log } = makeModels();
        await using _db = await open(engine, [Post, Log]);
        const post = await Post.insert({ title: "a" });
        Post.addHook(event, (subject) => {
          subject.code = "hook";
          throw stop;
        });
        post.slug = "mine";
        assert.equal(await failureOf(() => post.update({ title: "b" })), stop);
        assert.deepEqual([post.title, post.code, post.changes], ["a", null, { slug: "mine" }]);
        assert.equal(await failureOf(() => post.save()), stop);
        assert.deepEqual(post.changes, { slug: "mine" });
        assert.deepEqual(await Post.objects.getItem(), { id: post.id, title: "a", slug: "", code: null });
        Post.clearHooks();
        await post.update({ title: "c" });
        assert.deepEqual((await Post.find(post.id))?.data, { id: post.id, title: "c", slug: "mine", code: null });
      });
    }

    for (const event of ["beforeDelete", "afterDelete", "beforeReload", "afterReload"] as const) {
      test(`(${event}) leaves the row and the instance (S35)`, async () => {
        const { Post, Log } = makeModels();
        await using _db = await open(engine, [Post, Log]);
        const post = await Post.insert({ title: "a" });
        post.title = "b";
        Post.addHook(event, () => {
          throw stop;
        });
        const isDelete = event.endsWith("Delete");
        assert.equal(await failureOf(() => (isDelete ? post.delete() : post.reload())), stop);
        assert.deepEqual([post.changes, await Post.objects.count()], [{ title: "b" }, 1]);
        await post.save();
        assert.equal((await Post.find(post.id))?.title, "b");
      });
    }

    for (const event of ["beforeInsertMany", "beforeInsert", "afterInsert", "afterInsertMany"] as const) {
      test(`(${event}) undoes the whole list of insertMany (S35)`, async () => {
        const { Post, Log, lines } = makeModels();
        await using _db = await open(engine, [Post, Log]);
        let calls = 0;
        Post.addHook("beforeInsert", (_, { scope }) => Log.objects.using(scope).insert({ line: "before" }));
        Post.addHook(event, () => {
          calls++;
          if (event.endsWith("Many") || calls === 2) throw stop;
        });
        assert.equal(await failureOf(() => Post.insertMany([{ title: "a" }, { title: "b" }])), stop);
        assert.deepEqual([await Post.objects.count(), await lines()], [0, []]);
      });
    }

    test("has no say where its operation fails by itself: the error is the database's, and all is undone", async () => {
      const { Post, Log, lines, take } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      await Post.insert({ title: "a", code: "x" });
      Post.addHook("beforeInsert", (_, { scope }) => Log.objects.using(scope).insert({ line: "before" }));
      take();
      const post = new Post({ title: "b", code: "x" });
      assert.ok((await failureOf(() => post.save())) instanceof UniqueViolationError);
      assert.deepEqual([await Post.objects.count(), await lines()], [1, []]);
      assert.deepEqual(take(), ["beforeSave", "beforeInsert"]);
      assert.deepEqual(post.data, { title: "b", code: "x" });
      const gone = await Post.insert({ title: "c" });
      await Post.objects.delete({ id: gone.id });
      assert.ok((await failureOf(() => gone.update({ title: "d" }))) instanceof NotFoundError);
      assert.deepEqual([gone.title, gone.changes], ["c", {}]);
    });
  });

  describe("getOrCreate", () => {
    test("gives the row that another inserted while hooks ran, and undoes what they wrote (S35)", async () => {
      const { Post, Log, lines, take } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      Post.addHook("beforeInsert", async (_, { scope }) => {
        await Post.objects.insert({ title: "theirs", code: "x" }, { suppressEvents: true });
        await Log.objects.using(scope).insert({ line: "before" });
      });
      const [post, created] = await Post.objects.getOrCreate({ code: "x" }, { title: "mine" });
      assert.deepEqual([post.title, created, take()], ["theirs", false, ["beforeInsert"]]);
      assert.deepEqual([await Post.objects.count(), await lines()], [1, []]);
    });

    test("fails where its own hook inserted the row: that is undone", async () => {
      const { Post, Log } = makeModels();
      await using _db = await open(engine, [Post, Log]);
      Post.addHook("beforeInsert", async (_, { scope }) => {
        await Post.objects.using(scope).insert({ title: "theirs", code: "x" }, { suppressEvents: true });
      });
      const error = await failureOf(() => Post.objects.getOrCreate({ code: "x" }, { title: "mine" }));
      assert.ok(error instanceof UniqueViolationError);
      assert.equal(await Post.objects.count(), 0);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  contains,
  hasOne,
  integer,
  Manager,
  Model,
  RelationNotLoadedError,
  sql,
  text,
  UsageError,
  within,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { labelsOf, MANY_MODELS, namesOf, Post, PostTag, seed, Tag, titlesOf, User, untyped } from "./many-models.js";

class Node extends Model("nodes", { id: integer().primaryKey(), name: text(), parentIds: text().default("") }) {
  static override objects = new Manager(this);
  get parents() {
    return contains(this, Node, "parentIds");
  }
  get children() {
    return within(this, Node, "parentIds");
  }
}

/** Nothing says that a user has one locker at most. */
class Owner extends Model("owners", { id: integer().primaryKey(), name: text() }) {
  static override objects = new Manager(this);
  get locker() {
    return hasOne(this, Locker, "ownerId");
  }
}

class Locker extends Model("lockers", { id: integer().primaryKey(), ownerId: integer() }) {}

/** Three users, with scores of posts as given. */
async function writers(...scores: readonly (readonly (number | null)[])[]) {
  const users = await User.objects.insertMany(scores.map((_, i) => ({ name: `u${i}` })));
  await Post.objects.insertMany(
    scores.flatMap((own, i) =>
      own.map((score, place) => ({ title: `p${i}${place}`, score, authorId: users[i]?.id ?? null })),
    ),
  );
  return users as [User, User, User];
}

const titles = (users: readonly { readonly posts: Iterable<Post> }[]): string[] =>
  users.map(({ posts }) => titlesOf([...posts]).join(" "));

eachEngine((engine) => {
  describe("prefetch", () => {
    test("of one instance reads no other rows", async () => {
      await using db = await open(engine, MANY_MODELS);
      await writers([1], [2, 3], [4]);
      const users = User.objects;
      const forms = [
        () => users.first({ prefetch: "posts" }),
        () => users.last({ prefetch: { posts: { limit: 1 } } }),
        () => users.getInstance({ prefetch: ["posts"] }),
        () => users.get({ where: { name: "u1" }, prefetch: "posts" }),
      ];
      for (const form of forms) {
        const [first, second, ...others] = await statementsOf(db, form);
        assert.match(first ?? "", / limit /);
        assert.match(second ?? "", /"posts"/);
        assert.deepEqual(others, []);
      }
      assert.deepEqual(titles([await users.get({ where: { name: "u1" }, prefetch: "posts" })]), ["p10 p11"]);
    });

    test("takes a path, a list, an object, and overlapping ones once (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(10);
      const users = User.objects;
      const forms = [
        [() => users.getInstances({ prefetch: "posts" }), 2],
        [() => users.getInstances({ prefetch: ["posts", "posts.tags", "posts.tags.author", "posts"] }), 4],
        [() => users.getInstances({ prefetch: ["posts.tags", { posts: { orderBy: "-id" } }, "posts.author"] }), 4],
        [() => users.getInstances({ prefetch: { posts: { prefetch: { tags: { prefetch: ["author"] } } } } }), 4],
        [() => users.getInstances({ prefetch: ["profile", "friends.posts", "follows", "fans"] }), 5],
        [() => users.getInstances({ prefetch: { posts: true } }), 2],
        [() => users.getInstances({ prefetch: [] }), 1],
      ] as const;
      for (const [read, count] of forms) assert.equal((await statementsOf(db, read)).length, count, String(read));
    });

    test("goes on where others are: a relation without others asks for nothing below it (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await User.objects.insert({ name: "a" });
      const read = () => User.objects.getInstances({ prefetch: ["friends.posts.tags", "boss.boss"] });
      assert.equal((await statementsOf(db, read)).length, 2);
      const [user] = await read();
      assert.deepEqual([user?.friends.secondary, user?.boss.secondary], [[], null]);
    });

    test("gives copies of what is loaded; filter goes to the database (Q5)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await writers([1, 2]);
      const [user] = await User.objects.getInstances({ prefetch: "posts" });
      assert.ok(user);
      const texts = await statementsOf(db, async () => {
        (await user.posts.fetchAll()).pop();
        untyped(user.posts.secondary).pop();
        assert.equal((await user.posts.fetchAll()).length, 2);
        assert.equal(await user.posts.count(), 2);
        assert.equal(await user.posts.exists(), true);
        assert.equal((await user.posts.fetchOne())?.title, "p00");
        assert.equal(user.posts.at(-1)?.title, "p01");
      });
      assert.deepEqual(texts, []);
      assert.equal((await statementsOf(db, () => user.posts.filter({ score: 2 }).fetchAll())).length, 1);
    });

    test("where chooses among the others, also by what they are related to (Q13, Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const users = await writers([1, 5], [5], []);
      const [post] = await Post.objects.getInstances({ where: { title: "p01" } });
      await post?.tags.add(await Tag.objects.insert({ label: "x" }));
      const chosen = { posts: { where: { score: 5, tags: { some: { label: "x" } } } } } as const;
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(titles(await User.objects.getInstances({ orderBy: "id", prefetch: chosen })), ["p01", "", ""]);
      });
      assert.equal(texts.length, 2);
      const ofBoth = await User.objects.getInstances({
        orderBy: "id",
        prefetch: { posts: { where: [Post.c.score.gt(1), { "author.name": "u1" }] } },
      });
      assert.deepEqual(titles(ofBoth), ["", "p10", ""]);
      assert.equal(await users[0].posts.count(), 2);
    });

    test("orderBy orders the others, nulls as the smallest, ties by what is said next, or by another's column (Q14)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [, second] = await writers([2, null, 1, 2], [], []);
      await Post.objects.update({ title: "p02" }, { authorId: second.id });
      const by = async (orderBy: readonly ("score" | "-score" | "-title" | "title")[]) =>
        titles(await User.objects.getInstances({ orderBy: "id", prefetch: { posts: { orderBy } } }));
      assert.deepEqual(await by(["score", "-title"]), ["p01 p03 p00", "p02", ""]);
      assert.deepEqual(await by(["-score", "title"]), ["p00 p03 p01", "p02", ""]);
      const tag = await Tag.objects.insert({ label: "x" });
      await tag.posts.add(...(await Post.objects.getInstances()));
      const [one] = await Tag.objects.getInstances({ prefetch: { posts: { orderBy: ["-author.name", "-title"] } } });
      assert.deepEqual(titlesOf(one?.posts.secondary ?? []), ["p02", "p03", "p01", "p00"]);
    });

    test("limit and offset are of each parent, in one query (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await writers([1, 9, 5, null, 7], [3, 3], []);
      const read = (limit?: number, offset?: number) =>
        User.objects.getInstances({
          orderBy: "id",
          prefetch: { posts: { orderBy: ["-score", "id"], ...{ limit, offset } } },
        });
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(titles(await read(2)), ["p01 p04", "p10 p11", ""]);
      });
      assert.equal(texts.length, 2);
      assert.deepEqual(titles(await read(2, 1)), ["p04 p02", "p11", ""]);
      assert.deepEqual(titles(await read(undefined, 3)), ["p00 p03", "", ""]);
      assert.deepEqual(titles(await read(0)), ["", "", ""]);
      const [tag, other] = (await Tag.objects.insertMany([{ label: "a" }, { label: "b" }])) as [Tag, Tag];
      const posts = await Post.objects.getInstances();
      await tag.posts.add(...posts);
      await other.posts.add(...posts.slice(0, 1));
      const tags = await Tag.objects.getInstances({
        orderBy: "id",
        prefetch: {
          posts: { orderBy: "-title", limit: 2, selectRelated: "author", prefetch: "tags", withCount: "tags" },
        },
      });
      assert.deepEqual(titles(tags), ["p11 p10", "p00"]);
      const [best] = tags[1]?.posts.secondary ?? [];
      assert.equal(best?.author.secondary?.name, "u0");
      assert.deepEqual(labelsOf(best?.tags.secondary ?? []), ["a", "b"]);
      assert.equal(best?.tagsCount, 2);
    });

    test("of ids in a text takes the same options (S56, Q14)", async () => {
      await using db = await open(engine, [Node]);
      const [one, two] = (await Node.objects.insertMany([{ name: "1" }, { name: "2" }])) as [Node, Node];
      await Node.objects.insertMany(
        ["a", "b", "c"].map((name, i) => ({ name, parentIds: i === 2 ? `${one.id}` : `${one.id},${two.id}` })),
      );
      const options = { orderBy: "-name", limit: 2, offset: 1 } as const;
      const texts = await statementsOf(db, async () => {
        const nodes = await Node.objects.getInstances({
          orderBy: "id",
          prefetch: { children: options, parents: { orderBy: "-name", limit: 1 } },
        });
        const named = (list: readonly Node[]) => namesOf(list).join("");
        assert.deepEqual(
          nodes.map(({ children }) => named(children.secondary)),
          ["ba", "a", "", "", ""],
        );
        assert.deepEqual(
          nodes.map(({ parents }) => named(parents.secondary)),
          ["", "", "2", "2", "1"],
        );
      });
      assert.equal(texts.length, 3);
    });

    test("runs the hooks of what it loads (S37)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      await writers([1, 2], [3]);
      const met: string[] = [];
      const hook = (post: Post) => {
        met.push(post.title);
      };
      untyped(Post).addHook("afterInit", hook);
      try {
        await User.objects.getInstances({ prefetch: { posts: { limit: 1 } } });
      } finally {
        untyped(Post).removeHook("afterInit", hook);
      }
      assert.deepEqual(met.sort(), ["p00", "p10"]);
    });

    test("does not ask again for what was joined, nor for what is loaded already (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const [boss] = await writers([1, 2], [3], [4]);
      await User.objects.update(User.c.id.ne(boss.id), { bossId: boss.id });
      const query = { selectRelated: "boss", prefetch: ["boss.posts", "posts"] } as const;
      const texts = await statementsOf(db, async () => {
        const users = await User.objects.getInstances({ orderBy: "-id", ...query });
        assert.deepEqual(titlesOf(users[0]?.boss.secondary?.posts.secondary ?? []), ["p00", "p01"]);
        assert.deepEqual(titles(users), ["p20", "p10", "p00 p01"]);
      });
      assert.equal(texts.length, 3);
    });

    test("refuses what it does not know before any SQL (S1, Q14)", async () => {
      await using db = await open(engine, [...MANY_MODELS, Owner, Locker]);
      const { objects } = untyped(User);
      const refused: [object, typeof TypeError | typeof UsageError, RegExp][] = [
        [{ prefetch: "post" }, TypeError, /no relation "post".*posts/],
        [{ prefetch: "posts.tag" }, TypeError, /no relation "tag".*tags/],
        [{ prefetch: ["posts.title"] }, TypeError, /no relation "title"/],
        [{ prefetch: 3 }, TypeError, /prefetch/],
        [{ prefetch: [null] }, TypeError, /prefetch/],
        [{ prefetch: "" }, TypeError, /no relation ""/],
        [{ prefetch: { posts: { limt: 3 } } }, TypeError, /limit/],
        [{ prefetch: { posts: { lock: "update" } } }, TypeError, /lock/],
        [{ prefetch: { posts: 3 } }, TypeError, /posts/],
        [{ prefetch: { posts: { where: { titel: "x" } } } }, TypeError, /title/],
        [{ prefetch: { posts: { limit: -1 } } }, UsageError, /limit/],
        [{ prefetch: { posts: { limit: 1, orderBy: sql`score` } } }, UsageError, /order/],
        [{ prefetch: [{ posts: { limit: 1 } }, { posts: { limit: 2 } }] }, UsageError, /posts.*twice/],
        [{ selectRelated: "posts" }, TypeError, /to many.*prefetch/],
        [{ selectRelated: "boss.posts" }, TypeError, /to many/],
        [{ selectRelated: "bos" }, TypeError, /boss/],
        [{ withCount: "boss" }, TypeError, /to one/],
        [{ withCount: "post" }, TypeError, /posts/],
      ];
      const texts = await statementsOf(db, async () => {
        for (const [query, kind, message] of refused) {
          const error = await failureOf(() => objects.getInstances(query));
          assert.ok(error instanceof kind, `${JSON.stringify(query)}: ${error}`);
          assert.match(error.message, message);
        }
        const notUnique = await failureOf(() => untyped(Owner).objects.getInstances({ selectRelated: "locker" }));
        assert.ok(notUnique instanceof UsageError);
        assert.match(notUnique.message, /unique/);
      });
      assert.deepEqual(texts, []);
    });

    test("is what a relation that is not loaded says to do (S57)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      await writers([1]);
      const [user] = await User.objects.getInstances();
      assert.throws(
        () => user?.posts.secondary,
        (error: unknown) => {
          assert.ok(error instanceof RelationNotLoadedError);
          assert.match(error.message, /fetchAll\(\).*prefetch: \["posts"\]/);
          return true;
        },
      );
      assert.equal(PostTag.table, "post_tags");
    });
  });
});

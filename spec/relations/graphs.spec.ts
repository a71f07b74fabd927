import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import {
  belongsTo,
  belongsToMany,
  contains,
  hasMany,
  integer,
  junction,
  Manager,
  Model,
  text,
  UniqueViolationError,
  UsageError,
  ValidationError,
  within,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { labelsOf, MANY_MODELS, namesOf, Post, PostTag, Profile, Tag, titlesOf, User, untyped } from "./many-models.js";

class Node extends Model("nodes", { id: integer().primaryKey(), name: text(), parentIds: text().default("") }) {
  static override objects = new Manager(this);
  get parents() {
    return contains(this, Node, "parentIds");
  }
  get children() {
    return within(this, Node, "parentIds");
  }
}

let checked: string[] = [];

const noted = z.string().transform((name) => {
  checked.push(name);
  return name.trim();
});

class Order extends Model("orders", { id: text().primaryKey(), name: text().check(noted) }) {
  static override objects = new Manager(this);
  get lines() {
    return hasMany(this, Line, "orderId");
  }
}

class Line extends Model("lines", {
  id: integer().primaryKey(),
  name: text().check(noted),
  orderId: text(),
  code: text().nullable().unique(),
}) {
  static override objects = new Manager(this);
  get order() {
    return belongsTo(this, Order, "orderId");
  }
  get parts() {
    return belongsToMany(this, Part, LinePart, "lineId", "partId");
  }
}

class Part extends Model("parts", { id: integer().primaryKey(), name: text().unique() }) {
  static override objects = new Manager(this);
}

class LinePart extends junction("line_parts", { lineId: () => Line, partId: () => Part }) {
  static override objects = new Manager(this);
}

class Shape extends Model("shapes", { id: integer().primaryKey(), edges: integer(), after: text() }) {
  static override objects = new Manager(this);
}

class Label extends Model("labels", { id: integer().primaryKey(), text: text(), shapeId: integer() }) {
  static override objects = new Manager(this);
  get shape() {
    return belongsTo(this, Shape);
  }
}

const ORDER_MODELS = [Order, Line, Part, LinePart];

/** The texts of the inserts among statements. */
const inserts = (texts: readonly string[]): string[] =>
  texts.filter((sent) => sent.startsWith("insert")).map((sent) => /"(\w+)"/.exec(sent)?.[1] ?? "");

eachEngine((engine) => {
  describe("insert of rows with what is related to them", () => {
    test("is a statement for each table, and gives instances that have it all (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const known = await Tag.objects.insert({ label: "known" });
      let users: readonly User[] = [];
      const texts = await statementsOf(db, async () => {
        users = await User.objects.insertMany([
          {
            name: "ann",
            profile: { bio: "x" },
            posts: [
              { title: "a", tags: [{ label: "new" }, known] },
              { title: "b", tags: [known] },
            ],
          },
          { name: "bob", posts: [{ title: "c" }, { title: "d", tags: [] }] },
          { name: "cat" },
        ]);
      });
      assert.deepEqual(inserts(texts).sort(), ["post_tags", "posts", "profiles", "tags", "users"]);
      assert.equal(texts.length, 5);
      const quiet = await statementsOf(db, async () => {
        const [ann, bob] = users as [User, User];
        assert.deepEqual(titlesOf(await ann.posts.fetchAll()), ["a", "b"]);
        assert.equal((await ann.profile.fetch())?.bio, "x");
        assert.deepEqual(labelsOf(ann.posts.at(0)?.tags.secondary ?? []), ["new", "known"]);
        assert.equal(ann.posts.at(1)?.tags.at(0), known);
        assert.deepEqual(titlesOf(bob.posts.secondary), ["c", "d"]);
      });
      assert.deepEqual(quiet, []);
      assert.deepEqual(namesOf(users), ["ann", "bob", "cat"]);
      const [read] = await User.objects.getInstances({ orderBy: "id", prefetch: ["posts.tags", "profile"] });
      assert.deepEqual(labelsOf(read?.posts.at(0)?.tags.secondary ?? []), ["known", "new"]);
      assert.equal(await PostTag.objects.count(), 3);
      assert.equal(read?.profile.secondary?.bio, "x");
    });

    test("takes what it belongs to, new or not, and others that were there before (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const ann = await User.objects.insert({ name: "ann" });
      const old = await Post.objects.insert({ title: "old" });
      let posts: readonly Post[] = [];
      const texts = await statementsOf(db, async () => {
        posts = await Post.objects.insertMany([
          { title: "a", author: { name: "bob", boss: ann } },
          { title: "b", author: ann },
          { title: "c", author: null },
        ]);
      });
      assert.deepEqual(inserts(texts), ["users", "posts"]);
      assert.deepEqual(
        posts.map(({ author }) => author.secondary?.name),
        ["bob", "ann", undefined],
      );
      assert.equal(posts[1]?.author.secondary, ann);
      assert.equal(posts[0]?.author.secondary?.boss.secondary, ann);
      const same = (await Post.objects.find(old.id)) as Post;
      const cat = await User.objects.insert({ name: "cat", posts: [old, { title: "new" }, old, same], reports: [ann] });
      assert.deepEqual([old.authorId, ann.bossId], [cat.id, cat.id]);
      assert.equal(await Post.objects.count({ where: { authorId: cat.id } }), 2);
      assert.deepEqual(titlesOf(cat.posts.secondary), ["old", "new"]);
      assert.deepEqual([old.changes, ann.changes], [{}, {}]);
    });

    test("is one insert for each generation of a tree (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const texts = await statementsOf(db, () =>
        User.objects.insert({
          name: "root",
          reports: [
            { name: "a", reports: [{ name: "aa" }, { name: "ab" }] },
            { name: "b", reports: [{ name: "ba", reports: [{ name: "baa" }] }] },
          ],
        }),
      );
      assert.deepEqual(inserts(texts), ["users", "users", "users", "users"]);
      const users = await User.objects.getInstances({ orderBy: "name", selectRelated: "boss" });
      assert.deepEqual(
        users.map(({ name, boss }) => `${name} ${boss.secondary?.name}`),
        ["a root", "aa a", "ab a", "b root", "ba b", "baa ba", "root undefined"],
      );
    });

    test("knows symmetrical and directed relations, and lists of ids (Q8, S56)", async () => {
      await using _db = await open(engine, [...MANY_MODELS, Node]);
      const old = await User.objects.insert({ name: "old" });
      const user = await User.objects.insert({ name: "u", friends: [old, { name: "f" }, old], fans: [{ name: "g" }] });
      assert.deepEqual(namesOf(user.friends.secondary), ["old", "f"]);
      assert.deepEqual(namesOf(await old.friends.fetchAll()), ["u"]);
      assert.deepEqual(namesOf((await user.fans.reload()).secondary), ["g"]);
      const [g] = await User.objects.getInstances({ where: { name: "g" }, prefetch: ["follows", "fans"] });
      assert.deepEqual([namesOf(g?.follows.secondary ?? []), g?.fans.length], [["u"], 0]);
      const first = await Node.objects.insert({ name: "first" });
      const node = await Node.objects.insert({
        name: "n",
        parents: [{ name: "p" }, first],
        children: [{ name: "c" }],
      });
      assert.equal(node.parentIds, `${first.id},${node.parents.at(0)?.id}`);
      assert.deepEqual(namesOf(node.parents.secondary), ["p", "first"]);
      const [again] = await Node.objects.getInstances({ where: { name: "n" }, prefetch: ["parents", "children"] });
      assert.deepEqual(namesOf(again?.parents.secondary ?? []), ["first", "p"]);
      assert.deepEqual(namesOf(again?.children.secondary ?? []), ["c"]);
    });

    test("refuses what can't be before any SQL (S1)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const { objects } = untyped(User);
      const fresh = new Post({ title: "new" });
      const shared = { title: "shared" };
      const refused: [object, typeof TypeError | typeof UsageError, RegExp][] = [
        [{ name: "a", posts: [{ title: "x", authorId: 3 }] }, UsageError, /authorId/],
        [{ name: "a", bossId: 1, boss: { name: "b" } }, UsageError, /bossId/],
        [{ name: "a", posts: [{ title: "x", author: { name: "b" } }] }, UsageError, /authorId/],
        [{ name: "a", posts: [shared], reports: [{ name: "b", posts: [shared] }] }, UsageError, /given to several/],
        [{ name: "a", posts: [{ title: "x", tags: [{ label: 3 }] }] }, TypeError, /label/],
        [{ name: "a", posts: [{ title: "x", tags: [{ label: "l" }, { labl: "l" }] }] }, TypeError, /label/],
        [{ name: "a", posts: { title: "x" } }, TypeError, /posts/],
        [{ name: "a", posts: [3] }, TypeError, /posts/],
        [{ name: "a", posts: null }, TypeError, /posts/],
        [{ name: "a", post: [] }, TypeError, /post/],
        [{ name: "a", boss: [{ name: "b" }] }, TypeError, /users/],
        [{ name: "a", posts: [fresh] }, UsageError, /not in the database/],
        [{ name: "a", posts: [new Tag({ label: "t" })] }, TypeError, /posts/],
      ];
      const texts = await statementsOf(db, async () => {
        for (const [row, kind, message] of refused) {
          const error = await failureOf(() => objects.insert(row));
          assert.ok(error instanceof kind, `${JSON.stringify(row)}: ${error}`);
          assert.match(error.message, message);
        }
        const circle: { name: string; boss?: object } = { name: "a" };
        circle.boss = { name: "b", boss: circle };
        const circular = await failureOf(() => objects.insert(circle));
        assert.ok(circular instanceof UsageError);
        assert.match(circular.message, /in a circle/);
        const row = { name: "a", posts: [{ title: "x" }] };
        assert.ok((await failureOf(() => objects.insert(row, { fetch: false }))) instanceof UsageError);
        assert.ok((await failureOf(() => objects.insertMany([row], { suppressEvents: true }))) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
    });

    test("leaves nothing behind where the last table refuses a row (M11)", async () => {
      await using _db = await open(engine, ORDER_MODELS);
      const known = await Part.objects.insert({ name: "known" });
      const row = { name: "o", lines: [{ name: "l", parts: [{ name: "p" }, known, { name: "known" }] }] };
      assert.ok((await failureOf(() => Order.objects.insert(row))) instanceof UniqueViolationError);
      const counts = await Promise.all([Order, Line, Part, LinePart].map((model) => untyped(model).objects.count()));
      assert.deepEqual(counts, [0, 0, 1, 0]);
      assert.equal((await Order.objects.insert({ ...row, lines: [{ name: "l" }] })).lines.length, 1);
    });

    test("is undone in memory where its transaction is rolled back (S65)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const tx = User.objects.transaction();
      const user = await tx.insert({ name: "a", posts: [{ title: "x", tags: [{ label: "t" }] }] });
      const post = user.posts.at(0) as Post;
      const tag = post.tags.at(0) as Tag;
      await tx.rollback();
      for (const one of [user, post, tag]) assert.equal(one.id, undefined);
      assert.deepEqual(await user.posts.fetchAll(), []);
      assert.ok((await failureOf(() => user.posts.clear())) instanceof UsageError);
      assert.equal(await User.objects.count(), 0);
      await user.save();
      assert.equal(await User.objects.count(), 1);
      assert.equal(await Profile.objects.count(), 0);
    });

    test("that is rolled back leaves those that were there with what they had loaded (S65, M11)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const ann = await User.objects.insert({ name: "ann" });
      const post = await Post.objects.insert({ title: "x", authorId: ann.id });
      const author = await post.author.fetch();
      const tx = User.objects.transaction();
      const user = await tx.insert({ name: "b", posts: [post] });
      assert.equal(post.author.secondary, user);
      await tx.rollback();
      const texts = await statementsOf(db, () => assert.equal(post.author.secondary, author));
      assert.deepEqual(texts, []);
    });

    test("takes rows that were there whatever their columns are called (Q14)", async () => {
      await using _db = await open(engine, [Shape, Label]);
      const shape = await Shape.objects.insert({ edges: 3, after: "x" });
      const label = await Label.objects.insert({ text: "triangle", shape });
      assert.equal(label.shapeId, shape.id);
      assert.equal(label.shape.secondary, shape);
    });

    test("runs the hooks and the schemas of each row once (S35)", async () => {
      await using _db = await open(engine, ORDER_MODELS);
      const met: string[] = [];
      const before = (event: string) => (line: unknown) => {
        for (const one of Array.isArray(line) ? line : [line]) met.push(`${event} ${one.name} ${one.id !== undefined}`);
      };
      const row = { name: " o ", lines: [{ name: " l" }, { name: "m " }] };
      checked = [];
      const plain = await Order.objects.insert(row);
      assert.deepEqual(checked.sort(), [" l", " o ", "m "]);
      assert.deepEqual([plain.name, ...namesOf(plain.lines.secondary)], ["o", "l", "m"]);
      const hooks = [before("before"), before("after")] as const;
      untyped(Line).addHook("beforeInsert", hooks[0]);
      untyped(Line).addHook("afterInsert", hooks[1]);
      try {
        checked = [];
        const order = await Order.objects.insert(row);
        assert.deepEqual(checked.sort(), [" l", " o ", "m "]);
        assert.deepEqual(namesOf(order.lines.secondary), ["l", "m"]);
        assert.equal(met.length, 4);
        assert.equal(await Line.objects.count({ where: { orderId: order.id } }), 2);
        assert.ok(
          (await failureOf(() => Order.objects.insert({ name: "x", lines: [untyped({ name: 3 })] }))) instanceof
            TypeError,
        );
      } finally {
        untyped(Line).clearHooks();
      }
      const refused = await failureOf(() => untyped(Order).objects.insert({ name: "x", lines: [{}] }));
      assert.ok(refused instanceof Error && !(refused instanceof ValidationError && refused.message.includes(" l")));
      assert.equal(await Order.objects.count(), 2);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alias, count, cte, Database, integer, Model, QueryBuilder, sql, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { fill, names, Post, User } from "./models.js";
import { untyped } from "./untyped.js";

/** A call of each method of a builder that gives a builder. */
const CALLS: Record<string, readonly unknown[]> = {
  equal: ["name", "a"],
  notEqual: [{ name: "a" }],
  less: ["age", 3],
  lessOrEqual: ["age", 3],
  greater: ["age", 3],
  greaterOrEqual: ["age", 3],
  like: ["name", "a%"],
  notLike: ["name", "?%", "a"],
  startsWith: ["name", "a"],
  doesNotStartWith: ["name", "a"],
  contains: ["name", "a"],
  excludes: ["name", "a"],
  endsWith: ["name", "a"],
  doesNotEndWith: ["name", "a"],
  isIn: ["id", [1]],
  notIn: ["id", [1]],
  isNull: ["age"],
  notNull: ["age"],
  where: [{ equal: { name: "a" } }],
  orderBy: ["name", "desc"],
  skip: [3],
  withDeleted: [],
  join: [Post, ["id", "authorId"]],
  select: [["name"]],
  group: ["name"],
};

class Boss extends Model("bosses", { id: integer().primaryKey(), name: text(), bossId: integer().nullable() }) {}

describe("a builder", () => {
  const db = new Database("sqlite::memory:");

  test("is immutable: every call leaves its parent as it was, and what it was given does not change it later (S14)", () => {
    const parent = untyped(User.query().using(db).equal("active", true).orderBy("id", "asc"));
    const before = parent.toSql();
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(parent));
    const others = [
      ...["constructor", "reset", "having", "using", "get", "take", "first", "find", "count", "chunk", "insert"],
      ...["insertMany", "update", "delete", "toSql", "toString", "executeRaw", "addOperator"],
    ];
    assert.deepEqual(methods.filter((name) => !others.includes(name)).sort(), Object.keys(CALLS).sort());
    for (const [method, given] of Object.entries(CALLS)) {
      const child = method === "group" ? parent.reset?.().group?.(...given) : parent[method]?.(...given);
      assert.notEqual(child, parent);
      if (method !== "withDeleted") assert.notDeepEqual(child?.toSql(), before, method);
      assert.deepEqual(parent.toSql(), before, method);
    }
    const list = [1, 2];
    const columns = ["name"];
    const query = User.query()
      .using(db)
      .isIn("id", list)
      .select(columns as "name"[]);
    const text = query.toSql();
    list.push(3);
    columns.push("age");
    assert.deepEqual(query.toSql(), text);
    const having = { name: "a" };
    const groups = ["name"];
    const grouped = User.query()
      .using(db)
      .group(groups as "name"[])
      .having(having);
    groups.push("age");
    having.name = "b";
    assert.match(grouped.toSql().text, /group by "users"\."name" having "users"\."name" = \?$/);
    assert.deepEqual(grouped.toSql().values, ["a"]);
  });

  test("reset() is a fresh one on the same table and database, whatever was said (S14)", () => {
    const fresh = Post.query().using(db).toSql();
    const posts = untyped(Post.query().using(db));
    for (const said of [
      posts.equal?.("title", "a").orderBy?.("id", "asc").skip?.(1),
      posts.withDeleted?.(),
      posts.join?.(User, ["authorId", "id"], "left"),
      posts.select?.(["title"]),
      posts.group?.("title").having?.({ title: "a" }),
    ])
      assert.deepEqual(said?.reset?.().toSql(), fresh);
  });
});

eachEngine((engine) => {
  describe("a builder", () => {
    test("branches: two queries from one parent know nothing of each other (S14)", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const parent = User.query().notNull("age");
      const [low, high] = [parent.less("age", 3), parent.greater("age", 2).orderBy("name", "desc")];
      assert.deepEqual(
        [names(await low.get()), names(await high.get()), await parent.count(), await parent.reset().count()],
        ["ab", "dc", 4, 5],
      );
    });

    test("takes the first conditions as the manager has them", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      assert.equal(names(await User.query({ name: ["a", "b"], active: true }).get()), "a");
      assert.equal(names(await User.query([User.c.age.gt(3)]).get()), "d");
      assert.equal(names(await User.query(sql`age = 2`).get()), "b");
      assert.equal((await failureOf(() => User.query({ nmae: "a" } as never))).name, "TypeError");
    });

    test("asks and writes in the transaction, or the database, that it is told (S26, M13)", async () => {
      // The models are bound to the database that was opened last.
      await using elsewhere = await open(engine, [User]);
      await using _db = await open(engine, [User, Post]);
      await fill();
      const query = User.query().equal("name", "new");
      await using tx = User.objects.transaction();
      await User.query().using(tx).insert({ name: "new" });
      const other = new QueryBuilder(User, { database: elsewhere });
      await other.insert({ name: "new", age: 77 });
      assert.equal((await other.equal("name", "new").first())?.age, 77);
      assert.equal(await other.count(), 1);
      assert.equal((await query.using(elsewhere).reset().first())?.age, 77);
      const [user] = await query.using(tx).get();
      assert.equal(user?.age, null);
      await user?.update({ age: 5 });
      assert.equal((await query.using(tx).first())?.age, 5);
      await tx.rollback();
      assert.equal(await query.count(), 0);
      assert.equal((await failureOf(() => query.using(tx).get())).name, "TransactionClosedError");
      assert.equal((await failureOf(() => untyped(query).using?.(5))).name, "TypeError");
    });

    test("hides rows deleted softly on every side of every join, but for withDeleted(), said before or after", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const titles = async (query: { get(): Promise<{ data: { posts: { title: string } | null } }[]> }) =>
        (await query.get())
          .map(({ data }) => data.posts?.title ?? "-")
          .sort()
          .join(" ");
      const users = User.query();
      const posts = Post.query();
      for (const [kind, seen, all] of [
        ["inner", "p1 p2 p3", "p1 p2 p3 p5"],
        ["left", "- - - p1 p2 p3", "- - p1 p2 p3 p5"],
        ["right", "p1 p2 p3 p4", "p1 p2 p3 p4 p5"],
        ["full", "- - - p1 p2 p3 p4", "- - p1 p2 p3 p4 p5"],
      ] as const) {
        const joined = users.join(Post, ["id", "authorId"], kind);
        assert.equal(await titles(joined), seen, kind);
        assert.equal(await titles(joined.withDeleted()), all, kind);
        assert.equal(await titles(users.withDeleted().join(Post, ["id", "authorId"], kind)), all, kind);
        const mirrored = kind === "left" ? "right" : kind === "right" ? "left" : kind;
        const turned = posts.join(User, ["authorId", "id"], mirrored);
        assert.equal(await titles(turned), seen, `turned ${kind}`);
        assert.equal(await titles(turned.withDeleted()), all, `turned ${kind}`);
        assert.equal(await turned.count(), seen.split(" ").length);
      }
      assert.equal(await users.join(Post, [], "cross").count(), 20);
      assert.equal(await users.join(Post, ["id", "authorId"]).group("posts.title").count(), 3);
      assert.equal(await posts.find(5), null);
      assert.equal((await posts.withDeleted().find(5))?.title, "p5");
    });

    test("joins a table with itself by an alias, whose rows are instances of the model", async () => {
      await using _db = await open(engine, [Boss]);
      await Boss.insertMany([{ name: "top" }, { name: "mid", bossId: 1 }, { name: "low", bossId: 2 }]);
      const [boss, over] = [alias(Boss, "boss"), alias(Boss, "over")];
      const query = Boss.query()
        .join(boss, ["bossId", "boss.id"], "left")
        .join(over, ["boss.bossId", "id"], "left")
        .orderBy("id", "asc");
      assert.deepEqual(
        (await query.get()).map(({ data }) => [data.bosses.name, data.boss?.name, data.over?.name]),
        [
          ["top", undefined, undefined],
          ["mid", "top", undefined],
          ["low", "mid", "top"],
        ],
      );
      const [, , low] = await query.get();
      const [, found] = (await low?.getModels()) ?? [];
      assert.ok(found instanceof Boss);
      await found.update({ name: "changed" });
      assert.equal((await Boss.find(2))?.name, "changed");
      const [first] = await new QueryBuilder(boss).equal("boss.name", "top").where(boss.c.id.eq(1)).get();
      assert.ok(first instanceof Boss);
      assert.equal((await query.equal("over.name", "top").first())?.data.bosses.name, "low");
    });

    test("asks and joins common table expressions, whose rows are plain", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const busy = cte("busy", Post.select({ authorId: "authorId", n: count() }).groupBy("authorId"));
      const own = new QueryBuilder(busy, { database: _db });
      assert.deepEqual(
        (await own.notNull("authorId").orderBy("authorId", "asc").get()).map(({ data }) => data),
        [
          { authorId: 1, n: 2 },
          { authorId: 2, n: 1 },
        ],
      );
      assert.equal(await own.count(), 3);
      const joined = User.query().join(busy, ["id", "authorId"]).greater("busy.n", 1);
      assert.deepEqual((await joined.first())?.data.busy, { authorId: 1, n: 2 });
      assert.equal(await joined.count(), 1);
      const [, row] = (await (await joined.first())?.getModels()) ?? [];
      assert.deepEqual(row?.data, { authorId: 1, n: 2 });
      for await (const rows of joined.chunk(1)) assert.equal(rows.length, 1);
      const told = cte("told", { n: integer() }, sql`select cast(${2} as integer) as n`);
      assert.deepEqual((await User.query().join(told, ["id", "n"]).equal("active", false).first())?.data.told, {
        n: 2,
      });
    });

    test("joins tables by their names and columns, in any place (S25)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const bare = new QueryBuilder("posts", {
        columns: { title: text(), authorId: integer().nullable() },
        database: db,
      });
      const rows = await bare.join(User, ["authorId", "id"], "left").orderBy("title", "asc").get();
      assert.deepEqual(
        rows.map(({ data }) => [data.posts.title, data.users?.name ?? null]),
        [
          ["p1", "a"],
          ["p2", "a"],
          ["p3", "b"],
          ["p4", null],
          ["p5", "c"],
        ],
      );
      const [post, user] = (await rows[0]?.getModels()) ?? [];
      assert.deepEqual(post?.data, { title: "p1", authorId: 1 });
      assert.ok(user instanceof User);
      const named = await User.query().join("posts", ["id", "authorId"], "inner", { authorId: integer() }).count();
      assert.equal(named, 4);
    });

    test("refuses what it is made of wrongly, before anything is sent (S2)", async () => {
      const make = (...given: unknown[]) => Reflect.construct(QueryBuilder, given);
      for (const [name, message, given] of [
        ["TypeError", /did you mean "database"/, [User, { databse: 1 }]],
        ["TypeError", /wants a Database/, [User, { database: 5 }]],
        ["TypeError", /a model is a class/, [class {}]],
        ["TypeError", /a model is a class/, [null]],
        ["UsageError", /say its columns/, ["logs"]],
        ["TypeError", /an object/, ["logs", { columns: 5 }]],
        ["TypeError", /such as integer\(\)/, ["logs", { columns: { id: "integer" } }]],
        ["UsageError", /at least one column/, ["logs", { columns: {} }]],
        ["UsageError", /told by its name/, [User, { columns: { id: integer() } }]],
      ] as const) {
        const error = await failureOf(() => make(...given));
        assert.equal(error.name, name, error.message);
        assert.match(error.message, message);
      }
    });
  });
});

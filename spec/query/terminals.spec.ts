import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { count, max, QueryBuilder, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { fill, names, Post, User } from "./models.js";
import { untyped } from "./untyped.js";

eachEngine((engine) => {
  describe("a query", () => {
    test("gives instances by get, take, first and find, null where there is none (S18)", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const query = User.query().greater("age", 1).orderBy("name", "desc");
      const all = await query.get();
      assert.equal(names(all), "dcb");
      assert.ok(all.every((user) => user instanceof User && user.shout === user.name.toUpperCase()));
      assert.equal(names(await query.take(2)), "dc");
      assert.equal(names(await query.take(9)), "dcb");
      assert.equal((await query.first())?.name, "d");
      assert.equal((await query.find(2))?.name, "b");
      assert.equal(await query.find(1), null);
      assert.equal(await query.equal("name", "z").first(), null);
      assert.deepEqual(await query.equal("name", "z").get(), []);
      const [user] = all;
      await user?.update({ age: 40 });
      assert.equal((await User.find(4))?.age, 40);
    });

    test("orders its first row by the key where no order is said, and by calls in their order", async () => {
      await using _db = await open(engine, [User, Post]);
      await User.insertMany([
        { id: 3, name: "b", age: 1 },
        { id: 1, name: "b", age: 2 },
        { id: 2, name: "a", age: 2 },
      ]);
      assert.equal((await User.query().first())?.id, 1);
      assert.equal((await User.query().skip(1).first())?.id, 2);
      assert.equal((await User.query().select(["name"]).first())?.name, "b");
      const ids = async (query: { get(): Promise<User[]> }) => (await query.get()).map(({ id }) => id);
      assert.deepEqual(await ids(User.query().orderBy("name", "desc").orderBy("age", "desc")), [1, 3, 2]);
      assert.deepEqual(await ids(User.query().orderBy({ age: "desc", id: "asc" })), [1, 2, 3]);
      assert.deepEqual(await ids(User.query().orderBy(User.c.name.asc()).orderBy("id", "desc")), [2, 3, 1]);
    });

    test("skips without a limit; find skips nothing (S16)", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const query = User.query().orderBy("id", "asc");
      assert.equal(names(await query.skip(3).get()), "de");
      assert.equal(names(await query.skip(1).take(2)), "bc");
      assert.equal(names(await query.skip(3).skip(0).get()), "abcde");
      assert.equal(names(await query.skip(9).get()), "");
      assert.equal((await query.skip(1).find(1))?.name, "a");
    });

    test("counts what get() would give, with joins, groups, skip and order (S23)", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const join = User.query().join(Post, ["id", "authorId"]);
      const left = User.query().join(Post, ["id", "authorId"], "left");
      const queries = {
        plain: User.query(),
        conditions: User.query().isNull("age"),
        none: User.query().isIn("id", []),
        skip: User.query().orderBy("name", "asc").skip(2),
        "all skipped": User.query().skip(99),
        join,
        left: left.orderBy("posts.title", "desc"),
        "joined and skipped": left.skip(4),
        cross: User.query().join(Post, [], "cross"),
        deleted: User.query().join(Post, [], "cross").withDeleted(),
        narrowed: left.select(["users.id", "posts.id"]).skip(1),
        group: User.query().group("active"),
        "joined groups": left.group(["users.name", "posts.title"]).skip(1),
        having: join
          .group("users.id")
          .select({ n: count() })
          .having(({ n }) => n.gt(1))
          .orderBy("n", "desc"),
        "one row of aggregates": User.query().select({ n: count(), oldest: max("age") }),
        "groups of nothing": User.query().isIn("id", []).group("name"),
        raw: User.query().where(sql`age > ${1}`),
      };
      for (const [name, query] of Object.entries(queries))
        assert.equal(await query.count(), (await query.get()).length, name);
    });

    test("refuses counts that are none at the call, with nothing sent (S3)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const query = untyped(User.query());
      const sent = await statementsOf(db, async () => {
        for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
          for (const method of ["skip", "take", "chunk"])
            assert.equal((await failureOf(() => query[method]?.(wrong))).name, "UsageError", `${method} ${wrong}`);
        }
        for (const wrong of ["1", null, 1n, {}])
          for (const method of ["skip", "take", "chunk"])
            assert.equal((await failureOf(() => query[method]?.(wrong))).name, "TypeError", `${method} ${wrong}`);
        for (const method of ["take", "chunk"]) {
          assert.equal((await failureOf(() => query[method]?.(0))).name, "UsageError");
          assert.equal((await failureOf(() => query[method]?.())).name, "TypeError");
        }
        assert.throws(() => query.chunk?.(0), { name: "UsageError" });
        assert.throws(() => query.skip?.(-1), { name: "UsageError" });
        assert.equal((await failureOf(() => query.find?.(undefined))).name, "TypeError");
        assert.equal((await failureOf(() => query.find?.("1"))).name, "TypeError");
        assert.equal((await failureOf(() => query.group?.("name").find?.(1))).name, "UsageError");
      });
      assert.deepEqual(sent, []);
      assert.equal((await query.skip?.(0).get())?.length, 5);
    });

    test("sends one statement each, and none before it is asked", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const sent = await statementsOf(db, async () => {
        const query = User.query().join(Post, ["id", "authorId"]).orderBy("users.id", "asc");
        query.toSql();
        String(query);
        query.chunk(3);
        await query.get();
        await query.count();
        await query.first();
        await query.find(1);
      });
      assert.equal(sent.length, 4);
    });

    test("tells its SQL with the engine's placeholders, and a text for reading (S15)", async () => {
      await using _db = await open(engine, [User, Post]);
      const query = User.query().equal("active", true).skip(2);
      const columns = '"users"."id", "users"."name", "users"."active", "users"."age"';
      const [mark, limit, second, value] =
        engine.dialect === "sqlite" ? ["?", " limit -1", "?", 1] : ["$1", "", "$2", "t"];
      assert.deepEqual(query.toSql(), {
        text: `select ${columns} from "users" where "users"."active" = ${mark}${limit} offset ${second}`,
        values: [value, 2],
      });
      assert.equal(String(query), query.toSql().text);
    });

    test("that is bound to no database can be read, and says so where it is asked", async () => {
      const query = new QueryBuilder("things", { columns: User.columns }).equal("name", "a");
      assert.match(String(query), /^select .* from "things" where "things"\."name" = \?$/);
      for (const work of [() => query.get(), () => query.toSql(), () => query.count(), () => query.chunk(1)]) {
        const error = await failureOf(work);
        assert.equal(error.name, "UsageError");
        assert.match(error.message, /things is bound to no database/);
      }
    });

    test("finds rows by keys of several columns, within its conditions and joins", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const joined = User.query().join(Post, ["id", "authorId"]).orderBy("posts.id", "desc");
      assert.equal((await joined.find(1))?.data.posts.title, "p2");
      assert.equal(await joined.find(4), null);
      assert.equal(await joined.equal("posts.title", "p3").find(1), null);
    });
  });
});

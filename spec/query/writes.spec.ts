import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alias, boolean, cte, integer, QueryBuilder, sql, text, UniqueViolationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { fill, names, Post, User } from "./models.js";
import { untyped } from "./untyped.js";

eachEngine((engine) => {
  describe("writes of a query", () => {
    test("insert gives the instance with what the database filled in, insertMany a count (S17)", async () => {
      await using db = await open(engine, [User, Post]);
      const user = await User.query().insert({ name: "a" });
      assert.ok(user instanceof User);
      assert.deepEqual(user.data, { id: 1, name: "a", active: true, age: null });
      await user.update({ age: 3 });
      const given = [{ name: "b", age: 2 }, { name: "c", active: false }, { name: "d", id: 10 }, { name: "e" }];
      assert.equal(await User.query().insertMany(given), 4);
      assert.deepEqual(
        (await User.query().orderBy("name", "asc").get()).map(({ age, active }) => [age, active]),
        [
          [3, true],
          [2, true],
          [null, false],
          [null, true],
          [null, true],
        ],
      );
      assert.equal((await User.query().equal("name", "d").first())?.id, 10);
      const sent = await statementsOf(db, async () => assert.equal(await User.query().insertMany([]), 0));
      assert.deepEqual(sent, []);
    });

    test("insertMany writes all or nothing, and tells a key that is there by its class (S4)", async () => {
      await using _db = await open(engine, [User, Post]);
      await User.insert({ id: 5, name: "a" });
      for (const work of [
        () => User.query().insert({ id: 5, name: "b" }),
        () =>
          User.query().insertMany([
            { id: 4, name: "b" },
            { name: "c", age: 1 },
            { id: 5, name: "d" },
          ]),
      ])
        assert.ok((await failureOf(work)) instanceof UniqueViolationError);
      assert.equal(names(await User.query().get()), "a");
    });

    test("update and delete change the rows of the conditions, and give their number", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      assert.equal(await User.query().greater("age", 2).update({ active: false, name: sql`name || '!'` }), 2);
      assert.equal(await User.query().equal("active", false).count(), 3);
      assert.equal(await User.query().equal({ active: false, age: 2 }).delete(), 1);
      assert.equal(await User.query().isIn("id", []).delete(), 0);
      assert.equal(await User.query().contains("name", "!").where("all").delete(), 2);
      assert.equal(await User.query().where("all").update({ age: null }), 2);
      assert.equal(await User.query().where("all").delete(), 2);
      assert.equal(await User.query().count(), 0);
    });

    test("update and delete of every row must say so, and nothing is sent (B6)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const bare = new QueryBuilder("users", { columns: { id: integer(), age: integer().nullable() }, database: db });
      const sent = await statementsOf(db, async () => {
        for (const query of [
          untyped(User.query()),
          untyped(User.query()).where?.({}),
          untyped(User.query()).where?.([]),
          untyped(User.query()).equal?.({}),
          untyped(User.query()).notIn?.("id", []),
          untyped(User.query()).where?.("all").reset?.(),
          untyped(bare),
          untyped(bare.where("all").reset()),
        ]) {
          for (const work of [() => query?.delete?.(), () => query?.update?.({ age: 1 })]) {
            const error = await failureOf(work);
            assert.equal(error.name, "UsageError", error.message);
            assert.match(error.message, /"all"/);
          }
        }
      });
      assert.deepEqual(sent, []);
    });

    test("refuse unknown columns, wrong values and no values, with nothing sent (S1, S7)", async () => {
      await using db = await open(engine, [User, Post]);
      const bare = new QueryBuilder("users", { columns: { id: integer(), name: text() }, database: db });
      const sent = await statementsOf(db, async () => {
        for (const given of [User.query(), bare]) {
          const plain = untyped(given);
          const query = plain.where?.("all");
          for (const work of [
            () => plain.insert?.({ nmae: "a" }),
            () => plain.insert?.({ name: 5 }),
            () => plain.insertMany?.([{ name: "a" }, { nmae: "a" }]),
            () => plain.insertMany?.({ name: "a" }),
            () => query?.update?.({ nmae: "a" }),
            () => query?.update?.({ name: 5 }),
          ]) {
            const error = await failureOf(work);
            assert.ok(error instanceof TypeError, `${error.name} ${error.message}`);
          }
          assert.equal((await failureOf(() => query?.update?.({}))).name, "UsageError");
        }
        assert.match(
          (await failureOf(() => untyped(User.query()).insert?.({ nmae: 1 }))).message,
          /did you mean "name"/,
        );
      });
      assert.deepEqual(sent, []);
    });

    test("have no place for joins, groups, selects, orders and skips, nor for what is no table; inserts for no condition", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const views = [alias(User, "boss"), cte("some", User.select())].map((view) =>
        untyped(Reflect.construct(QueryBuilder, [view, { database: db }])),
      );
      const wrongOf = (query: ReturnType<typeof untyped>) => [
        query.join?.(Post, ["id", "authorId"]),
        query.group?.("name"),
        query.select?.(["name"]),
        query.orderBy?.("name", "asc"),
        query.skip?.(1),
      ];
      const sent = await statementsOf(db, async () => {
        for (const wrong of [...wrongOf(untyped(User.query())), untyped(User.query().equal("id", 1)), ...views])
          for (const work of [() => wrong?.insert?.({ name: "x" }), () => wrong?.insertMany?.([{ name: "x" }])])
            assert.equal((await failureOf(work)).name, "UsageError");
        const chosen = [...wrongOf(untyped(User.query().equal("id", 1))), ...views.map((view) => view.where?.("all"))];
        for (const wrong of chosen)
          for (const work of [() => wrong?.update?.({ name: "x" }), () => wrong?.delete?.()])
            assert.equal((await failureOf(work)).name, "UsageError");
      });
      assert.deepEqual(sent, []);
    });

    test("hide rows of a model with softDelete, and leave hidden ones alone but for withDeleted()", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      assert.equal(await Post.query().equal("title", "p1").delete(), 1);
      assert.equal(await Post.query().equal("title", "p1").delete(), 0);
      assert.equal(await Post.query().isIn("title", ["p1", "p2"]).update({ title: "new" }), 1);
      assert.equal(await Post.query().withDeleted().count(), 5);
      assert.equal(await Post.query().withDeleted().equal("title", "p1").update({ title: "old" }), 1);
      assert.deepEqual(
        (await Post.query().withDeleted().notNull("deletedAt").orderBy("title", "asc").get()).map(({ title }) => title),
        ["old", "p5"],
      );
    });

    test("executeRaw gives the number of rows and the rows, for writes too (S24)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const query = User.query();
      const [n, rows] = await query.executeRaw<{ name: string; active: boolean }>(
        sql`select name, active from users where age > ${2} order by id`,
      );
      assert.equal(n, 2);
      assert.deepEqual(rows, [
        { name: "c", active: true },
        { name: "d", active: false },
      ]);
      assert.deepEqual(await query.executeRaw(sql`update users set age = ${9} where age is not null`), [4, []]);
      assert.deepEqual(await query.executeRaw(sql`delete from users where age is null returning name`), [
        1,
        [{ name: "e" }],
      ]);
      assert.equal((await query.executeRaw(sql`select 1 where 1 = 0`))[0], 0);
      const sent = await statementsOf(db, async () => {
        const error = await failureOf(() => untyped(query).executeRaw?.("delete from users"));
        assert.ok(error instanceof TypeError && !error.message.includes("delete"));
      });
      assert.deepEqual(sent, []);
      await using tx = User.objects.transaction();
      await query.using(tx).executeRaw(sql`delete from users`);
      await tx.rollback();
      assert.equal(await query.count(), 4);
    });

    test("of a table by its name and columns work without a model (S25)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const columns = { id: integer().primaryKey(), name: text(), active: boolean().default(false) };
      const users = new QueryBuilder("users", { columns, database: db });
      const row = await users.insert({ name: "x" });
      assert.deepEqual(row.data, { id: 6, name: "x", active: false });
      assert.equal(await users.insertMany([{ name: "y" }, { name: "z", active: true }]), 2);
      assert.deepEqual((await users.equal("active", true).orderBy("id", "desc").first())?.data.name, "z");
      assert.equal((await users.find(7))?.data.name, "y");
      assert.deepEqual(
        (await users.select(["name"]).orderBy("id", "asc").take(1)).map(({ data }) => data),
        [{ name: "a" }],
      );
      assert.equal(await users.startsWith("name", "x").update({ name: "w" }), 1);
      assert.equal(await users.isIn("name", ["w", "y", "z"]).delete(), 3);
      assert.equal(await users.where("all").delete(), 5);
      const keyless = new QueryBuilder("users", { columns: { name: text() }, database: db });
      assert.equal((await failureOf(() => keyless.find(1))).name, "UsageError");
      assert.equal(await keyless.first(), null);
    });
  });
});

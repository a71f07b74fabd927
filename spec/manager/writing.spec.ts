import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  ForeignKeyViolationError,
  integer,
  Model,
  NotNullViolationError,
  text,
  UniqueViolationError,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Post, people, User } from "./models.js";

eachEngine((engine) => {
  describe("writing", () => {
    test("insert gives the instance with what the database filled in, or with { fetch: false } the count (M6)", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, async () => {
        const user = await User.objects.insert({ name: "a" });
        assert.ok(user instanceof User);
        assert.equal(user.active, true);
        assert.equal(user.age, null);
        assert.equal(await User.objects.insert({ name: "b" }, { fetch: false }), 1);
      });
      assert.equal(texts.length, 2);
      assert.ok(!texts[1]?.includes("returning"));
    });

    test("insertMany gives instances in the order of its input, whatever columns each item gives (S17)", async () => {
      await using _db = await open(engine, [User]);
      const items = Array.from({ length: 60 }, (_, i) => ({
        name: `n${i}`,
        ...(i % 2 === 0 && { age: i }),
        ...(i % 3 === 0 && { active: false }),
        ...(i % 5 === 0 && { id: 1000 + i }),
        ...(i % 7 === 0 && { email: undefined }),
      }));
      const users = await User.objects.insertMany(items);
      assert.deepEqual(
        users.map(({ name }) => name),
        items.map(({ name }) => name),
      );
      for (const [i, user] of users.entries()) {
        assert.equal(user.age, i % 2 === 0 ? i : null);
        assert.equal(user.active, i % 3 !== 0);
        if (i % 5 === 0) assert.equal(user.id, 1000 + i);
        assert.equal(user.email, null);
      }
      assert.equal(new Set(users.map(({ id }) => id)).size, 60);
      assert.equal((await User.objects.findMany(users.map(({ id }) => id))).length, 60);
      assert.ok((await User.objects.insert({ name: "next" })).id > 1055);
    });

    test("insertMany lets generated keys and given ones be no same, in an empty table", async () => {
      await using _db = await open(engine, [User]);
      const users = await User.objects.insertMany([
        { name: "a" },
        { name: "b", id: 1 },
        { name: "c", id: 2, age: 1 },
        { name: "d" },
      ]);
      assert.deepEqual(
        users.map(({ name }) => name),
        ["a", "b", "c", "d"],
      );
      assert.deepEqual([users[1]?.id, users[2]?.id], [1, 2]);
      assert.equal(await User.objects.count(), 4);
    });

    test("insertMany of 10 000 rows keeps their order, in far fewer statements; { fetch: false } counts them", async () => {
      await using db = await open(engine, [User]);
      const items = Array.from({ length: 10_000 }, (_, i) => ({ name: `n${i}`, age: i }));
      let users: User[] = [];
      const texts = await statementsOf(db, async () => {
        users = await User.objects.insertMany(items);
      });
      assert.ok(texts.length <= 400, `${texts.length} statements`);
      assert.ok(users.every(({ age, name }, i) => age === i && name === `n${i}`));
      assert.deepEqual(
        users.map(({ data }) => data),
        await User.objects.getItems({ orderBy: "id" }),
      );
      assert.equal(await User.objects.insertMany(items, { fetch: false }), 10_000);
      assert.equal(await User.objects.count(), 20_000);
    });

    test("insertMany writes all or none (S4)", async () => {
      await using _db = await open(engine, [User, Post]);
      await User.objects.insert({ id: 7, name: "a", email: "a@x" });
      const twice = [
        { name: "b", email: "b@x" },
        { name: "c", age: 1 },
        { name: "d", email: "a@x" },
      ];
      assert.ok((await failureOf(() => User.objects.insertMany(twice))) instanceof UniqueViolationError);
      const missing = [{ name: "b" }, { name: null as never, age: 3 }];
      assert.ok((await failureOf(() => User.objects.insertMany(missing))) instanceof NotNullViolationError);
      const many = [...Array.from({ length: 6000 }, (_, i) => ({ name: `${i}` })), { name: "x", id: 7 }];
      assert.ok((await failureOf(() => User.objects.insertMany(many))) instanceof UniqueViolationError);
      assert.equal(await User.objects.count(), 1);
      const orphan = await failureOf(() =>
        Post.objects.insertMany([
          { title: "t", authorId: 7 },
          { title: "t", authorId: 8 },
        ]),
      );
      assert.ok(orphan instanceof ForeignKeyViolationError);
      assert.equal(await Post.objects.count(), 0);
    });

    test("insertMany of nothing sends nothing; of what is no list is a TypeError", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(await User.objects.insertMany([]), []);
        assert.equal(await User.objects.insertMany([], { fetch: false }), 0);
        for (const wrong of [null, { name: "a" }, "a"]) {
          assert.ok((await failureOf(() => User.objects.insertMany(wrong as never))) instanceof TypeError);
        }
        for (const wrong of [null, undefined, [], "a", 3]) {
          assert.ok((await failureOf(() => User.objects.insert(wrong as never))) instanceof TypeError, String(wrong));
          assert.ok(
            (await failureOf(() => User.objects.insertMany([wrong as never]))) instanceof TypeError,
            String(wrong),
          );
        }
      });
      assert.deepEqual(texts, []);
    });

    test("insert and insertMany without any value give rows of defaults", async () => {
      class Bare extends Model("bare", { id: integer().primaryKey(), note: text().nullable() }) {}
      await using _db = await open(engine, [Bare]);
      const first = await Bare.insert({});
      const others = await Bare.insertMany([{}, { note: "x" }, {}]);
      assert.deepEqual(
        [first, ...others].map(({ note }) => note),
        [null, null, "x", null],
      );
      assert.equal(await Bare.objects.insertMany([{}, {}], { fetch: false }), 2);
      assert.equal(new Set((await Bare.objects.getItems()).map(({ id }) => id)).size, 6);
    });

    test("update gives the count, or with { fetch: true } the instances (M6)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(people(["a", 1], ["b", 2], ["c", 3]));
      assert.equal(await User.objects.update([User.c.age.gt(1)], { active: false, age: null }), 2);
      const changed = await User.objects.update({ active: false }, { name: "z" }, { fetch: true });
      assert.deepEqual(
        changed.map((user) => [user.name, user.age, user instanceof User]),
        [
          ["z", null, true],
          ["z", null, true],
        ],
      );
      assert.equal(await User.objects.update({ name: "x" }, { name: "y" }), 0);
      assert.deepEqual(await User.objects.update({ name: "x" }, { name: "y" }, { fetch: true }), []);
      assert.equal(await User.objects.update({ name: "a" }, { age: 5, email: undefined as never }), 1);
      assert.equal((await User.objects.get({ where: { name: "a" } })).age, 5);
    });

    test("update and delete of a whole table must say so (B6)", async () => {
      await using db = await open(engine, [User]);
      await User.objects.insertMany(people(["a", 1], ["b", 2]));
      const texts = await statementsOf(db, async () => {
        for (const where of [[], {}, undefined]) {
          assert.ok((await failureOf(() => User.objects.update(where as never, { age: 1 }))) instanceof UsageError);
          assert.ok((await failureOf(() => User.objects.delete(where as never))) instanceof UsageError);
        }
        assert.ok((await failureOf(() => User.objects.update("all", {}))) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
      assert.equal(await User.objects.update("all", { age: 9 }), 2);
      assert.equal(await User.objects.delete({ name: "a" }), 1);
      assert.equal(await User.objects.delete({ name: "a" }), 0);
      assert.equal(await User.objects.delete("all"), 1);
      assert.equal(await User.objects.count(), 0);
    });

    test("an error of a constraint tells its table and columns and hides the values (B9)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insert({ name: "a", email: "s3cr3t@x" });
      const error = await failureOf(() =>
        User.objects.insertMany([
          { name: "b", email: "s3cr3t@x" },
          { name: "c", email: "c@x" },
        ]),
      );
      assert.ok(error instanceof UniqueViolationError);
      assert.deepEqual([error.table, error.columns], ["users", ["email"]]);
      assert.match(error.sql ?? "", /^insert into "users"/);
      assert.ok(!error.message.includes("s3cr3t"));
      assert.ok(error.cause instanceof Error);
    });
  });
});

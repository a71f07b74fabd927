import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { count } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Post, User } from "./models.js";

const numbered = (size: number) => Array.from({ length: size }, (_, i) => ({ name: `n${i}`, age: i }));

eachEngine((engine) => {
  describe("chunks", () => {
    test("have the size that was asked for, the last the rest, each row once and in order (S22)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(25));
      for (const [size, sizes] of [
        [10, [10, 10, 5]],
        [5, [5, 5, 5, 5, 5]],
        [25, [25]],
        [100, [25]],
        [1, new Array(25).fill(1)],
      ] as const) {
        const ages: (number | null)[] = [];
        const got: number[] = [];
        for await (const users of User.query().orderBy("age", "asc").chunk(size)) {
          got.push(users.length);
          ages.push(...users.map(({ age }) => age));
          assert.ok(users.every((user) => user instanceof User));
        }
        assert.deepEqual(got, sizes);
        assert.deepEqual(ages, [...numbered(25).keys()]);
      }
      for await (const _ of User.query().isIn("id", []).chunk(3)) assert.fail("there is none");
      const some = [];
      for await (const users of User.query().orderBy("age", "desc").skip(20).chunk(2))
        some.push(users.map(({ age }) => age));
      assert.deepEqual(some, [[4, 3], [2, 1], [0]]);
    });

    test("of joins and groups have their rows (S22)", async () => {
      await using _db = await open(engine, [User, Post]);
      await User.objects.insertMany(numbered(4));
      await Post.insertMany([1, 1, 2, 3].map((authorId, i) => ({ title: `p${i}`, authorId })));
      const query = User.query()
        .join(Post, ["id", "authorId"], "left")
        .orderBy("users.id", "asc")
        .orderBy("posts.id", "asc");
      const titles = [];
      for await (const rows of query.chunk(2)) {
        titles.push(rows.map(({ data }) => data.posts?.title ?? null));
        const sent = await Promise.all(rows.map((row) => row.getModels()));
        assert.ok(sent.every(([user]) => user instanceof User));
      }
      assert.deepEqual(titles, [["p0", "p1"], ["p2", "p3"], [null]]);
      const groups = [];
      for await (const rows of query
        .reset()
        .join(Post, ["id", "authorId"])
        .group("users.id")
        .select({ n: count() })
        .orderBy("n", "desc")
        .chunk(2))
        groups.push(rows.map(({ data }) => data.n));
      assert.deepEqual(groups, [[2, 1], [1]]);
    });

    if (engine.readsBesideWrites) {
      test("are one snapshot: what others write meanwhile is not seen (S22)", async () => {
        await using _db = await open(engine, [User, Post]);
        await User.objects.insertMany(numbered(1000));
        await Post.insertMany([...Array(1000).keys()].map((i) => ({ title: "p", authorId: i + 1 })));
        const query = User.query().join(Post, ["id", "authorId"]).orderBy("users.id", "asc");
        const seen: (number | null)[] = [];
        for await (const rows of query.chunk(7)) {
          if (seen.length === 0) {
            await User.query().where("all").update({ age: -1 });
            await Post.query().where("all").delete();
            await User.objects.insertMany(numbered(5));
          }
          seen.push(...rows.map(({ data }) => data.users.age));
        }
        assert.deepEqual(seen, [...Array(1000).keys()]);
        assert.equal(await query.count(), 0);
      });
    }

    test("in a transaction see its writes, and others run in it meanwhile (S22)", async () => {
      await using _db = await open(engine, [User]);
      await using tx = User.objects.transaction();
      await User.query().using(tx).insertMany(numbered(30));
      let seen = 0;
      for await (const users of User.query().using(tx).orderBy("id", "asc").chunk(10)) {
        for (const user of users) await user.update({ age: -1 });
        assert.equal(await User.query().using(tx).equal("age", -1).count(), seen + users.length);
        seen += users.length;
      }
      assert.equal(seen, 30);
      await tx.rollback();
      assert.equal(await User.query().count(), 0);
    });

    test("left early, or by an error, free their connection: a pool of one goes on (S22)", async () => {
      await using _db = await open(engine, [User], { pool: { max: 1 }, timeout: 2000 });
      await User.objects.insertMany(numbered(100));
      for (let i = 0; i < 3; i += 1) {
        for await (const users of User.query().chunk(10)) if (users.length > 0) break;
        const error = await failureOf(async () => {
          for await (const users of User.query().chunk(10)) throw new Error(`${users.length}`);
        });
        assert.equal(error.message, "10");
        assert.equal(await User.query().count(), 100);
      }
      await User.query().where("all").update({ age: 5 });
    });

    test("that are never asked for send nothing and hold nothing", async () => {
      await using db = await open(engine, [User], { pool: { max: 1 }, timeout: 2000 });
      const sent = await statementsOf(db, () => {
        User.query().chunk(1);
      });
      assert.deepEqual(sent, []);
      assert.equal(await User.query().count(), 0);
    });
  });
});

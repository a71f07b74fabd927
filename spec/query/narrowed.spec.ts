import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { fill, Post, User } from "./models.js";

eachEngine((engine) => {
  describe("instances of which some columns were selected", () => {
    test("have those alone in data, and refuse the others by name (S19)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const query = User.query().select(["name", "active"]).orderBy("id", "desc");
      const sent = await statementsOf(db, async () => {
        const [user] = await query.get();
        assert.ok(user instanceof User);
        assert.deepEqual(user.data, { name: "e", active: true });
        assert.deepEqual([user.name, user.active, user.shout], ["e", true, "E"]);
        assert.deepEqual(user.toJSON(), { name: "e", active: true });
        assert.deepEqual(user.changes, {});
        assert.match(inspect(user), /^User \{ name: 'e', active: true \}$/);
        for (const property of ["id", "age"]) {
          const error = await failureOf(() => Reflect.get(user, property));
          assert.equal(error.name, "UsageError");
          assert.match(error.message, new RegExp(`users\\.${property} was not selected`));
        }
      });
      assert.deepEqual(sent, ['select "users"."name", "users"."active" from "users" order by "users"."id" desc']);
      assert.deepEqual((await query.find(1))?.data, { name: "a", active: true });
      assert.deepEqual((await User.query().select(["id"]).first())?.data, { id: 1 });
      for await (const [user] of query.chunk(5)) assert.deepEqual(user?.data, { name: "e", active: true });
    });

    test("with their key are saved, reloaded and deleted, and change nothing that was not selected (S19)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const query = User.query().select(["id", "name"]);
      const user = await query.find(1);
      assert.ok(user instanceof User);
      const sent = await statementsOf(db, async () => {
        await user.save();
        user.name = "x";
        assert.deepEqual(user.changes, { name: "x" });
        await user.save();
        await user.update({ age: 7 });
      });
      assert.equal(sent.length, 2);
      assert.deepEqual(user.data, { id: 1, name: "x", age: 7 });
      assert.deepEqual((await User.find(1))?.data, { id: 1, name: "x", active: true, age: 7 });
      await user.reload();
      assert.equal(user.active, true);
      await (await query.find(2))?.delete();
      assert.equal(await User.find(2), null);
    });

    test("without their key can't be written or read again, and say so with nothing sent (S19)", async () => {
      await using db = await open(engine, [User, Post]);
      await fill();
      const user = await User.query().select(["name"]).first();
      assert.ok(user instanceof User);
      const sent = await statementsOf(db, async () => {
        for (const work of [
          () => user.update({ name: "x" }),
          () => user.reload(),
          () => user.delete(),
          () => Object.assign(user, { name: "y" }).save(),
        ]) {
          const error = await failureOf(work);
          assert.equal(error.name, "UsageError");
          assert.match(error.message, /users\.id was not selected/);
        }
      });
      assert.deepEqual(sent, []);
    });

    test("of a join have their tables' columns by name, and leave out tables of which none was selected (S19)", async () => {
      await using _db = await open(engine, [User, Post]);
      await fill();
      const [row] = await User.query()
        .join(Post, ["id", "authorId"])
        .select(["posts.title"])
        .orderBy("posts.title", "desc")
        .get();
      assert.deepEqual(row?.data, { posts: { title: "p3" } });
      const left = User.query().join(Post, ["id", "authorId"], "left").select(["users.age", "posts.authorId"]);
      assert.deepEqual(
        (await left.orderBy("users.id", "desc").take(2)).map(({ data }) => data),
        [
          { users: { age: null }, posts: null },
          { users: { age: 4 }, posts: null },
        ],
      );
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { User } from "./models.js";

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `n${i}`, age: i }));

eachEngine((engine) => {
  describe("stream", () => {
    test("gives every row once, in order, as instances that can be written (B8)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(2500));
      let count = 0;
      for await (const user of User.objects.stream({ orderBy: "age" })) {
        assert.equal(user.age, count);
        count += 1;
      }
      assert.equal(count, 2500);
      const some: string[] = [];
      for await (const user of User.objects.stream({ where: [User.c.age.lt(5)], orderBy: "-age", limit: 2, offset: 1 }))
        some.push(user.shout);
      assert.deepEqual(some, ["N3", "N2"]);
      for await (const _ of User.objects.stream({ where: { name: "none" } })) assert.fail("there is none");
    });

    test("left early, or by an error, frees its connection: a pool of one goes on (B8)", async () => {
      await using _db = await open(engine, [User], { pool: { max: 1 }, timeout: 2000 });
      await User.objects.insertMany(numbered(3000));
      for (let i = 0; i < 3; i += 1) {
        for await (const user of User.objects.stream({ orderBy: "id" })) if (user.age === i) break;
        const error = await failureOf(async () => {
          for await (const user of User.objects.stream()) throw new Error(user.name);
        });
        assert.equal(error.message.slice(0, 1), "n");
      }
      await User.objects.update("all", { age: 1 });
      assert.equal(await User.objects.count({ where: { age: 1 } }), 3000);
    });

    test("that is never begun sends nothing and holds nothing", async () => {
      await using db = await open(engine, [User], { pool: { max: 1 } });
      const texts = await statementsOf(db, () => {
        User.objects.stream();
      });
      assert.deepEqual(texts, []);
      assert.equal(await User.objects.count(), 0);
    });

    if (engine.readsBesideWrites) {
      test("is one snapshot: what is written meanwhile is not seen (B8)", async () => {
        await using _db = await open(engine, [User]);
        await User.objects.insertMany(numbered(2500));
        const ages: (number | null)[] = [];
        for await (const user of User.objects.stream({ orderBy: "id" })) {
          if (ages.length === 0) {
            await User.objects.update("all", { age: -1 });
            await User.objects.insertMany(numbered(10));
          }
          ages.push(user.age);
        }
        assert.deepEqual(
          ages,
          Array.from({ length: 2500 }, (_, i) => i),
        );
      });
    }

    test("within a transaction sees its writes, and other statements run in it meanwhile", async () => {
      await using _db = await open(engine, [User]);
      await using tx = User.objects.transaction();
      await tx.insertMany(numbered(1500));
      let seen = 0;
      for await (const user of tx.stream({ orderBy: "id" })) {
        if (seen % 500 === 0) await user.update({ name: "seen" });
        seen += 1;
      }
      assert.equal(seen, 1500);
      assert.equal(await tx.count({ where: { name: "seen" } }), 3);
      await tx.commit();
    });

    test("with a wrong query fails at its first step, before any SQL (S1)", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(async () => {
          for await (const _ of User.objects.stream({ where: { nmae: 1 } as never })) assert.fail();
        });
        assert.ok(error instanceof TypeError);
      });
      assert.deepEqual(texts, []);
    });
  });
});

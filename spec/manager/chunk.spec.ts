import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TransactionClosedError, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { User } from "./models.js";

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `n${i}`, age: i }));
const agesOf = (users: readonly User[]) => users.map(({ age }) => age);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

async function sizesOf(chunks: AsyncIterable<readonly User[]>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const chunk of chunks) sizes.push(chunk.length);
  return sizes;
}

eachEngine((engine) => {
  describe("chunk", () => {
    test("gives lists of exactly that size, the last of which may be shorter (S22)", async () => {
      await using _db = await open(engine, [User]);
      assert.deepEqual(await sizesOf(User.objects.chunk(3)), []);
      await User.objects.insertMany(numbered(10));
      assert.deepEqual(await sizesOf(User.objects.chunk(4)), [4, 4, 2]);
      assert.deepEqual(await sizesOf(User.objects.chunk(5)), [5, 5]);
      assert.deepEqual(await sizesOf(User.objects.chunk(1)), new Array(10).fill(1));
      assert.deepEqual(await sizesOf(User.objects.chunk(10)), [10]);
      assert.deepEqual(await sizesOf(User.objects.chunk(Number.MAX_SAFE_INTEGER)), [10]);
      await using tx = User.objects.transaction();
      assert.deepEqual(await sizesOf(tx.chunk(4)), [4, 4, 2]);
      assert.deepEqual(await sizesOf(tx.chunk(5)), [5, 5]);
      await tx.commit();
    });

    test("gives every row once, in the order asked for, though there are many (S22)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(2500));
      const ages: (number | null)[] = [];
      for await (const chunk of User.objects.chunk(700, { orderBy: "age" })) ages.push(...agesOf(chunk));
      assert.deepEqual(ages, upTo(2500));
    });

    test("takes conditions, an order, a limit and an offset, in and out of a transaction (S22)", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(20));
      const query = { where: [User.c.age.lt(10)], orderBy: "-age", limit: 5, offset: 1 } as const;
      await using tx = User.objects.transaction();
      for (const objects of [User.objects.using(tx), tx]) {
        const lists: (number | null)[][] = [];
        for await (const chunk of objects.chunk(2, query)) lists.push(agesOf(chunk));
        assert.deepEqual(lists, [[8, 7], [6, 5], [4]]);
      }
      await tx.commit();
      const lists: (number | null)[][] = [];
      for await (const chunk of User.objects.chunk(2, query)) lists.push(agesOf(chunk));
      assert.deepEqual(lists, [[8, 7], [6, 5], [4]]);
      assert.deepEqual(await sizesOf(User.objects.chunk(2, { limit: 0 })), []);
    });

    test("of a size that is no positive whole number fails at the call, nothing sent (S3)", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, () => {
        for (const size of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
          assert.throws(() => User.objects.chunk(size), UsageError, String(size));
        for (const size of ["3", null, undefined, 3n, {}])
          assert.throws(() => User.objects.chunk(size as never), TypeError, String(size));
      });
      assert.deepEqual(texts, []);
    });

    test("of a wrong query fails at the call, nothing sent (S1, S3)", async () => {
      await using db = await open(engine, [User]);
      const texts = await statementsOf(db, () => {
        assert.throws(() => User.objects.chunk(3, { where: { nmae: "x" } as never }), TypeError);
        assert.throws(() => User.objects.chunk(3, { orderby: "name" } as never), TypeError);
        assert.throws(() => User.objects.chunk(3, { limit: -1 }), UsageError);
        assert.throws(() => User.objects.chunk(3, { lock: "update" }), UsageError);
        for (const query of [null, [], "x"]) assert.throws(() => User.objects.chunk(3, query as never), TypeError);
      });
      assert.deepEqual(texts, []);
    });

    test("that is never begun sends nothing and holds nothing", async () => {
      await using db = await open(engine, [User], { pool: { max: 1 } });
      const texts = await statementsOf(db, async () => {
        User.objects.chunk(3);
        await User.objects.chunk(3).return();
      });
      assert.deepEqual(texts, []);
      assert.equal(await User.objects.count(), 0);
    });

    test("left early, or by an error, frees its cursor and connection: a pool of one goes on (B8)", async () => {
      await using _db = await open(engine, [User], { pool: { max: 1 }, timeout: 2000 });
      await User.objects.insertMany(numbered(30));
      for (let i = 0; i < 3; i += 1) {
        for await (const chunk of User.objects.chunk(10, { orderBy: "id" })) if (chunk[0]?.age === i * 10) break;
        const error = await failureOf(async () => {
          for await (const [user] of User.objects.chunk(7)) throw new Error(user?.name);
        });
        assert.equal(error.message.slice(0, 1), "n");
        const chunks = User.objects.chunk(7);
        assert.equal((await chunks.next()).done, false);
        await chunks.return();
        assert.deepEqual(await chunks.next(), { done: true, value: undefined });
      }
      assert.equal(await User.objects.update("all", { age: 1 }), 30);
    });

    test("left early in a transaction lets the transaction go on, and another chunk with it", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(30));
      await using tx = User.objects.transaction();
      for await (const chunk of tx.chunk(10)) {
        assert.equal(chunk.length, 10);
        break;
      }
      assert.deepEqual(await sizesOf(tx.chunk(20)), [20, 10]);
      assert.equal(await tx.update("all", { age: 1 }), 30);
      await tx.commit();
      assert.equal(await User.objects.count({ where: { age: 1 } }), 30);
    });

    if (engine.readsBesideWrites) {
      test("is one snapshot: rows that others write meanwhile are not seen (S22, B8)", async () => {
        await using _db = await open(engine, [User]);
        await User.objects.insertMany(numbered(100));
        const ages: (number | null)[] = [];
        for await (const chunk of User.objects.chunk(10, { orderBy: "id" })) {
          if (ages.length === 0) {
            await User.objects.update("all", { age: -1 });
            await User.objects.delete({ name: "n99" });
            await User.objects.insertMany(numbered(10));
          }
          ages.push(...agesOf(chunk));
        }
        assert.deepEqual(ages, upTo(100));
        assert.equal(await User.objects.count({ where: { age: -1 } }), 99);
      });

      test("in a transaction is one snapshot, too, though others write meanwhile (S22)", async () => {
        await using _db = await open(engine, [User]);
        await User.objects.insertMany(numbered(100));
        await using tx = User.objects.transaction({ readOnly: true });
        const ages: (number | null)[] = [];
        for await (const chunk of tx.chunk(10, { orderBy: "id" })) {
          if (ages.length === 0) {
            await User.objects.update("all", { age: -1 });
            await User.objects.insertMany(numbered(10));
          }
          ages.push(...agesOf(chunk));
        }
        assert.deepEqual(ages, upTo(100));
        await tx.commit();
      });
    }

    test("in a transaction sees what that wrote before, and not what it writes meanwhile (S22)", async () => {
      await using _db = await open(engine, [User]);
      await using tx = User.objects.transaction();
      await tx.insertMany(numbered(100));
      const ages: (number | null)[] = [];
      for await (const chunk of tx.chunk(30, { orderBy: "id" })) {
        await tx.update("all", { age: -1 });
        await tx.insertMany(numbered(10));
        ages.push(...agesOf(chunk));
      }
      assert.deepEqual(ages, upTo(100));
      assert.equal(await tx.count(), 140);
      await tx.commit();
    });

    test("gives instances that write where they were got: in the transaction, or the database", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(3));
      {
        await using tx = User.objects.transaction();
        for await (const chunk of tx.chunk(2)) for (const user of chunk) await user.update({ name: user.shout });
        assert.equal(await tx.count({ where: [User.c.name.startsWith("N")] }), 3);
        await tx.rollback();
      }
      assert.equal(await User.objects.count({ where: [User.c.name.startsWith("N")] }), 0);
      const all: User[] = [];
      for await (const chunk of User.objects.chunk(2)) all.push(...chunk);
      for (const user of all) await user.update({ name: user.shout });
      assert.equal(await User.objects.count({ where: [User.c.name.startsWith("N")] }), 3);
    });

    test("read on after its transaction ended is a TransactionClosedError", async () => {
      await using _db = await open(engine, [User]);
      await User.objects.insertMany(numbered(10));
      const tx = User.objects.transaction();
      const chunks = tx.chunk(2);
      assert.equal((await chunks.next()).value?.length, 2);
      await tx.rollback();
      assert.ok((await failureOf(() => chunks.next())) instanceof TransactionClosedError);
      assert.ok((await failureOf(() => tx.chunk(2).next())) instanceof TransactionClosedError);
      assert.equal(await User.objects.count(), 10);
    });
  });
});

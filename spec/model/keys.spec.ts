import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bigint, date, integer, Model, text, UsageError, uuid, varchar } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Note extends Model("notes", { id: text().primaryKey(), body: text() }) {}
class Ticket extends Model("tickets", { id: uuid().primaryKey(), body: text() }) {}
class Slug extends Model("slugs", { slug: varchar(40).primaryKey(), body: text().nullable() }) {}
let made = 0;
class Coupon extends Model("coupons", { code: text().primaryKey(), body: text() }) {
  static override generateId() {
    made += 1;
    return `C-${made}`;
  }
}
class Big extends Model("bigs", { id: bigint().primaryKey(), body: text().nullable() }) {}
class Membership extends Model(
  "memberships",
  { userId: integer(), groupId: integer(), since: date().nullable() },
  { primaryKey: ["userId", "groupId"] },
) {}
class Line extends Model("lines", { body: text() }) {}

eachEngine((engine) => {
  describe("keys", () => {
    test("of text are 32 hex digits where they are not given, of uuid a dashed UUID", async () => {
      await using _db = await open(engine, [Note, Ticket]);
      const note = await Note.insert({ body: "a" });
      const ticket = await Ticket.insert({ body: "a" });
      assert.match(note.id, /^[0-9a-f]{32}$/);
      assert.match(ticket.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      assert.notEqual((await Note.insert({ body: "b" })).id, note.id);
      assert.equal((await Note.insert({ id: "mine", body: "c" })).id, "mine");
      assert.equal((await Note.find("mine"))?.body, "c");
      assert.equal((await Ticket.find(ticket.id.toUpperCase()))?.body, "a");
      const many = await Ticket.insertMany([{ body: "1" }, { body: "2" }]);
      assert.equal(new Set(many.map(({ id }) => id)).size, 2);
      assert.deepEqual(
        (await Ticket.objects.findMany(many.map(({ id }) => id.toUpperCase()))).map((t) => t.body),
        ["1", "2"],
      );
    });

    test("come from the model's own generateId, in insert, save and insertMany", async () => {
      await using _db = await open(engine, [Coupon]);
      made = 0;
      await Coupon.insert({ body: "a" });
      await new Coupon({ body: "b" }).save();
      await Coupon.insertMany([{ body: "c" }, { code: "own", body: "d" }]);
      const codes = (await Coupon.objects.getItems({ orderBy: "body" })).map(({ code }) => code);
      assert.deepEqual(codes, ["C-1", "C-2", "C-3", "own"]);
    });

    test("generated as 64-bit integers are bigints", async () => {
      await using _db = await open(engine, [Big]);
      const big = await Big.insert({});
      assert.equal(typeof big.id, "bigint");
      const greatest = 2n ** 62n;
      await Big.insert({ id: greatest });
      assert.equal((await Big.find(greatest))?.id, greatest);
    });

    test("go on after one that was given, without a collision", async () => {
      await using _db = await open(engine, [Note, Big]);
      const first = await Big.insert({});
      await Big.insert({ id: first.id + 1n });
      await Big.insert({ body: "next" });
      await Big.insertMany([{ id: 100n }, { id: 50n }, { body: "generated" }]);
      const { id } = await Big.insert({});
      assert.ok(id > 100n, `${id} comes after 100`);
      await Big.objects.upsert({ id: 200n });
      await Big.objects.upsert({ id: 200n, body: "again" });
      assert.ok((await Big.insert({})).id > 200n);
      const given = new Big({ id: 300n });
      await given.save();
      assert.ok((await Big.insert({})).id > 300n);
      await Big.objects.insert({ id: 400n }, { fetch: false });
      assert.ok((await Big.insert({})).id > 400n);
      await Big.objects.insertMany([{ id: 500n }], { fetch: false });
      assert.ok((await Big.insert({})).id > 500n);
    });

    test("lower than what was generated leave the generated ones as they are", async () => {
      await using _db = await open(engine, [Big]);
      await Big.insert({ id: 1000n });
      await Big.insert({ id: -5n });
      await Big.insert({ id: 3n });
      assert.ok((await Big.insert({})).id > 1000n);
    });

    test("of several columns find, update, reload and delete the one row", async () => {
      await using _db = await open(engine, [Membership]);
      await Membership.insertMany([
        { userId: 1, groupId: 1 },
        { userId: 1, groupId: 2 },
        { userId: 2, groupId: 1 },
      ]);
      const one = (await Membership.find({ userId: 1, groupId: 2 })) ?? assert.fail();
      await one.update({ since: "2024-02-29" });
      assert.equal(await Membership.objects.count({ where: { since: "2024-02-29" } }), 1);
      await Membership.objects.update({ userId: 1, groupId: 2 }, { since: null });
      assert.equal((await one.reload()).since, null);
      await one.delete();
      assert.equal(await Membership.find({ userId: 1, groupId: 2 }), null);
      assert.equal(await Membership.objects.count(), 2);
      const found = await Membership.objects.findMany([
        { userId: 2, groupId: 1 },
        { userId: 9, groupId: 9 },
        { userId: 1, groupId: 1 },
      ]);
      assert.deepEqual(
        found.map((m) => [m.userId, m.groupId]),
        [
          [2, 1],
          [1, 1],
        ],
      );
      assert.ok((await failureOf(() => Membership.find({ userId: 1 } as never))) instanceof TypeError);
      assert.ok((await failureOf(() => Membership.find(1 as never))) instanceof TypeError);
      assert.equal(Membership.idColumn, "userId");
    });

    test("that are no integers take null from nobody, and must be there to find a row again (S2)", async () => {
      await using _db = await open(engine, [Slug, Line]);
      await assert.rejects(Slug.insert({ slug: null as never }));
      assert.ok((await failureOf(() => Slug.find(null as never))) instanceof TypeError);
      assert.ok((await failureOf(() => Slug.find(undefined as never))) instanceof TypeError);
      const line = await Line.insert({ body: "a" });
      assert.ok((await failureOf(() => line.update({ body: "b" }))) instanceof UsageError);
      assert.ok((await failureOf(() => line.delete())) instanceof UsageError);
      assert.equal(Line.idColumn, undefined);
    });

    test("of text are told apart by capitals, those of uuid are not, in findMany and upsertMany", async () => {
      await using _db = await open(engine, [Note, Ticket]);
      await Note.insertMany([
        { id: "a", body: "small" },
        { id: "A", body: "capital" },
      ]);
      assert.deepEqual(
        (await Note.objects.findMany(["A", "a"])).map(({ body }) => body),
        ["capital", "small"],
      );
      const upserted = await Note.objects.upsertMany([
        { id: "a", body: "1" },
        { id: "A", body: "2" },
      ]);
      assert.deepEqual(
        upserted.map(({ id, body }) => [id, body]),
        [
          ["a", "1"],
          ["A", "2"],
        ],
      );
      const id = "abcdef12-1234-1234-1234-123456789abc";
      const twice = [
        { id, body: "1" },
        { id: id.toUpperCase(), body: "2" },
      ];
      assert.ok((await failureOf(() => Ticket.objects.upsertMany(twice))) instanceof TypeError);
      assert.equal(await Ticket.objects.count(), 0);
    });

    test("of several columns may be asked for by the thousand", async () => {
      await using _db = await open(engine, [Membership]);
      const keys = Array.from({ length: 5000 }, (_, i) => ({ userId: i % 100, groupId: i }));
      await Membership.objects.insertMany(keys, { fetch: false });
      const found = await Membership.objects.findMany(keys.toReversed());
      assert.deepEqual(
        found.map(({ groupId }) => groupId),
        keys.map(({ groupId }) => groupId).toReversed(),
      );
    });

    test("of a varchar or date can be found, as those of text can", async () => {
      await using _db = await open(engine, [Slug]);
      await Slug.insert({ slug: "a-b", body: "x" });
      assert.equal((await Slug.find("a-b"))?.body, "x");
      assert.equal(await Slug.find("A-b"), null);
    });
  });
});

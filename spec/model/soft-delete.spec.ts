import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integer, Manager, Model, NotFoundError, text, UsageError } from "../../src/index.js";
import { LONG_AGO, Page, Seat } from "../manager/kept-models.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class User extends Model("users", { id: integer().primaryKey(), name: text() }, { softDelete: "deletedAt" }) {
  static override objects = new Manager(this);
}
class Plain extends Model("plain", { id: integer().primaryKey(), name: text() }) {}

/** The row as it is in the table, hidden or not. */
const storedUser = (id: number) => User.objects.withDeleted().getItem({ where: { id } });
const storedPage = (id: number) => Page.objects.withDeleted().getItem({ where: { id } });

eachEngine((engine) => {
  describe("an instance of a model with softDelete", () => {
    test("deleted, has its row hidden and the time in memory as in the row, by one update", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      const before = Date.now();
      const texts = await statementsOf(db, () => user.delete());
      assert.equal(texts.length, 1);
      assert.match(texts[0] ?? "", /^update "users" set "deleted_at" = /);
      assert.equal(await User.find(user.id), null);
      assert.ok(user.deletedAt instanceof Date && user.deletedAt.getTime() >= before);
      assert.deepEqual(user.data, await storedUser(user.id));
    });

    test("deleted, can't be updated or saved, and is not deleted twice (M12)", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      await user.delete();
      const { deletedAt } = user;
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => user.update({ name: "b" }))) instanceof UsageError);
        assert.ok((await failureOf(() => user.update({ deletedAt: null }))) instanceof UsageError);
        assert.ok((await failureOf(() => user.save())) instanceof UsageError);
        await user.delete();
      });
      assert.deepEqual(texts, []);
      assert.deepEqual((await storedUser(user.id))?.deletedAt, deletedAt);
    });

    test("deleted though others have hidden or taken out its row: that is what was wanted", async () => {
      await using _db = await open(engine, [User]);
      const [a, b] = await User.insertMany([{ name: "a" }, { name: "b" }]);
      await User.objects.update({ name: "a" }, { deletedAt: LONG_AGO });
      await User.objects.delete({ name: "b" }, { force: true });
      await a?.delete();
      await b?.delete();
      assert.equal(await User.objects.count(), 0);
      assert.equal(await User.objects.withDeleted().count(), 1);
      // Of the time, which is not the instance's, it knows nothing before it is read (M11).
      assert.equal(a?.deletedAt, null);
      assert.deepEqual((await a?.reload())?.deletedAt, LONG_AGO);
      assert.ok((await failureOf(async () => b?.reload())) instanceof NotFoundError);
    });

    test("deleted with force, is taken out of the table", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      const texts = await statementsOf(db, () => user.delete({ force: true }));
      assert.equal(texts.length, 1);
      assert.match(texts[0] ?? "", /^delete from "users" where "id" = /);
      assert.equal(await User.objects.withDeleted().count(), 0);
      assert.ok((await failureOf(() => user.update({ name: "b" }))) instanceof UsageError);
      const error = await failureOf(() => user.restore());
      assert.ok(error instanceof UsageError || error instanceof NotFoundError);
    });

    test("deleted with an option that is unknown: TypeError, nothing sent", async () => {
      await using db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => user.delete({ forse: true } as never))) instanceof TypeError);
      });
      assert.deepEqual(texts, []);
    });

    test("restored, is there again, in the database and in memory, and usable", async () => {
      await using _db = await open(engine, [User, Seat]);
      const user = await User.insert({ name: "a" });
      await user.delete();
      assert.equal(await user.restore(), user);
      assert.equal(user.deletedAt, null);
      assert.deepEqual(user.changes, {});
      assert.deepEqual((await User.find(user.id))?.data, user.data);
      await user.update({ name: "b" });
      user.name = "c";
      await user.save();
      await user.reload();
      assert.equal((await User.find(user.id))?.name, "c");
      await user.delete();
      assert.equal(await User.find(user.id), null);
      const seat = await Seat.insert({ room: "r", place: 1 });
      await seat.delete();
      await seat.restore();
      assert.equal((await Seat.find({ room: "r", place: 1 }))?.deletedAt, null);
    });

    test("restored by another instance of the row, got through withDeleted()", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      await User.objects.delete({ id: user.id });
      const hidden = await User.objects.withDeleted().get();
      await hidden.restore();
      assert.equal(hidden.deletedAt, null);
      assert.equal((await User.find(user.id))?.name, "a");
      await hidden.update({ name: "b" });
      assert.equal((await User.find(user.id))?.name, "b");
    });

    test("can't be restored where its row is gone: NotFoundError, and it stays as it is (S34)", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      await user.delete();
      const { deletedAt } = user;
      await User.objects.withDeleted().delete("all", { force: true });
      assert.ok((await failureOf(() => user.restore())) instanceof NotFoundError);
      assert.deepEqual(user.deletedAt, deletedAt);
      assert.ok((await failureOf(() => user.update({ name: "b" }))) instanceof UsageError);
    });

    test("restore() of a model without softDelete, or of a new instance: UsageError, nothing sent", async () => {
      await using db = await open(engine, [User, Plain]);
      const plain = await Plain.insert({ name: "a" });
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => plain.restore())) instanceof UsageError);
        assert.ok((await failureOf(() => new User({ name: "a" }).restore())) instanceof UsageError);
        assert.ok((await failureOf(() => new User({ name: "a" }).delete())) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
    });

    test("whose row others have hidden meanwhile: update, save and reload are a NotFoundError (S34)", async () => {
      await using _db = await open(engine, [User]);
      const user = await User.insert({ name: "a" });
      await User.objects.delete({ id: user.id });
      assert.ok((await failureOf(() => user.update({ name: "b" }))) instanceof NotFoundError);
      assert.ok((await failureOf(() => user.update({ name: "b" }, [User.c.name.eq("a")]))) instanceof NotFoundError);
      assert.ok((await failureOf(() => user.reload())) instanceof NotFoundError);
      assert.deepEqual([user.name, user.deletedAt, user.changes], ["a", null, {}]);
      user.name = "c";
      assert.ok((await failureOf(() => user.save())) instanceof NotFoundError);
      assert.equal((await storedUser(user.id))?.name, "a");
    });

    test("got through withDeleted() while hidden, can be updated, saved, reloaded and taken out", async () => {
      await using _db = await open(engine, [User]);
      const { id } = await User.insert({ name: "a" });
      await User.objects.delete({ id });
      const hidden = await User.objects.withDeleted().get();
      await hidden.update({ name: "b" });
      assert.equal((await storedUser(id))?.name, "b");
      await hidden.update({ name: "c" }, [User.c.name.eq("b")]);
      hidden.name = "d";
      await hidden.save();
      assert.equal((await storedUser(id))?.name, "d");
      await User.objects.withDeleted().update({ id }, { name: "e" });
      assert.equal((await hidden.reload()).name, "e");
      assert.equal(await User.find(id), null);
      await hidden.delete({ force: true });
      assert.equal(await storedUser(id), null);
    });

    test("deleted or restored in a transaction that is rolled back, is as it was before (M11)", async () => {
      await using _db = await open(engine, [User]);
      const { id } = await User.insert({ name: "a" });
      await using tx = User.objects.transaction();
      const user = await tx.get({ where: { id } });
      await user.delete();
      await tx.rollback();
      assert.equal(user.deletedAt, null);
      await user.update({ name: "b" });
      await user.delete();
      const { deletedAt } = user;
      await using again = User.objects.transaction();
      user.using(again);
      await user.restore();
      assert.equal(user.deletedAt, null);
      await again.rollback();
      assert.deepEqual(user.deletedAt, deletedAt);
      assert.ok((await failureOf(() => user.update({ name: "c" }))) instanceof UsageError);
      await user.restore();
      assert.equal((await User.find(id))?.name, "b");
    });

    test("has its hooks run around delete and restore, in their order (S35)", async () => {
      class Hooked extends Model("hooked", { id: integer().primaryKey() }, { softDelete: "deletedAt" }) {}
      await using _db = await open(engine, [Hooked]);
      const calls: [string, boolean][] = [];
      for (const event of ["beforeDelete", "afterDelete", "beforeRestore", "afterRestore"] as const)
        Hooked.addHook(event, async (hooked) => {
          calls.push([event, hooked.deletedAt === null]);
        });
      const hooked = await Hooked.insert({});
      await hooked.delete();
      await hooked.restore();
      assert.deepEqual(calls, [
        ["beforeDelete", true],
        ["afterDelete", false],
        ["beforeRestore", false],
        ["afterRestore", true],
      ]);
    });

    test("is not restored where a hook before it throws, nor where one after it does (S35, S67)", async () => {
      class Before extends Model("before_hooked", { id: integer().primaryKey() }, { softDelete: "deletedAt" }) {}
      class After extends Model("after_hooked", { id: integer().primaryKey() }, { softDelete: "deletedAt" }) {}
      await using _db = await open(engine, [Before, After]);
      const refuse = () => {
        throw new RangeError("refused");
      };
      Before.addHook("beforeRestore", refuse);
      After.addHook("afterRestore", refuse);
      for (const instance of [await Before.insert({}), await After.insert({})]) {
        await instance.delete();
        assert.ok((await failureOf(() => instance.restore())) instanceof RangeError);
        assert.ok(instance.deletedAt instanceof Date);
      }
      assert.equal(await Before.objects.count(), 0);
      assert.equal(await After.objects.count(), 0);
    });
  });

  describe("an instance of a model with timestamps", () => {
    /** A page that was written long ago. */
    const oldPage = () => Page.objects.insert({ path: "/", createdAt: LONG_AGO, updatedAt: LONG_AGO });

    /** That the page was updated now, as memory and row both say. */
    async function assertTouched(page: InstanceType<typeof Page>, before: number): Promise<void> {
      assert.deepEqual(page.createdAt, LONG_AGO);
      assert.ok(page.updatedAt.getTime() >= before && page.updatedAt.getTime() <= Date.now());
      assert.deepEqual(page.changes, {});
      assert.deepEqual(await storedPage(page.id), page.data);
    }

    test("has the new updatedAt, as its row has, after an update, one on conditions, and a save", async () => {
      await using db = await open(engine, [Page]);
      const page = await oldPage();
      const works = [
        () => page.update({ hits: 1 }),
        () => page.update({ hits: 2 }, [Page.c.hits.eq(1)]),
        () => {
          page.hits = 3;
          return page.save();
        },
        () => page.delete(),
        () => page.restore(),
      ];
      for (const work of works) {
        await Page.objects.withDeleted().update({ id: page.id }, { updatedAt: LONG_AGO });
        const before = Date.now();
        const texts = await statementsOf(db, work);
        assert.equal(texts.length, 1);
        assert.match(texts[0] ?? "", /"updated_at" = /);
        await assertTouched(page, before);
      }
    });

    test("keeps the time, and sends nothing, where nothing has changed (S32)", async () => {
      await using db = await open(engine, [Page]);
      const page = await oldPage();
      const texts = await statementsOf(db, async () => {
        await page.update({ path: "/", hits: 0 });
        await page.update({});
        page.path = "/";
        await page.save();
      });
      assert.deepEqual(texts, []);
      assert.deepEqual(page.updatedAt, LONG_AGO);
      assert.deepEqual((await storedPage(page.id))?.updatedAt, LONG_AGO);
    });

    test("has the time that it was given, or assigned", async () => {
      await using _db = await open(engine, [Page]);
      const page = await oldPage();
      const [first, second] = [new Date(LONG_AGO.getTime() + 1000), new Date(LONG_AGO.getTime() + 2000)];
      await page.update({ hits: 1, updatedAt: first });
      assert.deepEqual([page.updatedAt, (await storedPage(page.id))?.updatedAt], [first, first]);
      page.hits = 2;
      page.updatedAt = second;
      await page.save();
      assert.deepEqual([page.updatedAt, (await storedPage(page.id))?.updatedAt], [second, second]);
    });

    test("has both times after the save of a new one, as its row has", async () => {
      await using _db = await open(engine, [Page]);
      const before = Date.now();
      const page = await new Page({ path: "/" }).save();
      assert.deepEqual(page.createdAt, page.updatedAt);
      assert.ok(page.createdAt.getTime() >= before);
      assert.deepEqual(await storedPage(page.id), page.data);
    });

    test("has its old time where the row was gone, or the update is rolled back (M11)", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await oldPage();
      {
        await using tx = Page.objects.transaction();
        const page = await tx.get({ where: { id } });
        await page.update({ hits: 1 });
        assert.notDeepEqual(page.updatedAt, LONG_AGO);
        await tx.rollback();
        assert.deepEqual(page.updatedAt, LONG_AGO);
      }
      const page = await Page.objects.get({ where: { id } });
      await Page.objects.delete("all", { force: true });
      assert.ok((await failureOf(() => page.update({ hits: 1 }))) instanceof NotFoundError);
      assert.deepEqual(page.updatedAt, LONG_AGO);
    });
  });
});

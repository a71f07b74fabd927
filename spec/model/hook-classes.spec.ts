import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type HookContext, hasMany, integer, json, Model, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

const COLUMNS = { id: integer().primaryKey(), name: text(), slug: text().default("") };

describe("a class's hooks", () => {
  class Thing extends Model("things", COLUMNS) {}

  test("are for known events; another is an error with the nearest name (S35)", () => {
    const nothing = () => {};
    // @ts-expect-error no such event
    for (const call of [() => Thing.addHook("beforeSav", nothing), () => Thing.removeHook("beforeSav", nothing)]) {
      assert.throws(call, (error) => error instanceof UsageError && /did you mean "beforeSave"\?/.test(error.message));
    }
    // @ts-expect-error no such event
    assert.throws(() => Thing.clearHooks("afterSaves"), /did you mean "afterSave"\?/);
    // @ts-expect-error no event
    assert.throws(() => Thing.addHook(5, nothing), TypeError);
  });

  test("are functions, else a TypeError", () => {
    // @ts-expect-error no function
    assert.throws(() => Thing.addHook("beforeSave", "log"), TypeError);
    // @ts-expect-error no function
    assert.throws(() => Thing.removeHook("beforeSave", undefined), TypeError);
  });

  for (const name of ["beforeSave", "afterInit", "beforeInsertMany", "afterRestore", "equals", "hash"]) {
    test(`can't be hidden by a column called ${name} (S30)`, () => {
      assert.throws(
        () => Model("x", { id: integer().primaryKey(), [name]: text() }),
        (error) => error instanceof UsageError && error.message.includes('.column("') && error.message.includes(name),
      );
    });
  }

  test("that are methods stand on the right side of the class: a hook of a list is static, others are not", () => {
    class Wrong extends Thing {
      beforeInsertMany() {}
    }
    class AlsoWrong extends Thing {
      static beforeSave() {}
    }
    assert.throws(() => new Wrong(), /Wrong\.beforeInsertMany .* static/);
    assert.throws(() => new AlsoWrong(), /AlsoWrong\.beforeSave .* can't be static/);
  });
});

eachEngine((engine) => {
  describe("hooks of classes", () => {
    test("are inherited, those of the class above first, also where they are added to it later (S35)", async () => {
      class Above extends Model("things", COLUMNS) {}
      class Below extends Above {}
      class Beside extends Above {}
      const seen: string[] = [];
      await using _db = await open(engine, [Above, Below, Beside]);
      Below.addHook("beforeInsert", () => seen.push("below"));
      Above.addHook("beforeInsert", () => seen.push("above"));
      await Below.insert({ name: "a" });
      assert.deepEqual(seen.splice(0), ["above", "below"]);
      Above.addHook("beforeInsert", () => seen.push("later"));
      await Below.insert({ name: "b" });
      assert.deepEqual(seen.splice(0), ["above", "later", "below"]);
      await Above.insert({ name: "c" });
      await Beside.insert({ name: "d" });
      assert.deepEqual(seen.splice(0), ["above", "later", "above", "later"]);
    });

    test("are removed by removeHook, and by clearHooks of one event or all, of the very class (S35)", async () => {
      class Above extends Model("things", COLUMNS) {}
      class Below extends Above {}
      const seen: string[] = [];
      const a = () => seen.push("a");
      const b = () => seen.push("b");
      const insert = async () => {
        await Below.insert({ name: "x" });
        return seen.splice(0);
      };
      await using _db = await open(engine, [Above, Below]);
      Above.addHook("beforeInsert", a);
      for (const hook of [b, a, b]) Below.addHook("afterInsert", hook);
      assert.deepEqual(await insert(), ["a", "b", "a", "b"]);
      assert.equal(Below.removeHook("beforeInsert", a), false);
      assert.equal(Below.removeHook("afterInsert", b), true);
      assert.deepEqual(await insert(), ["a", "a", "b"]);
      Below.clearHooks("beforeInsert");
      assert.deepEqual(await insert(), ["a", "a", "b"]);
      Below.clearHooks("afterInsert");
      assert.deepEqual(await insert(), ["a"]);
      Below.addHook("afterInsert", b);
      Above.clearHooks();
      assert.deepEqual(await insert(), ["b"]);
    });

    test("may be methods, which run last, and can be overridden as any (S35)", async () => {
      class Page extends Model("things", COLUMNS) {
        async beforeSave() {
          await Promise.resolve();
          this.slug = `${this.slug}-${this.name}`;
        }
        static beforeInsertMany(pages: readonly Page[], context: HookContext) {
          for (const page of pages) page.slug = `${context.event} of ${this.name}`;
        }
      }
      class Loud extends Page {
        override async beforeSave() {
          await super.beforeSave();
          this.slug += "!";
        }
      }
      await using _db = await open(engine, [Page, Loud]);
      Page.addHook("beforeSave", (page) => {
        page.slug = "added";
      });
      assert.equal((await new Page({ name: "a" }).save()).slug, "added-a");
      assert.equal((await new Loud({ name: "b" }).save()).slug, "added-b!");
      const [page] = await Loud.insertMany([{ name: "c" }]);
      assert.equal(page?.slug, "beforeInsertMany of Loud");
    });

    test("are called as methods with the context: what they write through it is in the transaction (S67)", async () => {
      class Page extends Model("things", COLUMNS) {
        async afterInsert({ scope, event }: HookContext) {
          if (this.name === "copy") throw new Error(event);
          await Page.objects.using(scope).insert({ name: "copy" });
        }
      }
      await using _db = await open(engine, [Page]);
      assert.equal((await failureOf(() => Page.insert({ name: "a" }))).message, "afterInsert");
      assert.equal(await Page.objects.count(), 0);
    });

    test("are no getters of such a name, which are not called to find out", async () => {
      class Page extends Model("things", COLUMNS) {
        get afterSave() {
          return hasMany(this, Page, "id");
        }
      }
      await using db = await open(engine, [Page]);
      assert.equal((await statementsOf(db, () => new Page({ name: "a" }).save())).length, 1);
    });

    test("where there are none, leave each operation the one statement that it is", async () => {
      class Page extends Model("things", COLUMNS) {}
      class Other extends Model("others", COLUMNS) {}
      Other.addHook("beforeSave", () => {});
      Page.addHook("beforeDelete", () => {});
      await using db = await open(engine, [Page, Other]);
      const texts = await statementsOf(db, async () => {
        const page = await new Page({ name: "a" }).save();
        await page.update({ name: "b" });
        await page.reload();
      });
      assert.deepEqual(
        texts.map((sql) => sql.split(" ")[0]),
        ["insert", "update", "select"],
      );
    });
  });

  describe("afterInit", () => {
    test("runs once on every instance: made, inserted, or read in any way (S37)", async () => {
      class Page extends Model("things", COLUMNS) {}
      const seen: string[] = [];
      Page.addHook("afterInit", (page, { event }) => seen.push(`${event} ${page.name}`));
      const take = () => seen.splice(0);
      await using _db = await open(engine, [Page]);
      const page = new Page({ name: "a" });
      assert.deepEqual(take(), ["afterInit a"]);
      await page.save();
      await page.update({ name: "b" });
      await page.reload();
      assert.deepEqual(take(), []);
      await Page.insert({ name: "c" });
      assert.deepEqual(take(), ["afterInit c"]);
      await Page.insertMany([{ name: "d" }, { name: "e" }]);
      assert.deepEqual(take(), ["afterInit d", "afterInit e"]);
      await Page.objects.getInstances({ orderBy: "name" });
      assert.deepEqual(take(), ["afterInit b", "afterInit c", "afterInit d", "afterInit e"]);
      await Page.find(page.id);
      for await (const _ of Page.objects.stream({ where: { name: "c" } }));
      await Page.objects.upsert({ id: page.id, name: "f" });
      await Page.objects.update({ name: "f" }, { name: "g" }, { fetch: true });
      assert.deepEqual(take(), ["afterInit b", "afterInit c", "afterInit f", "afterInit g"]);
      await Page.objects.getItems();
      assert.deepEqual(take(), []);
      Page.addHook("beforeInsert", () => {});
      await Page.insert({ name: "h" });
      assert.deepEqual(take(), ["afterInit h"]);
    });

    test("may change the instance, as a method too, and is inherited", async () => {
      class Page extends Model("things", { ...COLUMNS, meta: json<{ n: number }>().nullable() }) {
        afterInit() {
          this.meta ??= { n: 1 };
        }
      }
      class Heir extends Page {}
      await using _db = await open(engine, [Page, Heir]);
      const page = await new Heir({ name: "a" }).save();
      assert.deepEqual((await Page.objects.getItem())?.meta, { n: 1 });
      await Page.objects.update("all", { meta: null });
      assert.deepEqual((await Heir.find(page.id))?.changes, { meta: { n: 1 } });
    });

    test("can't be async: a UsageError says so, and nothing is written", async () => {
      class Page extends Model("things", COLUMNS) {}
      Page.addHook("afterInit", async () => {
        await Promise.reject(new Error("not told"));
      });
      await using _db = await open(engine, [Page]);
      const error = await failureOf(() => new Page({ name: "a" }));
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /afterInit hook can't be async/);
    });
  });
});

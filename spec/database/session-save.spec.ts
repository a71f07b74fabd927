import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import {
  bigint,
  type Database,
  ForeignKeyViolationError,
  type HookEvent,
  integer,
  json,
  Manager,
  Model,
  sql,
  text,
  UniqueViolationError,
  UsageError,
  uuid,
  ValidationError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Account, Entry, models } from "./models.js";

class Stock extends Model(
  "stock",
  { shop: text(), item: integer(), amount: integer().default(0), note: text().nullable(), writer: text().nullable() },
  { primaryKey: ["shop", "item"] },
) {
  static override objects = new Manager(this);
}

class Page extends Model(
  "pages",
  { id: uuid().primaryKey(), title: text(), meta: json<{ tags: string[] }>().nullable(), views: bigint().default(0n) },
  { timestamps: true, softDelete: "deletedAt" },
) {
  static override objects = new Manager(this);
}

class Squared extends Model("squared", {
  id: integer().primaryKey(),
  side: integer(),
  area: integer().generatedAs(sql`side * side`),
}) {
  static override objects = new Manager(this);
}

class Loose extends Model("loose", { a: text() }) {}

const told: string[] = [];

class Hooked extends Model("hooked", { id: integer().primaryKey(), name: text().check(z.string().trim().min(1)) }) {
  static override objects = new Manager(this);
}
for (const event of ["beforeSave", "beforeInsert", "afterInsert", "beforeUpdate", "afterUpdate", "afterSave"] as const)
  Hooked.addHook(event, ({ name }) => void told.push(`${event} ${name}`));

const all = [...models, Stock, Page, Hooked];

const changesOf = (instances: readonly { readonly changes: object }[]) => instances.map(({ changes }) => changes);

/** The statements that write. */
async function writesOf(db: Database, work: () => unknown): Promise<string[]> {
  const texts = await statementsOf(db, work);
  return texts.filter((each) => !/^(?:begin|commit|rollback|savepoint|release)/i.test(each));
}

eachEngine((engine) => {
  describe("save() and saveAll()", () => {
    test("insert new rows and update those that are there, one upsert for each class, nothing read before (V4)", async () => {
      await using db = await open(engine, all);
      await using session = db.session();
      const stocks = [1, 2, 3].map((item) => new Stock({ shop: "s", item, amount: item }));
      const inserts = await writesOf(db, () => session.saveAll(stocks));
      assert.equal(inserts.length, 1);
      assert.match(inserts[0] ?? "", /^insert into "stock" .* on conflict \("shop", "item"\) do update set /s);
      for (const stock of stocks) stock.amount += 10;
      const [first, second] = stocks;
      if (first !== undefined) first.note = "n";
      if (second !== undefined) second.writer = "w";
      const accounts = [new Account({ id: 5, owner: "a" }), new Account({ id: 6, owner: "b" })];
      const updates = await writesOf(db, () => session.saveAll([...stocks, ...accounts]));
      assert.equal(updates.length, 2, updates.join("; "));
      await session.commit();
      const rows = await Stock.objects.getItems({ orderBy: "item" });
      assert.deepEqual(rows, [
        { shop: "s", item: 1, amount: 11, note: "n", writer: null },
        { shop: "s", item: 2, amount: 12, note: null, writer: "w" },
        { shop: "s", item: 3, amount: 13, note: null, writer: null },
      ]);
      assert.deepEqual(
        stocks.map(({ data }) => data),
        rows,
      );
      assert.deepEqual(changesOf(stocks), [{}, {}, {}]);
    });

    test("give the very objects, of mixed classes, in their order, with what the database filled in (V3)", async () => {
      await using db = await open(engine, all);
      const given = [
        new Account({ owner: "a" }),
        new Entry({ run: "r", step: 1 }),
        new Account({ owner: "b", balance: 7 }),
        new Page({ title: "t" }),
        new Entry({ run: "r", step: 2 }),
      ];
      const saved = await db.begin((session) => session.saveAll(given));
      assert.equal(saved.length, given.length);
      saved.forEach((instance, i) => {
        assert.ok(instance === given[i]);
      });
      const [a, first, b, page, second] = given;
      assert.deepEqual(a?.data, { id: 1, owner: "a", balance: 0 });
      assert.ok(b instanceof Account && b.id > 0 && b.id !== (a as Account).id && b.balance === 7);
      assert.ok(first instanceof Entry && second instanceof Entry && first.id < second.id && first.accountId === null);
      assert.ok(page instanceof Page && page.createdAt instanceof Date && page.views === 0n && page.id.length === 36);
      const account = new Account({ owner: "one" });
      assert.ok((await db.begin((session) => session.save(account))) === account);
      assert.ok(account.id > 0);
      assert.deepEqual(await db.begin((session) => session.saveAll([])), []);
    });

    test("a new instance leaves alone what it was not given; one that was loaded is written whole", async () => {
      await using db = await open(engine, all);
      await db.begin((session) => session.save(new Stock({ shop: "s", item: 1, amount: 5, note: "kept" })));
      const again = new Stock({ shop: "s", item: 1, writer: "w" });
      await db.begin((session) => session.save(again));
      assert.deepEqual(again.data, { shop: "s", item: 1, amount: 5, note: "kept", writer: "w" });
      const loaded = await Stock.objects.get();
      await Stock.objects.update("all", { note: "theirs", amount: 99 });
      loaded.amount = 6;
      await db.begin((session) => session.save(loaded));
      assert.deepEqual((await Stock.objects.get()).data, { ...again.data, amount: 6 });
      await Stock.objects.delete("all");
      await db.begin((session) => session.save(loaded));
      assert.deepEqual((await Stock.objects.get()).data, { ...again.data, amount: 6 });
    });

    test("keep times, values of every kind, and whether a row is hidden", async () => {
      await using db = await open(engine, all);
      const page = new Page({ title: "t", meta: { tags: ["a"] }, views: 2n ** 60n });
      await db.begin((session) => session.save(page));
      const { createdAt, updatedAt } = page;
      await db.query(sql`update pages set updated_at = ${new Date(0)}`);
      await page.reload();
      page.meta?.tags.push("b");
      await Page.objects.update("all", { deletedAt: new Date() });
      await db.begin((session) => session.save(page));
      assert.ok(page.updatedAt >= updatedAt);
      assert.deepEqual(page.createdAt, createdAt);
      assert.ok(page.deletedAt instanceof Date);
      const [row] = await Page.objects.withDeleted().getInstances();
      assert.deepEqual(row?.data, page.data);
      assert.deepEqual([row?.meta, row?.views], [{ tags: ["a", "b"] }, 2n ** 60n]);
      page.deletedAt = null;
      await db.begin((session) => session.save(page));
      assert.equal(await Page.objects.count(), 1);
    });

    test("leave what the database computes to it, and read it", async () => {
      await using db = await open(engine, [Squared]);
      const squared = await Squared.objects.insert({ side: 2 });
      squared.side = 3;
      await db.begin((session) => session.saveAll([squared, new Squared({ side: 4 })]));
      assert.equal(squared.area, 9);
      const areas = (await Squared.objects.getItems({ orderBy: "id" })).map(({ area }) => area);
      assert.deepEqual(areas, [9, 16]);
    });

    test("what is no instance of a model is a TypeError, before anything is sent (V3)", async () => {
      await using db = await open(engine, all);
      await using session = db.session();
      const account = new Account({ owner: "a" });
      const texts = await statementsOf(db, async () => {
        for (const wrong of [null, undefined, { owner: "a" }, [account], "a", 5, Account, new Date()] as never[]) {
          assert.ok((await failureOf(() => session.save(wrong))) instanceof TypeError);
          assert.ok((await failureOf(() => session.saveAll([account, wrong]))) instanceof TypeError);
        }
        for (const wrong of [null, account, { 0: account, length: 1 }, "a"] as never[])
          assert.ok((await failureOf(() => session.saveAll(wrong))) instanceof TypeError);
      });
      assert.deepEqual(texts, []);
      assert.equal(account.id, undefined);
    });

    test("the same key twice is a TypeError, before anything is sent (V4)", async () => {
      await using db = await open(engine, all);
      await using session = db.session();
      class Shelf extends Stock {}
      const fresh = new Account({ owner: "z" });
      const id = "0b6f6d3e-7c4c-4b7f-9d1a-000000000abc";
      const texts = await statementsOf(db, async () => {
        const lists: (Account | Stock | Page)[][] = [
          [new Account({ id: 1, owner: "a" }), fresh, new Account({ id: 1, owner: "b" })],
          [
            new Stock({ shop: "s", item: 1 }),
            new Account({ owner: "x" }),
            new Stock({ shop: "s", item: 1, amount: 2 }),
          ],
          [new Stock({ shop: "s", item: 1 }), new Shelf({ shop: "s", item: 1 })],
          [new Page({ id, title: "a" }), new Page({ id: id.toUpperCase(), title: "b" })],
          [fresh, fresh],
        ];
        for (const twice of lists) assert.ok((await failureOf(() => session.saveAll(twice))) instanceof TypeError);
      });
      assert.deepEqual(texts, []);
      await session.saveAll([
        new Stock({ shop: "s", item: 1 }),
        new Stock({ shop: "s", item: 2 }),
        new Stock({ shop: "s2", item: 1 }),
        new Account({ owner: "a" }),
        new Account({ owner: "b" }),
      ]);
    });

    test("misuse of any of them is told before anything is sent", async () => {
      await using db = await open(engine, all);
      const account = await Account.objects.insert({ owner: "a" });
      const deleted = await Account.objects.insert({ owner: "b" });
      await deleted.delete();
      const moved = await Account.objects.insert({ owner: "c" });
      moved.id = 77;
      await using session = db.session();
      const texts = await statementsOf(db, async () => {
        for (const [wrong, Kind] of [
          [deleted, UsageError],
          [moved, UsageError],
          [new Loose({ a: "a" }), UsageError],
          [new Stock({ shop: "s", item: 1.5 }), TypeError],
          [new Stock({ shop: "s", item: 1, amount: "x" as never }), TypeError],
        ] as const) {
          const error = await failureOf(() => session.saveAll([account, wrong]));
          assert.ok(error instanceof Kind, String(error));
        }
      });
      assert.deepEqual(texts, []);
    });

    test("all or nothing: memory is as the database is, and as it was after the rollback", async () => {
      await using db = await open(engine, all);
      const account = await Account.objects.insert({ owner: "a", balance: 1 });
      account.balance = 2;
      const stock = new Stock({ shop: "s", item: 1 });
      const entry = new Entry({ accountId: 999, run: "r", step: 1 });
      await using session = db.session();
      const error = await failureOf(() => session.saveAll([account, stock, entry]));
      assert.ok(error instanceof ForeignKeyViolationError, String(error));
      await session.rollback();
      assert.deepEqual([account.balance, account.changes], [2, { balance: 2 }]);
      assert.deepEqual([stock.changes, entry.id], [{ shop: "s", item: 1 }, undefined]);
      assert.equal(stock.amount, undefined);
      const twice = await failureOf(() => session.saveAll([new Account({ owner: "x" }), new Account({ owner: "a" })]));
      assert.ok(twice instanceof UniqueViolationError);
      await session.rollback();
      await session.saveAll([account, stock]);
      await session.commit();
      assert.deepEqual([account.changes, stock.amount, (await Account.objects.get()).balance], [{}, 0, 2]);
    });

    test("what is assigned while it is saved is not lost", async () => {
      await using db = await open(engine, all);
      const account = await Account.objects.insert({ owner: "a", balance: 1 });
      account.balance = 2;
      const saving = db.begin((session) => session.save(account));
      account.balance = 3;
      await saving;
      assert.deepEqual(account.changes, { balance: 3 });
    });

    test("an instance that was saved writes in the session while that is open, and to the database after it", async () => {
      await using db = await open(engine, all);
      const account = await Account.objects.insert({ owner: "a", balance: 1 });
      const other = new Account({ owner: "b" });
      await db.begin(async (session) => {
        await session.saveAll([account, other]);
        await account.update({ balance: 2 });
        await other.update({ balance: 3 });
      });
      await account.update({ balance: account.balance + 10 });
      assert.deepEqual(await Account.objects.getItems({ columns: ["balance"], orderBy: "id" }), [
        { balance: 12 },
        { balance: 3 },
      ]);
    });

    test("run the hooks of save(), and the columns' schemas", async () => {
      await using db = await open(engine, all);
      const old = await Hooked.objects.insert({ name: "old" });
      told.length = 0;
      old.name = "changed";
      const fresh = new Hooked({ name: " fresh " });
      const texts = await writesOf(db, () => db.begin((session) => session.saveAll([old, fresh])));
      assert.ok(texts.length <= 2, texts.join("; "));
      assert.deepEqual(told, [
        "beforeSave changed",
        "beforeSave  fresh ",
        "beforeUpdate changed",
        "beforeInsert  fresh ",
        "afterUpdate changed",
        "afterInsert fresh",
        "afterSave changed",
        "afterSave fresh",
      ]);
      const refused = new Hooked({ name: "" });
      const error = await failureOf(() =>
        db.begin((session) => session.saveAll([new Account({ owner: "x" }), refused])),
      );
      assert.ok(error instanceof ValidationError, String(error));
      assert.equal(await Account.objects.count(), 0);
      const events: HookEvent[] = [];
      const hook = (instance: Hooked, { event }: { event: HookEvent }) => {
        events.push(event);
        if (instance.name === "bad") throw new RangeError("mine");
      };
      Hooked.addHook("afterSave", hook);
      try {
        const bad = new Hooked({ name: "bad" });
        const failed = await failureOf(() =>
          db.begin((session) => session.saveAll([new Hooked({ name: "good" }), bad])),
        );
        assert.ok(failed instanceof RangeError);
        assert.deepEqual([bad.id, await Hooked.objects.count()], [undefined, 2]);
      } finally {
        Hooked.removeHook("afterSave", hook);
      }
    });

    test("go in batches where there are more than one statement takes", async () => {
      await using db = await open(engine, all);
      const stocks = Array.from(
        { length: 9000 },
        (_, item) => new Stock({ shop: "s", item: 9000 - item, amount: item }),
      );
      const texts = await writesOf(db, () => db.begin((session) => session.saveAll(stocks)));
      // SQLite is faster with lists of 50.
      assert.equal(texts.length, engine.dialect === "sqlite" ? 9000 / 50 : 2);
      assert.ok(stocks.every(({ item, amount }) => item + amount === 9000));
      assert.equal(await Stock.objects.count(), 9000);
    });

    test("50 at a time over the same 1000 keys: no error, no lost row, every row whole (V4)", async () => {
      await using db = await open(engine, all, { timeout: 60_000 });
      const keys = Array.from({ length: 1000 }, (_, i) => ({ shop: `s${i % 10}`, item: Math.floor(i / 10) }));
      const writers = Array.from({ length: 50 }, (_, writer) => {
        const turned = [...keys.slice(writer * 20), ...keys.slice(0, writer * 20)];
        const own = writer % 2 === 0 ? turned : turned.reverse();
        return own.map((key) => new Stock({ ...key, amount: writer, note: `n${writer}`, writer: `w${writer}` }));
      });
      await Promise.all(
        writers.map((stocks, i) =>
          i % 5 === 0
            ? db.begin((session) => session.saveAll(stocks))
            : (async () => {
                await using session = db.session();
                await session.saveAll(stocks);
                await session.commit();
              })(),
        ),
      );
      const rows = await Stock.objects.getItems();
      assert.equal(rows.length, 1000);
      for (const { amount, note, writer } of rows) assert.deepEqual([note, writer], [`n${amount}`, `w${amount}`]);
      // Whoever came last has written all of them.
      assert.equal(new Set(rows.map(({ amount }) => amount)).size, 1);
      for (const stocks of writers) for (const stock of stocks) assert.deepEqual(stock.changes, {});
    });
  });
});

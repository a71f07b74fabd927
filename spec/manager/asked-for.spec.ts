import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { and, integer, Manager, Model, numeric, sql, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Product extends Model("products", { id: integer().primaryKey(), name: text(), stock: integer().default(0) }) {
  static override objects = new Manager(this);
}

class Seat extends Model(
  "seats",
  { row: integer(), place: integer(), guest: text().nullable() },
  { primaryKey: ["row", "place"] },
) {
  static override objects = new Manager(this);
}

const misspelt = (options: object) => options as never;

eachEngine((engine) => {
  describe("what is asked for", () => {
    test("an update takes expressions over the row, also by key and in the chain", async () => {
      await using _db = await open(engine, [Product]);
      const { id } = await Product.objects.insert({ name: "lamp", stock: 5 });
      assert.equal(await Product.objects.update({ id }, { stock: sql`stock - ${2}` }), 1);
      assert.equal(await Product.objects.update("all", { stock: Product.c.id, name: "all" }), 1);
      assert.deepEqual(await Product.objects.getItems(), [{ id, name: "all", stock: id }]);
    });

    test("conditions that leave nothing out are none: a whole table must be asked for (B6)", async () => {
      await using db = await open(engine, [Product]);
      await Product.objects.insert({ name: "lamp" });
      for (const where of [and(), Product.c.id.notIn([]), [and()], [], {}]) {
        const texts = await statementsOf(db, async () => {
          assert.ok((await failureOf(() => Product.objects.delete(where))) instanceof UsageError);
          assert.ok((await failureOf(() => Product.objects.update(where, { stock: 1 }))) instanceof UsageError);
        });
        assert.deepEqual(texts, []);
      }
      assert.equal(await Product.objects.delete("all"), 1);
    });

    test("findMany of more keys of several columns than a statement can bind", async () => {
      await using _db = await open(engine, [Seat]);
      const seats = Array.from({ length: 2500 }, (_, i) => ({ row: Math.floor(i / 50), place: i % 50 }));
      await Seat.objects.insertMany(seats);
      const keys = [...seats, ...Array.from({ length: 40_000 }, (_, i) => ({ row: 1000, place: i }))];
      const found = await Seat.objects.findMany(keys);
      assert.deepEqual(
        found.map(({ row, place }) => ({ row, place })),
        seats,
      );
    });

    test("a misspelt option is a TypeError with the nearest name, before any SQL", async () => {
      await using db = await open(engine, [Product]);
      const texts = await statementsOf(db, async () => {
        const calls = [
          () => Product.objects.insert({ name: "x" }, misspelt({ fecth: false })),
          () => Product.objects.insertMany([{ name: "x" }], misspelt({ fecth: false })),
          () => Product.objects.update("all", { stock: 1 }, misspelt({ fecth: true })),
          () => Product.objects.getInstances({ orderBy: Product.c.name.desc(misspelt({ null: "last" })) }),
          () => Product.objects.transaction(misspelt({ readonly: true })),
        ];
        for (const call of calls) {
          const error = await failureOf(async () => call());
          assert.ok(error instanceof TypeError, String(error));
          assert.match(error.message, /did you mean/);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("a query that is no object, or a condition in another column's place, is a TypeError", async () => {
      await using _db = await open(engine, [Product]);
      const { objects } = Product;
      for (const call of [
        () => objects.get(5 as never),
        () => objects.first("x" as never),
        () => objects.getItem(1 as never),
      ]) {
        assert.ok((await failureOf(async () => call())) instanceof TypeError);
      }
      const error = await failureOf(() => objects.getInstances({ where: { id: Product.c.name.eq("x") } }));
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /products\.id: .* products\.name/);
    });

    test("insertMany reads what the database alone knows (S33)", async () => {
      await using db = await open(engine, [Product]);
      await using connection = await db.connect();
      await connection.executeScript(
        "drop table products; create table products (id integer primary key, name text not null, stock integer not null default 7)",
      );
      const rows = [
        { id: 1, name: "a" },
        { id: 2, name: "b" },
      ].map((row) => ({ ...row, stock: undefined }));
      const plain = class Plain extends Model("products", {
        id: integer().primaryKey(),
        name: text(),
        stock: integer().nullable(),
      }) {};
      db.bind(plain);
      const inserted = await new Manager(plain).insertMany(rows);
      assert.deepEqual(
        inserted.map(({ stock }) => stock),
        [7, 7],
      );
    });
  });

  describe("a nested transaction", () => {
    test("refuses an isolation and readOnly of its own, which it could not keep", async () => {
      await using _db = await open(engine, [Product]);
      await Product.objects.transaction(async (tx) => {
        assert.throws(() => tx.transaction({ readOnly: true }), UsageError);
        assert.throws(() => tx.transaction({ isolation: "serializable" }), UsageError);
      });
    });

    test("with more undone in memory than a call can take arguments is committed", async () => {
      await using _db = await open(engine, [Product]);
      await Product.objects.transaction(async (tx) => {
        await using nested = tx.transaction();
        const product = await nested.insert({ name: "x" });
        for (let i = 1; i <= 3000; i++) await product.update({ stock: i });
        await nested.commit();
      });
      assert.equal((await Product.objects.get()).stock, 3000);
    });
  });

  describe("listeners", () => {
    test("hear of streams in transactions, of createAll and of scripts, each once (M8)", async () => {
      await using db = await open(engine, [Product]);
      await Product.objects.insertMany([{ name: "a" }, { name: "b" }]);
      const texts = await statementsOf(db, async () => {
        await Product.objects.transaction(async (tx) => {
          for await (const _product of tx.stream()) {
            // Only counted.
          }
        });
        await db.createAll();
        await using connection = await db.connect();
        await connection.executeScript("delete from products; delete from products");
      });
      assert.equal(texts.filter((sql) => sql === "delete from products; delete from products").length, 1);
      assert.equal(texts.filter((sql) => sql.startsWith("select") && sql.includes('from "products"')).length, 1);
      assert.equal(texts.filter((sql) => sql.startsWith("create table")).length, 1);
    });
  });
});

describe("a model", () => {
  test("refuses checks and indexes that can't be kept, when the class is made", () => {
    const columns = { id: integer().primaryKey(), price: numeric() };
    assert.throws(() => Model("m", columns, { indexes: [{ columns: ["price"], unique: true }] }), UsageError);
    assert.throws(
      () => Model("m", columns, { indexes: [{ columns: ["id"], uniqe: true } as never] }),
      /did you mean "unique"/,
    );
    assert.throws(() => Model("m", columns, { indexes: [{ columns: ["id"], where: sql`id > ${1}` }] }), UsageError);
    assert.throws(() => Model("m", columns, { checks: [sql`id > ${1}`] }), UsageError);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boolean,
  CheckViolationError,
  type ConstraintError,
  integer,
  Model,
  NotNullViolationError,
  oneOf,
  sql,
  text,
  timestamp,
  UniqueViolationError,
  varchar,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Item extends Model(
  "items",
  {
    id: integer().primaryKey(),
    code: text().unique(),
    shelf: integer().column("shelf_no"),
    place: integer(),
    price: integer().check(sql`price >= 0`),
    kind: oneOf("a", "b").default("a"),
    label: varchar(5).nullable(),
    isNew: boolean().default(true),
    stock: integer().default(7),
    serial: integer().defaultSql(sql`40 + 2`),
    madeAt: timestamp().defaultNow(),
    note: text().default("it's a 'quoted' default"),
    made: text().default(() => "made"),
  },
  {
    unique: [["shelf", "place"]],
    checks: [sql`price < 1000 or stock > 0`],
    indexes: [{ columns: ["code"], unique: true, name: "items_small", where: sql`price < 10` }],
  },
) {}

const GOOD = { code: "x", shelf: 1, place: 1, price: 1 };

eachEngine((engine) => {
  const whole = "id, code, shelf_no, place, price, kind, stock, serial, is_new, note, made";
  const insertRaw = (values: string) => sql([`insert into items (code, shelf_no, place, price, made, ${values}`]);

  test("a violated constraint is the same error on every engine, with its table, columns and SQL (B9, S4)", async () => {
    await using db = await open(engine, [Item]);
    const first = await Item.objects.insert(GOOD);
    const cases: [typeof ConstraintError, () => Promise<unknown>, { columns?: string[]; constraint?: string }][] = [
      [UniqueViolationError, () => Item.objects.insert({ ...GOOD, place: 2 }), { columns: ["code"] }],
      [
        UniqueViolationError,
        () => Item.objects.insert({ ...GOOD, code: "y", id: first.id, place: 2 }),
        { columns: ["id"] },
      ],
      [UniqueViolationError, () => Item.objects.insert({ ...GOOD, code: "y" }), { columns: ["shelf_no", "place"] }],
      [
        NotNullViolationError,
        () => db.query(insertRaw("note) values (null, 1, 2, 1, 'm', 'n')")),
        { columns: ["code"] },
      ],
      [
        CheckViolationError,
        () => Item.objects.insert({ ...GOOD, code: "y", place: 2, price: -1 }),
        { constraint: "items_price_check" },
      ],
      [
        CheckViolationError,
        () => Item.objects.insert({ ...GOOD, code: "y", place: 2, price: 2000, stock: 0 }),
        { constraint: "items_check" },
      ],
      [
        CheckViolationError,
        () => db.query(insertRaw("kind) values ('z', 1, 2, 1, 'm', 'other')")),
        { constraint: "items_kind_check" },
      ],
    ];
    for (const [ErrorClass, attempt, { columns, constraint }] of cases) {
      const error = await failureOf(attempt);
      assert.ok(error instanceof ErrorClass, `${ErrorClass.name}: ${error}`);
      assert.match(error.sql ?? "", /^insert into/);
      assert.ok(error.cause instanceof Error);
      if (columns !== undefined) assert.deepEqual([error.table, error.columns], ["items", columns]);
      if (constraint !== undefined) assert.equal(error.constraint, constraint);
    }
    assert.equal(await Item.objects.count(), 1);
  });

  test("a unique index on some rows holds for those only (S4)", async () => {
    class Slot extends Model(
      "slots",
      { id: integer().primaryKey(), name: text(), isOpen: boolean() },
      { indexes: [{ columns: ["name"], unique: true, where: sql`is_open` }] },
    ) {}
    await using _db = await open(engine, [Slot]);
    await Slot.objects.insertMany([
      { name: "a", isOpen: false },
      { name: "a", isOpen: false },
      { name: "a", isOpen: true },
    ]);
    await assert.rejects(Slot.objects.insert({ name: "a", isOpen: true }), UniqueViolationError);
  });

  test("nulls are never the same for a unique column", async () => {
    class Nick extends Model("nicks", { id: integer().primaryKey(), name: text().nullable().unique() }) {}
    await using _db = await open(engine, [Nick]);
    await Nick.objects.insertMany([{}, { name: null }, { name: "a" }]);
    await assert.rejects(Nick.objects.insert({ name: "a" }), UniqueViolationError);
    assert.equal(await Nick.objects.count(), 3);
  });

  test("defaults are applied by the library, and by the database for what others insert", async () => {
    await using db = await open(engine, [Item]);
    const before = Date.now() - 60_000;
    const item = await Item.objects.insert(GOOD);
    await db.query(sql`insert into items (code, shelf_no, place, price, made) values ('raw', 1, 2, 1, 'by hand')`);
    const raw = await Item.objects.get({ where: { code: "raw" } });
    for (const { kind, stock, serial, isNew, note, madeAt, label } of [item, raw]) {
      assert.deepEqual([kind, stock, serial, isNew, note, label], ["a", 7, 42, true, "it's a 'quoted' default", null]);
      assert.ok(madeAt.getTime() > before && madeAt.getTime() < Date.now() + 60_000);
    }
    assert.deepEqual([item.made, raw.made], ["made", "by hand"]);
    assert.equal((await db.query(sql([`select ${whole} from items`]))).length, 2);
  });

  test("what rowkeeper refuses, the database refuses from others as well", async () => {
    await using db = await open(engine, [Item]);
    await assert.rejects(db.query(insertRaw("label) values ('a', 1, 1, 1, 'm', 'too long')")));
    await assert.rejects(db.query(insertRaw("stock) values ('a', 1, 1, 1, 'm', 'text')")));
    await assert.rejects(db.query(insertRaw("is_new) values ('a', 1, 1, 1, 'm', 7)")));
    await db.query(insertRaw("label) values ('a', 1, 1, 1, 'm', 'ok')"));
    assert.equal(await Item.objects.count(), 1);
  });
});

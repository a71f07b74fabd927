import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import {
  Database,
  ForeignKeyViolationError,
  integer,
  Model,
  type ReferenceAction,
  text,
  UniqueViolationError,
  UsageError,
  uuid,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

function orders() {
  class OrderLine extends Model(
    "order_lines",
    { orderId: integer(), line: integer(), code: text(), lot: text() },
    { primaryKey: ["orderId", "line"], unique: [["code", "lot"]] },
  ) {}
  return OrderLine;
}

/** Two tables that refer to each other by keys of two columns, and one of them to itself. */
function circle(action?: ReferenceAction) {
  const actions = action === undefined ? {} : { onDelete: action };
  const columns = { a: integer(), b: integer(), otherA: integer().nullable(), otherB: integer().nullable() };
  class Left extends Model(
    "lefts",
    { ...columns, ownA: integer().nullable(), ownB: integer().nullable() },
    {
      primaryKey: ["a", "b"],
      foreignKeys: [
        { columns: ["otherA", "otherB"], references: () => Right, ...actions },
        { columns: ["ownA", "ownB"], references: () => Left, ...actions },
      ],
    },
  ) {}
  class Right extends Model("rights", columns, {
    primaryKey: ["a", "b"],
    foreignKeys: [{ columns: ["otherA", "otherB"], references: () => Left, ...actions }],
  }) {}
  return [Left, Right] as const;
}

eachEngine((engine) => {
  test("tables with keys of several columns are made and dropped in the order of their references (V7)", async () => {
    const OrderLine = orders();
    class Return extends Model(
      "returns",
      { id: integer().primaryKey(), orderId: integer(), line: integer() },
      { foreignKeys: [{ columns: ["orderId", "line"], references: () => OrderLine }] },
    ) {}
    for (const models of [
      [OrderLine, Return],
      [Return, OrderLine],
    ]) {
      await using db = await open(engine, models);
      await db.createAll();
      await OrderLine.objects.insert({ orderId: 1, line: 2, code: "c", lot: "l" });
      await Return.objects.insert({ orderId: 1, line: 2 });
      const error = await failureOf(() => Return.objects.insert({ orderId: 2, line: 1 }));
      assert.ok(error instanceof ForeignKeyViolationError);
      if (engine.dialect === "postgres") {
        assert.equal(error.constraint, "returns_order_id_line_fkey");
        assert.deepEqual(error.columns, ["order_id", "line"]);
      }
      await db.dropAll();
    }
  });

  for (const action of [undefined, "cascade", "set null", "restrict"] as const) {
    test(`keys of several columns that refer in circles (${action ?? "no action"}): made twice, filled, enforced, dropped with rows in them (V7)`, async () => {
      const [Left, Right] = circle(action);
      await using db = await open(engine, [Left, Right]);
      await db.createAll();
      const left = await Left.objects.insert({ a: 1, b: 2 });
      await Right.objects.insert({ a: 3, b: 4, otherA: 1, otherB: 2 });
      await left.update({ otherA: 3, otherB: 4, ownA: 1, ownB: 2 });
      for (const wrong of [
        () => Left.objects.insert({ a: 9, b: 9, otherA: 4, otherB: 3 }),
        () => Left.objects.insert({ a: 9, b: 9, ownA: 2, ownB: 1 }),
        () => Right.objects.insert({ a: 9, b: 9, otherA: 2, otherB: 1 }),
      ])
        await assert.rejects(wrong, ForeignKeyViolationError);
      await db.dropAll();
      await assert.rejects(Left.objects.count());
      await db.createAll();
      assert.equal(await Left.objects.count(), 0);
    });
  }

  test("`referenced` names other columns, unique together, in whatever order", async () => {
    const OrderLine = orders();
    class Sample extends Model(
      "samples",
      { id: integer().primaryKey(), lot: text(), code: text() },
      {
        foreignKeys: [
          { columns: ["lot", "code"], references: () => OrderLine, referenced: ["lot", "code"], onUpdate: "cascade" },
        ],
      },
    ) {}
    await using _db = await open(engine, [Sample, OrderLine]);
    await OrderLine.objects.insert({ orderId: 1, line: 1, code: "c", lot: "l" });
    await Sample.objects.insert({ code: "c", lot: "l" });
    await OrderLine.objects.update({ code: "c" }, { code: "d" });
    assert.equal((await Sample.objects.get()).code, "d");
    await assert.rejects(Sample.objects.insert({ code: "l", lot: "c" }), ForeignKeyViolationError);
  });

  test("several foreign keys of the same columns, and names too long, are constraints of their own", async () => {
    const long = "a_name_so_long_that_two_of_it_are_more_than_postgresql_takes";
    const key = { a: integer(), b: integer() };
    class One extends Model("ones", key, { primaryKey: ["a", "b"] }) {}
    class Two extends Model("twos", key, { primaryKey: ["a", "b"] }) {}
    class Both extends Model(
      long,
      { id: integer().primaryKey(), a: integer().column(long), b: integer(), a_b: integer().references(() => Both) },
      {
        foreignKeys: [
          { columns: ["a", "b"], references: () => One },
          { columns: ["a", "b"], references: () => Two },
        ],
      },
    ) {}
    await using db = await open(engine, [Both, One, Two]);
    await db.createAll();
    await One.objects.insert({ a: 1, b: 1 });
    await Two.objects.insert({ a: 2, b: 2 });
    await assert.rejects(Both.objects.insert({ id: 1, a: 1, b: 1, a_b: 1 }), ForeignKeyViolationError);
    await assert.rejects(Both.objects.insert({ id: 1, a: 2, b: 2, a_b: 1 }), ForeignKeyViolationError);
    await Two.objects.insert({ a: 1, b: 1 });
    await Both.objects.insert({ id: 1, a: 1, b: 1, a_b: 1 });
  });

  test("a key that is a foreign key is not made up: neither generated, nor a random text or uuid", async () => {
    class Whole extends Model(
      "wholes",
      { id: integer().primaryKey(), code: text(), part: uuid() },
      {
        unique: [["code", "part"]],
      },
    ) {}
    class Detail extends Model(
      "details",
      { id: integer().primaryKey(), note: text() },
      {
        foreignKeys: [{ columns: ["id"], references: () => Whole, onDelete: "cascade" }],
      },
    ) {}
    class Part extends Model(
      "parts",
      { code: text(), part: uuid() },
      {
        primaryKey: ["code", "part"],
        foreignKeys: [{ columns: ["code", "part"], references: () => Whole, referenced: ["code", "part"] }],
      },
    ) {}
    await using _db = await open(engine, [Detail, Part, Whole]);
    await Whole.objects.insert({ code: "c", part: "00000000-0000-4000-8000-000000000000" });
    await Detail.objects.insert({ id: 1, note: "n" });
    await assert.rejects(Detail.objects.insert({ note: "n" }), { name: "NotNullViolationError" });
    await assert.rejects(Detail.objects.insert({ id: 1, note: "n" }), UniqueViolationError);
    await assert.rejects(Reflect.apply(Part.insert, Part, [{ code: "c" }]), { name: "NotNullViolationError" });
    await Whole.objects.delete({ id: 1 }).catch(() => {});
    assert.equal(await Detail.objects.count(), 0);
  });

  test("a number of columns that is not the key's is a UsageError, before any SQL is sent", async () => {
    const OrderLine = orders();
    const columns = { id: integer().primaryKey(), orderId: integer(), line: integer() };
    class Three extends Model("threes", columns, {
      foreignKeys: [{ columns: ["id", "orderId", "line"], references: () => OrderLine }],
    }) {}
    class Loose extends Model("looses", columns, {
      foreignKeys: [{ columns: ["orderId", "line"], references: () => OrderLine, referenced: ["code", "line"] }],
    }) {}
    for (const [model, message] of [
      [Three, /threes\.id, orderId, line refers to order_lines, whose key is not 3 columns but 2/],
      [Loose, /looses\.orderId, line refers to order_lines by code, line, which is neither its key nor unique/],
    ] as const) {
      await using db = new Database(await engine.url(), { models: [OrderLine, model] });
      const error = await failureOf(() => db.createAll());
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
    }
  });
});

test("on SQLite a reference stays in its database file: within an attached one, and not out of it", async () => {
  const handle = new Sqlite(":memory:");
  try {
    handle.exec("attach ':memory:' as app");
    class Whole extends Model("app.wholes", { id: integer().primaryKey() }) {}
    class Part extends Model("app.parts", { id: integer().primaryKey(), wholeId: integer().references(() => Whole) }) {}
    class Outside extends Model("outside", {
      id: integer().primaryKey(),
      wholeId: integer().references(() => Whole),
    }) {}
    await using db = new Database(handle, { models: [Part, Whole] });
    await db.createAll();
    await Whole.insert({});
    await Part.insert({ wholeId: 1 });
    await assert.rejects(Part.insert({ wholeId: 2 }), ForeignKeyViolationError);
    const error = await failureOf(() => db.bind(Outside).createAll());
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /outside can't refer to wholes/);
  } finally {
    handle.close();
  }
});

const COLUMNS = { id: integer().primaryKey(), a: integer(), b: integer().nullable(), c: integer().default(1) };
const references = () => orders();
const withKey = (key: unknown) => () => Reflect.apply(Model, undefined, ["wrongs", COLUMNS, { foreignKeys: [key] }]);

test("what can't be a foreign key is an error when the class is made: a TypeError for types and names, else a UsageError (S1, Q1)", () => {
  const typeErrors: readonly [unknown, RegExp][] = [
    ["a", /options of a foreign key/],
    [{ columns: "a", references }, /columns of a foreign key is a list/],
    [{ columns: [1], references }, /names properties by text/],
    [{ columns: ["a", "c"], references: "orders" }, /function that gives a model, not a string/],
    [{ columns: ["a", "c"] }, /function that gives a model, not undefined/],
    [{ columns: ["a", "c"], references, referenced: "id" }, /referenced of a foreign key is a list/],
    [{ columns: ["a", "c"], references, ondelete: "cascade" }, /"ondelete" \(did you mean "onDelete"\?\)/],
    [{ columns: ["a", "idd"], references }, /no column "idd" \(did you mean "id"\?\)/],
  ];
  for (const [key, message] of typeErrors) assert.throws(withKey(key), { name: "TypeError", message });
  const misuses: readonly [unknown, RegExp][] = [
    [{ columns: [], references }, /at least one column/],
    [{ columns: ["a", "a"], references }, /names a column once/],
    [{ columns: ["a", "c"], references, referenced: ["orderId"] }, /can't refer to 1 columns/],
    [{ columns: ["a", "c"], references, onDelete: "delete" }, /knows the actions cascade/],
    [{ columns: ["a", "c"], references, onUpdate: "delete" }, /knows the actions cascade/],
    [{ columns: ["b", "a"], references, onDelete: "set null" }, /wrongs\.a refers with "set null"/],
    [{ columns: ["b", "a"], references, onUpdate: "set null" }, /wrongs\.a refers with "set null"/],
    [{ columns: ["b", "c", "a"], references, onDelete: "set default" }, /wrongs\.a refers with "set default"/],
    [{ columns: ["b", "c", "a"], references, onUpdate: "set default" }, /wrongs\.a refers with "set default"/],
  ];
  for (const [key, message] of misuses) {
    assert.throws(withKey(key), (error) => error instanceof UsageError && message.test(error.message), String(message));
  }
  assert.throws(() => Reflect.apply(Model, undefined, ["wrongs", COLUMNS, { foreignKeys: {} }]), TypeError);
  withKey({ columns: ["b", "c"], references, onDelete: "set default" })();
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bigint,
  Database,
  ForeignKeyViolationError,
  integer,
  Model,
  type ReferenceAction,
  sql,
  text,
  UsageError,
  varchar,
} from "../../src/index.js";
import { administrate, eachEngine } from "../support/engines.js";
import { failureOf, open, openAt } from "../support/open.js";
import { Account, Entry, models } from "./models.js";

function family(action?: ReferenceAction) {
  const options = action === undefined ? {} : { onDelete: action };
  class Person extends Model("people", {
    id: integer().primaryKey(),
    name: text(),
    bossId: integer()
      .nullable()
      .references(() => Person, options),
    homeId: integer()
      .nullable()
      .references(() => Home, options),
  }) {}
  class Home extends Model("homes", {
    id: integer().primaryKey(),
    ownerId: integer()
      .nullable()
      .references(() => Person, options),
  }) {}
  return [Person, Home] as const;
}

eachEngine((engine) => {
  test("createAll and dropAll can be repeated, and createAll leaves rows alone (V7)", async () => {
    await using db = await open(engine, models);
    await Account.objects.insert({ owner: "a" });
    await db.createAll();
    assert.equal(await Account.objects.count(), 1);
    await db.dropAll();
    await db.dropAll();
    await assert.rejects(Account.objects.count());
    await db.createAll();
    assert.equal(await Account.objects.count(), 0);
  });

  test("tables are made and dropped in the order of their references, whatever the order of the models (V7)", async () => {
    for (const order of [
      [Account, Entry],
      [Entry, Account],
    ]) {
      await using db = await open(engine, order);
      const account = await Account.objects.insert({ owner: "a" });
      await Entry.objects.insert({ accountId: account.id, run: "x", step: 1 });
      await assert.rejects(Entry.objects.insert({ accountId: 99, run: "x", step: 1 }), ForeignKeyViolationError);
      await db.dropAll();
    }
  });

  for (const action of [undefined, "cascade", "set null", "restrict"] as const) {
    test(`models that refer to themselves and to each other (${action ?? "no action"}): made twice, filled, enforced, dropped with rows in them (V7)`, async () => {
      const [Person, Home] = family(action);
      await using db = await open(engine, [Person, Home]);
      await db.createAll();
      const ann = await Person.objects.insert({ name: "Ann" });
      const home = await Home.objects.insert({ ownerId: ann.id });
      await ann.update({ homeId: home.id, bossId: ann.id });
      await Person.objects.insert({ name: "Bob", bossId: ann.id, homeId: home.id });
      await assert.rejects(Person.objects.insert({ name: "Eve", bossId: 99 }), ForeignKeyViolationError);
      await assert.rejects(Person.objects.insert({ name: "Eve", homeId: 99 }), ForeignKeyViolationError);
      await assert.rejects(Home.objects.insert({ ownerId: 99 }), ForeignKeyViolationError);
      await db.dropAll();
      await assert.rejects(Person.objects.count());
      await db.dropAll();
      await db.createAll();
      assert.equal(await Person.objects.count(), 0);
    });
  }

  test("a table that refers to itself is dropped with rows in it, restricted or not (V7)", async () => {
    for (const action of ["restrict", "no action", "cascade"] as const) {
      class Node extends Model("nodes", {
        id: integer().primaryKey(),
        parentId: integer()
          .nullable()
          .references(() => Node, { onDelete: action }),
      }) {}
      await using db = await open(engine, [Node]);
      const root = await Node.objects.insert({});
      await root.update({ parentId: root.id });
      await Node.objects.insert({ parentId: root.id });
      await db.dropAll();
      await db.createAll();
      assert.equal(await Node.objects.count(), 0);
    }
  });

  test("a table of two models that refers to itself is dropped once", async () => {
    const columns = {
      id: integer().primaryKey(),
      parentId: integer()
        .nullable()
        .references(() => Node),
    };
    const Node = Model("nodes", columns);
    await using db = await open(engine, [Node, Model("nodes", columns)]);
    await db.dropAll();
    assert.equal((await db.reflect()).size, 0);
  });

  test("a foreign key that can't be compared with what it refers to is a TypeError, and nothing is made", async () => {
    const Node = Model("nodes", { id: integer().primaryKey(), code: varchar(5).unique() });
    const ByText = Model("leaves", { id: integer().primaryKey(), nodeId: text().references(() => Node) });
    const ByCode = Model("leaves", {
      id: integer().primaryKey(),
      nodeId: integer().references(() => Node, { column: "code" }),
    });
    const Fitting = Model("leaves", {
      id: bigint().primaryKey(),
      nodeId: bigint().references(() => Node),
      code: text().references(() => Node, { column: "code" }),
    });
    const { url } = await engine.fresh();
    await using db = new Database(url, { models: [Node, ByText] });
    await assert.rejects(db.createAll(), {
      name: "TypeError",
      message: "leaves.nodeId is text and nodes.id is integer: they can't be compared",
    });
    await using other = new Database(url, { models: [Node, ByCode] });
    await assert.rejects(other.createAll(), TypeError);
    assert.equal((await db.reflect()).size, 0);
    await using good = new Database(url, { models: [Node, Fitting] });
    await good.createAll();
    assert.equal((await good.reflect()).size, 2);
    await good.dropAll();
  });

  test("a table of two models is dropped after what refers to it, and before what either of them refers to", async () => {
    const Last = Model("lasts", { id: integer().primaryKey() });
    const Node = Model("nodes", { id: integer().primaryKey() });
    const Leaf = Model("leaves", { id: integer().primaryKey(), nodeId: integer().references(() => Node) });
    const lastId = integer().references(() => Last);
    const Wider = Model("nodes", { id: integer().primaryKey(), lastId });
    const orders = [
      [Node, Leaf, Wider, Last],
      [Wider, Last, Leaf, Node],
      [Last, Leaf, Wider, Node],
    ];
    for (const order of orders) {
      await using db = new Database((await engine.fresh()).url, { models: order });
      await using connection = await db.connect();
      await connection.executeScript(`
        create table lasts (id integer primary key);
        create table nodes (id integer primary key, last_id integer references lasts);
        create table leaves (id integer primary key, node_id integer references nodes);
        insert into lasts values (1); insert into nodes values (1, 1); insert into leaves values (1, 1)`);
      await db.dropAll();
      assert.equal((await db.reflect()).size, 0);
    }
  });

  test("several at a time make, and drop, the same tables without an error (V7)", {
    skip: engine.name === "sqlite memory" && "its own",
  }, async () => {
    const url = await engine.url();
    const [Person, Home] = family();
    const databases = Array.from({ length: 5 }, () => new Database(url, { models: [...models, Person, Home] }));
    try {
      await Promise.all(databases.map((db) => db.createAll()));
      await Account.objects.insert({ owner: "a" });
      await Promise.all(databases.map((db) => db.createAll()));
      assert.equal(await Account.objects.count(), 1);
      await Promise.all(databases.map((db) => db.dropAll()));
      await Promise.all(databases.map((db) => db.createAll()));
      const together = databases.map(async (db, i) => {
        for (let round = 0; round < 10; round++) {
          await db.createAll();
          if (i % 2 === 0) await db.dropAll();
        }
      });
      await Promise.all(together);
      await databases[0]?.createAll();
      assert.deepEqual(await databases[0]?.differences(), []);
    } finally {
      for (const db of databases) await db.close();
    }
  });

  test("createAll is one transaction: where a table can't be made, none is", async () => {
    class Wrong extends Model("wrongs", { id: integer().primaryKey(), x: integer().check(sql`no_such_column > 1`) }) {}
    const url = await engine.url();
    await using db = new Database(url, { models: [Account, Wrong] });
    const error = await failureOf(() => db.createAll());
    assert.match(String(error), /no_such_column/);
    await assert.rejects(Account.objects.count());
  });

  test("a reference to a key of several columns wants its column to be said", async () => {
    class Pair extends Model("pairs", { a: integer(), b: integer() }, { primaryKey: ["a", "b"] }) {}
    class Part extends Model("parts", { id: integer().primaryKey(), pairA: integer().references(() => Pair) }) {}
    await using db = new Database(await engine.url(), { models: [Pair, Part] });
    await assert.rejects(db.createAll(), UsageError);
  });

  test("a column that is computed is made, read back, and filled in", async () => {
    class Box extends Model("boxes", {
      id: integer().primaryKey(),
      width: integer(),
      area: integer().nullable().generatedAs(sql`width * width`),
      label: text().generatedAs(sql`'box'`).index(),
    }) {}
    class Plain extends Model("boxes", {
      id: integer().primaryKey(),
      width: integer(),
      area: integer().nullable(),
      label: text().defaultSql(sql`'box'`).index(),
    }) {}
    await using db = await open(engine, [Box]);
    await db.createAll();
    assert.deepEqual(await db.differences(), []);
    const box = await Box.insert({ width: 3 });
    assert.deepEqual([box.area, box.label], [9, "box"]);
    await box.update({ width: 4 });
    await box.reload();
    assert.equal(box.area, 16);
    box.width = 5;
    const other = new Box({ width: 6 });
    await db.begin((session) => session.saveAll([box, other]));
    assert.deepEqual([box.area, other.area], [25, 36]);
    await assert.rejects(Box.insert({ width: 3, area: 5 }), { name: "QueryError" });
    assert.deepEqual(await db.bind(Plain).differences(), [
      "boxes.area has another default",
      "boxes.label has another default",
    ]);
    assert.throws(() => integer().generatedAs(sql`1 + ${1}`), { name: "UsageError" });
  });

  test("names that want quoting, and long ones, are made and used", async () => {
    const long = "a_name_as_long_as_postgresql_takes_which_is_63_bytes_not_one_more";
    class Odd extends Model('order "by" select', {
      id: integer().primaryKey(),
      group: text().column("Group By").unique(),
      user: text().index().column('quo"ted'),
      long: integer().column(long.slice(0, 63)).index(),
    }) {}
    await using db = await open(engine, [Odd]);
    await db.createAll();
    const odd = await Odd.objects.insert({ group: "g", user: "u", long: 1 });
    assert.deepEqual((await Odd.objects.get({ where: { user: "u" }, orderBy: ["-group", "long"] })).data, odd.data);
    await db.dropAll();
  });

  test("a schema of PostgreSQL's is made, and tables of one name in two schemas are two", {
    skip: engine.dialect !== "postgres" && "no schemas",
  }, async () => {
    const schema = `spec_own_${process.pid}`;
    class Own extends Model("accounts", { id: integer().primaryKey(), name: text().index() }, { schema }) {}
    class Child extends Model(`${schema}.children`, {
      id: integer().primaryKey(),
      ownId: integer().references(() => Own),
    }) {}
    try {
      await using db = await openAt(await engine.url(), [Account, Own, Child]);
      await db.createAll();
      await Own.objects.insert({ name: "x" });
      await Child.objects.insert({ ownId: 1 });
      await assert.rejects(Child.objects.insert({ ownId: 2 }), ForeignKeyViolationError);
      assert.deepEqual([await Account.objects.count(), await Own.objects.count()], [0, 1]);
      assert.equal(await Own.objects.count({ where: { name: "x" } }), 1);
      await db.dropAll();
    } finally {
      await administrate(`drop schema if exists ${schema} cascade`);
    }
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import Sqlite from "better-sqlite3";
import {
  bigint,
  boolean,
  Database,
  integer,
  Model,
  numeric,
  oneOf,
  sql,
  type Table,
  type TableColumn,
  text,
  timestamp,
  UsageError,
  uuid,
  varchar,
} from "../../src/index.js";
import { sourceOf } from "../../src/sql/source.js";
import { typeName } from "../../src/sql/type-name.js";
import { administrate, eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Default, Kind } from "./kept-types.js";

class Shop extends Model("shops", { code: varchar(10).primaryKey(), title: text().unique() }) {}

class Product extends Model(
  "products",
  {
    id: integer().primaryKey(),
    name: text().index(),
    label: text().nullable().unique(),
    price: numeric(10, 2).check(sql`price >= 0`).check(sql`price < 1000`),
    isOpen: boolean(),
    size: text().check(sql`size in ('s', 'm')`),
    madeAt: timestamp().nullable(),
    shopCode: varchar(10).references(() => Shop, { onDelete: "cascade", onUpdate: "restrict" }),
    shopTitle: text()
      .nullable()
      .references(() => Shop, { column: "title", onDelete: "set null", onUpdate: "cascade" }),
    parentId: integer()
      .nullable()
      .references(() => Product),
    odd: integer().column('Odd "Name"').index(),
  },
  {
    unique: [
      ["name", "shopCode"],
      ["madeAt", "name"],
    ],
    checks: [
      sql`name <> 'a, b) check (x'`,
      sql`price > 0 or (name) = 'free' -- of charge
      or name = 'given'`,
    ],
    indexes: [
      ["-madeAt", "name"],
      ["label", "-odd"],
      { columns: ["madeAt"], name: "products_by_time" },
      { columns: ["name"], unique: true, where: sql`price > 5 and name <> 'x'` },
      { columns: [sql`lower(name)`, "-price"], name: "products_lower" },
      { columns: [sql`lower(name) desc`], unique: true },
      [sql`(price * 2)`],
    ],
  },
) {}

class Line extends Model(
  "lines",
  { productName: text(), shopCode: varchar(10), place: integer(), kind: oneOf("a", "b").default("a") },
  {
    primaryKey: ["place", "productName"],
    foreignKeys: [
      {
        columns: ["productName", "shopCode"],
        references: () => Product,
        referenced: ["name", "shopCode"],
        onDelete: "cascade",
        onUpdate: "cascade",
      },
      { columns: ["shopCode"], references: () => Shop },
      { columns: ["shopCode"], references: () => Shop, onDelete: "restrict" },
    ],
  },
) {}

class Chicken extends Model("chickens", {
  id: integer().primaryKey(),
  eggId: integer().references(() => Egg, { onDelete: "cascade" }),
}) {}

class Egg extends Model("eggs", {
  id: integer().primaryKey(),
  chickenId: integer()
    .nullable()
    .references(() => Chicken, { onDelete: "set null" }),
}) {}

const models = [Product, Line, Shop, Chicken, Egg];

function found(db: Database, name: string): Table {
  const table = db.tables.get(name);
  assert.ok(table !== undefined, `${name} is not among ${[...db.tables.keys()]}`);
  return table;
}

const named = (columns: readonly TableColumn[]) => columns.map(({ name }) => name);

const rowsOf = (table: Table) =>
  table.columns.map(({ name, property, type, nullable }) => [name, property, type, nullable]);

async function script(db: Database, ...texts: readonly string[]): Promise<void> {
  await using connection = await db.connect();
  for (const each of texts) await connection.executeScript(each);
}

eachEngine((engine) => {
  const isPostgres = engine.dialect === "postgres";

  for (const model of [Kind, Default]) {
    test(`${model.table}: every type of column, and every default, is read as it was asked for (V7)`, async () => {
      await using db = await open(engine, [model]);
      await db.reflect();
      const table = found(db, model.table);
      const asked = sourceOf(model).table;
      const same = (name: string) => name !== "Data Bytes";
      assert.deepEqual(
        rowsOf(table).filter(([name]) => same(String(name))),
        rowsOf(asked).filter(([name]) => same(String(name))),
      );
      assert.ok(table.columns.every(({ settings }) => settings.databaseType === undefined));
      for (const [i, { settings }] of asked.columns.entries()) {
        const given = settings.default;
        const read = table.columns[i]?.settings.default;
        if (given?.by !== "sql") assert.deepEqual(read, given?.by === "function" ? undefined : given);
        else assert.equal(read?.by, given.sql.sql.startsWith("'") ? "value" : "sql");
      }
      assert.deepEqual(await db.differences(), []);
    });
  }

  test("keys, uniques, checks, indexes and references are read as they were asked for (V7)", async () => {
    await using db = await open(engine, models);
    assert.deepEqual([...(await db.reflect()).keys()], ["chickens", "eggs", "lines", "products", "shops"]);
    const [shops, products, lines] = ["shops", "products", "lines"].map((name) => found(db, name)) as [
      Table,
      Table,
      Table,
    ];
    for (const model of models)
      assert.deepEqual(
        rowsOf(found(db, model.table)).map(([name, , ...row]) => [name, ...row]),
        rowsOf(sourceOf(model).table).map(([name, , ...row]) => [name, ...row]),
      );
    assert.deepEqual(
      [shops, products, lines].map((table) => [named(table.key), table.generated?.name]),
      [
        [["code"], undefined],
        [["id"], "id"],
        [["place", "product_name"], undefined],
      ],
    );
    assert.deepEqual(products.constraints.map(named).map(String).sort(), [
      "id",
      "label",
      "made_at,name",
      "name,shop_code",
    ]);
    assert.equal(products.options.checks?.length, 5);
    const indexes = products.indexes.map(({ name, columns, unique, where }) => [
      ...columns.map((item) => (typeof item === "string" ? item : "sql")),
      ...(unique ? ["unique"] : []),
      ...(where === undefined ? [] : ["where"]),
      ...(name === "products_by_time" || name === "products_lower" ? [name] : []),
    ]);
    assert.deepEqual(indexes.map(String).sort(), [
      "-madeAt,name",
      'label,-oddName"',
      "madeAt,products_by_time",
      "name",
      "name,unique,where",
      'oddName"',
      "sql",
      "sql,-price,products_lower",
      "sql,unique",
    ]);
    const references = (table: Table) =>
      table.foreignKeys.map(({ columns, model, referenced, onDelete, onUpdate }) =>
        [named(columns), sourceOf(model()).table.name, referenced, onDelete, onUpdate].join(" "),
      );
    assert.deepEqual(references(products).sort(), [
      "parent_id products   ",
      "shop_code shops  cascade restrict",
      "shop_title shops title set null cascade",
    ]);
    assert.deepEqual(references(lines).sort(), [
      "product_name,shop_code products name,shopCode cascade cascade",
      "shop_code shops   ",
      "shop_code shops  restrict ",
    ]);
    assert.equal(sourceOf(products.foreignKeys.at(-1)?.model()).table, products);
    assert.deepEqual(await db.differences(), []);
  });

  test("createAll twice changes nothing, and dropAll leaves nothing, of circles too (V7)", async () => {
    await using db = await open(engine, models);
    await db.createAll();
    assert.deepEqual(await db.differences(), []);
    await db.dropAll();
    assert.equal((await db.reflect()).size, 0);
    assert.deepEqual(await db.differences(), [
      "products is not there",
      "lines is not there",
      "shops is not there",
      "chickens is not there",
      "eggs is not there",
    ]);
  });

  test("all tables are read by one statement, and nothing is written (V7)", async () => {
    await using db = await open(engine, [...models, Kind, Default]);
    assert.equal((await statementsOf(db, () => db.reflect())).length, 1);
    assert.equal(db.tables.size, 7);
  });

  test("models made of what was read make the same tables elsewhere", async () => {
    await using db = await open(engine, [...models, Kind, Default]);
    const read = [...(await db.reflect()).values()];
    const copies = read.map(({ name, declared, options }) => class extends Model(name, declared, options) {});
    await using copy = await open(engine, copies);
    assert.deepEqual(await copy.differences(), []);
    copy.bind(...models, Kind, Default);
    assert.deepEqual(await copy.differences(), []);
    await copy.dropAll();
    assert.equal((await copy.reflect()).size, 0);
  });

  test("a type that SQLite spells as another program wrote it is no difference where it is read as the model's", {
    skip: engine.dialect !== "sqlite" && "PostgreSQL has those types",
  }, async () => {
    await using db = await open(engine, []);
    await using connection = await db.connect();
    await connection.executeScript(
      "create table people (code varchar(10) primary key not null, num bigint, ok boolean, size int8)",
    );
    const columns = { code: varchar(10).primaryKey(), num: bigint().nullable(), ok: boolean().nullable() };
    db.bind(Model("people", { ...columns, size: bigint().nullable() }));
    assert.deepEqual(await db.differences(), []);
    db.bind(Model("people", { ...columns, size: integer().nullable() }));
    assert.deepEqual(await db.differences(), ["people.size is int8, not integer"]);
  });

  test("tables that are named are read, and added to those before; one that is gone is left out", async () => {
    await using db = await open(engine, models);
    assert.equal(db.tables.size, 0);
    await db.reflect({ tables: ["lines", "no_such"] });
    assert.deepEqual([...db.tables.keys()], ["lines"]);
    // What was not read is known by what refers to it.
    const ofTwo = found(db, "lines").foreignKeys.find(({ columns }) => columns.length === 2);
    const target = sourceOf(ofTwo?.model()).table;
    assert.deepEqual(
      [target.name, named(target.columns), named(target.key)],
      ["products", ["name", "shop_code"], ["name", "shop_code"]],
    );
    await db.reflect({ tables: ["shops"] });
    assert.deepEqual([...db.tables.keys()].sort(), ["lines", "shops"]);
    await script(db, "drop table lines");
    await db.reflect({ tables: ["lines"] });
    assert.deepEqual([...db.tables.keys()], ["shops"]);
  });

  test("an option that is unknown, or no list of names, is a TypeError", async () => {
    await using db = await open(engine, []);
    for (const options of [{ table: ["x"] }, { tables: "x" }, { schemas: [1] }]) {
      const error = await failureOf(() => Reflect.apply(db.reflect, db, [options]));
      assert.ok(error instanceof TypeError, String(error));
    }
  });

  test("indexes of SQL take no values, and those of one table with one name are refused", async () => {
    assert.throws(() => Model("x", { a: integer() }, { indexes: [[sql`a + ${1}`]] }), UsageError);
    assert.throws(() => Reflect.apply(Model, undefined, ["x", { a: integer() }, { indexes: [[5]] }]), TypeError);
    class Twice extends Model(
      "twices",
      { id: integer().primaryKey(), a: text() },
      {
        indexes: [
          { columns: [sql`lower(a)`], name: "i" },
          { columns: [sql`upper(a)`], name: "i" },
        ],
      },
    ) {}
    assert.ok((await failureOf(() => open(engine, [Twice]))) instanceof UsageError);
  });

  test("an index of an expression serves a condition on it", async () => {
    class Person extends Model(
      "people",
      { id: integer().primaryKey(), email: text() },
      { indexes: [{ columns: [sql`lower(email)`], unique: true }] },
    ) {}
    await using db = await open(engine, [Person]);
    await Person.insert({ email: "A@b.c" });
    await assert.rejects(Person.insert({ email: "a@B.c" }));
    assert.deepEqual(await db.differences(), []);
  });

  test("each difference is told in words, and told of what it is about", async () => {
    class Old extends Model(
      "things",
      {
        id: integer().primaryKey(),
        a: integer(),
        b: text().nullable(),
        c: text().default("x"),
        d: text().unique(),
        e: integer().check(sql`e > 1`),
        f: integer().defaultSql(sql`1 + 1`),
        g: text().index(),
        h: text(),
        i: integer().generatedAs(sql`1 + 1`),
        shopCode: varchar(10).references(() => Shop),
        movedTo: varchar(10).references(() => Shop),
        old: integer(),
      },
      { indexes: [{ columns: ["h"], name: "by_h", where: sql`a > 1` }] },
    ) {}
    class New extends Model(
      "things",
      {
        id: integer().primaryKey(),
        a: text(),
        b: text(),
        c: text().default("y"),
        d: text(),
        e: integer().check(sql`e > 2`),
        f: integer().defaultSql(sql`1 + 2`),
        g: text(),
        h: text(),
        i: integer().defaultSql(sql`1 + 1`),
        shopCode: varchar(10).references(() => Shop, { onDelete: "cascade" }),
        movedTo: varchar(10).references(() => Shop, { onUpdate: "cascade" }),
        added: integer(),
      },
      { indexes: [{ columns: ["h"], name: "by_h", where: sql`a > '2'` }, ["-g"]] },
    ) {}
    await using db = await open(engine, [Shop, Old]);
    db.bind(New);
    const told = await db.differences();
    const about = (word: string) => told.filter((line) => line.includes(word));
    for (const line of [
      "things.a is integer, not text",
      "things.b takes null",
      "things.c has another default",
      "things.f has another default",
      "things.i has another default",
      'things has no column "added"',
      'things has a column "old" that no model has',
      "things has a unique d that no model has",
      'things has an index "by_h" of other SQL',
      'things has no index "things_g_desc_idx" of g desc',
      'things has an index "things_g_idx" of g that no model has',
      "things has no reference from shop_code to shops (code) on delete cascade on update no action",
      "things has no reference from moved_to to shops (code) on delete no action on update cascade",
    ])
      assert.ok(told.includes(line), `${line}: ${told.join("\n")}`);
    assert.equal(about("check").length, 2);
  });

  test("what other programs made is read by the nearest type, and the database's own name of it is kept", async () => {
    await using db = await open(engine, []);
    await script(db, isPostgres ? POSTGRES_TABLES : SQLITE_TABLES);
    await db.reflect();
    const table = found(db, "others");
    const kept = table.columns.map(({ name, type, settings }) => [name, typeName(type), settings.databaseType]);
    assert.deepEqual(
      kept.map((column) => column.filter((part) => part !== undefined).join(": ")),
      isPostgres ? POSTGRES_COLUMNS : SQLITE_COLUMNS,
    );
    assert.equal(found(db, "unnumbered").generated, undefined);
    assert.equal(found(db, "numbered").generated?.name, "id");
    const items = table.indexes.map(({ name, using, columns }) => [
      name,
      using,
      ...columns.map((item) => (typeof item === "string" ? item : item.sql)),
    ]);
    assert.deepEqual(
      items,
      isPostgres
        ? [
            ["by_gin", "gin", "doc"],
            ["by_order", undefined, 'label collate "de-x-icu" desc nulls last', "small", "-big", "f desc"],
          ]
        : [["by_order", undefined, "label desc", "(small + 1) desc", "-big"]],
    );
    assert.equal(sourceOf(table.foreignKeys[0]?.model()).table, found(db, "numbered"));
    if (!isPostgres) {
      assert.equal(found(db, "reversed").generated, undefined);
      assert.deepEqual(
        found(db, "cases").foreignKeys.map(({ model, referenced }) => [sourceOf(model()).table.name, referenced]),
        [
          ["Cased", undefined],
          ["Cased", ["name"]],
          ["numbered", undefined],
        ],
      );
    }
    if (isPostgres) {
      assert.equal(found(db, "no_more").generated, undefined);
      assert.deepEqual(table.column("mood").type, { kind: "oneOf", values: ["sad", "it's ok"] });
      const { nullable, settings } = table.column("told");
      assert.deepEqual([nullable, settings.default], [false, { by: "value", value: "a" }]);
    }
    // Its tables can be read again as models, and made elsewhere as the nearest.
    await using copy = await open(
      engine,
      [...db.tables.values()]
        .filter(({ name }) => name === "numbered" || name === "parts")
        .map(({ name, declared, options }) => class extends Model(name, declared, options) {}),
    );
    assert.ok(copy);
  });

  test("columns of nearly the same names have properties apart, and an index is a column's own only as that makes it", async () => {
    await using db = await open(engine, []);
    await script(
      db,
      'create table twins (id integer primary key, a_b integer not null, "aB" integer, "a b" integer)',
      "create index twins_a_b_idx on twins (a_b desc)",
    );
    await db.reflect();
    const table = found(db, "twins");
    assert.deepEqual(
      table.columns.map(({ property }) => property),
      ["id", "aB", "aB2", "aB3"],
    );
    assert.deepEqual(
      table.indexes.map(({ columns }) => columns),
      [["-aB"]],
    );
  });

  test("a comment beside a column says its type, one within its check does not", {
    skip: isPostgres && "it has all types itself",
  }, async () => {
    await using db = await open(engine, []);
    await script(db, "create table noted (a text /* uuid */, b text check (b <> '' /* uuid */)) strict");
    await db.reflect();
    assert.deepEqual(
      found(db, "noted").columns.map(({ type }) => typeName(type)),
      ["uuid", "text"],
    );
  });

  test("tables of several schemas are read by their names (V7)", {
    skip: !isPostgres && "attached below",
  }, async () => {
    const schema = `spec_reflect_${process.pid}`;
    class Own extends Model("accounts", { id: integer().primaryKey(), name: text().index() }, { schema }) {}
    class Same extends Model("accounts", { id: integer().primaryKey(), own: integer().references(() => Own) }) {}
    class Child extends Model(`${schema}.children`, {
      id: integer().primaryKey(),
      ownId: integer().references(() => Own),
      sameId: integer().references(() => Same),
    }) {}
    try {
      await using db = await open(engine, [Child, Same, Own]);
      assert.deepEqual(await db.differences(), []);
      assert.deepEqual([...(await db.reflect()).keys()], ["accounts"]);
      const target = sourceOf(found(db, "accounts").foreignKeys[0]?.model()).table;
      assert.deepEqual([target.schema, target.name], [schema, "accounts"]);
      await db.reflect({ tables: [`${schema}.children`, `${schema}.accounts`, "accounts"] });
      const names = [`${schema}.accounts`, `${schema}.children`, "accounts"];
      assert.deepEqual([...db.tables.keys()].sort(), names.sort());
      await db.reflect({ schemas: [schema] });
      assert.deepEqual([...db.tables.keys()], [`${schema}.accounts`, `${schema}.children`]);
      assert.equal(found(db, `${schema}.children`).quoted, `"${schema}"."children"`);
      await db.dropAll();
      assert.equal((await db.reflect({ schemas: [schema] })).size, 0);
    } finally {
      await administrate(`drop schema if exists ${schema} cascade`);
    }
  });

  test("tables of an attached database are read by its name (V7)", {
    skip: isPostgres && "schemas above",
  }, async () => {
    class Own extends Model("accounts", { id: integer().primaryKey(), name: text().index() }, { schema: "other" }) {}
    class Child extends Model("other.children", { id: uuid().primaryKey(), ownId: integer().references(() => Own) }) {}
    class Same extends Model("accounts", { id: integer().primaryKey() }) {}
    const handle = new Sqlite(":memory:");
    handle.exec("attach ':memory:' as other");
    try {
      await using db = new Database(handle, { models: [Own, Child, Same] });
      await db.createAll();
      assert.deepEqual(await db.differences(), []);
      assert.deepEqual([...(await db.reflect()).keys()], ["accounts"]);
      await db.reflect({ schemas: ["other", "main"] });
      assert.deepEqual([...db.tables.keys()], ["main.accounts", "other.accounts", "other.children"]);
    } finally {
      handle.close();
    }
  });
});

const POSTGRES_TABLES = `
  create type mood as enum ('sad', 'it''s ok');
  create domain small_text as varchar(7) check (value <> '');
  create domain smaller_text as small_text default 'a' not null check (value <> 'b');
  create domain good_mood as mood check (value <> 'sad');
  create table numbered (id bigserial primary key);
  create table no_more (id serial primary key);
  alter table no_more alter id drop default;
  create table unnumbered (id integer primary key, n serial, m integer generated always as identity);
  create table nothing ();
  create table others (
    id bigint references numbered on delete set null not null, small smallint, big int8, f real, label varchar,
    code char(3), price money, at timestamp default current_timestamp, atz timestamptz, doc jsonb default '{}', old json,
    ip inet, mood mood default 'sad', moods mood[], grid integer[][], said small_text, told smaller_text, good good_mood, odd numeric(3, 5), tens numeric(3, -1),
    range int4range, span interval default '1 day', twice integer generated always as (small * 2) stored,
    kind text check (kind in ('a', 'b')), "userId" integer, user_id integer, "A" numeric unique, "a" integer
  );
  create index by_gin on others using gin (doc);
  create index by_order on others (label collate "de-x-icu" desc nulls last, small asc nulls first, big desc nulls last, f desc);
  create table parts (id integer) partition by range (id);
  create table parts_1 partition of parts for values from (1) to (10);
  create view seen as select 1 as one;
`;

const POSTGRES_COLUMNS = [
  "id: bigint",
  "small: integer: smallint",
  "big: bigint",
  "f: real: real",
  "label: text: character varying",
  "code: varchar(3): character(3)",
  "price: text: money",
  "at: timestamp: timestamp without time zone",
  "atz: timestamp: timestamp with time zone",
  "doc: json",
  "old: json: json",
  "ip: text: inet",
  'mood: oneOf("sad", "it\'s ok"): mood',
  'moods: oneOf("sad", "it\'s ok")?[]: mood[]',
  "grid: integer?[]",
  "said: varchar(7): small_text",
  "told: varchar(7): smaller_text",
  'good: oneOf("sad", "it\'s ok"): good_mood',
  "odd: numeric: numeric(3,5)",
  "tens: numeric: numeric(3,-1)",
  "range: text: int4range",
  "span: text: interval",
  "twice: integer",
  'kind: oneOf("a", "b")',
  "userId: integer",
  "user_id: integer",
  "A: numeric",
  "a: integer",
];

const SQLITE_TABLES = `
  create table numbered (id integer primary key, n);
  create table unnumbered (id int primary key) without rowid;
  create table reversed (id integer primary key desc);
  create table Cased (ID integer primary key, "Name" text unique);
  create table cases (a int references cased (id), b text references CASED (name), c int references NUMBERED);
  create table "odd ""name""" ([a b] text, \`c\` int, 'd' text default 'x', check ([a b] <> ')')); -- one more
  create table others (
    id BIGINT references numbered on delete set null not null, small TINYINT /* not a type, by rowkeeper */,
    big UNSIGNED BIG INT, f FLOAT, label VARCHAR(7) /* text */ collate nocase, code NCHAR(3), price DECIMAL(10, 2) default 1.5, at DATETIME default CURRENT_TIMESTAMP,
    day DATE, doc JSON default '{}', flag BOOLEAN default TRUE, b BLOB, n NUMERIC, none, said CLOB, key UUID,
    twice INTEGER generated always as (small * 2) stored, sum as (small + big), hour TIME, word STRING, a_long_name_of_more_than_sixty_three_bytes_that_postgresql_would_cut_off TEXT,
    unique (small, big)
  );
  create index by_order on others (label desc, (small + 1) desc, big desc);
  create virtual table words using fts5 (word);
  create table copied as select 1 as one, 'x' as two;
`;

const SQLITE_COLUMNS = [
  "id: bigint: BIGINT",
  "small: integer: TINYINT",
  "big: bigint: UNSIGNED BIG INT",
  "f: real: FLOAT",
  "label: varchar(7): VARCHAR(7)",
  "code: text: NCHAR(3)",
  "price: real: DECIMAL(10, 2)",
  "at: timestamp: DATETIME",
  "day: date: DATE",
  "doc: json: JSON",
  "flag: boolean: BOOLEAN",
  "b: bytes",
  "n: real: NUMERIC",
  "none: text: no type",
  "said: text: CLOB",
  "key: uuid: UUID",
  "twice: integer",
  "sum: text: no type",
  "hour: text: TIME",
  "word: text: STRING",
  "a_long_name_of_more_than_sixty_three_bytes_that_postgresql_would_cut_off: text",
];

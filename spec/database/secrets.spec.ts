import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  bytes,
  integer,
  json,
  Model,
  oneOf,
  RowkeeperError,
  sql,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

const SECRET = "sesame";

class Vault extends Model("vaults", {
  id: integer().primaryKey(),
  name: text().unique(),
  label: varchar(3).nullable(),
  size: integer().nullable().check(sql`size < 1000`),
  kind: oneOf("a", "b").nullable(),
  at: timestamp().nullable(),
  ref: uuid().nullable(),
  extra: json().nullable(),
  raw: bytes().nullable(),
  otherId: integer()
    .nullable()
    .references(() => Vault),
}) {}

/** All that a program would print of an error. */
function printed(error: unknown): string {
  return [
    String(error),
    error instanceof Error ? error.stack : "",
    inspect(error, { depth: 5 }),
    JSON.stringify(error),
  ].join("\n");
}

eachEngine((engine) => {
  const placeholder = engine.dialect === "sqlite" ? "?" : "$1";

  test("no error shows a value, however it is printed: constraints, conversions, wrong types (B9, M8)", async () => {
    await using db = await open(engine, [Vault]);
    await Vault.objects.insert({ name: SECRET });
    await using connection = await db.connect();
    const raw = (statement: string) => () => connection.execute(statement.replace("?", placeholder), [SECRET]);
    const values = (given: object) => async () => Reflect.apply(Vault.objects.insert, Vault.objects, [given]);
    const cases: (() => Promise<unknown>)[] = [
      values({ name: SECRET }),
      values({ name: "x", label: SECRET }),
      values({ name: "x", size: 4_711_000 }),
      values({ name: "x", size: SECRET }),
      values({ name: "x", kind: SECRET }),
      values({ name: "x", at: SECRET }),
      values({ name: "x", ref: SECRET }),
      values({ name: "x", raw: SECRET }),
      values({ name: `${SECRET}\0` }),
      values({ name: { [SECRET]: SECRET } }),
      values({ name: "x", otherId: 4711 }),
      () => Vault.objects.insertMany([{ name: "x" }, { name: SECRET }]),
      () => Vault.objects.upsertMany([{ name: SECRET }, { name: SECRET }], { on: "name" }),
      () => Vault.objects.update({ name: SECRET }, { size: 4711 }),
      async () => Reflect.apply(Vault.objects.count, Vault.objects, [{ where: { size: SECRET } }]),
      async () => Reflect.apply(Vault.objects.find, Vault.objects, [SECRET]),
      () => Vault.objects.get({ where: { name: `${SECRET} 2` } }),
      raw("insert into vaults (name) values (?)"),
      raw("insert into vaults (name, size) values ('x', ?)"),
      raw("insert into vaults (name, label) values ('x', ?)"),
      raw("insert into vaults (name, kind) values ('x', ?)"),
      raw("select cast(? as integer) from nowhere"),
      raw(engine.dialect === "sqlite" ? "select json_extract('{}', ?)" : "select cast(? as integer)"),
      raw(engine.dialect === "sqlite" ? "select json(?)" : "select cast(? as json)"),
      raw(engine.dialect === "sqlite" ? "select abs(-9223372036854775807 - 1), ?" : "select cast(? as timestamptz)"),
      async () => {
        await using tx = Vault.objects.transaction();
        await tx.insert({ name: SECRET }).catch(() => undefined);
        await tx.commit();
      },
    ];
    for (const [i, attempt] of cases.entries()) {
      const error = await failureOf(attempt);
      const shown = printed(error);
      assert.ok(error instanceof RowkeeperError || error instanceof TypeError, `${i}: ${shown}`);
      assert.equal(shown.includes(SECRET) || shown.includes("4711"), false, `${attempt} ${i}: ${shown}`);
    }
  });

  test("what the database says is there for code that asks for it: cause, sql, table, columns", async () => {
    await using _db = await open(engine, [Vault]);
    await Vault.objects.insert({ name: SECRET });
    const error = await failureOf(() => Vault.objects.insert({ name: SECRET }));
    assert.ok(error instanceof RowkeeperError && error.cause instanceof Error);
    assert.equal(error.sql?.includes(SECRET), false);
    assert.match(error.sql ?? "", /^insert into "vaults"/);
    assert.equal(error.name, error.constructor.name);
  });

  test("an error has the caller's own frame in its stack", async () => {
    await using db = await open(engine, [Vault]);
    await Vault.objects.insert({ name: "a" });
    for (const attempt of [
      async () => await Vault.objects.insert({ name: "a" }),
      async () => await db.query(sql`select * from nowhere`),
      async () => await Vault.objects.transaction(async (tx) => await tx.insert({ name: "a" })),
    ]) {
      const { stack } = await failureOf(attempt);
      assert.match(stack ?? "", /secrets\.spec\.ts:\d+:\d+/);
    }
  });
});

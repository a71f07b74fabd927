import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alias, count, cte, integer, Model, QueryBuilder, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { untyped } from "./untyped.js";

const HOSTILE = [
  `'; drop table victims; --`,
  `"; drop table victims; --`,
  `"" or 1=1`,
  "\\'; drop table victims; --",
  "name; drop table victims",
  "asc; drop table victims",
  "inner join victims on 1=1 --",
  "= 1 or 1 =",
  "victims.name) or (1=1",
  "victims.id or 1=1",
  "$1",
  "?",
  ":name @x",
  "a--b /* c */",
  "%s",
  "_",
  "\n\t\r",
  "ключ 𝔘",
  "\u202e'",
  "__proto__",
  "constructor",
  "toString",
];

/** A dot tells a schema from a table; a name of JavaScript's own is no column. */
const NAMES = HOSTILE.filter((name) => !["__proto__", "constructor", "toString"].includes(name)).map((name) =>
  name.replaceAll(".", "_"),
);

class Victim extends Model("victims", { id: integer().primaryKey(), name: text(), age: integer().nullable() }) {}
class Other extends Model("others", { id: integer().primaryKey(), victimId: integer() }) {}

const on = ["id", "victimId"];
const query = () => untyped(Victim.query());
const joined = () => query().join?.(Other, on);

eachEngine((engine) => {
  describe("hostile strings in a query", () => {
    test("as values of every operator change nothing and match themselves (S6)", async () => {
      await using _db = await open(engine, [Victim, Other]);
      await Victim.insertMany(HOSTILE.map((name) => ({ name })));
      for (const name of HOSTILE) {
        for (const found of [
          Victim.query().equal("name", name),
          Victim.query().equal({ name }),
          Victim.query().isIn("name", [name]),
          Victim.query().like("name", "?", name),
          Victim.query().where({ like: { name: ["?", name] }, lessOrEqual: { name }, greaterOrEqual: { name } }),
          Victim.query().startsWith("name", name).endsWith("name", name).contains("name", name).isIn("name", [name]),
        ])
          assert.deepEqual(
            (await found.get()).map((row) => row.name),
            [name],
          );
        const others = HOSTILE.length - 1;
        for (const left of [Victim.query().notEqual("name", name), Victim.query().notIn("name", [name])])
          assert.equal(await left.count(), others);
        assert.equal(await Victim.query().notLike("name", "?", name).count(), others);
        assert.equal(await Victim.query().group("name").having({ name }).count(), 1);
        assert.equal(
          await Victim.query()
            .equal("name", name)
            .update({ name: `${name}!` }),
          1,
        );
        assert.equal(await Victim.query().equal("name", `${name}!`).update({ name }), 1);
      }
      const changed = await Victim.query().insertMany(HOSTILE.map((name) => ({ name })));
      assert.equal(changed, HOSTILE.length);
      assert.equal(await Victim.query().count(), 2 * HOSTILE.length);
    });

    test("where a name, a direction, a kind or a comparison belongs are refused, nothing sent, and not told whole (S6)", async () => {
      await using db = await open(engine, [Victim, Other]);
      const bare = untyped(new QueryBuilder("victims", { columns: { id: integer(), name: text() }, database: db }));
      const sent = await statementsOf(db, async () => {
        for (const hostile of HOSTILE) {
          for (const [error, work] of [
            [TypeError, () => query().equal?.(hostile, 1)],
            [TypeError, () => query().equal?.({ [hostile]: 1 })],
            [TypeError, () => query().equal?.(`victims.${hostile}`, 1)],
            [TypeError, () => query().equal?.(`${hostile}.id`, 1)],
            [TypeError, () => query().like?.(hostile, "?", "a")],
            [TypeError, () => query().isIn?.(hostile, [])],
            [TypeError, () => query().isNull?.(hostile)],
            [TypeError, () => query().where?.({ notNull: [hostile] })],
            [TypeError, () => query().where?.({ equal: { [hostile]: 1 } })],
            [TypeError, () => query().where?.(hostile)],
            [undefined, () => query().where?.({ [hostile]: { id: 1 } })],
            [TypeError, () => query().orderBy?.(hostile, "asc")],
            [TypeError, () => query().orderBy?.({ [hostile]: "asc" })],
            [undefined, () => query().orderBy?.("id", hostile)],
            [undefined, () => query().orderBy?.({ id: hostile })],
            [TypeError, () => query().skip?.(hostile)],
            [TypeError, () => query().take?.(hostile)],
            [TypeError, () => query().chunk?.(hostile)],
            [TypeError, () => query().find?.(hostile)],
            [TypeError, () => query().select?.([hostile])],
            [TypeError, () => query().select?.({ x: hostile })],
            [TypeError, () => query().select?.({ n: count(hostile) })],
            [TypeError, () => query().group?.(hostile)],
            [
              TypeError,
              () =>
                query()
                  .group?.("name")
                  .having?.({ [hostile]: 1 }),
            ],
            [TypeError, () => query().group?.("name").having?.(hostile)],
            [undefined, () => query().join?.(Other, on, hostile)],
            [undefined, () => query().join?.(Other, ["id", hostile, "victimId"])],
            [TypeError, () => query().join?.(Other, [hostile, "victimId"])],
            [TypeError, () => query().join?.(Other, ["id", hostile])],
            [undefined, () => query().join?.(hostile, on)],
            [TypeError, () => query().join?.(Other, hostile)],
            [TypeError, () => joined()?.select?.([`others.${hostile}`])],
            [TypeError, () => joined()?.orderBy?.(`${hostile}.id`, "asc")],
            [TypeError, () => query().insert?.(JSON.parse(`{"name":"a",${JSON.stringify(hostile)}:1}`))],
            [
              TypeError,
              () =>
                query()
                  .where?.("all")
                  .update?.(JSON.parse(`{${JSON.stringify(hostile)}:1}`)),
            ],
            [TypeError, () => bare.insert?.(JSON.parse(`{"name":"a",${JSON.stringify(hostile)}:1}`))],
            [TypeError, () => bare.where?.("all").update?.(JSON.parse(`{${JSON.stringify(hostile)}:1}`))],
            [TypeError, () => query().executeRaw?.(hostile)],
            [TypeError, () => Reflect.construct(QueryBuilder, [Victim, { [`${hostile}!`]: 1 }])],
          ] as const) {
            const failure = await failureOf(work);
            const name = error?.name ?? "UsageError";
            assert.equal(failure.name, name, `${JSON.stringify(hostile)} in ${work}: ${failure.message}`);
          }
        }
      });
      assert.deepEqual(sent, []);
      const long = await failureOf(() => query().equal?.("x".repeat(10_000), 1));
      assert.ok(long.message.length < 300);
    });

    test("as names of tables, columns, aliases and selected values are quoted everywhere (S6)", async () => {
      for (const hostile of NAMES) {
        class Odd extends Model(`t${hostile}`, { key: integer().primaryKey(), [hostile]: text().nullable() }) {}
        await using db = await open(engine, [Victim, Other, Odd]);
        await Victim.insert({ name: "alive" });
        const odd = untyped(Odd.query());
        await untyped(Odd.query()).insertMany?.([{ [hostile]: "x" }, { [hostile]: "y" }]);
        const named = await odd.equal?.(hostile, "x").orderBy?.(hostile, "desc").select?.([hostile]).get();
        assert.deepEqual(
          named?.map(({ data }) => data),
          [{ [hostile]: "x" }],
        );
        const other = alias(Odd, `a${hostile}`);
        const joins = await odd
          .join?.(other, ["key", "<", `a${hostile}.key`])
          .equal?.(`a${hostile}.${hostile}`, "y")
          .get();
        assert.deepEqual(
          joins?.map(({ data }) => data),
          [{ [`t${hostile}`]: { key: 1, [hostile]: "x" }, [`a${hostile}`]: { key: 2, [hostile]: "y" } }],
        );
        const groups = odd
          .group?.(hostile)
          .select?.({ [hostile]: hostile, [`n${hostile}`]: count() })
          .orderBy?.(`n${hostile}`, "asc");
        assert.equal(await groups?.having?.({ [`n${hostile}`]: 1 }).count(), 2);
        const some = cte(`c${hostile}`, Odd.select({ key: "key", [`v${hostile}`]: Odd.c.key }));
        const fromCte = await untyped(new QueryBuilder(some, { database: db }))
          .equal?.(`v${hostile}`, 2)
          .get();
        assert.deepEqual(
          fromCte?.map(({ data }) => data),
          [{ key: 2, [`v${hostile}`]: 2 }],
        );
        const bare = new QueryBuilder(`t${hostile}`, { columns: { key: integer() }, database: db });
        assert.equal(await bare.equal("key", 1).delete(), 1);
        assert.equal(await Victim.query().count(), 1);
      }
    });
  });
});

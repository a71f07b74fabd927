import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  alias,
  and,
  count,
  cte,
  exists,
  expression,
  integer,
  json,
  Model,
  max,
  rowNumber,
  sql,
  stringAgg,
  text,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

const HOSTILE = [
  `'; drop table victims; --`,
  `"; drop table victims; --`,
  `"" or 1=1`,
  "\\'; drop table victims; --",
  "$1",
  "$1::text",
  "?",
  ":name @x",
  "a--b /* c */",
  "{}",
  "%s",
  "a.b",
  "[0]",
  '$."a"',
  "\n\t\r",
  "ключ 𝔘",
  "Robert'); DROP TABLE victims;--",
  "\u202e'",
  "constructor",
  "-name",
  "1",
];

class Victim extends Model("victims", {
  id: integer().primaryKey(),
  name: text(),
  body: json<Record<string, string>>(),
}) {}

const { c } = Victim;

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("hostile strings in expressions", () => {
    test("as aliases are quoted: selected, ordered by, grouped by and chosen by (S6)", async () => {
      await using _db = await open(engine, [Victim]);
      await Victim.insertMany([
        { name: "a", body: {} },
        { name: "b", body: {} },
        { name: "b", body: {} },
      ]);
      const { objects } = Victim;
      for (const alias of HOSTILE) {
        const selected = await objects
          .setSql(Victim.select({ [alias]: "name", id: "id" }))
          .orderBy("id")
          .fetchone();
        assert.equal(selected && Reflect.get(selected, alias), "a");
        const loud = expression(text(), sql`${c.name} || ${alias}`);
        const n = `${alias}n`;
        const groups = await objects.aggregate(
          { [alias]: loud, [n]: count() },
          { groupBy: alias, orderBy: [`-${alias}`, n], having: { [n]: [1, 2], [alias]: [`a${alias}`, `b${alias}`] } },
        );
        assert.deepEqual(groups, [
          { [alias]: `b${alias}`, [n]: 2 },
          { [alias]: `a${alias}`, [n]: 1 },
        ]);
        const total = await objects.aggregate({ [alias]: max("name") });
        assert.deepEqual(total, { [alias]: "b" });
      }
      assert.equal(await objects.count(), 3);
    });

    test("as names of common table expressions and models named twice are quoted, but for dots (S6)", async () => {
      await using _db = await open(engine, [Victim]);
      await Victim.insertMany([
        { name: "a", body: {} },
        { name: "b", body: {} },
      ]);
      const { objects } = Victim;
      for (const name of HOSTILE) {
        if (name.includes(".")) {
          assert.throws(() => cte(name, Victim.select()), UsageError);
          assert.throws(() => alias(Victim, name), UsageError);
          continue;
        }
        const place = rowNumber().over({ orderBy: c.id.asc() });
        const placed = cte(name, Victim.select({ [`${name}p`]: place, name: "name" }));
        const rows = await objects.setSql(placed.select()).where({ name: "b" }).fetchall();
        assert.deepEqual(rows, [{ [`${name}p`]: 2, name: "b" }]);
        const own = cte(name, { [name]: text() }, sql`select ${name} as one`);
        assert.deepEqual(
          await objects
            .setSql(own.select())
            .where({ [name]: name })
            .fetchall(),
          [{ [name]: name }],
        );
        const other = alias(Victim, name);
        const where = exists(other.select().where([other.c.id.gt(c.id), other.c.name.ne(name)]));
        assert.deepEqual(await objects.getItems({ columns: ["name"], where }), [{ name: "a" }]);
      }
      assert.equal(await objects.count(), 2);
    });

    test("as keys of JSON, separators and values are bound, and find themselves (S6)", async () => {
      await using _db = await open(engine, [Victim]);
      await Victim.insertMany(HOSTILE.map((name) => ({ name, body: { [name]: name } })));
      const { objects } = Victim;
      for (const name of HOSTILE) {
        const inside = c.body.path(name);
        for (const where of [
          inside.eq(name),
          inside.asText().in([name, "x"]),
          inside.startsWith(name),
          inside.iEq(name),
          c.name.iEq(name),
          c.name.eq(Victim.select({ least: max("name") }).where(c.name.eq(name))),
          c.name.in(Victim.select("name").where({ name })),
          and(c.name.iStartsWith(name), c.name.iEndsWith(name), c.name.iContains(name), inside.isNotNull()),
        ]) {
          assert.deepEqual(await objects.getItems({ columns: ["name"], where }), [{ name }]);
        }
        const texts = await objects.aggregate(
          { all: stringAgg("name", name, { orderBy: c.id.asc() }), inside: max(inside.asText()) },
          { where: { id: [1, 2] } },
        );
        assert.equal(texts.all, HOSTILE.slice(0, 2).join(name));
        const having = { groupBy: "name", having: { name } } as const;
        assert.deepEqual(await objects.aggregate({ n: count() }, having), [{ name, n: 1 }]);
      }
      assert.equal(await objects.count(), HOSTILE.length);
    });

    test("where names of what is there belong are refused, nothing sent (S6)", async () => {
      await using db = await open(engine, [Victim]);
      const { objects } = Victim;
      const n = count();
      const texts = await statementsOf(db, async () => {
        for (const hostile of HOSTILE) {
          const name = hostile as never;
          for (const work of [
            () => objects.aggregate({ n: count(name) }),
            () => objects.aggregate({ n: name }),
            () => objects.aggregate({ n }, { groupBy: name }),
            () => objects.aggregate({ n }, { groupBy: "name", orderBy: `-${hostile}` as never }),
            () => objects.aggregate({ n }, { groupBy: "name", having: { [hostile]: 1 } as never }),
            () => objects.aggregate({ n }, { groupBy: "name", limit: name }),
            () => objects.aggregate({ n }, { [hostile]: 1 } as never),
            () => objects.setSql(Victim.select({ n: name })),
            () => objects.setSql(Victim.select("id").groupBy(name)),
            () => objects.setSql(Victim.select("id").having(name)),
            () => rowNumber().over({ [hostile]: c.id } as never),
            () => rowNumber().over({ frame: name }),
          ]) {
            // What is the name of a column with "-" before it is an order.
            if (hostile === "-name" && String(work).includes("orderBy")) continue;
            assert.ok((await failureOf(work)) instanceof TypeError, `${hostile} in ${work}`);
          }
        }
      });
      assert.deepEqual(texts, []);
    });
  });
});

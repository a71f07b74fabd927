import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integer, Model, oneOf, sql, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

const HOSTILE = [
  `'; drop table victims; --`,
  `"; drop table victims; --`,
  `"" or 1=1`,
  "\\'; drop table victims; --",
  "$1",
  "?",
  ":name @x",
  "a--b /* c */",
  "{}",
  "%s",
  "a.b",
  "\n\t\r",
  "ключ 𝔘",
  "Robert'); DROP TABLE victims;--",
  "\u202e'",
  "__proto__x",
  "constructor",
];

/** A dot separates a schema from a table; what every model has is refused as a column (S30). */
const NAMES = HOSTILE.filter((name) => name !== "constructor").map((name) => name.replaceAll(".", "_"));

class Victim extends Model("victims", { id: integer().primaryKey(), name: text().nullable() }) {}

eachEngine((engine) => {
  describe("hostile strings", () => {
    test("as values, patterns, list items and sql values change nothing and match themselves (S6)", async () => {
      await using _db = await open(engine, [Victim]);
      await Victim.insertMany(HOSTILE.map((name) => ({ name })));
      for (const name of HOSTILE) {
        const { c } = Victim;
        for (const where of [
          { name },
          { name: [name] },
          c.name.startsWith(name),
          c.name.in([name, null]),
          sql`${c.name} = ${name}`,
        ]) {
          const found = await Victim.objects.getItems({ where, columns: ["name"] });
          assert.deepEqual(found, [{ name }]);
        }
        assert.equal(await Victim.objects.update({ name }, { name: `${name}!` }), 1);
        assert.equal(await Victim.objects.update({ name: `${name}!` }, { name }), 1);
        const ending = await Victim.objects.getItems({ where: Victim.c.name.endsWith(name), columns: ["name"] });
        assert.deepEqual(
          ending.map((item) => item.name).sort(),
          HOSTILE.filter((other) => other.endsWith(name)).sort(),
        );
      }
      assert.equal(await Victim.objects.count(), HOSTILE.length);
    });

    test("as names of tables and columns are quoted in every statement (S6)", async () => {
      for (const hostile of NAMES) {
        class Odd extends Model(
          `t${hostile}`,
          {
            key: integer().primaryKey().column(`k${hostile}`),
            [hostile]: text().nullable().index(),
            kind: oneOf("a", hostile).column(`o${hostile}`),
          },
          { unique: [["kind", hostile]] },
        ) {}
        await using _db = await open(engine, [Victim, Odd]);
        await Victim.insert({ name: "alive" });
        const odd = await Odd.insert({ [hostile]: "x", kind: "a" });
        const values = () => Object.fromEntries(odd);
        assert.equal(values()[hostile], "x");
        await odd.update({ [hostile]: "y" });
        assert.equal(await Odd.objects.count({ where: { [hostile]: "y" } }), 1);
        assert.equal((await Odd.objects.getInstances({ orderBy: [`-${hostile}`, "kind"], limit: 1 })).length, 1);
        await Odd.objects.upsert({ key: 1, kind: "a", [hostile]: "z" });
        await odd.reload();
        assert.equal(values()[hostile], "z");
        await Odd.insertMany([{ kind: "a" }, { kind: "a", [hostile]: "w" }]);
        assert.equal((await Odd.objects.setSql(Odd.select([hostile])).fetchall()).length, 3);
        await odd.delete();
        assert.equal(await Odd.objects.delete("all"), 2);
        assert.equal(await Victim.objects.count(), 1);
      }
    });

    test("where a column, an order, a limit or a lock belongs are refused, nothing sent (S6)", async () => {
      await using db = await open(engine, [Victim]);
      const texts = await statementsOf(db, async () => {
        for (const hostile of HOSTILE) {
          for (const work of [
            () => Victim.objects.getItems({ where: { [hostile]: 1 } as never }),
            () => Victim.objects.getItems({ orderBy: hostile as never }),
            () => Victim.objects.getItems({ orderBy: `-${hostile}` as never }),
            () => Victim.objects.getItems({ columns: [hostile as never] }),
            () => Victim.objects.getItems({ limit: hostile as never }),
            () => Victim.objects.getItems({ offset: hostile as never }),
            () => Victim.insert({ [hostile]: 1 } as never),
            () => Victim.objects.update("all", { [hostile]: 1 } as never),
            () => Victim.objects.upsert({ name: "a" }, { on: hostile as never }),
            () => Victim.objects.setSql(Victim.select()).orderBy(Victim.c.name.asc({ nulls: hostile as never })),
            () => Victim.find(hostile as never),
          ]) {
            assert.ok((await failureOf(work)) instanceof TypeError, `${hostile} in ${work}`);
          }
          const query = { lock: hostile as never };
          await using tx = Victim.objects.transaction();
          assert.ok((await failureOf(() => tx.getItems(query))) instanceof UsageError);
        }
      });
      assert.deepEqual(texts, []);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Specimen } from "./specimen.js";

/** What must never stand in a message. */
const SECRET = "s3cr3t";

const cyclic: Record<string, unknown> = { [SECRET]: 1 };
cyclic.self = cyclic;

const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  anInteger: [`${SECRET}`, 1.5, NaN, Infinity, 2 ** 31, -(2 ** 31) - 1, 7n, true, new Date(), [7]],
  aBigint: [SECRET, 7, 2n ** 63n, -(2n ** 63n) - 1n, Number(7), false],
  aReal: [SECRET, NaN, 7n, true],
  aNumeric: [
    SECRET,
    "",
    "1.2.3",
    "1e",
    "NaN",
    "Infinity",
    "0x10",
    "1_000",
    " 1",
    "1 ",
    "1e200000",
    1.5,
    7n,
    `1e${"9".repeat(7)}`,
  ],
  aPrice: ["1000000000", "999999999.9995", "-999999999.9996", SECRET],
  aText: [7, true, `${SECRET}\0`, `${SECRET}\ud800`, `\udc00${SECRET}`, new String(SECRET), { a: SECRET }],
  aVarchar: ["abcdef", `${SECRET}`, "a\0", 7],
  aBoolean: [0, 1, "true", "t", SECRET],
  aTimestamp: [
    SECRET,
    "2024-05-06T00:00:00Z",
    7,
    new Date(NaN),
    new Date(Date.UTC(10000, 0)),
    new Date("0000-12-31T23:59:59.999Z"),
  ],
  aDate: [
    new Date(),
    SECRET,
    "2024-02-30",
    "2023-02-29",
    "2024-13-01",
    "2024-1-1",
    "0000-01-01",
    "10000-01-01",
    "2024-05-06T00:00:00Z",
  ],
  aUuid: [
    SECRET,
    "123",
    "{12345678-1234-1234-1234-123456789012}",
    "12345678123412341234123456789012",
    "12345678-1234-1234-1234-12345678901g",
    7,
  ],
  aJson: [
    NaN,
    { a: Infinity },
    7n,
    { a: [7n] },
    () => SECRET,
    Symbol(SECRET),
    `${SECRET}\0`,
    { [`${SECRET}\0`]: 1 },
    ["\ud800"],
    cyclic,
  ],
  someBytes: [SECRET, [1, 2], new ArrayBuffer(2), 7],
  aState: [SECRET, "Draft", "", 7],
  integers: [SECRET, 7, [1.5], ["1"], { length: 0 }, [[1]]],
  texts: [["a", 7], [`${SECRET}\0`], SECRET],
  dates: [["2024-02-30"]],
  states: [[SECRET]],
  jsons: [[NaN]],
};

eachEngine((engine) => {
  describe("values that a column can't hold", () => {
    test("are a TypeError that names the column and not the value, and nothing is sent (S1)", async () => {
      await using db = await open(engine, [Specimen]);
      const { id } = await db.objects(Specimen).insert({});
      const saved = await db.objects(Specimen).get({ where: { id } });
      const texts = await statementsOf(db, async () => {
        for (const [property, values] of Object.entries(WRONG)) {
          for (const [i, value] of values.entries()) {
            const row = { [property]: value };
            const attempts: [string, () => unknown][] = [
              ["insert", () => Specimen.objects.insert(row)],
              ["insertMany", () => Specimen.objects.insertMany([{}, row])],
              ["update", () => Specimen.objects.update({ id }, row)],
              ["upsert", () => Specimen.objects.upsert({ id, ...row })],
              ["getOrCreate", () => Specimen.objects.getOrCreate(row)],
              ["updateOrCreate", () => Specimen.objects.updateOrCreate({ id: 9 }, row)],
              ["instance.update", () => saved.update(row)],
              ["save", () => Object.assign(new Specimen(), row).save()],
              [
                "chain",
                () =>
                  Specimen.objects
                    .setSql(Specimen.select())
                    .where(row as never)
                    .fetchall(),
              ],
            ];
            for (const [name, attempt] of attempts) {
              const isList = Array.isArray(value) && name === "chain";
              if (isList) continue; // a list in a condition is several values
              const error = await failureOf(attempt);
              const where = `${name} of ${property}, value ${i}: ${error}`;
              assert.ok(error instanceof TypeError, where);
              assert.match(error.message, new RegExp(`specimens\\.${property}`), where);
              assert.ok(!`${error.message}`.includes(SECRET), where);
            }
          }
        }
      });
      assert.deepEqual(texts, []);
      assert.equal(await db.objects(Specimen).count(), 1);
    });

    test("are a TypeError in every operator, when the condition is made (S1, S8)", () => {
      const { anInteger, aText, aJson, texts } = Specimen.c;
      const attempts: (() => unknown)[] = [
        () => anInteger.eq("x" as never),
        () => anInteger.eq(undefined as never),
        () => anInteger.ne(1.5),
        () => anInteger.lt(null as never),
        () => anInteger.between(1, undefined as never),
        () => anInteger.in(3 as never),
        () => anInteger.in([1, undefined as never]),
        () => anInteger.notIn(["x" as never]),
        () => aText.contains(3 as never),
        () => aText.startsWith("\0"),
        () => aText.endsWith("\ud800"),
        () => aText.like(null as never),
        () => Reflect.apply(Reflect.get(anInteger, "contains"), anInteger, ["x"]),
        () => Reflect.apply(Reflect.get(aJson, "lt"), aJson, [1]),
        () => Reflect.apply(Reflect.get(texts, "asc"), texts, []),
        () => aText.asc({ nulls: "sometimes" as never }),
      ];
      for (const [i, attempt] of attempts.entries()) assert.throws(attempt, TypeError, String(i));
    });
  });
});

describe("columns", () => {
  test("refuse settings that no database has (S1)", async () => {
    const { numeric, varchar, oneOf, array, text, integer, sql } = await import("../../src/index.js");
    const attempts: (() => unknown)[] = [
      () => numeric(0),
      () => numeric(3, 4),
      () => numeric(2.5),
      () => varchar(0),
      () => varchar(1.5),
      () => Reflect.apply(oneOf, undefined, []),
      () => array(array(text())),
      () => integer().defaultNow(),
      () => integer().defaultSql(sql`${1}`),
      () => integer().check(sql`x > ${1}`),
    ];
    for (const [i, attempt] of attempts.entries()) assert.throws(attempt, UsageError, String(i));
    assert.throws(() => integer().default(1.5), TypeError);
  });
});

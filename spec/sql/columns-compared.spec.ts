import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Condition, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { type NewSpecimen, Specimen } from "./specimen.js";

eachEngine((engine) => {
  describe("columns compared with each other", () => {
    const cases: [string, NewSpecimen, Condition[], Condition[]][] = [
      [
        "decimals of different scales, as numbers",
        { aPrice: "1.5", aNumeric: "1.50000" },
        [
          Specimen.c.aPrice.eq(Specimen.c.aNumeric),
          Specimen.c.aNumeric.eq(Specimen.c.aPrice),
          Specimen.c.aPrice.gte(Specimen.c.aNumeric),
          Specimen.c.aPrice.in(["1.5000"]),
        ],
        [Specimen.c.aPrice.ne(Specimen.c.aNumeric), Specimen.c.aPrice.lt(Specimen.c.aNumeric)],
      ],
      [
        "decimals, 9 being less than 10",
        { aPrice: "9", aNumeric: "10" },
        [
          Specimen.c.aPrice.lt(Specimen.c.aNumeric),
          Specimen.c.aNumeric.gt(Specimen.c.aPrice),
          Specimen.c.aPrice.between("8.5", "10"),
        ],
        [Specimen.c.aPrice.gt(Specimen.c.aNumeric)],
      ],
      [
        "texts, by code points",
        { aText: "\u{1f600}", aVarchar: "\uff61" },
        [Specimen.c.aText.gt(Specimen.c.aVarchar), Specimen.c.aVarchar.lt(Specimen.c.aText)],
        [Specimen.c.aText.eq(Specimen.c.aVarchar)],
      ],
      [
        "a column with sql text",
        { anInteger: 3, aText: "abc" },
        [Specimen.c.anInteger.eq(sql`1 + ${2}`), Specimen.c.anInteger.gt(sql`length(${Specimen.c.aText}) - 1`)],
        [Specimen.c.anInteger.ne(sql`${Specimen.c.anInteger}`)],
      ],
    ];
    for (const [name, row, holding, failing] of cases) {
      test(`compare ${name}, the same on both engines`, async () => {
        await using db = await open(engine, [Specimen]);
        await db.objects(Specimen).insert(row);
        for (const [i, where] of holding.entries()) assert.ok(await Specimen.objects.exists({ where }), `${i} holds`);
        for (const [i, where] of failing.entries())
          assert.ok(!(await Specimen.objects.exists({ where })), `${i} fails`);
      });
    }
  });
});

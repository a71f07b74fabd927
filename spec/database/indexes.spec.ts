import assert from "node:assert/strict";
import { test } from "node:test";
import { integer, Model, numeric, sql, text, timestamp } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";

class Reading extends Model(
  "readings",
  {
    id: integer().primaryKey(),
    name: text().index(),
    score: integer().nullable().index(),
    at: timestamp().index(),
    label: text().nullable(),
    amount: numeric(10, 2).nullable().index(),
  },
  { indexes: [["label", "-score"], { columns: ["-label", "at"], name: "readings_latest" }] },
) {}

eachEngine((engine) => {
  // On SQLite numeric is text, compared by a function: an index on that would shut out programs that don't have it.
  const indexesNumeric = engine.dialect === "postgres";

  test("the indexes that createAll makes serve the order that orderBy asks for: nothing is sorted (nulls are smallest)", async () => {
    await using db = await open(engine, [Reading]);
    await Reading.objects.insertMany(
      Array.from({ length: 2000 }, (_, i) => ({
        name: `name ${(i * 7919) % 2000}`,
        score: i % 10 === 0 ? null : (i * 31) % 997,
        at: new Date(i * 1000),
        label: i % 7 === 0 ? null : `label ${i % 50}`,
        amount: i % 11 === 0 ? null : `${i}.50`,
      })),
    );
    await db.query(sql`analyze`);
    const orders = [
      ["name"],
      ["-name"],
      ["score"],
      ["-score"],
      ["at"],
      ["-at"],
      ["label", "-score"],
      ["-label", "score"],
      ["-label", "at"],
      ["label", "-at"],
      ["id"],
      ["-id"],
      ...(indexesNumeric ? (["amount", "-amount"] as const).map((order) => [order] as const) : []),
    ] as const;
    for (const orderBy of orders) {
      const plan = await Reading.objects.explain({ orderBy, limit: 5 });
      // SQLite's tables are kept in the order of an integer key.
      const isOwnOrder = engine.dialect === "sqlite" && orderBy[0].endsWith("id");
      if (!isOwnOrder) assert.match(plan, /index/i, `${orderBy}: ${plan}`);
      assert.doesNotMatch(plan, /\bsort\b|temp b-tree/i, `${orderBy}: ${plan}`);
    }
  });

  test("nulls sort as the smallest on every engine, by an index or not", async () => {
    await using _db = await open(engine, [Reading]);
    const at = new Date(0);
    await Reading.objects.insertMany([
      { name: "b", score: 2, at },
      { name: "null", at },
      { name: "a", score: 1, at },
    ]);
    const names = async (orderBy: "score" | "-score") =>
      (await Reading.objects.getItems({ orderBy })).map(({ name }) => name).join();
    assert.deepEqual([await names("score"), await names("-score")], ["null,a,b", "b,a,null"]);
  });

  test("equality, ranges and startsWith are looked up in an index", async () => {
    await using db = await open(engine, [Reading]);
    await Reading.objects.insertMany(
      Array.from({ length: 3000 }, (_, i) => ({
        name: `name ${i}`,
        score: i,
        at: new Date(i * 1000),
        amount: `${i}.25`,
      })),
    );
    await db.query(sql`analyze`);
    const { c } = Reading;
    const conditions = [
      c.name.eq("name 5"),
      c.name.in(["name 5", "name 6"]),
      c.name.startsWith("name 29"),
      c.score.between(5, 9),
      c.at.lt(new Date(5000)),
      ...(indexesNumeric ? [c.amount.eq("7.25"), c.amount.lt("7.25")] : []),
      c.id.in([1, 2, 3]),
    ];
    for (const where of conditions) {
      const statement = Reading.objects.setSql(Reading.select()).where(where).toSql().text;
      const plan = await Reading.objects.explain({ where });
      assert.match(plan, /index|PRIMARY KEY/i, `${statement}: ${plan}`);
      assert.doesNotMatch(plan, /Seq Scan|^SCAN/i, `${statement}: ${plan}`);
    }
  });
});

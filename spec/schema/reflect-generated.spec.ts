import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Database, type Table } from "../../src/index.js";
import { sourceOf } from "../../src/sql/source.js";
import { eachEngine } from "../support/engines.js";
import { schemas } from "./schemas.js";

const NUMBER = 200;
const AT_ONCE = 10;
const SEED = 20_260_506;

/** What can be told of a table without the code that tells differences. */
function outline(table: Table) {
  return {
    columns: table.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    key: table.key.map(({ name }) => name),
    generated: table.generated?.name,
    checks: table.columns.flatMap(({ settings }) => settings.checks ?? []).length + (table.options.checks ?? []).length,
    indexes: [
      ...new Set(
        table.indexes.map(({ columns, unique, where }) => {
          const names = columns.map((item) => {
            if (typeof item !== "string") return "sql";
            const { column, direction } = table.directed(item);
            return `${column.name} ${direction}`;
          });
          return `${names} ${unique === true} ${where !== undefined}`;
        }),
      ),
    ].sort(),
    uniques: [...new Set(table.constraints.map((columns) => String(columns.map(({ name }) => name))))].sort(),
    references: table.foreignKeys
      .map(({ columns, model, onDelete = "no action", onUpdate = "no action" }) => {
        const target = sourceOf(model()).table;
        return `${columns.map(({ name }) => name)} ${target.name} ${onDelete} ${onUpdate}`;
      })
      .sort(),
  };
}

eachEngine((engine) => {
  test(`${NUMBER} generated schemas: made, read as they were asked for, made again, dropped (V7)`, {
    skip: engine.name === "sqlite file" && "as in memory",
  }, async () => {
    const url = await engine.url();
    const generated = fc.sample(schemas, { numRuns: NUMBER, seed: SEED });
    // Some at a time, as no one else can make tables on that server meanwhile.
    for (let start = 0; start < NUMBER; start += AT_ONCE) {
      const models = generated.slice(start, start + AT_ONCE).flatMap((make, i) => make(`s${start + i}_`));
      await using db = new Database(url, { models });
      await db.createAll();
      const first = await db.reflect();
      assert.equal(first.size, models.length);
      for (const model of models) {
        const { table } = sourceOf(model);
        const found = first.get(table.name);
        assert.ok(found !== undefined);
        assert.deepEqual(outline(found), outline(table), table.name);
      }
      assert.deepEqual(await db.differences(), []);
      await db.createAll();
      const second = await db.reflect();
      assert.deepEqual([...second.values()].map(outline), [...first.values()].map(outline));
      await db.dropAll();
      assert.equal((await db.reflect()).size, 0);
    }
  });
});

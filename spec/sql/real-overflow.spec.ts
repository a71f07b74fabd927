import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integer, Manager, Model, QueryError, real, sum } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Weight extends Model("weights", { id: integer().primaryKey(), kilos: real() }) {
  static override objects = new Manager(this);
}

const { kilos } = Weight.c;

eachEngine((engine) => {
  describe("reals that grow past what a double holds", () => {
    test("are Infinity on SQLite and a QueryError on PostgreSQL, as README says", async () => {
      await using db = await open(engine, [Weight]);
      const weights = db.objects(Weight);
      await weights.insertMany([{ kilos: 1e308 }, { kilos: 1e308 }]);
      const total = () => weights.aggregate({ total: sum("kilos") });
      const tenfold = () =>
        weights
          .setSql(Weight.select({ more: kilos.times(10) }))
          .limit(1)
          .scalars()
          .fetchall();
      if (engine.dialect === "sqlite") {
        assert.deepEqual(await total(), { total: Number.POSITIVE_INFINITY });
        assert.deepEqual(await tenfold(), [Number.POSITIVE_INFINITY]);
      } else {
        assert.ok((await failureOf(total)) instanceof QueryError);
        assert.ok((await failureOf(tenfold)) instanceof QueryError);
      }
    });
  });
});

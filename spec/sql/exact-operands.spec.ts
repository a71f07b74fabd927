import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { array, type Database, integer, Manager, Model, numeric, type Query, sum } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";

class Price extends Model("exact_prices", {
  id: integer().primaryKey(),
  amount: numeric(10, 2),
  parts: array(numeric(10, 2)).default(() => []),
}) {
  static override objects = new Manager(this);
}

const { amount } = Price.c;

eachEngine((engine) => {
  describe("operands of decimals keep the digits that their column rounds away", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Price]);
      await Price.objects.insertMany([{ amount: "10" }, { amount: "-10" }, { amount: "20.01" }]);
    });
    after(() => db.close());

    const idsOf = async (where: Pick<Query<typeof Price>, "where">) =>
      (await Price.objects.getItems({ ...where, columns: ["id"], orderBy: "id" })).map(({ id }) => id);

    test("in comparisons", async () => {
      assert.deepEqual(await idsOf({ where: amount.gt("9.995") }), [1, 3]);
      assert.deepEqual(await idsOf({ where: amount.lt("-9.995") }), [2]);
      assert.deepEqual(await idsOf({ where: amount.lte("20.009999") }), [1, 2]);
      assert.deepEqual(await idsOf({ where: amount.between("9.996", "20.014") }), [1, 3]);
      assert.deepEqual(await idsOf({ where: amount.between("10.001", "20.006") }), []);
    });

    test("in equality, in lists and in objects", async () => {
      assert.deepEqual(await idsOf({ where: amount.eq("10.001") }), []);
      assert.deepEqual(await idsOf({ where: amount.ne("10.001") }), [1, 2, 3]);
      assert.deepEqual(await idsOf({ where: { amount: "10.001" } }), []);
      assert.deepEqual(await idsOf({ where: { amount: ["10.001", "20.010"] } }), [3]);
      assert.deepEqual(await idsOf({ where: amount.notIn(["10.001", "20.01"]) }), [1, 2]);
      for (const same of ["10", "10.000", "+1e1", "010.0"])
        assert.deepEqual(await idsOf({ where: { amount: same } }), [1]);
    });

    test("in lists", async () => {
      await Price.objects.update({ id: 1 }, { parts: ["10.00", "1.5"] });
      for (const [value, n] of [
        ["9.995", 0],
        ["10", 1],
        ["1.499", 0],
        ["1.50", 1],
      ] as const)
        assert.equal(await Price.objects.count({ where: Price.c.parts.has(value) }), n, value);
    });

    test("in arithmetic, where they may be larger too", async () => {
      const [item] = await Price.objects
        .setSql(
          Price.select({
            taxed: amount.times("1.0825"),
            more: amount.plus("12345678901234.125"),
            less: amount.minus("0.001"),
          }),
        )
        .orderBy("id")
        .fetchall();
      assert.deepEqual(item, { taxed: "10.825000", more: "12345678901244.125", less: "9.999" });
      const { total } = await Price.objects.aggregate({ total: sum(amount.times("0.125")) });
      assert.equal(total, "2.50125");
      assert.throws(() => amount.gt("12345678901234"), TypeError, "a value that no row could have");
    });

    test("but a value to find or create is the one that the row has", async () => {
      const [made, created] = await Price.objects.getOrCreate({ amount: "30.004" });
      const [found, again] = await Price.objects.getOrCreate({ amount: "30.004" });
      assert.deepEqual([made.amount, created, found.id, again], ["30.00", true, made.id, false]);
    });

    test("and an update is rounded once, at its end", async () => {
      await Price.objects.update({ id: 1 }, { amount: amount.times("1.0825") });
      assert.equal((await Price.objects.find(1))?.amount, "10.83");
    });
  });
});

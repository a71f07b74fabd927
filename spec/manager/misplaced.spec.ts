import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { and, count, not, or, rank, rowNumber, sum, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { User } from "./models.js";

const aggregates = [
  count().gt(1),
  sum(User.c.age).plus(1).eq(2),
  and(User.c.id.gt(1), or(not(sum(User.c.age).gt(1)), User.c.id.lt(9))),
];
const windows = [
  rank().over({ orderBy: User.c.id.asc() }).eq(1),
  not(rowNumber().over().gt(1)),
  sum(User.c.age).over().gt(1),
];

eachEngine((engine) => {
  describe("conditions on rows", () => {
    test("take no aggregate and no window function: a UsageError that says where they go, before any SQL", async () => {
      await using db = await open(engine, [User]);
      const users = db.objects(User);
      const sent = await statementsOf(db, async () => {
        for (const [conditions, place] of [
          [aggregates, /having/],
          [windows, /cte\(\)/],
        ] as const) {
          for (const where of conditions) {
            for (const ask of [
              () => users.getInstances({ where }),
              () => users.getInstances({ where: [User.c.id.gt(1), where] }),
              () => users.delete(where),
              () => users.aggregate({ n: count() }, { where }),
              () => users.setSql(User.select()).where(where).fetchall(),
              () => User.query().where(where).get(),
            ]) {
              const failure = await failureOf(async () => ask());
              assert.ok(failure instanceof UsageError, String(failure));
              assert.match(failure.message, place);
            }
          }
        }
      });
      assert.deepEqual(sent, []);
    });
  });
});

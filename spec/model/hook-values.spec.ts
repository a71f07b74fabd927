import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { integer, Manager, Model, text, ValidationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

/** A model of one test, so that no hook is left over for another. */
function makeModel() {
  class Trip extends Model(
    "trips",
    { id: integer().primaryKey(), title: text().check(z.string().trim().min(3)) },
    { softDelete: "cancelledAt" },
  ) {
    static override objects = new Manager(this);
  }
  return Trip;
}

eachEngine((engine) => {
  describe("hooks and the schemas of columns", () => {
    test("a hook gets values as they were given; what it sets goes through the schemas (S35)", async () => {
      const Trip = makeModel();
      await using _db = await open(engine, [Trip]);
      const seen: string[] = [];
      Trip.addHook("beforeInsert", (trip) => {
        seen.push(trip.title);
        trip.title += "! ";
      });
      Trip.addHook("afterInsert", (trip) => seen.push(trip.title));
      const trip = await Trip.objects.insert({ title: " to Vienna" });
      assert.deepEqual(seen, [" to Vienna", "to Vienna!"]);
      assert.equal((await trip.reload()).title, "to Vienna!");
    });

    test("what a hook sets and a schema refuses is not written (S35)", async () => {
      const Trip = makeModel();
      await using _db = await open(engine, [Trip]);
      Trip.addHook("beforeInsert", (trip) => {
        trip.title = "?";
      });
      assert.ok((await failureOf(() => Trip.objects.insert({ title: "to Vienna" }))) instanceof ValidationError);
      assert.equal(await Trip.objects.count(), 0);
    });
  });

  describe("hooks of a model with softDelete", () => {
    test("run where a row is hidden and shown again, also one that others have hidden since (S35)", async () => {
      const Trip = makeModel();
      await using _db = await open(engine, [Trip]);
      const seen: string[] = [];
      for (const event of ["beforeDelete", "afterDelete", "beforeRestore", "afterRestore"] as const)
        Trip.addHook(event, async (_, context) => {
          const within = Trip.objects.using(context.scope);
          seen.push(`${context.event}: ${await within.count()} of ${await within.withDeleted().count()}`);
        });
      const trip = await Trip.objects.insert({ title: "to Vienna" });
      await trip.delete();
      assert.deepEqual(seen.splice(0), ["beforeDelete: 1 of 1", "afterDelete: 0 of 1"]);
      await trip.restore();
      assert.deepEqual(seen.splice(0), ["beforeRestore: 0 of 1", "afterRestore: 1 of 1"]);
      await Trip.objects.delete({ id: trip.id });
      await trip.restore();
      assert.deepEqual(seen, ["beforeRestore: 0 of 1", "afterRestore: 1 of 1"]);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contains, HashedModel, integer, Model, text, UsageError, within } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Part extends HashedModel("closure_parts", { name: text(), partIds: text().default("") }) {
  get parts() {
    return contains(this, Part, "partIds");
  }
  get wholes() {
    return within(this, Part, "partIds");
  }
}

class Task extends Model("closure_tasks", { id: integer().primaryKey(), afterIds: text().default("") }) {
  get after() {
    return contains(this, Task, "afterIds");
  }
  get before() {
    return within(this, Task, "afterIds");
  }
}

class Shelf extends Model("closure_shelves", { id: integer().primaryKey(), taskIds: text().default("") }) {
  get tasks() {
    return contains(this, Task, "taskIds");
  }
}

const names = (parts: readonly Part[]): string =>
  parts
    .map(({ name }) => name)
    .sort()
    .join();
const idsOf = (tasks: readonly Task[]): number[] => tasks.map(({ id }) => id);

eachEngine((engine) => {
  describe("what is reached by going on along contains and within", () => {
    test("of hashed models: saving what a row contains gives it another id, and one query finds all (S58)", async () => {
      await using db = await open(engine, [Part]);
      const [bolt, nut] = await Part.insertMany([{ name: "bolt" }, { name: "nut" }]);
      assert.ok(bolt && nut);
      const joint = await Part.insert({ name: "joint", partIds: [bolt.id, nut.id].sort().join() });
      const frame = await Part.insert({ name: "frame" });
      const before = frame.id;
      frame.parts.secondary = [joint, bolt];
      await frame.parts.save();
      assert.notEqual(frame.id, before);
      assert.equal(await Part.find(before), null);
      assert.ok(await frame.verify());
      const sent = await statementsOf(db, async () => {
        assert.equal(names(await frame.parts.closure()), "bolt,joint,nut");
        assert.equal(names(await bolt.wholes.closure()), "frame,joint");
      });
      assert.equal(sent.length, 2);
      assert.deepEqual(await bolt.parts.closure(), []);
      assert.deepEqual(await new Part({ name: "new" }).wholes.closure(), []);
    });

    test("each once and in the order of the keys, circles too", async () => {
      await using _db = await open(engine, [Task]);
      const tasks = await Task.insertMany([
        { id: 1, afterIds: "3" },
        { id: 2, afterIds: "1" },
        { id: 3, afterIds: "2" },
        { id: 4, afterIds: "2,1" },
        { id: 12, afterIds: "4" },
      ]);
      const [one, , , four, twelve] = tasks;
      assert.ok(one && four && twelve);
      assert.deepEqual(idsOf(await one.after.closure()), [1, 2, 3]);
      assert.deepEqual(idsOf(await four.after.closure()), [1, 2, 3]);
      assert.deepEqual(idsOf(await one.before.closure()), [1, 2, 3, 4, 12]);
      assert.deepEqual(idsOf(await twelve.after.closure()), [1, 2, 3, 4]);
      assert.deepEqual(idsOf(await twelve.before.closure()), []);
    });

    test("of a relation to another model there is none", async () => {
      await using _db = await open(engine, [Shelf, Task]);
      const shelf = await Shelf.insert({});
      assert.ok((await failureOf(() => shelf.tasks.closure())) instanceof UsageError);
    });
  });
});

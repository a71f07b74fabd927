import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeletedModel, HashedModel, IntegrityError, integer, sql, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Paper extends HashedModel("tampered_papers", { title: text(), pages: integer() }, { history: true }) {}

eachEngine((engine) => {
  describe("what was tampered with", () => {
    test("is neither updated nor deleted, which would make it a row, or a record, that is right", async () => {
      await using db = await open(engine, [Paper]);
      const paper = await Paper.insert({ title: "a", pages: 1 });
      const { id } = paper;
      await db.query(sql`update tampered_papers set pages = 11 where id = ${id}`);
      assert.ok((await failureOf(() => paper.update({ title: "b" }))) instanceof IntegrityError);
      assert.ok((await failureOf(() => paper.delete())) instanceof IntegrityError);
      assert.ok((await failureOf(() => Paper.objects.delete({ id }))) instanceof IntegrityError);
      assert.equal(await Paper.objects.count(), 1);
      assert.deepEqual(await DeletedModel.records(Paper), []);
      assert.equal(await paper.verify(), false);
    });

    test("is no version to go back to", async () => {
      await using db = await open(engine, [Paper]);
      const paper = await Paper.insert({ title: "a", pages: 1 });
      const other = await Paper.insert({ title: "x", pages: 9 });
      const first = paper.id;
      await paper.update({ title: "b" });
      await other.update({ title: "y" });
      await db.query(
        sql`update deleted_records set record = (select o.record from deleted_records o where o.record_id <> ${first}) where record_id = ${first}`,
      );
      assert.ok((await failureOf(() => paper.history())) instanceof IntegrityError);
      assert.ok((await failureOf(() => paper.revertTo(first))) instanceof IntegrityError);
      assert.equal(paper.title, "b");
      assert.ok(await paper.verify());
    });

    test("is not what was assigned and not saved: a history is of what is stored", async () => {
      await using _ = await open(engine, [Paper]);
      const paper = await Paper.insert({ title: "a", pages: 1 });
      paper.pages = 99;
      assert.deepEqual(
        (await paper.history()).map(({ data }) => data.pages),
        [1],
      );
      assert.ok((await failureOf(() => new Paper({ title: "n", pages: 1 }).history())) instanceof UsageError);
    });
  });
});

test("the key of a hashed model can't be another column (S41)", () => {
  assert.throws(() => HashedModel("tampered_keys", { code: text().primaryKey(), pages: integer() }), UsageError);
});

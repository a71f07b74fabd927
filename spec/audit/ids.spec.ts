import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { idsByPython, idsByTypeScript, linesOf, noPython } from "./other-programs.js";
import { DEFAULTS, HashedSpecimen, portable, portableRow, someRecords, types } from "./specimen.js";

const records = someRecords(10_000);
const ids = records.map((record) => HashedSpecimen.generateId(record));

/** The same with the keys of all objects in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reversed(item)]));
}

/** The place of the first that differs: a comparison of all that differ would take minutes to print. */
function assertSame(actual: readonly string[]): void {
  assert.equal(actual.length, ids.length);
  const first = actual.findIndex((id, i) => id !== ids[i]);
  assert.equal(first, -1, `the id of record ${first}`);
}

describe(`the ids of ${records.length} random records`, () => {
  it("differ, as their contents do", () => {
    assert.equal(new Set(ids).size, records.length);
  });

  it("don't depend on the order of keys, in JSON neither (S41)", () => {
    assertSame(records.map((record) => HashedSpecimen.generateId(reversed(record) as object)));
  });

  it("are the same with defaults absent or given, and nulls absent or given (S41)", () => {
    assertSame(records.map((record) => HashedSpecimen.generateId({ ...DEFAULTS, ...record })));
    const withoutNulls = records.map((record) =>
      Object.entries(record).filter(([property, value]) => value !== null || property === "aCount"),
    );
    assertSame(withoutNulls.map((entries) => HashedSpecimen.generateId(Object.fromEntries(entries))));
  });

  it("depend neither on an id that is given nor on what is excluded (S41)", () => {
    assertSame(records.map((record, i) => HashedSpecimen.generateId({ ...record, id: `${i}`, aNote: `${i}` })));
  });

  it("are the same in another process", async () => {
    const lines = records.map((record) => `${JSON.stringify(portable(record))}\n`);
    assertSame(await linesOf(process.execPath, ["--import", "tsx", "spec/audit/print-ids.ts"], lines.join("")));
  });

  eachEngine((engine) => {
    it("are those that are stored, and are made again of what is read (S41)", async (t) => {
      await using _db = await open(engine, [HashedSpecimen]);
      const { objects } = HashedSpecimen;
      for (let at = 0; at < records.length; at += 1000) {
        const inserted = await objects.insertMany(records.slice(at, at + 1000));
        assert.deepEqual(
          inserted.map(({ id }) => id),
          ids.slice(at, at + 1000),
        );
      }
      const rows = new Map((await objects.getInstances()).map((row) => [row.id, row]));
      const read = ids.flatMap((id) => rows.get(id) ?? []);
      assertSame(read.map(({ data }) => HashedSpecimen.generateId(data)));
      for await (const problem of objects.verifyAll()) assert.fail(problem.reason);
      for (const row of read.filter((_, i) => i % 100 === 0)) assert.equal(await row.verify(), true);
      if (engine.name === "sqlite memory") return; // What other programs get of it is what they get of the file.

      const typed = read.map(({ data }) => ({ types, row: portableRow(data) }));
      assertSame(await idsByTypeScript(typed));
      if (noPython === undefined) assertSame(await idsByPython(typed));
      else t.diagnostic(noPython);
    });
  });
});

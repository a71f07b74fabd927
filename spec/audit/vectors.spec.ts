import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { idsByPython, idsByTypeScript, noPython } from "./other-programs.js";
import { modelOf, plainRow, readVectors, toPortable, typesOf, valuesOf } from "./vectors.js";

const vectors = await readVectors();
const rows = vectors.map((vector) => ({ types: typesOf(vector), row: plainRow(vector) }));
const expected = vectors.map(({ title, id }) => ({ title, id }));
const titled = (ids: readonly string[]) => ids.map((id, i) => ({ title: vectors[i]?.title, id }));

describe("golden vectors of ids", () => {
  it("are there, each with a title and a content of its own", () => {
    assert.ok(vectors.length > 150);
    assert.equal(new Set(vectors.map(({ title }) => title)).size, vectors.length);
  });

  for (const vector of vectors)
    it(`${vector.title} has the preimage and the id that are pinned (S41)`, () => {
      const model = modelOf(vector);
      const values = valuesOf(vector);
      const preimage = Buffer.from(model.preimage(values)).toString("hex");
      if (vector.preimage.endsWith("…")) assert.ok(preimage.startsWith(vector.preimage.slice(0, -1)));
      else assert.equal(preimage, vector.preimage);
      assert.equal(model.generateId(values), vector.id);
    });

  it("are what the program of docs/audit.md makes of the rows, without rowkeeper", async () => {
    assert.deepEqual(titled(await idsByTypeScript(rows)), expected);
  });

  it("are what its program in Python makes of them", { skip: noPython ?? false }, async () => {
    assert.deepEqual(titled(await idsByPython(rows)), expected);
  });

  eachEngine((engine) => {
    it("are the ids of what is stored, and the rows are what is read (S41)", async () => {
      const tables = vectors.map((vector, i) => ({ vector, model: modelOf(vector, `vectored_${i}`) }));
      await using _db = await open(
        engine,
        tables.map(({ model }) => model),
      );
      for (const { vector, model } of tables) {
        const { id } = await model.objects.insert(valuesOf(vector));
        assert.equal(id, vector.id, vector.title);
        const [read] = await model.objects.getInstances();
        assert.equal(await read?.verify(), true, vector.title);
        const data: Record<string, unknown> = { ...read?.data };
        const types = typesOf(vector);
        const hashed = Object.keys(vector.columns).filter((property) => !property.startsWith("excluded"));
        const row = plainRow(vector);
        for (const property of hashed) {
          const said = vector.columns[property];
          const name = (typeof said === "object" ? said.name : undefined) ?? property;
          assert.deepEqual(toPortable(types[name] ?? "", data[property]), row[name] ?? null, vector.title);
        }
      }
    });
  });
});

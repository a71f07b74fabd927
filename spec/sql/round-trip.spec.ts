import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type Database, type Row, sql } from "../../src/index.js";
import { eachEngine, makeSchema } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { anyDecimal, anyPrice, anySpecimen, type NewSpecimen, Specimen } from "./specimen.js";

type SpecimenRow = Row<typeof Specimen>;

/** The row by every way of reading, of which all must give the same. */
async function readEveryWay(db: Database, id: number): Promise<SpecimenRow[]> {
  const specimens = db.objects(Specimen);
  const where = { id };
  const found = await specimens.find(id);
  const [instance] = await specimens.getInstances({ where });
  const [item] = await specimens.getItems({ where });
  const chained = await specimens.setSql(Specimen.select()).where(where).fetchone();
  const updated = await specimens.update(where, { id }, { fetch: true });
  const streamed: SpecimenRow[] = [];
  for await (const specimen of specimens.stream({ where })) streamed.push(specimen.data);
  const rows = [found?.data, instance?.data, item, chained, updated[0]?.data, ...streamed];
  return rows.map((row) => row ?? assert.fail("a way of reading gave no row"));
}

/** What is read back is what was written, but for -0, the forms of numbers, and the case of UUIDs. */
function expectSame(written: NewSpecimen, read: SpecimenRow): void {
  assert.deepEqual(comparable(read, false), comparable(written, true));
}

/** Without the numerics, whose form is PostgreSQL's to say. */
function comparable(values: NewSpecimen, isWritten: boolean): unknown {
  const { id, aNumeric, aPrice, numerics, prices, ...others } = values;
  const lower = (value: string | null) => (isWritten && value !== null ? value.toLowerCase() : value);
  const zero = (value: number | null) => (isWritten && value === 0 ? 0 : value);
  const plain = (value: unknown): unknown => (isWritten ? JSON.parse(JSON.stringify(value)) : value);
  return {
    ...others,
    anInteger: zero(others.anInteger ?? null),
    aReal: zero(others.aReal ?? null),
    integers: others.integers?.map(zero) ?? null,
    reals: others.reals?.map(zero) ?? null,
    aJson: plain(others.aJson ?? null),
    jsons: plain(others.jsons ?? null),
    aUuid: lower(others.aUuid ?? null),
    uuids: others.uuids?.map(lower) ?? null,
    someBytes: hex(others.someBytes ?? null),
    blobs: others.blobs?.map(hex) ?? null,
  };
}

const hex = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString("hex"));

eachEngine((engine) => {
  describe("values", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    test("of every type are the same however they are read, nulls and extremes included (S21, B10)", async () => {
      await fc.assert(
        fc.asyncProperty(anySpecimen, async (values) => {
          const inserted = await db.objects(Specimen).insert(values);
          for (const row of await readEveryWay(db, inserted.id)) {
            assert.deepEqual(row, inserted.data);
            expectSame(values, row);
          }
        }),
        { numRuns: 60 },
      );
    });

    test("of every type survive insertMany, one parameter per column or per value (S17)", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anySpecimen, { minLength: 2, maxLength: 4 }), async (rows) => {
          const inserted = await db.objects(Specimen).insertMany(rows);
          const items = await db.objects(Specimen).findMany(inserted.map(({ id }) => id));
          rows.forEach((row, i) => {
            expectSame(row, inserted[i]?.data ?? assert.fail("a row is missing"));
            assert.deepEqual(items[i]?.data, inserted[i]?.data);
          });
        }),
        { numRuns: 40 },
      );
    });

    test("of every type survive an upsert, and an update of one instance", async () => {
      await fc.assert(
        fc.asyncProperty(anySpecimen, anySpecimen, async (first, second) => {
          const { id } = await db.objects(Specimen).insert(first);
          expectSame(second, (await db.objects(Specimen).upsert({ id, ...second })).data);
          const instance = (await db.objects(Specimen).find(id)) ?? assert.fail("it is not there");
          await instance.update(first);
          expectSame(first, instance.data);
          expectSame(first, (await instance.reload()).data);
          assert.deepEqual(instance.changes, {});
        }),
        { numRuns: 40 },
      );
    });
  });
});

describe("values of every type", () => {
  const databases: Database[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  before(async () => {
    const directory = await mkdtemp(join(tmpdir(), "rowkeeper-"));
    const schema = await makeSchema();
    undo.push(() => rm(directory, { recursive: true }), schema.drop);
    for (const url of [schema.url, "sqlite::memory:", `sqlite:${join(directory, "spec.db")}`]) {
      databases.push(await openAt(url, [Specimen]));
    }
  });
  after(async () => {
    for (const db of databases) await db.close();
    for (const step of undo) await step();
  });

  test("are read back the same, to the bit, from all engines; a numeric in PostgreSQL's form (B10)", async () => {
    await fc.assert(
      fc.asyncProperty(anySpecimen, async (values) => {
        const rows: SpecimenRow[] = [];
        for (const db of databases) {
          const { id } = await db.objects(Specimen).insert(values);
          const item = await db.objects(Specimen).getItem({ where: { id } });
          rows.push({ ...(item ?? assert.fail("it is not there")), id: 0 });
        }
        const [postgres, ...others] = rows;
        for (const other of others) {
          assert.deepStrictEqual(other, postgres);
          // Keys in the same order, too.
          assert.equal(JSON.stringify([other.aJson, other.jsons]), JSON.stringify([postgres?.aJson, postgres?.jsons]));
        }
      }),
      { numRuns: 150 },
    );
  });

  test("that are decimals are what PostgreSQL itself makes of them, rounded half away from zero (B10)", async () => {
    const [postgres, ...others] = databases;
    await fc.assert(
      fc.asyncProperty(anyDecimal, anyPrice, async (aNumeric, aPrice) => {
        const [wanted] = await (postgres ?? assert.fail()).query(
          sql`select ${aNumeric}::numeric::text as "aNumeric", ${aPrice}::numeric(12, 3)::text as "aPrice"`,
        );
        for (const db of others) {
          const { id } = await db.objects(Specimen).insert({ aNumeric, aPrice });
          assert.deepEqual(
            await db.objects(Specimen).getItem({ where: { id }, columns: ["aNumeric", "aPrice"] }),
            wanted,
          );
        }
      }),
      {
        numRuns: 200,
        examples: [
          ["1e3", "0.0005"],
          ["-0.00", "-0.0005"],
          ["1.50e1", "1.9995"],
          [".5", "2.0015"],
        ],
      },
    );
  });
});

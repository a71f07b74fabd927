import fc from "fast-check";
import { array, bigint, HashedModel, integer, json, real, text, timestamp } from "../../src/index.js";
import type { ColumnType } from "../../src/sql/column-type.js";
import { sourceOf } from "../../src/sql/source.js";
import type { TableColumn } from "../../src/sql/table.js";
import { anySpecimen, anyText, Specimen } from "../sql/specimen.js";
import { fromPortable, type PortableRow, toPortable } from "./vectors.js";

const { id: _, ...columns } = Specimen.columns;

/** A column of every type, and defaults; ids are made of all but the note. */
export class HashedSpecimen extends HashedModel("hashed_specimens", {
  ...columns,
  aTitle: text().default("none"),
  aCount: integer().nullable().default(0),
  aWeight: real().default(-0),
  aSum: bigint().default(2n ** 53n + 1n),
  aTime: timestamp().default(new Date(-1)),
  aMap: json<fc.JsonValue>().default({ b: 1, a: [null] }),
  aList: array(text()).default(() => ["a"]),
  aNote: text().nullable().excludedFromHash(),
}) {}

/** What a record has where it doesn't say otherwise. */
export const DEFAULTS = {
  aTitle: "none",
  aCount: 0,
  aWeight: 0,
  aSum: 9007199254740993n,
  aTime: new Date(-1),
  aMap: { a: [null], b: 1 },
  aList: ["a"],
};

const anyRecord = fc
  .tuple(
    anySpecimen,
    fc.record(
      {
        aTitle: fc.constantFrom("none", "other"),
        aCount: fc.constantFrom(0, 1, null),
        aWeight: fc.constantFrom(0, 1.5),
        aList: fc.constantFrom<string[]>(["a"], ["b"]),
        aNote: anyText,
      },
      { requiredKeys: [] },
    ),
  )
  .map(([specimen, others]) => ({ ...specimen, ...others }));

type Given = typeof anyRecord extends fc.Arbitrary<infer T> ? T : never;

/** Random records of values of all types, the same at each run. */
export function someRecords(count: number): Given[] {
  return fc.sample(anyRecord, { numRuns: count, seed: 20_260_101 });
}

const typeText = (type: ColumnType): string => (type.kind === "array" ? `array(${typeText(type.element)})` : type.kind);

const { table } = sourceOf(HashedSpecimen);
const isHashed = (column: TableColumn): boolean => table.content?.hashed.has(column) === true;

/** Values as JSON can have them, for another process. */
export function portable(values: object): PortableRow {
  return convert(values, toPortable);
}

/** The values of `portable`. */
export function given(row: PortableRow): object {
  return convert(row, fromPortable);
}

function convert(values: object, how: typeof toPortable): PortableRow {
  const entries = Object.entries(values).map(([property, value]): [string, unknown] => {
    const { type } = table.column(property);
    return [property, how(typeText(type), value)];
  });
  return Object.fromEntries(entries);
}

/** The types of what ids are made of, by the columns' names in the database. */
export const types: Readonly<Record<string, string>> = Object.fromEntries(
  table.columns.filter(isHashed).map(({ name, type }) => [name, typeText(type)]),
);

/** A row that was read, by the columns' names, as JSON. */
export function portableRow(data: object): PortableRow {
  const hashed = table.columns.filter(isHashed);
  return Object.fromEntries(
    hashed.map(({ name, property, type }) => [name, toPortable(typeText(type), Reflect.get(data, property))]),
  );
}

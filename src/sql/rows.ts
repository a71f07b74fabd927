import type { DriverField, DriverResult } from "../drivers/driver.js";
import type { ColumnKind } from "./column-type.js";
import type { Decoder } from "./decode.js";
import type { Dialect } from "./dialect.js";
import type { CompiledStatement } from "./statement-state.js";
import type { Table } from "./table.js";

type Item = Record<string, unknown>;

/** How one place of a row becomes a property of a plain object. */
interface Place {
  readonly property: string;
  readonly decode: Decoder | undefined;
}

/** Rows as plain objects, of columns or of other places. */
export function itemsOf(places: readonly Place[], rows: readonly (readonly unknown[])[]): Item[] {
  return rows.map((row) => {
    const item: Item = {};
    for (let i = 0; i < places.length; i++) {
      const { property, decode } = places[i] as Place;
      const raw = row[i];
      item[property] = raw === null || decode === undefined ? raw : decode(raw);
    }
    return item;
  });
}

/** The values of a row of a table, by property; undefined where a column was not selected. */
export function valuesOf(table: Table, row: readonly unknown[]): Item {
  const values: Item = {};
  for (const { property, index, decode } of table.columns) {
    const raw = row[index];
    values[property] = raw === null || raw === undefined || decode === undefined ? raw : decode(raw);
  }
  return values;
}

/** What is known of the tables that SQL text may read: the model it was given to, and all that are bound. */
export interface KnownTables {
  readonly dialect: Dialect;
  /** The bound model's table of this name. */
  tableNamed(name: string): Table | undefined;
}

/** Kinds that SQLite keeps as numbers or text, and PostgreSQL's types tell apart. */
const KEPT_OTHERWISE: ReadonlySet<ColumnKind> = new Set(["boolean", "timestamp", "json", "array"]);

/**
 * The places of the rows of SQL text. A column of the model it was given to is read, and named, as the model has it; all
 * else has the name that the SQL gives it, and is read by the type that the engine, or the bound table it is from, tells.
 */
function untypedPlaces(fields: readonly DriverField[], known: KnownTables, own: Table | undefined): readonly Place[] {
  const { dialect } = known;
  return fields.map((field) => {
    const column = own?.columns.find(({ name }) => name === field.name);
    if (column !== undefined && own !== undefined && dialect.isColumn(field, own.name, column.name, column.type)) {
      return column;
    }
    return { property: field.name, decode: boundDecoder(field, known) ?? dialect.untypedDecoder(field) };
  });
}

function boundDecoder({ table, column: name }: DriverField, known: KnownTables): Decoder | undefined {
  if (!table || !name) return undefined;
  const column = known.tableNamed(table)?.columns.find((candidate) => candidate.name === name);
  return column !== undefined && KEPT_OTHERWISE.has(column.type.kind) ? column.decode : undefined;
}

/** The rows that a statement gave, as plain objects. */
export function resultItems(
  statement: Pick<CompiledStatement, "output">,
  result: DriverResult,
  known: KnownTables,
  own?: Table,
): Item[] {
  // What was asked for nothing may give rows all the same, of rowkeeper's own.
  if (statement.output?.length === 0) return [];
  return itemsOf(statement.output ?? untypedPlaces(result.fields ?? [], known, own), result.rows);
}

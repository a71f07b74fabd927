import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { ColumnType } from "./column-type.js";
import { type DdlDialect, quoteIdentifier, type TypedColumn } from "./dialect.js";
import { typeName } from "./type-name.js";

const TYPES: Partial<Record<ColumnType["kind"], string>> = {
  integer: "integer",
  bigint: "integer",
  boolean: "integer",
  real: "real",
  bytes: "blob",
};

const storedType = (type: ColumnType): string => TYPES[type.kind] ?? "text";

const STORED_AS_NAMED: ReadonlySet<ColumnType["kind"]> = new Set(["integer", "real", "text", "bytes"]);

/** SQLite keeps a table's text with its comments, from which `reflect` reads what the stored type doesn't tell. */
function columnType({ type }: TypedColumn): string {
  const stored = storedType(type);
  return STORED_AS_NAMED.has(type.kind) ? stored : `${stored} /* ${typeName(type).replaceAll("/", "\\/")} */`;
}

function literal(value: DriverValue): string {
  if (value === null) return "null";
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString("hex")}'`;
  if (typeof value === "number" && !Number.isFinite(value)) return value > 0 ? "9e999" : "-9e999";
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function typeCheck({ type }: TypedColumn, quoted: string): string | undefined {
  if (type.kind === "oneOf") return `${quoted} in (${type.values.map(literal).join(", ")})`;
  if (type.kind === "varchar") return `length(${quoted}) <= ${type.length}`;
  return type.kind === "boolean" ? `${quoted} in (0, 1)` : undefined;
}

export const sqliteDdl: DdlDialect = {
  columnType,
  // "integer primary key" would be another name for the rowid, and take a null for "make one up".
  keyType: (column) => columnType(column).replace(/^integer/, "int"),
  // Without autoincrement the key of a deleted last row would be given out again.
  generatedKey: (column) => `${columnType(column)} primary key autoincrement`,
  typeCheck,
  now: (type) => (type.kind === "date" ? "(date('now'))" : "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"),
  literal,
  tableOptions: " strict",
  createSchema: () => undefined,
  indexOn: (name, table, schema) =>
    `${schema === undefined ? "" : `${quoteIdentifier(schema)}.`}${quoteIdentifier(name)} on ${quoteIdentifier(table)}`,
  canReferAhead: true,
  // References stay within a database file, and are named without it.
  referred(target, table) {
    if (target.schema === table.schema) return quoteIdentifier(target.name);
    throw new UsageError(`${table.name} can't refer to ${target.name}, which is in another database file`);
  },
  addReference: () => "",
  lock: [],
  // Dropping deletes the rows first, which a row of another table of the circle may refer to; and what then happens to such
  // rows wants all tables that these refer to. So each leaves one without references in its place, until none has any.
  dropCircle: (tables) => [
    "pragma defer_foreign_keys = on",
    ...tables.flatMap(({ create }) => create),
    ...tables.map(({ quoted }) => `delete from ${quoted}`),
    ...tables.flatMap(({ quoted, createBare }) => [`drop table ${quoted}`, ...createBare]),
    ...tables.map(({ quoted }) => `drop table ${quoted}`),
  ],
};

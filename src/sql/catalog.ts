import { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import { checkerOf } from "./check-value.js";
import type { ColumnDefault, ReferenceAction } from "./column-default.js";
import type { ColumnType } from "./column-type.js";
import { decodingOf } from "./decode.js";

/** A column as a database has it. */
export interface CatalogColumn {
  readonly name: string;
  /** The type of it, or the nearest. */
  readonly type: ColumnType;
  /** The database's own name of the type, where no column has exactly this type. */
  readonly databaseType?: string | undefined;
  /** The same, where values can be written as it. */
  readonly postgresType?: string | undefined;
  readonly nullable: boolean;
  readonly default?: ColumnDefault | undefined;
  /** Whether the database numbers it. */
  readonly isGenerated: boolean;
}

/** What is indexed: a column, or SQL text. */
export type CatalogIndexItem =
  | { readonly column: string; readonly direction: "asc" | "desc" }
  | { readonly sql: string; readonly column?: undefined };

export interface CatalogIndex {
  readonly name: string;
  readonly unique: boolean;
  /** The method, where it is not the engine's usual one. */
  readonly using?: string | undefined;
  readonly items: readonly CatalogIndexItem[];
  readonly where?: string | undefined;
}

export interface CatalogForeignKey {
  readonly columns: readonly string[];
  readonly schema: string | undefined;
  readonly table: string;
  /** The columns referred to; undefined: the other table's key. */
  readonly referenced: readonly string[] | undefined;
  readonly onDelete: ReferenceAction | undefined;
  readonly onUpdate: ReferenceAction | undefined;
}

/** A table as a database has it. */
export interface CatalogTable {
  readonly name: string;
  /** The schema, where it was asked for by name or is not the one that tables are looked for in. */
  readonly schema: string | undefined;
  readonly columns: readonly CatalogColumn[];
  readonly key: readonly string[];
  readonly uniques: readonly (readonly string[])[];
  /** The conditions that every row fulfils, but for those that are a column's type. */
  readonly checks: readonly string[];
  readonly indexes: readonly CatalogIndex[];
  readonly foreignKeys: readonly CatalogForeignKey[];
}

/** Which tables to read. */
export interface CatalogScope {
  /** The schemas, or attached databases; undefined: that which tables are made in. */
  readonly schemas: readonly string[] | undefined;
  /** The names of the tables, without schemas; undefined: all. */
  readonly names: readonly string[] | undefined;
}

/** How the tables of a database are read: by one select, each of whose rows is a table. */
export interface CatalogDialect {
  select(scope: CatalogScope): { readonly text: string; readonly values: readonly DriverValue[] };
  read(row: readonly unknown[], scope: CatalogScope): CatalogTable;
  /** A default as a column has it. */
  default(type: ColumnType, text: string): ColumnDefault | undefined;
  /**
   * Where SQL is read as the database wrote it anew, so that it can be compared only with what it makes of a temporary
   * table: the schema of such tables, and a select of its own name. Undefined where SQL is read as it was written.
   */
  readonly temporary: { readonly schema: string; readonly select: string } | undefined;
}

/** SQL text without values. */
export const sqlOf = (text: string): Sql => new Sql([text], []);

export const computedBy = (text: string): ColumnDefault => ({ by: "sql", sql: sqlOf(text), isComputed: true });

/** A default that is a literal, as its column's values are; undefined where the column can't hold it. */
export function literalDefault(type: ColumnType, raw: unknown): ColumnDefault | undefined {
  try {
    const { decode } = decodingOf(type);
    return { by: "value", value: checkerOf(type)(decode === undefined ? raw : decode(raw), "a default") };
  } catch {
    // What other programs have as a default, such as 'infinity', may be no value at all: it stays SQL.
    return undefined;
  }
}

const ACTIONS: readonly ReferenceAction[] = ["cascade", "restrict", "set null", "set default"];

/** An action of a foreign key, in the engine's words; undefined where it is none. */
export function actionOf(words: string): ReferenceAction | undefined {
  return ACTIONS.find((action) => action === words.toLowerCase());
}

/** A row's field that holds JSON, as the select wrote it. */
export function jsonList<T>(field: unknown): readonly T[] {
  return field === null ? [] : JSON.parse(String(field));
}

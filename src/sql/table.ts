import type { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError, wrongInput } from "../errors.js";
import { checkOptions, didYouMean, kindOf, quoted, snakeCase } from "../text.js";
import { checkTable } from "./check-table.js";
import { Codec } from "./codec.js";
import type { ColumnType } from "./column-type.js";
import { Column, type ColumnSettings, timestamp } from "./columns.js";
import { and, type Condition } from "./conditions.js";
import type { ContentOf } from "./content.js";
import type { Decoder } from "./decode.js";
import { type Dialect, quoteIdentifier } from "./dialect.js";
import { type ForeignKey, type ForeignKeyOptions, foreignKeysOf } from "./foreign-keys.js";
import { LONGEST_NAME } from "./made-name.js";
import { ValueExpression } from "./value-expression.js";
import type { ValueInfo } from "./value-info.js";
import type { SqlWriter, TablePath } from "./writer.js";

const NO_VALUES = "the SQL of a check or an index takes no values: they can't be bound there";

/** An index over several columns. */
export interface IndexOptions {
  /**
   * The properties, each with `-` before it where it is to be descending; or SQL without values, as it stands in the
   * parentheses of `create index`: sql`lower(name)`, sql`(price * stock) desc`.
   */
  readonly columns: readonly (string | Sql)[];
  readonly unique?: boolean;
  /** The index's name; else made of the table's and the columns'. */
  readonly name?: string;
  /** Only rows that fulfil this are indexed; SQL without values. */
  readonly where?: Sql;
  /** The method, such as `gin`; default a B-tree. PostgreSQL only. */
  readonly using?: string;
}

/** What spans columns. */
export interface TableOptions {
  /** The properties that make up the primary key, where it is more than one column. */
  readonly primaryKey?: readonly string[];
  readonly indexes?: readonly (IndexOptions | readonly (string | Sql)[])[];
  /** Lists of properties of which no two rows have the same values. */
  readonly unique?: readonly (readonly string[])[];
  /** Conditions that every row fulfils, as SQL without values. */
  readonly checks?: readonly Sql[];
  /** References of several columns, together, to the keys of other models. */
  readonly foreignKeys?: readonly ForeignKeyOptions[];
  /** The schema on PostgreSQL; an attached database on SQLite. */
  readonly schema?: string;
  /**
   * The property of the time at which a row was deleted. Such rows stay in the table, hidden from every query but those of
   * `withDeleted()`. The column is made where it is not declared.
   */
  readonly softDelete?: string;
  /**
   * Keeps the times at which a row was inserted and last updated, in `createdAt` and `updatedAt` or in the properties that
   * are named; false keeps one of them not. The columns are made where they are not declared.
   */
  readonly timestamps?: boolean | TimestampOptions;
}

/** The properties of the times that a model keeps. */
export interface TimestampOptions {
  readonly createdAt?: string | false;
  readonly updatedAt?: string | false;
}

export const TABLE_OPTIONS = [
  "primaryKey",
  "indexes",
  "unique",
  "checks",
  "foreignKeys",
  "schema",
  "softDelete",
  "timestamps",
] as const;

/**
 * The properties of the times that a model keeps.
 *
 * @throws TypeError for an unknown option, or what is no name
 * @throws UsageError where both are the same
 */
function keptTimes({ timestamps = false }: TableOptions): { createdAt?: string; updatedAt?: string } {
  if (timestamps === false) return {};
  const said = timestamps === true ? {} : timestamps;
  if (typeof said !== "object" || said === null)
    throw new TypeError(`timestamps is true, or an object such as { createdAt: "made" }, not ${kindOf(said)}`);
  checkOptions("timestamps", said, ["createdAt", "updatedAt"]);
  const { createdAt = "createdAt", updatedAt = "updatedAt" } = said;
  if (createdAt !== false) checkProperty("createdAt", createdAt);
  if (updatedAt !== false) checkProperty("updatedAt", updatedAt);
  if (createdAt !== false && createdAt === updatedAt)
    throw new UsageError(`${quoted(createdAt)} can't be both the time of the insert and of the last update`);
  return { ...(createdAt === false ? {} : { createdAt }), ...(updatedAt === false ? {} : { updatedAt }) };
}

/** @throws TypeError where it is no text */
function checkProperty(option: string, name: unknown): void {
  if (typeof name !== "string") throw new TypeError(`${option} is the name of a property, not ${kindOf(name)}`);
}

export type DeclaredColumns = Readonly<Record<string, Column<unknown, boolean, boolean>>>;

/** The columns, with those besides that the options ask for. @throws UsageError where one of them is no timestamp */
function columnsWith(columns: DeclaredColumns, options: TableOptions): DeclaredColumns {
  const made: Record<string, Column<unknown, boolean, boolean>> = { ...columns };
  for (const property of Object.values(keptTimes(options))) {
    const { settings } = made[property] ?? timestamp();
    made[property] = new Column({ ...settings, default: settings.default ?? { by: "clock" } });
  }
  if (options.softDelete !== undefined) {
    checkProperty("softDelete", options.softDelete);
    made[options.softDelete] ??= timestamp().nullable();
  }
  return made;
}

/** What a table is known by in a statement, where that is not its own name and columns. */
interface TableView {
  /** The name that a statement gives it. */
  readonly alias?: string;
  /** How the values of its columns are checked and read, where they are computed. */
  readonly codecs?: ReadonlyMap<string, Codec>;
  /** The way to it, where a statement has it joined only if a column of it is written. */
  readonly path?: TablePath;
  /** It was read from a database, which may have what no model may: names of any length, keys that can't be compared. */
  readonly isFound?: boolean;
  /** Its keys are made of the rows' content. */
  readonly contentOf?: (table: Table) => Content;
}

/** @throws UsageError for a name that a database would refuse or cut off */
export function checkName(name: string, what: string): string {
  if (typeof name !== "string" || name === "" || name.includes("\0") || !name.isWellFormed()) {
    throw new UsageError(`${what} needs a name that is text, not empty and without NUL`);
  }
  if (Buffer.byteLength(name) > LONGEST_NAME)
    throw new UsageError(`${what} ${JSON.stringify(name)} is longer than 63 bytes`);
  return name;
}

/** A column of a table, with all that can be worked out once. */
export class TableColumn implements ValueInfo {
  readonly type: ColumnType;
  /** The name in the database. */
  readonly name: string;
  /** For messages: "users.numProducts". */
  readonly label: string;
  /** `"num_products"` */
  readonly quoted: string;
  /** `"users"."num_products"` */
  readonly qualified: string;
  readonly nullable: boolean;
  readonly isColumn: boolean;
  readonly decode: Decoder | undefined;
  readonly isObject: boolean;
  /** The expression `User.c.numProducts`. */
  readonly reference: ValueExpression;

  constructor(
    /** The name of its table in a statement. */
    readonly table: string,
    /** Its place in the table's columns, and in the rows of a select of all of them. */
    readonly index: number,
    /** The property in models. */
    readonly property: string,
    readonly settings: ColumnSettings,
    readonly isKey: boolean,
    /** How its values are checked, sent and read. */
    readonly codec: Codec = new Codec(settings.type),
    /** Whether it holds the key of another row, or a part of it. */
    readonly isForeign = false,
    /** The way to its table, where that may not be joined yet. */
    readonly path?: TablePath,
  ) {
    this.type = settings.type;
    this.label = `${table}.${property}`;
    this.name = settings.name ?? snakeCase(property);
    this.quoted = quoteIdentifier(this.name);
    this.qualified = `${quoteIdentifier(table)}.${this.quoted}`;
    this.nullable = (settings.nullable === true && !isKey) || path !== undefined;
    this.isColumn = path === undefined;
    this.decode = codec.decode;
    this.isObject = codec.isObject;
    this.reference = new ValueExpression(this);
  }

  writeTo(writer: SqlWriter): void {
    const { path, property, qualified } = this;
    const inner = writer.innerRows(path?.root ?? this.table);
    if (inner !== undefined) inner.column(property, path).writeTo(writer);
    else if (path === undefined) writer.write(qualified);
    else writer.column(path, qualified);
  }

  /** @throws TypeError for a value that the column can't hold, which calls the column by `name` */
  check(value: unknown, name = this.label): void {
    this.codec.check(value, name);
  }

  /** A value as the database would give it back. @throws TypeError for a value that the column can't hold */
  canonical(value: unknown): unknown {
    return this.codec.check(value, this.label);
  }

  /** A value as the driver takes it. @throws TypeError for a value that the column can't hold */
  encode(dialect: Dialect, value: unknown): DriverValue {
    return this.codec.encode(dialect, value, this.label);
  }
}

/** How the keys of rows are made of their other values. */
export type Content = ContentOf<TableColumn>;

/** A table as a model declares it; made once per model class. */
export class Table {
  /** The name in the database, without the schema. */
  readonly name: string;
  readonly schema: string | undefined;
  /** The name as statements have it: `"users"`, `"app"."users"`. */
  readonly quoted: string;
  readonly columns: readonly TableColumn[];
  /** All columns as a select lists them: `"users"."id", "users"."name"`. */
  readonly selectList: string;
  readonly key: readonly TableColumn[];
  /** The key that the database generates, where it does. */
  readonly generated: TableColumn | undefined;
  /** Those that the database computes of others. */
  readonly computed: readonly TableColumn[];
  /** The columns whose values go through schemas. */
  readonly validated: readonly TableColumn[];
  /** Whether a column holds 64-bit integers, so that rows must be read with bigints. */
  readonly hasBigint: boolean;
  readonly options: TableOptions;
  /** The columns by their properties, also those that the options ask for. */
  readonly declared: DeclaredColumns;
  /** The name by which the columns of a statement are told apart: the table's, or its alias. */
  readonly alias: string;
  /** The table as it stands after `from`: `"users"`, `"users" as "boss"`. */
  readonly from: string;
  /** The times that are kept: of the insert, of the last update, of the deletion that only hides a row. */
  readonly createdAt: TableColumn | undefined;
  readonly updatedAt: TableColumn | undefined;
  readonly deletedAt: TableColumn | undefined;
  /** The way to it, where it stands at the end of one. */
  readonly path: TablePath | undefined;
  /** The references to other tables, of one column or several. */
  readonly foreignKeys: readonly ForeignKey<TableColumn>[];
  /** How keys are made of the rows' content, where they are. */
  readonly content: Content | undefined;
  readonly #byProperty: ReadonlyMap<string, TableColumn>;
  readonly #isFound: boolean;

  constructor(name: string, declared: DeclaredColumns, options: TableOptions = {}, view: TableView = {}) {
    const { isFound = false } = view;
    this.#isFound = isFound;
    const parts = isFound ? [name] : checkName(name, "a table").split(".");
    checkTable(name, declared, options);
    this.name = parts.pop() ?? name;
    this.schema = options.schema ?? (parts.length > 0 ? parts.join(".") : undefined);
    this.quoted = [this.schema, this.name]
      .flatMap((part) => (part === undefined ? [] : [quoteIdentifier(part)]))
      .join(".");
    this.options = options;
    this.alias = view.alias ?? this.name;
    this.path = view.path;
    this.from = view.alias === undefined ? this.quoted : `${this.quoted} as ${quoteIdentifier(view.alias)}`;
    const columns = columnsWith(declared, options);
    this.declared = columns;
    const keys =
      options.primaryKey ?? Object.keys(columns).filter((property) => columns[property]?.settings.primaryKey);
    const { foreignKeys = [] } = options;
    this.columns = Object.entries(columns).map(([property, { settings }], i) => {
      const isForeign = settings.reference !== undefined || foreignKeys.some((key) => key.columns.includes(property));
      const codec = view.codecs?.get(property);
      const isKey = keys.includes(property);
      if (!isFound) checkName(settings.name ?? snakeCase(property), `column ${this.alias}.${property}`);
      return new TableColumn(this.alias, i, property, settings, isKey, codec, isForeign, view.path);
    });
    this.selectList = this.columns.map(({ qualified }) => qualified).join(", ");
    this.#byProperty = new Map(this.columns.map((column) => [column.property, column]));
    this.key = keys.map((property) => this.column(property));
    this.generated = this.#findGenerated();
    this.computed = this.columns.filter(
      ({ settings: { default: given } }) => given?.by === "sql" && given.isComputed === true,
    );
    this.foreignKeys = foreignKeysOf(this.columns, foreignKeys, (property) => this.column(property), !isFound);
    const { createdAt, updatedAt } = keptTimes(options);
    this.createdAt = this.#time(createdAt);
    this.updatedAt = this.#time(updatedAt);
    this.deletedAt = this.#time(options.softDelete);
    const { deletedAt } = this;
    if (deletedAt !== undefined && (!deletedAt.nullable || deletedAt.settings.default !== undefined))
      throw new UsageError(
        `${deletedAt.label} is null while a row is not deleted: it wants nullable(), and no default`,
      );
    this.validated = this.columns.filter(({ settings }) => settings.schemas !== undefined);
    this.hasBigint = this.columns.some(({ type }) => type.kind === "bigint");
    this.#checkIndexes();
    if (!isFound) this.#check();
    this.content = view.contentOf?.(this);
  }

  /** The same table under another name, for a statement in which it stands twice. */
  as(alias: string, path?: TablePath): Table {
    const view = { alias, isFound: this.#isFound, ...(path === undefined ? {} : { path }) };
    return new Table(this.name, this.declared, this.#viewOptions, view);
  }

  get #viewOptions(): TableOptions {
    return this.schema === undefined ? this.options : { ...this.options, schema: this.schema };
  }

  #time(property: string | undefined): TableColumn | undefined {
    if (property === undefined) return undefined;
    const column = this.column(property);
    if (column.type.kind === "timestamp") return column;
    throw new UsageError(`${column.label} is kept by the model, and must be a timestamp(), not ${column.type.kind}`);
  }

  /** The indexes that are asked for, of columns and of the table. */
  get indexes(): readonly IndexOptions[] {
    const ofColumns = this.columns.filter(({ settings }) => settings.index);
    const ofTable = (this.options.indexes ?? []).map((index) => ("columns" in index ? index : { columns: index }));
    return [...ofColumns.map(({ property }) => ({ columns: [property] })), ...ofTable];
  }

  /** The sets of columns of which no two rows have the same values, by the key and by constraints. */
  get constraints(): readonly (readonly TableColumn[])[] {
    const ofColumns = this.columns.filter(({ settings }) => settings.unique).map((column) => [column]);
    const ofTable = (this.options.unique ?? []).map((unique) => unique.map((property) => this.column(property)));
    return [...(this.key.length > 0 ? [this.key] : []), ...ofColumns, ...ofTable];
  }

  /** The sets of columns of which no two rows have the same values, whichever says so. */
  get keys(): readonly (readonly TableColumn[])[] {
    return [...this.constraints, ...this.#uniqueIndexes(({ where }) => where === undefined)];
  }

  /** Those besides of which no two of some rows have the same values. */
  get uniques(): readonly (readonly TableColumn[])[] {
    return [...this.constraints, ...this.#uniqueIndexes(() => true)];
  }

  /** The columns of unique indexes; an index of an expression is of no columns. */
  #uniqueIndexes(isWanted: (index: IndexOptions) => boolean): readonly (readonly TableColumn[])[] {
    return this.indexes
      .filter((index) => index.unique && isWanted(index))
      .flatMap(({ columns }) => {
        const properties = columns.filter((item) => typeof item === "string");
        return properties.length < columns.length ? [] : [properties.map((item) => this.directed(item).column)];
      });
  }

  /** What `"name"` or `"-name"` orders by. @throws TypeError for an unknown column */
  directed(item: string): { readonly column: TableColumn; readonly direction: "asc" | "desc" } {
    const isDescending = item.startsWith("-") && !this.has(item);
    return { column: this.column(isDescending ? item.slice(1) : item), direction: isDescending ? "desc" : "asc" };
  }

  /** @throws TypeError where the table has no such column, with the nearest name */
  column(property: string): TableColumn {
    const column = this.#byProperty.get(property);
    if (column !== undefined) return column;
    if (typeof property !== "string") throw wrongInput(`table ${this.name} has no column by ${kindOf(property)}`);
    throw wrongInput(
      `table ${this.name} has no column ${quoted(property)}${didYouMean(property, this.#byProperty.keys())}`,
    );
  }

  /** The column; undefined where the table has no such. */
  find(property: string): TableColumn | undefined {
    return this.#byProperty.get(property);
  }

  has(property: string): boolean {
    return this.#byProperty.has(property);
  }

  /** The condition that a row is the one with this key: a value, or an object where the key has several columns. */
  keyCondition(id: unknown): Condition {
    const values = this.keyValues(id);
    return and(...this.key.map((column, i) => column.reference.eq(values[i])));
  }

  /**
   * The values of a key, in the order of its columns.
   *
   * @throws UsageError where the table has no primary key
   * @throws TypeError where a value is missing
   */
  keyValues(id: unknown): readonly unknown[] {
    const [first, ...rest] = this.key;
    if (first === undefined) throw new UsageError(`table ${this.name} has no primary key`);
    const isObject = typeof id === "object" && id !== null && first.property in id;
    if (rest.length === 0 && !isObject) return [requireKey(first, id)];
    if (!isObject)
      throw wrongInput(`the key of ${this.name} is an object of ${this.key.map((k) => k.property).join(", ")}`);
    return this.key.map((column) => requireKey(column, (id as Record<string, unknown>)[column.property]));
  }

  #findGenerated(): TableColumn | undefined {
    const [only] = this.key;
    if (only === undefined || this.key.length > 1) return undefined;
    const { type, settings, isForeign } = only;
    const isInteger = type.kind === "integer" || type.kind === "bigint";
    const isNumbered = isInteger && !isForeign && settings.generated !== false;
    return isNumbered && settings.default === undefined ? only : undefined;
  }

  #check(): void {
    if (this.columns.length === 0) throw new UsageError(`table ${this.name} wants at least one column`);
    const names = new Set<string>();
    for (const { name, label } of this.columns) {
      if (names.has(name.toLowerCase())) throw new UsageError(`${label}: another column has the name ${name} already`);
      names.add(name.toLowerCase());
    }
    const uniques = new Set(this.uniques.flat());
    for (const column of this.columns) {
      const { type, label } = column;
      if (type.kind !== "numeric" || type.precision !== undefined || !uniques.has(column)) continue;
      throw new UsageError(
        `${label} is to be unique, which wants numeric(p, s): "1.5" and "1.50" are one number in two forms`,
      );
    }
  }

  #checkIndexes(): void {
    for (const { where, ...index } of this.indexes) {
      checkOptions("an index", index, ["columns", "unique", "name", "using"]);
      if (index.name !== undefined && !this.#isFound) checkName(index.name, "an index");
      if (where !== undefined && where.values.length > 0) throw new UsageError(NO_VALUES);
      for (const item of index.columns) {
        if (typeof item === "string") this.directed(item);
        else if (item.values.length > 0) throw new UsageError(NO_VALUES);
      }
    }
    for (const check of this.options.checks ?? []) if (check.values.length > 0) throw new UsageError(NO_VALUES);
  }
}

function requireKey(column: TableColumn, value: unknown): unknown {
  if (value === null || value === undefined) throw wrongInput(`${column.label} is a key and can't be ${String(value)}`);
  return value;
}

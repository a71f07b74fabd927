import type { DialectName, DriverField, DriverValue } from "../drivers/driver.js";
import type { ColumnType } from "./column-type.js";
import type { Decoder } from "./decode.js";

/** Checks a value and gives it as the driver takes it. `name` is the column's, for the message. */
export type Encoder = (value: unknown, name: string) => DriverValue;

/** How a text is matched literally. */
export type MatchKind = "startsWith" | "endsWith" | "contains";

/** A clause of SQL text with the places for what is bound: `before` + placeholder + `after`. */
export interface BoundClause {
  readonly before: string;
  readonly after: string;
}

/** A statement's text and its values. */
export interface BoundText {
  readonly text: string;
  readonly values: readonly DriverValue[];
}

/** SQL text with places for two operands. */
export interface PairClause extends BoundClause {
  readonly between: string;
}

/** The texts between which a list stands, and what follows the item that is bound after them. */
export interface HoldsClause {
  readonly around: readonly string[];
  readonly after: string;
}

export interface JsonPathClause extends BoundClause {
  readonly parts: readonly (BoundClause & { readonly value: DriverValue })[];
}

export type ArithmeticOperator = "plus" | "minus" | "times";
export type AggregateName = "sum" | "avg" | "min" | "max" | "stringAgg";

/** Of a group, of equal values once, or of the rows around each row. */
export type AggregateUse = "group" | "distinct" | "window";

/** `result.before` + `call` + `argument.before` + value + `argument.after` + ")" + `result.after` */
export interface AggregateCall {
  /** "sum(", "sum(distinct " */
  readonly call: string;
  readonly argument: BoundClause;
  readonly result: BoundClause;
}

/** How a column is compared: as it is, as a decimal, by code points. */
export interface Comparison {
  readonly column: BoundClause;
  readonly value: BoundClause;
}

/** Whether values are ordered, or found equal: to a value that the column encoded, or to an expression. */
export type ComparisonUse = "order" | "equality" | "equality of expressions";

export const AS_IS: BoundClause = { before: "", after: "" };
export const COMPARED_AS_IS: Comparison = { column: AS_IS, value: AS_IS };

/** All that differs between engines in SQL text, and in how values are sent. */
export interface Dialect {
  readonly name: DialectName;

  placeholder(position: number): string;
  /** Whether one placeholder can stand in several places. */
  readonly numbersPlaceholders: boolean;

  /** @throws TypeError (the encoder) for a value that the type can't hold */
  encoder(type: ColumnType): Encoder;

  /** A value without a column, from `sql` text. @throws TypeError for what can't be bound */
  encodeUntyped(value: unknown): DriverValue;

  /** Reads a value of `sql` text's own; undefined where it is read as it comes. */
  untypedDecoder(field: DriverField): Decoder | undefined;

  /** Whether a field of `sql` text holds what a column of this table and type would. */
  isColumn(field: DriverField, table: string, column: string, type: ColumnType): boolean;

  /** What stands around a column and around a value where they are compared, or the column is ordered by. */
  comparison(type: ColumnType, use: ComparisonUse): Comparison;

  /** The condition that a column's text matches a pattern made by `matchPattern`. */
  readonly match: BoundClause;
  matchPattern(kind: MatchKind, text: string): string;

  /** What makes small letters of capitals, by Unicode. */
  readonly lower: BoundClause;

  /** The function that finds a text in another: `position(text, wanted)`, 0 where it is not there. */
  readonly position: string;

  /** What computes with two numbers, as 64-bit integers, floating-point numbers or exact decimals. */
  arithmetic(operator: ArithmeticOperator, as: "integer" | "real" | "decimal"): PairClause;

  /** What stands around an expression that an update sets a column to, so that it is kept as the column's values are. */
  assignment(type: ColumnType): BoundClause;

  /** What reads a path inside a JSON value, JSON's null as null: `before` + value + the bound steps + `after`. */
  jsonPath(steps: readonly (string | number)[]): JsonPathClause;

  /** The texts between which a JSON value stands to be read as a scalar, null where it is of another type. */
  jsonScalar(kind: "text" | "real" | "boolean"): readonly string[];

  /** Whether a list of JSON has a scalar: the texts between which the JSON stands, and what is bound after them. */
  jsonHolds(value: string | number | boolean): HoldsClause & { readonly bound: DriverValue };

  /** Whether a list of this type of items has one: the texts between which the list stands, then the item. */
  listHolds(item: ColumnType): HoldsClause;

  /** An encoded item as it stands in a list. */
  listItem(item: DriverValue): DriverValue;

  /** The texts between which a list stands, to get the number of its items. */
  listSize(kind: "array" | "json"): readonly string[];

  /** How an aggregate of values of a type is called. */
  aggregate(name: AggregateName, type: ColumnType, use: AggregateUse): AggregateCall;

  /** Whether an order by a selected expression must say its place, as the expression may not stand there again. */
  readonly ordersByPlace: boolean;

  /** Whether a limit of rows in an order is bound in any case: where it is written, the engine may sort all rows for it. */
  readonly bindsOrderedLimits: boolean;

  /** What follows a limit that is bound. */
  readonly afterLimit: string;

  /** What stands before an offset that has no limit. */
  readonly noLimit: string;

  /** " nulls first" and the like, where the engine's own order of nulls is another. */
  nulls(direction: "asc" | "desc", nullable: boolean, wanted: "first" | "last" | undefined): string;

  /** What follows a select that locks its rows; "" where a transaction holds the whole database anyway. */
  lock(strength: "update" | "share"): string;

  /** What stands before a select to explain it. */
  readonly explain: string;

  /** The statement that tells how another would be run, without a word of its values. */
  explaining(statement: BoundText): BoundText;

  /** What the rows of such a statement say. */
  planText(rows: readonly (readonly unknown[])[]): string;

  /** A select that any database answers. */
  readonly ping: string;

  /** One parameter that holds a whole list, for types that it can hold; else each item is bound by itself. */
  listParameter(type: ColumnType): ListParameter | undefined;

  /** Whether finds that come together are better asked as one: each statement costs a way to a server and back. */
  readonly mergesFinds: boolean;

  /** How many rows are inserted out of one parameter per column, where the engine can. */
  readonly unnest: Unnest | undefined;

  /** Where an insert of several rows numbers them one after another and tells the last number, though it gives no rows. */
  readonly numbered: Numbered | undefined;

  /** A select that lets generated keys go on after the given one; "" where they do. */
  advanceGenerated(table: string, column: string, key: string): string;

  readonly ddl: DdlDialect;

  readonly preview: PreviewDialect;
}

/** How the rows that change in a transaction, which is to be rolled back, are recorded. */
export interface PreviewDialect {
  /** What records all that happens to a table's rows from now on. The name is one of rowkeeper's own. */
  capture(table: CapturedTable, name: string): readonly string[];
  /**
   * A select of what was recorded, in order: "insert", "update" or "delete", then the old row, then the new one. "gone" is
   * an update of a row that is not there at the end, though no delete of it may have been recorded.
   */
  read(table: CapturedTable, name: string): string;
}

/** What of a table has to be known to record its rows. */
export interface CapturedTable {
  readonly quoted: string;
  readonly columns: readonly QuotedColumn[];
  /** Of its columns; empty where it has none. */
  readonly key: readonly QuotedColumn[];
  readonly uniques: readonly (readonly QuotedColumn[])[];
}

interface QuotedColumn {
  readonly quoted: string;
}

/** A table by its name, and by the whole of it as statements have it. */
export interface NamedTable {
  readonly name: string;
  readonly schema: string | undefined;
  readonly quoted: string;
}

/** What differs between engines in the making of tables. */
export interface DdlDialect {
  /** The type of a column, with its collation where it needs one. */
  columnType(column: TypedColumn): string;
  /** The type of a key that is given, not generated. */
  keyType(column: TypedColumn): string;
  /** The type of a key that the database generates, "primary key" included. */
  generatedKey(column: TypedColumn): string;
  /** What the engine's own type doesn't refuse; undefined where it does. */
  typeCheck(column: TypedColumn, quoted: string): string | undefined;
  /** The database's clock. */
  now(type: ColumnType): string;
  /** An encoded value as a literal; only defaults of models are ever written so. */
  literal(value: DriverValue): string;
  /** What follows the columns. */
  readonly tableOptions: string;
  /** What makes a schema; undefined where it can't be made. */
  createSchema(quoted: string): string | undefined;
  /** `"name" on "table"`, with the schema, and the method, where the engine wants it. */
  indexOn(name: string, table: string, schema: string | undefined, using: string | undefined): string;
  /** Whether a table may refer to one that is not there yet. Where not, `addReference` comes after both. */
  readonly canReferAhead: boolean;
  /** How a table names one that it refers to. @throws UsageError for one that it can't refer to */
  referred(target: NamedTable, table: NamedTable): string;
  /** Adds a reference to a table that is there, unless it has it. */
  addReference(table: string, constraint: string, definition: string): string;
  /** What a transaction that makes or drops tables begins with, so that such transactions follow each other. */
  readonly lock: readonly string[];
  /** Drops tables that may refer to each other in circles. */
  dropCircle(tables: readonly DroppedTable[]): readonly string[];
}

export interface DroppedTable {
  readonly quoted: string;
  /** What makes it where it is not there. */
  readonly create: readonly string[];
  /** What makes it without its references. */
  readonly createBare: readonly string[];
}

export interface ListParameter {
  readonly in: BoundClause;
  readonly notIn: BoundClause;
  encode(items: readonly DriverValue[]): DriverValue;
}

export interface Numbered {
  /** How many rows go into one statement: more make it slower. */
  readonly rows: number;
  /**
   * A select of what a table has that could take numbers, or leave a row out or other than as it was given: triggers,
   * `on conflict`, `collate`. Its name is bound.
   */
  readonly countExceptions: string;
}

/** A column with its type, and that which PostgreSQL has it of where that is another. */
export interface TypedColumn {
  readonly type: ColumnType;
  readonly settings: { readonly postgresType?: string };
}

/** A column with its name in the database. */
interface NamedColumn extends TypedColumn {
  readonly name: string;
}

export interface Unnest {
  /** The type of the parameter that holds a column's values, and what makes the column's type of one of them. */
  arrayType(column: TypedColumn): string;
  cast(column: TypedColumn): string;
  /**
   * A select of whether a table keeps what these columns are given: it has no triggers or rules, and the columns are of the
   * very types that their models say. Undefined where a type is one whose values may come back in another form.
   */
  keeps(table: string, columns: readonly NamedColumn[]): string | undefined;
  /** The parameter of what rows have in one place. */
  encode(rows: readonly (readonly DriverValue[])[], place: number): DriverValue;
}

/** A name as SQL takes it, whatever it holds. Names are checked when a class is made. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

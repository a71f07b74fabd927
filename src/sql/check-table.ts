import { Sql } from "sql-template-tag";
import { checkOptions, kindOf } from "../text.js";
import { Column } from "./columns.js";

/** What a table was declared with, as JavaScript gives it. */
interface GivenOptions {
  readonly primaryKey?: unknown;
  readonly indexes?: unknown;
  readonly unique?: unknown;
  readonly checks?: unknown;
  readonly schema?: unknown;
  readonly foreignKeys?: unknown;
}

/** @throws TypeError where what a table is declared with is of a wrong type */
export function checkTable(table: string, columns: unknown, options: GivenOptions): void {
  if (typeof columns !== "object" || columns === null || Array.isArray(columns))
    throw new TypeError(`the columns of ${table} are an object, such as { name: text() }, not ${kindOf(columns)}`);
  for (const [property, column] of Object.entries(columns)) {
    if (!(column instanceof Column))
      throw new TypeError(`${table}.${property} is declared by a column, such as integer(), not by ${kindOf(column)}`);
  }
  const { primaryKey, indexes, unique, checks, schema, foreignKeys } = options;
  checkNames("primaryKey", primaryKey ?? []);
  for (const one of listOf("unique", unique)) checkNames("an item of unique", one);
  for (const one of listOf("indexes", indexes)) {
    const isObject = typeof one === "object" && one !== null && "columns" in one;
    const columns = isObject ? one.columns : one;
    const properties = Array.isArray(columns) ? columns.filter((item) => !(item instanceof Sql)) : columns;
    checkNames("an item of indexes", properties);
    if (isObject && "where" in one) checkSql("where of an index", one.where);
    if (isObject && "using" in one && typeof (one.using ?? "") !== "string")
      throw new TypeError(`using of an index is the name of a method, not ${kindOf(one.using)}`);
  }
  for (const check of listOf("checks", checks)) checkSql("a check", check ?? null);
  if (schema !== undefined && typeof schema !== "string")
    throw new TypeError(`schema is the name of one, not ${kindOf(schema)}`);
  for (const one of listOf("foreignKeys", foreignKeys)) checkForeignKey(one);
}

function checkForeignKey(given: unknown): void {
  checkOptions("a foreign key", given, ["columns", "references", "referenced", "onDelete", "onUpdate"]);
  const { columns, references, referenced } = given as Readonly<Record<string, unknown>>;
  checkNames("columns of a foreign key", columns);
  if (referenced !== undefined) checkNames("referenced of a foreign key", referenced);
  if (typeof references !== "function")
    throw new TypeError(`references of a foreign key is a function that gives a model, not ${kindOf(references)}`);
}

function listOf(option: string, value: unknown): readonly unknown[] {
  if (value === undefined || Array.isArray(value)) return value ?? [];
  throw new TypeError(`${option} is a list, not ${kindOf(value)}`);
}

function checkNames(what: string, names: unknown): void {
  if (!Array.isArray(names)) throw new TypeError(`${what} is a list of properties, not ${kindOf(names)}`);
  for (const name of names)
    if (typeof name !== "string") throw new TypeError(`${what} names properties by text, not by ${kindOf(name)}`);
}

function checkSql(what: string, value: unknown): void {
  if (value !== undefined && !(value instanceof Sql)) throw new TypeError(`${what} is sql\`…\`, not ${kindOf(value)}`);
}

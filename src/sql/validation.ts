import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { MaybePromise } from "../drivers/driver.js";
import { ValidationError, type ValidationIssue } from "../errors.js";
import { kindOf } from "../text.js";
import { eachRow, type PlaceOf } from "./each-row.js";
import { requireValues } from "./insert-values.js";
import type { Schema } from "./standard-schema.js";
import { Statement } from "./statement.js";
import type { Table, TableColumn } from "./table.js";
import type { AnyTable } from "./types.js";
import { isExpression } from "./writer.js";

/** Values by property, that are about to be written. */
export type Values = Record<string, unknown>;

/** How many of the refused values a message names. */
const MOST_NAMED = 10;

/** How values are given. */
interface Given {
  /** They are one of several rows, whose places the paths begin with. */
  readonly areRows?: boolean;
  /** Of those that are some of the rows. */
  readonly placeOf?: PlaceOf | undefined;
  /** An expression may stand for a value, as an update takes it. */
  readonly mayBeExpressions?: boolean;
}

/**
 * The values of a row with what the schemas of its columns made of them; at once, where no schema is asynchronous.
 *
 * @throws TypeError for an unknown column, or a value that a column can't hold
 * @throws ValidationError where a schema refuses a value
 */
export function validValues<T>(table: Table, values: T, given: Given = {}): MaybePromise<T> {
  if (table.validated.length === 0) return values;
  const rows = validList(table, [values], given);
  return rows instanceof Promise ? rows.then(([row]) => row as T) : (rows[0] as T);
}

/** The same for several rows. */
export function validRows<T>(table: Table, rows: readonly T[], placeOf?: PlaceOf): MaybePromise<readonly T[]> {
  return table.validated.length === 0 ? rows : validList(table, rows, { areRows: true, placeOf });
}

/** The same for objects of values that are of one row. */
export function validParts<T extends readonly unknown[]>(table: Table, parts: T): MaybePromise<T> {
  if (table.validated.length === 0) return parts;
  // As many come back as were given, and schemas give values of their columns.
  return validList(table, parts, {}) as MaybePromise<readonly unknown[]> as MaybePromise<T>;
}

/** A statement whose values have been through the schemas. */
export function validStatement<M extends AnyTable, R, V, I>(
  statement: Statement<M, R, V, I>,
): MaybePromise<Statement<M, R, V, I>> {
  const { source, rows, isList = false, verb } = statement.state;
  if (source === undefined || rows === undefined || source.table.validated.length === 0) return statement;
  const valid = validList(source.table, rows, { areRows: isList, mayBeExpressions: verb === "update" });
  const withRows = (made: readonly unknown[]) => new Statement<M, R, V, I>({ ...statement.state, rows: made });
  return valid instanceof Promise ? valid.then(withRows) : withRows(valid);
}

function validList<T>(table: Table, list: readonly T[], given: Given): MaybePromise<readonly T[]> {
  const rows: Values[] = [];
  const add = (values: unknown) => rows.push(typedValues(table, values, given.mayBeExpressions === true));
  if (given.areRows) eachRow(list, add, given.placeOf);
  else list.forEach(add);
  const found = refine(table.validated, rows, given);
  const finish = (issues: readonly ValidationIssue[]): readonly T[] => {
    if (issues.length > 0) throw new ValidationError(messageOf(table, issues, given), issues);
    return rows as readonly T[];
  };
  return found instanceof Promise ? found.then(finish) : finish(found);
}

/** A copy of the values, which are of the columns' types. */
function typedValues(table: Table, given: unknown, mayBeExpressions: boolean): Values {
  const row = requireValues(table, given);
  const values: Values = {};
  for (const column of table.columns) {
    const value = row[column.property];
    if (value === undefined) continue;
    if (value !== null && !(mayBeExpressions && isExpression(value))) column.check(value);
    values[column.property] = value;
  }
  return values;
}

/** Puts what the schemas make of values in their place, and gives what they refuse, by row and column. */
export function refine(
  columns: readonly TableColumn[],
  rows: readonly Values[],
  given: Given = {},
): MaybePromise<ValidationIssue[]> {
  const issues: ValidationIssue[][] = [];
  const waiting: Promise<void>[] = [];
  const refineValue = (row: Values, place: number, { property, settings, label }: TableColumn): void => {
    const value = row[property];
    if (given.mayBeExpressions && isExpression(value)) return;
    const own: ValidationIssue[] = [];
    issues.push(own);
    const settle = (result: StandardSchemaV1.Result<unknown>): void => {
      if (result.issues) {
        const path = given.areRows ? [given.placeOf?.(place) ?? place, property] : [property];
        own.push(...issuesOf(result, path));
      } else if (result.value === undefined) throw new TypeError(`${label}: its check gave undefined`);
      else row[property] = result.value;
    };
    const result = pass(settings.schemas ?? [], value, label);
    if (result instanceof Promise) waiting.push(result.then(settle));
    else settle(result);
  };
  try {
    rows.forEach((row, place) => {
      for (const column of columns) if (column.property in row) refineValue(row, place, column);
    });
  } catch (error) {
    // Those that wait are waited for, so that none of them fails unseen.
    if (waiting.length === 0) throw error;
    waiting.push(Promise.reject(error));
  }
  return waiting.length === 0 ? issues.flat() : Promise.all(waiting).then(() => issues.flat());
}

/**
 * A value through schemas, each of which gets what the one before gave; null goes through none.
 *
 * @throws TypeError for a schema that does not answer as Standard Schema says
 */
function pass(
  schemas: readonly Schema[],
  value: unknown,
  label: string,
): MaybePromise<StandardSchemaV1.Result<unknown>> {
  const [first, ...rest] = schemas;
  if (first === undefined || value === null || value === undefined) return { value };
  const result = first["~standard"].validate(value);
  const next = (given: StandardSchemaV1.Result<unknown>) => {
    if (typeof given !== "object" || given === null || !Array.isArray(given.issues ?? []))
      throw new TypeError(`${label}: its check gave ${kindOf(given)}, and not { value } or { issues }`);
    return given.issues ? given : pass(rest, given.value, label);
  };
  return result instanceof Promise ? result.then(next) : next(result);
}

function issuesOf({ issues }: StandardSchemaV1.FailureResult, path: readonly (string | number)[]): ValidationIssue[] {
  if (issues.length === 0) return [{ message: "refused", path }];
  // Array.from(), as map() of a library's own kind of array, which arktype's are, makes another of that kind.
  return Array.from(issues, (issue) => ({
    message: issue.message,
    path: [...path, ...Array.from(issue.path ?? [], nameOf)],
  }));
}

function nameOf(segment: PropertyKey | StandardSchemaV1.PathSegment): string | number {
  const key = typeof segment === "object" ? segment.key : segment;
  return typeof key === "symbol" ? String(key) : key;
}

/** Names rows and columns, and nothing from inside of a JSON value, whose keys may be someone's data. */
function messageOf({ name }: Table, issues: readonly ValidationIssue[], { areRows }: Given): string {
  const places = [...new Set(issues.map(({ path }) => path.slice(0, areRows ? 2 : 1).join(".")))];
  const more = places.length - MOST_NAMED;
  const named = `${places.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  return `${name} refuses ${places.length === 1 ? "a value" : `${places.length} values`}: ${named}`;
}

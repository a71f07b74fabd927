import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ValidationIssue } from "../errors.js";
import { didYouMean, kindOf, quoted } from "../text.js";
import { isMadeKey } from "./insert-values.js";
import type { Table, TableColumn } from "./table.js";
import { refine, type Values } from "./validation.js";

type Answer<T> = StandardSchemaV1.Result<T> | Promise<StandardSchemaV1.Result<T>>;

/** A Standard Schema of the rows that can be inserted into a table: all that is wrong with one is told at once. */
export function rowSchema<T>(table: Table): StandardSchemaV1.Props<T, T> {
  return { version: 1, vendor: "rowkeeper", validate: (given) => validateRow<T>(table, given) };
}

function validateRow<T>(table: Table, given: unknown): Answer<T> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return { issues: [{ message: `a row is an object of values by column, not ${kindOf(given)}`, path: [] }] };
  }
  const issues = unknownColumns(table, given);
  const values: Values = {};
  for (const column of table.columns) {
    const { property } = column;
    const value: unknown = Reflect.get(given, property);
    const message = problemOf(table, column, value);
    if (message !== undefined) issues.push({ message, path: [property] });
    else if (!isLeftOut(table, column, value)) values[property] = value;
  }
  const finish = (refused: readonly ValidationIssue[]): StandardSchemaV1.Result<T> => {
    const all = [...issues, ...refused, ...unfit(table, values)];
    // Each column has been checked, and schemas give values of their columns.
    return all.length > 0 ? { issues: all } : { value: values as T };
  };
  const refused = refine(table.validated, [values]);
  return refused instanceof Promise ? refused.then(finish) : finish(refused);
}

function unknownColumns(table: Table, given: object): ValidationIssue[] {
  const names = table.columns.map(({ property }) => property);
  return Object.keys(given)
    .filter((property) => !table.has(property))
    .map((property) => ({
      message: `there is no column ${quoted(property)}${didYouMean(property, names)}`,
      path: [property],
    }));
}

/** What schemas gave that columns can't hold: text that grew too long. */
function unfit(table: Table, values: Values): ValidationIssue[] {
  return table.validated.flatMap((column) => {
    const { property } = column;
    const message = property in values ? problemOf(table, column, values[property]) : undefined;
    return message === undefined ? [] : [{ message, path: [property] }];
  });
}

function isLeftOut({ generated }: Table, column: TableColumn, value: unknown): boolean {
  return value === undefined || (value === null && column === generated);
}

/** Whether a new row may leave the column out; a key of several columns that the table names is to be given. */
function isFilledIn({ generated }: Table, column: TableColumn): boolean {
  const { nullable, settings } = column;
  if (nullable || settings.default !== undefined || column === generated) return true;
  return settings.primaryKey === true && isMadeKey(column);
}

/** Why a column of a new row does not take the value, its checks apart. */
function problemOf(table: Table, column: TableColumn, value: unknown): string | undefined {
  const { property, nullable } = column;
  if (isLeftOut(table, column, value)) return isFilledIn(table, column) ? undefined : `${property} is missing`;
  if (value === null) return nullable ? undefined : `${property} can't be null`;
  try {
    column.check(value, property);
    return undefined;
  } catch (error) {
    // Anything else comes of the value too: a toJSON() that fails, or nesting deeper than the stack.
    return error instanceof TypeError ? error.message : `${property} can't be read`;
  }
}

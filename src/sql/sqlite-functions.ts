import type { SqliteFunctions } from "../drivers/sqlite-types.js";
import { decimalSortKey } from "./decimal.js";
import {
  decimalAverage,
  decimalMaximum,
  decimalMinimum,
  decimalSum,
  distinctDecimalAverage,
  distinctDecimalSum,
  groupMaximum,
  groupMinimum,
} from "./decimal-aggregates.js";
import { addDecimals, multiplyDecimals, subtractDecimals } from "./decimal-arithmetic.js";
import { jsonAt } from "./json-at.js";
import { storedDecimal, storedInteger } from "./stored-numbers.js";

/** The SQL function that makes decimals comparable. */
export const DECIMAL_KEY = "rowkeeper_decimal";

/** The SQL functions that every connection to SQLite gets, so that the dialect's text can call them. */
export const sqliteFunctions: SqliteFunctions = {
  [DECIMAL_KEY]: (value: unknown) => (value === null ? null : decimalSortKey(String(value))),
  rowkeeper_add: addDecimals,
  rowkeeper_subtract: subtractDecimals,
  rowkeeper_multiply: multiplyDecimals,
  rowkeeper_numeric: storedDecimal,
  rowkeeper_integer: storedInteger,
  rowkeeper_lower: (text: unknown) => (typeof text === "string" ? text.toLowerCase() : text),
  rowkeeper_json: jsonAt,
  rowkeeper_sum: decimalSum,
  rowkeeper_sum_distinct: distinctDecimalSum,
  rowkeeper_avg: decimalAverage,
  rowkeeper_avg_distinct: distinctDecimalAverage,
  rowkeeper_min: decimalMinimum,
  rowkeeper_max: decimalMaximum,
  rowkeeper_group_min: groupMinimum,
  rowkeeper_group_max: groupMaximum,
};

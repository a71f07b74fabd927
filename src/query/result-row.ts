import type { inspect } from "node:util";
import { INSPECT } from "../inspect.js";
import { jsonValue } from "../sql/json.js";

/** The values of a row as JSON can hold them. */
export function jsonRow(data: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, jsonValue(value)]));
}

/** A row that is no instance of a model: of a group, of selected expressions, of a table known by name. */
export class ResultRow<D extends object> {
  constructor(
    /** The values by their names. */
    readonly data: D,
  ) {}

  /** The data for JSON: a bigint as a string, bytes in base64. */
  toJSON(): Record<string, unknown> {
    return jsonRow(this.data);
  }

  /** @internal */
  [INSPECT](depth: number, options: object, format: typeof inspect): string {
    return depth < 0 ? "[Row]" : `Row ${format(this.data, options)}`;
  }
}

import type { DriverValue } from "../drivers/driver.js";

/** The text of a PostgreSQL array of `items`, each already in the text form of its type. */
export function arrayLiteral(items: readonly (string | null)[]): string {
  return `{${items.map((item) => (item === null ? "NULL" : `"${escaped(item)}"`)).join(",")}}`;
}

/** The same of one place of each of many rows, where numbers are as they are: in one pass, without a list of them between. */
export function columnLiteral(
  rows: readonly (readonly DriverValue[])[],
  place: number,
  textOf: (value: DriverValue) => string,
): string {
  let literal = "";
  for (const row of rows) {
    const value = row[place] ?? null;
    literal += literal === "" ? "{" : ",";
    if (typeof value === "string") literal += `"${escaped(value)}"`;
    else if (value === null) literal += "NULL";
    else literal += typeof value === "number" ? value : `"${escaped(textOf(value))}"`;
  }
  return literal === "" ? "{}" : `${literal}}`;
}

/** Most texts have nothing to escape, which is found several times faster than replaced. */
function escaped(item: string): string {
  return item.includes('"') || item.includes("\\") ? item.replace(/["\\]/g, "\\$&") : item;
}

/** The items of a one-dimensional PostgreSQL array, as the text of each. */
export function parseArrayLiteral(text: string): (string | null)[] {
  const items: (string | null)[] = [];
  const token = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gs;
  for (const [, quoted, plain] of text.slice(text.indexOf("{")).matchAll(token)) {
    if (quoted !== undefined) items.push(quoted.replace(/\\(.)/gs, "$1"));
    else items.push(plain === "NULL" ? null : (plain ?? null));
  }
  return items;
}

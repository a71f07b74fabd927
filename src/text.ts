import { wrongInput } from "./errors.js";

/** The name among `names` that is nearest to `name`, or undefined where none is near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(name.length > 2 ? 2 : 1, Math.floor(name.length / 2)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

const LONGEST_SHOWN = 80;

/** A name in quotes, cut where it is too long for a message. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name);
}

/** " (did you mean x?)", or nothing where no name is near. */
export function didYouMean(name: string, names: Iterable<string>): string {
  if (name.length > LONGEST_SHOWN) return "";
  const near = nearest(name, names);
  return near === undefined ? "" : ` (did you mean ${JSON.stringify(near)}?)`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}

/** `numProducts` as `num_products`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

/** `num_products` as `numProducts`. */
export function camelCase(name: string): string {
  const words = /^[A-Z0-9_]+$/.test(name) ? name.toLowerCase() : name;
  const joined = words.replace(/(?<=[\p{L}\p{N}])[^\p{L}\p{N}$]+([\p{L}\p{N}])/gu, (_all, letter: string) =>
    letter.toUpperCase(),
  );
  return uncapitalized(joined);
}

/** `order_lines` as `OrderLines`, what a class is called that is known by its table alone. */
export function classNameFor(table: string): string {
  // The letters of all languages take a while, when they are first asked for.
  const words = table.split(/^\w*$/.test(table) ? "_" : /[^\p{L}\p{N}]+/u);
  return words.map(capitalized).join("") || "Model";
}

/** `orderLine` as `OrderLine`. */
export function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** `OrderLine` as `orderLine`. */
export function uncapitalized(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** `an Author`, `a User`, by its letters: a u that is spoken as in "unit" and an eu take "a". */
export function withArticle(name: string): string {
  return `${/^(?:[aio]|e(?!u)|u(?!.[aeiou]))/i.test(name) ? "an" : "a"} ${name}`;
}

/** What kind of value it is, for messages, which never show the value itself. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date";
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" ? withArticle(name) : "an object";
}

/** Text that no database can keep: a NUL (PostgreSQL refuses it) or half of a surrogate pair (not UTF-8). */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** @throws TypeError where the options are no object */
export function requireOptions(what: string, options: unknown): asserts options is object {
  if (typeof options === "object" && options !== null && !Array.isArray(options)) return;
  throw wrongInput(`the options of ${what} are an object, not ${kindOf(options)}`);
}

/**
 * Refuses an option that is not known, naming the nearest that is, or all of them.
 *
 * @throws TypeError
 */
export function checkOptions(what: string, options: unknown, known: readonly string[]): void {
  requireOptions(what, options);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = didYouMean(name, known) || `: it takes ${known.join(", ")}`;
    throw wrongInput(`${what} has no option ${quoted(name)}${near}`);
  }
}

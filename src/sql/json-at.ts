import { canonicalJson } from "./json.js";

/**
 * What is at the end of a path into a JSON text, as canonical JSON text; null where there is nothing. The path is a
 * JSON array of keys and indexes, of which negative ones count from the end.
 *
 * @throws TypeError where one of the two is no JSON
 */
export function jsonAt(text: unknown, path: unknown): string | null {
  if (typeof text !== "string" || typeof path !== "string") return null;
  const steps = parse(path);
  if (!Array.isArray(steps)) throw new TypeError("a JSON path is no array");
  let value = parse(text);
  for (const step of steps) {
    value = enter(value, step);
    if (value === undefined) return null;
  }
  return canonicalJson(value, "JSON");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message repeats the text.
    throw new TypeError("a text is no JSON");
  }
}

/** A key looks into objects alone, an index into arrays. */
function enter(value: unknown, step: unknown): unknown {
  if (Array.isArray(value)) return typeof step === "number" ? value.at(step) : undefined;
  if (typeof value !== "object" || value === null || typeof step !== "string") return undefined;
  return Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined;
}

import { capitalized } from "../text.js";

/** Singular and plural, where the endings don't tell. */
const IRREGULAR: readonly (readonly [string, string])[] = [
  ["person", "people"],
  ["child", "children"],
  ["man", "men"],
  ["woman", "women"],
  ["mouse", "mice"],
  ["index", "indices"],
  ["vertex", "vertices"],
  ["matrix", "matrices"],
  ["leaf", "leaves"],
  ["shelf", "shelves"],
  ["life", "lives"],
  ["wife", "wives"],
  ["movie", "movies"],
  ["cookie", "cookies"],
  ["tie", "ties"],
  ["shoe", "shoes"],
  ["cache", "caches"],
  ["house", "houses"],
  ["warehouse", "warehouses"],
  ["cause", "causes"],
  ["clause", "clauses"],
  ["use", "uses"],
  ["quiz", "quizzes"],
  ["analysis", "analyses"],
  ["hero", "heroes"],
];
const UNCOUNTED = new Set([
  "data",
  "media",
  "series",
  "species",
  "news",
  "equipment",
  "information",
  "staff",
  "sheep",
  "fish",
]);

/** What ends a word, and what takes its place; the first that fits. */
const TO_SINGULAR: readonly (readonly [RegExp, string])[] = [
  [/(ss|us|is)$/, "$1"],
  [/(ss|x|ch|sh|zz|us)es$/, "$1"],
  [/([^aeiou])ies$/, "$1y"],
  [/([^s])s$/, "$1"],
];
const TO_PLURAL: readonly (readonly [RegExp, string])[] = [
  [/(s|x|z|ch|sh)$/, "$1es"],
  [/([^aeiou])y$/, "$1ies"],
  [/$/, "s"],
];

/** The same with the last word of `orderLines` changed. */
function withLastWord(name: string, change: (word: string) => string): string {
  const start = name.search(/\p{Lu}?[^\p{Lu}]*$/u);
  const word = name.slice(start);
  const changed = change(word.toLowerCase());
  return name.slice(0, start) + (word === capitalized(word) ? capitalized(changed) : changed);
}

const changedBy = (word: string, rules: readonly (readonly [RegExp, string])[]): string => {
  const rule = rules.find(([ending]) => ending.test(word));
  return rule === undefined ? word : word.replace(...rule);
};

/** `orderLines` as `orderLine`, as far as English has rules; what is singular stays as it is. */
export function singular(name: string): string {
  return withLastWord(name, (word) => {
    const known = IRREGULAR.find(([one, many]) => word === many || word === one);
    if (known !== undefined) return known[0];
    return UNCOUNTED.has(word) ? word : changedBy(word, TO_SINGULAR);
  });
}

/** `orderLine` as `orderLines`. */
export function plural(name: string): string {
  return withLastWord(name, (word) => {
    const known = IRREGULAR.find(([one]) => word === one);
    if (known !== undefined) return known[1];
    return UNCOUNTED.has(word) ? word : changedBy(word, TO_PLURAL);
  });
}

/** `order_lines`, `Order Lines` and `ORDER_LINES` as `OrderLines`; "" where there is nothing to make a name of. */
export function pascalCase(name: string): string {
  const words = name.split(/[^\p{ID_Continue}]+|_+/u);
  return words.map((word) => capitalized(word === word.toUpperCase() ? word.toLowerCase() : word)).join("");
}

/** Whether a property needs no quotes. */
export const isIdentifier = (name: string): boolean => /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name);

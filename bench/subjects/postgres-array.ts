const special = /["\\]/g;

/** An array literal of texts, built in one pass; pg's own goes through every value twice with regular expressions. */
export function textArray<T>(items: readonly T[], textOf: (item: T) => string): string {
  let literal = "";
  for (const item of items) {
    const text = textOf(item);
    const isPlain = !text.includes('"') && !text.includes("\\");
    literal += `${literal === "" ? "{" : ","}"${isPlain ? text : text.replace(special, "\\$&")}"`;
  }
  return literal === "" ? "{}" : `${literal}}`;
}

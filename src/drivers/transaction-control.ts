import { UsageError } from "../errors.js";
import type { DialectName } from "./driver.js";

/** PostgreSQL ends a line comment at `\r` as well, and nests block comments, which no regular expression can follow. */
const LEADING_BLANKS = {
  sqlite: /^(?:[\s;]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+/,
  postgres: /^(?:[\s;]|--[^\n\r]*)+/,
};
const CONTROL = /^(?:begin|commit|end|rollback|abort|savepoint|release)$/i;
const CONTROL_OF_TWO_WORDS = /^(?:start|prepare)$/i;

/** SQL text without the blanks, comments and stray semicolons before its first word. */
export function fromFirstWord(text: string, dialect: DialectName): string {
  let rest = text.replace(LEADING_BLANKS[dialect], "");
  while (rest.startsWith("/*")) rest = afterNestedComment(rest).replace(LEADING_BLANKS[dialect], "");
  return rest;
}

function afterNestedComment(text: string): string {
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    depth += mark === "/*" ? 1 : -1;
    if (depth === 0) return text.slice(index + mark.length);
  }
  return "";
}

/**
 * Refuses SQL that begins or ends a transaction behind the back of the driver, which would then hand a connection with
 * an open transaction to the next user.
 *
 * @throws UsageError
 */
export function refuseTransactionControl(text: string, dialect: DialectName): void {
  const control = controlOf(text, dialect);
  if (control === undefined) return;
  throw new UsageError(
    `${control.toUpperCase()} can't be sent as a statement. Use a transaction instead: ` +
      "`Model.objects.transaction()`, `db.begin()` or `session.begin()`.",
    { sql: text },
  );
}

function controlOf(text: string, dialect: DialectName): string | undefined {
  const rest = fromFirstWord(text, dialect);
  const word = /^\w+/.exec(rest)?.[0] ?? "";
  if (CONTROL.test(word)) return word;
  if (!CONTROL_OF_TWO_WORDS.test(word)) return undefined;
  return /^transaction\b/i.test(fromFirstWord(rest.slice(word.length), dialect)) ? `${word} transaction` : undefined;
}

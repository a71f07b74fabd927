import { UsageError } from "../errors.js";

const LEADING_BLANKS = /^(?:[\s;]|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const TRANSACTION_CONTROL =
  /^(?:begin|start\s+transaction|commit|end|rollback|abort|savepoint|release|prepare\s+transaction)\b/i;

/** SQL text without the blanks, comments and stray semicolons before its first word. */
export function fromFirstWord(text: string): string {
  return text.replace(LEADING_BLANKS, "");
}

/**
 * Refuses SQL that begins or ends a transaction behind the back of the driver, which would then hand a connection with
 * an open transaction to the next user.
 *
 * @throws UsageError
 */
export function refuseTransactionControl(text: string): void {
  const control = TRANSACTION_CONTROL.exec(fromFirstWord(text));
  if (control === null) return;
  throw new UsageError(
    `${control[0].toUpperCase()} can't be sent as a statement. Use a transaction instead: ` +
      "`Model.objects.transaction()`, `db.begin()` or `session.begin()`.",
    { sql: text },
  );
}

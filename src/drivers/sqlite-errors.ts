import {
  CheckViolationError,
  ConnectionError,
  type ConstraintDetails,
  ConstraintError,
  ForeignKeyViolationError,
  NotNullViolationError,
  QueryError,
  RowkeeperError,
  SerializationError,
  UniqueViolationError,
} from "../errors.js";
import { hideMessage } from "./hide-message.js";

/** The names of the result codes that matter here, as node:sqlite tells numbers only; of others, what they extend. */
const CODES: Readonly<Record<number, string>> = {
  3: "SQLITE_PERM",
  5: "SQLITE_BUSY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  14: "SQLITE_CANTOPEN",
  19: "SQLITE_CONSTRAINT",
  23: "SQLITE_AUTH",
  26: "SQLITE_NOTADB",
  261: "SQLITE_BUSY_RECOVERY",
  275: "SQLITE_CONSTRAINT_CHECK",
  517: "SQLITE_BUSY_SNAPSHOT",
  773: "SQLITE_BUSY_TIMEOUT",
  787: "SQLITE_CONSTRAINT_FOREIGNKEY",
  1299: "SQLITE_CONSTRAINT_NOTNULL",
  1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
  1811: "SQLITE_CONSTRAINT_TRIGGER",
  2067: "SQLITE_CONSTRAINT_UNIQUE",
  2579: "SQLITE_CONSTRAINT_ROWID",
  3091: "SQLITE_CONSTRAINT_DATATYPE",
};

/** The result code of an error of SQLite, such as `SQLITE_BUSY`; undefined for any other error. */
export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (error.code === "ERR_SQLITE_ERROR" && "errcode" in error && typeof error.errcode === "number")
    return CODES[error.errcode] ?? CODES[error.errcode & 0xff] ?? "SQLITE_ERROR";
  return typeof error.code === "string" && error.code.startsWith("SQLITE_") ? error.code : undefined;
}

/** Whether the lock is held by another connection, so that trying again may succeed. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === "SQLITE_BUSY" || code === "SQLITE_BUSY_RECOVERY" || code === "SQLITE_BUSY_TIMEOUT";
}

/** The error of rowkeeper's tree for what better-sqlite3 threw. */
export function sqliteError(error: unknown, sql?: string): RowkeeperError {
  if (error instanceof RowkeeperError) return error;
  const details = { cause: error, sql };
  const code = sqliteCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === undefined) return new QueryError(message, details);
  if (code.startsWith("SQLITE_CONSTRAINT")) return constraintError(code, message, details);
  if (code === "SQLITE_BUSY_SNAPSHOT") return new SerializationError(message, details);
  if (/^SQLITE_(CANTOPEN|NOTADB|CORRUPT|IOERR|PERM|AUTH)/.test(code)) return new ConnectionError(message, details);
  return new QueryError(withoutValues(error, message), details);
}

/** SQLite's functions repeat values in quotes: `bad JSON path: 'x'`; its parser quotes SQL, which is no secret. */
function withoutValues(error: unknown, message: string): string {
  if (/^(?:near |unrecognized token|no such )/.test(message)) return message;
  const hidden = message.replace(/(["'])(?:.*)\1/s, "…");
  if (error instanceof Error && hidden !== message) hideMessage(error, hidden);
  return hidden;
}

function constraintError(code: string, message: string, details: ConstraintDetails): RowkeeperError {
  const found = { ...details, ...constraintPlace(message) };
  switch (code) {
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY":
    case "SQLITE_CONSTRAINT_ROWID":
      return new UniqueViolationError(message, found);
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
      return new ForeignKeyViolationError(message, found);
    case "SQLITE_CONSTRAINT_TRIGGER":
      // What `on delete restrict` raises; a trigger of the user's own has a message of its own.
      return message === "FOREIGN KEY constraint failed"
        ? new ForeignKeyViolationError(message, found)
        : new ConstraintError(message, found);
    case "SQLITE_CONSTRAINT_NOTNULL":
      return new NotNullViolationError(message, found);
    case "SQLITE_CONSTRAINT_CHECK":
      return new CheckViolationError(message, {
        ...details,
        constraint: message.replace(/^.*constraint failed: /, ""),
      });
    case "SQLITE_CONSTRAINT_DATATYPE":
      // A value of a wrong type in a strict table, which breaks no rule of the schema's own.
      return new QueryError(message, details);
    default:
      return new ConstraintError(message, found);
  }
}

/** Reads `UNIQUE constraint failed: users.email, users.name` and `… failed: index 'users_email'`. */
function constraintPlace(message: string): ConstraintDetails {
  const place = /^(?:UNIQUE|NOT NULL) constraint failed: (.*)$/s.exec(message)?.[1];
  if (place === undefined) return {};
  const index = /^index '(.*)'$/s.exec(place)?.[1];
  if (index !== undefined) return { constraint: index };
  const names = place.split(", ").map((name) => name.split("."));
  return { table: names[0]?.[0], columns: names.map((parts) => parts.slice(1).join(".")) };
}

import {
  CheckViolationError,
  ConnectionError,
  ConstraintError,
  ForeignKeyViolationError,
  NotNullViolationError,
  QueryError,
  RowkeeperError,
  SerializationError,
  TimeoutError,
  UniqueViolationError,
  UsageError,
} from "../errors.js";
import type { DriverValue } from "./driver.js";
import { hideMessage } from "./hide-message.js";

/** What PostgreSQL tells of an error, as pg puts it on its errors. */
interface ServerError extends Error {
  readonly code: string;
  readonly severity: unknown;
  readonly table?: unknown;
  readonly column?: unknown;
  readonly constraint?: unknown;
  readonly detail?: unknown;
}

const CONSTRAINTS: Readonly<Record<string, typeof ConstraintError>> = {
  "23001": ForeignKeyViolationError,
  "23502": NotNullViolationError,
  "23503": ForeignKeyViolationError,
  "23505": UniqueViolationError,
  "23514": CheckViolationError,
};

/** The names of class 22, whose messages repeat values: `invalid input syntax for type integer: "4o"`. */
const DATA_EXCEPTIONS: Readonly<Record<string, string>> = {
  "22001": "a text is too long for its column",
  "22003": "a number is out of range",
  "22007": "a date or time has an invalid format",
  "22008": "a date or time is out of range",
  "22012": "division by zero",
  "22021": "a text has characters that the encoding doesn't know",
  "22023": "a parameter has an invalid value",
  "2201B": "a regular expression is invalid",
  "22P02": "a value has an invalid format for its type",
  "22P05": "a text has characters that can't be stored",
};

/** The names of errors whose messages repeat what SQL of the user's own makes of a value: `select nextval($1)`. */
const CONDITIONS: Readonly<Record<string, string>> = {
  "3F000": "a schema doesn't exist",
  "42501": "a permission is missing",
  "42601": "a syntax error",
  "42703": "a column doesn't exist",
  "42704": "an object doesn't exist",
  "42883": "a function doesn't exist",
  "42P01": "a table doesn't exist",
  "58P01": "a file doesn't exist",
};

/** What is known of a statement that failed. */
export interface FailedStatement {
  readonly sql?: string | undefined;
  /** Its values, which the message shall not repeat. */
  readonly values?: readonly DriverValue[] | undefined;
  /** The users of other connections, of whom one may hold the lock that was waited for. */
  readonly others?: (() => readonly string[]) | undefined;
}

interface Details {
  readonly cause: unknown;
  readonly sql: string | undefined;
}

const LOST =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after)/;

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && "severity" in error && "code" in error && typeof error.code === "string";
}

/** Whether it is an answer of the server's: the statement failed, and nothing else did. */
export function isAnswer(error: unknown): boolean {
  return isServerError(error) && !isConnectionLost(error);
}

/**
 * Whether the connection was lost. A protocol violation (08P01) is what the server calls a bind of too few values, after
 * which the connection goes on; pools like PgBouncer end connections with it, and call that fatal.
 */
export function isConnectionLost(error: unknown): boolean {
  if (isServerError(error)) return error.severity === "FATAL" || /^(?:08(?!P01)|57P0|25P0[34])/.test(error.code);
  return error instanceof Error && (LOST.test(error.message) || "syscall" in error || error instanceof AggregateError);
}

/** Whether its client is of no more use after the error: lost, or still busy with what pg gave up waiting for. */
export function isClientSpent(error: unknown): boolean {
  return isConnectionLost(error) || isReadTimeout(error);
}

/** Whether the server cancelled the statement, because it was asked to or by a timeout of its own. */
export function isCancelled(error: unknown): boolean {
  return isServerError(error) && error.code === "57014";
}

function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

/** Whether a prepared statement doesn't fit its tables any more; the same statement prepared anew does. */
export function isPlanOutdated(error: unknown): boolean {
  return isServerError(error) && error.code === "0A000" && error.message.includes("cached plan");
}

/** The error of rowkeeper's tree for what pg threw while it connected. */
export function connectionError(error: unknown, timeout: number): RowkeeperError {
  if (error instanceof RowkeeperError) return error;
  // Without the cause, which may repeat the URL, and the password with it.
  if (isInvalidUrl(error)) return new UsageError("the URL of the PostgreSQL database is invalid");
  const message = error instanceof Error ? error.message : String(error);
  if (message === "timeout exceeded when trying to connect") {
    return new TimeoutError("the pool had no free connection in time", { cause: error });
  }
  if (timeout === 0 && message.includes("connection timeout")) {
    return new TimeoutError("no connection was open, and a timeout of 0 waits for none", { cause: error });
  }
  // Node reports the attempts at all addresses of a host as one error without a message.
  const reason = message || (error instanceof AggregateError ? String(error.errors[0]) : "no reason given");
  return new ConnectionError(`PostgreSQL can't be reached: ${reason}`, { cause: error });
}

function isInvalidUrl(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && "code" in error && error.code === "ERR_INVALID_URL");
}

/**
 * The error of rowkeeper's tree for what a driver of PostgreSQL threw while it ran a statement, by the fields that pg puts
 * on its errors (`code`, `severity`, `table`, `constraint`, `detail`). Fields that repeat values are kept from what is
 * printed of the driver's own error.
 */
export function postgresError(error: unknown, statement: FailedStatement): RowkeeperError {
  if (error instanceof RowkeeperError) return error;
  const details = { cause: error, sql: statement.sql };
  if (isServerError(error)) return serverError(error, statement, details);
  const message = error instanceof Error ? error.message : String(error);
  if (isConnectionLost(error)) return new ConnectionError(`the connection to PostgreSQL was lost: ${message}`, details);
  if (isReadTimeout(error)) return new TimeoutError("the statement took longer than `query_timeout`", details);
  return new QueryError(message, details);
}

function serverError(error: ServerError, statement: FailedStatement, details: Details): RowkeeperError {
  const { code, message } = error;
  hideValues(error);
  if (code.startsWith("23")) return constraintError(error, details);
  if (code.startsWith("22")) {
    return discreetError(error, DATA_EXCEPTIONS[code] ?? "a value doesn't fit", details);
  }
  if (code === "40001" || code === "40P01") return new SerializationError(message, details);
  if (isPlanOutdated(error)) return new SerializationError(`${message}: the table was changed meanwhile`, details);
  if (code === "55P03") return new TimeoutError(`${message}${openHere(statement.others?.() ?? [])}`, details);
  if (code === "57014") return new TimeoutError(message, details);
  if (isConnectionLost(error)) return new ConnectionError(message, details);
  if (repeatsValue(message, statement))
    return discreetError(error, CONDITIONS[code] ?? "the statement failed with one of its values", details);
  return new QueryError(message, details);
}

function discreetError(error: ServerError, name: string, details: Details): QueryError {
  hideMessage(error, name);
  return new QueryError(`${name} (PostgreSQL's error ${error.code})`, details);
}

/** How much of a value is looked for: the server cuts names after 63 bytes. */
const LONGEST_PART = 15;
/** A shorter value is looked for in quotes only, as every message has an "a". */
const SHORTEST_PART = 3;

/**
 * Whether a message repeats a value or, in quotes, a part of one: the schema of a table's name, say. Quotes and case may
 * differ, as they do in names. What the statement's text says as well is no secret.
 */
function repeatsValue(message: string, { sql, values }: FailedStatement): boolean {
  const texts = (values ?? []).flatMap((value) => (typeof value === "string" ? [plain(value)] : []));
  const known = plain(sql ?? "");
  const quoted = Array.from(message.matchAll(/"([^"]+)"/g), (match) => plain(match[1] ?? ""));
  const isSecret = (part: string) => part !== "" && !known.includes(part);
  if (quoted.some((part) => isSecret(part) && texts.some((text) => isPartOf(text, part)))) return true;
  const parts = texts.filter((text) => text.length >= SHORTEST_PART).map((text) => text.slice(0, LONGEST_PART));
  return parts.some((part) => isSecret(part) && plain(message).includes(part));
}

function isPartOf(text: string, part: string): boolean {
  return part.length < SHORTEST_PART ? text === part : text.includes(part);
}

function plain(text: string): string {
  return text.replaceAll('"', "").toLowerCase();
}

function openHere(others: readonly string[]): string {
  return others.length === 0 ? "" : `; open here: ${others.join(", ")}`;
}

function constraintError(error: ServerError, details: Details): ConstraintError {
  const ErrorClass = CONSTRAINTS[error.code] ?? ConstraintError;
  return new ErrorClass(error.message, {
    ...details,
    table: textOf(error.table),
    constraint: textOf(error.constraint),
    columns: columnsOf(error),
  });
}

/** The columns, from `Key (a, "B")=(1, 2) already exists.` or from the field that only NOT NULL fills. */
function columnsOf(error: ServerError): string[] {
  const column = textOf(error.column);
  if (column !== undefined) return [column];
  // The details of other errors begin with values.
  if (error.code !== "23503" && error.code !== "23505") return [];
  const detail = textOf(error.detail) ?? "";
  // Then the key is that of the table referred to, whereas the table is the one that refers.
  if (detail.includes("is still referenced from")) return [];
  const names = /\((.*?)\)=\(/.exec(detail)?.[1]?.split(", ") ?? [];
  return names.every((name) => /^(?:[a-z_][\w$]*|"(?:[^"]|"")+")$/i.test(name)) ? names.map(unquote) : [];
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Keeps the fields that repeat values out of what is printed of an error; code may still read them. */
function hideValues(error: ServerError): void {
  for (const field of ["detail", "hint", "where", "internalQuery"]) {
    if (Object.hasOwn(error, field)) Object.defineProperty(error, field, { enumerable: false });
  }
}

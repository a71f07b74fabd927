/** What an error can carry besides its message. */
export interface ErrorDetails {
  /** The error of the driver, where there is one. */
  readonly cause?: unknown;
  /** The SQL text that failed, with placeholders, never with its values. */
  readonly sql?: string | undefined;
}

/** The caller's own frame comes after rowkeeper's, which can be more than the ten that are kept by default. */
const FRAMES = 40;

const inputErrors = new WeakSet<object>();

/** A TypeError about what a caller gave, whose stack reaches the caller. */
export function wrongInput(message: string): TypeError {
  const error = new TypeError(message);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Math.max(stackTraceLimit, FRAMES);
  Error.captureStackTrace(error, wrongInput);
  Error.stackTraceLimit = stackTraceLimit;
  inputErrors.add(error);
  return error;
}

/** The same with the place of the row that it is about, from 0 on. What a user's own code throws stays as it is. */
export function inRow(error: unknown, place: number): unknown {
  return error instanceof TypeError && inputErrors.has(error) ? wrongInput(`row ${place}: ${error.message}`) : error;
}

/** The root of all errors that rowkeeper raises itself, but for wrong types, which are `TypeError`s. */
export class RowkeeperError extends Error {
  /** The SQL text that failed, never its values; undefined where no statement was involved. */
  declare readonly sql: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = Math.max(stackTraceLimit, FRAMES);
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    Error.stackTraceLimit = stackTraceLimit;
    // What is not known is no property, which console.log would show.
    if (details.sql !== undefined) this.sql = details.sql;
  }

  static {
    this.prototype.name = "RowkeeperError";
  }
}

/** A call that makes no sense: no table bound, a negative offset, a manager used for nothing. Nothing was sent. */
export class UsageError extends RowkeeperError {
  static {
    this.prototype.name = "UsageError";
  }
}

/** Why a value was refused, and where it stands. */
export interface ValidationIssue {
  /** What the schema says; it may repeat the value. */
  readonly message: string;
  /** The property, before it the row's place where several were given, after it the way into a JSON value. */
  readonly path: readonly (string | number)[];
}

/** Schemas of columns refused values; nothing was sent. */
export class ValidationError extends RowkeeperError {
  /** Kept from what is printed, as messages of schemas may repeat values. */
  readonly #issues: readonly ValidationIssue[];

  constructor(message: string, issues: readonly ValidationIssue[]) {
    super(message);
    this.#issues = issues;
  }

  /** All that was refused, of all columns and rows, in their order. */
  get issues(): readonly ValidationIssue[] {
    return this.#issues;
  }

  static {
    this.prototype.name = "ValidationError";
  }
}

/** A row that had to be there is not. */
export class NotFoundError extends RowkeeperError {
  static {
    this.prototype.name = "NotFoundError";
  }
}

/**
 * The row is there, but the conditions that an update of it was given don't hold: another has changed it. Nothing was
 * written; `reload()` reads what it is now.
 */
export class OptimisticLockError extends NotFoundError {
  static {
    this.prototype.name = "OptimisticLockError";
  }
}

/** A record's content no longer matches the id that was made of it: it was changed otherwise than by rowkeeper. */
export class IntegrityError extends RowkeeperError {
  static {
    this.prototype.name = "IntegrityError";
  }
}

/** More than one row where one was asked for. */
export class MultipleResultsError extends RowkeeperError {
  static {
    this.prototype.name = "MultipleResultsError";
  }
}

/** A relation was read before it was loaded. */
export class RelationNotLoadedError extends RowkeeperError {
  static {
    this.prototype.name = "RelationNotLoadedError";
  }
}

/** A transaction, or a manager or connection bound to it, was used after its end. */
export class TransactionClosedError extends RowkeeperError {
  static {
    this.prototype.name = "TransactionClosedError";
  }
}

/** A wait for a connection, for SQLite's write lock or for a row's lock took longer than `timeout`. */
export class TimeoutError extends RowkeeperError {
  static {
    this.prototype.name = "TimeoutError";
  }
}

/** The database can't be reached, or the connection to it was lost. */
export class ConnectionError extends RowkeeperError {
  static {
    this.prototype.name = "ConnectionError";
  }
}

/** The connection was lost while a transaction was being committed: nobody knows whether it was. Never retried. */
export class AmbiguousCommitError extends ConnectionError {
  static {
    this.prototype.name = "AmbiguousCommitError";
  }
}

/** A serialization failure or a deadlock: the transaction was undone, and running it again may succeed. */
export class SerializationError extends RowkeeperError {
  static {
    this.prototype.name = "SerializationError";
  }
}

/** A statement failed for any other reason; `sql` has its text. */
export class QueryError extends RowkeeperError {
  static {
    this.prototype.name = "QueryError";
  }
}

/** Where a constraint was violated, as far as the engine tells. */
export interface ConstraintDetails extends ErrorDetails {
  readonly table?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly constraint?: string | undefined;
}

/** A constraint of the schema was violated; nothing was written. */
export class ConstraintError extends RowkeeperError {
  /** The table's name in the database, where the engine tells. */
  declare readonly table: string | undefined;
  /** The columns' names in the database, where the engine tells; else empty. */
  readonly columns: readonly string[];
  /** The constraint's name, where the engine tells. */
  declare readonly constraint: string | undefined;

  constructor(message: string, details: ConstraintDetails = {}) {
    super(message, details);
    if (details.table !== undefined) this.table = details.table;
    this.columns = details.columns ?? [];
    if (details.constraint !== undefined) this.constraint = details.constraint;
  }

  static {
    this.prototype.name = "ConstraintError";
  }
}

/** A row with the same key or unique values exists. */
export class UniqueViolationError extends ConstraintError {
  static {
    this.prototype.name = "UniqueViolationError";
  }
}

/** A reference to a row that doesn't exist, or the removal of one that is referred to. */
export class ForeignKeyViolationError extends ConstraintError {
  static {
    this.prototype.name = "ForeignKeyViolationError";
  }
}

/** A null where the column takes none. */
export class NotNullViolationError extends ConstraintError {
  static {
    this.prototype.name = "NotNullViolationError";
  }
}

/** A value that a CHECK of the table refuses. */
export class CheckViolationError extends ConstraintError {
  static {
    this.prototype.name = "CheckViolationError";
  }
}

import { QueryError } from "../errors.js";
import { keepShape } from "../shapes.js";
import type { DriverField, DriverResult, DriverStatement, DriverValue } from "./driver.js";
import type { SqliteHandle, SqliteStatement } from "./sqlite-types.js";
import { refuseTransactionControl } from "./transaction-control.js";

const MOST_STATEMENTS = 500;

/** A prepared statement that gives rows as arrays. */
export interface PreparedStatement {
  readonly statement: SqliteStatement;
  readonly givesRows: boolean;
  readonly isReadOnly: boolean;
  /** How integers come now; changed only when the next use wants them otherwise. */
  bigints: boolean;
}

/** Prepares a statement, to give rows as arrays. */
export function prepareStatement(handle: SqliteHandle, text: string): PreparedStatement {
  refuseTransactionControl(text, "sqlite");
  const statement = handle.prepare(text);
  const givesRows = statement.reader;
  if (givesRows) {
    statement.raw(true);
    statement.safeIntegers(false);
  }
  return {
    statement,
    givesRows,
    // Asked for when it is needed only: node:sqlite has to find out.
    get isReadOnly() {
      return statement.readonly;
    },
    bigints: false,
  };
}

/** Runs a statement that was prepared, with its own values or others. */
export function execute(
  prepared: PreparedStatement,
  statement: DriverStatement,
  given: readonly DriverValue[] = statement.values,
): DriverResult {
  const values = statement.access === undefined ? withIntegers(given) : given;
  if (!prepared.givesRows) {
    const done = prepared.statement.run(values);
    keepShape(execute, () => done);
    const { changes, lastInsertRowid } = done;
    return { rows: [], rowCount: changes, lastId: lastInsertRowid };
  }
  setIntegers(prepared, statement.bigints === true);
  const rows = prepared.statement.all(values);
  checkRows(rows);
  if (statement.describe !== true) return { rows, rowCount: rows.length };
  return { rows, rowCount: rows.length, fields: fieldsOf(prepared, statement) };
}

/** Chooses whether integers come as bigint or as number. */
export function setIntegers(prepared: PreparedStatement, bigints: boolean): void {
  if (prepared.bigints === bigints) return;
  prepared.statement.safeIntegers(bigints);
  prepared.bigints = bigints;
}

/**
 * better-sqlite3 binds each number as a REAL, so that `5 / 2` would be 2.5 in SQL of the user's own. Typed statements
 * know their columns, whose affinity settles the matter.
 */
export function withIntegers(values: readonly DriverValue[]): readonly DriverValue[] {
  return values.some(Number.isSafeInteger)
    ? values.map((value) => (typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value))
    : values;
}

/** Tells the compiler that `raw(true)` was heeded. */
export function checkRows(rows: unknown[]): asserts rows is unknown[][] {
  if (rows.length > 0 && !Array.isArray(rows[0]))
    throw new QueryError("the SQLite driver gave rows that are no arrays");
}

/** What is known of a statement's columns, where it asks for that. */
export function fieldsOf({ statement }: PreparedStatement, { describe }: DriverStatement): DriverField[] | undefined {
  return describe === true
    ? statement.columns().map(({ name, table, column }) => ({ name, table, column }))
    : undefined;
}

/** The prepared statements of one connection, by their text; the oldest go first. */
export class PreparedStatements {
  readonly #statements = new Map<string, PreparedStatement>();

  constructor(readonly handle: SqliteHandle) {}

  /** @throws UsageError for a statement that begins or ends a transaction */
  prepare(text: string): PreparedStatement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const prepared = prepareStatement(this.handle, text);
    if (this.#statements.size >= MOST_STATEMENTS) this.#forgetOldest();
    this.#statements.set(text, prepared);
    return prepared;
  }

  run(statement: DriverStatement): DriverResult {
    return execute(this.prepare(statement.text), statement);
  }

  #forgetOldest(): void {
    for (const text of this.#statements.keys()) {
      this.#statements.delete(text);
      return;
    }
  }
}

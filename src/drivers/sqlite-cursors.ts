import { setImmediate } from "node:timers/promises";
import { TransactionClosedError } from "../errors.js";
import type { DriverField, DriverResult, DriverStatement } from "./driver.js";
import { sqliteError } from "./sqlite-errors.js";
import { checkRows, execute, fieldsOf, prepareStatement, setIntegers, withIntegers } from "./sqlite-statements.js";
import type { SqliteHandle } from "./sqlite-types.js";
import { fromFirstWord } from "./transaction-control.js";

/** Reads a result batch by batch; synchronous, as SQLite is. */
export interface BatchReader {
  /** What is known of the columns, where the statement asks for that. */
  readonly fields: readonly DriverField[] | undefined;
  /** The next rows, at most `size`; none at the end. */
  next(size: number): unknown[][];
  close(): void;
}

/** The cursors that are open on a connection. */
export class SqliteCursors {
  readonly #open = new Set<BatchReader>();

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** Reads all batches, with a turn of the event loop between them. */
  async *read(open: () => BatchReader, size: number, sql: string): AsyncGenerator<DriverResult, void, undefined> {
    const reader = attempt(open, sql);
    this.#open.add(reader);
    try {
      for (;;) {
        if (!this.#open.has(reader))
          throw new TransactionClosedError("a cursor was read after the end of its transaction");
        const rows = attempt(() => reader.next(size), sql);
        if (rows.length > 0) yield { rows, rowCount: rows.length, fields: reader.fields };
        if (rows.length < size) return;
        await setImmediate();
      }
    } finally {
      this.#close(reader);
    }
  }

  /** Ends all cursors; reading on in one of them fails. */
  closeAll(): void {
    for (const reader of this.#open) this.#close(reader);
  }

  #close(reader: BatchReader): void {
    if (this.#open.delete(reader)) reader.close();
  }
}

function attempt<T>(action: () => T, sql: string): T {
  try {
    return action();
  } catch (error) {
    throw sqliteError(error, sql);
  }
}

/**
 * Steps through a select as it is read. better-sqlite3 refuses to write on a connection meanwhile, so this is for
 * connections that only read.
 */
export function stepThrough(handle: SqliteHandle, statement: DriverStatement): BatchReader {
  const prepared = prepareStatement(handle, statement.text);
  setIntegers(prepared, statement.bigints === true);
  const values = statement.access === undefined ? withIntegers(statement.values) : statement.values;
  const iterator = prepared.statement.iterate(values);
  return {
    fields: fieldsOf(prepared, statement),
    next(size) {
      const rows: unknown[] = [];
      while (rows.length < size) {
        const step = iterator.next();
        if (step.done === true) break;
        rows.push(step.value);
      }
      checkRows(rows);
      return rows;
    },
    close: () => void iterator.return?.(),
  };
}

let lastSpool = 0;

/**
 * Copies the rows of a select to a temporary table and reads them from there, so that the connection may write
 * meanwhile. The columns have no type, so that SQLite leaves the values as they are.
 *
 * @param writing runs a function while the connection may write, though it may be read-only otherwise
 */
export function spool(
  handle: SqliteHandle,
  statement: DriverStatement,
  writing: (action: () => void) => void,
): BatchReader {
  const select = prepareStatement(handle, statement.text);
  if (!select.isReadOnly || !/^(?:select|with|values)\b/i.test(fromFirstWord(statement.text, "sqlite"))) {
    return readAtOnce(execute(select, statement));
  }
  lastSpool += 1;
  const table = `temp.rowkeeper_cursor_${lastSpool}`;
  const columns = select.statement.columns().map((_column, index) => `c${index}`);
  const fields = fieldsOf(select, statement);
  const drop = () => writing(() => handle.exec(`drop table if exists ${table}`));
  writing(() => {
    handle.exec(`create table ${table} (${columns.join(", ")})`);
    try {
      execute(prepareStatement(handle, `insert into ${table} ${statement.text}`), statement);
    } catch (error) {
      handle.exec(`drop table ${table}`);
      throw error;
    }
  });
  const text = `select ${columns.join(", ")} from ${table} where rowid > ? order by rowid limit ?`;
  const page = prepareStatement(handle, text);
  let read = 0;
  return {
    fields,
    next(size) {
      const { rows } = execute(page, { text, values: [read, size], access: "read", bigints: statement.bigints });
      read += rows.length;
      return rows;
    },
    close: drop,
  };
}

/** For statements that no table can be made of: `pragma`, `explain`, `insert … returning`. */
function readAtOnce({ rows, fields }: DriverResult): BatchReader {
  let read = 0;
  return {
    fields,
    next(size) {
      const batch = rows.slice(read, read + size);
      read += batch.length;
      return batch;
    },
    close: () => {},
  };
}

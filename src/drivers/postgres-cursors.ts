import { TransactionClosedError } from "../errors.js";
import type { DriverResult, DriverStatement } from "./driver.js";
import { driverResult, plainQuery } from "./postgres-query.js";
import type { PostgresQuery, PostgresResult } from "./postgres-types.js";
import { refuseTransactionControl } from "./transaction-control.js";

/** What a cursor needs of its connection. */
interface CursorScope {
  isInTransaction(): boolean;
  send(query: PostgresQuery): Promise<PostgresResult | PostgresResult[]>;
  /** Sends a query about a cursor; nothing if, when its turn comes, the cursor ended with its transaction or savepoint. */
  sendTo(cursor: string, query: PostgresQuery): Promise<PostgresResult | PostgresResult[] | undefined>;
  /** Closes a cursor, unless it has ended or its transaction failed. */
  closeCursor(cursor: string): Promise<void>;
  /** The names of the cursors that are open. */
  cursors(): Set<string>;
  /** Begins the transaction that the cursor needs, if it is to have one of its own, and gives what leaves it. */
  enter(): Promise<() => Promise<void>>;
}

let lastCursor = 0;

/** What PostgreSQL takes as the number of rows to fetch: 32 bits. */
const MOST_ROWS = 2 ** 31 - 1;

/**
 * Reads a select through a cursor of the server's. A connection that only reads gets a transaction for it.
 * One that may write has it `with hold`: the server keeps the rows, so that the connection's other statements are
 * committed one by one, as they are without a cursor.
 */
export async function* readCursor(
  scope: CursorScope,
  statement: DriverStatement,
  size: number,
): AsyncGenerator<DriverResult, void, undefined> {
  refuseTransactionControl(statement.text, "postgres");
  const leave = await scope.enter();
  try {
    yield* readBatches(scope, statement, size);
  } finally {
    await leave();
  }
}

async function* readBatches(
  scope: CursorScope,
  statement: DriverStatement,
  size: number,
): AsyncGenerator<DriverResult, void, undefined> {
  lastCursor += 1;
  const name = `rowkeeper_cursor_${lastCursor}`;
  const hold = scope.isInTransaction() ? "without hold" : "with hold";
  const text = `declare ${name} no scroll cursor ${hold} for ${statement.text}`;
  await scope.send({ ...plainQuery(text), values: statement.values, queryMode: "extended" });
  scope.cursors().add(name);
  try {
    for (;;) {
      const result = await scope.sendTo(name, plainQuery(`fetch forward ${Math.min(size, MOST_ROWS)} from ${name}`));
      if (result === undefined)
        throw new TransactionClosedError("a cursor was read after the end of its transaction or savepoint");
      const batch = driverResult(result, statement.describe);
      if (batch.rowCount > 0) yield batch;
      if (batch.rowCount < size) return;
    }
  } finally {
    await scope.closeCursor(name);
  }
}

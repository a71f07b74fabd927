/*
 * A driver for PGlite, PostgreSQL in WebAssembly: `new Database(pgliteDriver(await PGlite.create()))`. It shows what a
 * driver of your own has to do; docs/drivers.md explains it.
 *
 * PGlite has one session. So what uses the database takes turns, a transaction as a whole, and what SQL of your own
 * leaves in the session (`set`, temporary tables) is there for all that comes after it.
 */
import type { PGlite, Results } from "@electric-sql/pglite";
import {
  type BeginOptions,
  ConnectionError,
  type Driver,
  type DriverConnection,
  type DriverResult,
  type DriverStatement,
  type DriverValue,
  type Holder,
  type Permit,
  Permits,
  postgresError,
  QueryError,
  refuseTransactionControl,
  TransactionClosedError,
  UsageError,
  type Waiting,
} from "rowkeeper";

export interface PGliteOptions {
  /** How long closing waits for those who use the database, in milliseconds; 5000 by default. */
  readonly timeout?: number;
}

/** A driver for an open PGlite, which stays open when the driver is closed. */
export function pgliteDriver(
  db: PGlite,
  { timeout = 5_000 }: PGliteOptions = {},
): Driver {
  return new PGliteDriver(new Session(db), timeout);
}

/** The turns at each PGlite, which several drivers may share. */
const turns = new WeakMap<PGlite, Permits>();

/** The one session of a PGlite: sends text and values, and reads text. */
class Session {
  readonly turns: Permits;
  readonly #db: PGlite;
  #isReady = false;
  #asText: Record<number, (value: string) => string> = {};

  constructor(db: PGlite) {
    this.#db = db;
    this.turns =
      turns.get(db) ?? new Permits("the connection to PGlite", 1);
    turns.set(db, this.turns);
  }

  get isInTransaction(): boolean {
    return this.#db.isInTransaction();
  }

  /** One statement, with its values. */
  async query(
    sql: string,
    values: readonly DriverValue[] = [],
  ): Promise<Results<unknown[]>> {
    try {
      const options = await this.#options();
      return await this.#db.query(sql, values.map(textOf), options);
    } catch (error) {
      throw this.#failed(error, sql, values);
    }
  }

  /** Any number of statements, without values. */
  async script(sql: string): Promise<string[]> {
    try {
      await this.#options();
      const results = await this.#db.exec(sql);
      // PGlite forgets to declare it.
      return results.map((result) =>
        "command" in result ? String(result.command) : "",
      );
    } catch (error) {
      throw this.#failed(error, sql, []);
    }
  }

  /** Rows as arrays, and of each type the text that the server has for it. */
  async #options() {
    if (!this.#isReady) {
      await this.#db.exec("set datestyle = ISO; set bytea_output = hex");
      const { parsers, serializers } = this.#db;
      const oids = Object.keys({ ...parsers, ...serializers });
      const asItIs = (value: string) => value;
      this.#asText = Object.fromEntries(oids.map((oid) => [oid, asItIs]));
      this.#isReady = true;
    }
    const asText = this.#asText;
    return {
      rowMode: "array",
      parsers: asText,
      serializers: asText,
    } as const;
  }

  /** PGlite's errors have the fields of the server's, which tell rowkeeper their class. */
  #failed(error: unknown, sql: string, values: readonly DriverValue[]) {
    if (this.#db.closed)
      return new ConnectionError("PGlite was closed", {
        cause: error,
        sql,
      });
    // Values are not to be seen in what is logged.
    if (error instanceof Error && "params" in error)
      Object.defineProperty(error, "params", { enumerable: false });
    return postgresError(error, { sql, values });
  }
}

/** A value as PostgreSQL reads it. */
function textOf(value: DriverValue): string | null {
  if (value instanceof Uint8Array)
    return `\\x${Buffer.from(value).toString("hex")}`;
  return value === null ? null : String(value);
}

function resultOf(
  { rows, fields, affectedRows = 0 }: Results<unknown[]>,
  describe = false,
): DriverResult {
  const rowCount = fields.length > 0 ? rows.length : affectedRows;
  if (!describe) return { rows, rowCount };
  return {
    rows,
    rowCount,
    fields: fields.map(({ name, dataTypeID }) => ({
      name,
      type: dataTypeID,
    })),
  };
}

class PGliteDriver implements Driver {
  readonly dialect = "postgres";
  readonly concurrentWriters = false;
  readonly #session: Session;
  readonly #timeout: number;
  #isClosed = false;

  constructor(session: Session, timeout: number) {
    this.#session = session;
    this.#timeout = timeout;
  }

  async run(
    statement: DriverStatement,
    waiting: Waiting,
  ): Promise<DriverResult> {
    if (statement.access === undefined)
      refuseTransactionControl(statement.text, "postgres");
    const { text, values, describe } = statement;
    return this.#inTurn(waiting, async () =>
      resultOf(await this.#session.query(text, values), describe),
    );
  }

  async connect(
    _access: "read" | "write",
    waiting: Waiting,
  ): Promise<DriverConnection> {
    const permit = await this.#take(waiting);
    return new PGliteConnection(this.#session, () =>
      this.#session.turns.give(permit),
    );
  }

  /** The cursor takes a turn for each batch. */
  async *cursor(
    statement: DriverStatement,
    size: number,
    waiting: Waiting,
  ): AsyncGenerator<DriverResult, void, undefined> {
    const cursor = new Cursor(this.#session, true);
    const open = () => cursor.open(statement);
    try {
      await this.#inTurn(waiting, open);
      for (;;) {
        const batch = await this.#inTurn(waiting, () => cursor.fetch(size));
        if (batch.rowCount > 0) yield batch;
        if (batch.rowCount < size) return;
      }
    } finally {
      // It is to be closed after an abort as well.
      const { holder, timeout } = waiting;
      if (!this.#isClosed)
        await this.#inTurn({ holder, timeout }, () => cursor.close());
    }
  }

  /** Lets nobody in any more, and waits until nobody is there. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const holder: Holder = {
      describe: () => "the closing of the database",
      ownsCurrentFlow: () => false,
    };
    const { turns } = this.#session;
    turns.give(await turns.take(holder, this.#timeout));
  }

  /** An abort ends the wait; what runs in PGlite can't be stopped. */
  async #take({ holder, timeout, signal }: Waiting): Promise<Permit> {
    if (this.#isClosed) throw new UsageError("the database was closed");
    return this.#session.turns.take(holder, timeout, signal);
  }

  async #inTurn<T>(waiting: Waiting, action: () => Promise<T>): Promise<T> {
    const permit = await this.#take(waiting);
    try {
      return await action();
    } finally {
      this.#session.turns.give(permit);
    }
  }
}

/** The session, while one user holds it; what is asked of it at the same time is done one after another. */
class PGliteConnection implements DriverConnection {
  readonly #session: Session;
  readonly #leave: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #isInTransaction = false;
  #isClosed = false;
  #cursors = new Set<Cursor>();
  /** By savepoint: the cursors that were open when it was set. */
  readonly #cursorsAt = new Map<string, ReadonlySet<Cursor>>();

  constructor(session: Session, leave: () => void) {
    this.#session = session;
    this.#leave = leave;
  }

  async run(statement: DriverStatement): Promise<DriverResult> {
    if (statement.access === undefined)
      refuseTransactionControl(statement.text, "postgres");
    const { text, values, describe } = statement;
    return this.#inTurn(async () =>
      resultOf(await this.#session.query(text, values), describe),
    );
  }

  runMany(
    statement: DriverStatement,
    sets: readonly (readonly DriverValue[])[],
  ): Promise<DriverResult> {
    return this.#inTurn(async () => {
      const rows: unknown[][] = [];
      let rowCount = 0;
      for (const values of sets) {
        const result = resultOf(
          await this.#session.query(statement.text, values),
        );
        for (const row of result.rows) rows.push(row);
        rowCount += result.rowCount;
      }
      return { rows, rowCount };
    });
  }

  async *cursor(
    statement: DriverStatement,
    size: number,
  ): AsyncGenerator<DriverResult, void, undefined> {
    const cursor = await this.#inTurn(async () => {
      // Outside a transaction the server keeps the rows themselves.
      const opened = new Cursor(this.#session, !this.#isInTransaction);
      await opened.open(statement);
      this.#cursors.add(opened);
      return opened;
    });
    const fetch = () => {
      if (this.#cursors.has(cursor)) return cursor.fetch(size);
      const message = "a cursor was read after the end of its transaction";
      throw new TransactionClosedError(message);
    };
    try {
      for (;;) {
        const batch = await this.#inTurn(async () => fetch());
        if (batch.rowCount > 0) yield batch;
        if (batch.rowCount < size) return;
      }
    } finally {
      if (!this.#isClosed) await this.#inTurn(() => this.#close(cursor));
    }
  }

  script(text: string): Promise<void> {
    return this.#inTurn(async () => {
      let commands: readonly string[] = [];
      try {
        commands = await this.#session.script(text);
      } finally {
        if (!this.#isInTransaction && this.#session.isInTransaction) {
          await this.#rollback();
          if (commands.length > 0) refuse("began a transaction", text);
        }
      }
      if (!this.#isInTransaction) return;
      const isSame = !commands.some((command) =>
        /^(?:BEGIN|START|COMMIT)/.test(command),
      );
      if (isSame && this.#session.isInTransaction) return;
      await this.#rollback();
      refuse("ended the transaction that it ran in", text);
    });
  }

  begin({ isolation, readOnly }: BeginOptions): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isInTransaction)
        throw new UsageError("a transaction is already open");
      if (this.#cursors.size > 0)
        throw new UsageError(
          "a transaction can't begin while a cursor is open",
        );
      const level =
        isolation === undefined ? "" : ` isolation level ${isolation}`;
      await this.#session.query(
        `begin${level}${readOnly === true ? " read only" : ""}`,
      );
      this.#isInTransaction = true;
    });
  }

  commit(): Promise<void> {
    return this.#inTurn(async () => {
      const [command] = await this.#session.script("commit");
      this.#end();
      // PostgreSQL doesn't call it an error.
      if (command === "ROLLBACK")
        throw new QueryError(
          "the transaction was rolled back, because a statement in it had failed",
          { sql: "commit" },
        );
    });
  }

  async rollback(): Promise<void> {
    if (!this.#isClosed) await this.#inTurn(() => this.#rollback());
  }

  savepoint(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#session.query(`savepoint ${name}`);
      this.#cursorsAt.set(name, new Set(this.#cursors));
    });
  }

  release(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#session.query(`release savepoint ${name}`);
    });
  }

  rollbackTo(name: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#session.query(`rollback to savepoint ${name}`);
      const kept = this.#cursorsAt.get(name);
      for (const cursor of this.#cursors)
        if (!kept?.has(cursor)) this.#cursors.delete(cursor);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const ended = this.#inTurn(async () => {
      if (this.#isInTransaction) await this.#rollback();
      for (const cursor of this.#cursors) await this.#close(cursor);
    });
    this.#isClosed = true;
    try {
      await ended;
    } finally {
      this.#leave();
    }
  }

  async #rollback(): Promise<void> {
    await this.#session.query("rollback");
    this.#end();
  }

  #end(): void {
    this.#isInTransaction = false;
    this.#cursors = new Set();
    this.#cursorsAt.clear();
  }

  /** One that ended with its transaction is closed already; in a transaction that failed, none can be. */
  async #close(cursor: Cursor): Promise<void> {
    if (!this.#cursors.delete(cursor)) return;
    try {
      await cursor.close();
    } catch (error) {
      if (!this.#isInTransaction) throw error;
    }
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(closed());
    const turn = this.#last.then(action);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function closed(): TransactionClosedError {
  return new TransactionClosedError(
    "a connection was used after it was given back",
  );
}

function refuse(what: string, sql: string): never {
  throw new UsageError(`a script ${what}; it was undone`, { sql });
}

let lastCursor = 0;

/** A cursor of the server's. */
class Cursor {
  readonly #session: Session;
  readonly #isHeld: boolean;
  readonly #name: string;
  #isOpen = false;
  #describe = false;

  /** @param isHeld whether it is to live outside a transaction: the server keeps a copy of the rows then */
  constructor(session: Session, isHeld: boolean) {
    this.#session = session;
    this.#isHeld = isHeld;
    lastCursor += 1;
    this.#name = `rowkeeper_cursor_${lastCursor}`;
  }

  async open({ text, values, describe }: DriverStatement): Promise<void> {
    refuseTransactionControl(text, "postgres");
    const hold = this.#isHeld ? "with hold" : "without hold";
    await this.#session.query(
      `declare ${this.#name} no scroll cursor ${hold} for ${text}`,
      values,
    );
    this.#isOpen = true;
    this.#describe = describe === true;
  }

  async fetch(size: number): Promise<DriverResult> {
    // What the server takes as a number of rows has 32 bits.
    const count = Math.min(size, 2 ** 31 - 1);
    const results = await this.#session.query(
      `fetch forward ${count} from ${this.#name}`,
    );
    return resultOf(results, this.#describe);
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#session.query(`close ${this.#name}`);
  }
}

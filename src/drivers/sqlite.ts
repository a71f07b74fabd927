import { basename } from "node:path";
import type { Driver, DriverConnection, DriverResult, DriverStatement, MaybePromise, Waiting } from "./driver.js";
import { type Lease, Leases } from "./leases.js";
import { type Permit, Permits } from "./permits.js";
import { retryWhileBusy } from "./sqlite-busy.js";
import { SqliteConnection } from "./sqlite-connection.js";
import { type BatchReader, spool } from "./sqlite-cursors.js";
import { isBusy, sqliteError } from "./sqlite-errors.js";
import { openSqlite, registerFunctions, type SqlitePragmas } from "./sqlite-open.js";
import { PreparedStatements } from "./sqlite-statements.js";
import type { SqliteConstructor, SqliteFunctions, SqliteHandle } from "./sqlite-types.js";
import { permitsOf, useWriteLock, type WriteLockUse } from "./sqlite-write-locks.js";
import { fromFirstWord } from "./transaction-control.js";
import { turnIfDue } from "./turns.js";

export type { SqlitePragmas } from "./sqlite-open.js";
export type * from "./sqlite-types.js";

/** A database that the driver opens itself. */
export interface SqliteFileOptions {
  /** The class that `better-sqlite3` exports. */
  readonly Database: SqliteConstructor;
  /** A file, made if there is none, or `:memory:`. */
  readonly path: string;
  /** How long opening and closing wait for others, in milliseconds. */
  readonly timeout: number;
  /** The most connections that read at the same time, in transactions or by cursors. */
  readonly readers: number;
  /** Set on each connection, after the driver's own. */
  readonly pragmas?: SqlitePragmas | undefined;
  readonly functions?: SqliteFunctions | undefined;
}

/** A database of the user's own, which stays open after the driver is closed. */
export interface SqliteHandleOptions {
  readonly handle: SqliteHandle;
  /** How long closing waits for transactions, in milliseconds. */
  readonly timeout: number;
  readonly functions?: SqliteFunctions | undefined;
}

/**
 * A driver for SQLite through better-sqlite3, or a library with the same interface.
 *
 * A file has one connection that writes, which transactions hold from their begin to their end, and others that read
 * beside it (`journal_mode=wal`). `:memory:` and a handle of the user's own have one connection, for which all queue.
 *
 * @throws ConnectionError, at the first use, where the file can't be opened
 */
export function sqliteDriver(options: SqliteFileOptions | SqliteHandleOptions): Driver {
  if (!("path" in options)) {
    registerFunctions(options.handle, options.functions);
    const { handle } = options;
    return new SqliteDriver("the database", options.timeout, () => single(handle, permitsOf(handle), () => {}));
  }
  const { path, timeout } = options;
  const isFile = path !== "" && path !== ":memory:";
  const name = isFile ? basename(path) : "the database in memory";
  return new SqliteDriver(name, timeout, () => {
    const handle = openSqlite(options, "write");
    try {
      return isFile ? withReaders(handle, options) : single(handle, permitsOf(handle, name), () => handle.close());
    } catch (error) {
      handle.close();
      throw error;
    }
  });
}

/** The connections to an open database. */
interface Connections {
  /** Whether reads run beside a transaction that writes. */
  readonly hasReaders: boolean;
  readonly writer: PreparedStatements;
  /** For the reads that are no transaction; the writer, where there are no readers. */
  readonly reader: PreparedStatements;
  readonly writePermits: Permits;
  readonly readPermits: Permits;
  takeReader(): PreparedStatements;
  giveReader(reader: PreparedStatements): void;
  close(): void;
}

function single(handle: SqliteHandle, permits: Permits, close: () => void): Connections {
  const statements = new PreparedStatements(handle);
  return {
    hasReaders: false,
    writer: statements,
    reader: statements,
    writePermits: permits,
    readPermits: permits,
    takeReader: () => statements,
    giveReader: () => {},
    close,
  };
}

function withReaders(handle: SqliteHandle, options: SqliteFileOptions): Connections {
  const open = () => new PreparedStatements(openSqlite(options, "read"));
  const reader = open();
  const idle: PreparedStatements[] = [];
  const lock: WriteLockUse = useWriteLock(options.path);
  return {
    hasReaders: true,
    writer: new PreparedStatements(handle),
    reader,
    writePermits: lock.permits,
    readPermits: new Permits(
      `one of the ${options.readers} connections that read ${basename(options.path)}`,
      options.readers,
    ),
    takeReader: () => idle.pop() ?? open(),
    giveReader(used) {
      used.handle.exec("pragma query_only = on");
      idle.push(used);
    },
    close() {
      lock.end();
      for (const { handle } of [...idle, reader]) handle.close();
      // The writer goes last: it is who can fold the write-ahead log into the file.
      handle.close();
    },
  };
}

class SqliteDriver implements Driver {
  readonly dialect = "sqlite";
  readonly concurrentWriters = false;
  readonly #open: () => Connections;
  readonly #timeout: number;
  readonly #leases: Leases;
  /** For messages. */
  readonly #lock: string;
  #connections: Connections | undefined;

  constructor(name: string, timeout: number, open: () => Connections) {
    this.#timeout = timeout;
    this.#open = open;
    this.#lock = `the write lock of ${name}`;
    this.#leases = new Leases(name);
  }

  run(statement: DriverStatement, waiting: Waiting): MaybePromise<DriverResult> {
    const connections = this.#connections;
    if (connections === undefined) {
      const opened = this.#connect(waiting);
      return opened instanceof Promise ? opened.then(() => this.run(statement, waiting)) : this.run(statement, waiting);
    }
    this.#leases.check();
    const turn = statement.signal && turnIfDue();
    if (turn !== undefined) return this.#runAfter(turn, statement, waiting);
    const access = statement.access ?? this.#accessOf(connections, statement.text);
    if (access === "read" && connections.hasReaders) return this.#attempt(connections.reader, statement, waiting);
    if (connections.writePermits.isFree) return this.#attempt(connections.writer, statement, waiting);
    return this.#runInTurn(connections, statement, waiting);
  }

  async #runAfter(turn: Promise<void>, statement: DriverStatement, waiting: Waiting): Promise<DriverResult> {
    await turn;
    statement.signal?.throwIfAborted();
    return this.run(statement, waiting);
  }

  connect(access: "read" | "write", waiting: Waiting): MaybePromise<DriverConnection> {
    const connections = this.#connections;
    if (connections === undefined) {
      const opened = this.#connect(waiting);
      return opened instanceof Promise
        ? opened.then(() => this.connect(access, waiting))
        : this.connect(access, waiting);
    }
    const lease = this.#leases.take(waiting.holder);
    const permits = access === "read" ? connections.readPermits : connections.writePermits;
    const permit = permits.tryTake(waiting.holder);
    if (permit === undefined) return this.#connectInTurn(connections, access, waiting, { permits, lease });
    return this.#connection(connections, access, waiting, () => this.#give(permits, permit, lease));
  }

  async #connectInTurn(
    connections: Connections,
    access: "read" | "write",
    waiting: Waiting,
    { permits, lease }: { readonly permits: Permits; readonly lease: Lease },
  ): Promise<DriverConnection> {
    let permit: Permit;
    try {
      permit = await permits.take(waiting.holder, waiting.timeout, waiting.signal);
    } catch (error) {
      this.#leases.give(lease);
      throw error;
    }
    return this.#connection(connections, access, waiting, () => this.#give(permits, permit, lease));
  }

  /** The connection, for which all is taken that `leave` gives back; at once, unless a reader can't be opened now. */
  #connection(
    connections: Connections,
    access: "read" | "write",
    waiting: Waiting,
    leave: () => void,
  ): MaybePromise<DriverConnection> {
    const lock = this.#lock;
    if (access === "write" || !connections.hasReaders) {
      const writes = access === "write";
      return new SqliteConnection({
        statements: connections.writer,
        waiting,
        lock,
        onlyReads: false,
        writes,
        onClose: leave,
      });
    }
    const made = (statements: PreparedStatements) => {
      const onClose = () => {
        connections.giveReader(statements);
        leave();
      };
      return new SqliteConnection({ statements, waiting, lock, onlyReads: true, writes: false, onClose });
    };
    const failed = (error: unknown): never => {
      leave();
      throw error;
    };
    let reader: MaybePromise<PreparedStatements>;
    try {
      reader = retryWhileBusy(() => connections.takeReader(), waiting, this.#lock);
    } catch (error) {
      return failed(error);
    }
    return reader instanceof Promise ? reader.then(made, failed) : made(reader);
  }

  async *cursor(
    statement: DriverStatement,
    size: number,
    waiting: Waiting,
  ): AsyncGenerator<DriverResult, void, undefined> {
    const connections = this.#connections ?? (await this.#connect(waiting));
    if (!connections.hasReaders) {
      yield* this.#spooled(connections, statement, size, waiting);
      return;
    }
    const connection = await this.connect("read", waiting);
    try {
      yield* connection.cursor(statement, size);
    } finally {
      await connection.close();
    }
  }

  /** Reads from a copy of the rows, so that the one connection is held for a batch at a time only. */
  async *#spooled(
    connections: Connections,
    statement: DriverStatement,
    size: number,
    waiting: Waiting,
  ): AsyncGenerator<DriverResult, void, undefined> {
    let reader: BatchReader | undefined;
    const next = () => {
      reader ??= spool(connections.writer.handle, statement, (action) => action());
      return reader.next(size);
    };
    try {
      for (;;) {
        const rows = await this.#inTurn(connections, waiting, next, statement.text);
        if (rows.length > 0) yield { rows, rowCount: rows.length, fields: reader?.fields };
        if (rows.length < size) return;
        await turnIfDue();
        waiting.signal?.throwIfAborted();
      }
    } finally {
      // With the connection, the copy is gone as well.
      if (this.#connections === connections && reader !== undefined) {
        const { holder, timeout } = waiting; // It is to be closed after an abort as well.
        await this.#inTurn(connections, { holder, timeout }, () => reader?.close(), statement.text);
      }
    }
  }

  async close(): Promise<void> {
    await this.#leases.close(this.#timeout, () => {
      this.#connections?.close();
      this.#connections = undefined;
    });
  }

  #connect(waiting: Waiting): MaybePromise<Connections> {
    const open = () => {
      this.#leases.check();
      this.#connections ??= this.#open();
      return this.#connections;
    };
    return retryWhileBusy(open, waiting, this.#lock);
  }

  /** Only SQL of the user's own comes without its access; a pragma may change the connection that it runs on. */
  #accessOf(connections: Connections, text: string): "read" | "write" {
    if (/^pragma\b/i.test(fromFirstWord(text, "sqlite"))) return "write";
    try {
      const { isReadOnly, givesRows } = connections.reader.prepare(text);
      return isReadOnly && givesRows ? "read" : "write";
    } catch (error) {
      // The connection that writes may know more: temporary tables, attached databases. Or it says what is wrong.
      if (connections.hasReaders) return this.#accessOfWriter(connections, text);
      throw sqliteError(error, text);
    }
  }

  #accessOfWriter(connections: Connections, text: string): "write" {
    try {
      connections.writer.prepare(text);
      return "write";
    } catch (error) {
      throw sqliteError(error, text);
    }
  }

  #attempt(statements: PreparedStatements, statement: DriverStatement, waiting: Waiting): MaybePromise<DriverResult> {
    try {
      return statements.run(statement);
    } catch (error) {
      return this.#afterFailure(error, statements, statement, waiting);
    }
  }

  #afterFailure(
    error: unknown,
    statements: PreparedStatements,
    statement: DriverStatement,
    waiting: Waiting,
  ): MaybePromise<DriverResult> {
    const connections = this.#connections;
    const failure = sqliteError(error, statement.text);
    if (connections === undefined || !isBusy(error)) throw failure;
    if (statements === connections.writer) return this.#runInTurn(connections, statement, waiting);
    return retryWhileBusy(() => statements.run(statement), waiting, this.#lock, statement.text);
  }

  /** Runs a statement once the connection that writes is free. */
  #runInTurn(connections: Connections, statement: DriverStatement, waiting: Waiting): Promise<DriverResult> {
    return this.#inTurn(connections, waiting, () => connections.writer.run(statement), statement.text);
  }

  async #inTurn<T>(connections: Connections, waiting: Waiting, action: () => T, sql: string): Promise<T> {
    const lease = this.#leases.take(waiting.holder);
    let permit: Permit | undefined;
    try {
      permit = await connections.writePermits.take(waiting.holder, waiting.timeout, waiting.signal);
      return await retryWhileBusy(action, waiting, this.#lock, sql);
    } finally {
      this.#give(connections.writePermits, permit, lease);
    }
  }

  #give(permits: Permits, permit: Permit | undefined, lease: Lease): void {
    if (permit !== undefined) permits.give(permit);
    this.#leases.give(lease);
  }
}

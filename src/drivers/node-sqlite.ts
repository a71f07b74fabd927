import { QueryError, UsageError } from "../errors.js";
import type { DriverValue } from "./driver.js";
import type {
  SqliteAggregate,
  SqliteColumn,
  SqliteConstructor,
  SqliteHandle,
  SqliteRegistration,
  SqliteStatement,
} from "./sqlite-types.js";
import { fromFirstWord } from "./transaction-control.js";

/*
 * Node's own SQLite, `node:sqlite`, with the interface of better-sqlite3. What is used of it is described by its
 * structure, so that rowkeeper compiles with the types of a Node that has none.
 */

/** A prepared statement of `node:sqlite`. */
export interface StatementSync {
  /** The text of this statement alone, where that which was prepared goes on with others. */
  readonly sourceSQL: string;
  all(...values: DriverValue[]): unknown[];
  run(...values: DriverValue[]): {
    readonly changes: number | bigint;
    readonly lastInsertRowid: number | bigint;
  };
  iterate(...values: DriverValue[]): Iterator<unknown, unknown>;
  columns(): readonly {
    readonly name: string;
    readonly table: string | null;
    readonly column: string | null;
  }[];
  setReadBigInts(on: boolean): void;
  setReturnArrays(on: boolean): void;
}

/** An open database of `node:sqlite`: `new DatabaseSync("blog.db")`. */
export interface DatabaseSync {
  readonly isTransaction: boolean;
  prepare(text: string): StatementSync;
  exec(text: string): void;
  function(name: string, options: object, fn: (...values: never[]) => unknown): void;
  aggregate(name: string, options: object): void;
  close(): void;
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { timeout: number }) => DatabaseSync;
}

/** The database class of `node:sqlite`; undefined where Node lacks it, or one that can do all that is needed (22.16). */
export function nodeSqlite(module: object | undefined): SqliteConstructor | undefined {
  if (module === undefined || !isComplete(module)) return undefined;
  const { DatabaseSync } = module;
  return class extends NodeSqliteHandle {
    constructor(path: string, { timeout }: { timeout: number }) {
      // Node would take it as a URI.
      super(new DatabaseSync(path.startsWith("file:") ? `./${path}` : path, { timeout }));
    }
  };
}

/** What is used came with the same releases of Node as `setReturnArrays`. */
function isComplete(module: object): module is NodeSqlite {
  if (!("DatabaseSync" in module && "StatementSync" in module)) return false;
  const { StatementSync } = module;
  return typeof StatementSync === "function" && "setReturnArrays" in StatementSync.prototype;
}

const adapted = new WeakMap<DatabaseSync, SqliteHandle>();

/**
 * An open database of `node:sqlite` with the interface of better-sqlite3's; always the same for the same.
 *
 * @throws UsageError where Node's can't do all that is needed
 */
export function nodeSqliteHandle(database: DatabaseSync): SqliteHandle {
  if (!("isTransaction" in database))
    throw new UsageError("this Node's node:sqlite lacks what rowkeeper needs, which Node has since 22.16");
  const handle = adapted.get(database) ?? new NodeSqliteHandle(database);
  adapted.set(database, handle);
  return handle;
}

class NodeSqliteHandle implements SqliteHandle {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  prepare(text: string): SqliteStatement {
    if (fromFirstWord(text, "sqlite") === "") throw new QueryError("the SQL text has no statement", { sql: text });
    const statement = this.#database.prepare(text);
    // Node would leave out all statements but the first.
    if (fromFirstWord(text.slice(statement.sourceSQL.length), "sqlite") !== "")
      throw new QueryError("the SQL text has more than one statement", { sql: text });
    return new NodeSqliteStatement(this.#database, statement, text);
  }

  exec(text: string): void {
    this.#database.exec(text);
  }

  function(
    name: string,
    { deterministic = false, safeIntegers = false }: SqliteRegistration,
    fn: (...values: unknown[]) => unknown,
  ): void {
    this.#database.function(name, { deterministic, useBigIntArguments: safeIntegers }, fn);
  }

  aggregate(name: string, { safeIntegers = false, ...made }: SqliteRegistration & SqliteAggregate): void {
    const { inverse } = made;
    // What `step` gives is the next state.
    const changing = (change: (state: unknown, value: unknown) => void) => (state: unknown, value: unknown) => {
      change(state, value);
      return state;
    };
    this.#database.aggregate(name, {
      useBigIntArguments: safeIntegers,
      start: () => made.start(),
      step: changing((state, value) => made.step(state, value)),
      ...(inverse !== undefined && { inverse: changing((state, value) => inverse(state, value)) }),
      result: (state: unknown) => made.result(state),
    });
  }

  close(): void {
    this.#database.close();
  }
}

const KEEPS_COLUMNS = Number.parseInt(process.versions.node, 10) < 24;

class NodeSqliteStatement implements SqliteStatement {
  readonly reader: boolean;
  readonly #database: DatabaseSync;
  readonly #text: string;
  #statement: StatementSync;
  #givesArrays = false;
  #givesBigInts = false;
  #parameters: number | undefined;

  constructor(database: DatabaseSync, statement: StatementSync, text: string) {
    this.#database = database;
    this.#statement = statement;
    this.#text = text;
    this.reader = statement.columns().length > 0;
  }

  /** As SQLite itself finds out: by whether the statement's program has an instruction that begins to write. */
  get readonly(): boolean {
    const word = /^\w*/.exec(fromFirstWord(this.#text, "sqlite"))?.[0].toLowerCase();
    if (word === "explain") return true;
    // Some pragmas do their work while they are prepared, even to be explained.
    if (word === "pragma") return false;
    const program = this.#database.prepare(`explain ${this.#text}`);
    program.setReturnArrays(true);
    return !program.all().some((step) => Array.isArray(step) && writes(step[1], step[3]));
  }

  raw(on = true): void {
    this.#givesArrays = on;
    this.#statement.setReturnArrays(on);
  }

  safeIntegers(on = true): void {
    this.#givesBigInts = on;
    this.#statement.setReadBigInts(on);
  }

  all(values: readonly DriverValue[]): unknown[] {
    this.#check(values);
    return this.#upToDate().all(...values);
  }

  run(values: readonly DriverValue[]): {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  } {
    this.#check(values);
    const { changes, lastInsertRowid } = this.#statement.run(...values);
    // Of other statements, Node tells the changes of the one before.
    const isChange = /^(?:insert|update|delete|replace|with)\b/i.test(fromFirstWord(this.#text, "sqlite"));
    return { changes: isChange ? Number(changes) : 0, lastInsertRowid };
  }

  *iterate(values: readonly DriverValue[]): IterableIterator<unknown> {
    this.#check(values);
    const rows = this.#upToDate().iterate(...values);
    try {
      for (let step = rows.next(); step.done !== true; step = rows.next()) yield step.value;
    } finally {
      rows.return?.();
    }
  }

  columns(): readonly SqliteColumn[] {
    return this.#statement.columns();
  }

  /** Before Node 24, rows have the columns that were known when the statement was prepared, so those of `*` are asked for anew. */
  #upToDate(): StatementSync {
    if (!KEEPS_COLUMNS || !/[^(]\*/.test(this.#text)) return this.#statement;
    this.#database.exec("select 1 from sqlite_schema limit 1"); // Reads the schema again where another connection changed it.
    this.#statement = this.#database.prepare(this.#text);
    this.#statement.setReturnArrays(this.#givesArrays);
    this.#statement.setReadBigInts(this.#givesBigInts);
    return this.#statement;
  }

  /** Node would take null for a value that is missing. */
  #check(values: readonly DriverValue[]): void {
    this.#parameters ??= countParameters(this.#text);
    if (values.length === this.#parameters) return;
    const message = `the statement has ${this.#parameters} placeholders, not ${values.length}`;
    throw new QueryError(message, { sql: this.#text });
  }
}

function writes(opcode: unknown, p2: unknown): boolean {
  return opcode === "Transaction" ? Number(p2) !== 0 : /^(?:Vacuum|JournalMode|Checkpoint)$/.test(String(opcode));
}

const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|\?\d*|[:@$#][\w$]+/gi;

/** @throws QueryError for placeholders with names or numbers, which a list of values has none for */
function countParameters(text: string): number {
  let count = 0;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "?") count += 1;
    else if (/^[?:@$#]/.test(token)) throw new QueryError(`${token} is no placeholder; they are ?`, { sql: text });
  }
  return count;
}

import { Sql } from "sql-template-tag";
import type { DriverStatement } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import { checkCount } from "./check-count.js";
import { ALWAYS, type ConditionLike, type Order, or } from "./conditions.js";
import { type Dialect, quoteIdentifier } from "./dialect.js";
import { encodeInsert, encodeUpdate, type InsertRow, type KeyMaker } from "./insert-values.js";
import type { Table, TableColumn } from "./table.js";
import type { AnyModel, ColumnName, NewRow, OrderBy, Row, UpdateValues, Where } from "./types.js";
import { conditionsOf, ordersOf } from "./where.js";
import { isExpression, SqlWriter } from "./writer.js";

/** What a statement is about: a model's table, and how the model makes keys. */
export interface Source {
  readonly table: Table;
  readonly makeKey: KeyMaker;
}

type Verb = "select" | "insert" | "update" | "delete" | "sql";

/** What happens where a row to insert is there already. */
export interface Conflict {
  /** The columns of the key or unique constraint; none: whichever is violated. */
  readonly on: readonly TableColumn[];
  /** The columns that take the new row's values; undefined: the old row stays, and nothing is given back. */
  readonly update: readonly TableColumn[] | undefined;
}

export interface RowLock {
  readonly strength: "update" | "share";
  readonly wait: "" | " skip locked" | " nowait";
}

interface StatementState {
  readonly verb: Verb;
  readonly source?: Source;
  readonly sql?: Sql;
  /** What comes back, in this order; undefined: whatever the SQL text gives. */
  readonly output?: readonly TableColumn[];
  readonly isScalar?: boolean;
  /** What is selected instead of columns. */
  readonly instead?: "count(*)" | "1";
  readonly conditions: readonly ConditionLike[];
  /** An update or delete of all rows was asked for in so many words. */
  readonly isForAll?: boolean;
  readonly orders: readonly (Order | Sql)[];
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  readonly rows?: readonly unknown[];
  /** They were given as a list. */
  readonly isList?: boolean;
  /** The rows to insert, where they have been encoded already. */
  readonly encoded?: readonly InsertRow[];
  readonly conflict?: Conflict;
  readonly lock?: RowLock | undefined;
}

/** A statement for a driver, and how its rows are read. */
export interface CompiledStatement extends DriverStatement {
  /** The column of each place in a row; undefined where the SQL text is a user's own. */
  readonly output: readonly TableColumn[] | undefined;
}

declare const gives: unique symbol;

/**
 * A statement about a model M that gives rows of type R and takes values of type V: the rows of an insert, what an update
 * sets. Immutable: every call gives a new one.
 */
export class Statement<M extends AnyModel, R, V = never> {
  declare readonly [gives]: [M, R, V];

  /** @internal */
  constructor(readonly state: StatementState) {}

  #with<Other = R>(more: Partial<StatementState>): Statement<M, Other, V> {
    return new Statement<M, Other, V>({ ...this.state, ...more });
  }

  /**
   * Adds conditions; repeated calls are ANDed. `"all"` says that an update or delete is meant for every row.
   *
   * @throws TypeError for what is no condition, or an unknown column
   */
  where(where: Where<M> | "all" | undefined): Statement<M, R, V> {
    if (where === "all") return this.#with({ isForAll: true });
    return this.#with({ conditions: [...this.state.conditions, ...conditionsOf(this.#table("where"), where)] });
  }

  /** Orders by these columns; a second call breaks ties. @throws TypeError for an unknown column */
  orderBy(orderBy: OrderBy<M> | readonly OrderBy<M>[] | undefined): Statement<M, R, V> {
    return this.#with({ orders: [...this.state.orders, ...ordersOf(this.#table("orderBy"), orderBy)] });
  }

  /** At most so many rows. @throws UsageError where it is negative or a fraction */
  limit(count: number | undefined): Statement<M, R, V> {
    return count === undefined ? this : this.#with({ limit: checkCount("limit", count) });
  }

  /** Leaves out so many rows. @throws UsageError where it is negative or a fraction */
  offset(count: number | undefined): Statement<M, R, V> {
    return count === undefined ? this : this.#with({ offset: checkCount("offset", count) });
  }

  /** The row or rows to insert, or what an update sets. */
  values(values: V): Statement<M, R, V> {
    if (this.state.verb !== "insert" && this.state.verb !== "update") throw this.#misuse("values");
    return this.#with(Array.isArray(values) ? { rows: values, isList: true } : { rows: [values], isList: false });
  }

  /** What an insert, update or delete gives back of each row: these columns, or all. */
  returning(): Statement<M, Row<M>, V>;
  returning<const K extends ColumnName<M>>(...columns: readonly K[]): Statement<M, Pick<Row<M>, K>, V>;
  returning(...columns: readonly string[]): unknown {
    if (this.state.verb === "select" || this.state.verb === "sql") throw this.#misuse("returning");
    const table = this.#table("returning");
    return this.#with({ output: columns.length === 0 ? table.columns : columns.map((name) => table.column(name)) });
  }

  /** The values of the first column, in place of objects. */
  scalars(): Statement<M, R[keyof R], V> {
    return this.#with<R[keyof R]>({ isScalar: true });
  }

  /** The number of rows in place of the rows. @internal */
  counted(): Statement<M, unknown, V> {
    return this.#with<unknown>({ instead: "count(*)" });
  }

  /** A 1 for each row, for those who only want to know whether there is one. @internal */
  ofConstant(): Statement<M, unknown, V> {
    return this.#with<unknown>({ instead: "1" });
  }

  /** The rows with these keys. @internal */
  withKeys(ids: readonly unknown[]): Statement<M, R, V> {
    const table = this.#table("findMany");
    const [only] = table.key;
    const condition =
      only !== undefined && table.key.length === 1
        ? only.reference.in(ids.flatMap((id) => table.keyValues(id)))
        : or(...ids.map((id) => table.keyCondition(id)));
    return this.#with({ conditions: [...this.state.conditions, condition] });
  }

  /** Rows to insert that were encoded for the dialect that the statement is compiled for. @internal */
  encodedRows(encoded: readonly InsertRow[]): Statement<M, R, V> {
    return this.#with({ encoded });
  }

  /** @internal */
  onConflict(conflict: Conflict): Statement<M, R, V> {
    return this.#with({ conflict });
  }

  /** @internal */
  lock(lock: RowLock | undefined): Statement<M, R, V> {
    return this.#with({ lock });
  }

  /**
   * The statement's text and values.
   *
   * @throws UsageError where a part is missing: the values of an insert, the condition of an update or delete
   */
  compile(dialect: Dialect): CompiledStatement {
    const writer = new SqlWriter(dialect);
    const { verb, output, source } = this.state;
    if (verb === "select") this.#writeSelect(writer);
    else if (verb === "insert") this.#writeInsert(writer);
    else if (verb === "update") this.#writeUpdate(writer);
    else if (verb === "delete") this.#writeDelete(writer);
    else this.#writeSql(writer);
    return {
      text: writer.text,
      values: writer.values,
      access: verb === "sql" ? undefined : verb === "select" ? "read" : "write",
      bigints: verb === "sql" || source?.table.hasBigint === true,
      describe: verb === "sql",
      output: verb === "sql" ? undefined : (output ?? []),
    };
  }

  #table(method: string): Table {
    const { source } = this.state;
    if (source === undefined) throw new UsageError(`${method}() wants a statement of a model`);
    return source.table;
  }

  #misuse(method: string): UsageError {
    return new UsageError(
      `${method}() has no meaning in ${this.state.verb === "sql" ? "sql text" : `a ${this.state.verb}`}`,
    );
  }

  #writeSelect(writer: SqlWriter): void {
    const table = this.#table("select");
    writer.write("select ");
    if (this.state.instead !== undefined) writer.write(this.state.instead);
    else writer.list(this.state.output ?? [], ", ", ({ qualified }) => writer.write(qualified));
    writer.write(` from ${table.quoted}`);
    this.#writeRest(writer);
    const { lock } = this.state;
    if (lock !== undefined) {
      const clause = writer.dialect.lock(lock.strength);
      if (clause !== "") writer.write(clause + lock.wait);
    }
  }

  #writeRest(writer: SqlWriter): void {
    const { orders, limit, offset } = this.state;
    this.#writeWhere(writer);
    if (orders.length > 0) writer.write(" order by ").list(orders, ", ", (order) => writer.operand(order));
    if (limit !== undefined) writer.write(" limit ").bind(limit);
    else if (offset !== undefined) writer.write(writer.dialect.noLimit);
    if (offset !== undefined) writer.write(" offset ").bind(offset);
  }

  #writeWhere(writer: SqlWriter): void {
    const { conditions } = this.state;
    if (conditions.length === 0) return;
    writer.write(" where ");
    if (conditions.length === 1) writer.operand(conditions[0]);
    else writer.list(conditions, " and ", (condition) => writer.write("(").operand(condition).write(")"));
  }

  /** SQL text with anything after it becomes a derived table, so that it is right whatever the text holds. */
  #writeSql(writer: SqlWriter): void {
    const { sql, conditions, orders, limit, offset } = this.state;
    if (sql === undefined) throw new UsageError("there is nothing to run: give setSql() a statement");
    const isPlain = conditions.length + orders.length === 0 && limit === undefined && offset === undefined;
    if (isPlain) {
      writer.sql(sql);
      return;
    }
    writer.write("select * from (\n").sql(withoutSemicolon(sql));
    writer.write(`\n) as ${quoteIdentifier(this.#table("where").name)}`);
    this.#writeRest(writer);
  }

  #writeInsert(writer: SqlWriter): void {
    const table = this.#table("insertInto");
    const { rows = [], source } = this.state;
    const makeKey = source?.makeKey ?? (() => undefined);
    const encoded = this.state.encoded ?? rows.map((row) => encodeInsert(table, writer.dialect, row, makeKey));
    const [first] = encoded;
    if (first === undefined) throw new UsageError(`an insert into ${table.name} wants values`);
    if (encoded.some(({ shape }) => shape !== first.shape)) {
      throw new UsageError("the rows of one insert statement give the same columns; insertMany() takes different ones");
    }
    writeInsertRows(writer, table, encoded);
    this.#writeConflict(writer);
    this.#writeReturning(writer, advanceGenerated(writer.dialect, table, first.columns));
  }

  #writeConflict(writer: SqlWriter): void {
    const { conflict } = this.state;
    if (conflict === undefined) return;
    writer.write(" on conflict");
    if (conflict.on.length > 0) {
      writer
        .write(" (")
        .list(conflict.on, ", ", ({ quoted }) => writer.write(quoted))
        .write(")");
    }
    if (conflict.update === undefined) writer.write(" do nothing");
    else {
      writer.write(" do update set ");
      writer.list(conflict.update, ", ", ({ quoted }) => writer.write(`${quoted} = excluded.${quoted}`));
    }
  }

  #writeUpdate(writer: SqlWriter): void {
    const table = this.#table("updateTable");
    const { columns, values } = encodeUpdate(table, writer.dialect, this.state.rows?.[0] ?? {});
    if (columns.length === 0) throw new UsageError(`an update of ${table.name} wants values to set`);
    this.#requireCondition("update");
    writer.write(`update ${table.quoted} set `);
    writer.list(columns, ", ", (column) => {
      const value = values[columns.indexOf(column)] ?? null;
      writer.write(`${column.quoted} = `);
      if (isExpression(value)) writer.operand(value);
      else writer.bind(value);
    });
    this.#writeWhere(writer);
    this.#writeReturning(writer);
  }

  #writeDelete(writer: SqlWriter): void {
    const table = this.#table("deleteFrom");
    this.#requireCondition("delete");
    writer.write(`delete from ${table.quoted}`);
    this.#writeWhere(writer);
    this.#writeReturning(writer);
  }

  #requireCondition(verb: string): void {
    const { conditions, isForAll, orders, limit, offset } = this.state;
    if (orders.length > 0 || limit !== undefined || offset !== undefined) {
      throw new UsageError(
        `${verb === "update" ? "an" : "a"} ${verb} takes no order, limit or offset; choose the rows in its where`,
      );
    }
    if (isForAll || conditions.some((condition) => condition !== ALWAYS)) return;
    throw new UsageError(
      `${verb === "update" ? "an" : "a"} ${verb} of every row of ${this.#table(verb).name} must say so: where "all"`,
    );
  }

  #writeReturning(writer: SqlWriter, besides: readonly string[] = []): void {
    const { output = [] } = this.state;
    writer.write(returning([...output.map(({ quoted }) => quoted), ...besides]));
  }
}

/** `insert into … (…) values (…), (…)` */
export function writeInsertRows(writer: SqlWriter, table: Table, rows: readonly InsertRow[]): void {
  const columns = rows[0]?.columns ?? [];
  writer.write(`insert into ${table.quoted}`);
  if (columns.length === 0) {
    if (rows.length > 1)
      throw new UsageError(`several rows of ${table.name} without any values can't be inserted at once`);
    writer.write(" default values");
    return;
  }
  writer
    .write(" (")
    .list(columns, ", ", ({ quoted }) => writer.write(quoted))
    .write(") values ");
  writer.list(rows, ", ", ({ values }) => {
    writer
      .write("(")
      .list(values, ", ", (value) => writer.bind(value))
      .write(")");
  });
}

export function returning(items: readonly string[]): string {
  return items.length === 0 ? "" : ` returning ${items.join(", ")}`;
}

/** What `returning` asks for besides, so that generated keys go on after one that was given. */
export function advanceGenerated(dialect: Dialect, table: Table, given: readonly TableColumn[]): string[] {
  const { generated, quoted } = table;
  if (generated === undefined || !given.includes(generated)) return [];
  const advance = dialect.advanceGenerated(quoted, generated.name, generated.qualified);
  return advance === "" ? [] : [`(${advance})`];
}

function withoutSemicolon(sql: Sql): Sql {
  const strings = [...sql.strings];
  strings.push((strings.pop() ?? "").replace(/[;\s]+$/, ""));
  return new Sql(strings, sql.values);
}

const EMPTY = { conditions: [], orders: [] } as const;

/** The columns that are named: one, or a list. @throws TypeError where none is, or one is unknown */
export function outputOf(table: Table, columns: readonly string[] | string): readonly TableColumn[] {
  const names = typeof columns === "string" ? [columns] : columns;
  if (!Array.isArray(names) || names.length === 0) {
    throw new TypeError(
      `select wants a column or a list of columns, not ${names?.length === 0 ? "none" : kindOf(names)}`,
    );
  }
  return names.map((name) => table.column(name));
}

/** A select of a model's columns: all, or those named. */
export function selectFrom<M extends AnyModel, R>(
  source: Source,
  columns?: readonly string[] | string,
): Statement<M, R> {
  const output = columns === undefined ? source.table.columns : outputOf(source.table, columns);
  return new Statement<M, R>({ ...EMPTY, verb: "select", source, output });
}

/** What an insert takes: a row, or several that give the same columns. */
export type InsertValues<M> = NewRow<M> | readonly NewRow<M>[];

/** An insert, update or delete of a model's table. */
export function writeStatement<M extends AnyModel>(
  verb: "insert",
  source: Source,
): Statement<M, Row<M>, InsertValues<M>>;
export function writeStatement<M extends AnyModel>(
  verb: "update",
  source: Source,
): Statement<M, Row<M>, UpdateValues<M>>;
export function writeStatement<M extends AnyModel>(verb: "delete", source: Source): Statement<M, Row<M>>;
export function writeStatement(verb: "insert" | "update" | "delete", source: Source): unknown {
  return new Statement({ ...EMPTY, verb, source });
}

/** SQL text of a user's own, about a model. */
export function sqlStatement<M extends AnyModel, R, V = never>(source: Source, sql: Sql): Statement<M, R, V> {
  if (!(sql instanceof Sql)) throw new TypeError(`setSql wants a statement or sql\`…\`, not ${kindOf(sql)}`);
  return new Statement<M, R, V>({ ...EMPTY, verb: "sql", source, sql });
}

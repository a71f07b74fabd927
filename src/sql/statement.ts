import { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import { keepShape } from "../shapes.js";
import { kindOf, withArticle } from "../text.js";
import { checkCount } from "./check-count.js";
import type { ColumnKind } from "./column-type.js";
import { type ConditionLike, checkCondition, or } from "./conditions.js";
import type { BoundClause, Dialect } from "./dialect.js";
import { Group } from "./group.js";
import type { InsertRow } from "./insert-values.js";
import type { ColumnOf, column } from "./operators.js";
import { namedColumns, namedItems, type SelectItem } from "./select-items.js";
import { isPlannable } from "./select-plans.js";
import {
  type CompiledStatement,
  type Conflict,
  requireSource,
  requireTable,
  type Source,
  type StatementState,
} from "./statement-state.js";
import { plansOf } from "./table-plans.js";
import type { AnyModel, AnyTable, ColumnName, NewRow, OrderBy, Row, UpdateValues, Where } from "./types.js";
import { ValueExpression } from "./value-expression.js";
import { isAggregated } from "./value-info.js";
import { conditionsOf, ordersOf } from "./where.js";
import { writeChange } from "./write-change.js";
import { writeQuery, writeValues } from "./write-select.js";
import { Expression, isExpression, SqlWriter, Subquery, shown } from "./writer.js";

declare const gives: unique symbol;
declare const makes: unique symbol;

/** The value of a row of one column. */
export type ScalarOf<R> = R extends object ? R[keyof R] : R;

/** What a session gives of a row R: an instance I where the statement is a select of a model as a whole. */
export type SessionRow<R, I> = unknown extends I ? R : I;

/**
 * A statement about a model M that gives rows of type R and takes values of type V: the rows of an insert, what an update
 * sets. I are the instances that a session makes of the rows of a whole model, else unknown. Immutable: every call gives a
 * new one. A select stands as a value in other statements' conditions.
 */
export class Statement<M extends AnyTable, R, V = never, I = unknown> extends Subquery {
  declare readonly [gives]: [M, R, V];
  declare readonly [makes]: I;
  declare readonly [column]: ScalarOf<R>;

  /** @internal */
  constructor(readonly state: StatementState) {
    super();
  }

  #with<Other = R, Made = I>(more: Partial<StatementState>): Statement<M, Other, V, Made> {
    return new Statement<M, Other, V, Made>({ ...this.state, ...more });
  }

  /**
   * Adds conditions; repeated calls are ANDed. `"all"` says that an update or delete is meant for every row.
   *
   * @throws TypeError for what is no condition, or an unknown column
   */
  where(where: Where<M> | "all" | undefined): Statement<M, R, V, I> {
    if (where === "all") return this.#with({ isForAll: true });
    const added = conditionsOf(requireSource(this.state, "where"), where);
    const { conditions } = this.state;
    return new Statement({ ...this.state, conditions: conditions.length === 0 ? added : [...conditions, ...added] });
  }

  /** Makes one row of those that have the same values here; a second call adds to them. @throws TypeError for an unknown column */
  groupBy(...columns: readonly (ColumnName<M> | ColumnOf<unknown> | Sql)[]): Statement<M, R, V, I> {
    this.#requireSelect("groupBy");
    const table = requireTable(this.state, "groupBy");
    const groups = columns.map((item) => {
      if (typeof item === "string") return new Group(table.column(item));
      if (item instanceof ValueExpression) return new Group(item.info);
      if (item instanceof Expression || item instanceof Sql) return item;
      throw new TypeError(`groupBy wants columns, such as "name" or User.c.name, not ${kindOf(item)}`);
    });
    return this.#with({ groups: [...(this.state.groups ?? []), ...groups] });
  }

  /** Conditions on groups: `having(count().gt(2))`; repeated calls are ANDed. @throws TypeError for what is no condition */
  having(...conditions: readonly ConditionLike[]): Statement<M, R, V, I> {
    this.#requireSelect("having");
    for (const condition of conditions) checkCondition("having", condition);
    return this.#with({ having: [...(this.state.having ?? []), ...conditions] });
  }

  /** Orders by these columns; a second call breaks ties. @throws TypeError for an unknown column */
  orderBy(orderBy: OrderBy<M> | readonly OrderBy<M>[] | undefined): Statement<M, R, V, I> {
    return this.#with({ orders: [...this.state.orders, ...ordersOf(requireSource(this.state, "orderBy"), orderBy)] });
  }

  /** At most so many rows. @throws UsageError where it is negative or a fraction */
  limit(count: number | undefined): Statement<M, R, V, I> {
    return count === undefined ? this : this.#with({ limit: checkCount("limit", count) });
  }

  /** The same, for a number that the caller's code has and no value decides: it is written, and not bound. @internal */
  atMost(count: number): Statement<M, R, V, I> {
    return new Statement({ ...this.state, limit: count, isLimitWritten: true });
  }

  /** Leaves out so many rows. @throws UsageError where it is negative or a fraction */
  offset(count: number | undefined): Statement<M, R, V, I> {
    return count === undefined ? this : this.#with({ offset: checkCount("offset", count) });
  }

  /** Rows that were deleted softly are there as well. */
  withDeleted(): Statement<M, R, V, I> {
    const { source } = this.state;
    return source === undefined ? this : this.#with({ source: { ...source, withDeleted: true } });
  }

  /** The row or rows to insert, or what an update sets. */
  values(values: V): Statement<M, R, V, I> {
    if (this.state.verb !== "insert" && this.state.verb !== "update") throw this.#misuse("values");
    return this.#with(Array.isArray(values) ? { rows: values, isList: true } : { rows: [values], isList: false });
  }

  /** What an insert, update or delete gives back of each row: these columns, or all. */
  returning(): Statement<M, Row<M>, V>;
  returning<const K extends ColumnName<M>>(...columns: readonly K[]): Statement<M, Pick<Row<M>, K>, V>;
  returning(...columns: readonly string[]): unknown {
    if (this.state.verb === "select" || this.state.verb === "sql") throw this.#misuse("returning");
    const table = requireTable(this.state, "returning");
    return this.#with({ returning: columns.length === 0 ? table.columns : namedColumns(table, columns) });
  }

  /** The values of the first column, in place of objects. */
  scalars(): Statement<M, ScalarOf<R>, V> {
    return this.#with<ScalarOf<R>, unknown>({ isScalar: true, model: undefined });
  }

  /** The number of rows in place of the rows. @internal */
  counted(): Statement<M, unknown, V> {
    return new Statement({ ...this.state, instead: "count(*)" });
  }

  /** The number of rows that the select would give, whatever it groups, skips or orders. @internal */
  counting(): Statement<M, unknown, V> {
    const { groups, having, limit, offset, output = [] } = this.state;
    const isWhole = limit === undefined && offset === undefined;
    if (groups === undefined && having === undefined && isWhole && !output.some(isAggregated))
      return this.#with<unknown, unknown>({ instead: "count(*)", orders: [] });
    return this.#with<unknown, unknown>({ isCounted: true, orders: [] });
  }

  /** A 1 for each row, for those who only want to know whether there is one. @internal */
  ofConstant(): Statement<M, unknown, V> {
    return new Statement({ ...this.state, instead: "1" });
  }

  /** The rows with these keys. @internal */
  withKeys(ids: readonly unknown[]): Statement<M, R, V> {
    const table = requireTable(this.state, "findMany");
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
  get kind(): ColumnKind | undefined {
    return this.state.output?.[0]?.codec.type.kind;
  }

  /** The select by itself, within another statement. @internal */
  writeQuery(writer: SqlWriter): void {
    this.#requireSelect("a value");
    writeQuery(writer, this.state);
  }

  /** The select in parentheses, as a value of another statement. @internal */
  writeTo(writer: SqlWriter): void {
    writer.write("(");
    this.writeQuery(writer);
    writer.write(")");
  }

  /** @internal */
  writeValues(writer: SqlWriter, around: BoundClause): void {
    this.#requireSelect("in");
    writeValues(writer, this.state, around);
  }

  /**
   * The statement's text and values.
   *
   * @throws UsageError where a part is missing: the values of an insert, the condition of an update or delete
   */
  compile(dialect: Dialect): CompiledStatement {
    const { state } = this;
    if (!isPlannable(state)) return this.#write(dialect);
    const { selects } = plansOf(state.source.table, dialect);
    const { step, values } = selects.find(state, dialect);
    step.plan ??= selects.keep(this.#write(dialect));
    return { ...step.plan, values };
  }

  /** @internal */
  override [INSPECT](): string {
    return shown(this, (writer) => this.#writeWhole(writer));
  }

  get #isQuery(): boolean {
    return this.state.verb === "select" || this.state.verb === "sql";
  }

  #writeWhole(writer: SqlWriter): void {
    if (this.#isQuery) writeQuery(writer, this.state);
    else writeChange(writer, this.state);
  }

  #write(dialect: Dialect): CompiledStatement {
    const { verb, output = [], returning = [], source } = this.state;
    const writer = new SqlWriter(dialect);
    this.#writeWhole(writer);
    const items = this.#isQuery ? output : returning;
    return {
      text: writer.text,
      values: writer.values,
      access: verb === "sql" ? undefined : verb === "select" ? "read" : "write",
      bigints: verb === "sql" || source?.table.hasBigint === true || items.some(isBigint),
      describe: verb === "sql",
      output: verb === "sql" ? undefined : items,
    };
  }

  #requireSelect(method: string): void {
    if (!this.#isQuery) throw this.#misuse(method);
  }

  #misuse(method: string): UsageError {
    return new UsageError(
      `${method}() has no meaning in ${this.state.verb === "sql" ? "sql text" : withArticle(this.state.verb)}`,
    );
  }
}

const isBigint = ({ codec }: SelectItem): boolean => codec.type.kind === "bigint";

/** Named with each state, which takes a tenth of the time of a spread of both. */
const NONE: readonly never[] = [];

/**
 * The state of a select of all rows. It names what others are likely to say, as a state that gets a property later is of
 * another shape, which takes five times as long to copy and to read.
 */
export function selectState(source: Source, output: readonly SelectItem[], model?: AnyModel): StatementState {
  const state: StatementState = {
    verb: "select",
    source,
    model,
    output,
    instead: undefined,
    conditions: NONE,
    orders: NONE,
    limit: undefined,
    isLimitWritten: false,
    offset: undefined,
    lock: undefined,
  };
  keepShape(Statement, () => new Statement(state).limit(1));
  return state;
}

/** A select of all columns of a model, whose rows a session makes instances of. */
export function selectModel<M extends AnyModel, R, I>(model: M, source: Source): Statement<M, R, never, I> {
  return new Statement<M, R, never, I>(selectState(source, source.table.columns, model));
}

/** A select of a model's columns: all, those named, or what a record names. */
export function selectFrom<M extends AnyTable, R>(source: Source, columns?: unknown): Statement<M, R> {
  return new Statement<M, R>(selectState(source, itemsOf(source, columns)));
}

function itemsOf({ table }: Source, columns: unknown): readonly SelectItem[] {
  if (columns === undefined) return table.columns;
  const isRecord = typeof columns === "object" && columns !== null && !Array.isArray(columns) && !isExpression(columns);
  return isRecord ? namedItems(table, columns) : namedColumns(table, columns as string[]);
}

/** What an insert takes: a row, or several that give the same columns. */
export type InsertValues<M> = NewRow<M> | readonly NewRow<M>[];

/** An insert, update or delete of a model's table. */
export function writeStatement<M extends AnyTable>(
  verb: "insert",
  source: Source,
): Statement<M, Row<M>, InsertValues<M>>;
export function writeStatement<M extends AnyTable>(
  verb: "update",
  source: Source,
): Statement<M, Row<M>, UpdateValues<M>>;
export function writeStatement<M extends AnyTable>(verb: "delete", source: Source): Statement<M, Row<M>>;
export function writeStatement(verb: "insert" | "update" | "delete", source: Source): unknown {
  return new Statement({ verb, source, conditions: NONE, orders: NONE });
}

/** SQL text of a user's own, about a model. */
export function sqlStatement<M extends AnyTable, R, V = never>(source: Source, sql: Sql): Statement<M, R, V> {
  if (!(sql instanceof Sql)) throw new TypeError(`setSql wants a statement or sql\`…\`, not ${kindOf(sql)}`);
  return new Statement<M, R, V>({ verb: "sql", source, conditions: NONE, orders: NONE, sql });
}

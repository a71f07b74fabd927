import { Sql } from "sql-template-tag";
import { mapChunks } from "../database/chunks.js";
import { untypedStatement } from "../database/connection.js";
import { bindingOf, findBinding, SCOPE, type Scope, type Scoped, scopeOf } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { Having } from "../manager/aggregate.js";
import { insertRows, requireList } from "../manager/insert-many.js";
import { Manager } from "../manager/manager.js";
import { checkCount, checkSize } from "../sql/check-count.js";
import { type ConditionLike, checkCondition, requireOfRows } from "../sql/conditions.js";
import { Order } from "../sql/order.js";
import { itemsOf, resultItems } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { sqliteDialect } from "../sql/sqlite-dialect.js";
import { type Statement, writeStatement } from "../sql/statement.js";
import type { AnyColumns, AnyModel, AnyTable, Key, NewRow, UpdateValues, Where } from "../sql/types.js";
import { validRows, validStatement, validValues } from "../sql/validation.js";
import type { ValueExpression } from "../sql/value-expression.js";
import type { AnyView } from "../sql/views.js";
import { isPlainObject } from "../sql/where.js";
import { isExpression } from "../sql/writer.js";
import { checkOptions, kindOf } from "../text.js";
import type { Compare, Like, Match, Nullness, OneOf, OperatorConditions } from "./calls.js";
import type { JoinedModel, NarrowedResult } from "./joined-model.js";
import { NULL_OPERATORS, type NullOperatorName, OPERATORS, type OperatorName, operatorNamed } from "./operators.js";
import { type OrderItem, planOf, type QueryState, targetsOf } from "./plan.js";
import { ResultRow } from "./result-row.js";
import type {
  AnyEntry,
  BareEntry,
  BareTable,
  EntryOf,
  GroupData,
  InstanceOf,
  Joined,
  JoinName,
  JoinOn,
  Name,
  SelectedData,
  SelectionOf,
  SelectName,
} from "./shape.js";
import { columnNamed, joinCondition, kindNamed, type Target, targetOf } from "./tables.js";

/** Options of a `QueryBuilder`. */
export interface QueryBuilderOptions {
  /** The columns of a table that is told by its name. */
  readonly columns?: AnyColumns;
  /** A database, a transaction, or a manager bound to one; by default the model's. */
  readonly database?: Scoped;
}

/** Whether a query gives whole rows, some columns, or groups: what may still be said of it. */
export type Stage = "whole" | "selected" | "grouped";

/**
 * Asks and changes a table step by step. Immutable: each call gives another builder.
 *
 * M is the table, L the tables that are joined, O what a row of the result is, S what may still be said.
 */
export class Builder<M extends AnyTable, L extends readonly AnyEntry[], O, S extends Stage> {
  /** The column is the value; null: it is null. */
  declare readonly equal: Compare<M, L, Builder<M, L, O, S>>;
  /** The column is another value, and not null; null: it is not null. */
  declare readonly notEqual: Compare<M, L, Builder<M, L, O, S>>;
  declare readonly less: Compare<M, L, Builder<M, L, O, S>>;
  declare readonly lessOrEqual: Compare<M, L, Builder<M, L, O, S>>;
  declare readonly greater: Compare<M, L, Builder<M, L, O, S>>;
  declare readonly greaterOrEqual: Compare<M, L, Builder<M, L, O, S>>;
  /** SQL's LIKE, as the engine has it. Given data, that stands literally for each `?`: `like("name", "?%", "50%")`. */
  declare readonly like: Like<M, L, Builder<M, L, O, S>>;
  declare readonly notLike: Like<M, L, Builder<M, L, O, S>>;
  /** Literally, capitals told apart; so the next five. */
  declare readonly startsWith: Match<M, L, Builder<M, L, O, S>>;
  declare readonly doesNotStartWith: Match<M, L, Builder<M, L, O, S>>;
  declare readonly contains: Match<M, L, Builder<M, L, O, S>>;
  declare readonly excludes: Match<M, L, Builder<M, L, O, S>>;
  declare readonly endsWith: Match<M, L, Builder<M, L, O, S>>;
  declare readonly doesNotEndWith: Match<M, L, Builder<M, L, O, S>>;
  /** One of the values; none of them matches nothing. */
  declare readonly isIn: OneOf<M, L, Builder<M, L, O, S>>;
  /** None of the values; an empty list leaves all rows. */
  declare readonly notIn: OneOf<M, L, Builder<M, L, O, S>>;
  /** All of the columns are null. */
  declare readonly isNull: Nullness<M, L, Builder<M, L, O, S>>;
  /** None of the columns is null. */
  declare readonly notNull: Nullness<M, L, Builder<M, L, O, S>>;

  /** Tells stages apart, which the compiler would take for one another otherwise. */
  declare protected readonly stage: S;
  readonly #state: QueryState;
  readonly #scope: Scope | undefined;

  /** @internal */
  constructor(table: unknown, options: QueryBuilderOptions = {}, state?: QueryState) {
    checkOptions("a QueryBuilder", options, ["columns", "database"]);
    this.#scope = options.database === undefined ? undefined : scopeOf(options.database);
    this.#state = state ?? freshState(targetOf(table, options.columns));
  }

  // Choosing rows

  /**
   * Adds conditions: expressions, `sql` text, or one key for each operator, `{ equal: { … }, isNull: [ … ] }`. `"all"` says
   * that an update or delete is meant for every row.
   *
   * @throws UsageError for what is no operator
   * @throws TypeError for what is no condition
   */
  where(
    conditions: (OperatorConditions<M, L> & object) | ConditionLike | readonly ConditionLike[] | "all",
  ): Builder<M, L, O, S> {
    if (conditions === "all") return this.#with({ isForAll: true });
    return this.#and(this.#conditionsOf(conditions));
  }

  /**
   * Orders by a column; a second call breaks ties. Several columns come as an object, other orders as expressions.
   *
   * @throws UsageError for a direction that is neither "asc" nor "desc", or a column that a group has many values of
   * @throws TypeError for an unknown column, or one that has no order
   */
  orderBy(column: OrderName<M, L, O, S>, direction: "asc" | "desc"): Builder<M, L, O, S>;
  orderBy(columns: { readonly [N in OrderName<M, L, O, S>]?: "asc" | "desc" } | Order): Builder<M, L, O, S>;
  orderBy(column: unknown, direction?: unknown): Builder<M, L, O, S> {
    return this.#planned({ orders: [...this.#state.orders, ...ordersOf(column, direction)] });
  }

  /** Leaves out so many rows. @throws UsageError where it is negative or a fraction */
  skip(count: number): Builder<M, L, O, S> {
    return this.#with({ skip: checkCount("skip", count) });
  }

  /** Rows that were deleted softly are there as well, those of all tables, whether joined before or after. */
  withDeleted(): Builder<M, L, O, S> {
    const { target, joins } = this.#state;
    return this.#with({ target: seeing(target), joins: joins.map(seeing) });
  }

  // Choosing what of them

  /**
   * Joins another table: a model, an alias, a common table expression, or a name with its columns. Rows are `JoinedModel`s.
   *
   * ```ts
   * User.query().join(Post, ["id", "authorId"], "left").get();
   * // select … from "users" left join "posts" on "users"."id" = "posts"."author_id"
   * ```
   *
   * @param on `[left, right]` or `[left, comparison, right]`; empty for a cross join
   * @param kind "inner", "left" (or "outer"), "right", "full" or "cross"
   * @throws UsageError for an unknown kind or comparison, or a name without columns
   * @throws TypeError for an unknown column
   */
  join<J extends AnyModel | AnyView, const K extends JoinName = "inner">(
    this: Builder<M, L, O, "whole">,
    table: J,
    on: K extends "cross" ? readonly [] : JoinOn<M, L, EntryOf<J>>,
    kind?: K,
  ): Builder<M, Joined<L, EntryOf<J>, K>, JoinedModel<Joined<L, EntryOf<J>, K>>, "whole">;
  join<const N extends string, C extends AnyColumns, const K extends JoinName = "inner">(
    this: Builder<M, L, O, "whole">,
    table: N,
    on: K extends "cross" ? readonly [] : JoinOn<M, L, BareEntry<N, C>>,
    kind: K | undefined,
    columns: C,
  ): Builder<M, Joined<L, BareEntry<N, C>, K>, JoinedModel<Joined<L, BareEntry<N, C>, K>>, "whole">;
  join(table: unknown, on: unknown = [], kind: unknown = "inner", columns?: unknown): unknown {
    const { joins, groups, selection } = this.#state;
    if (groups !== undefined || selection !== undefined)
      throw new UsageError("join() comes before group() and select()");
    const joined = targetOf(table, columns);
    const { alias } = joined.source.table;
    const targets = targetsOf(this.#state);
    // SQLite takes names that differ in capitals for one.
    if (targets.some(({ source }) => source.table.alias.toLowerCase() === alias.toLowerCase()))
      throw new UsageError(`the query has a table ${alias} already: join alias(${alias}, "another name")`);
    const named = kindNamed(kind);
    const condition = joinCondition(targets, joined, named, on);
    const shown = this.#state.target.source.withDeleted ? seeing(joined) : joined;
    return this.#with({ joins: [...joins, { ...shown, kind: named, on: condition }] });
  }

  /**
   * Only these columns, or what a record names: columns, expressions, aggregates. Reading a column that was not selected is
   * an error.
   *
   * @throws TypeError for an unknown column
   */
  select<const K extends SelectName<M, L>>(
    this: Builder<M, L, O, "whole">,
    columns: readonly K[],
  ): Builder<M, L, NarrowedResult<M, L, K>, "selected">;
  select<const K extends Name<M, L>>(
    this: Builder<M, L, O, "grouped">,
    columns: readonly K[],
  ): Builder<M, L, ResultRow<GroupData<M, L, K>>, "grouped">;
  select<const R extends SelectionOf<M, L>>(selection: R): Builder<M, L, ResultRow<SelectedData<M, L, R>>, "grouped">;
  select(selection: unknown): unknown {
    if (typeof selection !== "object" || selection === null || isExpression(selection))
      throw new TypeError(`select wants a list of columns or an object, not ${kindOf(selection)}`);
    return this.#planned({ selection: copyOf(selection) });
  }

  /** Makes one row of those that have the same values here. Rows are `ResultRow`s. @throws TypeError for an unknown column */
  group<const K extends Name<M, L>>(
    this: Builder<M, L, O, "whole">,
    columns: K | readonly K[],
  ): Builder<M, L, ResultRow<GroupData<M, L, K>>, "grouped"> {
    const groups: readonly string[] = Array.isArray(columns) ? [...columns] : [columns];
    if (groups.length === 0) throw new TypeError("group wants at least one column");
    return this.#planned({ groups });
  }

  /**
   * Conditions on the rows of groups: `having({ n: 2 })`, `having(({ n }) => n.gt(2))`, `having(count().gt(2))`.
   *
   * @throws UsageError where nothing is grouped
   */
  having(conditions: S extends "grouped" ? Having<DataOf<O>> : never): Builder<M, L, O, S> {
    const { groups, selection } = this.#state;
    if (groups === undefined && (selection === undefined || Array.isArray(selection)))
      throw new UsageError("having() wants group() before it");
    return this.#planned({ having: [...this.#state.having, copyOf(conditions)] });
  }

  /** A fresh builder on the same table. */
  reset(): QueryBuilder<M> {
    const { model, source } = this.#state.target;
    return this.#make(freshState({ model, source: { ...source, withDeleted: false } }));
  }

  /** The same query in another database, or in a transaction. */
  using(scoped: Scoped): Builder<M, L, O, S> {
    return new Builder(undefined, { database: scoped }, this.#state);
  }

  // Asking

  /** All rows: instances, `JoinedModel`s of a join, `ResultRow`s of groups. */
  get(): Promise<O[]> {
    return this.#rows((statement) => statement);
  }

  /** At most so many rows. @throws UsageError where it is no positive whole number */
  async take(count: number): Promise<O[]> {
    const limit = checkSize("take", count);
    return this.#rows((statement) => statement.limit(limit));
  }

  /** The first row, in the order given or else, of one table, of its key; null where there is none. */
  async first(): Promise<O | null> {
    const [first] = await this.#inKeyOrder().#rows((statement) => statement.limit(1));
    return first ?? null;
  }

  /** The row with this key, of those that fulfil the conditions, or null. @throws UsageError for groups */
  async find(id: M extends AnyModel ? Key<M> : unknown): Promise<O | null> {
    if (this.#state.groups !== undefined) throw new UsageError("find() has no meaning in groups");
    // Of one row none is left out.
    const [found] = await this.#with({ skip: undefined }).#rows((statement) => statement.withKeys([id]));
    return found ?? null;
  }

  /** How many rows `get()` would give. */
  async count(): Promise<number> {
    const scope = this.#scoped();
    const { rows } = await scope.run(planOf(this.#state).statement.counting().compile(scope.dialect));
    return Number(rows[0]?.[0]);
  }

  /**
   * The rows in lists of so many, the last of which may be shorter: one consistent snapshot, with bounded memory. Leaving
   * the loop early frees the cursor and the connection.
   *
   * @throws UsageError where the size is no positive whole number
   */
  chunk(size: number): AsyncGenerator<O[], void, undefined> {
    const checked = checkSize("chunk", size);
    const scope = this.#scoped();
    const { statement, read } = planOf(this.#state);
    return mapChunks(scope.cursor(statement.compile(scope.dialect), checked), (rows) => read(rows, scope) as O[]);
  }

  // Changing

  /** Inserts a row and gives it. @throws TypeError for an unknown column or a wrong value */
  async insert(values: NewRow<M>): Promise<InstanceOf<M>>;
  async insert(values: NewRow<M>): Promise<unknown> {
    const { model, source } = this.#unconditional("insert");
    const scope = this.#scoped();
    if (model !== undefined) return new Manager(model).using(this.#home()).insert(values as NewRow<AnyModel>);
    const valid = await validValues<unknown>(source.table, values);
    const { rows } = await insertRows(source, [valid], scope, true);
    return itemsOf(source.table.columns, rows).map((row) => new ResultRow(row))[0];
  }

  /** Inserts rows, all or none of them, and gives their number. They may give different columns. */
  async insertMany(values: readonly NewRow<M>[]): Promise<number> {
    const { model, source } = this.#unconditional("insertMany");
    const scope = this.#scoped();
    if (model !== undefined) {
      const inserted = values as readonly NewRow<AnyModel>[];
      return new Manager(model).using(this.#home()).insertMany(inserted, { fetch: false });
    }
    const valid = await validRows(source.table, requireList(values, "insertMany"));
    return (await insertRows(source, valid, scope, false)).rowCount;
  }

  /** Sets columns of the rows, and gives their number. @throws UsageError where no condition, and not "all", was said */
  async update(values: UpdateValues<M>): Promise<number> {
    const { model, source } = this.#alone("update");
    if (model !== undefined) return this.#manager(model).update(this.#where(), values as UpdateValues<AnyModel>);
    return this.#write(writeStatement<AnyTable>("update", source).values(values as UpdateValues<AnyTable>));
  }

  /** Deletes the rows, and gives their number. @throws UsageError where no condition, and not "all", was said */
  async delete(): Promise<number> {
    const { model, source } = this.#alone("delete");
    if (model !== undefined) return this.#manager(model).delete(this.#where());
    return this.#write(writeStatement<AnyTable>("delete", source));
  }

  // SQL

  /** The query's text, with the engine's own placeholders, and its values, as the driver gets them. */
  toSql(): { text: string; values: readonly DriverValue[] } {
    const { text, values } = planOf(this.#state).statement.compile(this.#scoped().dialect);
    return { text, values };
  }

  /** The query's text, for reading. */
  toString(): string {
    const bound = this.#boundScope();
    return planOf(this.#state).statement.compile(bound?.dialect ?? sqliteDialect).text;
  }

  /** Runs SQL of your own; gives the number of rows changed or found, and the rows. @throws QueryError and its kin */
  async executeRaw<R extends object = Record<string, unknown>>(sql: Sql): Promise<[rowCount: number, rows: R[]]> {
    if (!(sql instanceof Sql)) throw new TypeError(`executeRaw wants sql\`…\`, not ${kindOf(sql)}`);
    const scope = this.#scoped();
    const statement = untypedStatement(scope.dialect, sql);
    const result = await scope.run(statement);
    return [result.rowCount, resultItems(statement, result, scope) as R[]];
  }

  #with<O2 = O, S2 extends Stage = S>(more: Partial<QueryState>): Builder<M, L, O2, S2> {
    return this.#make<L, O2, S2>({ ...this.#state, ...more });
  }

  #make<L2 extends readonly AnyEntry[], O2, S2 extends Stage>(state: QueryState): Builder<M, L2, O2, S2> {
    const scope = this.#scope;
    return new Builder<M, L2, O2, S2>(undefined, scope === undefined ? {} : { database: { [SCOPE]: scope } }, state);
  }

  /** The same with more, which is checked now: an unknown name is told where it is said. */
  #planned<O2, S2 extends Stage>(more: Partial<QueryState>): Builder<M, L, O2, S2> {
    const next = this.#with<O2, S2>(more);
    planOf(next.#state);
    return next;
  }

  #and(conditions: readonly ConditionLike[]): Builder<M, L, O, S> {
    return this.#with({ conditions: [...this.#state.conditions, ...conditions] });
  }

  #column(name: unknown): ValueExpression {
    return columnNamed(targetsOf(this.#state), name).reference;
  }

  #conditionsOf(conditions: unknown): readonly ConditionLike[] {
    if (Array.isArray(conditions)) return conditions.flatMap((one: unknown) => this.#conditionsOf(one));
    if (isExpression(conditions) || !isPlainObject(conditions)) {
      checkCondition("where", conditions);
      return [requireOfRows(conditions)];
    }
    return Object.entries(conditions).flatMap(([name, values]) => this.#operatorConditions(name, values));
  }

  /** The conditions of one operator: on the columns of an object, or of a list. */
  #operatorConditions(name: string, values: unknown): readonly ConditionLike[] {
    const operator = operatorNamed(name);
    if ("check" in operator) return columnList(name, values).map((column) => operator.check(this.#column(column)));
    if (!isPlainObject(values))
      throw new TypeError(`${name} wants a column and a value, or an object of them, not ${kindOf(values)}`);
    return Object.entries(values).map(([column, value]) => operator.make(this.#column(column), value));
  }

  /** What an operator was called with. @internal */
  addOperator(name: OperatorName | NullOperatorName, given: readonly unknown[]): Builder<M, L, O, S> {
    const [first, ...rest] = given;
    const operator = operatorNamed(name);
    if ("check" in operator) return this.#and(this.#operatorConditions(name, given.flat()));
    if (typeof first !== "string") return this.#and(this.#operatorConditions(name, first));
    const isLike = name === "like" || name === "notLike";
    if (rest.length > (isLike ? 2 : 1)) throw new UsageError(`${name} wants a column and one value`);
    const value = rest.length > 1 ? rest : rest[0];
    return this.#and([operator.make(this.#column(first), value)]);
  }

  #inKeyOrder(): Builder<M, L, O, S> {
    const { target, joins, groups, selection, orders } = this.#state;
    const { key } = target.source.table;
    const isOfTable =
      joins.length === 0 && groups === undefined && (selection === undefined || Array.isArray(selection));
    if (!isOfTable || orders.length > 0) return this;
    return this.#with({ orders: key.map((column) => new Order(column, "asc")) });
  }

  async #rows(refine: (statement: Statement<AnyTable, unknown>) => Statement<AnyTable, unknown>): Promise<O[]> {
    const scope = this.#scoped();
    const { statement, read } = planOf(this.#state);
    const { rows } = await scope.run(refine(statement).compile(scope.dialect));
    return read(rows, scope) as O[];
  }

  /** The table, of a query that says nothing that an insert, update or delete has no place for. */
  #unconditional(method: string): QueryState["target"] {
    const { conditions, isForAll } = this.#state;
    if (conditions.length > 0 || isForAll) throw new UsageError(`${method}() takes no conditions`);
    return this.#alone(method);
  }

  #alone(method: string): QueryState["target"] {
    const { target, joins, groups, selection, orders, skip } = this.#state;
    const isAlone = joins.length === 0 && groups === undefined && selection === undefined;
    if (!isAlone || orders.length > 0 || skip !== undefined)
      throw new UsageError(`${method}() takes no join, group, select, order or skip`);
    const { model, source } = target;
    const isTable = source.definition === undefined && (model === undefined || sourceOf(model).table === source.table);
    if (!isTable)
      throw new UsageError(`${method}() wants a table itself, and ${source.table.alias} only stands for one`);
    return target;
  }

  #where(): Where<AnyModel> | "all" {
    const { conditions, isForAll } = this.#state;
    return isForAll && conditions.length === 0 ? "all" : conditions;
  }

  async #write(statement: Statement<AnyTable, unknown, unknown>): Promise<number> {
    const scope = this.#scoped();
    const { conditions, isForAll } = this.#state;
    const chosen = statement.where([...conditions]).where(isForAll ? "all" : undefined);
    const valid = await validStatement(chosen);
    return (await scope.run(valid.compile(scope.dialect))).rowCount;
  }

  #manager(model: AnyModel): Manager<AnyModel> {
    const manager = new Manager(model).using(this.#home());
    return this.#state.target.source.withDeleted ? manager.withDeleted() : manager;
  }

  #home(): Scoped {
    return { [SCOPE]: this.#scoped() };
  }

  #boundScope(): Scope | undefined {
    const { model } = this.#state.target;
    return this.#scope ?? (model === undefined ? undefined : findBinding(model));
  }

  /** @throws UsageError where no database is known */
  #scoped(): Scope {
    const { model, source } = this.#state.target;
    if (this.#scope !== undefined) return this.#scope;
    if (model !== undefined) return bindingOf(model);
    throw new UsageError(
      `the query of ${source.table.alias} is bound to no database: give it { database } or say using()`,
    );
  }
}

for (const name of [...Object.keys(OPERATORS), ...Object.keys(NULL_OPERATORS)] as (OperatorName | NullOperatorName)[]) {
  Object.defineProperty(Builder.prototype, name, {
    value(this: Builder<AnyTable, readonly AnyEntry[], unknown, Stage>, ...given: readonly unknown[]) {
      return this.addOperator(name, given);
    },
    configurable: true,
    writable: true,
  });
}

/** The names that an order may have: of groups, also what is selected. */
type OrderName<M, L extends readonly AnyEntry[], O, S> =
  | Name<M, L>
  | (S extends "grouped" ? keyof DataOf<O> & string : never);
type DataOf<O> = O extends ResultRow<infer D> ? D : never;

/** A query of a table of which nothing has been said. */
const freshState = (target: Target): QueryState => ({
  target,
  joins: [],
  conditions: [],
  isForAll: false,
  groups: undefined,
  selection: undefined,
  having: [],
  orders: [],
  skip: undefined,
});

/** The table with the rows that were deleted softly. */
const seeing = <T extends Target>(target: T): T => ({ ...target, source: { ...target.source, withDeleted: true } });

/** What a list or an object says now, whatever is done to it later. */
function copyOf<T>(given: T): T;
function copyOf(given: unknown): unknown {
  if (Array.isArray(given)) return [...given];
  return isPlainObject(given) ? { ...given } : given;
}

function columnList(name: string, columns: unknown): readonly unknown[] {
  if (Array.isArray(columns) && columns.length > 0) return columns;
  throw new TypeError(
    `${name} wants columns, such as ["name"], not ${Array.isArray(columns) ? "none" : kindOf(columns)}`,
  );
}

function ordersOf(column: unknown, direction: unknown): readonly OrderItem[] {
  if (column instanceof Order) return [column];
  if (typeof column === "string") return [{ name: column, direction: checkDirection(direction) }];
  if (!isPlainObject(column)) throw new TypeError(`orderBy wants a column and a direction, not ${kindOf(column)}`);
  return Object.entries(column).map(([name, way]) => ({ name, direction: checkDirection(way) }));
}

function checkDirection(direction: unknown): "asc" | "desc" {
  if (direction === "asc" || direction === "desc") return direction;
  throw new UsageError('orderBy wants a direction: "asc" or "desc"');
}

/** A query of a table: a model, an alias, a common table expression, or a name with its columns. */
export type QueryBuilder<M extends AnyTable> = Builder<M, readonly [EntryOf<M>], InstanceOf<M>, "whole">;

interface QueryBuilderClass {
  /** @throws TypeError where it is no table @throws UsageError for a name without columns */
  new <M extends AnyModel | AnyView>(table: M, options?: Pick<QueryBuilderOptions, "database">): QueryBuilder<M>;
  new <const N extends string, const C extends AnyColumns>(
    table: N,
    options: { readonly columns: C; readonly database?: Scoped },
  ): QueryBuilder<BareTable<N, C>>;
}

/**
 * Starts a query: `new QueryBuilder(User)`, or of a table that has no model
 * `new QueryBuilder("logs", { columns: { id: integer(), line: text() }, database })`.
 */
// The class makes builders of every stage; what users call makes the first.
export const QueryBuilder = Builder as unknown as QueryBuilderClass;

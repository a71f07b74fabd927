import type { Sql } from "sql-template-tag";
import { mapChunks } from "../database/chunks.js";
import { NEAR, Place } from "../database/place.js";
import { checkPreview, type Preview, type PreviewOptions, runPreview } from "../database/preview.js";
import { attemptOptions, runTransaction } from "../database/run-transaction.js";
import {
  bindingOf,
  type NestableScope,
  type RetryOptions,
  SCOPE,
  type Scope,
  type Scoped,
  scopeOf,
  type TransactionOptions,
} from "../database/scope.js";
import { scopeWith } from "../database/signal-scope.js";
import type { SignalOptions } from "../database/signals.js";
import { MultipleResultsError, NotFoundError, UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import { keepShape } from "../shapes.js";
import { checkSize } from "../sql/check-count.js";
import { encodeInsert } from "../sql/insert-values.js";
import { relatedExpressions } from "../sql/related-expressions.js";
import type {
  CheckedConditions,
  CheckedCounts,
  CheckedItemQuery,
  CheckedLoad,
  CheckedQuery,
  CheckedRow,
  CheckedRows,
  CheckedWhere,
  Counted,
  CountHint,
  CountsOf,
  Inserted,
  Item,
  LoadHint,
  ManagerColumns,
  QueryHint,
  Result,
  RowHint,
  WhereHint,
} from "../sql/relation-types.js";
import { itemsOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { Statement, sqlStatement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import { plansOf } from "../sql/table-plans.js";
import type {
  AnyModel,
  AnyTable,
  ColumnName,
  Flatten,
  Key,
  NewRow,
  Row,
  SelectedRow,
  Selection,
  UpdateValues,
  Where,
} from "../sql/types.js";
import { validRows, validValues } from "../sql/validation.js";
import { checkOptions } from "../text.js";
import { aggregateOf, type GroupedRow, type GroupName, type GroupOptions, type GroupQuery } from "./aggregate.js";
import { type BulkRow, updateRows } from "./bulk-update.js";
import { buryAll } from "./bury.js";
import { Chain } from "./chain.js";
import { deleteOf, restoreOf, updateOf, type Workplace, written } from "./changes.js";
import { findsGoTogether, joinFinds, keyText } from "./find-batch.js";
import { type Created, getOrCreate, updateOrCreate } from "./get-or-create.js";
import { insertGraph, isGraph } from "./graph.js";
import { type EventOptions, insertWithHooks } from "./hooks.js";
import { hydrate } from "./hydrate.js";
import { insertOrFind, returnsDuplicates } from "./insert-content.js";
import { insertRows, requireList } from "./insert-many.js";
import { atMost, FIND_OPTIONS, type ItemQuery, inKeyOrder, type Query, selectItemsOf, selectOf } from "./query.js";
import { loadBesides, readingOf } from "./reading.js";
import type { Reading } from "./related-models.js";
import { type TransactionScope, transactional } from "./transaction-scope.js";
import { type UpsertOptions, upsertRows } from "./upsert.js";

/** How many rows a stream fetches at a time. */
const STREAM_BATCH = 1000;

/** How many keys of several columns one statement asks for: each column of each is bound by itself. */
const MOST_KEYS = 1000;

/** Options of `delete`. */
export interface DeleteOptions {
  /** Takes the rows out of the table, where they would only be hidden. */
  readonly force?: boolean;
}

const INSERT_OPTIONS = ["fetch", "suppressEvents", "onDuplicate"];

/** Asks whether what was written is wanted back. */
export interface FetchOptions {
  /** Whether instances are given, or else the number of rows; default true of an insert, false of an update. */
  readonly fetch?: boolean;
}

/** Asks besides whether the hooks run. */
export interface InsertOptions extends FetchOptions, EventOptions {
  /** Of a model whose ids are made of content: whether a row that is there already is an error, the default, or given. */
  readonly onDuplicate?: "error" | "return";
}

/**
 * Asks and changes one model's table. `User.objects` is the model's manager; a subclass adds finders of one's own.
 *
 * `using()` and `transaction()` make another of the same class, with the model, and copy its properties; what a subclass keeps
 * in `#private` fields is not copied.
 *
 * ```ts
 * class UserManager extends Manager<typeof User> {
 *   active() {
 *     return this.getInstances({ where: { active: true }, orderBy: ["name"] });
 *   }
 * }
 * ```
 */
export class Manager<out M extends AnyModel> {
  readonly model: M;
  /** The model's table; replaced in a copy that sees what was deleted softly. */
  #source: Source;
  /** Set on a manager that is bound to a scope of its own; else the model's database is used. */
  #scope: Scope | undefined;

  /** @throws TypeError where it is no model */
  constructor(model: M) {
    this.#source = sourceOf(model);
    this.model = model;
  }

  get [SCOPE](): Scope {
    return this.#scope ?? bindingOf(this.model);
  }

  /**
   * An expression for each column, as `User.c` has it, and by the class's relations those of other models:
   * `Post.objects.c.author.name.eq("x")`, `User.objects.c.posts.count().gt(2)`.
   */
  get c(): ManagerColumns<M> {
    return relatedExpressions<ManagerColumns<M>>(this.#source);
  }

  /** @internal */
  [INSPECT](): string {
    return `${this.constructor.name}(${this.model.name})`;
  }

  // Reading

  /** The rows as instances. @throws TypeError for an unknown option or column, or a value that a column can't hold */
  getInstances(query?: Query<M>): Promise<InstanceType<M>[]>;
  getInstances<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): Promise<Result<M, Q>[]>;
  getInstances(query: Query<M> = {}): Promise<InstanceType<M>[]> {
    return this.#read(query);
  }

  /** The instances of a query, of which no more than `most` are wanted. */
  async #read(query: Query<M>, most?: number): Promise<InstanceType<M>[]> {
    const reading = readingOf(this.model, this.#source, query, most);
    const scope = this.#scopeOf(query);
    const answer = scope.run(reading.statement.compile(scope.dialect));
    const { rows } = answer instanceof Promise ? await answer : answer;
    const instances = this.#instances(reading, rows, scope);
    const loading = loadBesides(instances, reading, scope);
    if (loading !== undefined) await loading;
    return instances;
  }

  /** Instances of the rows of a reading, with what was read in the same select. */
  #instances({ attach }: Reading, rows: readonly unknown[][], scope: Scope): InstanceType<M>[] {
    const instances = hydrate(this.model, rows, scope);
    attach?.(instances, rows, scope);
    return instances;
  }

  /** The first row as an instance, or null where there is none. */
  async getInstance(query?: Query<M>): Promise<InstanceType<M> | null>;
  async getInstance<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): Promise<Result<M, Q> | null>;
  async getInstance(query: Query<M> = {}): Promise<InstanceType<M> | null> {
    const [first] = await this.#read(query, 1);
    return first ?? null;
  }

  /** The rows as plain objects: of all columns, or of those named. */
  async getItems(query?: Query<M> & { readonly columns?: undefined }): Promise<Row<M>[]>;
  async getItems<const K extends ColumnName<M>>(
    query: Query<M> & { readonly columns: readonly K[] },
  ): Promise<Flatten<Pick<Row<M>, K>>[]>;
  async getItems<const Q extends QueryHint<M>>(query: CheckedItemQuery<M, Q>): Promise<Item<M, Q>[]>;
  getItems(query: ItemQuery<M> = {}): Promise<unknown> {
    return this.#items(query);
  }

  async #items(query: ItemQuery<M>): Promise<unknown[]> {
    const { table } = this.#source;
    const selected = selectItemsOf<M>(this.#source, query);
    const scope = this.#scopeOf(query);
    const { rows } = await scope.run(selected.compile(scope.dialect));
    return itemsOf(selected.state.output ?? table.columns, rows);
  }

  /** The first row as a plain object, or null where there is none. */
  async getItem(query?: Query<M> & { readonly columns?: undefined }): Promise<Row<M> | null>;
  async getItem<const K extends ColumnName<M>>(
    query: Query<M> & { readonly columns: readonly K[] },
  ): Promise<Flatten<Pick<Row<M>, K>> | null>;
  async getItem<const Q extends QueryHint<M>>(query: CheckedItemQuery<M, Q>): Promise<Item<M, Q> | null>;
  async getItem(query: ItemQuery<M> = {}): Promise<unknown> {
    const [first] = await this.#items(atMost(query, 1));
    return first ?? null;
  }

  /** The rows with the numbers of what is related to them: `postsCount` tells how many `posts` there are. */
  async withCount<const P extends CountHint<M>>(names: CheckedCounts<M, P>): Promise<Counted<M, P>[]>;
  async withCount<const P extends CountHint<M>, const Q extends QueryHint<M>>(
    names: CheckedCounts<M, P>,
    query: CheckedQuery<M, Q, CountsOf<P>>,
  ): Promise<Counted<M, P, Q>[]>;
  async withCount(names: string | readonly string[], query: object = {}): Promise<InstanceType<M>[]> {
    const counted: object = { ...query, withCount: names };
    return this.getInstances(counted as Query<M>);
  }

  /** How many rows fulfil the conditions. */
  async count(query?: Pick<Query<M>, "where" | "signal">): Promise<number>;
  async count<const Q extends QueryHint<M>>(query: CheckedConditions<M, Q>): Promise<number>;
  async count(query: Pick<Query<M>, "where" | "signal"> = {}): Promise<number> {
    checkOptions("count", query, ["where", "signal"]);
    const scope = this.#scopeOf(query);
    const statement = selectOf<M>(this.#source, query).counted();
    const answer = scope.run(statement.compile(scope.dialect));
    const { rows } = answer instanceof Promise ? await answer : answer;
    return Number(rows[0]?.[0]);
  }

  /** Whether any row fulfils the conditions. */
  async exists(query?: Pick<Query<M>, "where" | "signal">): Promise<boolean>;
  async exists<const Q extends QueryHint<M>>(query: CheckedConditions<M, Q>): Promise<boolean>;
  async exists(query: Pick<Query<M>, "where" | "signal"> = {}): Promise<boolean> {
    checkOptions("exists", query, ["where", "signal"]);
    const scope = this.#scopeOf(query);
    const statement = selectOf<M>(this.#source, { ...query, limit: 1 }).ofConstant();
    return (await scope.run(statement.compile(scope.dialect))).rows.length > 0;
  }

  /**
   * Aggregates of all rows that fulfil the conditions, as one object; with `groupBy`, an object for each group.
   *
   * ```ts
   * await Account.objects.aggregate({ n: count(), total: sum("balance") }, { where: { open: true } });
   * // select count(*) as "n", sum("accounts"."balance") as "total" from "accounts" where "accounts"."open" = ?
   * await Account.objects.aggregate({ total: sum("balance") }, { groupBy: "ownerId", orderBy: "-total", limit: 3 });
   * ```
   *
   * @throws TypeError for an unknown column, name or option, or a column that can't be aggregated so
   * @throws UsageError for a column that is neither aggregated nor grouped by
   */
  async aggregate<const A extends Selection<M>>(
    selection: A,
    options?: Pick<Query<M>, "where"> & { readonly groupBy?: undefined },
  ): Promise<SelectedRow<M, A>>;
  async aggregate<const A extends Selection<M>, const G extends GroupName<M, A>>(
    selection: A,
    options: GroupOptions<M, A, G>,
  ): Promise<GroupedRow<M, A, G>[]>;
  async aggregate<const A extends Selection<M>, const W extends WhereHint<M>>(
    selection: A,
    options: { readonly where: CheckedWhere<M, W>; readonly groupBy?: undefined },
  ): Promise<SelectedRow<M, A>>;
  // Last, as it is the last of which the compiler tells why it does not fit.
  async aggregate<const A extends Selection<M>, const G extends GroupName<M, A>, const W extends WhereHint<M>>(
    selection: A,
    options: GroupOptions<M, A, G, CheckedWhere<M, W>>,
  ): Promise<GroupedRow<M, A, G>[]>;
  async aggregate(selection: Selection<M>, options: GroupQuery = {}): Promise<unknown> {
    const scope = this[SCOPE];
    const statement = aggregateOf<M, unknown>(this.#source, selection, options).compile(scope.dialect);
    const rows = itemsOf(statement.output ?? [], (await scope.run(statement)).rows);
    return options.groupBy === undefined ? rows[0] : rows;
  }

  /** The first row, in the order given or else of the primary key, or null. */
  async first(query?: Query<M>): Promise<InstanceType<M> | null>;
  async first<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): Promise<Result<M, Q> | null>;
  async first(query: Query<M> = {}): Promise<InstanceType<M> | null> {
    return this.getInstance(inKeyOrder<M>(this.#source, query, "forward"));
  }

  /** The last row, in the order given or else of the primary key, or null. */
  async last(query?: Query<M>): Promise<InstanceType<M> | null>;
  async last<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): Promise<Result<M, Q> | null>;
  async last(query: Query<M> = {}): Promise<InstanceType<M> | null> {
    const reversed = inKeyOrder<M>(this.#source, query, "backward");
    if (query.limit !== undefined || query.offset !== undefined)
      throw new UsageError("last() takes no limit or offset");
    return this.getInstance(reversed);
  }

  /**
   * The one row that fulfils the conditions.
   *
   * @throws NotFoundError where there is none
   * @throws MultipleResultsError where there are more
   */
  async get(query?: Query<M>): Promise<InstanceType<M>>;
  async get<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): Promise<Result<M, Q>>;
  async get(query: Query<M> = {}): Promise<InstanceType<M>> {
    const [first, second] = await this.#read(query, 2);
    if (first === undefined) throw new NotFoundError(`no ${this.model.name} fulfils the conditions`);
    if (second !== undefined) throw new MultipleResultsError(`more than one ${this.model.name} fulfils the conditions`);
    return first;
  }

  /**
   * The instance with this key, or null. A key of several columns is an object of them.
   *
   * @throws TypeError for a value that the key can't hold
   */
  async find(id: Key<M>): Promise<InstanceType<M> | null>;
  async find<const Q extends LoadHint<M>>(id: Key<M>, options: CheckedLoad<M, Q>): Promise<Result<M, Q> | null>;
  async find(id: Key<M>, options?: LoadHint<M>): Promise<InstanceType<M> | null> {
    if (options !== undefined) return (await this.#findMany([id], options))[0] ?? null;
    const scope = this[SCOPE];
    const { table, withDeleted } = this.#source;
    const plans = plansOf(table, scope.dialect);
    const statement = plans.find(id, withDeleted);
    const batch = findsGoTogether(scope)
      ? joinFinds({ model: this.model, plans, withDeleted, scope }, statement)
      : undefined;
    if (batch !== undefined) await undefined; // The other finds of this tick join it meanwhile.
    const answer = batch === undefined ? scope.run(statement) : batch.run(statement);
    const { rows } = answer instanceof Promise ? await answer : answer;
    return hydrate(this.model, rows, scope)[0] ?? null;
  }

  /** The instances with these keys, in the order of the keys; those that are not there are left out. */
  async findMany(ids: readonly Key<M>[]): Promise<InstanceType<M>[]>;
  async findMany<const Q extends LoadHint<M>>(
    ids: readonly Key<M>[],
    options: CheckedLoad<M, Q>,
  ): Promise<Result<M, Q>[]>;
  async findMany(ids: readonly Key<M>[], options: LoadHint<M> = {}): Promise<InstanceType<M>[]> {
    return this.#findMany(requireList(ids, "findMany"), options);
  }

  async #findMany(list: readonly unknown[], options: LoadHint<M>): Promise<InstanceType<M>[]> {
    checkOptions("what to load", options, FIND_OPTIONS);
    const reading = readingOf(this.model, this.#source, options);
    if (list.length === 0) return [];
    const scope = this.#signalled(options);
    const plans = plansOf(this.#source.table, scope.dialect);
    const wanted = new Set(list.map((key) => keyText(plans.encodeKey(key))));
    const found = new Map<string, InstanceType<M>>();
    const size = this.#source.table.key.length > 1 ? MOST_KEYS : list.length;
    for (let start = 0; start < list.length; start += size) {
      const statement = reading.statement.withKeys(list.slice(start, start + size));
      const { rows } = await scope.run(statement.compile(scope.dialect));
      for (const [i, instance] of this.#instances(reading, rows, scope).entries())
        found.set(keyText(plans.keyOf(rows[i] ?? [])), instance);
    }
    const instances = [...wanted].flatMap((key) => found.get(key) ?? []);
    const loading = loadBesides(instances, reading, scope);
    if (loading !== undefined) await loading;
    return instances;
  }

  /**
   * The rows one after another, as one consistent snapshot, with bounded memory whatever their number. Leaving the loop
   * early frees the cursor and the connection.
   */
  stream(query?: Query<M>): AsyncGenerator<InstanceType<M>, void, undefined>;
  stream<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): AsyncGenerator<Result<M, Q>, void, undefined>;
  async *stream(query: Query<M> = {}): AsyncGenerator<InstanceType<M>, void, undefined> {
    for await (const instances of this.#chunks(query, STREAM_BATCH)) yield* instances;
  }

  /**
   * The rows in lists of so many, the last of which may be shorter: one consistent snapshot, with bounded memory.
   * Leaving the loop early frees the cursor and the connection.
   *
   * @throws UsageError where the size is no positive whole number
   */
  chunk(size: number, query?: Query<M>): AsyncGenerator<InstanceType<M>[], void, undefined>;
  chunk<const Q extends QueryHint<M>>(
    size: number,
    query: CheckedQuery<M, Q>,
  ): AsyncGenerator<Result<M, Q>[], void, undefined>;
  chunk(size: number, query: Query<M> = {}): AsyncGenerator<InstanceType<M>[], void, undefined> {
    return this.#chunks(query, checkSize("chunk", size));
  }

  #chunks(query: Query<M>, size: number): AsyncGenerator<InstanceType<M>[], void, undefined> {
    const reading = readingOf(this.model, this.#source, query);
    const scope = this.#scopeOf(query);
    return mapChunks(scope.cursor(reading.statement.compile(scope.dialect), size), (rows) => {
      const instances = this.#instances(reading, rows, scope);
      const loading = loadBesides(instances, reading, scope);
      return loading === undefined ? instances : loading.then(() => instances);
    });
  }

  /** How the engine would run the query, in its own words. */
  async explain(query?: Query<M>): Promise<string>;
  async explain<const Q extends QueryHint<M>>(query: CheckedQuery<M, Q>): Promise<string>;
  async explain(query: Query<M> = {}): Promise<string> {
    const { statement } = readingOf(this.model, this.#source, query);
    const scope = this.#scopeOf(query);
    const { text, values } = statement.compile(scope.dialect);
    const { rows } = await scope.run({ text: scope.dialect.explain + text, values, access: "read" });
    return rows.map((row) => String(row.at(-1))).join("\n");
  }

  // Writing

  /**
   * Inserts a row and gives the instance, with what the database filled in; or with `{ fetch: false }` the number of rows.
   *
   * @throws TypeError for an unknown column, or a value that a column can't hold
   * @throws ValidationError where the schemas of columns refuse values; nothing is sent then
   * @throws UniqueViolationError, NotNullViolationError and their kin
   */
  async insert(values: NewRow<M>, options: InsertOptions & { readonly fetch: false }): Promise<number>;
  async insert(values: NewRow<M>, options?: InsertOptions & { readonly fetch?: true }): Promise<InstanceType<M>>;
  async insert(values: NewRow<M>, options?: InsertOptions): Promise<InstanceType<M> | number>;
  async insert<const V extends RowHint<M>>(
    values: CheckedRow<M, V>,
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<Inserted<M, V>>;
  async insert(values: NewRow<M>, options: InsertOptions = {}): Promise<InstanceType<M> | number> {
    const scope = this[SCOPE];
    checkOptions("insert", options, INSERT_OPTIONS);
    if (isGraph(this.#source, [values])) return this.#insertGraph([values], options).then(([first]) => first as never);
    if (returnsDuplicates(this.#source.table, options.onDuplicate)) {
      const [instance] = await insertOrFind({ ...this.#at, scope }, [values], options);
      return options.fetch === false ? 1 : (instance as InstanceType<M>);
    }
    const hooked = options.suppressEvents ? undefined : insertWithHooks(this.model, [values], scope);
    if (hooked !== undefined) {
      const [instance] = await hooked;
      return options.fetch === false ? 1 : (instance as InstanceType<M>);
    }
    const { fetch = true } = options;
    const source = this.#source;
    const valid = validValues(source.table, values);
    const given = valid instanceof Promise ? await valid : valid;
    const row = encodeInsert(source.table, scope.dialect, given, source.makeKey);
    const answer = scope.run(plansOf(source.table, scope.dialect).insert(row, fetch));
    const { rows, rowCount } = answer instanceof Promise ? await answer : answer;
    if (!fetch) return rowCount;
    return written({ model: this.model, source, scope }, rows)[0] as InstanceType<M>;
  }

  /**
   * Inserts rows, all or none of them, and gives the instances in the order of the input; or with `{ fetch: false }` the
   * number of rows. The rows may give different columns.
   *
   * @throws TypeError for an unknown column, or a value that a column can't hold; before anything is sent
   * @throws UniqueViolationError, NotNullViolationError and their kin
   */
  async insertMany(values: readonly NewRow<M>[], options: InsertOptions & { readonly fetch: false }): Promise<number>;
  async insertMany(
    values: readonly NewRow<M>[],
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<InstanceType<M>[]>;
  async insertMany(values: readonly NewRow<M>[], options?: InsertOptions): Promise<InstanceType<M>[] | number>;
  async insertMany<const V extends readonly RowHint<M>[]>(
    values: CheckedRows<M, V>,
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<Inserted<M, V[number]>[]>;
  async insertMany(values: readonly NewRow<M>[], options: InsertOptions = {}): Promise<InstanceType<M>[] | number> {
    const scope = this[SCOPE];
    checkOptions("insertMany", options, INSERT_OPTIONS);
    const list = requireList(values, "insertMany");
    if (isGraph(this.#source, list)) return this.#insertGraph(list, options);
    if (returnsDuplicates(this.#source.table, options.onDuplicate)) {
      const instances = await insertOrFind({ ...this.#at, scope }, list, options);
      return options.fetch === false ? instances.length : instances;
    }
    const hooked = options.suppressEvents ? undefined : insertWithHooks(this.model, list, scope, { isMany: true });
    if (hooked !== undefined) return options.fetch === false ? (await hooked).length : hooked;
    const { fetch = true } = options;
    const valid = validRows(this.#source.table, list);
    const given = valid instanceof Promise ? await valid : valid;
    const { rows, rowCount } = await insertRows(this.#source, given, scope, fetch);
    return fetch ? written({ ...this.#at, scope }, rows) : rowCount;
  }

  async #insertGraph(
    rows: readonly unknown[],
    { fetch, suppressEvents, onDuplicate = "error" }: InsertOptions,
  ): Promise<InstanceType<M>[]> {
    if (fetch === false || suppressEvents || onDuplicate !== "error")
      throw new UsageError("rows with what is related to them are inserted, given back, and run hooks");
    return insertGraph(this.#at, rows);
  }

  /**
   * Sets columns of all rows that fulfil the conditions and gives their number, or with `{ fetch: true }` their instances.
   * A value may be an expression over the row: `{ stock: sql`stock - 1` }`. No hooks run.
   *
   * @param where the conditions, or "all" for every row
   * @throws UsageError where there is no condition
   */
  async update(
    where: Where<M> | "all",
    values: UpdateValues<M>,
    options: { readonly fetch: true },
  ): Promise<InstanceType<M>[]>;
  async update(where: Where<M> | "all", values: UpdateValues<M>, options?: { readonly fetch?: false }): Promise<number>;
  async update(
    where: Where<M> | "all",
    values: UpdateValues<M>,
    options?: FetchOptions,
  ): Promise<InstanceType<M>[] | number>;
  async update<const W extends WhereHint<M>>(
    where: CheckedWhere<M, W>,
    values: UpdateValues<M>,
    options: { readonly fetch: true },
  ): Promise<InstanceType<M>[]>;
  async update<const W extends WhereHint<M>>(
    where: CheckedWhere<M, W>,
    values: UpdateValues<M>,
    options?: { readonly fetch?: false },
  ): Promise<number>;
  async update(
    where: Where<M> | "all",
    values: UpdateValues<M>,
    options: FetchOptions = {},
  ): Promise<InstanceType<M>[] | number> {
    const scope = this[SCOPE];
    checkOptions("update", options, ["fetch"]);
    const valid = validValues(this.#source.table, values, { mayBeExpressions: true });
    const given = valid instanceof Promise ? await valid : valid;
    const answer = scope.run(updateOf({ ...this.#at, scope }, where, given, options.fetch));
    const { rows, rowCount } = answer instanceof Promise ? await answer : answer;
    return options.fetch ? hydrate(this.model, rows, scope) : rowCount;
  }

  /**
   * Updates rows by their keys, each to values of its own, all or nothing, and gives their number: one statement per set of
   * columns on PostgreSQL, one prepared statement on SQLite. An item is an instance, of which what has changed is sent, or a
   * plain object of the key and the columns to set. Instances are as after `save()`. No hooks run.
   *
   * ```ts
   * await User.objects.bulkUpdate([{ id: 1, name: "x" }, { id: 2, name: "y" }]);
   * // update "users" set "name" = given.c0 from unnest($1::text[], $2::integer[]) as given(c0, c1) where "users"."id" = given.c1
   * ```
   *
   * Where a column that is set must be unique, rows are updated one after another, in the order of the items.
   *
   * @throws TypeError for an unknown column, a value that a column can't hold, or a key that is there twice; before any SQL
   * @throws UsageError for a new or deleted instance
   * @throws NotFoundError where a row is not there
   */
  bulkUpdate(items: readonly BulkRow<M>[]): Promise<number>;
  async bulkUpdate(items: unknown): Promise<number> {
    // Awaited, so that the caller is in the stack of the first statement.
    return await updateRows(this.#source, requireList(items, "bulkUpdate"), this[SCOPE]);
  }

  /**
   * Deletes all rows that fulfil the conditions and gives their number. Of a model with `softDelete`, hides them, unless
   * `{ force: true }` takes them out of the table. No hooks run.
   *
   * @param where the conditions, or "all" for every row
   * @throws UsageError where there is no condition
   */
  async delete(where: Where<M> | "all", options?: DeleteOptions): Promise<number>;
  async delete<const W extends WhereHint<M>>(where: CheckedWhere<M, W>, options?: DeleteOptions): Promise<number>;
  async delete(where: Where<M> | "all", options: DeleteOptions = {}): Promise<number> {
    const scope = this[SCOPE];
    checkOptions("delete", options, ["force"]);
    if (this.#source.table.content !== undefined) return buryAll({ ...this.#at, scope }, where);
    return (await scope.run(deleteOf({ ...this.#at, scope }, where, options.force === true))).rowCount;
  }

  /**
   * Shows rows again that were deleted softly, and gives their number.
   *
   * @throws UsageError where the model has no `softDelete`, or there is no condition
   */
  async restore(where: Where<M> | "all"): Promise<number> {
    const at = this.#at;
    return (await at.scope.run(restoreOf(at, where))).rowCount;
  }

  /**
   * Inserts a row, or updates the one that is the same by the columns of `on`, in one statement. No hooks run.
   *
   * ```ts
   * await User.objects.upsert({ email: "x@example.org", name: "x" }, { on: "email" });
   * // insert into "users" … on conflict ("email") do update set "name" = excluded."name" returning …
   * ```
   */
  async upsert(values: NewRow<M>, options: UpsertOptions<M> = {}): Promise<InstanceType<M>> {
    const valid = validValues(this.#source.table, values);
    const [instance] = await this.#upsert([valid instanceof Promise ? await valid : valid], options);
    return instance as InstanceType<M>;
  }

  /**
   * Inserts rows, or updates those that are the same by the columns of `on`, all or nothing; gives them in the order of the
   * input. No hooks run.
   */
  async upsertMany(values: readonly NewRow<M>[], options: UpsertOptions<M> = {}): Promise<InstanceType<M>[]> {
    const valid = validRows(this.#source.table, requireList(values, "upsertMany"));
    return await this.#upsert(valid instanceof Promise ? await valid : valid, options);
  }

  async #upsert(values: readonly unknown[], options: UpsertOptions<M>): Promise<InstanceType<M>[]> {
    const scope = this[SCOPE];
    const rows = await upsertRows(this.#source, values, options, scope);
    return written({ ...this.#at, scope }, rows, true);
  }

  /**
   * The row with these values, and whether it had to be inserted, with the defaults besides. Two callers at a time get
   * the same row. It is looked for by what the columns' schemas make of the values, which is what an insert keeps.
   *
   * @throws UniqueViolationError where a row that is another has one of the values that must be unique
   */
  async getOrCreate(where: Partial<Row<M>>, defaults: Partial<NewRow<M>> = {}): Promise<Created<M>> {
    return await getOrCreate(this.#at, { where, values: defaults });
  }

  /** Updates the row with these values, or inserts it; gives it, and whether it was inserted. One transaction. */
  async updateOrCreate(where: Partial<Row<M>>, values: Partial<NewRow<M>>): Promise<Created<M>> {
    return await updateOrCreate(this.#at, { where, values });
  }

  // Scopes

  /** The same manager, which sees the rows that were deleted softly as well. */
  withDeleted(): this {
    const copy = this.#boundTo(this.#scope);
    copy.#source = { ...this.#source, withDeleted: true };
    return copy;
  }

  /** The same manager, of the same class, bound to a database or a transaction. */
  using(scoped: Scoped): this {
    return this.#boundTo(scopeOf(scoped));
  }

  /**
   * The same manager for operations that a signal cancels, on PostgreSQL's server too. They fail with the signal's reason.
   *
   * ```ts
   * await User.objects.with({ signal: AbortSignal.timeout(1000) }).getInstances();
   * ```
   *
   * @throws TypeError for what is no signal
   */
  with(options: SignalOptions): this {
    return this.#boundTo(scopeWith(this[SCOPE], options));
  }

  /**
   * A transaction: the same manager, bound to it, with `commit` and `rollback`. Leaving the block without a commit rolls
   * back. On a manager that is in a transaction, a savepoint. Given a function, it commits when the function returns and
   * rolls back when it throws.
   *
   * ```ts
   * await using tx = User.objects.transaction();
   * await tx.insert({ name: "bar" });
   * await tx.commit();
   * ```
   *
   * @throws TypeError for an unknown option
   */
  transaction(options?: TransactionOptions): this & TransactionScope;
  transaction<T>(work: (tx: this & TransactionScope) => Promise<T> | T, options?: RetryOptions): Promise<T>;
  transaction<T>(
    work: TransactionOptions | ((tx: this & TransactionScope) => Promise<T> | T) = {},
    options: RetryOptions = {},
  ): (this & TransactionScope) | Promise<T> {
    const home = this[SCOPE];
    const place = new Place(NEAR);
    if (typeof work !== "function") return this.#boundToTransaction(home.transaction(work, place));
    const begin = attemptOptions(home, options);
    return runTransaction(
      () => home.transaction(begin, place),
      (transaction) => work(this.#boundToTransaction(transaction)),
      options,
    );
  }

  /**
   * Runs a function in a transaction that is always rolled back, and gives what it would have changed, by model. It sees
   * everything: bulk statements, `sql` text, what references do on delete, and the tables' own triggers. Callbacks of
   * `afterCommit` don't run. Within a transaction it is a savepoint.
   *
   * ```ts
   * const preview = await User.objects.preview((tx) => tx.update({ active: false }, { active: true }));
   * preview.result;                     // what the function returned
   * preview.of(User).updated[0]?.after; // { id: 1, active: true, … }
   * ```
   *
   * Until it ends, SQLite's write lock is held; on PostgreSQL, other writers of the models' tables wait (it makes triggers,
   * for which it locks them in SHARE ROW EXCLUSIVE MODE and wants the privilege TRIGGER on them, and TEMPORARY on the
   * database), and PostgreSQL doesn't give the keys that were generated out again.
   *
   * @param options as of a transaction, and `models`: those whose tables are watched; default: all of the database
   * @throws UsageError (`commit()` within the function)
   */
  async preview<T>(
    work: (tx: this & TransactionScope) => Promise<T> | T,
    options: PreviewOptions = {},
  ): Promise<Preview<T>> {
    const scope = this[SCOPE];
    checkPreview(work, options);
    const { models, ...begin } = options;
    return runPreview(
      () => scope.transaction(begin),
      (transaction) => work(this.#boundToTransaction(transaction)),
      models ?? [...new Set([...scope.boundModels(), this.model])],
    );
  }

  // The low-level chain

  /**
   * Takes a statement, `User.select()`, `insertInto(User)`, `updateTable(User)`, `deleteFrom(User)`, or `sql` text, to be
   * refined and fetched. The manager itself stays as it is.
   *
   * @throws TypeError where it is neither
   */
  setSql<S extends AnyTable, R, V>(statement: Statement<S, R, V>): Chain<S, R, V>;
  setSql<R extends object = Record<string, unknown>>(statement: Sql): Chain<M, R>;
  setSql(statement: Statement<M, unknown, unknown> | Sql): Chain<M, unknown, unknown> {
    const source = this.#source;
    const given = statement instanceof Statement ? statement : sqlStatement<M, unknown, unknown>(source, statement);
    const own = source.withDeleted && given.state.source?.table === source.table ? given.withDeleted() : given;
    return new Chain(own, () => this[SCOPE], source.table);
  }

  #scopeOf(query: Query<M>): Scope {
    const scope = this.#signalled(query);
    if (query.lock !== undefined && !scope.isTransaction) {
      throw new UsageError("lock wants a transaction: rows are locked until its end");
    }
    return scope;
  }

  #signalled({ signal }: SignalOptions): Scope {
    return signal === undefined ? this[SCOPE] : scopeWith(this[SCOPE], { signal });
  }

  get #at(): Workplace<M> {
    return { model: this.model, source: this.#source, scope: this[SCOPE] };
  }

  #boundTo(scope: Scope | undefined): this {
    return this.#copy(this.constructor as new (model: M) => this, scope);
  }

  #boundToTransaction(transaction: NestableScope): this & TransactionScope {
    const Own = this.constructor as new (model: AnyModel) => this;
    return this.#copy(transactional(Own), transaction);
  }

  /** The same manager, with what a subclass has added to it, in another scope. */
  #copy<T extends Manager<M>>(Class: new (model: M) => T, scope: Scope | undefined): T {
    keepShape(Class, () => this.#copyIn(Class, undefined));
    return this.#copyIn(Class, scope);
  }

  #copyIn<T extends Manager<M>>(Class: new (model: M) => T, scope: Scope | undefined): T {
    const copy = Object.assign(new Class(this.model), this);
    copy.#scope = scope;
    copy.#source = this.#source;
    return copy;
  }
}

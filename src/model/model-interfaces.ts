import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Scoped } from "../database/scope.js";
import type { EventOptions, Hook, HookEvent } from "../manager/hooks.js";
import type { InsertOptions, Manager } from "../manager/manager.js";
import type { QueryBuilder } from "../query/query-builder.js";
import type {
  CheckedLoad,
  CheckedRow,
  CheckedRows,
  Inserted,
  LoadHint,
  Result,
  RowHint,
} from "../sql/relation-types.js";
import type { Statement } from "../sql/statement.js";
import type {
  AnyColumns,
  AnyModel,
  ColumnExpressions,
  ColumnName,
  Key,
  KeyColumns,
  KeyOfColumns,
  key,
  NewRow,
  NewRowOfColumns,
  Row,
  RowOfColumns,
  SelectedRow,
  Selection,
  Where,
} from "../sql/types.js";
import type { DeletionOptions } from "./operations.js";

/** What every instance of a model has, besides a property per column. */
export interface ModelInstance<C extends AnyColumns> extends StoredInstance<C> {
  /** Deletes the row; after that the instance can't be saved or updated. */
  delete(options?: DeletionOptions): Promise<void>;

  /**
   * Shows the row again that `delete()` has hidden, of a model with `softDelete`.
   *
   * @throws UsageError of a model without
   * @throws NotFoundError where the row is gone
   */
  restore(options?: EventOptions): Promise<this>;
}

/** What an instance has of whichever kind of model. */
export interface StoredInstance<C extends AnyColumns> extends Iterable<[column: keyof C & string, value: unknown]> {
  /** All values, as a plain object. */
  readonly data: RowOfColumns<C>;
  /** The values that differ from the row as it was loaded. */
  readonly changes: Partial<RowOfColumns<C>>;

  /**
   * Inserts a new instance, or updates one that was loaded by what has changed, in one statement. The instance carries
   * what the database filled in.
   *
   * @throws UsageError after `delete()`
   * @throws NotFoundError where the row is gone
   */
  save(options?: EventOptions): Promise<this>;

  /**
   * Sets columns and sends what has changed; nothing where nothing has.
   *
   * ```ts
   * await page.update({ title: "b", version: page.version + 1 }, { version: page.version });
   * // update "pages" set "title" = ?, "version" = ? where "pages"."id" = ? and "pages"."version" = ?
   * ```
   *
   * @param conditions what must hold of the row besides
   * @throws NotFoundError where the row is gone
   * @throws OptimisticLockError where it is there, and the conditions don't hold of it
   */
  update(
    values: Partial<RowOfColumns<C>>,
    conditions?: Where<{ readonly columns: C }>,
    options?: EventOptions,
  ): Promise<this>;

  /**
   * Reads the row again; what was assigned and not saved is lost, and its relations are no longer loaded.
   *
   * @throws NotFoundError where it is gone
   */
  reload(options?: EventOptions): Promise<this>;

  /** Whether it is an instance of the very same class with the same values, whatever their form; never throws. */
  equals(other: unknown): boolean;

  /**
   * The SHA-256, in hex, of the table's name (without its schema), and of the properties, types and values of all columns
   * that have a value, saved or not, in the order of their declaration. It is the same in every process and on every
   * engine. What the database has yet to fill in, or was not selected, has no part in it.
   *
   * @throws TypeError where a value is none that its column can hold
   */
  hash(): string;

  /** Lets the instance read and write in a transaction, or another database, from now on. */
  using(scoped: Scoped): this;

  /**
   * The values and the loaded relations, for JSON: a bigint as a string, bytes in base64. An instance that is met again
   * within, as in a cycle, has its values alone there.
   */
  toJSON(): Record<string, unknown>;
}

/** A model class. */
export interface ModelStatics<C extends AnyColumns, K extends string = never, N extends string = string>
  extends StoredStatics<C, K, N> {
  new (values?: Partial<RowOfColumns<C>>): RowOfColumns<C> & ModelInstance<C>;

  /**
   * The model's manager; made on first use, or declared: `static override objects = new UserManager(this)`. A subclass of
   * a class that declares one declares its own.
   */
  objects: Manager<ModelStatics<C, K, N>>;

  /** The key of a new row whose text or uuid key is not given. */
  generateId(): string;
}

/** What a class has of whichever kind of model. */
export interface StoredStatics<C extends AnyColumns, K extends string, N extends string> {
  readonly [key]?: KeyOfColumns<C, K>;

  /** The table's name in the database. */
  readonly table: N;
  /** The columns, as they were declared, and those that the options ask for. */
  readonly columns: C;
  /** An expression for each column: `User.c.name.eq("x")`. */
  readonly c: ColumnExpressions<C>;
  /** The property that is the primary key, or the first of those that are; undefined where there is none. */
  readonly idColumn: KeyColumns<C, K> | undefined;
  /**
   * The model as a Standard Schema of what `insert` takes, for all that takes such a schema: forms, routers, other schemas.
   * It gives the values as the columns' schemas made them, without defaults.
   */
  readonly "~standard": StandardSchemaV1.Props<NewRowOfColumns<C>, NewRowOfColumns<C>>;
  /** The instance with this key, or null. */
  find<M extends AnyModel>(this: M, id: Key<M>): Promise<InstanceType<M> | null>;
  find<M extends AnyModel, const Q extends LoadHint<M>>(
    this: M,
    id: Key<M>,
    options: CheckedLoad<M, Q>,
  ): Promise<Result<M, Q> | null>;
  /** Inserts a row and gives the instance, or the number of rows. @throws UniqueViolationError and its kin */
  insert<M extends AnyModel>(
    this: M,
    values: NewRow<M>,
    options: InsertOptions & { readonly fetch: false },
  ): Promise<number>;
  insert<M extends AnyModel>(
    this: M,
    values: NewRow<M>,
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<InstanceType<M>>;
  insert<M extends AnyModel, const V extends RowHint<M>>(
    this: M,
    values: CheckedRow<M, V>,
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<Inserted<M, V>>;
  /** Inserts rows, all or none of them, and gives the instances in the order of the input, or the number of rows. */
  insertMany<M extends AnyModel>(
    this: M,
    values: readonly NewRow<M>[],
    options: InsertOptions & { readonly fetch: false },
  ): Promise<number>;
  insertMany<M extends AnyModel>(
    this: M,
    values: readonly NewRow<M>[],
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<InstanceType<M>[]>;
  insertMany<M extends AnyModel, const V extends readonly RowHint<M>[]>(
    this: M,
    values: CheckedRows<M, V>,
    options?: InsertOptions & { readonly fetch?: true },
  ): Promise<Inserted<M, V[number]>[]>;

  /**
   * Adds a hook for the instances of this class and of those that extend it, now and later. It is called, and awaited, in
   * the order in which hooks were added, those of the classes above first; last comes the method of the event's name, where
   * the class has one (static for `beforeInsertMany` and `afterInsertMany`).
   *
   * The operation and its hooks are one transaction: where a hook throws, all is undone and the instance is as it was. (In a
   * transaction of yours that was written to by then, nothing is left to do but roll it back; nest one to go on.) What a
   * hook asks and writes goes by the instance itself or `Other.objects.using(context.scope)`; `Other.objects` by itself
   * doesn't see what the operation has done. The hooks before an operation get the values as they were given, and what they
   * set goes through the columns' schemas with the rest. Updates and deletes by conditions, bulk updates and upserts run no hooks.
   * `afterInit` is called, without waiting, for every instance that is made or read.
   *
   * ```ts
   * User.addHook("afterInsert", async (user, { scope }) => {
   *   await Log.objects.using(scope).insert({ text: `${user.name} has come` });
   * });
   * ```
   *
   * @throws UsageError for an unknown event, with the nearest name
   * @throws TypeError for what is no function
   */
  addHook<M extends AnyModel, const E extends HookEvent>(this: M, event: E, hook: Hook<InstanceType<M>, E>): void;
  /** Removes a hook that was added to this very class, and tells whether it was there. @throws UsageError for an unknown event */
  removeHook<M extends AnyModel, const E extends HookEvent>(this: M, event: E, hook: Hook<InstanceType<M>, E>): boolean;
  /** Removes the hooks that were added to this very class, all or those of an event. @throws UsageError for an unknown event */
  clearHooks(event?: HookEvent): void;

  /**
   * A select of all columns, of those named, of one, or of what a record names: `{ n: count() }`; for `setSql()`, and for a
   * session, which makes instances of the rows of `User.select()`.
   */
  select<M extends AnyModel>(this: M): Statement<M, Row<M>, never, InstanceType<M>>;
  select<M extends AnyModel, const P extends ColumnName<M>>(
    this: M,
    ...columns: readonly [P | readonly P[]] | readonly P[]
  ): Statement<M, Pick<Row<M>, P>>;
  select<M extends AnyModel, const S extends Selection<M>>(this: M, selection: S): Statement<M, SelectedRow<M, S>>;

  /** A query to be built step by step; its first conditions may be given. */
  query<M extends AnyModel>(this: M, conditions?: Where<M>): QueryBuilder<M>;
}

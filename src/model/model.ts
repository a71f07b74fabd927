import { randomBytes, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Scope, type Scoped, scopeOf } from "../database/scope.js";
import { UsageError } from "../errors.js";
import {
  addHook,
  clearHooks,
  type EventOptions,
  type Hook,
  type HookEvent,
  INSERT,
  type InsertPlan,
  initialize,
  isHookEvent,
  removeHook,
  UPDATE,
} from "../manager/hooks.js";
import { CHANGES, LOADED, type Origin, type RowChanges, UNSAVE } from "../manager/hydrate.js";
import { type InsertOptions, Manager } from "../manager/manager.js";
import { QueryBuilder } from "../query/query-builder.js";
import { requireValues } from "../sql/insert-values.js";
import { jsonValue } from "../sql/json.js";
import { rowSchema } from "../sql/model-schema.js";
import { SOURCE, sourceOf } from "../sql/source.js";
import { type Statement, selectFrom } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import { type DeclaredColumns, TABLE_OPTIONS, Table, type TableColumn, type TableOptions } from "../sql/table.js";
import type {
  AnyColumns,
  AnyModel,
  ColumnExpressions,
  ColumnName,
  KeptColumns,
  KeptOptions,
  Key,
  KeyColumns,
  KeyOfColumns,
  key,
  NewRow,
  NewRowOfColumns,
  NoOptions,
  NoOtherOptions,
  Row,
  RowOfColumns,
  SelectedRow,
  Selection,
  TableName,
  Where,
} from "../sql/types.js";
import { expressionsOf } from "../sql/views.js";
import { conditionsOf } from "../sql/where.js";
import { checkOptions } from "../text.js";
import { hashOf, isEqual } from "./equality.js";
import {
  type DeletionOptions,
  deleteInstance,
  insertInstances,
  reloadInstance,
  restoreInstance,
  saveInstance,
  updateInstance,
} from "./operations.js";
import { changesOf, scopeOfInstance, unsaveInstance } from "./persist.js";
import {
  assignColumn,
  changedColumns,
  dataOf,
  HELD,
  isSaved,
  ORIGIN,
  ROW,
  readColumn,
  type Stateful,
  UNSAVED,
} from "./state.js";

/** What every instance of a model has, besides a property per column. */
export interface ModelInstance<C extends AnyColumns> extends Iterable<[column: keyof C & string, value: unknown]> {
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

  /** Deletes the row; after that the instance can't be saved or updated. */
  delete(options?: DeletionOptions): Promise<void>;

  /**
   * Shows the row again that `delete()` has hidden, of a model with `softDelete`.
   *
   * @throws UsageError of a model without
   * @throws NotFoundError where the row is gone
   */
  restore(options?: EventOptions): Promise<this>;

  /** Reads the row again; what was assigned and not saved is lost. @throws NotFoundError where it is gone */
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

  /** The values for JSON: a bigint as a string, bytes in base64. */
  toJSON(): Record<string, unknown>;
}

/** A model class. */
export interface ModelStatics<C extends AnyColumns, K extends string = never, N extends string = string> {
  new (values?: Partial<RowOfColumns<C>>): RowOfColumns<C> & ModelInstance<C>;

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
  /**
   * The model's manager; made on first use, or declared: `static override objects = new UserManager(this)`. A subclass of
   * a class that declares one declares its own.
   */
  objects: Manager<ModelStatics<C, K, N>>;

  /** The instance with this key, or null. */
  find<M extends AnyModel>(this: M, id: Key<M>): Promise<InstanceType<M> | null>;
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

  /** A select of all columns, of those named, of one, or of what a record names: `{ n: count() }`; for `setSql()`. */
  select<M extends AnyModel>(this: M): Statement<M, Row<M>>;
  select<M extends AnyModel, const P extends ColumnName<M>>(
    this: M,
    columns: P | readonly P[],
  ): Statement<M, Pick<Row<M>, P>>;
  select<M extends AnyModel, const S extends Selection<M>>(this: M, selection: S): Statement<M, SelectedRow<M, S>>;

  /** A query to be built step by step; its first conditions may be given. */
  query<M extends AnyModel>(this: M, conditions?: Where<M>): QueryBuilder<M>;

  /** The key of a new row whose text or uuid key is not given. */
  generateId(): string;
}

/** What a method of the base class sees of the class that it is called on. */
type OwnModel = AnyModel & { readonly objects: Manager<AnyModel> };

/** What all models have in common. */
class ActiveRecord implements Stateful {
  [ROW]: readonly unknown[];
  [HELD]: unknown[] | undefined;
  [ORIGIN]: (Origin & { readonly isDeleted?: boolean }) | undefined;

  constructor(values: unknown = undefined, row?: readonly unknown[], origin?: Origin) {
    if (values === LOADED) {
      this[ROW] = row ?? UNSAVED;
      this[HELD] = undefined;
      this[ORIGIN] = origin;
      return;
    }
    this[ROW] = UNSAVED;
    this[HELD] = undefined;
    this[ORIGIN] = undefined;
    const { table } = sourceOf(new.target);
    for (const [property, value] of Object.entries(requireValues(table, values ?? {}))) {
      if (value !== undefined) assignColumn(this, table.column(property), value);
    }
    initialize(new.target, [this], () => scopeOfInstance(this));
  }

  get data(): object {
    return dataOf(this);
  }

  get changes(): object {
    return Object.fromEntries(changedColumns(this).map((column) => [column.property, readColumn(this, column)]));
  }

  async save(options?: EventOptions): Promise<this> {
    await saveInstance(this, options);
    return this;
  }

  async update(values: object, conditions?: Where<AnyModel>, options?: EventOptions): Promise<this> {
    await updateInstance(this, requireValues(sourceOf(this.constructor).table, values), conditions, options);
    return this;
  }

  async restore(options?: EventOptions): Promise<this> {
    await restoreInstance(this, options);
    return this;
  }

  async delete(options?: DeletionOptions): Promise<void> {
    await deleteInstance(this, options);
  }

  async reload(options?: EventOptions): Promise<this> {
    await reloadInstance(this, options);
    return this;
  }

  equals(other: unknown): boolean {
    return isEqual(this, other);
  }

  hash(): string {
    return hashOf(this);
  }

  using(scoped: Scoped): this {
    this[ORIGIN] = { ...this[ORIGIN], scope: scopeOf(scoped) };
    return this;
  }

  toJSON(): object {
    return Object.fromEntries(Object.entries(dataOf(this)).map(([property, value]) => [property, jsonValue(value)]));
  }

  *[Symbol.iterator](): Iterator<[string, unknown]> {
    yield* Object.entries(dataOf(this));
  }

  [inspect.custom](depth: number, options: object, format: typeof inspect): string {
    const name = `${this.constructor.name}${isSaved(this) ? "" : " (unsaved)"}`;
    return depth < 0 ? `[${name}]` : `${name} ${format(dataOf(this), options)}`;
  }

  [CHANGES](): RowChanges {
    return changesOf(this);
  }

  [UNSAVE](keepKey: boolean): void {
    unsaveInstance(this, keepKey);
  }

  [UPDATE](values: object): Promise<this> {
    return this.update(values);
  }

  static [INSERT](this: OwnModel, values: readonly unknown[], scope: Scope, plan: InsertPlan): Promise<Stateful[]> {
    return insertInstances(this, values, scope, plan);
  }

  static addHook(event: HookEvent, hook: unknown): void {
    addHook(this, event, hook);
  }

  static removeHook(event: HookEvent, hook: unknown): boolean {
    return removeHook(this, event, hook);
  }

  static clearHooks(event?: HookEvent): void {
    clearHooks(this, event);
  }

  static get objects(): Manager<AnyModel> {
    return managerOf(this as unknown as OwnModel);
  }

  static set objects(manager: Manager<AnyModel>) {
    managers.set(this, manager);
  }

  static find(this: OwnModel, id: never): Promise<unknown> {
    return managerOf(this).find(id);
  }

  static insert(this: OwnModel, values: never, options?: InsertOptions): Promise<unknown> {
    return managerOf(this).insert(values, options);
  }

  static insertMany(this: OwnModel, values: readonly never[], options?: InsertOptions): Promise<unknown> {
    return managerOf(this).insertMany(values, options);
  }

  static query(this: OwnModel, conditions?: Where<AnyModel>): unknown {
    return new QueryBuilder(this).where([...conditionsOf(sourceOf(this).table, conditions)]);
  }

  static select(this: OwnModel, columns?: unknown): unknown {
    return selectFrom(sourceOf(this), columns);
  }
}

/** The managers of classes that declare none. */
const managers = new WeakMap<object, Manager<AnyModel>>();

/** The class's own manager: declared, or made on first use, of the kind that the class above it has. */
function managerOf(model: OwnModel): Manager<AnyModel> {
  const declared = Object.hasOwn(model, "objects") ? model.objects : managers.get(model);
  if (declared !== undefined) return declared;
  const above: OwnModel = Object.getPrototypeOf(model);
  const inherited = SOURCE in above ? managerOf(above) : undefined;
  const Kind = (inherited?.constructor ?? Manager) as new (model: AnyModel) => Manager<AnyModel>;
  const manager = Object.assign(new Kind(model), inherited, { model });
  managers.set(model, manager);
  return manager;
}

/** The property of a column. The common cases are short, as they run for each value that is read. */
function accessor(column: TableColumn): PropertyDescriptor {
  const { index, decode, isObject } = column;
  const set = function (this: Stateful, value: unknown): void {
    assignColumn(this, column, value);
  };
  const common = { set, enumerable: true, configurable: true };
  if (isObject) {
    return {
      ...common,
      get(this: Stateful): unknown {
        return readColumn(this, column);
      },
    };
  }
  if (decode === undefined) {
    return {
      ...common,
      get(this: Stateful): unknown {
        const raw = this[HELD] === undefined ? this[ROW][index] : undefined;
        return raw === undefined ? readColumn(this, column) : raw;
      },
    };
  }
  return {
    ...common,
    get(this: Stateful): unknown {
      const raw = this[HELD] === undefined ? this[ROW][index] : undefined;
      if (raw === null) return null;
      return raw === undefined ? readColumn(this, column) : decode(raw);
    },
  };
}

/**
 * Makes the base class of a model: a typed property per column, and `objects`, its manager.
 *
 * ```ts
 * class User extends Model("users", {
 *   id: integer().primaryKey(),
 *   name: text(),
 *   createdAt: timestamp().defaultNow(),
 * }) {}
 * ```
 *
 * @param table the table's name; `schema.table` names a schema
 * @throws UsageError where a name can't be used, or a column is called like a member of every model
 */
export function Model<
  const C extends AnyColumns,
  const K extends keyof C & string = never,
  const N extends string = string,
  const O extends KeptOptions = NoOptions,
>(
  table: N,
  columns: C,
  options?: Omit<TableOptions, "primaryKey" | keyof KeptOptions> & { readonly primaryKey?: readonly K[] } & O &
    NoOtherOptions<O, keyof TableOptions>,
): ModelStatics<KeptColumns<C, O>, K, TableName<N>>;
export function Model(table: string, declared: DeclaredColumns, options: TableOptions = {}): unknown {
  checkOptions("a model", options, TABLE_OPTIONS);
  const made = new Table(table, declared, options);

  // One for each class: a subclass may have a generateId of its own.
  const sources = new WeakMap<object, Source>();

  class Made extends ActiveRecord {
    static readonly table = made.name;
    static readonly columns = made.declared;
    static readonly c = expressionsOf(made);
    static readonly idColumn = made.key[0]?.property;
    static readonly "~standard" = rowSchema<unknown>(made);

    static get [SOURCE](): Source {
      let source = sources.get(this);
      if (source === undefined) {
        source = { table: made, makeKey: () => this.generateId() };
        sources.set(this, source);
      }
      return source;
    }

    static generateId(): string {
      return made.key[0]?.type.kind === "uuid" ? randomUUID() : randomBytes(16).toString("hex");
    }
  }

  for (const column of made.columns) {
    if (column.property in ActiveRecord.prototype || isHookEvent(column.property)) {
      throw new UsageError(
        `${column.label} would hide a member of every model, or a hook; name the property otherwise and say .column("${column.name}")`,
      );
    }
    Object.defineProperty(Made.prototype, column.property, accessor(column));
  }
  return Made;
}

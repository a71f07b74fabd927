import type { inspect } from "node:util";
import { crypto } from "../crypto.js";
import { type Scope, type Scoped, scopeOf } from "../database/scope.js";
import { HYDRATE, SAVE_ALL } from "../database/session-model.js";
import { UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import {
  addHook,
  clearHooks,
  type EventOptions,
  type HookEvent,
  INSERT,
  type InsertPlan,
  initialize,
  isHookEvent,
  removeHook,
  UPDATE,
} from "../manager/hooks.js";
import { CHANGES, hydrate, LOADED, type RowChanges, UNSAVE } from "../manager/hydrate.js";
import { STATE, State } from "../manager/instance-state.js";
import { type InsertOptions, Manager } from "../manager/manager.js";
import { QueryBuilder } from "../query/query-builder.js";
import { requireValues } from "../sql/insert-values.js";
import { rowSchema } from "../sql/model-schema.js";
import { relationsIn } from "../sql/path.js";
import { isRelated, RELATED } from "../sql/related.js";
import { SOURCE, sourceOf } from "../sql/source.js";
import { selectFrom, selectModel } from "../sql/statement.js";
import type { Related, Source } from "../sql/statement-state.js";
import { type DeclaredColumns, TABLE_OPTIONS, Table, type TableOptions } from "../sql/table.js";
import type { AnyColumns, AnyModel, KeptColumns, KeptOptions, KeptTimes, TableName, Where } from "../sql/types.js";
import { expressionsOf } from "../sql/views.js";
import { conditionsOf } from "../sql/where.js";
import { checkOptions, classNameFor } from "../text.js";
import { changesOf } from "./changes.js";
import { hashOf, isEqual } from "./equality.js";
import { addFields } from "./fields.js";
import { jsonOf } from "./json.js";
import type { ModelStatics } from "./model-interfaces.js";
import {
  type DeletionOptions,
  deleteInstance,
  insertInstances,
  reloadInstance,
  restoreInstance,
  saveInstance,
  updateInstance,
} from "./operations.js";
import { scopeOfInstance } from "./own-row.js";
import { saveAllInstances } from "./save-all.js";
import { unsaveInstance } from "./settle.js";
import { assignColumn, changedColumns, dataOf, isSaved, ownState, readColumn, type Stateful } from "./state.js";

/** What a method of the base class sees of the class that it is called on. */
type OwnModel = AnyModel & { readonly objects: Manager<AnyModel> };

/** What all models have in common. */
class ActiveRecord implements Stateful {
  declare [STATE]: State;
  [field: symbol]: unknown;

  constructor(values: unknown = undefined, _row?: readonly unknown[], state?: State) {
    if (values === LOADED) {
      this[STATE] = state ?? State.ofNew();
      return;
    }
    this[STATE] = State.ofNew();
    const { table } = sourceOf(new.target);
    const given = requireValues(table, values ?? {});
    for (const property of Object.keys(given)) {
      const value = given[property];
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
    const saving = saveInstance(this, options);
    if (saving instanceof Promise) await saving;
    return this;
  }

  async update(values: object, conditions?: Where<AnyModel>, options?: EventOptions): Promise<this> {
    const given = requireValues(sourceOf(this.constructor).table, values);
    const updating = updateInstance(this, given, conditions, options);
    if (updating instanceof Promise) await updating;
    return this;
  }

  async restore(options?: EventOptions): Promise<this> {
    await restoreInstance(this, options);
    return this;
  }

  /** Gives the record that tells of it, of a model that keeps what is deleted. */
  async delete(options?: DeletionOptions): Promise<object | undefined> {
    return deleteInstance(this, options);
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
    const scope = scopeOf(scoped);
    ownState(this).scope = scope.stay ?? scope;
    return this;
  }

  toJSON(): object {
    return jsonOf(this);
  }

  *[Symbol.iterator](): Iterator<[string, unknown]> {
    yield* Object.entries(dataOf(this));
  }

  /** @internal */
  [INSPECT](depth: number, options: object, format: typeof inspect): string {
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

  static [HYDRATE](this: OwnModel, rows: readonly unknown[][], scope: Scope): object[] {
    return hydrate(this, rows, scope);
  }

  static [SAVE_ALL](instances: readonly object[], scope: Scope): Promise<void> {
    return saveAllInstances(instances, scope);
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
    return new QueryBuilder(this).where([...conditionsOf(sourceOf(this), conditions)]);
  }

  static select(this: OwnModel, columns?: unknown, ...more: unknown[]): unknown {
    if (columns === undefined) return selectModel(this, sourceOf(this));
    return selectFrom(sourceOf(this), more.length === 0 ? columns : [columns, ...more]);
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

/** The getters of a class, down to the one that has the columns, and the relations that they give. */
function relationsOf(
  model: typeof ActiveRecord,
  columns: object,
): Pick<Source, "getters" | "related" | "hasRelations"> {
  const getters = new Set<string>();
  for (let Class: object = model; Class !== columns; Class = Object.getPrototypeOf(Class)) {
    const { prototype } = Class as AnyModel;
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype)))
      if (property.get !== undefined) getters.add(name);
  }
  const known = new Map<string, Related | undefined>();
  const related = (name: string): Related | undefined => {
    if (!getters.has(name)) return undefined;
    if (!known.has(name)) {
      const given: unknown = Reflect.get(new model(LOADED), name);
      // What a getter does later fails of an instance without values, and nobody waits for it.
      if (given instanceof Promise) given.catch(() => {});
      known.set(name, isRelated(given) ? given[RELATED](name) : undefined);
    }
    return known.get(name);
  };
  const own = { getters: [...getters], related };
  let has: boolean | undefined;
  const hasRelations = (): boolean => {
    has ??= relationsIn(own).length > 0;
    return has;
  };
  return { ...own, hasRelations };
}

/** Options of `Model`: what spans columns, and columns to be added. */
export type ModelOptions<K extends string, D extends string, T extends KeptTimes> = Omit<
  TableOptions,
  "primaryKey" | "softDelete" | "timestamps"
> & {
  readonly primaryKey?: readonly K[];
} & KeptOptions<D, T>;

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
  const D extends string = never,
  const T extends KeptTimes = false,
>(table: N, columns: C, options?: ModelOptions<K, D, T>): ModelStatics<KeptColumns<C, D, T>, K, TableName<N>>;
export function Model(table: string, declared: DeclaredColumns, options: TableOptions = {}): unknown {
  checkOptions("a model", options, TABLE_OPTIONS);
  const made = new Table(table, declared, options);
  return complete(modelClass(made.name, made), made);
}

/** A model class as those that make one see it. Naming ActiveRecord here would put its members into the package's types. */
export interface ModelClass {
  readonly prototype: object;
}

/** A model class without what its table tells, which `complete` adds: the table may be made later. */
export function modelClass(
  name: string,
  table: Table | (() => Table),
  besides: Pick<Source, "companions"> = {},
): ModelClass {
  // One for each class: a subclass may have a generateId of its own.
  const sources = new WeakMap<object, Source>();

  class Made extends ActiveRecord {
    static readonly table = name;

    static get [SOURCE](): Source {
      let source = sources.get(this);
      if (source === undefined) {
        const own = { makeKey: () => this.generateId(), ...relationsOf(this, Made), ...besides };
        source = table instanceof Table ? { table, ...own } : lateSource(table, own);
        sources.set(this, source);
      }
      return source;
    }

    static generateId(): string {
      const { table } = sourceOf(this);
      return table.key[0]?.type.kind === "uuid" ? crypto().randomUUID() : crypto().randomBytes(16).toString("hex");
    }
  }
  Object.defineProperty(Made, "name", { value: classNameFor(name) });
  return Made;
}

function lateSource(tableNow: () => Table, own: Omit<Source, "table">): Source {
  return {
    ...own,
    get table() {
      return tableNow();
    },
  };
}

/** What is read of a model class besides its table's name. */
export const STATICS = {
  columns: ({ declared }: Table) => declared,
  c: (table: Table) => expressionsOf(table),
  idColumn: ({ key }: Table) => key[0]?.property,
  "~standard": (table: Table) => rowSchema<unknown>(table),
};

/**
 * Adds to a model class what its table tells.
 *
 * @throws UsageError where a column is called like a member of every model
 */
export function complete(Made: ModelClass, table: Table): ModelClass {
  for (const column of table.columns) {
    if (column.property in ActiveRecord.prototype || isHookEvent(column.property)) {
      throw new UsageError(
        `${column.label} would hide a member of every model, or a hook; name the property otherwise and say .column("${column.name}")`,
      );
    }
  }
  addFields(Made, ActiveRecord, table.columns);
  for (const [property, read] of Object.entries(STATICS)) {
    const value: unknown = read(table);
    Object.defineProperty(Made, property, { value, enumerable: true, configurable: true, writable: true });
  }
  return Made;
}

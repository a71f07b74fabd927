import { SCOPE, type Scope } from "../database/scope.js";
import { NotFoundError, UsageError } from "../errors.js";
import { BURY } from "../manager/bury.js";
import type { EventOptions } from "../manager/hooks.js";
import { lateModel } from "../model/late-model.js";
import { complete, type ModelClass, modelClass } from "../model/model.js";
import type { StoredInstance, StoredStatics } from "../model/model-interfaces.js";
import type { DeletionOptions } from "../model/operations.js";
import { scopeOfInstance } from "../model/own-row.js";
import { dataOf, isSaved, isStateful, type Stateful } from "../model/state.js";
import { text } from "../sql/columns.js";
import { requireValues } from "../sql/insert-values.js";
import { valuesOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { type DeclaredColumns, TABLE_OPTIONS, Table, type TableOptions } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyColumns, AnyModel, ColumnShape, Flatten, KeptColumns, RowOfColumns } from "../sql/types.js";
import { checkOptions } from "../text.js";
import { ID, PREVIOUS, RowContent } from "./content.js";
import { asStateful, contentTableOf, DeletedModel, isIntact, tombstonesOf } from "./deleted-model.js";
import { HashedManager } from "./hashed-manager.js";
import { type Differences, differencesOf, historyOf, type Version, versionAt } from "./history.js";
import { leadsTo, type Proof } from "./merkle.js";
import { missingOf, type Problem } from "./verify.js";

/** What `HashedModel` adds to the columns. */
export type HashedColumns<C extends AnyColumns, H extends boolean, T> = Flatten<
  { readonly id: ColumnShape<string, true, true> } & (H extends true
    ? { readonly previousId: ColumnShape<string | null, true, false> }
    : unknown) &
    KeptColumns<C, never, T>
>;

/** What every instance of a HashedModel has, besides a property per column. */
export interface HashedInstance<C extends AnyColumns> extends StoredInstance<C> {
  /**
   * Moves the row to `deleted_records`, in one transaction, and gives the record of it, which `restore()` brings back.
   *
   * @throws NotFoundError where the row is gone
   */
  delete(options?: DeletionOptions): Promise<DeletedModel<this>>;
  /** Whether the row as it is stored is what its id was made of, and has the version before it. @throws NotFoundError where it is gone */
  verify(): Promise<boolean>;
}

/** What an instance has of a model with history. */
export interface VersionedInstance<C extends AnyColumns> extends HashedInstance<C> {
  /** The versions up to this one, oldest first, with what changed; one query. */
  history(): Promise<Version<RowOfColumns<C>>[]>;
  /** The values of the version that the record was in at a time, or that has an id; null where there is none. */
  asOf(at: Date | string): Promise<RowOfColumns<C> | null>;
  /** What differs between two versions, by property. @throws NotFoundError for an id that is none of a version */
  diff(from: string, to: string): Promise<Differences<RowOfColumns<C>>>;
  /** Makes a new version with the values of an older one. @throws NotFoundError for an id that is none of a version */
  revertTo(id: string): Promise<this>;
}

/** A model class whose rows' ids are the hashes of their content. */
export interface HashedClass<C extends AnyColumns, N extends string, H extends boolean>
  extends StoredStatics<C, never, N> {
  new (
    values?: Partial<RowOfColumns<C>>,
  ): RowOfColumns<C> & (H extends true ? VersionedInstance<C> : HashedInstance<C>);

  /** The model's manager; one of your own extends HashedManager. */
  objects: HashedManager<HashedClass<C, N, H>>;
  /**
   * The bytes that the id of a row with these values is the hash of: the columns but the id, and those
   * `.excludedFromHash()`, in the canonical form. A missing value counts as its default, else as null.
   *
   * @throws TypeError for an unknown column, or a value that a column can't hold
   */
  preimage(data: Partial<RowOfColumns<C>>): Uint8Array;
  /** The id that a row with these values has: SHA-256 of `preimage(data)`, in hex. @throws TypeError as `preimage` */
  generateId(data: Partial<RowOfColumns<C>>): string;
  /** What is wrong with the model's rows and with the records of those that were deleted: `objects.verifyAll()`. */
  verifyAll(): AsyncGenerator<Problem, void, undefined>;
  /** Whether the proof says that the record, as its values are, is one of those that a head was made of. Asks no database. */
  verifyProof(record: Partial<RowOfColumns<C>>, proof: Proof, head: string): boolean;
}

const OPTIONS = [...TABLE_OPTIONS.filter((option) => option !== "primaryKey" && option !== "softDelete"), "history"];

/** The class as the methods below see it. */
interface LooseClass {
  new (
    ...args: unknown[]
  ): Stateful & { update(values: object, conditions?: undefined, options?: EventOptions): Promise<unknown> };
  readonly prototype: object;
  readonly table: string;
}

/** Makes the base class of a model whose rows' ids are made of their content. @throws UsageError, TypeError as `HashedModel` */
export function makeHashedClass(
  name: string,
  declared: DeclaredColumns,
  { history = false, ...options }: TableOptions & { readonly history?: boolean } = {},
): ModelClass {
  checkOptions("a hashed model", { history, ...options }, OPTIONS);
  if (typeof history !== "boolean") throw new TypeError("history is true or false");
  for (const property of history ? [ID, PREVIOUS] : [ID])
    if (property in declared) throw new UsageError(`${name}.${property} is made by HashedModel, and can't be declared`);
  for (const [property, { settings }] of Object.entries(declared))
    if (settings.primaryKey)
      throw new UsageError(
        `${name}.${property} can't be the key: that of a HashedModel is its id, made of the content`,
      );
  const table = hashedTable(name, declared, options, history);
  return hashedClass(complete(modelClass(table.name, table, BESIDES), table), history);
}

/** The same for a model of rowkeeper's own, whose table is made at its first use. */
export function lateHashedClass(name: string, columns: DeclaredColumns, options: TableOptions): ModelClass {
  return hashedClass(
    lateModel(name, () => hashedTable(name, columns, options, false), BESIDES),
    false,
  );
}

const BESIDES = { companions: () => [DeletedModel] };

function hashedTable(name: string, declared: DeclaredColumns, options: TableOptions, hasHistory: boolean): Table {
  const columns = {
    [ID]: text().primaryKey(),
    ...(hasHistory && { [PREVIOUS]: text().nullable() }),
    ...declared,
  };
  return new Table(name, columns, options, { contentOf: (made) => new RowContent(made, hasHistory) });
}

function hashedClass(Made: ModelClass, hasHistory: boolean): ModelClass {
  const Base = Made as unknown as LooseClass;

  class Hashed extends Base {
    static {
      // By the setter, so that each class that extends this has one of its own.
      Object.assign(this, { objects: new HashedManager(this as never) });
    }

    static preimage(data: object): Uint8Array {
      return rowContentOf(this).preimage(requireValues(sourceOf(this).table, data));
    }

    static generateId(data: object): string {
      return rowContentOf(this).keyOf(requireValues(sourceOf(this).table, data));
    }

    static verifyAll(this: { readonly objects: HashedManager<AnyModel> }): AsyncGenerator<Problem, void, undefined> {
      return this.objects.verifyAll();
    }

    static verifyProof(record: object, proof: Proof, head: string): boolean {
      const { table } = sourceOf(this);
      const values = isStateful(record) ? dataOf(record) : record;
      return rowContentOf(this).keyOf(requireValues(table, values)) === proof.id && leadsTo(proof, head);
    }

    static [BURY](rows: readonly (readonly unknown[])[], within: Scope, options?: EventOptions): Promise<object[]> {
      const objects = DeletedModel.objects.using({ [SCOPE]: within });
      const tombstones = tombstonesOf(this as unknown as AnyModel, rows, new Date());
      const [only, ...others] = tombstones;
      if (only === undefined) return Promise.resolve([]);
      if (others.length === 0) return objects.insert(only, options).then((record) => [record]);
      return objects.insertMany(tombstones, options);
    }

    async verify(): Promise<boolean> {
      const of = contentTableOf(this.constructor);
      const { table, content } = of;
      const scope = scopeOfInstance(this);
      const id = savedId(this);
      const [row] = (await scope.run(plansOf(table, scope.dialect).find(id))).rows;
      if (row === undefined)
        throw new NotFoundError(`the ${this.constructor.name} to be verified is not there any more`);
      const values = valuesOf(table, row);
      if (!isIntact(of, values)) return false;
      const before = content.previous && values[content.previous.property];
      return (await missingOf(this.constructor as unknown as AnyModel, [before], scope)).size === 0;
    }
  }

  if (!hasHistory) return named(Hashed, Base);

  class Versioned extends Hashed {
    history(): Promise<Version[]> {
      return historyOf(this);
    }

    async asOf(at: Date | string): Promise<object | null> {
      return versionAt(await historyOf(this), at)?.data ?? null;
    }

    async diff(from: string, to: string): Promise<object> {
      const versions = await historyOf(this);
      return differencesOf(contentTableOf(this.constructor), dataAt(versions, from), dataAt(versions, to));
    }

    async revertTo(id: string): Promise<this> {
      const { table, content } = contentTableOf(this.constructor);
      const data = dataAt(await historyOf(this), id);
      const kept = [content.key, content.previous, table.createdAt, table.updatedAt];
      const values = table.columns
        .filter((column) => !kept.includes(column))
        .map(({ property }) => [property, data[property] ?? null]);
      await this.update(Object.fromEntries(values));
      return this;
    }
  }
  return named(Versioned, Base);
}

function named(Class: ModelClass, Base: object): ModelClass {
  Object.defineProperty(Class, "name", { value: (Base as { readonly name: string }).name });
  return Class;
}

function rowContentOf(model: unknown): RowContent {
  return contentTableOf(model).content as RowContent;
}

function savedId(instance: unknown): unknown {
  const stateful = asStateful(instance);
  if (!isSaved(stateful))
    throw new UsageError(`this ${stateful.constructor.name} is not in the database; save() it first`);
  return (instance as { readonly id: unknown }).id;
}

function dataAt(versions: readonly Version[], id: string) {
  const version = versionAt(versions, String(id));
  if (version === undefined) throw new NotFoundError("the record has no version with this id");
  return version.data;
}

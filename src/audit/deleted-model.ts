import { bindingOf, SCOPE } from "../database/scope.js";
import { IntegrityError, NotFoundError, UsageError } from "../errors.js";
import { written } from "../manager/changes.js";
import type { EventOptions } from "../manager/hooks.js";
import { Manager } from "../manager/manager.js";
import type { Query } from "../manager/query.js";
import { lateModel } from "../model/late-model.js";
import type { StoredInstance, StoredStatics } from "../model/model-interfaces.js";
import { scopeOfInstance } from "../model/own-row.js";
import { markDeleted } from "../model/settle.js";
import { isStateful, type Stateful } from "../model/state.js";
import { bytes, text, timestamp } from "../sql/columns.js";
import { encodeInsert } from "../sql/insert-values.js";
import { valuesOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { type Content, Table, type TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, RowOfColumns } from "../sql/types.js";
import type { Values } from "../sql/validation.js";
import { checkOptions, didYouMean, kindOf, quoted } from "../text.js";
import { byBytes, pack, packable, unpack, unpackable } from "./canonical.js";

/** A table whose rows' ids are made of their content. */
export interface ContentTable {
  readonly table: Table;
  readonly content: Content;
}

/** @throws TypeError for what is no model, UsageError for one that is none of HashedModel() */
export function contentTableOf(model: unknown): ContentTable {
  const { table } = sourceOf(model);
  if (table.content !== undefined) return { table, content: table.content };
  throw new UsageError(
    `${(model as AnyModel).name} is no HashedModel, so that nothing of it is kept when it is deleted`,
  );
}

/** Whether a row's values are what its id was made of. */
export function isIntact({ content }: ContentTable, values: Values): boolean {
  try {
    return content.keyOf(values) === values[content.key.property];
  } catch {
    return false; // What no column can hold was not written by rowkeeper.
  }
}

/** Which tombstones `purge` removes. */
export interface PurgeOptions {
  /** Those from before this time. */
  readonly before: Date;
  /** Those of this model alone. */
  readonly model?: AnyModel;
}

const TABLE = "deleted_records";

const columns = {
  id: text().primaryKey(),
  /** The name of the model's class. */
  modelClass: text(),
  /** The id that the row had. */
  recordId: text(),
  /** That of the version before it, of a model with history. */
  previousId: text().nullable(),
  /** The row: a msgpack map of its columns' values in the canonical form, nulls too. */
  record: bytes(),
  /** When it was deleted, or became another. */
  timestamp: timestamp(),
};

const indexes = [
  ["modelClass", "recordId"],
  ["modelClass", "previousId"],
  ["modelClass", "timestamp"],
];

type TombstoneColumns = typeof columns;

/** Those of a model, but for `restore`, which gives back another row than its own. */
interface TombstoneStatics extends StoredStatics<TombstoneColumns, never, typeof TABLE> {
  new (
    values?: Partial<RowOfColumns<TombstoneColumns>>,
  ): RowOfColumns<TombstoneColumns> &
    StoredInstance<TombstoneColumns> & { delete(options?: EventOptions): Promise<void> };
  objects: Manager<TombstoneStatics>;
  generateId(): string;
}

// Late: made at the import, this and the table of attachments would be 2 of the 30 ms that a program takes to its first row.
const Base = lateModel(TABLE, () => new Table(TABLE, columns, { indexes })) as TombstoneStatics;

/**
 * The record of a row of a HashedModel that was deleted, or became another by an update: a tombstone, in the table
 * `deleted_records`. Binding a HashedModel to a database binds this too.
 */
export class DeletedModel<I extends object = object> extends Base {
  static override objects = new Manager(this);

  /** The tombstones of a model's rows, of the database that it is bound to. @throws UsageError for one that is no HashedModel */
  static async records<M extends AnyModel>(
    model: M,
    query: Query<typeof DeletedModel> = {},
  ): Promise<DeletedModel<InstanceType<M>>[]> {
    contentTableOf(model);
    const conditions = query.where === undefined ? [] : [query.where].flat();
    const where = [{ modelClass: model.name }, ...conditions] as Query<typeof DeletedModel>["where"];
    const objects = DeletedModel.objects.using({ [SCOPE]: bindingOf(model) });
    const found: unknown = await objects.getInstances({ ...query, where } as Query<typeof DeletedModel>);
    return found as DeletedModel<InstanceType<M>>[];
  }

  /**
   * Removes tombstones for good, and gives their number. A version that is missing in a history is a problem that
   * `verifyAll()` tells of.
   *
   * @throws TypeError where there is no time
   */
  static async purge(options: PurgeOptions): Promise<number> {
    checkOptions("purge", options, ["before", "model"]);
    const { before, model } = options;
    if (!(before instanceof Date)) throw new TypeError(`purge wants { before: a Date }, not ${kindOf(before)}`);
    const objects = model === undefined ? this.objects : this.objects.using({ [SCOPE]: bindingOf(model) });
    const where = [this.c.timestamp.lt(before), ...(model === undefined ? [] : [this.c.modelClass.eq(model.name)])];
    return objects.delete(where);
  }

  /** The row's values, by property, as they were. @throws UsageError and IntegrityError as `restore()` */
  values(): Values {
    return recordedValues(this, modelOf(this));
  }

  /**
   * Puts the row back, bit for bit, and removes the tombstone, in one transaction; gives the row's instance.
   *
   * @throws UsageError where the class isn't bound to the database, or a column of it no longer fits the record
   * @throws IntegrityError where the record isn't what its id was made of
   * @throws UniqueViolationError where a row with this content is there again
   * @throws NotFoundError where it was restored already
   */
  async restore(options: EventOptions = {}): Promise<I> {
    checkOptions("restore()", options, ["suppressEvents"]);
    const scope = scopeOfInstance(asStateful(this));
    const model = modelOf(this);
    const { table, content } = contentTableOf(model);
    const values = recordedValues(this, model);
    if (content.keyOf(values) !== this.recordId) throw changed(this, table, content, values);
    // The database makes these anew.
    const computed = new Set(table.computed.map(({ property }) => property));
    const rows = await scope.atomically(async (within) => {
      const tombstones = plansOf(sourceOf(DeletedModel).table, within.dialect);
      const { rowCount } = await within.run(tombstones.delete(tombstones.encodeKey(this.id)));
      if (rowCount === 0) throw new NotFoundError("the tombstone is not there any more: the record was restored");
      const stored = Object.fromEntries(Object.entries(values).filter(([name]) => !computed.has(name)));
      const row = encodeInsert(table, within.dialect, stored, () => undefined);
      return (await within.run(plansOf(table, within.dialect).insert(row, true))).rows;
    });
    markDeleted(asStateful(this), scope);
    return written({ model, source: sourceOf(model), scope }, rows, true)[0] as I;
  }
}

/** What an instance is made of. @throws TypeError for what is no instance */
export function asStateful(instance: unknown): Stateful {
  if (isStateful(instance)) return instance;
  throw new TypeError(`an instance of a model is wanted, not ${kindOf(instance)}`);
}

/** The model of a tombstone's record. @throws UsageError where none of that name is bound */
export function modelOf(tombstone: DeletedModel): AnyModel {
  const models = scopeOfInstance(asStateful(tombstone))
    .boundModels()
    .filter((model) => sourceOf(model).table.content !== undefined);
  const model = models.find(({ name }) => name === tombstone.modelClass);
  if (model !== undefined) return model;
  const names = models.map(({ name }) => name);
  throw new UsageError(
    `no HashedModel ${quoted(tombstone.modelClass)} is bound to this database${didYouMean(tombstone.modelClass, names)}; ` +
      `those that are: ${names.join(", ") || "none"}`,
  );
}

/**
 * What is kept of rows: tombstones, to be inserted.
 *
 * @throws IntegrityError for a row that is not what its id was made of: an update of it would make it one that is
 */
export function tombstonesOf(model: AnyModel, rows: readonly (readonly unknown[])[], now: Date) {
  const of = contentTableOf(model);
  const { table, content } = of;
  const columns = table.columns.toSorted((a, b) => byBytes(a.name, b.name));
  return rows.map((row) => {
    const values = valuesOf(table, row);
    if (!isIntact(of, values))
      throw new IntegrityError(
        `a row of ${model.name} is not what its id was made of, so that it is neither updated nor deleted; verifyAll() tells which`,
      );
    const packed = columns.map((column): [string, unknown] => [column.name, packable(column, values[column.property])]);
    const { key, previous } = content;
    return {
      modelClass: model.name,
      recordId: String(values[key.property]),
      previousId: previous === undefined ? null : (values[previous.property] as string | null),
      record: pack(new Map(packed)),
      timestamp: now,
    };
  });
}

/**
 * The values of a record, by property.
 *
 * @throws IntegrityError where the bytes are no record, UsageError for a column that the model no longer has as it was
 */
export function recordedValues({ record, modelClass }: DeletedModel, model: AnyModel): Values {
  const { table } = contentTableOf(model);
  const packed = unpacked(record);
  if (packed === undefined) throw new IntegrityError(`the record of a ${modelClass} that was deleted can't be read`);
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const values: Values = {};
  for (const [name, value] of packed) {
    const column = byName.get(String(name));
    if (column === undefined) {
      if (value === null) continue;
      throw new UsageError(
        `${modelClass} has no column ${quoted(String(name))} any more, which the record has a value of`,
      );
    }
    values[column.property] = fitting(column, unpackable(column, value));
  }
  for (const { property, label, name, nullable, settings } of table.columns)
    if (!packed.has(name) && !nullable && settings.default === undefined)
      throw new UsageError(
        `${label} is a column that the record has no value of, and can't be null: property ${property}`,
      );
  return values;
}

function unpacked(record: Uint8Array): ReadonlyMap<unknown, unknown> | undefined {
  try {
    const value = unpack(record);
    return value instanceof Map ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @throws UsageError where the column can't hold the value */
function fitting(column: TableColumn, value: unknown): unknown {
  if (value === null) {
    if (column.nullable) return null;
    throw new UsageError(`${column.label} can't be null any more, as it is in the record`);
  }
  try {
    column.check(value);
  } catch (error) {
    throw new UsageError(`${column.label} no longer takes the value that the record has`, { cause: error });
  }
  return value;
}

/** Why a record's values don't make its id: a column that came later has a default, or the record was changed. */
function changed({ recordId }: DeletedModel, { columns }: Table, content: Content, values: Values): Error {
  const later = columns.filter((column) => content.hashed.has(column) && values[column.property] === undefined);
  const without = later.find(({ settings }) => settings.default !== undefined);
  if (without === undefined) return new IntegrityError(`a deleted record is not what its id ${recordId} was made of`);
  return new UsageError(
    `${without.label} came after the record was deleted, and its default would give it another id: say excludedFromHash()`,
  );
}

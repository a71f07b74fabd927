import { SCOPE } from "../database/scope.js";
import { IntegrityError, UsageError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import { scopeOfInstance } from "../model/own-row.js";
import { isSame, isSaved, rowOf, type Stateful } from "../model/state.js";
import { valuesOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { sql } from "../sql/sql.js";
import { selectModel } from "../sql/statement.js";
import type { AnyModel } from "../sql/types.js";
import type { Values } from "../sql/validation.js";
import { cte } from "../sql/views.js";
import { type ContentTable, contentTableOf, DeletedModel, isIntact, recordedValues } from "./deleted-model.js";

/** A value that is another in a later version. */
export interface Change<T = unknown> {
  readonly from: T;
  readonly to: T;
}

/** What differs between two versions, by property. */
export type Differences<R> = { readonly [K in keyof R]?: Change<R[K]> };

/** One of the versions that a record has had. */
export interface Version<R = Values> {
  readonly id: string;
  /** The values, by property. */
  readonly data: R;
  /** What differs from the version before it; of the first, nothing. */
  readonly changes: Differences<R>;
  /** When the next version took its place; null of the one that is, and of one that was restored since. */
  readonly until: Date | null;
}

/** The versions of a record up to the one that an instance is, oldest first: one query, where none was restored. @throws UsageError of a model without history */
export async function historyOf(instance: Stateful): Promise<Version[]> {
  const model = instance.constructor as AnyModel;
  const of = contentTableOf(model);
  const { key, previous } = of.content;
  if (previous === undefined) throw new UsageError(`${model.name} keeps no history: say { history: true }`);
  if (!isSaved(instance)) throw new UsageError(`this ${model.name} is not in the database; save() it first`);
  // As they are stored, whatever was assigned since.
  const now = valuesOf(of.table, rowOf(instance));
  const versions: { readonly id: string; readonly data: Values; readonly until: Date | null }[] = [];
  let records = new Map<string, DeletedModel>();
  for (let at = now[previous.property]; typeof at === "string"; ) {
    if (!records.has(at)) records = await recordsBefore(instance, model, at);
    const record = records.get(at);
    // A version that was restored is a row again.
    const data = record === undefined ? await restored(instance, model, at) : recordedValues(record, model);
    // Where records were forged, each might come before the other.
    if (data === undefined || versions.some(({ id }) => id === at))
      throw new IntegrityError(`a version of this ${model.name} is missing: it was purged, or taken out`);
    if (data[key.property] !== at || !isIntact(of, data))
      throw new IntegrityError(
        `a version of this ${model.name} is not what its id was made of; verifyAll() tells which`,
      );
    versions.unshift({ id: at, data, until: record?.timestamp ?? null });
    at = data[previous.property];
  }
  versions.push({ id: String(now[key.property]), data: now, until: null });
  return versions.map((version, i) => {
    const before = versions[i - 1];
    return { ...version, changes: before === undefined ? {} : differencesOf(of, before.data, version.data) };
  });
}

/** The values of a version that is a row; undefined where it is none. */
async function restored(instance: Stateful, model: AnyModel, id: string): Promise<Values | undefined> {
  const there = new Manager(model).using({ [SCOPE]: scopeOfInstance(instance) });
  return (await there.find(id as never))?.data;
}

/** The records of a version and of those before, by their ids. */
async function recordsBefore(
  instance: Stateful,
  model: AnyModel,
  previous: string,
): Promise<Map<string, DeletedModel>> {
  const scope = scopeOfInstance(instance);
  const { table } = sourceOf(DeletedModel);
  const name = model.name;
  // In one query, however long the chain is.
  const chain = cte(
    "rowkeeper_chain",
    { record: DeletedModel.columns.id, before: DeletedModel.columns.previousId },
    sql`select id, previous_id from deleted_records where model_class = ${name} and record_id = ${previous}
      union select d.id, d.previous_id from deleted_records d join rowkeeper_chain c on d.record_id = c.before
      where d.model_class = ${name}`,
    { recursive: true },
  );
  const statement = selectModel<typeof DeletedModel, unknown, unknown>(DeletedModel, sourceOf(DeletedModel))
    .where(DeletedModel.c.id.in(chain.select("record")))
    .orderBy("timestamp");
  const { rows } = await scope.run(statement.compile(scope.dialect));
  const records = rows.map((row) => new DeletedModel(valuesOf(table, row)));
  return new Map(records.map((record) => [record.recordId, record]));
}

/** What differs between the values of two versions, but for the ids. */
export function differencesOf({ table, content }: ContentTable, from: Values, to: Values): Differences<Values> {
  const differences: Record<string, Change> = {};
  for (const column of table.columns) {
    if (column === content.key || column === content.previous) continue;
    const [a = null, b = null] = [from[column.property], to[column.property]];
    if (!isSame(column, a, b)) differences[column.property] = { from: a, to: b };
  }
  return differences;
}

/** The version that a record was in at a time, or that has an id; undefined where there is none. */
export function versionAt(versions: readonly Version[], at: Date | string): Version | undefined {
  if (typeof at === "string") return versions.find(({ id }) => id === at);
  const last = versions.length - 1;
  return versions.find(({ until }, i) => (until === null ? i === last : until > at));
}

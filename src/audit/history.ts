import { UsageError } from "../errors.js";
import { scopeOfInstance, valuesOf } from "../model/persist.js";
import { dataOf, isSame, type Stateful } from "../model/state.js";
import { sourceOf } from "../sql/source.js";
import { sql } from "../sql/sql.js";
import { selectModel } from "../sql/statement.js";
import type { AnyModel } from "../sql/types.js";
import type { Values } from "../sql/validation.js";
import { cte } from "../sql/views.js";
import { type ContentTable, contentTableOf, DeletedModel, recordedValues } from "./deleted-model.js";

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
  /** When the next version took its place; null of the one that is. */
  readonly until: Date | null;
}

/** The versions of a record up to the one that an instance is, oldest first: one query. @throws UsageError of a model without history */
export async function historyOf(instance: Stateful): Promise<Version[]> {
  const model = instance.constructor as AnyModel;
  const of = contentTableOf(model);
  const { key, previous } = of.content;
  if (previous === undefined) throw new UsageError(`${model.name} keeps no history: say { history: true }`);
  const now = dataOf(instance);
  const records = await recordsBefore(instance, model, now[previous.property]);
  const versions: { readonly id: string; readonly data: Values; readonly until: Date | null }[] = [];
  for (let at = now[previous.property]; typeof at === "string"; ) {
    const record = records.get(at);
    if (record === undefined) throw new UsageError(`a version of this ${model.name} is missing: verify() tells`);
    records.delete(at); // Where records were forged, each might come before the other.
    const data = recordedValues(record, model);
    versions.unshift({ id: at, data, until: record.timestamp });
    at = data[previous.property];
  }
  versions.push({ id: String(now[key.property]), data: now, until: null });
  return versions.map((version, i) => {
    const before = versions[i - 1];
    return { ...version, changes: before === undefined ? {} : differencesOf(of, before.data, version.data) };
  });
}

/** The records of the versions before, by their ids. */
async function recordsBefore(
  instance: Stateful,
  model: AnyModel,
  previous: unknown,
): Promise<Map<string, DeletedModel>> {
  if (typeof previous !== "string") return new Map();
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
  const statement = selectModel<typeof DeletedModel, unknown, unknown>(DeletedModel, sourceOf(DeletedModel)).where(
    DeletedModel.c.id.in(chain.select("record")),
  );
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
  return versions.find(({ until }) => until === null || until > at);
}

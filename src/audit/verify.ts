import { SCOPE, type Scope } from "../database/scope.js";
import { Manager } from "../manager/manager.js";
import { valuesOf } from "../model/persist.js";
import { sourceOf } from "../sql/source.js";
import { selectFrom, selectModel } from "../sql/statement.js";
import type { AnyModel } from "../sql/types.js";
import type { Values } from "../sql/validation.js";
import { type ContentTable, contentTableOf, DeletedModel, recordedValues } from "./deleted-model.js";

/** What is wrong with a row, or with a record of one that was deleted. */
export interface Problem {
  /** The id of the row, or that the deleted row had. */
  readonly id: string;
  readonly reason: string;
}

/** How many rows are looked at together. */
const SIZE = 1000;

const CHANGED = "its content is not what its id was made of";

/** Whether a row's values are what its id was made of. */
export function isIntact({ content }: ContentTable, values: Values): boolean {
  try {
    return content.keyOf(values) === values[content.key.property];
  } catch {
    return false; // What no column can hold was not written by rowkeeper.
  }
}

/**
 * Goes through all rows of a model, and all records of those that were deleted, in the order of their ids, in bounded memory;
 * gives what is wrong.
 */
export async function* problemsOf(model: AnyModel, scope: Scope): AsyncGenerator<Problem, void, undefined> {
  const of = contentTableOf(model);
  if (scope.isTransaction) return yield* problemsIn(model, of, scope);
  // Rows and records as they are at one time, whatever others write meanwhile.
  await using within = scope.transaction({ readOnly: true, isolation: "repeatable read" });
  yield* problemsIn(model, of, within);
}

async function* problemsIn(model: AnyModel, of: ContentTable, scope: Scope): AsyncGenerator<Problem, void, undefined> {
  const { table, content } = of;
  const rows = selectModel(model, sourceOf(model)).orderBy(content.key.property).compile(scope.dialect);
  for await (const batch of scope.cursor(rows, SIZE)) {
    const all = batch.rows.map((row) => readable(() => valuesOf(table, row)));
    const ids = batch.rows.map((row) => String(row[content.key.index]));
    const previous = all.map((values) => (content.previous && values?.[content.previous.property]) ?? null);
    const missing = await missingOf(model, previous, scope);
    for (const [i, values] of all.entries()) {
      const id = ids[i] as string;
      if (values === undefined || !isIntact(of, values)) yield { id, reason: CHANGED };
      else if (missing.has(previous[i])) yield { id, reason: `the version before it, ${previous[i]}, is missing` };
    }
  }
  yield* problemsOfTombstones(model, of, scope);
}

async function* problemsOfTombstones(
  model: AnyModel,
  of: ContentTable,
  scope: Scope,
): AsyncGenerator<Problem, void, undefined> {
  const { content } = of;
  const source = sourceOf(DeletedModel);
  const records = selectModel<typeof DeletedModel, unknown, unknown>(DeletedModel, source)
    .where({ modelClass: model.name })
    .orderBy(["recordId", "id"])
    .compile(scope.dialect);
  for await (const batch of scope.cursor(records, SIZE)) {
    const tombstones = batch.rows.map((row) => new DeletedModel(valuesOf(source.table, row)));
    const missing = await missingOf(
      model,
      tombstones.map(({ previousId }) => previousId),
      scope,
    );
    for (const tombstone of tombstones) {
      const { recordId: id, previousId } = tombstone;
      const values = readable(() => recordedValues(tombstone, model));
      const kept = content.previous && (values?.[content.previous.property] ?? null);
      if (values === undefined || values[content.key.property] !== id || !isIntact(of, values))
        yield { id, reason: `the record of it as it was deleted: ${CHANGED}` };
      else if (content.previous !== undefined && kept !== previousId)
        yield { id, reason: "the record of it as it was deleted names another version before it" };
      else if (missing.has(previousId)) yield { id, reason: `the version before it, ${previousId}, is missing` };
    }
  }
}

/** Of ids of versions, those of which there is neither a row nor a record. */
export async function missingOf(model: AnyModel, ids: readonly unknown[], scope: Scope): Promise<ReadonlySet<unknown>> {
  const missing = new Set<unknown>(ids.filter((id) => id !== null && id !== undefined));
  if (missing.size === 0) return missing;
  const { content } = contentTableOf(model);
  const wanted = [...missing] as string[];
  const deleted = selectFrom<typeof DeletedModel, unknown>(sourceOf(DeletedModel), ["recordId"]).where({
    modelClass: model.name,
    recordId: wanted,
  });
  for (const [id] of (await scope.run(deleted.compile(scope.dialect))).rows) missing.delete(id);
  if (missing.size === 0) return missing;
  const there = new Manager(model).using({ [SCOPE]: scope });
  const rows = await there.findMany([...missing] as never);
  for (const row of rows) if (row !== null) missing.delete(Reflect.get(row, content.key.property));
  return missing;
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

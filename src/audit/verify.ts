import { SCOPE, type Scope } from "../database/scope.js";
import { Manager } from "../manager/manager.js";
import { valuesOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import { type Statement, selectFrom, selectModel } from "../sql/statement.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { type ContentTable, contentTableOf, DeletedModel, isIntact, recordedValues } from "./deleted-model.js";

/** What is wrong with a row, or with a record of one that was deleted. */
export interface Problem {
  /** The id of the row, or that the deleted row had. */
  readonly id: string;
  readonly reason: string;
}

/** How many rows are looked at together. */
const SIZE = 1000;

const CHANGED = "its content is not what its id was made of";

/**
 * Goes through all rows of a model, and all records of those that were deleted, in the order of their ids; gives what is
 * wrong. It reads page after page and holds no connection in between, so that what it gives can be asked about meanwhile; what
 * others write while it goes on may be passed over, but for a transaction that sees one time only.
 */
export async function* problemsOf(model: AnyModel, scope: Scope): AsyncGenerator<Problem, void, undefined> {
  const of = contentTableOf(model);
  const { table, content } = of;
  for await (const rows of pagesOf(selectModel(model, sourceOf(model)), content.key, scope)) {
    const all = rows.map((row) => readable(() => valuesOf(table, row)));
    const previous = all.map((values) => (content.previous && values?.[content.previous.property]) ?? null);
    const missing = await missingOf(model, previous, scope);
    for (const [i, values] of all.entries()) {
      const id = String(rows[i]?.[content.key.index]);
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
  const records = selectModel<typeof DeletedModel, unknown, unknown>(DeletedModel, source).where({
    modelClass: model.name,
  });
  for await (const rows of pagesOf(records, source.table.column("id"), scope)) {
    const tombstones = rows.map((row) => new DeletedModel(valuesOf(source.table, row)));
    const before = tombstones.map(({ previousId }) => previousId);
    const missing = await missingOf(model, before, scope);
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

/** The rows of a select, page by page, in the order of a key. */
async function* pagesOf(
  select: Statement<AnyModel, unknown, never, unknown>,
  key: TableColumn,
  scope: Scope,
): AsyncGenerator<readonly unknown[][], void, undefined> {
  const page = select.orderBy(key.property).limit(SIZE);
  for (let last: unknown; ; ) {
    const next = last === undefined ? page : page.where(key.reference.gt(last));
    const { rows } = await scope.run(next.compile(scope.dialect));
    if (rows.length > 0) yield rows;
    if (rows.length < SIZE) return;
    last = rows.at(-1)?.[key.index];
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

import type { Scope } from "../database/scope.js";
import { bury, lockedRows } from "../manager/bury.js";
import { valuesOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import type { Content } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import type { Change } from "./changes.js";
import { gone, keyOf, keyPart, refuseUpdate } from "./own-row.js";
import { keepWritten, madeColumns, markDeleted } from "./settle.js";
import { isSame, type Stateful } from "./state.js";

/*
 * Writing rows whose keys are made of their content, of models that keep what goes.
 */

/**
 * Keeps the row as it is, and makes it the one that it is to be, whose key is another, in one transaction.
 *
 * @throws NotFoundError where the row is gone, OptimisticLockError where the conditions don't hold of it
 * @throws UniqueViolationError where another row has the same content
 */
export async function replaceRow(
  instance: Stateful,
  { columns, values, encoded }: Change,
  content: Content,
  conditions: Where<AnyModel> | undefined,
  scope: Scope,
  suppressEvents: boolean,
): Promise<void> {
  const source = sourceOf(instance.constructor);
  const { table } = source;
  const { key, previous, hashed } = content;
  const old = keyPart(instance, key);
  const isFound = [
    table.keyCondition({ [key.property]: old }),
    ...(conditions === undefined ? [] : [conditions].flat()),
  ];
  const written = await scope.atomically(async (within) => {
    const [found] = await lockedRows(source, isFound as Where<AnyModel>, within);
    if (found === undefined) return refuseUpdate(instance, conditions, within);
    const next = valuesOf(table, found);
    // What was not selected may have these values already.
    const differs = columns.some(
      (column, i) => hashed.has(column) && !isSame(column, next[column.property], values[i]),
    );
    columns.forEach(({ property }, i) => {
      next[property] = values[i];
    });
    if (differs) {
      if (previous !== undefined) next[previous.property] = old;
      next[key.property] = content.keyOf(next);
      await bury(instance.constructor, [found], within, { suppressEvents });
    }
    const made = differs ? madeColumns(content) : [];
    const all = [...columns, ...made];
    const sent = [...encoded, ...made.map((column) => column.encode(within.dialect, next[column.property]))];
    const { rowCount } = await within.run(plansOf(table, within.dialect).update(all, sent, [String(old)]));
    if (rowCount === 0) throw gone(instance, "updated");
    return { all, sent };
  });
  // What others have changed since stays unread, as after any update; so does what was not selected.
  keepWritten(instance, written.all, written.sent, scope);
}

/** Keeps the row and deletes it, in one transaction; gives the record that tells of it. @throws NotFoundError where it is gone */
export async function buryRow(
  instance: Stateful,
  { key }: Content,
  scope: Scope,
  suppressEvents: boolean,
): Promise<object | undefined> {
  const source = sourceOf(instance.constructor);
  const [record] = await scope.atomically(async (within) => {
    const condition = source.table.keyCondition({ [key.property]: keyPart(instance, key) });
    const rows = await lockedRows(source, condition, within);
    if (rows.length === 0) throw gone(instance, "deleted");
    const records = await bury(instance.constructor, rows, within, { suppressEvents });
    await within.run(plansOf(source.table, within.dialect).delete(keyOf(instance, within)));
    return records;
  });
  markDeleted(instance, scope);
  return record;
}

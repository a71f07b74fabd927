import { SCOPE, type Scope } from "../database/scope.js";
import type { Manager } from "../manager/manager.js";
import { updateRow } from "../model/persist.js";
import { keepFrom } from "../model/settle.js";
import { isStateful, type Stateful } from "../model/state.js";
import type { Condition } from "../sql/conditions.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { rowOf } from "./same-row.js";

/** Whether keys are made of one of these columns, so that rows whose columns change get other keys. */
export function isContent({ content }: Table, columns: readonly TableColumn[]): boolean {
  return content !== undefined && columns.some((column) => content.hashed.has(column));
}

/** The instances of rows that are written, which have these columns as they are then, and the scope of the write. */
interface Rewritten {
  readonly columns: readonly TableColumn[];
  readonly instances: readonly Stateful[];
  readonly within: Scope;
}

/** Sets columns of the rows that fulfil a condition, each for itself, as its key is another then; gives their number. */
export async function rewriteEach(
  manager: Manager<AnyModel>,
  where: Condition,
  values: object,
  { columns, instances, within }: Rewritten,
): Promise<number> {
  return within.atomically(async (scope) => {
    const found = await manager.using({ [SCOPE]: scope }).getInstances({ where, orderBy: "id", lock: "update" });
    const rows = found.flatMap((row) => (isStateful(row) ? row : []));
    const byRow = new Map(rows.map((row) => [rowOf(row), row]));
    const written = instances.map((instance) => byRow.get(rowOf(instance)));
    for (const row of rows) await updateRow(row, values);
    instances.forEach((instance, i) => {
      const row = written[i];
      if (row !== undefined) keepFrom(instance, row, columns, scope);
    });
    return rows.length;
  });
}

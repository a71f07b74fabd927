import type { Scope } from "../database/scope.js";
import { writeStatement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, Where } from "../sql/types.js";
import type { Workplace } from "./changes.js";
import type { EventOptions } from "./hooks.js";
import { selectOf } from "./query.js";

/** Where a model whose keys are made of content has how its rows are kept that are about to go. */
export const BURY = Symbol("rowkeeper.bury");

/** Keeps rows that are about to go, and gives the records that tell of them. */
export function bury(
  model: object,
  rows: readonly (readonly unknown[])[],
  within: Scope,
  options?: EventOptions,
): Promise<object[]> {
  return (model as { [BURY](...args: unknown[]): Promise<object[]> })[BURY](rows, within, options);
}

/** The rows that fulfil conditions, kept from others until the end of the transaction. */
export async function lockedRows<M extends AnyModel>(
  source: Source,
  where: Where<M> | "all",
  within: Scope,
): Promise<readonly unknown[][]> {
  const conditions = where === "all" ? {} : { where };
  const statement = selectOf<M>(source, { ...conditions, lock: "update" });
  return (await within.run(statement.compile(within.dialect))).rows;
}

/** Keeps the rows that fulfil conditions and deletes them, in one transaction; gives their number. Runs no hooks. */
export async function buryAll<M extends AnyModel>(
  { model, source, scope }: Workplace<M>,
  where: Where<M> | "all",
): Promise<number> {
  // Refuses what says no condition.
  writeStatement<M>("delete", source).where(where).compile(scope.dialect);
  return scope.atomically(async (within) => {
    const rows = await lockedRows(source, where, within);
    await bury(model, rows, within, { suppressEvents: true });
    const plans = plansOf(source.table, within.dialect);
    for (const row of rows) await within.run(plans.delete(plans.keyOf(row)));
    return rows.length;
  });
}

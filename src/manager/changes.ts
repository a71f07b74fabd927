import type { Scope } from "../database/scope.js";
import type { DriverStatement, DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { encodeUpdate } from "../sql/insert-values.js";
import { writeStatement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import type { TableColumn } from "../sql/table.js";
import { plansOf } from "../sql/table-plans.js";
import type { AnyModel, UpdateValues, Where } from "../sql/types.js";
import { isExpression } from "../sql/writer.js";
import { hydrate, unsave } from "./hydrate.js";

/** Where a manager works: a model's table, in a database or a transaction. */
export interface Workplace<M extends AnyModel> {
  readonly model: M;
  readonly source: Source;
  readonly scope: Scope;
}

/** The update of the rows that fulfil conditions, "all" for every row; written already where they are a key. */
export function updateOf<M extends AnyModel>(
  { source, scope }: Workplace<M>,
  where: Where<M> | "all",
  values: UpdateValues<M>,
  fetch = false,
): DriverStatement {
  const { table, withDeleted } = source;
  const plans = plansOf(table, scope.dialect);
  const key = fetch ? undefined : plans.keyIn(where);
  if (key !== undefined) {
    const { columns, values: encoded } = encodeUpdate(table, scope.dialect, values);
    const bound = encoded.filter((value): value is DriverValue => !isExpression(value));
    if (columns.length > 0 && bound.length === columns.length) return plans.update(columns, bound, key, withDeleted);
  }
  const statement = writeStatement<M>("update", source).values(values).where(where);
  return (fetch ? statement.returning() : statement).compile(scope.dialect);
}

/** The delete of the rows that fulfil conditions, or where the model only hides them, the update that does. */
export function deleteOf<M extends AnyModel>(
  at: Workplace<M>,
  where: Where<M> | "all",
  force: boolean,
): DriverStatement {
  const { source, scope } = at;
  const { table, withDeleted } = source;
  if (table.deletedAt !== undefined && !force) return updateOf(at, where, hiddenAt(table.deletedAt, new Date()));
  const plans = plansOf(table, scope.dialect);
  const key = plans.keyIn(where);
  return key === undefined
    ? writeStatement<M>("delete", source).where(where).compile(scope.dialect)
    : plans.delete(key, withDeleted);
}

/** What shows hidden rows again. @throws UsageError where the model hides none, or there is no condition */
export function restoreOf<M extends AnyModel>(
  { model, source, scope }: Workplace<M>,
  where: Where<M> | "all",
): DriverStatement {
  const { deletedAt } = source.table;
  if (deletedAt === undefined) throw new UsageError(`${model.name} has no softDelete, so that nothing of it is hidden`);
  const statement = writeStatement<M>("update", source).values(hiddenAt<M>(deletedAt, null)).where(where).withDeleted();
  // Refuses what says no condition, before one is added.
  statement.compile(scope.dialect);
  return statement.where(deletedAt.reference.isNotNull()).compile(scope.dialect);
}

/** What hides a row, or shows it again. */
function hiddenAt<M>(deletedAt: TableColumn, time: Date | null): UpdateValues<M> {
  return { [deletedAt.property]: time } as UpdateValues<M>;
}

/** Instances of rows that were inserted, or may have been, which a rollback makes unsaved. */
export function written<M extends AnyModel>(
  { model, scope }: Workplace<M>,
  rows: readonly (readonly unknown[])[],
  keepKey = false,
): InstanceType<M>[] {
  const instances = hydrate(model, rows, scope);
  if (scope.isTransaction) scope.onRollback(() => unsave(instances, keepKey));
  return instances;
}

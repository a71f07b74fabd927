import type { DriverResult, MaybePromise } from "../drivers/driver.js";
import { resultItems } from "../sql/rows.js";
import type { Statement } from "../sql/statement.js";
import type { CompiledStatement } from "../sql/statement-state.js";
import type { Table } from "../sql/table.js";
import type { AnyTable } from "../sql/types.js";
import { validStatement } from "../sql/validation.js";
import { andThen } from "./maybe-promise.js";
import type { Scope } from "./scope.js";

/** A statement that has run. */
interface Ran {
  readonly compiled: CompiledStatement;
  readonly result: DriverResult;
}

/** Runs a statement, its values as the columns' schemas gave them. @throws QueryError and its kin */
export function runStatement<M extends AnyTable, R, V, I>(
  statement: Statement<M, R, V, I>,
  scope: Scope,
): MaybePromise<Ran> {
  return andThen(validStatement(statement), (valid) => {
    const compiled = valid.compile(scope.dialect);
    return andThen(scope.run(compiled), (result) => ({ compiled, result }));
  });
}

/** The rows of a statement that has run: plain objects, or the values of their first column. */
export function itemsOfRun({ compiled, result }: Ran, scope: Scope, isScalar = false, own?: Table): unknown[] {
  const items = resultItems(compiled, result, scope, own);
  return isScalar ? items.map(firstValue) : items;
}

/** The value of the first property, or null where there is none. */
export function firstValue(item: object): unknown {
  for (const value of Object.values(item)) return value;
  return null;
}

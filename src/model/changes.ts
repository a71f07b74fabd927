import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import type { RowChanges } from "../manager/hydrate.js";
import { checkNotHashed } from "../sql/insert-values.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { Values } from "../sql/validation.js";
import { checkUpdatable, keyOf } from "./own-row.js";
import { forget, heldNow, keepWritten, refined } from "./settle.js";
import { changedColumns, isLoaded, ownState, type Stateful, tableOf } from "./state.js";

/** Columns of an instance that are sent, and their values. */
export interface Change {
  readonly columns: readonly TableColumn[];
  readonly values: readonly unknown[];
  readonly encoded: readonly DriverValue[];
}

/**
 * What differs from the row as it was loaded, of the given values and of those that were assigned before, and where
 * anything does, the time at which it is updated.
 *
 * @throws TypeError for an unknown column, or a value that a column can't hold
 */
export function encodeChanges(
  instance: Stateful,
  table: Table,
  scope: Scope,
  given: object,
  held: readonly unknown[],
): Change {
  const columns: TableColumn[] = [];
  const values: unknown[] = [];
  const encoded: DriverValue[] = [];
  const add = (column: TableColumn, value: unknown): void => {
    // Made of the others, whatever is assigned.
    if (column === table.content?.key || column === table.content?.previous) return;
    columns.push(column);
    values.push(value);
    encoded.push(column.encode(scope.dialect, value));
  };
  for (const property of Object.keys(given)) {
    const column = table.column(property);
    const value: unknown = Reflect.get(given, property);
    if (value !== undefined && !isLoaded(instance, column, value)) add(column, value);
  }
  for (const column of changedColumns(instance, held)) {
    if (Reflect.get(given, column.property) === undefined) add(column, held[column.index]);
  }
  const { updatedAt } = table;
  if (updatedAt !== undefined && columns.length > 0 && !columns.includes(updatedAt)) add(updatedAt, new Date());
  return { columns, values, encoded };
}

/** What has changed of an instance, to be updated together with others. @throws UsageError for a new or deleted instance */
export function changesOf(instance: Stateful): RowChanges {
  checkUpdatable(instance, "updated", "bulkUpdate()");
  const table = tableOf(instance);
  const sent = heldNow(instance);
  const changed = changedColumns(instance).map(({ property, index }) => [property, sent[index]] as const);
  const values: Values = Object.fromEntries(changed);
  return {
    values,
    encode(valid, scope) {
      const { columns, encoded } = encodeChanges(instance, table, scope, valid, sent);
      for (const column of columns) checkNotHashed(table, column);
      const settle = (within: Scope): void => {
        keepWritten(instance, columns, encoded, within);
        ownState(instance).scope = within;
        forget(instance, columns, sent, refined(table, values, valid));
      };
      return { columns, values: encoded, key: keyOf(instance, scope), settle };
    },
  };
}

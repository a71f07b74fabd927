import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { STATE } from "../manager/instance-state.js";
import type { Content, Table, TableColumn } from "../sql/table.js";
import type { Values } from "../sql/validation.js";
import {
  clearRow,
  isSaved,
  ownState,
  rawOf,
  readColumn,
  rowOf,
  type Stateful,
  setInRow,
  setRow,
  tableOf,
} from "./state.js";

/*
 * What becomes of instances in memory once the database has changed, and how they are put back where that is rolled back. An
 * instance has its row, and may hold values in its place: assigned, or objects that were made of the row's.
 */

const UNHELD: readonly unknown[] = [];

/** What is held as a statement is made; what is assigned while it is checked and runs differs from that, and stays. */
export function heldNow(instance: Stateful): readonly unknown[] {
  const { held } = instance[STATE];
  return held === undefined ? UNHELD : [...held];
}

/** Lets an instance that was inserted have its row. `replaced`: the columns whose objects make way for those of the row. */
export function settleInserted(
  instance: Stateful,
  row: readonly unknown[],
  sent: readonly unknown[],
  scope: Scope,
  replaced: readonly TableColumn[],
): void {
  remember(instance, scope);
  ownState(instance).scope ??= scope;
  settleRow(instance, tableOf(instance), row, sent, replaced);
}

/** Lets an instance have the row that was made of it. */
export function settleRow(
  instance: Stateful,
  table: Table,
  row: readonly unknown[],
  sent: readonly unknown[],
  replaced: readonly TableColumn[],
): void {
  setRow(instance, row);
  forget(instance, table.columns, sent, replaced);
}

/** Lets an instance have what was written to columns of its row; what it holds of them stays. A rollback takes it back. */
export function keepWritten(
  instance: Stateful,
  columns: readonly TableColumn[],
  encoded: readonly DriverValue[],
  scope: Scope,
): void {
  remember(instance, scope);
  setInRow(instance, columns, encoded);
}

/** The same, and the row speaks for them. */
export function keepColumns(
  instance: Stateful,
  columns: readonly TableColumn[],
  encoded: readonly DriverValue[],
  scope: Scope,
): void {
  keepWritten(instance, columns, encoded, scope);
  letGo(instance, columns);
}

/** Lets an instance have columns of its row, and those made of them, as another instance has them that was written. */
export function keepFrom(instance: Stateful, written: Stateful, columns: readonly TableColumn[], scope: Scope): void {
  const all = [...columns, ...madeColumns(tableOf(written).content)];
  keepColumns(instance, all, all.map((column) => rawOf(written, column)) as DriverValue[], scope);
}

/** Lets an instance know that its row was deleted. A rollback takes it back. */
export function markDeleted(instance: Stateful, scope: Scope): void {
  remember(instance, scope);
  setDeleted(instance, scope, true);
}

export function setDeleted(instance: Stateful, scope: Scope, isDeleted: boolean): void {
  const state = ownState(instance);
  state.scope ??= scope;
  state.isDeleted = isDeleted;
}

/** The columns that are made of the others. */
export function madeColumns(content: Content | undefined): TableColumn[] {
  if (content === undefined) return [];
  return content.previous === undefined ? [content.key] : [content.key, content.previous];
}

export function givenColumns(table: Table, values: object): TableColumn[] {
  return Object.entries(values).flatMap(([property, value]) => (value === undefined ? [] : [table.column(property)]));
}

/** Of columns that are given values, those that are given another object than the one they hold. */
export function replacedBy(given: readonly TableColumn[], held: readonly unknown[], values: object): TableColumn[] {
  return given.filter(({ index, property }) => held[index] !== Reflect.get(values, property));
}

const NONE: readonly TableColumn[] = [];

/** The columns for whose values schemas gave others. */
export function refined(table: Table, data: Values, given: Values): readonly TableColumn[] {
  if (given === data) return NONE;
  return table.validated.filter(({ property }) => given[property] !== data[property]);
}

/**
 * Lets the row speak for columns that were sent. Objects that were sent stay as they are, so that those who hold one go on
 * changing this instance, but for those that were replaced by what `update` was given, or a schema made.
 */
export function forget(
  instance: Stateful,
  columns: readonly TableColumn[],
  sent: readonly unknown[],
  replaced: readonly TableColumn[],
): void {
  const { held } = instance[STATE];
  if (held === undefined) return;
  for (const column of columns) {
    const { index, isObject } = column;
    if (held[index] === sent[index] && (!isObject || replaced.includes(column))) held[index] = undefined;
  }
}

/** Lets the row speak for columns. */
export function letGo(instance: Stateful, columns: readonly TableColumn[]): void {
  const { held } = instance[STATE];
  if (held !== undefined) for (const { index } of columns) held[index] = undefined;
}

/** Puts the instance back as it is now if the transaction is rolled back. */
export function remember(instance: Stateful, scope: Scope): void {
  if (scope.isTransaction) scope.onRollback(restorerOf(instance));
}

/** The same for many. */
export function rememberAll(instances: readonly Stateful[], scope: Scope): void {
  if (!scope.isTransaction) return;
  const restorers = instances.map(restorerOf);
  scope.onRollback(() => {
    for (const restore of restorers) restore();
  });
}

/** What puts the instance back as it is now. */
export function restorerOf(instance: Stateful): () => void {
  const { held, scope, isNew, isDeleted } = instance[STATE];
  const before = { held: held === undefined ? undefined : [...held], scope, isNew, isDeleted };
  const row = rowOf(instance);
  return () => {
    setRow(instance, row);
    Object.assign(ownState(instance), before);
  };
}

/** Makes an instance, whose insert was rolled back, a new one with the same values, but for the key that was generated. */
export function unsaveInstance(instance: Stateful, keepKey: boolean): void {
  if (!isSaved(instance)) return;
  const table = tableOf(instance);
  const held: unknown[] = [];
  for (const column of table.columns)
    if (keepKey || column !== table.generated) held[column.index] = readColumn(instance, column);
  clearRow(instance);
  const state = ownState(instance);
  state.held = held;
  state.scope = state.scope?.current();
}

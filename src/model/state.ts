import { UsageError } from "../errors.js";
import { type KeptRelation, STATE, type State } from "../manager/instance-state.js";
import type { ColumnType } from "../sql/column-type.js";
import { canonicalJson } from "../sql/json.js";
import { sourceOf } from "../sql/source.js";
import type { Table, TableColumn } from "../sql/table.js";

/** What an instance is made of: its state, and the values of its row as the driver gave them, in fields of their own. */
export interface Stateful {
  [STATE]: State;
  [field: symbol]: unknown;
}

const fields: symbol[] = [];

/** The name of the field for the value of the column at a place, which is the same in all models. */
export function fieldAt(index: number): symbol {
  for (let i = fields.length; i <= index; i++) fields.push(Symbol(`rowkeeper.${i}`));
  return fields[index] as symbol;
}

/** Whether it is an instance of a model. */
export function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && STATE in value;
}

export const isSaved = (instance: Stateful): boolean => !instance[STATE].isNew;

/** The state of an instance, to be changed. */
export function ownState(instance: Stateful): State {
  const state = instance[STATE];
  if (state.isOwn) return state;
  const own = state.own();
  instance[STATE] = own;
  return own;
}

/** The value of a column in an instance's row as the driver gave it; undefined where it was not selected, or the instance is new. */
export const rawOf = (instance: Stateful, { index }: TableColumn): unknown => instance[fields[index] as symbol];

/** The row of an instance as the driver gave it. */
export const rowOf = (instance: Stateful): unknown[] =>
  tableOf(instance).columns.map((column) => rawOf(instance, column));

let changes = 0;

/** How often rows of instances have changed in memory: what was concluded from them holds until the next time. */
export const rowChanges = (): number => changes;

/** The relations of an instance that were asked for, in that order. */
export function keptRelations(instance: Stateful): KeptRelation[] {
  const relations: KeptRelation[] = [];
  for (let { relation } = instance[STATE]; relation !== undefined; relation = relation.next) relations.push(relation);
  return relations;
}

/** Lets an instance have a row of the database. */
export function setRow(instance: Stateful, row: readonly unknown[]): void {
  setInRow(instance, tableOf(instance).columns, row);
  if (instance[STATE].isNew) instance[STATE].isNew = false;
}

/** Lets an instance have no row in the database. */
export function clearRow(instance: Stateful): void {
  setInRow(instance, tableOf(instance).columns, []);
  ownState(instance).isNew = true;
}

/** Changes values of an instance's row. */
export function setInRow(instance: Stateful, columns: readonly TableColumn[], values: readonly unknown[]): void {
  for (let i = 0; i < columns.length; i++) instance[fields[(columns[i] as TableColumn).index] as symbol] = values[i];
  changes++;
}

export function tableOf(instance: object): Table {
  return sourceOf(instance.constructor).table;
}

/** For messages: the class, and nothing of the row. */
export function classNameOf(instance: object): string {
  return instance.constructor.name;
}

/**
 * A column's value: what is held, else what the row has, decoded. Undefined where a new instance has none.
 *
 * @throws UsageError where the column was not selected
 */
export function readColumn(instance: Stateful, column: TableColumn): unknown {
  const held = instance[STATE].held?.[column.index];
  if (held !== undefined) return held;
  const raw = rawOf(instance, column);
  if (raw === undefined && isSaved(instance))
    throw new UsageError(`${column.label} was not selected; reload() loads it`);
  if (raw === null || raw === undefined || column.decode === undefined) return raw;
  const value = column.decode(raw);
  if (column.isObject) hold(instance, column, value);
  return value;
}

/** Assigns a value; it is checked when it is saved. @throws TypeError for undefined */
export function assignColumn(instance: Stateful, column: TableColumn, value: unknown): void {
  if (value === undefined) throw new TypeError(`${column.label} can't be undefined; null is how to say null`);
  hold(instance, column, value);
}

function hold(instance: Stateful, { index }: TableColumn, value: unknown): void {
  const state = ownState(instance);
  state.held ??= [];
  state.held[index] = value;
}

/** The columns whose value differs from the row as it was loaded; of a new instance, those that have a value. */
export function changedColumns(
  instance: Stateful,
  held: readonly unknown[] | undefined = instance[STATE].held,
): TableColumn[] {
  if (held === undefined || held.length === 0) return [];
  return tableOf(instance).columns.filter((column) => {
    const value = held[column.index];
    return value !== undefined && !isLoaded(instance, column, value);
  });
}

/** Whether two values of a column are the same, in whatever form they are given. */
export function isSame(column: TableColumn, a: unknown, b: unknown): boolean {
  return isSameValue(column.type, canonical(column, a), canonical(column, b));
}

/** Whether a value is what the row has, as it was loaded. */
export function isLoaded(instance: Stateful, column: TableColumn, value: unknown): boolean {
  const raw = rawOf(instance, column);
  if (raw === undefined) return false;
  // Null may also be what JSON text holds.
  if (raw === null) return value === null;
  return isSameValue(column.type, column.decode === undefined ? raw : column.decode(raw), canonical(column, value));
}

/** Kinds with values that are kept in another form than they may be given in: "1.5" as "1.50". */
const REWRITTEN: ReadonlySet<ColumnType["kind"]> = new Set(["numeric", "uuid", "array"]);

/** A value as the database would give it back; as it is where the column can't hold it, which is told when it is sent. */
function canonical(column: TableColumn, value: unknown): unknown {
  if (!REWRITTEN.has(column.type.kind)) return value;
  try {
    return column.canonical(value);
  } catch {
    return value;
  }
}

function isSameValue(type: ColumnType, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  switch (type.kind) {
    case "timestamp":
      return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
    case "bytes":
      return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
    case "json": {
      const text = jsonText(b);
      return text !== undefined && jsonText(a) === text;
    }
    case "array":
      if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
      return a.every((item, i) => isSameValue(type.element, item, b[i]));
    default:
      return a === b;
  }
}

/** Undefined for what JSON can't hold, which is refused when it is sent, with the column's name. */
function jsonText(value: unknown): string | undefined {
  try {
    return canonicalJson(value, "value");
  } catch {
    return undefined;
  }
}

/** A column's value, or undefined where it was not selected, or a new instance has none. */
export function valueIfThere(instance: Stateful, column: TableColumn): unknown {
  const isThere = rawOf(instance, column) !== undefined || instance[STATE].held?.[column.index] !== undefined;
  return isThere ? readColumn(instance, column) : undefined;
}

/** All values, as a plain object; a new instance has those that were given. */
export function dataOf(instance: Stateful): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const column of tableOf(instance).columns) {
    const value = valueIfThere(instance, column);
    if (value !== undefined) data[column.property] = value;
  }
  return data;
}

import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { havingOf } from "../manager/aggregate.js";
import { hydrate } from "../manager/hydrate.js";
import { ALWAYS, Condition, type ConditionLike } from "../sql/conditions.js";
import { Group } from "../sql/group.js";
import { Order } from "../sql/order.js";
import { itemsOf } from "../sql/rows.js";
import { checkGroups, itemOrder, namedItem, renamed, type SelectItem } from "../sql/select-items.js";
import { Statement } from "../sql/statement.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyModel, AnyTable } from "../sql/types.js";
import { isAggregated } from "../sql/value-info.js";
import { JoinedModel, type JoinedPart, JoinedResult } from "./joined-model.js";
import { ResultRow } from "./result-row.js";
import { columnNamed, type JoinedTarget, type Target } from "./tables.js";

/** What a builder has been told. */
export interface QueryState {
  readonly target: Target;
  readonly joins: readonly JoinedTarget[];
  readonly conditions: readonly ConditionLike[];
  readonly isForAll: boolean;
  /** Names to group by; undefined where rows are not grouped. */
  readonly groups: readonly string[] | undefined;
  /** Names to select, or a record of names and expressions; undefined: all columns. */
  readonly selection: readonly string[] | object | undefined;
  readonly having: readonly unknown[];
  readonly orders: readonly OrderItem[];
  readonly skip: number | undefined;
}

/** An order of a builder: by a name of its own, or made already. */
export type OrderItem = Order | NamedOrder;

interface NamedOrder {
  readonly name: string;
  readonly direction: "asc" | "desc";
}

/** A query that can run: its statement, and what makes results of its rows. */
export interface QueryPlan {
  readonly statement: Statement<AnyTable, unknown>;
  readonly read: (rows: readonly unknown[][], scope: Scope) => unknown[];
}

type Row = readonly unknown[];

export const targetsOf = ({ target, joins }: QueryState): readonly Target[] => [target, ...joins];

/** @throws TypeError for an unknown name, UsageError for parts that don't go together */
export function planOf(state: QueryState): QueryPlan {
  const { selection, groups, joins, target } = state;
  if (groups !== undefined || isRecord(selection)) return planOfRows(state);
  if (joins.length > 0) return planOfJoin(state);
  if (selection !== undefined) return planOfNarrowed(state, selection as readonly string[]);
  const { model, source } = target;
  const { columns } = source.table;
  return {
    statement: statementOf(state, columns),
    read: (rows, scope) => (model === undefined ? asRows(columns, rows) : hydrateAll(model, rows, scope)),
  };
}

const isRecord = (selection: unknown): selection is object => selection !== undefined && !Array.isArray(selection);

const asRows = (items: readonly SelectItem[], rows: readonly Row[]): unknown[] =>
  itemsOf(items, rows).map((data) => new ResultRow(data));

const hydrateAll = (model: AnyModel, rows: readonly Row[], scope: Scope): unknown[] =>
  hydrate(model, rows as unknown[][], scope);

/** Groups, or expressions under names of their own. */
function planOfRows(state: QueryState): QueryPlan {
  const items = rowItems(state);
  return { statement: statementOf(state, items), read: (rows) => asRows(items, rows) };
}

function rowItems(state: QueryState): readonly SelectItem[] {
  const targets = targetsOf(state);
  const resolve = (name: string): TableColumn => columnNamed(targets, name);
  const { groups, selection = groups ?? [] } = state;
  const items = isRecord(selection)
    ? Object.entries(selection).map(([name, value]) => namedItem(resolve, name, value))
    : (selection as readonly string[]).map((name) => renamed(resolve(name), name));
  if (items.length === 0) throw new TypeError("select wants at least one column or expression");
  const grouped = groupedBy(state, items);
  if (grouped !== undefined) checkGroups(items, grouped);
  return items;
}

/** What is the same in all rows that make one; undefined where each stays by itself. */
function groupedBy(state: QueryState, output: readonly SelectItem[]): readonly TableColumn[] | undefined {
  if (state.groups === undefined) return output.some(isAggregated) ? [] : undefined;
  return state.groups.map((name) => columnNamed(targetsOf(state), name));
}

/** Some columns of one table. */
function planOfNarrowed(state: QueryState, names: readonly string[]): QueryPlan {
  const { model, source } = state.target;
  const columns = names.map((name) => columnNamed([state.target], name));
  if (columns.length === 0) throw new TypeError("select wants at least one column");
  const width = source.table.columns.length;
  const widen = (row: Row): unknown[] => {
    const whole: unknown[] = new Array(width).fill(undefined);
    columns.forEach(({ index }, place) => {
      whole[index] = row[place];
    });
    return whole;
  };
  return {
    statement: statementOf(state, columns),
    read: (rows, scope) => (model === undefined ? asRows(columns, rows) : hydrateAll(model, rows.map(widen), scope)),
  };
}

/** Rows of several tables. */
function planOfJoin(state: QueryState): QueryPlan {
  const output: TableColumn[] = [];
  const targets = targetsOf(state);
  const names = state.selection as readonly string[] | undefined;
  if (names?.length === 0) throw new TypeError("select wants at least one column");
  const chosen = names?.map((name) => columnNamed(targets, name));
  const parts = targets.map((target, i): JoinedPart => {
    const { table } = target.source;
    const columns = chosen === undefined ? table.columns : table.columns.filter((column) => chosen.includes(column));
    const placed = columns.map((column) => ({ column, place: output.push(column) - 1 }));
    return { target, columns: placed, isMissing: missingIn(state, i, placed, output) };
  });
  return {
    statement: statementOf(state, output),
    read(rows, scope) {
      const result = new JoinedResult(parts, rows as unknown[][], scope);
      return rows.map((row) => new JoinedModel(result, row));
    },
  };
}

/**
 * What tells that a table is missing from a row: a value is null that never is, which is selected besides where none of
 * those that were chosen is such a one. Where the table has none, it is missing when all that was chosen is null.
 */
function missingIn(
  state: QueryState,
  i: number,
  placed: JoinedPart["columns"],
  output: TableColumn[],
): JoinedPart["isMissing"] {
  if (!canBeMissing(state, i)) return () => false;
  const { table } = targetsOf(state)[i]?.source ?? state.target.source;
  const chosen = placed.find(({ column }) => !column.nullable)?.place;
  const never = table.columns.find(({ nullable }) => !nullable);
  if (chosen === undefined && never === undefined) return (row) => placed.every(({ place }) => row[place] === null);
  const place = chosen ?? output.push(never as TableColumn) - 1;
  return (row) => row[place] === null;
}

/** Whether the join that brings a table, or one that follows, gives rows without it. */
function canBeMissing({ joins }: QueryState, i: number): boolean {
  const own = joins[i - 1]?.kind;
  return own === "left" || own === "full" || joins.slice(i).some(({ kind }) => kind === "right" || kind === "full");
}

function statementOf(state: QueryState, output: readonly SelectItem[]): Statement<AnyTable, unknown> {
  const { target, joins, conditions, groups, having, skip } = state;
  return new Statement<AnyTable, unknown>({
    verb: "select",
    source: target.source,
    ...(joins.length > 0 ? { joins } : {}),
    output,
    conditions: conditions.filter((condition) => condition !== ALWAYS),
    ...(groups === undefined ? {} : { groups: groups.map((name) => new Group(columnNamed(targetsOf(state), name))) }),
    ...(having.length === 0 ? {} : { having: having.flatMap((one) => groupConditions(state, output, one)) }),
    orders: state.orders.map((order) => orderOf(state, order, output)),
    offset: skip,
  });
}

/**
 * The conditions on groups. A column stands in them only where a group has one value of it; those that `and` or `sql` text
 * hold, none but the database knows.
 */
function groupConditions(state: QueryState, output: readonly SelectItem[], having: unknown): readonly ConditionLike[] {
  const grouped = groupedBy(state, output);
  if (grouped === undefined) throw new UsageError("having() wants group() before it, or aggregates");
  const conditions = havingOf(output, having);
  checkGroups(
    conditions.flatMap((condition) => (condition instanceof Condition ? (condition.about ?? []) : [])),
    grouped,
  );
  return conditions;
}

function orderOf(state: QueryState, order: OrderItem, output: readonly SelectItem[]): Order {
  const made = order instanceof Order ? order : namedOrder(state, order, output);
  const grouped = groupedBy(state, output);
  if (grouped !== undefined) checkGroups([made.value], grouped);
  return mayBeMissing(state, made);
}

function namedOrder(state: QueryState, { name, direction }: NamedOrder, output: readonly SelectItem[]): Order {
  const isOfRow = state.groups !== undefined || isRecord(state.selection);
  const place = isOfRow ? output.findIndex(({ property }) => property === name) : -1;
  return place < 0 ? new Order(columnNamed(targetsOf(state), name), direction) : itemOrder(output, place, direction);
}

/** In an outer join a column may be null whatever its table says, and nulls come where they always do. */
function mayBeMissing({ joins }: QueryState, order: Order): Order {
  const isOuter = joins.some(({ kind }) => kind !== "inner" && kind !== "cross");
  return isOuter ? order.ofNullable() : order;
}

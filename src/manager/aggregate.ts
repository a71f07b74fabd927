import type { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import { checkCount } from "../sql/check-count.js";
import { Condition, type ConditionLike, checkCondition } from "../sql/conditions.js";
import { Group } from "../sql/group.js";
import type { ColumnExpression } from "../sql/operators.js";
import { Order } from "../sql/order.js";
import { checkGroups, itemOrder, namedItems, type SelectItem } from "../sql/select-items.js";
import { Statement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyTable, ColumnName, Flatten, Row, SelectedRow, Selection, Where } from "../sql/types.js";
import { ValueExpression } from "../sql/value-expression.js";
import { conditionsOf } from "../sql/where.js";
import { isExpression } from "../sql/writer.js";
import { checkOptions, didYouMean, kindOf, quoted, requireOptions } from "../text.js";

/** What `groupBy` may name: columns, and what of the selection is no aggregate. */
export type GroupName<M, A> = ColumnName<M> | (keyof A & string);

/** The rows of an aggregate by groups. */
export type GroupedRow<M, A, G> = Flatten<Pick<Row<M>, Exclude<G, keyof A> & ColumnName<M>> & SelectedRow<M, A>>;

/** Conditions on groups: by name (a value, a list, a condition), as expressions, or a function of the aggregates. */
export type Having<D> =
  | ConditionLike
  | readonly ConditionLike[]
  | { readonly [K in keyof D]?: D[K] | readonly D[K][] | Condition | null }
  | ((values: HavingExpressions<D>) => ConditionLike | readonly ConditionLike[]);

/** The values of the groups, in expressions. */
export type HavingExpressions<D> = { readonly [K in keyof D]-?: ColumnExpression<NonNullable<D[K]>, D[K]> };

/** `groupBy` alone says what `G` is: a name that only orders would else become a column of the rows. */
export interface GroupOptions<M, A, G extends string, W = Where<M>> {
  /** Conditions on the rows. */
  readonly where?: W | undefined;
  /** Rows with the same values of these make one. */
  readonly groupBy: G | readonly G[];
  /** Conditions on the groups: `having: ({ n }) => n.gt(2)`, `having: { n: [1, 2] }`. */
  readonly having?: Having<GroupedRow<M, A, NoInfer<G>>> | undefined;
  /** Aggregates, or what is grouped by, with `-` before it for descending. */
  readonly orderBy?: GroupOrder<A, NoInfer<G>> | readonly GroupOrder<A, NoInfer<G>>[] | undefined;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

type GroupOrder<A, G extends string> = (keyof A & string) | G | `-${(keyof A & string) | G}` | Order | Sql;

/** The same as JavaScript gives it, unchecked. */
export type GroupQuery = { readonly [K in keyof GroupOptions<AnyTable, object, string>]?: unknown };

const ALONE = ["where"];
const GROUPED = ["where", "groupBy", "having", "orderBy", "limit", "offset"];

/** The select of aggregates: one row, or one for each group. @throws TypeError for an unknown name or option */
export function aggregateOf<M extends AnyTable, R>(
  source: Source,
  selection: Selection<M>,
  options: GroupQuery,
): Statement<M, R> {
  const { table } = source;
  requireOptions("aggregate", options);
  const isGrouped = options.groupBy !== undefined;
  if (!isGrouped) for (const name of GROUPED.slice(1)) requireGroups(options, name);
  checkOptions("aggregate", options, isGrouped ? GROUPED : ALONE);
  const own = namedItems(table, requireSelection(selection));
  const names: readonly unknown[] = options.groupBy === undefined ? [] : [options.groupBy].flat();
  if (isGrouped && names.length === 0) throw new TypeError("groupBy wants at least one name");
  const columns = names.filter((name) => !own.some(({ property }) => property === name));
  const items = [...columns.map((name) => groupColumn(table, own, name)), ...own];
  const groups = items.filter((item) => names.includes(item.property));
  checkGroups(items, groups);
  return new Statement<M, R>({
    verb: "select",
    source,
    output: items,
    conditions: conditionsOf(source, options.where),
    groups: groups.map((item) => new Group(item)),
    having: havingOf(items, options.having),
    orders: itemOrders(items, options.orderBy),
    limit: checkCount("limit", options.limit),
    offset: checkCount("offset", options.offset),
  });
}

function requireSelection<S>(selection: S): S & object {
  if (typeof selection === "object" && selection !== null && !Array.isArray(selection)) return selection;
  throw new TypeError(`aggregate wants an object such as { n: count() }, not ${kindOf(selection)}`);
}

function requireGroups(options: object, name: string): void {
  if (Reflect.get(options, name) !== undefined)
    throw new UsageError(`${name} of an aggregate wants groupBy: without it there is one row`);
}

/** A column to group by, which is in the rows besides. */
function groupColumn(table: Table, own: readonly SelectItem[], name: unknown): TableColumn {
  if (typeof name !== "string") throw new TypeError(`groupBy wants names of columns, not ${kindOf(name)}`);
  if (table.has(name)) return table.column(name);
  const known = [...table.columns, ...own].map(({ property }) => property);
  throw new TypeError(`groupBy: there is no column or value ${quoted(name)}${didYouMean(name, known)}`);
}

/** The conditions on groups, in any form. @throws TypeError for an unknown name, or what is no condition */
export function havingOf(items: readonly SelectItem[], having: unknown): readonly ConditionLike[] {
  if (having === undefined) return [];
  if (typeof having === "function") {
    const values = items.map((item) => [item.property, new ValueExpression(item)]);
    return havingOf(items, having(Object.fromEntries(values)));
  }
  if (Array.isArray(having)) return having.flatMap((item) => havingOf(items, requireHaving(item)));
  if (isExpression(having) || typeof having !== "object" || having === null) {
    checkCondition("having", having);
    return [having];
  }
  return Object.entries(having).map(([name, value]) => havingCondition(itemNamed("having", items, name), value));
}

function requireHaving(item: unknown): unknown {
  if (item === undefined) throw new TypeError("having has an undefined among its conditions");
  return item;
}

function havingCondition(item: SelectItem, value: unknown): ConditionLike {
  if (value instanceof Condition) return value;
  if (value === undefined) throw new TypeError(`${item.label}: having got undefined; null is how to say null`);
  const expression = new ValueExpression(item);
  return Array.isArray(value) ? expression.in(value) : expression.eq(value);
}

/** @throws TypeError for an unknown name, with the nearest */
function itemNamed(method: string, items: readonly SelectItem[], name: string): SelectItem {
  const item = items.find(({ property }) => property === name);
  if (item !== undefined) return item;
  const known = items.map(({ property }) => property);
  throw new TypeError(`${method}: there is no value ${quoted(name)} in the rows${didYouMean(name, known)}`);
}

/** The order of rows by what is in them: `"total"`, `"-total"`. @throws TypeError for an unknown name */
function itemOrders(items: readonly SelectItem[], orderBy: unknown): readonly (Order | Sql)[] {
  if (orderBy === undefined) return [];
  return [orderBy].flat().map((order: unknown) => {
    if (order instanceof Order) return order;
    if (typeof order === "object" && isExpression(order)) return order as Sql;
    if (typeof order !== "string") throw new TypeError(`orderBy wants names, such as "-total", not ${kindOf(order)}`);
    const isDescending = order.startsWith("-") && !items.some(({ property }) => property === order);
    const item = itemNamed("orderBy", items, isDescending ? order.slice(1) : order);
    return itemOrder(items, items.indexOf(item), isDescending ? "desc" : "asc");
  });
}

import type { Sql } from "sql-template-tag";
import type { Signal } from "../drivers/abort.js";
import { UsageError } from "../errors.js";
import { checkCount } from "../sql/check-count.js";
import { Order } from "../sql/order.js";
import { itemOrder, namedColumns, type SelectItem } from "../sql/select-items.js";
import { Statement, selectState } from "../sql/statement.js";
import type { RowLock, Source } from "../sql/statement-state.js";
import type { AnyModel, OrderBy, Row, Where } from "../sql/types.js";
import { conditionsOf, ordersOf } from "../sql/where.js";
import { checkOptions, kindOf } from "../text.js";

/** What rows are asked for. */
export interface Query<M> {
  /** Conditions, all of which hold: an object by column, expressions such as `User.c.age.gt(3)`, `sql` text. */
  readonly where?: Where<M> | undefined;
  /** Columns to order by: `"name"`, `"-name"` for descending, `User.c.name.desc({ nulls: "last" })`. */
  readonly orderBy?: OrderBy<M> | readonly OrderBy<M>[] | undefined;
  /** At most so many rows; 0 gives none, undefined is no limit. */
  readonly limit?: number | undefined;
  /** So many rows are left out. */
  readonly offset?: number | undefined;
  /** Locks the rows until the transaction's end: "update" against all others, "share" against writers. PostgreSQL only. */
  readonly lock?: "update" | "share" | undefined;
  /** Leaves out rows that others have locked. */
  readonly skipLocked?: boolean | undefined;
  /** Fails with a TimeoutError at once where others have locked a row. */
  readonly noWait?: boolean | undefined;
  /** Cancels it, on PostgreSQL's server too: it fails with the signal's reason. */
  readonly signal?: Signal | undefined;
  /** What is loaded besides is said in the call itself, as the type of what it gives depends on it. */
  readonly prefetch?: undefined;
  readonly selectRelated?: undefined;
  readonly withCount?: undefined;
}

/** What loads more than rows. */
const LOAD_OPTIONS = ["prefetch", "selectRelated", "withCount"];
/** What a find by key takes. */
export const FIND_OPTIONS = [...LOAD_OPTIONS, "signal"];
const ROW_OPTIONS = ["where", "orderBy", "limit", "offset", "lock", "skipLocked", "noWait", "signal"];
const OPTIONS = [...ROW_OPTIONS, ...LOAD_OPTIONS];
const ITEM_OPTIONS = [...ROW_OPTIONS, "columns"];

/** The select that a query asks for, of no more rows than `most`. @throws TypeError for an unknown option, with the nearest name */
export function selectOf<M extends AnyModel>(
  source: Source,
  query: Query<M>,
  output: readonly SelectItem[] = source.table.columns,
  most?: number,
): Statement<M, Row<M>> {
  checkQuery(query, OPTIONS);
  return select(source, query, output, most);
}

/** A query of plain objects, unchecked: of all columns, or of those named. */
export type ItemQuery<M> = Query<M> & { readonly columns?: readonly string[] | undefined };

/** The same, of the columns that it names. */
export function selectItemsOf<M extends AnyModel>(source: Source, query: ItemQuery<M>): Statement<M, unknown> {
  checkQuery(query, ITEM_OPTIONS);
  const { columns } = query;
  return select(source, query, columns === undefined ? source.table.columns : namedColumns(source.table, columns));
}

function checkQuery(query: object, options: readonly string[]): void {
  checkOptions("a query", requireQuery(query), options);
}

/** @throws TypeError where it is no object */
export function requireQuery<Q>(query: Q): Q & object {
  if (typeof query === "object" && query !== null && !Array.isArray(query)) return query;
  throw new TypeError(`a query is an object, such as { where, orderBy }, not ${kindOf(query)}`);
}

/** The same query for at most so many rows. @throws TypeError where it is no object */
export function atMost<Q extends { readonly limit?: number | undefined }>(query: Q, count: number): Q {
  return { ...requireQuery(query), limit: query.limit === undefined ? count : Math.min(query.limit, count) };
}

function select<M extends AnyModel, R>(
  source: Source,
  query: Query<M>,
  output: readonly SelectItem[],
  most?: number,
): Statement<M, R> {
  const given = checkCount("limit", query.limit);
  const limit = most === undefined || (given !== undefined && given < most) ? given : most;
  return new Statement<M, R>({
    ...selectState(source, output),
    conditions: conditionsOf(source, query.where),
    orders: output === source.table.columns ? ordersOf(source, query.orderBy) : ordersIn(source, query.orderBy, output),
    limit,
    // Those of `first()` and `get()`.
    isLimitWritten: limit === 1 || limit === 2,
    offset: checkCount("offset", query.offset),
    lock: lockOf(query),
  });
}

/** Orders by what is selected besides, such as `postsCount`, among others. */
function ordersIn(source: Source, orderBy: unknown, output: readonly SelectItem[]): readonly (Order | Sql)[] {
  const orders: readonly unknown[] = orderBy === undefined ? [] : Array.isArray(orderBy) ? orderBy : [orderBy];
  return orders.flatMap((order) => {
    if (typeof order !== "string") return ordersOf(source, order);
    const name = order.startsWith("-") ? order.slice(1) : order;
    const place = source.table.has(name)
      ? -1
      : output.findIndex(({ alias, property }) => alias !== undefined && property === name);
    return place < 0 ? ordersOf(source, order) : itemOrder(output, place, name === order ? "asc" : "desc");
  });
}

function lockOf({ lock, skipLocked, noWait }: Query<never>): RowLock | undefined {
  if (lock === undefined) {
    if (skipLocked || noWait) throw new UsageError('skipLocked and noWait go with lock: "update" or "share"');
    return undefined;
  }
  if (lock !== "update" && lock !== "share") throw new UsageError('lock is "update" or "share"');
  if (skipLocked && noWait) throw new UsageError("skipLocked and noWait exclude each other");
  return { strength: lock, wait: skipLocked ? " skip locked" : noWait ? " nowait" : "" };
}

/**
 * The query in the order of the primary key, where it says none, or the other way round.
 *
 * @throws UsageError where the order can't be turned round: it is SQL text
 */
export function inKeyOrder<M>(source: Source, query: Query<M>, direction: "forward" | "backward"): Query<M> {
  requireQuery(query);
  const { table } = source;
  const given = ordersOf(source, query.orderBy);
  const orders = given.length > 0 ? given : table.key.map((column) => new Order(column, "asc"));
  if (orders.length === 0)
    throw new UsageError(`first() and last() of ${table.name}, which has no key, want an orderBy`);
  if (direction === "forward") return { ...query, orderBy: orders };
  const reversed = orders.map((order) => {
    if (order instanceof Order) return order.reversed();
    throw new UsageError("last() can't turn the order of sql text round");
  });
  return { ...query, orderBy: reversed };
}

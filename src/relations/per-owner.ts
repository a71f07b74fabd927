import { UsageError } from "../errors.js";
import { Order } from "../sql/order.js";
import { namedItem } from "../sql/select-items.js";
import { tableSourceOf } from "../sql/source.js";
import { Statement } from "../sql/statement.js";
import type { Source } from "../sql/statement-state.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyModel, AnyTable } from "../sql/types.js";
import { expressionOf } from "../sql/value-expression.js";
import { cte } from "../sql/views.js";
import { rowNumber } from "../sql/window.js";

/**
 * A select with its limit and offset applied to the rows of each owner by themselves, whom `owner` tells: rows are numbered,
 * and chosen by their number.
 */
export function limitedPerOwner(
  statement: Statement<AnyModel, unknown>,
  owner: readonly TableColumn[],
): Statement<AnyTable, unknown> {
  if (statement.state.limit === undefined && statement.state.offset === undefined) return statement;
  const { limit, offset = 0, output = [], orders, ...state } = statement.state;
  // SQL text was refused when the query was read.
  const orderBy = orders.filter((order) => order instanceof Order);
  const place = rowNumber().over({ partitionBy: owner.map((column) => expressionOf(column)), orderBy });
  // Columns of several tables may be called alike.
  const values = [...output.map((item) => expressionOf(item)), place];
  const items = values.map((value, i) => namedItem(noColumn, `c${i}`, value));
  const inner = new Statement<AnyTable, Record<string, unknown>>({ ...state, output: items, orders: [] });
  const view: Source = tableSourceOf(cte("numbered", inner));
  const places = view.table.columns;
  const at = places[places.length - 1] as TableColumn;
  return new Statement<AnyTable, unknown>({
    verb: "select",
    source: view,
    output: places.slice(0, -1),
    conditions: [at.reference.gt(offset), ...(limit === undefined ? [] : [at.reference.lte(offset + limit)])],
    orders: [new Order(at, "asc")],
  });
}

/** What an item is made of is said by an expression, never by a name. */
function noColumn(name: string): never {
  throw new UsageError(`there is no column ${name}`);
}

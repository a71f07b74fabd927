import { Sql } from "sql-template-tag";
import { kindOf } from "../text.js";
import { Codec } from "./codec.js";
import { Column, type ColumnSettings } from "./columns.js";
import { computed } from "./computed.js";
import type { ColumnExpression } from "./operators.js";
import type { ColumnShape } from "./types.js";
import { expressionOf } from "./value-expression.js";

/**
 * SQL of your own as a typed expression, read, compared and ordered as a column of that type would be.
 *
 * ```ts
 * const total = expression(numeric(12, 2), sql`${Item.c.price} * ${Item.c.quantity}`);
 * await Item.objects.aggregate({ revenue: sum(total) }, { where: total.gt("100") });
 * ```
 *
 * @throws TypeError where it is no column and `sql` text
 */
export function expression<V>(
  column: ColumnShape<V, boolean, boolean> & { readonly settings: ColumnSettings },
  sql: Sql,
): ColumnExpression<NonNullable<V>, V> {
  if (!(column instanceof Column))
    throw new TypeError(`expression() wants a type, such as integer(), not ${kindOf(column)}`);
  if (!(sql instanceof Sql)) throw new TypeError(`expression() wants sql\`…\`, not ${kindOf(sql)}`);
  const { type, nullable = false } = column.settings;
  return expressionOf<NonNullable<V>, V>(
    computed(new Codec(type), "expression", (writer) => writer.write("(").sql(sql).write(")"), nullable),
  );
}

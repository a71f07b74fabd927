import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import { ColumnAggregate } from "./aggregates.js";
import type { Decoder } from "./decode.js";
import { type Dialect, quoteIdentifier } from "./dialect.js";
import { Order } from "./order.js";
import { checkName, type Table, type TableColumn } from "./table.js";
import { ValueExpression } from "./value-expression.js";
import type { ValueInfo } from "./value-info.js";
import type { SqlWriter } from "./writer.js";

/** One thing that a select gives: a column, or an expression with a name. */
export interface SelectItem extends ValueInfo {
  /** What the value is called in the row. */
  readonly property: string;
  readonly decode: Decoder | undefined;
  /** The name in SQL, where another is said than the column's: `sum("balance") as "total"`. */
  readonly alias?: string;
}

/** An expression that is selected under a name. */
class NamedItem implements SelectItem {
  readonly alias: string;

  constructor(
    readonly property: string,
    readonly info: ValueInfo,
  ) {
    this.alias = quoteIdentifier(checkName(property, "a selected expression"));
    if (property === "__proto__") throw new UsageError("a selected expression can't be called __proto__");
  }

  get codec() {
    return this.info.codec;
  }

  get decode() {
    return this.info.codec.decode;
  }

  get label() {
    return this.info.label;
  }

  get nullable() {
    return this.info.nullable;
  }

  get parts() {
    return [this.info];
  }

  writeTo(writer: SqlWriter): void {
    this.info.writeTo(writer);
  }
}

/** An item as it stands in a select's list. */
export function writeItem(writer: SqlWriter, item: SelectItem): void {
  item.writeTo(writer);
  if (item.alias === undefined) return;
  writer.write(`${collation(writer.dialect, item)} as ${item.alias}`);
}

/** Where an order names the place of an item, the item itself says how it is compared. */
function collation(dialect: Dialect, { codec }: SelectItem): string {
  return dialect.ordersByPlace ? dialect.comparison(codec.type, "order").column.after : "";
}

/** An order by an item of the select's own list. */
class ItemOrder extends Order {
  constructor(
    readonly item: SelectItem,
    readonly place: number,
    direction: "asc" | "desc",
    nulls?: "first" | "last",
  ) {
    super(item, direction, nulls);
  }

  override reversed(): Order {
    const { direction, nulls } = super.reversed();
    return new ItemOrder(this.item, this.place, direction, nulls);
  }

  override writeTo(writer: SqlWriter): void {
    if (writer.dialect.ordersByPlace) this.writeDirection(writer.write(String(this.place)));
    else super.writeTo(writer);
  }
}

/** An order by the item at a place, from 0. */
export function itemOrder(items: readonly SelectItem[], place: number, direction: "asc" | "desc"): Order {
  const item = items[place] as SelectItem;
  return item.alias === undefined ? new Order(item, direction) : new ItemOrder(item, place + 1, direction);
}

/**
 * Items by the names that a record gives them: columns by name, expressions, aggregates.
 *
 * @throws TypeError for an unknown column, or what can't be selected
 */
export function namedItems(table: Table, record: object): readonly SelectItem[] {
  const items = Object.entries(record).map(([property, value]) => namedItem(table, property, value));
  if (items.length === 0) throw new TypeError("select wants at least one column or expression");
  return items;
}

function namedItem(table: Table, property: string, value: unknown): SelectItem {
  if (typeof value === "string") {
    const column = table.column(value);
    return column.property === property ? column : new NamedItem(property, column);
  }
  if (value instanceof ColumnAggregate)
    return new NamedItem(property, value.resolve(table.column(value.property).reference).info);
  if (value instanceof ValueExpression) return new NamedItem(property, value.info);
  throw new TypeError(`${property}: a select takes columns and expressions, not ${kindOf(value)}`);
}

/** The columns that are named: one, or a list. @throws TypeError where none is, or one is unknown */
export function namedColumns(table: Table, columns: readonly string[] | string): readonly TableColumn[] {
  const names = typeof columns === "string" ? [columns] : columns;
  if (!Array.isArray(names) || names.length === 0) {
    throw new TypeError(
      `select wants a column or a list of columns, not ${names?.length === 0 ? "none" : kindOf(names)}`,
    );
  }
  return names.map((name) => table.column(name));
}

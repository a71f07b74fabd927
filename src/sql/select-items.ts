import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import { ColumnAggregate } from "./aggregates.js";
import type { Decoder } from "./decode.js";
import { type Dialect, quoteIdentifier } from "./dialect.js";
import { Order } from "./order.js";
import { checkName, type Table, TableColumn } from "./table.js";
import { ValueExpression } from "./value-expression.js";
import { asNullable, isAggregated, type ValueInfo } from "./value-info.js";
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
    readonly item: ValueInfo,
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

  override ofNullable(): Order {
    return new ItemOrder(asNullable(this.item), this.place, this.direction, this.nulls);
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
  const items = Object.entries(record).map(([name, value]) => namedItem((of) => table.column(of), name, value));
  if (items.length === 0) throw new TypeError("select wants at least one column or expression");
  return items;
}

/** An item by the name that it is given. @throws TypeError for an unknown column, or what can't be selected */
export function namedItem(resolve: (name: string) => TableColumn, property: string, value: unknown): SelectItem {
  if (typeof value === "string") return renamed(resolve(value), property);
  if (value instanceof ColumnAggregate)
    return new NamedItem(property, value.resolve(resolve(value.property).reference).info);
  if (!(value instanceof ValueExpression))
    throw new TypeError(`${property}: a select takes columns and expressions, not ${kindOf(value)}`);
  const { info } = value;
  return info instanceof TableColumn ? renamed(info, property) : new NamedItem(property, info);
}

/** A column under a name, its own or another. */
export function renamed(column: TableColumn, property: string): SelectItem {
  return column.property === property ? column : new NamedItem(property, column);
}

/** The columns of a row that a value is computed of. */
function columnsIn(value: ValueInfo): readonly ValueInfo[] {
  return value instanceof TableColumn ? [value] : (value.parts ?? []).flatMap(columnsIn);
}

/**
 * Rows are grouped by no aggregate, and a column of which a group has many values can't be in its row.
 *
 * @throws UsageError
 */
export function checkGroups(items: readonly ValueInfo[], groups: readonly ValueInfo[]): void {
  for (const group of groups) {
    if (isAggregated(group))
      throw new UsageError(`${group.label} is an aggregate: rows are grouped by columns, or what is computed of them`);
  }
  const grouped = new Set(groups.flatMap(columnsIn));
  const column = items.flatMap(columnsIn).find((candidate) => !grouped.has(candidate));
  if (column !== undefined)
    throw new UsageError(`${column.label} is no aggregate: group by it, or take its min or max`);
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

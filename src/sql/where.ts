import { Sql } from "sql-template-tag";
import { wrongInput } from "../errors.js";
import { checkOptions, kindOf, quoted } from "../text.js";
import { and, Condition, type ConditionLike, checkCondition, requireOfRows } from "./conditions.js";
import { Order } from "./order.js";
import { columnAt, endOf, findRelation } from "./path.js";
import { RelatedRows } from "./related-rows.js";
import type { Source } from "./statement-state.js";
import { TableColumn } from "./table.js";

/**
 * The conditions of a `where` in any of its forms, to be ANDed; none where there is none.
 *
 * @throws TypeError for what is no condition, an unknown column, or a value that the column can't hold
 * @throws UsageError for a condition on an aggregate or a window function, or a path by a key that is not unique
 */
export function conditionsOf(source: Source, where: unknown): readonly ConditionLike[] {
  if (where === undefined) return [];
  if (where instanceof Condition || where instanceof Sql) return [requireOfRows(where)];
  if (Array.isArray(where)) return where.flatMap((item) => conditionsOf(source, requireGiven(item)));
  if (isPlainObject(where)) {
    const { table } = source;
    if ("where" in where && !table.has("where") && findRelation(source, "where") === undefined) {
      throw wrongInput(`${table.name}: the conditions are wanted themselves here, not as { where: … }`);
    }
    return Object.keys(where).map((name) => {
      const column = table.find(name);
      const value: unknown = Reflect.get(where, name);
      return column === undefined ? pathCondition(source, name, value) : columnCondition(column, value);
    });
  }
  checkCondition("where", where);
  return [where];
}

function requireGiven(item: unknown): unknown {
  if (item === undefined) throw wrongInput("where has an undefined among its conditions");
  return item;
}

/** Whether it is an object of names and values, and no instance of a class. */
export function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function pathCondition(source: Source, path: string, value: unknown): ConditionLike {
  const end = endOf(source, path);
  if (end instanceof TableColumn) return columnCondition(end, value);
  if (value === undefined) throw wrongInput(`${path}: where got undefined; null is how to say that there is none`);
  const rows = new RelatedRows(end.source, end.related);
  if (end.related.isMany) return and(...manyConditions(rows, path, value));
  return value === null ? rows.none([]) : rows.some(conditionsOf(rows.source, value));
}

const QUANTIFIERS = ["some", "none", "every"] as const;

/** The conditions on the rows of a to-many: `{ some: where, none: where }`. */
function manyConditions(rows: RelatedRows, path: string, value: unknown): readonly Condition[] {
  const given = isPlainObject(value) ? Object.entries(value) : [];
  if (given.length === 0) {
    throw wrongInput(
      `${path} leads to any number of rows: where takes { some: { … } }, none or every, not ${kindOf(value)}`,
    );
  }
  checkOptions(`where on ${quoted(path)}`, value, QUANTIFIERS);
  return QUANTIFIERS.filter((quantifier) => given.some(([name]) => name === quantifier)).map((quantifier) =>
    rows[quantifier](conditionsOf(rows.source, requireGiven(Reflect.get(Object(value), quantifier)))),
  );
}

function columnCondition(column: TableColumn, value: unknown): ConditionLike {
  if (value instanceof Condition) {
    if (value.about === undefined || value.about === column) return requireOfRows(value);
    throw wrongInput(`${column.label}: where has a condition on ${value.about.label} in its place`);
  }
  if (value === undefined) throw wrongInput(`${column.label}: where got undefined; null is how to say null`);
  if (isPlainObject(value) && column.type.kind !== "json") {
    const [operator = "eq"] = Object.keys(value);
    const example = `column.${/^\w{1,20}$/.test(operator) ? operator : "eq"}(…)`;
    throw wrongInput(`${column.label}: where takes a value, a list or a condition, not an object: say ${example}`);
  }
  return isListFor(column, value) ? column.reference.in(value) : column.reference.eq(value);
}

/** Whether an array is a list of values, any of which will do, and not the value of a column that holds arrays. */
function isListFor(column: TableColumn, value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value) || column.type.kind === "json") return false;
  return column.type.kind !== "array" || (value.length > 0 && value.every((item) => Array.isArray(item)));
}

/**
 * The columns of an `orderBy`.
 *
 * @throws TypeError for an unknown column, or one that has no order
 * @throws UsageError for a path by a key that is not unique
 */
export function ordersOf(source: Source, orderBy: unknown): readonly (Order | Sql)[] {
  if (orderBy === undefined) return [];
  const { table } = source;
  const items: readonly unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy];
  return items.map((item) => {
    if (item instanceof Order || item instanceof Sql) return item;
    if (typeof item !== "string") {
      throw wrongInput(`orderBy wants columns, such as "name", "-name" or User.c.name.desc(), not ${kindOf(item)}`);
    }
    if (/ (asc|desc)$/i.test(item) && !table.has(item)) {
      throw wrongInput(`orderBy on ${table.name} wants "name", or "-name" for the greatest first, not "name desc"`);
    }
    const isDescending = item.startsWith("-") && !table.has(item);
    const name = isDescending ? item.slice(1) : item;
    return new Order(table.find(name) ?? columnAt(source, name), isDescending ? "desc" : "asc");
  });
}

/** What a diagram shows: tables and the references between them, by their names in the database. */
import type { ColumnType } from "../sql/column-type.js";
import type { ForeignKey } from "../sql/foreign-keys.js";
import { sourceOf } from "../sql/source.js";
import { Table, type TableColumn } from "../sql/table.js";
import { typeName } from "../sql/type-name.js";
import { referredBy } from "./referred-columns.js";
import { tableName } from "./table-name.js";

export interface DiagramColumn {
  readonly name: string;
  /** The property in models. */
  readonly property: string;
  readonly type: string;
  readonly isKey: boolean;
  readonly isForeign: boolean;
  readonly isUnique: boolean;
  readonly isNullable: boolean;
}

export interface DiagramTable {
  /** With the schema, where it has one. */
  readonly name: string;
  readonly columns: readonly DiagramColumn[];
  /** The names of the columns that are unique together, but for the primary key. */
  readonly uniques: readonly (readonly string[])[];
  /** It was not asked for but is referred to: it is shown with the columns alone that are. */
  readonly isOutside: boolean;
}

export interface DiagramReference {
  readonly from: DiagramTable;
  readonly to: DiagramTable;
  /** The places of the columns in the two tables: of the one that refers, of the one that is referred to. */
  readonly columns: readonly { readonly from: number; readonly to: number }[];
  /** How many rows refer to one row. */
  readonly referring: "many" | "zero or one";
  /** How many rows one row refers to. */
  readonly referred: "one" | "zero or one";
  /** `posts (author_id) → users (id), on delete cascade` */
  readonly label: string;
}

export interface DiagramContent {
  readonly tables: readonly DiagramTable[];
  readonly references: readonly DiagramReference[];
}

/** @throws TypeError where it is no model and no table */
function tableOf(given: unknown): Table {
  return given instanceof Table ? given : sourceOf(given).table;
}

/** In a few words: `varchar(80)`, `text[]`, `oneOf(draft, gone)`. */
function typeText(type: ColumnType): string {
  if (type.kind === "oneOf") return `oneOf(${type.values.join(", ")})`;
  return type.kind === "array" ? `${typeText(type.element)}[]` : typeName(type);
}

function outlineOf(table: Table, columns: readonly TableColumn[], isOutside: boolean): DiagramTable {
  const others = table.keys.filter((unique) => unique !== table.key);
  const alone = new Set(others.flatMap((unique) => (unique.length === 1 ? unique : [])));
  const together = isOutside ? [] : others.filter(({ length }) => length > 1);
  return {
    name: tableName(table),
    columns: columns.map((column) => {
      const { name, property, type, isKey, isForeign, nullable } = column;
      const isUnique = alone.has(column);
      return { name, property, type: typeText(type), isKey, isForeign, isUnique, isNullable: nullable };
    }),
    uniques: together.map((unique) => unique.map(({ name }) => name)),
    isOutside,
  };
}

const namesOf = (columns: readonly TableColumn[]): string => columns.map(({ name }) => name).join(", ");

/** A foreign key with the columns that it refers to. */
interface Resolved {
  readonly key: ForeignKey<TableColumn>;
  readonly target: Table;
  readonly referred: readonly TableColumn[];
}

function resolve(table: Table): Resolved[] {
  return table.foreignKeys.map((key) => {
    const target = tableOf(key.model());
    return { key, target, referred: referredBy(key, target) };
  });
}

function referenceOf(
  table: Table,
  { key, referred }: Resolved,
  from: DiagramTable,
  to: DiagramTable,
): DiagramReference {
  const place = ({ columns }: DiagramTable, { name }: TableColumn) => columns.findIndex((each) => each.name === name);
  const isOne = table.keys.some((unique) => unique.every((column) => key.columns.includes(column)));
  const ends = [`${from.name} (${namesOf(key.columns)})`, `${to.name} (${namesOf(referred)})`];
  const actions = [
    ...(key.onDelete === undefined ? [] : [`, on delete ${key.onDelete}`]),
    ...(key.onUpdate === undefined ? [] : [`, on update ${key.onUpdate}`]),
  ];
  return {
    from,
    to,
    columns: referred.map((column, i) => ({ from: place(from, key.columns[i] ?? column), to: place(to, column) })),
    referring: isOne ? "zero or one" : "many",
    referred: key.columns.some(({ nullable }) => nullable) ? "zero or one" : "one",
    label: ends.join(" → ") + actions.join(""),
  };
}

/**
 * The tables of the models, those besides that they refer to, and the references.
 *
 * @throws TypeError where one is no model
 * @throws UsageError where one refers to what is no key
 */
export function contentOf(models: readonly unknown[]): DiagramContent {
  const tables = new Map(models.map(tableOf).map((table) => [tableName(table), table]));
  const resolved = [...tables.values()].flatMap((table) => resolve(table).map((each) => ({ table, ...each })));
  const outside = new Map<string, { readonly table: Table; readonly columns: Set<TableColumn> }>();
  for (const { target, referred } of resolved) {
    if (tables.has(tableName(target))) continue;
    const { columns } = outside.get(tableName(target)) ?? { columns: new Set() };
    outside.set(tableName(target), { table: target, columns: new Set([...columns, ...referred]) });
  }
  const outlines = [
    ...[...tables.values()].map((table) => outlineOf(table, table.columns, false)),
    ...[...outside.values()].map(({ table, columns }) => {
      return outlineOf(
        table,
        table.columns.filter((column) => columns.has(column)),
        true,
      );
    }),
  ];
  const byName = new Map(outlines.map((each) => [each.name, each]));
  const references = resolved.flatMap(({ table, ...each }) => {
    const [from, to] = [byName.get(tableName(table)), byName.get(tableName(each.target))];
    return from === undefined || to === undefined ? [] : [referenceOf(table, each, from, to)];
  });
  return { tables: outlines, references };
}

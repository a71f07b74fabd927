import { catalogOf } from "../sql/catalogs.js";
import type { Dialect } from "../sql/dialect.js";
import type { ForeignKey } from "../sql/foreign-keys.js";
import { sourceOf } from "../sql/source.js";
import type { IndexOptions, Table, TableColumn } from "../sql/table.js";
import { typeName } from "../sql/type-name.js";
import { quoted, withArticle } from "../text.js";
import { indexName, sqlText } from "./ddl.js";
import { tableName } from "./table-name.js";

const namesOf = (columns: readonly TableColumn[]): string => columns.map(({ name }) => name).join(", ");

/** A default that the database knows. */
function defaultOf({ settings: { default: given } }: TableColumn) {
  return given === undefined || given.by === "function" || given.by === "clock" ? undefined : given;
}

/** SQL of a default, the same however it was written. */
function defaultText(column: TableColumn, dialect: Dialect): string | undefined {
  const { type, codec } = column;
  const { ddl } = dialect;
  const said = defaultOf(column);
  if (said?.by === "sql" && said.isComputed) return `generated always as ${sqlText(said.sql).trim()}`;
  const given = said?.by === "sql" ? catalogOf(dialect.name).default(type, sqlText(said.sql).trim()) : said;
  if (given === undefined || given.by === "function" || given.by === "clock") return undefined;
  if (given.by === "sql") return sqlText(given.sql).trim();
  return given.by === "now" ? ddl.now(type) : ddl.literal(codec.encode(dialect, given.value, ""));
}

/** SQL of the model's own is compared as SQL. */
function isSameDefault(asked: TableColumn, found: TableColumn, dialect: Dialect): boolean {
  const given = defaultOf(asked);
  if (given?.by === "sql") {
    const isNull = catalogOf(dialect.name).default(asked.type, sqlText(given.sql).trim()) === undefined;
    return isNull === (defaultOf(found) === undefined);
  }
  return defaultText(asked, dialect) === defaultText(found, dialect);
}

/** @param own PostgreSQL's name of the type that is asked for, where that is not the column's */
function columnDifferences(
  asked: TableColumn,
  found: TableColumn,
  dialect: Dialect,
  own: string | undefined,
): string[] {
  const [wanted, type] = [typeName(asked.type), typeName(found.type)];
  const { databaseType } = found.settings;
  const accepted = own === undefined ? [undefined, asked.settings.databaseType] : [own];
  // How SQLite's own types are spelled is all one: what counts is what they are read as.
  const isSame = wanted === type && accepted.includes(found.settings.postgresType);
  return [
    ...(isSame ? [] : [`is ${databaseType ?? type}, not ${own ?? wanted}`]),
    ...(asked.nullable === found.nullable ? [] : [found.nullable ? "takes null" : "takes no null"]),
    ...(isSameDefault(asked, found, dialect) ? [] : ["has another default"]),
  ];
}

/** What is on one side only, each told by a text that is the same for the same. */
function setDifferences(what: string, asked: readonly string[], found: readonly string[]): string[] {
  const wanted = new Set(asked);
  const there = new Set(found);
  return [
    ...[...wanted].filter((text) => !there.has(text)).map((text) => `has no ${what} ${text}`),
    ...[...there]
      .filter((text) => !wanted.has(text))
      .map((text) => `has ${withArticle(what)} ${text} that no model has`),
  ];
}

function uniquesOf(table: Table): string[] {
  const key = namesOf(table.key);
  // A constraint of the key's own columns is the key.
  return table.constraints.map(namesOf).filter((unique) => unique !== key);
}

/** In place of SQL stands that there is some. */
function indexText(table: Table, index: IndexOptions, dialect: Dialect): string {
  const items = index.columns.map((item) => {
    if (typeof item !== "string") return "…";
    const { column, direction } = table.directed(item);
    return `${column.name}${direction === "desc" ? " desc" : ""}`;
  });
  const using = index.using === undefined || dialect.name === "sqlite" ? "" : `using ${index.using} `;
  const where = index.where === undefined ? "" : " where …";
  return `${index.unique ? "unique " : ""}${quoted(indexName(table, index, dialect))} ${using}of ${items.join(", ")}${where}`;
}

/** The SQL of indexes, by their names. */
function indexSql(table: Table, dialect: Dialect): ReadonlyMap<string, string> {
  const textOf = ({ columns, where }: IndexOptions) =>
    [...columns, ...(where === undefined ? [] : [where])].map((item) =>
      typeof item === "string" ? "" : sqlText(item).trim(),
    );
  return new Map(table.indexes.map((index) => [indexName(table, index, dialect), textOf(index).join("\0")]));
}

function checksOf(table: Table): string[] {
  const ofColumns = table.columns.flatMap(({ settings }) => settings.checks ?? []);
  return [...ofColumns, ...(table.options.checks ?? [])].map((check) => sqlText(check).trim());
}

function referenceText(key: ForeignKey<TableColumn>): string {
  const target = sourceOf(key.model()).table;
  const actions = { delete: key.onDelete ?? "no action", update: key.onUpdate ?? "no action" };
  const properties = key.referenced?.map((property) => target.find(property)?.name ?? property);
  const referred = properties?.join(", ") ?? namesOf(target.key);
  return (
    `from ${namesOf(key.columns)} to ${tableName(target)} (${referred}) ` +
    `on delete ${actions.delete} on update ${actions.update}`
  );
}

/**
 * In words, how a table that a database has differs from one that a model asks for, but for its SQL; none, where they are
 * the same. What only rowkeeper knows is not compared: properties, schemas, functions that give defaults.
 *
 * @param written what is asked for as the database writes it, where it writes anything anew
 */
export function differences(asked: Table, found: Table, dialect: Dialect, written?: Table): string[] {
  const name = tableName(asked);
  const columns = new Map(found.columns.map((column) => [column.name, column]));
  const wanted = new Set(asked.columns.map((column) => column.name));
  const ofColumns = asked.columns.flatMap((column) => {
    const other = columns.get(column.name);
    if (other === undefined) return [`${name} has no column ${quoted(column.name)}`];
    const own = written?.columns[column.index]?.settings.postgresType;
    return columnDifferences(column, other, dialect, own).map((words) => `${name}.${column.name} ${words}`);
  });
  const more = found.columns.filter((column) => !wanted.has(column.name));
  const indexes = (table: Table) => table.indexes.map((index) => indexText(table, index, dialect));
  const ofTable = [
    ...more.map((column) => `has a column ${quoted(column.name)} that no model has`),
    ...(namesOf(asked.key) === namesOf(found.key) ? [] : [`has the key (${namesOf(found.key)})`]),
    ...(asked.generated?.name === found.generated?.name ? [] : ["is numbered otherwise"]),
    ...setDifferences("unique", uniquesOf(asked), uniquesOf(found)),
    ...setDifferences("index", indexes(asked), indexes(found)),
    ...setDifferences("reference", asked.foreignKeys.map(referenceText), found.foreignKeys.map(referenceText)),
  ];
  return [...ofColumns, ...ofTable.map((words) => `${name} ${words}`)];
}

/** In words, how the SQL of a table differs: of defaults, checks and indexes that are in both. */
export function sqlDifferences(asked: Table, found: Table, dialect: Dialect): string[] {
  const name = tableName(found);
  const columns = new Map(found.columns.map((column) => [column.name, column]));
  const ofDefaults = asked.columns.filter((column) => {
    const other = columns.get(column.name);
    return other !== undefined && defaultText(column, dialect) !== defaultText(other, dialect);
  });
  const indexes = indexSql(found, dialect);
  const ofIndexes = [...indexSql(asked, dialect)].filter(([index, sql]) => (indexes.get(index) ?? sql) !== sql);
  return [
    ...ofDefaults.map((column) => `${name}.${column.name} has another default`),
    ...setDifferences("check", checksOf(asked), checksOf(found)).map((words) => `${name} ${words}`),
    ...ofIndexes.map(([index]) => `${name} has an index ${quoted(index)} of other SQL`),
  ];
}

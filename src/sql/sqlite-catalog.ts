import {
  actionOf,
  type CatalogColumn,
  type CatalogDialect,
  type CatalogForeignKey,
  type CatalogIndex,
  type CatalogIndexItem,
  type CatalogTable,
  computedBy,
  jsonList,
  literalDefault,
  sqlOf,
} from "./catalog.js";
import type { ColumnDefault } from "./column-default.js";
import type { ColumnType } from "./column-type.js";
import { quoteIdentifier } from "./dialect.js";
import { type CreatedTable, parseCreateIndex, parseCreateTable } from "./sqlite-create.js";
import { sqliteDdl } from "./sqlite-ddl.js";
import { typeNamed } from "./type-name.js";

type ColumnRow = readonly [string, string, notNull: number, fallback: string | null, place: number, hidden: number];
type ItemRow = readonly [name: string | null, descends: number, collation: string | null];
type IndexRow = readonly [string, unique: number, origin: string, sql: string | null, items: readonly ItemRow[]];
type ForeignRow = readonly [
  id: number,
  table: string,
  from: string,
  to: string | null,
  onUpdate: string,
  onDelete: string,
];

/** The tables of one database file. Those of SQLite's own, and virtual ones with what is behind them, are none. */
function selectOf(schema: string): string {
  const literal = sqliteDdl.literal(schema);
  const kept = `${quoteIdentifier(schema)}.sqlite_schema`;
  const columns = `json_array(c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden)`;
  const items = `json_group_array(json_array(k.name, k."desc", k.coll)) from pragma_index_xinfo(i.name, ${literal}) as k`;
  const indexes = `json_array(i.name, i."unique", i.origin, x.sql, json((select ${items} where k.key)))`;
  // A reference may say names in other letters, capitals or small, than the table that it refers to.
  const referred = `(select r.name from ${kept} as r where r.type = 'table' and r.name = f."table" collate nocase)`;
  const to = `(select c.name from pragma_table_xinfo(f."table", ${literal}) as c where c.name = f."to" collate nocase)`;
  const foreign = `json_array(f.id, coalesce(${referred}, f."table"), f."from", coalesce(${to}, f."to"), f.on_update, f.on_delete)`;
  return (
    `select ${literal}, s.name, s.sql, l.strict, ` +
    `(select json_group_array(${columns}) from pragma_table_xinfo(s.name, ${literal}) as c), ` +
    `(select json_group_array(${indexes}) from pragma_index_list(s.name, ${literal}) as i ` +
    `left join ${kept} as x on x.type = 'index' and x.name = i.name), ` +
    `(select json_group_array(${foreign}) from pragma_foreign_key_list(s.name, ${literal}) as f) ` +
    `from ${kept} as s join pragma_table_list as l on l.schema = ${literal} and l.name = s.name ` +
    "where s.type = 'table' and l.type = 'table' and s.name not like 'sqlite\\_%' escape '\\' "
  );
}

/** The types of other programs' columns, by the words in them; the first that is found. */
const BY_WORD: readonly (readonly [RegExp, ColumnType["kind"]])[] = [
  [/^bool/i, "boolean"],
  [/^(?:datetime|timestamp)/i, "timestamp"],
  [/^date$/i, "date"],
  [/^jsonb?$/i, "json"],
  [/^(?:uuid|guid)$/i, "uuid"],
  [/^(?:bigint|int8|unsigned big int)/i, "bigint"],
  [/int/i, "integer"],
  [/char|clob|text/i, "text"],
  [/blob|bytea/i, "bytes"],
  [/real|floa|doub|dec|num|money/i, "real"],
];

const STORED: Readonly<Record<string, ColumnType["kind"]>> = {
  INTEGER: "integer",
  INT: "integer",
  REAL: "real",
  TEXT: "text",
  BLOB: "bytes",
};

const typeOfKind = (kind: ColumnType["kind"]): ColumnType => typeNamed(kind) ?? { kind: "text" };

/** What `createAll` wrote into the table's text, else what SQLite makes of the type's name. */
function typeOf(
  declared: string,
  comment: string | undefined,
  isStrict: boolean,
): { type: ColumnType; databaseType?: string } {
  const stored = STORED[declared.toUpperCase()];
  const said = isStrict && comment !== undefined ? typeNamed(comment) : undefined;
  if (
    said !== undefined &&
    STORED[sqliteDdl.columnType({ type: said, settings: {} }).split(" ")[0]?.toUpperCase() ?? ""] === stored
  )
    return { type: said };
  if (stored !== undefined) return { type: typeOfKind(stored) };
  const length = /^(?:n?varchar|character varying|varying character)\s*\((\d+)\)$/i.exec(declared)?.[1];
  if (length !== undefined) return { type: { kind: "varchar", length: Number(length) }, databaseType: declared };
  const kind = BY_WORD.find(([word]) => word.test(declared))?.[1] ?? "text";
  return { type: typeOfKind(kind), databaseType: declared || "no type" };
}

/** How the literals of SQL are read as what the driver would give. */
function literalOf(text: string, { kind }: ColumnType): unknown {
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (/^x'(?:[0-9a-f]{2})*'$/i.test(text)) return new Uint8Array(Buffer.from(text.slice(2, -1), "hex"));
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true" ? 1 : 0;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return undefined;
  return kind === "boolean" ? Number(text) : text;
}

const withoutParentheses = (text: string): string => (text.startsWith("(") ? text.slice(1, -1) : text);

function defaultOf(type: ColumnType, text: string): ColumnDefault | undefined {
  if (/^null$/i.test(text)) return undefined;
  const isTime = type.kind === "timestamp" || type.kind === "date";
  if (isTime && text === withoutParentheses(sqliteDdl.now(type))) return { by: "now" };
  const literal = literalOf(text, type);
  const value = literal === undefined ? undefined : literalDefault(type, literal);
  return value ?? { by: "sql", sql: sqlOf(text) };
}

function columnOf(row: ColumnRow, created: CreatedTable, isStrict: boolean, isRowid: boolean): CatalogColumn {
  const [name, declared, notNull, fallback, place] = row;
  const { type, databaseType } = typeOf(declared, created.comments.get(name), isStrict);
  const computed = created.computed.get(name);
  const given = fallback === null ? undefined : defaultOf(type, fallback.trim());
  return {
    name,
    type,
    databaseType,
    nullable: notNull === 0 && place === 0,
    default: computed === undefined ? given : computedBy(computed),
    isGenerated: isRowid,
  };
}

function indexOf([name, unique, , sql, items]: IndexRow): CatalogIndex {
  const said = parseCreateIndex(sql ?? "");
  const itemOf = ([column, descends, collation]: ItemRow, i: number): CatalogIndexItem =>
    column === null || collation !== "BINARY"
      ? { sql: said.items[i] ?? "" }
      : { column, direction: descends ? "desc" : "asc" };
  return { name, unique: unique === 1, items: items.map(itemOf), where: said.where };
}

/** The rows of a foreign key come one for each of its columns. */
function foreignKeysOf(rows: readonly ForeignRow[], schema: string | undefined): CatalogForeignKey[] {
  const ids = [...new Set(rows.map(([id]) => id))];
  return ids.map((id) => {
    const columns = rows.filter((row) => row[0] === id);
    const [, table = "", , , onUpdate = "", onDelete = ""] = columns[0] ?? [];
    const referred = columns.flatMap(([, , , to]) => (to === null ? [] : [to]));
    return {
      columns: columns.map(([, , from]) => from),
      schema,
      table,
      referenced: referred.length < columns.length ? undefined : referred,
      onDelete: actionOf(onDelete),
      onUpdate: actionOf(onUpdate),
    };
  });
}

/** The conditions that are no column's type. */
function checksOf({ checks }: CreatedTable, columns: readonly CatalogColumn[]): string[] {
  const ofTypes = new Set(
    columns.map(({ name, type }) => sqliteDdl.typeCheck({ type, settings: {} }, quoteIdentifier(name))),
  );
  return checks.filter((check) => !ofTypes.has(check));
}

export const sqliteCatalog: CatalogDialect = {
  select({ schemas = ["main"], names }) {
    const selects = schemas.map((schema) =>
      names === undefined ? selectOf(schema) : `${selectOf(schema)} and s.name in (select value from json_each(?))`,
    );
    return {
      text: `select * from (${selects.join(" union all ")})`,
      values: names === undefined ? [] : schemas.map(() => JSON.stringify(names)),
    };
  },

  read([file, name, sql, strict, columnRows, indexRows, foreignRows], { schemas }) {
    const schema = schemas === undefined ? undefined : String(file);
    const created = parseCreateTable(String(sql));
    const rows = jsonList<ColumnRow>(columnRows).filter(([, , , , , hidden]) => hidden !== 1);
    const keys = rows.filter(([, , , , place]) => place > 0).sort((a, b) => a[4] - b[4]);
    const indexes = jsonList<IndexRow>(indexRows);
    // A key that is the rowid has no index of its own; "integer primary key desc" has one, and is not numbered.
    const isRowid = keys.length === 1 && !indexes.some(([, , origin]) => origin === "pk");
    const columns = rows.map((row) => columnOf(row, created, strict === 1, isRowid && row === keys[0]));
    return {
      name: String(name),
      schema,
      columns,
      key: keys.map(([column]) => column),
      uniques: indexes
        .filter(([, , origin]) => origin === "u")
        .map(([, , , , items]) => items.flatMap(([column]) => column ?? [])),
      checks: checksOf(created, columns),
      indexes: indexes.filter(([, , origin]) => origin === "c").map(indexOf),
      foreignKeys: foreignKeysOf(jsonList<ForeignRow>(foreignRows), schema),
    } satisfies CatalogTable;
  },

  default: defaultOf,
  temporary: undefined,
};

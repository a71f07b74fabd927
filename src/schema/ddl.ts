import type { Sql } from "sql-template-tag";
import { UsageError } from "../errors.js";
import { checkComparable } from "../sql/comparable.js";
import { type Dialect, quoteIdentifier } from "../sql/dialect.js";
import type { ForeignKey } from "../sql/foreign-keys.js";
import { madeName, shortHash } from "../sql/made-name.js";
import { sourceOf } from "../sql/source.js";
import { type IndexOptions, Table, type TableColumn } from "../sql/table.js";
import { referredBy } from "./referred-columns.js";

const list = (columns: readonly TableColumn[]): string => columns.map(({ quoted }) => quoted).join(", ");

/** A foreign key with what it refers to. */
interface ResolvedReference {
  readonly table: Table;
  readonly constraint: string;
  /** `foreign key ("user_id") references "users" ("id") on delete cascade` */
  readonly definition: string;
}

function resolve(table: Table, key: ForeignKey<TableColumn>, { ddl }: Dialect): Omit<ResolvedReference, "constraint"> {
  const { columns, model, onDelete, onUpdate } = key;
  const target = sourceOf(model()).table;
  const referred = referredBy(key, target);
  return {
    table: target,
    definition:
      `foreign key (${list(columns)}) references ${ddl.referred(target, table)} (${list(referred)})` +
      (onDelete === undefined ? "" : ` on delete ${onDelete}`) +
      (onUpdate === undefined ? "" : ` on update ${onUpdate}`),
  };
}

/** The foreign keys of a table, numbered where several are of the same columns, as their names must differ. */
function referencesOf(table: Table, dialect: Dialect): ResolvedReference[] {
  const taken = new Set<string>();
  const nameOf = (columns: readonly TableColumn[], number = 0): string => {
    const name = madeName(table.name, ...columns.map((column) => column.name), `fkey${number || ""}`);
    if (taken.has(name)) return nameOf(columns, number + 1);
    taken.add(name);
    return name;
  };
  return table.foreignKeys.map((key) => ({ ...resolve(table, key, dialect), constraint: nameOf(key.columns) }));
}

/** SQL text of a model's, which was checked to have no values. */
export function sqlText(sql: Sql): string {
  return sql.strings.join("");
}

function defaultClause(column: TableColumn, dialect: Dialect): string {
  const given = column.settings.default;
  if (given === undefined || given.by === "function" || given.by === "clock") return "";
  if (given.by === "now") return ` default ${dialect.ddl.now(column.type)}`;
  if (given.by === "sql") {
    const text = `(${sqlText(given.sql)})`;
    return given.isComputed ? ` generated always as ${text} stored` : ` default ${text}`;
  }
  return ` default ${dialect.ddl.literal(column.encode(dialect, given.value))}`;
}

function columnClause(table: Table, column: TableColumn, dialect: Dialect): string {
  const { ddl } = dialect;
  if (column === table.generated) return `${column.quoted} ${ddl.generatedKey(column)}`;
  const isOnlyKey = column.isKey && table.key.length === 1;
  return [
    `${column.quoted} ${isOnlyKey ? ddl.keyType(column) : ddl.columnType(column)}`,
    column.nullable ? "" : " not null",
    isOnlyKey ? " primary key" : "",
    column.settings.unique ? " unique" : "",
    defaultClause(column, dialect),
  ].join("");
}

function checksOf(table: Table, { ddl }: Dialect): string[] {
  const ofColumns = table.columns.flatMap((column) => {
    const { type, quoted, name, settings } = column;
    const own = ddl.typeCheck(column, quoted);
    // By the name without a number a check is known that is the column's type, where the engine has no such type.
    const first = own !== undefined || type.kind === "text" || type.kind === "array" ? 1 : 0;
    const said = (settings.checks ?? []).map((sql, i) => [`${name}_check${i + first || ""}`, sqlText(sql)] as const);
    return [...(own === undefined ? [] : [[`${name}_check`, own] as const]), ...said];
  });
  const ofTable = (table.options.checks ?? []).map((sql, i) => [`check${i || ""}`, sqlText(sql)] as const);
  return [...ofColumns, ...ofTable].map(
    ([name, text]) => `constraint ${quoteIdentifier(madeName(table.name, name))} check (${text})`,
  );
}

function createTable(table: Table, dialect: Dialect, references: readonly ResolvedReference[]): string {
  const clauses = table.columns.map((column) => columnClause(table, column, dialect));
  if (table.key.length > 1) clauses.push(`primary key (${list(table.key)})`);
  for (const properties of table.options.unique ?? []) {
    clauses.push(`unique (${list(properties.map((property) => table.column(property)))})`);
  }
  clauses.push(...checksOf(table, dialect));
  clauses.push(...references.map((each) => `constraint ${quoteIdentifier(each.constraint)} ${each.definition}`));
  return `create table if not exists ${table.quoted} (\n  ${clauses.join(",\n  ")}\n)${dialect.ddl.tableOptions}`;
}

/**
 * The indexes of a table. `taken` has the names of those before it, as a database would skip an index whose name is taken.
 *
 * @throws UsageError where two would have one name
 */
function createIndexes(table: Table, dialect: Dialect, taken: Map<string, string>): string[] {
  const own = new Map<string, string>();
  for (const index of table.indexes) {
    const { name, text } = createIndex(table, index, dialect);
    const other = taken.get(name) ?? own.get(name) ?? text;
    if (other !== text)
      throw new UsageError(`two indexes have the name ${name}; give one of them another: { name: … }`);
    own.set(name, text);
  }
  for (const [name, text] of own) taken.set(name, text);
  return [...own.values()];
}

/** An item of an index, and what the index's name has of it. */
function indexItem(table: Table, item: string | Sql, { using }: IndexOptions, dialect: Dialect) {
  if (typeof item !== "string") return { name: shortHash(sqlText(item)), text: sqlText(item) };
  const { column, direction } = table.directed(item);
  const descends = direction === "desc" ? " desc" : "";
  const nulls = using === undefined ? dialect.nulls(direction, column.nullable, undefined) : "";
  return { name: column.name + descends.replace(" ", "_"), text: `${column.quoted}${descends}${nulls}` };
}

/** The name of an index: the one that it is given, or one made of the table's and the columns'. */
export function indexName(table: Table, index: IndexOptions, dialect: Dialect): string {
  if (index.name !== undefined) return index.name;
  const items = index.columns.map((item) => indexItem(table, item, index, dialect).name);
  const where = index.where === undefined ? [] : [shortHash(sqlText(index.where))];
  return madeName(table.name, ...items, ...where, index.unique ? "uidx" : "idx");
}

function createIndex(table: Table, index: IndexOptions, dialect: Dialect): { name: string; text: string } {
  const items = index.columns.map((item) => indexItem(table, item, index, dialect).text);
  const name = indexName(table, index, dialect);
  const text =
    `create ${index.unique ? "unique " : ""}index if not exists ` +
    `${dialect.ddl.indexOn(name, table.name, table.schema, index.using)} (${items.join(", ")})` +
    (index.where === undefined ? "" : ` where ${sqlText(index.where)}`);
  return { name, text };
}

/** What makes a table as a temporary one, with its indexes, but without what it refers to. */
export function createTemporary(table: Table, schema: string, dialect: Dialect): string[] {
  const own = new Table(table.name, table.declared, { ...table.options, schema });
  return [createTable(own, dialect, []), ...createIndexes(own, dialect, new Map())];
}

/** By name: what was read from a database is referred to as a table of its own. */
const placeOf = (tables: readonly Table[], { quoted }: Table): number =>
  tables.findIndex((table) => table.quoted === quoted);

/** The tables, those that are referred to before those that refer, as far as there are no circles. */
function inOrder(tables: readonly Table[], dialect: Dialect): Table[] {
  const ordered = new Set<Table>();
  const visiting = new Set<Table>();
  const visit = (table: Table | undefined): void => {
    if (table === undefined || ordered.has(table) || visiting.has(table)) return;
    visiting.add(table);
    // Two models may be of one table.
    const same = tables.filter(({ quoted }) => quoted === table.quoted);
    const references = same.flatMap((each) => referencesOf(each, dialect));
    for (const reference of references) visit(tables[placeOf(tables, reference.table)]);
    ordered.add(table);
  };
  for (const table of tables) visit(table);
  return [...ordered];
}

/** Whether the tables in this order refer to one that comes later. */
function refersAhead(ordered: readonly Table[], table: Table, { table: target }: ResolvedReference): boolean {
  return placeOf(ordered, target) > placeOf(ordered, table);
}

/** @throws TypeError where a foreign key can't hold what it refers to; SQLite would take it in silence */
function checkTypes(key: ForeignKey<TableColumn>): void {
  const referred = referredBy(key, sourceOf(key.model()).table);
  key.columns.forEach((column, i) => {
    const other = referred[i];
    if (other !== undefined) checkComparable(column, other);
  });
}

/**
 * What makes the tables and their indexes where they are not there yet.
 *
 * @throws TypeError where a foreign key and what it refers to can't be compared
 */
export function createStatements(tables: readonly Table[], dialect: Dialect): string[] {
  const { ddl } = dialect;
  const ordered = inOrder(tables, dialect);
  const schemas = new Set(ordered.flatMap(({ schema }) => (schema === undefined ? [] : [quoteIdentifier(schema)])));
  const indexNames = new Map<string, string>();
  const creates: string[] = [];
  const later: string[] = [];
  for (const table of ordered) {
    for (const key of table.foreignKeys) checkTypes(key);
    const references = referencesOf(table, dialect);
    const now = references.filter((reference) => ddl.canReferAhead || !refersAhead(ordered, table, reference));
    creates.push(createTable(table, dialect, now));
    creates.push(...createIndexes(table, dialect, indexNames));
    for (const { constraint, definition } of references.filter((reference) => !now.includes(reference))) {
      later.push(ddl.addReference(table.quoted, constraint, definition));
    }
  }
  const schemaStatements = [...schemas].flatMap((schema) => ddl.createSchema(schema) ?? []);
  return [...ddl.lock, ...schemaStatements, ...creates, ...later];
}

/** What drops the tables where they are there. */
export function dropStatements(tables: readonly Table[], dialect: Dialect): readonly string[] {
  const ordered = inOrder(tables, dialect);
  const isCircular = ordered.some((table) =>
    referencesOf(table, dialect).some(
      (reference) => reference.table.quoted === table.quoted || refersAhead(ordered, table, reference),
    ),
  );
  const dropped = ordered.filter((table, i) => placeOf(ordered, table) === i).reverse();
  if (dropped.length === 0) return [];
  if (!isCircular) return [...dialect.ddl.lock, ...dropped.map(({ quoted }) => `drop table if exists ${quoted}`)];
  const create = (table: Table, references: readonly ResolvedReference[]) => [
    createTable(table, dialect, references),
    ...createIndexes(table, dialect, new Map()),
  ];
  const circle = dropped.map((table) => ({
    quoted: table.quoted,
    create: create(table, referencesOf(table, dialect)),
    createBare: create(table, []),
  }));
  return [...dialect.ddl.lock, ...dialect.ddl.dropCircle(circle)];
}

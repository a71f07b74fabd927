import {
  type CatalogColumn,
  type CatalogForeignKey,
  type CatalogIndex,
  type CatalogTable,
  sqlOf,
} from "../sql/catalog.js";
import { Column, type ColumnSettings } from "../sql/columns.js";
import type { ForeignKeyOptions } from "../sql/foreign-keys.js";
import { madeName } from "../sql/made-name.js";
import { MEMBER_NAMES } from "../sql/member-names.js";
import { SOURCE } from "../sql/source.js";
import { type IndexOptions, Table, type TableOptions } from "../sql/table.js";
import { camelCase, snakeCase } from "../text.js";
import { tableName } from "./table-name.js";

/** What refers to a table, as a model of it would be referred to. */
type FindTable = (key: CatalogForeignKey, referring: readonly CatalogColumn[]) => Table;

/** The properties of columns, by their names: no two are the same, and none hides what models have. */
function propertiesOf(columns: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    columns.map((name) => {
      const bare = camelCase(name);
      const wanted = MEMBER_NAMES.has(bare) ? `${bare}Column` : bare;
      let property = wanted;
      for (let number = 2; taken.has(property); number++) property = `${wanted}${number}`;
      taken.add(property);
      return [name, property];
    }),
  );
}

/** The table that was read, as a model would declare it. */
class FoundTable {
  readonly #properties: ReadonlyMap<string, string>;

  constructor(
    readonly read: CatalogTable,
    readonly find: FindTable,
    readonly propertiesOfOther: (key: CatalogForeignKey) => ReadonlyMap<string, string> | undefined,
  ) {
    this.#properties = propertiesOf(read.columns.map(({ name }) => name));
  }

  get properties(): ReadonlyMap<string, string> {
    return this.#properties;
  }

  make(): Table {
    const columns = this.read.columns.map((column) => [this.#property(column.name), this.#column(column)] as const);
    return new Table(this.read.name, Object.fromEntries(columns), this.#options(), { isFound: true });
  }

  #property(name: string): string {
    return this.#properties.get(name) ?? name;
  }

  #column(column: CatalogColumn): Column<unknown, boolean, boolean> {
    const { name, type, databaseType, postgresType } = column;
    const { key, uniques, indexes } = this.read;
    const isOnlyKey = key.length === 1 && key[0] === name;
    const reference = this.#foreignKeysOf(name)[0];
    const settings: ColumnSettings = {
      type,
      ...(column.nullable && { nullable: true }),
      ...(isOnlyKey && { primaryKey: true }),
      ...(isOnlyKey && !column.isGenerated && { generated: false }),
      ...(uniques.some((unique) => unique.length === 1 && unique[0] === name) && { unique: true }),
      ...(indexes.some((index) => this.#isPlain(index, name)) && { index: true }),
      ...(column.default !== undefined && { default: column.default }),
      ...(reference !== undefined && { reference: this.#reference(reference) }),
      ...(snakeCase(this.#property(name)) !== name && { name }),
      ...(databaseType !== undefined && { databaseType }),
      ...(postgresType !== undefined && { postgresType }),
    };
    return new Column(settings);
  }

  /** Whether it is the index that `index()` of the column makes. */
  #isPlain({ items, unique, using, where, name }: CatalogIndex, column: string): boolean {
    const [item] = items;
    const isBare = !unique && using === undefined && where === undefined && items.length === 1;
    return (
      isBare && item?.column === column && item.direction === "asc" && name === madeName(this.read.name, column, "idx")
    );
  }

  #foreignKeysOf(column: string): readonly CatalogForeignKey[] {
    return this.read.foreignKeys.filter(({ columns }) => columns.length === 1 && columns[0] === column);
  }

  #model(key: CatalogForeignKey): () => unknown {
    const referring = key.columns.flatMap((name) => this.read.columns.filter((column) => column.name === name));
    return () => standInFor(this.find(key, referring));
  }

  #reference(key: CatalogForeignKey): NonNullable<ColumnSettings["reference"]> {
    const [column] = this.#referenced(key) ?? [];
    return { model: this.#model(key), ...actionsOf(key), ...(column !== undefined && { column }) };
  }

  /** The properties that are referred to; undefined where they are the other table's key. */
  #referenced({ referenced, ...key }: CatalogForeignKey): readonly string[] | undefined {
    if (referenced === undefined) return undefined;
    const properties = this.propertiesOfOther({ ...key, referenced });
    return properties && referenced.map((name) => properties.get(name) ?? name);
  }

  #options(): TableOptions {
    const { schema, key, uniques, checks, indexes, foreignKeys } = this.read;
    const properties = (names: readonly string[]): string[] => names.map((name) => this.#property(name));
    const several = uniques.filter((unique) => unique.length > 1).map(properties);
    const others = indexes.filter((index) => !index.items.some(({ column }) => column && this.#isPlain(index, column)));
    const ofTable = foreignKeys.filter((each) => each !== this.#foreignKeysOf(each.columns[0] ?? "")[0]);
    return {
      ...(schema !== undefined && { schema }),
      ...(key.length > 1 && { primaryKey: properties(key) }),
      ...(several.length > 0 && { unique: several }),
      ...(checks.length > 0 && { checks: checks.map(sqlOf) }),
      ...(others.length > 0 && { indexes: others.map((index) => this.#index(index)) }),
      ...(ofTable.length > 0 && { foreignKeys: ofTable.map((each) => this.#foreignKey(each, properties)) }),
    };
  }

  #index({ name, unique, using, items, where }: CatalogIndex): IndexOptions {
    return {
      name,
      columns: items.map((item) => {
        if (item.column === undefined) return sqlOf(item.sql);
        return `${item.direction === "desc" ? "-" : ""}${this.#property(item.column)}`;
      }),
      ...(unique && { unique }),
      ...(using !== undefined && { using }),
      ...(where !== undefined && { where: sqlOf(where) }),
    };
  }

  #foreignKey(key: CatalogForeignKey, properties: (names: readonly string[]) => string[]): ForeignKeyOptions {
    const referenced = this.#referenced(key);
    const references: ForeignKeyOptions["references"] = this.#model(key);
    return {
      columns: properties(key.columns),
      references,
      ...(referenced !== undefined && { referenced }),
      ...actionsOf(key),
    };
  }
}

const actionsOf = ({ onDelete, onUpdate }: CatalogForeignKey) => ({
  ...(onDelete !== undefined && { onDelete }),
  ...(onUpdate !== undefined && { onUpdate }),
});

/** What a foreign key refers to a table by, which has no model. */
function standInFor(table: Table): () => void {
  return Object.assign(() => {}, { [SOURCE]: { table, makeKey: () => undefined } });
}

/** The columns that are referred to, of a table that was not read: of the types of those that refer to them. */
function outline(key: CatalogForeignKey, referring: readonly CatalogColumn[]): Table {
  const names = key.referenced ?? referring.map(({ name }) => name);
  const columns = names.map((name, i) => {
    const settings: ColumnSettings = { type: referring[i]?.type ?? { kind: "text" }, name, generated: false };
    return [name, new Column<unknown, boolean, boolean>(settings)] as const;
  });
  const options = { primaryKey: names, ...(key.schema !== undefined && { schema: key.schema }) };
  return new Table(key.table, Object.fromEntries(columns), options, { isFound: true });
}

/** Tables that were read, by their names, in the order of these. */
export function foundTables(read: readonly CatalogTable[]): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  const nameOf = ({ schema, table }: CatalogForeignKey): string => tableName({ schema, name: table });
  const find: FindTable = (key, referring) => tables.get(nameOf(key)) ?? outline(key, referring);
  const byName = new Map<string, FoundTable>();
  const propertiesOfOther = (key: CatalogForeignKey): ReadonlyMap<string, string> | undefined => {
    const target = byName.get(nameOf(key));
    const isKey = target?.read.key.join("\0") === key.referenced?.join("\0");
    return target === undefined || isKey ? undefined : target.properties;
  };
  const ordered = read.toSorted((a, b) => (tableName(a) < tableName(b) ? -1 : 1));
  for (const each of ordered) byName.set(tableName(each), new FoundTable(each, find, propertiesOfOther));
  for (const [name, found] of byName) tables.set(name, found.make());
  return tables;
}

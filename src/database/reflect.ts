import type { DriverStatement } from "../drivers/driver.js";
import { createTemporary } from "../schema/ddl.js";
import { differences, sqlDifferences } from "../schema/differences.js";
import { foundTables } from "../schema/found-tables.js";
import { tableName } from "../schema/table-name.js";
import type { CatalogDialect, CatalogScope, CatalogTable } from "../sql/catalog.js";
import { catalogOf } from "../sql/catalogs.js";
import { quoteIdentifier } from "../sql/dialect.js";
import type { Table } from "../sql/table.js";
import { checkOptions, kindOf } from "../text.js";
import type { NestableScope, Scope } from "./scope.js";
import { type SignalOptions, signalIn } from "./signals.js";

/** Which tables `reflect` reads. */
export interface ReflectOptions extends SignalOptions {
  /** The names of the tables, `"schema.table"` where they are in another schema; default all. */
  readonly tables?: readonly string[];
  /**
   * The schemas on PostgreSQL, the attached databases on SQLite; default the one that tables are made in. A table of a
   * schema that is named here is named `"schema.table"`.
   */
  readonly schemas?: readonly string[];
}

/** @throws TypeError for an unknown option, with the nearest name, or what is no list of names */
export function checkReflect(options: ReflectOptions): void {
  checkOptions("reflect()", options, ["tables", "schemas", "signal"]);
  signalIn(options);
  const { tables, schemas } = options;
  for (const [option, names] of Object.entries({ tables, schemas })) {
    if (names === undefined) continue;
    if (!Array.isArray(names)) throw new TypeError(`${option} is a list of names, not ${kindOf(names)}`);
    for (const name of names)
      if (typeof name !== "string") throw new TypeError(`${option} has names that are text, not ${kindOf(name)}`);
  }
}

/** A statement for each schema that the names of tables have, and one for those without. */
function scopesOf({ tables: names, schemas }: ReflectOptions): CatalogScope[] {
  if (names === undefined) return [{ schemas, names }];
  const bySchema = new Map<string, string[]>();
  for (const name of names) {
    const dot = name.indexOf(".");
    if (dot < 0) continue;
    const schema = name.slice(0, dot);
    bySchema.set(schema, [...(bySchema.get(schema) ?? []), name.slice(dot + 1)]);
  }
  return [{ schemas, names }, ...[...bySchema].map(([schema, names]) => ({ schemas: [schema], names }))];
}

async function readScope(scope: Pick<Scope, "run" | "dialect">, which: CatalogScope): Promise<CatalogTable[]> {
  const catalog = catalogOf(scope.dialect.name);
  const statement = { ...catalog.select(which), access: "read" } satisfies DriverStatement;
  const { rows } = await scope.run(statement);
  return rows.map((row) => catalog.read(row, which));
}

/** The tables of a database, by their names. */
export async function readTables(
  scope: Pick<Scope, "run" | "dialect">,
  options: ReflectOptions,
): Promise<ReadonlyMap<string, Table>> {
  const read: CatalogTable[] = [];
  for (const which of scopesOf(options)) read.push(...(await readScope(scope, which)));
  return foundTables(read);
}

/** The first of each name, the second of each, and so on. */
function roundsOf(tables: readonly Table[]): Table[][] {
  const rounds: Table[][] = [];
  for (const table of tables) {
    const free = rounds.find((round) => round.every(({ name }) => name !== table.name));
    if (free === undefined) rounds.push([table]);
    else free.push(table);
  }
  return rounds;
}

/** The tables as the database writes their SQL: made as temporary ones, which are gone with the rollback. */
async function asWritten(
  begin: () => NestableScope,
  tables: readonly Table[],
  { schema, select }: NonNullable<CatalogDialect["temporary"]>,
): Promise<ReadonlyMap<Table, Table>> {
  const written = new Map<Table, Table>();
  await using transaction = begin();
  const { dialect } = transaction;
  for (const round of roundsOf(tables)) {
    const creates = round.flatMap((table) => createTemporary(table, schema, dialect));
    await transaction.script(creates.join(";\n"));
    const { rows } = await transaction.run({ text: select, values: [], access: "read" });
    const own = String(rows[0]?.[0]);
    const names = round.map(({ name }) => name);
    const read = foundTables(await readScope(transaction, { schemas: [own], names }));
    for (const table of round) written.set(table, read.get(`${own}.${table.name}`) ?? table);
    await transaction.script(names.map((name) => `drop table ${schema}.${quoteIdentifier(name)}`).join(";\n"));
  }
  await transaction.rollback();
  return written;
}

/** In words, how the tables of a database differ from those that are asked for. */
export async function findDifferences(
  database: Pick<Scope, "run" | "dialect" | "transaction">,
  tables: readonly Table[],
): Promise<string[]> {
  if (tables.length === 0) return [];
  const { dialect } = database;
  const found = await readTables(database, { tables: tables.map(tableName) });
  const { temporary } = catalogOf(dialect.name);
  const there = tables.filter((table) => found.has(tableName(table)));
  const written = temporary === undefined ? undefined : await asWritten(() => database.transaction(), there, temporary);
  const ofTable = (table: Table): string[] => {
    const name = tableName(table);
    const other = found.get(name);
    if (other === undefined) return [`${name} is not there`];
    const asked = written?.get(table);
    return [...differences(table, other, dialect, asked), ...sqlDifferences(asked ?? table, other, dialect)];
  };
  return [...new Set(tables.flatMap(ofTable))];
}

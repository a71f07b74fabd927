import { type Library, namesOf, objectOf } from "../library.js";
import type { ColumnPlan, ConditionPlan, FindPlan, ModelPlan, Operator, OrderPlan } from "../plan.js";

const columnSources = {
  text: "string",
  integer: "number",
  boolean: "boolean",
  timestamp: "Date",
  status: `"draft" | "public" | "archived"`,
  real: "number",
  numeric: "string",
  settings: "{ theme: string; sizes: number[] }",
};

const operators: Record<Operator, string> = {
  eq: "=",
  gt: ">",
  lte: "<=",
  in: "in",
  startsWith: "like",
  isNull: "is",
};

function column({ name, type, isNullable, hasDefault }: ColumnPlan): string {
  const value = columnSources[type] + (isNullable ? " | null" : "");
  return `${name}: ${hasDefault ? `Generated<${value}>` : value};`;
}

function model({ name, columns }: ModelPlan): string {
  return `export interface ${name} {\n  ${columns.map(column).join("\n  ")}\n}`;
}

function where(conditions: readonly ConditionPlan[]): string {
  return conditions
    .map(({ column, operator, value }) => `.where("${column}", "${operators[operator]}", ${value})`)
    .join("");
}

function orderBy(orders: readonly OrderPlan[]): string {
  return orders.map(({ column, isDescending }) => `.orderBy("${column}", "${isDescending ? "desc" : "asc"}")`).join("");
}

function rest({ where: conditions, orderBy: orders, limit }: FindPlan): string {
  return `${where(conditions)}${orderBy(orders)}.limit(${limit}).execute()`;
}

export const kysely: Library = {
  empty: `export { Kysely, SqliteDialect } from "kysely";`,
  models: (models) => `import SQLite from "better-sqlite3";
import { type Generated, Kysely, SqliteDialect } from "kysely";

${models.map(model).join("\n\n")}

export interface Tables {
  ${models.map(({ name, table }) => `${table}: ${name};`).join("\n  ")}
}

export const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new SQLite("file.db") }) });`,
  imports: () => `import { db } from "./models.js";`,
  queries: {
    finds: (plan) => `const rows = await db.selectFrom("${plan.model.table}").selectAll()${rest(plan)};
  return rows[0]?.${plan.read};`,
    selects: (plan) =>
      `const rows = await db.selectFrom("${plan.model.table}").select(${namesOf(plan.columns)})${rest(plan)};
  return rows[0]?.${plan.read};`,
    inserts: ({ model, values, read }) =>
      `const row = await db.insertInto("${model.table}").values(${objectOf(values)}).returningAll().executeTakeFirstOrThrow();
  return row.${read};`,
    updates: ({ model, where: conditions, values }) =>
      `return db.updateTable("${model.table}").set(${objectOf(values)})${where(conditions)}.executeTakeFirst();`,
    deletes: ({ model, where: conditions }) =>
      `return db.deleteFrom("${model.table}")${where(conditions)}.executeTakeFirst();`,
    joins({ model, parent, columns, parentColumns }) {
      const selected = [
        ...columns.map((name) => `${model.table}.${name} as own_${name}`),
        ...parentColumns.map((name) => `${parent.table}.${name} as parent_${name}`),
      ];
      return `const rows = await db
    .selectFrom("${model.table}")
    .innerJoin("${parent.table}", "${parent.table}.id", "${model.table}.parentId")
    .select(${namesOf(selected)})
    .execute();
  return rows[0]?.parent_${parentColumns[0]};`;
    },
    aggregates: ({ model, where: conditions, groupBy, sum, limit }) =>
      `const rows = await db
    .selectFrom("${model.table}")
    .select(({ fn }) => ["${groupBy}", fn.countAll<number>().as("n"), fn.sum<number>("${sum}").as("total")])${where(conditions)}
    .groupBy("${groupBy}")
    .orderBy("total", "desc")
    .limit(${limit})
    .execute();
  return [rows[0]?.${groupBy}, rows[0]?.total];`,
  },
};

import { type Library, objectOf } from "../library.js";
import {
  type ColumnPlan,
  type ConditionPlan,
  type FindPlan,
  literalOf,
  type ModelPlan,
  type OrderPlan,
} from "../plan.js";

const columnSources = {
  text: "text()",
  integer: "integer()",
  boolean: `integer({ mode: "boolean" })`,
  timestamp: `integer({ mode: "timestamp_ms" })`,
  status: `text({ enum: ["draft", "public", "archived"] })`,
  real: "real()",
  numeric: "numeric()",
  settings: `text({ mode: "json" }).$type<{ theme: string; sizes: number[] }>()`,
};

function column({ name, type, isNullable, hasDefault }: ColumnPlan, parent: ModelPlan | undefined): string {
  if (name === "id") return "id: integer().primaryKey()";
  if (name === "parentId") return `parentId: integer()${parent ? `.references(() => ${parent.table}.id)` : ""}`;
  const nullable = isNullable ? "" : ".notNull()";
  return `${name}: ${columnSources[type]}${nullable}${hasDefault ? `.default(${literalOf(type, 1)})` : ""}`;
}

function model({ table, parent, columns }: ModelPlan): string {
  return `export const ${table} = sqliteTable("${table}", {
  ${columns.map((plan) => column(plan, parent)).join(",\n  ")},
});`;
}

function condition({ table }: ModelPlan, { column, operator, value }: ConditionPlan): string {
  const name = `${table}.${column}`;
  if (operator === "isNull") return `isNull(${name})`;
  if (operator === "in") return `inArray(${name}, ${value})`;
  if (operator === "startsWith") return `like(${name}, ${value})`;
  return `${operator}(${name}, ${value})`;
}

function where(model: ModelPlan, conditions: readonly ConditionPlan[]): string {
  const all = conditions.map((plan) => condition(model, plan));
  return all.length === 1 ? `.where(${all[0]})` : `.where(and(${all.join(", ")}))`;
}

function orderBy({ table }: ModelPlan, orders: readonly OrderPlan[]): string {
  return orders.map(({ column, isDescending }) => `${isDescending ? "desc" : "asc"}(${table}.${column})`).join(", ");
}

function rest({ model, where: conditions, orderBy: orders, limit }: FindPlan): string {
  return `.from(${model.table})${where(model, conditions)}.orderBy(${orderBy(model, orders)}).limit(${limit})`;
}

/** `{ text3: model7.text3 }` */
function fields({ table }: ModelPlan, columns: readonly string[]): string {
  return objectOf(columns.map((name) => [name, `${table}.${name}`]));
}

export const drizzle: Library = {
  empty: `export { drizzle } from "drizzle-orm/better-sqlite3";
export { sqliteTable } from "drizzle-orm/sqlite-core";`,
  models: (models) =>
    `import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, numeric, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

${models.map(model).join("\n\n")}

export const db = drizzle("file.db");`,
  imports: (_, models) => `import { and, asc, count, desc, eq, gt, inArray, isNull, like, lte, sum } from "drizzle-orm";
import { db, ${models.map(({ table }) => table).join(", ")} } from "./models.js";`,
  queries: {
    finds: (plan) => `const rows = await db.select()${rest(plan)};
  return rows[0]?.${plan.read};`,
    selects: (plan) => `const rows = await db.select(${fields(plan.model, plan.columns)})${rest(plan)};
  return rows[0]?.${plan.read};`,
    inserts: ({ model, values, read }) =>
      `const [row] = await db.insert(${model.table}).values(${objectOf(values)}).returning();
  return row?.${read};`,
    updates: ({ model, where: conditions, values }) =>
      `return db.update(${model.table}).set(${objectOf(values)})${where(model, conditions)};`,
    deletes: ({ model, where: conditions }) => `return db.delete(${model.table})${where(model, conditions)};`,
    joins: ({ model, parent, columns, parentColumns }) =>
      `const rows = await db
    .select(${objectOf([
      [model.table, fields(model, columns)],
      [parent.table, fields(parent, parentColumns)],
    ])})
    .from(${model.table})
    .innerJoin(${parent.table}, eq(${model.table}.parentId, ${parent.table}.id));
  return rows[0]?.${parent.table}.${parentColumns[0]};`,
    aggregates: ({ model, where: conditions, groupBy, sum, limit }) =>
      `const rows = await db
    .select({ ${groupBy}: ${model.table}.${groupBy}, n: count(), total: sum(${model.table}.${sum}) })
    .from(${model.table})${where(model, conditions)}
    .groupBy(${model.table}.${groupBy})
    .orderBy(desc(sum(${model.table}.${sum})))
    .limit(${limit});
  return [rows[0]?.${groupBy}, rows[0]?.total];`,
  },
};

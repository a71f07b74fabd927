import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Library, objectOf } from "../library.js";
import {
  type ColumnPlan,
  type ColumnType,
  type ConditionPlan,
  type FindPlan,
  literalOf,
  type ModelPlan,
  type OrderPlan,
} from "../plan.js";

const columnSources: Record<ColumnType, string> = {
  text: "String",
  integer: "Int",
  boolean: "Boolean",
  timestamp: "DateTime",
  status: "Status",
  real: "Float",
  numeric: "Decimal",
  settings: "Json",
};

function defaultOf(type: ColumnType): string {
  if (type === "timestamp") return "now()";
  if (type === "status") return "public";
  if (type === "numeric") return "1.50";
  if (type === "settings") return JSON.stringify(`{"theme":"dark","sizes":[1]}`);
  return literalOf(type, 1);
}

function column({ name, type, isNullable, hasDefault }: ColumnPlan): string {
  if (name === "id") return "id Int @id @default(autoincrement())";
  return `${name} ${columnSources[type]}${isNullable ? "?" : ""}${hasDefault ? ` @default(${defaultOf(type)})` : ""}`;
}

/** A relation is said at both its ends. */
function model({ name, table, parent, columns }: ModelPlan, children: readonly ModelPlan[]): string {
  const lines = columns.map(column);
  if (parent) lines.push(`parent ${parent.name}? @relation(fields: [parentId], references: [id])`);
  for (const child of children) lines.push(`children ${child.name}[]`);
  return `model ${name} {\n  ${[...lines, `@@map("${table}")`].join("\n  ")}\n}`;
}

function schema(models: readonly ModelPlan[]): string {
  return `generator client {
  provider = "prisma-client"
  output = "./client"
  engineType = "client"
}

datasource db {
  provider = "sqlite"
}

enum Status {
  draft
  public
  archived
}

${models
  .map((own) =>
    model(
      own,
      models.filter(({ parent }) => parent === own),
    ),
  )
  .join("\n\n")}
`;
}

/** `prisma generate`: what it makes is TypeScript, and compiled with the user's own. */
function generate(folder: string, models: readonly ModelPlan[]): void {
  writeFileSync(join(folder, "schema.prisma"), schema(models));
  const require = createRequire(join(folder, "package.json"));
  const args = [require.resolve("prisma/build/index.js"), "generate", "--schema", "schema.prisma"];
  // Or it would fetch the engine that migrations need, which a client of this type never runs.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`prisma generate:\n${stdout}${stderr}`);
}

const clientOf = ({ name }: ModelPlan): string => `db.${name[0]?.toLowerCase()}${name.slice(1)}`;

function where(conditions: readonly ConditionPlan[]): string {
  return objectOf(
    conditions.map(({ column, operator, value }) => {
      if (operator === "eq" || operator === "isNull") return [column, value] as const;
      return [column, `{ ${operator}: ${value} }`] as const;
    }),
  );
}

function orderBy(orders: readonly OrderPlan[]): string {
  return `[${orders.map(({ column, isDescending }) => `{ ${column}: "${isDescending ? "desc" : "asc"}" }`).join(", ")}]`;
}

function rest({ where: conditions, orderBy: orders, limit }: FindPlan): string {
  return `where: ${where(conditions)}, orderBy: ${orderBy(orders)}, take: ${limit}`;
}

/** `{ text3: true, parent: … }` */
function fields(columns: readonly string[], others: readonly (readonly [string, string])[] = []): string {
  return objectOf([...columns.map((name) => [name, "true"] as const), ...others]);
}

export const prisma: Library = {
  empty: `export { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
export { PrismaClientKnownRequestError } from "@prisma/client/runtime/client";`,
  generate,
  models: () => `import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaClient } from "./client/client.js";

export const db = new PrismaClient({ adapter: new PrismaBetterSqlite3({ url: "file:file.db" }) });`,
  imports: () => `import { db } from "./models.js";`,
  queries: {
    finds: (plan) => `const rows = await ${clientOf(plan.model)}.findMany({ ${rest(plan)} });
  return rows[0]?.${plan.read};`,
    selects: (plan) =>
      `const rows = await ${clientOf(plan.model)}.findMany({ select: ${fields(plan.columns)}, ${rest(plan)} });
  return rows[0]?.${plan.read};`,
    inserts: ({ model, values, read }) => `const row = await ${clientOf(model)}.create({ data: ${objectOf(values)} });
  return row.${read};`,
    updates: ({ model, where: conditions, values }) =>
      `return ${clientOf(model)}.updateMany({ where: ${where(conditions)}, data: ${objectOf(values)} });`,
    deletes: ({ model, where: conditions }) => `return ${clientOf(model)}.deleteMany({ where: ${where(conditions)} });`,
    joins({ model, columns, parentColumns }) {
      const selected = fields(columns, [["parent", `{ select: ${fields(parentColumns)} }`]]);
      return `const rows = await ${clientOf(model)}.findMany({ select: ${selected}, where: { parent: { isNot: null } } });
  return rows[0]?.parent?.${parentColumns[0]};`;
    },
    aggregates: ({ model, where: conditions, groupBy, sum, limit }) =>
      `const rows = await ${clientOf(model)}.groupBy({
    by: ["${groupBy}"],
    where: ${where(conditions)},
    _count: { _all: true },
    _sum: { ${sum}: true },
    orderBy: { _sum: { ${sum}: "desc" } },
    take: ${limit},
  });
  return [rows[0]?.${groupBy}, rows[0]?._sum.${sum}];`,
  },
};

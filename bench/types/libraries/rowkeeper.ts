import { type Library, namesOf, objectOf } from "../library.js";
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
  boolean: "boolean()",
  timestamp: "timestamp()",
  status: `oneOf("draft", "public", "archived")`,
  real: "real()",
  numeric: "numeric(10, 2)",
  settings: "json<{ theme: string; sizes: number[] }>()",
};

function column({ name, type, isNullable, hasDefault }: ColumnPlan, parent: ModelPlan | undefined): string {
  const nullable = isNullable ? ".nullable()" : "";
  if (name === "id") return "id: integer().primaryKey()";
  if (name === "parentId") return `parentId: integer()${nullable}${parent ? `.references(() => ${parent.name})` : ""}`;
  return `${name}: ${columnSources[type]}${nullable}${hasDefault ? `.default(${literalOf(type, 1)})` : ""}`;
}

function model({ name, table, parent, columns }: ModelPlan): string {
  return `export class ${name} extends Model("${table}", {
  ${columns.map((plan) => column(plan, parent)).join(",\n  ")},
}) {
  static override objects = new Manager(this);
}`;
}

/** Values by column where all are equalities, else expressions. */
function where(model: ModelPlan, conditions: readonly ConditionPlan[]): string {
  if (conditions.every(({ operator }) => operator === "eq")) {
    return objectOf(conditions.map(({ column, value }) => [column, value]));
  }
  const expressions = conditions.map(
    ({ column, operator, value }) => `${model.name}.c.${column}.${operator}(${operator === "isNull" ? "" : value})`,
  );
  return `[${expressions.join(", ")}]`;
}

function orderBy(orders: readonly OrderPlan[]): string {
  return namesOf(orders.map(({ column, isDescending }) => (isDescending ? `-${column}` : column)));
}

function query({ model, where: conditions, orderBy: orders, limit }: FindPlan): string {
  return `where: ${where(model, conditions)}, orderBy: ${orderBy(orders)}, limit: ${limit}`;
}

export const rowkeeper: Library = {
  empty: `export { Database, Model } from "rowkeeper";`,
  models: (models) =>
    `import { boolean, integer, json, Manager, Model, numeric, oneOf, real, text, timestamp } from "rowkeeper";

${models.map(model).join("\n\n")}`,
  imports: (kind, models) => {
    const own = `import { ${models.map(({ name }) => name).join(", ")} } from "./models.js";`;
    return kind === "aggregates" ? `import { count, sum } from "rowkeeper";\n${own}` : own;
  },
  queries: {
    finds: (plan) => `const rows = await ${plan.model.name}.objects.getInstances({ ${query(plan)} });
  return rows[0]?.${plan.read};`,
    selects: (plan) =>
      `const rows = await ${plan.model.name}.objects.getItems({ columns: ${namesOf(plan.columns)}, ${query(plan)} });
  return rows[0]?.${plan.read};`,
    inserts: ({ model, values, read }) => `const row = await ${model.name}.objects.insert(${objectOf(values)});
  return row.${read};`,
    updates: ({ model, where: conditions, values }) =>
      `return ${model.name}.objects.update(${where(model, conditions)}, ${objectOf(values)});`,
    deletes: ({ model, where: conditions }) => `return ${model.name}.objects.delete(${where(model, conditions)});`,
    joins({ model, parent, columns, parentColumns }) {
      const selected = [
        ...columns.map((name) => `${model.table}.${name}`),
        ...parentColumns.map((name) => `${parent.table}.${name}`),
      ];
      return `const rows = await ${model.name}.query().join(${parent.name}, ["parentId", "id"]).select(${namesOf(selected)}).get();
  return rows[0]?.data.${parent.table}.${parentColumns[0]};`;
    },
    aggregates: ({ model, where: conditions, groupBy, sum, limit }) =>
      `const rows = await ${model.name}.objects.aggregate(
    { n: count(), total: sum("${sum}") },
    { where: ${where(model, conditions)}, groupBy: ["${groupBy}"], orderBy: ["-total"], limit: ${limit} },
  );
  return [rows[0]?.${groupBy}, rows[0]?.total];`,
  },
};

/** What the compiler is given, said without a library: models, and queries of several kinds. The same at every run. */

export const columnTypes = [
  "text",
  "integer",
  "boolean",
  "timestamp",
  "status",
  "real",
  "numeric",
  "settings",
] as const;
export type ColumnType = (typeof columnTypes)[number];

export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
}

/** A table: an integer key, the parent's key, which is nullable, and a column of every type. */
export interface ModelPlan {
  readonly name: string;
  readonly table: string;
  /** The model that `parentId` refers to; the first has none. */
  readonly parent: ModelPlan | undefined;
  readonly columns: readonly ColumnPlan[];
}

export type Operator = "eq" | "gt" | "lte" | "in" | "startsWith" | "isNull";

export interface ConditionPlan {
  readonly column: string;
  readonly operator: Operator;
  /** TypeScript source: the value, or the values of `in`. */
  readonly value: string;
}

export interface OrderPlan {
  readonly column: string;
  readonly isDescending: boolean;
}

export interface FindPlan {
  readonly model: ModelPlan;
  readonly where: readonly ConditionPlan[];
  readonly orderBy: readonly OrderPlan[];
  readonly limit: number;
  /** The field of the result that is read. */
  readonly read: string;
}

export interface SelectPlan extends FindPlan {
  readonly columns: readonly string[];
}

/** Values by column, as TypeScript source. */
export type ValuesPlan = readonly (readonly [column: string, value: string])[];

export interface InsertPlan {
  readonly model: ModelPlan;
  readonly values: ValuesPlan;
  readonly read: string;
}

export interface UpdatePlan {
  readonly model: ModelPlan;
  readonly where: readonly ConditionPlan[];
  readonly values: ValuesPlan;
}

export interface DeletePlan {
  readonly model: ModelPlan;
  readonly where: readonly ConditionPlan[];
}

/** A model with its parent, by the model's `parentId`. */
export interface JoinPlan {
  readonly model: ModelPlan;
  readonly parent: ModelPlan;
  readonly columns: readonly string[];
  readonly parentColumns: readonly string[];
}

/** How many rows, and the sum of a column, for each value of another; the largest sums. */
export interface AggregatePlan {
  readonly model: ModelPlan;
  readonly where: readonly ConditionPlan[];
  readonly groupBy: string;
  readonly sum: string;
  readonly limit: number;
}

/** How many of each kind. */
export const counts = {
  finds: 150,
  selects: 100,
  inserts: 75,
  updates: 75,
  deletes: 25,
  joins: 50,
  aggregates: 25,
} as const;
export type Kind = keyof typeof counts;
export const kinds = Object.keys(counts) as Kind[];

/** How many models there may be; always with the same number of queries. */
export const sizes = [10, 50, 200] as const;
export type Size = (typeof sizes)[number];

/** The size whose kinds of queries are looked at one by one. */
export const usualSize: Size = 50;

export interface Plan {
  readonly models: readonly ModelPlan[];
  readonly queries: Queries;
}

export function planOf(size: Size): Plan {
  const models = makeModels(size);
  return { models, queries: makeQueries(models) };
}

function makeModels(modelCount: number): ModelPlan[] {
  const made: ModelPlan[] = [];
  for (let number = 0; number < modelCount; number++) {
    const columns = columnTypes.map((_, place): ColumnPlan => {
      const type = at(columnTypes, number + place);
      // Three in eight may be left out of an insert, of other types from model to model.
      return { name: `${type}${place}`, type, isNullable: place === 1 || place === 6, hasDefault: place === 3 };
    });
    const keys: ColumnPlan[] = [
      { name: "id", type: "integer", isNullable: false, hasDefault: true },
      { name: "parentId", type: "integer", isNullable: true, hasDefault: false },
    ];
    const name = `Model${number}`;
    made.push({ name, table: name.toLowerCase(), parent: made.at(-1), columns: [...keys, ...columns] });
  }
  return made;
}

/** The queries of each kind; the number says which model and which columns. */
function makeQueries(models: readonly ModelPlan[]) {
  const find = (number: number) => findIn(at(models, number), number);
  return {
    finds: list(counts.finds, (number): FindPlan => find(number)),
    selects: list(counts.selects, (number): SelectPlan => {
      const columns = pick(at(models, number), number, 3);
      return { ...find(number), where: equalities(at(models, number), number, 1), columns, read: at(columns, 1) };
    }),
    inserts: list(counts.inserts, (number): InsertPlan => {
      const model = at(models, number);
      const given = model.columns.filter(
        ({ isNullable, hasDefault }, place) => (!isNullable && !hasDefault) || (number + place) % 3 === 0,
      );
      const values = given
        .filter(({ name }) => name !== "id")
        .map(({ name, type }) => [name, literalOf(type, number)] as const);
      return { model, values, read: at(pick(model, number, 1), 0) };
    }),
    updates: list(counts.updates, (number): UpdatePlan => {
      const model = at(models, number);
      const values = pick(model, number, 3).map((name) => [name, literalOf(typeOf(model, name), number)] as const);
      return { model, where: [{ column: "id", operator: "eq", value: String(number) }], values };
    }),
    deletes: list(counts.deletes, (number): DeletePlan => {
      const model = at(models, number);
      return { model, where: number % 2 === 0 ? equalities(model, number, 2) : comparisons(model, number, 2) };
    }),
    joins: list(counts.joins, (number): JoinPlan => {
      const model = at(models.slice(1), number);
      const parent = at(models.slice(0, -1), number);
      return { model, parent, columns: pick(model, number, 2), parentColumns: pick(parent, number + 3, 2) };
    }),
    aggregates: list(counts.aggregates, (number): AggregatePlan => {
      const model = at(models, number);
      return {
        model,
        where: comparisons(model, number, 1),
        groupBy: nameOf(model, number % 2 === 0 ? "status" : "text"),
        sum: nameOf(model, number % 2 === 0 ? "integer" : "real"),
        limit: 5,
      };
    }),
  };
}

export type Queries = ReturnType<typeof makeQueries>;

/** Two thirds by values, one third by operators; one order or two. */
function findIn(model: ModelPlan, number: number): FindPlan {
  const conditionCount = 1 + (number % 3);
  const where = number % 3 === 2 ? comparisons(model, number, 3) : equalities(model, number, conditionCount);
  const ordered = pick(model, number + 2, 1 + (number % 2)).filter((name) => typeOf(model, name) !== "settings");
  const orderBy = ["id", ...ordered].map((column, place) => ({ column, isDescending: (number + place) % 2 === 0 }));
  return { model, where, orderBy, limit: 10 + number, read: at(pick(model, number, 1), 0) };
}

function equalities(model: ModelPlan, number: number, count: number): ConditionPlan[] {
  const names = pick(model, number, count + 1).filter((name) => typeOf(model, name) !== "settings");
  return names.slice(0, count).map((column, place) => {
    return { column, operator: "eq", value: literalOf(typeOf(model, column), number + place) };
  });
}

function comparisons(model: ModelPlan, number: number, count: number): ConditionPlan[] {
  const all: ConditionPlan[] = [
    { column: nameOf(model, "integer"), operator: "gt", value: literalOf("integer", number) },
    { column: nameOf(model, "text"), operator: "startsWith", value: literalOf("text", number) },
    { column: nameOf(model, "timestamp"), operator: "lte", value: literalOf("timestamp", number) },
    { column: nameOf(model, "status"), operator: "in", value: `["draft", "public"]` },
    { column: "parentId", operator: "isNull", value: "null" },
  ];
  return list(count, (place) => at(all, number + place));
}

/** So many of the model's columns of every type, others from number to number. */
function pick(model: ModelPlan, number: number, count: number): string[] {
  return list(count, (place) => at(model.columns.slice(2), number * 3 + place).name);
}

function typeOf(model: ModelPlan, name: string): ColumnType {
  return model.columns.find((column) => column.name === name)?.type ?? "integer";
}

function nameOf(model: ModelPlan, type: ColumnType): string {
  return model.columns.slice(2).find((column) => column.type === type)?.name ?? "id";
}

/** TypeScript source of a value that a column of this type holds. */
export function literalOf(type: ColumnType, number: number): string {
  if (type === "text") return `"text ${number}"`;
  if (type === "boolean") return String(number % 2 === 0);
  if (type === "timestamp") return `new Date(${number})`;
  if (type === "status") return number % 2 === 0 ? `"draft"` : `"public"`;
  if (type === "numeric") return `"${number}.50"`;
  if (type === "settings") return `{ theme: "dark", sizes: [${number}] }`;
  return String(number);
}

function list<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number));
}

/** The item at this place, counted round and round. */
function at<T>(items: readonly T[], place: number): T {
  const item = items[place % items.length];
  if (item === undefined) throw new RangeError("an empty list");
  return item;
}

import { Database } from "../database/database.js";
import { UsageError } from "../errors.js";
import { Model, type ModelOptions } from "../model/model.js";
import type { ModelStatics } from "../model/model-interfaces.js";
import type { DeclaredColumns, TableOptions } from "../sql/table.js";
import type {
  AnyColumns,
  AnyModel,
  KeptColumns,
  KeptTimes,
  LooseColumns,
  LooseExpressions,
  TableName,
} from "../sql/types.js";
import { didYouMean, kindOf, quoted } from "../text.js";
import { foundModels } from "./found-models.js";

/** A model whose columns were read from the database: the compiler takes any name for one, of any value. */
export type DynamicModel<N extends string = string> = ModelStatics<LooseColumns, string, N> & LooseExpressions;

/**
 * Makes a model from a table's name, with these columns, bound to the database as by `bind()`.
 *
 * ```ts
 * const Order = dynamicModel(db, "orders", { id: integer().primaryKey(), note: text() });
 * await Order.objects.insert({ note: "x" });
 * ```
 *
 * @throws UsageError where a name can't be used, or a column is called like a member of every model
 */
export function dynamicModel<
  const C extends AnyColumns,
  const K extends keyof C & string = never,
  const N extends string = string,
  const D extends string = never,
  const T extends KeptTimes = false,
>(
  database: Database,
  table: N,
  columns: C,
  options?: ModelOptions<K, D, T>,
): ModelStatics<KeptColumns<C, D, T>, K, TableName<N>>;
/**
 * The same of a table that the database has: its columns and keys are read, and its relations are what its foreign keys
 * and those that refer to it make, named as by `generateModels`. All that are asked for of one database are related with
 * each other, and the same table gives the same model, until the tables are read again: by `database.reflect()`, or for a table
 * that was not among them. `createAll()` and `dropAll()` pass over it, unless it is bound.
 *
 * ```ts
 * const Order = await dynamicModel(db, "orders");
 * const orders = await Order.objects.getInstances({ where: { "customer.name": "Ann" }, prefetch: "orderLines" });
 * ```
 *
 * @throws UsageError where there is no such table, with the nearest name
 */
export function dynamicModel<const N extends string>(database: Database, table: N): Promise<DynamicModel<TableName<N>>>;
export function dynamicModel(
  database: Database,
  table: string,
  columns?: DeclaredColumns,
  options?: TableOptions,
): unknown {
  if (!(database instanceof Database)) throw new TypeError(`dynamicModel() wants a Database, not ${kindOf(database)}`);
  if (columns === undefined) return foundModel(database, table);
  const model: AnyModel = Model(table, columns, options);
  database.bind(model);
  return model;
}

/** What is asked for of each database: one after another, so that all that is asked for at a time is of one reading. */
const asked = new WeakMap<Database, Promise<AnyModel | undefined>>();

async function foundModel(database: Database, table: string): Promise<AnyModel> {
  if (typeof table !== "string") throw new TypeError(`a table is told by its name, not by ${kindOf(table)}`);
  const before = asked.get(database)?.catch(() => {}) ?? Promise.resolve();
  const finding = before.then(() => readAndFind(database, table));
  asked.set(database, finding);
  const model = await finding;
  if (model !== undefined) return model;
  throw new UsageError(`the database has no table ${quoted(table)}${didYouMean(table, database.tables.keys())}`);
}

async function readAndFind(database: Database, table: string): Promise<AnyModel | undefined> {
  if (!database.tables.has(table)) {
    const known = [...database.tables.keys()];
    await database.reflect();
    // Those of other schemas are read by their names alone, and with the others that they may refer to.
    const others = [...known, table].filter((name) => !database.tables.has(name));
    if (others.length > 0) await database.reflect({ tables: [...database.tables.keys(), ...others] });
  }
  return foundModels(database).find(table);
}

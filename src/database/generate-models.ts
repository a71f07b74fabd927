import type { PlanOptions } from "../schema/model-plan.js";
import { checkOptions, kindOf } from "../text.js";
import { Database } from "./database.js";
import type { ReflectOptions } from "./reflect.js";
import { scopeWith } from "./signal-scope.js";

/** Which models `generateModels` writes, and what they are called. */
export interface GenerateOptions extends ReflectOptions, PlanOptions {}

/**
 * TypeScript source of the models of the tables that a database has: a class for each, in the order of the tables' names,
 * with all that is read of its columns, keys, indexes and references, and the relations that these make; and `models`, a
 * list of all. The same tables give the same text.
 *
 * ```ts
 * await writeFile("models.ts", await generateModels(db));
 * ```
 *
 * @throws TypeError for an unknown option, with the nearest name
 * @throws UsageError where a class can't have the name that it is given
 */
export async function generateModels(database: Database, options: GenerateOptions = {}): Promise<string> {
  if (!(database instanceof Database))
    throw new TypeError(`generateModels() wants a Database, not ${kindOf(database)}`);
  checkOptions("generateModels()", options, ["tables", "schemas", "signal", "classNames", "prefix"]);
  const { classNames, prefix, ...reflect } = options;
  const { checkReflect, readTables } = await import("./reflect.js");
  checkReflect(reflect);
  if (prefix !== undefined && typeof prefix !== "string")
    throw new TypeError(`prefix is what tables' names begin with, not ${kindOf(prefix)}`);
  if (classNames !== undefined && (typeof classNames !== "object" || classNames === null))
    throw new TypeError(`classNames is an object of names by tables, not ${kindOf(classNames)}`);
  const tables = await readTables(scopeWith(database, options), reflect);
  const { modelsSource } = await import("../schema/generate.js");
  return modelsSource([...tables.values()], options);
}

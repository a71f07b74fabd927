import { UsageError } from "../errors.js";
import type { Table } from "../sql/table.js";
import { complete, type ModelClass, modelClass, STATICS } from "./model.js";

/**
 * The class of a model whose table is made at its first use: when the class is bound to a database, or its columns are
 * asked for. Until then it is known by the table's name alone.
 *
 * @param make makes the table; called again at the next use where it throws
 */
export function lateModel(name: string, make: () => Table, besides?: Parameters<typeof modelClass>[2]): ModelClass {
  let table: Table | undefined;
  let isMaking = false;
  const tableNow = (): Table => {
    if (table !== undefined) return table;
    if (isMaking) throw new UsageError(`the table ${name} can't be made: its key is made of its own key`);
    isMaking = true;
    try {
      const made = make();
      complete(Made, made);
      table = made;
      return made;
    } finally {
      isMaking = false;
    }
  };
  const Made = modelClass(name, tableNow, besides);
  for (const property of Object.keys(STATICS)) {
    // `complete` puts the value in its place.
    const get = (): unknown => {
      tableNow();
      return Reflect.get(Made, property);
    };
    Object.defineProperty(Made, property, { get, enumerable: true, configurable: true });
  }
  return Made;
}

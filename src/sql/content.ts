import type { TableColumn } from "./table.js";
import type { Values } from "./validation.js";

/** How the key of a table's rows is made of their other values. */
export interface Content {
  readonly key: TableColumn;
  /** The columns that the key is made of. */
  readonly hashed: ReadonlySet<TableColumn>;
  /** The column that has the key of the version before, where versions are kept as a chain. */
  readonly previous: TableColumn | undefined;
  /** The values with the defaults of those that are missing; of those that have none, nothing. */
  complete(values: Values): Values;
  /**
   * The key of a row with these values, by property, and the defaults of those that are missing.
   *
   * @throws TypeError for a value that a column can't hold
   */
  keyOf(values: Values): string;
}

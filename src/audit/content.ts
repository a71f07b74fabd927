import { UsageError } from "../errors.js";
import type { Content, Table, TableColumn } from "../sql/table.js";
import type { Values } from "../sql/validation.js";
import { byBytes, digest, pack, packable } from "./canonical.js";
import { packEntries } from "./pack.js";

/** The property that has the id, and that of the version before. */
export const ID = "id";
export const PREVIOUS = "previousId";

/** How the ids of a table's rows are made: of all columns but the id, and those that say `.excludedFromHash()`. */
export class RowContent implements Content {
  readonly key: TableColumn;
  readonly previous: TableColumn | undefined;
  readonly hashed: ReadonlySet<TableColumn>;
  readonly #columns: readonly TableColumn[];
  /** Their names, packed. */
  readonly #names: readonly Uint8Array[];

  /** @throws UsageError for a column whose values the database makes, or changes by itself */
  constructor(
    readonly table: Table,
    hasHistory: boolean,
  ) {
    this.key = table.column(ID);
    this.previous = hasHistory ? table.column(PREVIOUS) : undefined;
    const kept: readonly unknown[] = [table.createdAt, table.updatedAt, ...table.computed];
    const hashed = table.columns.filter(
      (column) => column !== this.key && !column.settings.excludedFromHash && !kept.includes(column),
    );
    for (const column of hashed) checkHashable(column);
    for (const { columns, onDelete, onUpdate } of table.foreignKeys) {
      const changing = [onDelete, onUpdate].find((action) => action !== undefined && !KEEPS.has(action));
      if (onDelete === "cascade" || (changing !== undefined && columns.some((column) => hashed.includes(column))))
        throw new UsageError(
          `${columns.map(({ label }) => label).join()}: "${onDelete === "cascade" ? onDelete : changing}" would change or delete rows behind their ids; ` +
            '"restrict" and "no action" leave them as they are',
        );
    }
    this.hashed = new Set(hashed);
    this.#columns = hashed.toSorted((a, b) => byBytes(a.name, b.name));
    this.#names = this.#columns.map(({ name }) => pack(name));
  }

  complete(values: Values): Values {
    const made: Values = {};
    let isComplete = true;
    for (const { property, settings } of this.table.columns) {
      if (values[property] !== undefined) continue;
      const { default: given } = settings;
      if (given?.by === "value") made[property] = given.value;
      else if (given?.by === "function") made[property] = given.make();
      else if (given?.by === "clock") made[property] = new Date();
      else continue;
      isComplete = false;
    }
    return isComplete ? values : { ...values, ...made };
  }

  keyOf = (values: Values): string => digest(this.#packed(values));

  /**
   * The bytes that the id is the hash of.
   *
   * @throws TypeError for a value that a column can't hold
   */
  preimage(values: Values): Uint8Array {
    return Buffer.from(this.#packed(values));
  }

  /** The same bytes, until the next are made. */
  #packed(values: Values): Uint8Array {
    const all = this.complete(values);
    // Nulls have no part in it, so that a column that comes later leaves the ids as they are. JSON may have become one.
    return packEntries(
      this.#names,
      this.#columns.map((column) => packable(column, all[column.property] ?? null)),
    );
  }
}

/** What leaves a row as it is when the row that it refers to changes. */
const KEEPS: ReadonlySet<string> = new Set(["restrict", "no action"]);

function checkHashable({ label, settings }: TableColumn): void {
  const by = settings.default?.by;
  if (by === "sql" || by === "now")
    throw new UsageError(
      `${label} has a default that the database makes, so that its value isn't known when the id is made: ` +
        "give a value or a function, or say excludedFromHash()",
    );
}

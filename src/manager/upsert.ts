import type { Scope } from "../database/scope.js";
import { encodeInsert, type InsertRow } from "../sql/insert-values.js";
import { writeStatement } from "../sql/statement.js";
import type { Conflict, Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel, ColumnName } from "../sql/types.js";
import { checkOptions, kindOf } from "../text.js";
import { byKey, groupByShape, MOST_VALUES } from "./insert-many.js";

/** What makes a row the same as one that is there, and what of it is updated then. */
export interface UpsertOptions<M> {
  /** The columns of a unique constraint or of the primary key; default: the primary key. */
  readonly on?: ColumnName<M> | readonly ColumnName<M>[];
  /** The columns to update; default: all that are given but those of `on`. An empty list leaves the row as it is. */
  readonly update?: readonly ColumnName<M>[];
}

function conflictOf(table: Table, given: readonly string[], options: UpsertOptions<AnyModel>): Conflict {
  checkOptions("upsert", options, ["on", "update"]);
  const names = options.on === undefined ? table.key.map(({ property }) => property) : [options.on].flat();
  const on = [...new Set(names.map((name) => columnNamed(table, "on", name)))];
  if (on.length === 0) throw new TypeError(`upsert into ${table.name}, which has no primary key, wants { on: … }`);
  const update = options.update ?? given.filter((property) => !names.includes(property as never));
  if (!Array.isArray(update)) throw new TypeError(`update is a list of columns, not ${kindOf(update)}`);
  const columns = [...new Set(update.map((property) => columnNamed(table, "update", property)))];
  if (columns.length > 0 && table.updatedAt !== undefined && !columns.includes(table.updatedAt))
    columns.push(table.updatedAt);
  // An update of nothing would give no row back; setting the key to itself changes nothing.
  return { on, update: columns.length > 0 ? columns : on };
}

/** @throws TypeError for what is no name, or an unknown column */
function columnNamed(table: Table, option: string, name: unknown): TableColumn {
  if (typeof name !== "string") throw new TypeError(`${option} names columns by text, not by ${kindOf(name)}`);
  return table.column(name);
}

/**
 * Inserts rows, or updates those that are there: one statement per set of columns, all or nothing.
 *
 * @throws TypeError where two of the rows are the same by `on`: which of them counts can't be said
 */
export async function upsertRows(
  source: Source,
  values: readonly unknown[],
  options: UpsertOptions<AnyModel>,
  scope: Scope,
): Promise<unknown[][]> {
  const { table, makeKey } = source;
  const { dialect } = scope;
  const rows = values.map((value): InsertRow => {
    const row = encodeInsert(table, dialect, value, makeKey);
    // A column that has its default in one row, and is given in another, is updated only by the other.
    return { ...row, shape: `${row.shape}/${givenIn(value, row).join()}` };
  });
  if (rows.length === 0) return [];
  checkDistinct(table, rows, conflictOf(table, [], options));
  const groups = groupByShape(rows, ({ columns }) =>
    Math.max(1, Math.floor(MOST_VALUES / Math.max(1, columns.length))),
  );
  const { given, others } = byKey(table, groups);
  const result: unknown[][] = new Array(rows.length);
  const run = async (within: Scope): Promise<void> => {
    for (const { places, rows: encoded } of [...given, ...others]) {
      const statement = writeStatement<AnyModel>("insert", source)
        .encodedRows(encoded)
        .onConflict(conflictOf(table, givenIn(values[places[0] ?? 0], encoded[0]), options))
        .returning();
      const answer = await within.run(statement.compile(dialect));
      answer.rows.forEach((row, i) => {
        result[places[i] as number] = row;
      });
    }
  };
  if (groups.length === 1) await run(scope);
  else await scope.atomically(run);
  return result;
}

/** The properties of a row to insert that are not left to their defaults. */
function givenIn(value: unknown, row: InsertRow | undefined): string[] {
  const given = Object.entries(value ?? {}).filter(([, item]) => item !== undefined);
  const names = new Set(given.map(([property]) => property));
  return (row?.columns ?? []).map(({ property }) => property).filter((property) => names.has(property));
}

function checkDistinct(table: Table, rows: readonly InsertRow[], { on }: Conflict): void {
  const seen = new Set<string>();
  for (const { columns, values } of rows) {
    const key = on.map((column) => values[columns.indexOf(column)]);
    if (key.some((part) => part === undefined || part === null)) continue;
    const text = JSON.stringify(key.map(String));
    if (seen.has(text)) {
      throw new TypeError(
        `two of the rows to upsert into ${table.name} have the same ${on.map((c) => c.property).join(", ")}`,
      );
    }
    seen.add(text);
  }
}

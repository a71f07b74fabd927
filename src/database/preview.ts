import type { inspect } from "node:util";
import { UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import type { PreviewDialect } from "../sql/dialect.js";
import { jsonValue } from "../sql/json.js";
import { itemsOf } from "../sql/rows.js";
import { sourceOf } from "../sql/source.js";
import type { Table } from "../sql/table.js";
import type { AnyModel, Row } from "../sql/types.js";
import { kindOf, requireOptions } from "../text.js";
import { runInFlow } from "./flow.js";
import { type NetChange, netChanges } from "./net-changes.js";
import { rollBackAfterError } from "./run-transaction.js";
import type { NestableScope, TransactionOptions } from "./scope.js";

/** Options of a preview. */
export interface PreviewOptions extends TransactionOptions {
  /** The models whose tables are watched; default: all that are bound to the database. */
  readonly models?: readonly AnyModel[];
}

/** What would become of a model's rows, as plain objects, in the order in which they were first touched. */
export interface ModelChanges<M> {
  readonly inserted: readonly Row<M>[];
  readonly updated: readonly { readonly before: Row<M>; readonly after: Row<M> }[];
  readonly deleted: readonly Row<M>[];
}

/** What a function would have changed, had it not been rolled back. */
export class Preview<T> {
  /** The models whose rows would change. */
  readonly models: readonly AnyModel[];
  readonly #changes: ReadonlyMap<Table, ModelChanges<AnyModel>>;

  /** @internal */
  constructor(
    /** What the function returned. */
    readonly result: T,
    models: readonly AnyModel[],
    changes: ReadonlyMap<Table, ModelChanges<AnyModel>>,
  ) {
    this.#changes = changes;
    this.models = models.filter((model) => Object.values(this.of(model)).some((rows) => rows.length > 0));
  }

  /** What would become of the rows of a model. @throws UsageError where its table was not watched */
  of<M extends AnyModel>(model: M): ModelChanges<M> {
    const changes = this.#changes.get(sourceOf(model).table);
    if (changes === undefined) throw new UsageError(`the table of ${model.name} was not watched by this preview`);
    return changes as ModelChanges<M>;
  }

  /** The result, and the changes by the names of the models; bigints as strings, bytes in base64. */
  toJSON(): Record<string, unknown> {
    return { result: jsonValue(this.result), changes: this.#byName(jsonValue) };
  }

  /** @internal */
  [INSPECT](depth: number, options: object, format: typeof inspect): string {
    if (depth < 0) return "[Preview]";
    // Deep enough to show the rows.
    const shown = { ...options, depth: Math.max(depth, 5) };
    return `Preview ${format({ result: this.result, changes: this.#byName((value) => value) }, shown)}`;
  }

  #byName(formOf: (value: unknown) => unknown): Record<string, unknown> {
    const rowOf = (row: object) =>
      Object.fromEntries(Object.entries(row).map(([property, value]) => [property, formOf(value)]));
    const changesOf = ({ inserted, updated, deleted }: ModelChanges<AnyModel>) => ({
      inserted: inserted.map(rowOf),
      updated: updated.map(({ before, after }) => ({ before: rowOf(before), after: rowOf(after) })),
      deleted: deleted.map(rowOf),
    });
    const names = this.models.map(({ name }) => name);
    const nameOf = ({ name, table }: AnyModel) => (names.indexOf(name) === names.lastIndexOf(name) ? name : table);
    return Object.fromEntries(this.models.map((model) => [nameOf(model), changesOf(this.of(model))]));
  }
}

/** A table that is watched, and the name that its rows are recorded under. */
interface Capture {
  readonly table: Table;
  readonly name: string;
}

let captures = 0;

/** @throws TypeError for what is no function, or no object of options */
export function checkPreview(work: unknown, options: unknown): void {
  if (typeof work !== "function") throw new TypeError(`preview() wants a function, not ${kindOf(work)}`);
  requireOptions("a preview", options);
}

/**
 * Runs a function in a transaction, reads what it changed in the tables of the models, and rolls back.
 *
 * @throws TypeError for what is no list of models
 */
export async function runPreview<S extends NestableScope, T>(
  begin: () => S,
  work: (transaction: S) => Promise<T> | T,
  models: readonly AnyModel[],
): Promise<Preview<T>> {
  if (!Array.isArray(models)) throw new TypeError(`models is a list of models, not ${kindOf(models)}`);
  const tables = [...new Set(models.map((model) => sourceOf(model).table))];
  const transaction = begin();
  transaction.refuseCommit();
  try {
    const watched = await capture(transaction, tables);
    const result = await runInFlow(transaction, () => work(transaction));
    const changes = await read(transaction, watched);
    if (!transaction.isEnded) await transaction.rollback();
    return new Preview(result, models, changes);
  } catch (error) {
    await rollBackAfterError(transaction);
    throw error;
  }
}

async function capture(transaction: NestableScope, tables: readonly Table[]): Promise<Capture[]> {
  const { preview } = transaction.dialect;
  // Triggers lock their tables: in one order, so that two previews don't wait for each other.
  const inOrder = tables.toSorted((a, b) => (a.quoted < b.quoted ? -1 : 1));
  const watched = inOrder.map((table) => ({ table, name: `rowkeeper_preview_${++captures}` }));
  const scripts = watched.flatMap(({ table, name }) => preview.capture(table, name));
  if (scripts.length > 0) await transaction.script(scripts.join(";\n"));
  return watched;
}

async function read(
  transaction: NestableScope,
  watched: readonly Capture[],
): Promise<Map<Table, ModelChanges<AnyModel>>> {
  const changes = new Map<Table, ModelChanges<AnyModel>>();
  if (!transaction.isEnded) transaction.checkNothingOpen();
  for (const { table, name } of watched) {
    // What was rolled back within has changed nothing.
    const rows = transaction.isEnded ? [] : await recorded(transaction, transaction.dialect.preview, { table, name });
    changes.set(table, changesOf(table, netChanges(table, rows)));
  }
  return changes;
}

async function recorded(
  transaction: NestableScope,
  preview: PreviewDialect,
  { table, name }: Capture,
): Promise<readonly unknown[][]> {
  const text = preview.read(table, name);
  return (await transaction.run({ text, values: [], access: "read", bigints: table.hasBigint })).rows;
}

function changesOf({ columns }: Table, changes: readonly NetChange[]): ModelChanges<AnyModel> {
  const inserted: unknown[][] = [];
  const deleted: unknown[][] = [];
  const updated: ModelChanges<AnyModel>["updated"][number][] = [];
  for (const { before, after } of changes) {
    if (before === undefined) inserted.push([...(after ?? [])]);
    else if (after === undefined) deleted.push([...before]);
    else {
      const [was, is] = itemsOf(columns, [before, after]);
      if (was !== undefined && is !== undefined) updated.push({ before: was, after: is });
    }
  }
  return { inserted: itemsOf(columns, inserted), updated, deleted: itemsOf(columns, deleted) };
}

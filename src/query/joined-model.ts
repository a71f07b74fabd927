import type { inspect } from "node:util";
import type { Scope } from "../database/scope.js";
import { SCOPE } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import { hydrate } from "../manager/hydrate.js";
import { Manager } from "../manager/manager.js";
import { jsonValue } from "../sql/json.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyModel, Row } from "../sql/types.js";
import { jsonRow, ResultRow } from "./result-row.js";
import type { AnyEntry, InstanceOf, JoinedData, JoinedInstances, ModelOf, Narrowed } from "./shape.js";
import type { Target } from "./tables.js";

/** Where in a joined row the values of one table stand. */
export interface JoinedPart {
  readonly target: Target;
  /** The columns that were selected, and their places. */
  readonly columns: readonly { readonly column: TableColumn; readonly place: number }[];
  /** Whether the table's side of the join is missing from a row. */
  readonly isMissing: (row: readonly unknown[]) => boolean;
}

/** One result of a query with joins: what its rows have in common. */
export class JoinedResult {
  readonly #loaded = new Map<JoinedPart, Promise<ReadonlyMap<string, object>>>();
  readonly #made = new Map<JoinedPart, ReadonlyMap<readonly unknown[], object>>();

  constructor(
    readonly parts: readonly JoinedPart[],
    readonly rows: readonly unknown[][],
    readonly scope: Scope,
  ) {}

  /** The instances of a table all of whose columns were selected, one for each row that has it; made together. */
  instances(part: JoinedPart, model: AnyModel): ReadonlyMap<readonly unknown[], object> {
    let made = this.#made.get(part);
    if (made === undefined) {
      const rows = this.rows.filter((row) => !part.isMissing(row));
      const own = rows.map((row) => part.columns.map(({ place }) => row[place]));
      const instances = hydrate(model, own, this.scope);
      made = new Map(rows.map((row, i) => [row, instances[i] as object]));
      this.#made.set(part, made);
    }
    return made;
  }

  /** The instances of a table of which not all columns were selected, by their keys: one query for all rows. */
  load(part: JoinedPart, model: AnyModel): Promise<ReadonlyMap<string, object>> {
    let loaded = this.#loaded.get(part);
    if (loaded === undefined) {
      loaded = this.#load(part, model);
      this.#loaded.set(part, loaded);
      // What failed is tried again by who asks again.
      loaded.catch(() => this.#loaded.delete(part));
    }
    return loaded;
  }

  async #load(part: JoinedPart, model: AnyModel): Promise<ReadonlyMap<string, object>> {
    const { table } = part.target.source;
    const keys = this.rows.flatMap((row) => (part.isMissing(row) ? [] : [keyOf(part, row)]));
    const manager = new Manager(model).using({ [SCOPE]: this.scope.current() });
    const found = await manager.withDeleted().findMany(keys as never[]);
    return new Map(found.map((instance) => [keyText(part, keyIn(table.key, instance.data)), instance]));
  }
}

const keyIn = (key: readonly TableColumn[], data: object): Record<string, unknown> =>
  Object.fromEntries(key.map(({ property }) => [property, Reflect.get(data, property)]));

const keyText = ({ target }: JoinedPart, key: Record<string, unknown>): string =>
  JSON.stringify(target.source.table.key.map(({ property }) => jsonValue(key[property])));

/** @throws UsageError where the key was not selected */
function keyOf(part: JoinedPart, row: readonly unknown[]): Record<string, unknown> {
  const { alias, key } = part.target.source.table;
  const data = dataOf(part, row);
  if (key.length > 0 && key.every(({ property }) => property in data)) return keyIn(key, data);
  throw new UsageError(`getModels() wants the key of ${alias} among what is selected`);
}

function dataOf({ columns }: JoinedPart, row: readonly unknown[]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const { column, place } of columns) {
    const raw = row[place];
    data[column.property] = raw === null || column.decode === undefined ? raw : column.decode(raw);
  }
  return data;
}

/** One row of a query with joins: the values of each of its tables. */
export class JoinedModel<L extends readonly AnyEntry[], K extends string = never> {
  readonly #result: JoinedResult;
  readonly #row: readonly unknown[];
  #data: JoinedData<L, K> | undefined;

  /** @internal */
  constructor(result: JoinedResult, row: readonly unknown[]) {
    this.#result = result;
    this.#row = row;
  }

  /** The values by table and column; null for the side of an outer join that is missing. */
  get data(): JoinedData<L, K> {
    this.#data ??= this.#read() as JoinedData<L, K>;
    return this.#data;
  }

  /**
   * The instances, in the order of the tables, null for a side that is missing; of a table without a model, its row. No
   * query where all columns were selected; else one for each table, for all rows of the result together.
   *
   * @throws UsageError where not all columns were selected, and the key neither
   */
  async getModels(): Promise<JoinedInstances<L>> {
    const instances: unknown[] = [];
    for (const part of this.#result.parts) instances.push(await this.#instance(part));
    return instances as JoinedInstances<L>;
  }

  /** The data for JSON: a bigint as a string, bytes in base64. */
  toJSON(): Record<string, unknown> {
    const tables = Object.entries<object | null>(this.data);
    return Object.fromEntries(tables.map(([name, row]) => [name, row === null ? null : jsonRow(row)]));
  }

  /** @internal */
  [INSPECT](depth: number, options: object, format: typeof inspect): string {
    return depth < 0 ? "[JoinedModel]" : `JoinedModel ${format(this.data, options)}`;
  }

  #read(): unknown {
    const parts = this.#result.parts.filter(({ columns }) => columns.length > 0);
    const read = (part: JoinedPart) => (part.isMissing(this.#row) ? null : dataOf(part, this.#row));
    return Object.fromEntries(parts.map((part) => [part.target.source.table.alias, read(part)]));
  }

  async #instance(part: JoinedPart): Promise<unknown> {
    const { model, source } = part.target;
    if (part.isMissing(this.#row)) return null;
    if (model === undefined) return new ResultRow(dataOf(part, this.#row));
    if (part.columns.length < source.table.columns.length) {
      const loaded = await this.#result.load(part, model);
      return loaded.get(keyText(part, keyOf(part, this.#row))) ?? null;
    }
    return this.#result.instances(part, model).get(this.#row);
  }
}

/** What a narrowed select gives: only what was selected can be read. */
export type NarrowedResult<M, L extends readonly AnyEntry[], K extends string> = L["length"] extends 1
  ? [ModelOf<M>] extends [never]
    ? ResultRow<Pick<Row<M>, K & keyof Row<M>>>
    : Narrowed<InstanceOf<M>, keyof Row<M>, Pick<Row<M>, K & keyof Row<M>>>
  : JoinedModel<L, K>;

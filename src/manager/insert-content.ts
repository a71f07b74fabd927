import { UsageError } from "../errors.js";
import { eachRow } from "../sql/each-row.js";
import { requireValues } from "../sql/insert-values.js";
import type { Content, Table } from "../sql/table.js";
import type { AnyModel, Where } from "../sql/types.js";
import { type Values, validRows } from "../sql/validation.js";
import { quoted } from "../text.js";
import { type Workplace, written } from "./changes.js";
import { type EventOptions, hasInsertHooks, insertWithHooks } from "./hooks.js";
import { hydrate } from "./hydrate.js";
import { selectOf } from "./query.js";
import { upsertRows } from "./upsert.js";

/** Whether a row that is there already is to be given. @throws UsageError where the model's ids are not made of content */
export function returnsDuplicates({ content, name }: Table, onDuplicate: unknown): boolean {
  if (onDuplicate === undefined || onDuplicate === "error") return false;
  if (onDuplicate !== "return") throw new UsageError('onDuplicate is "error" or "return"');
  if (content !== undefined) return true;
  throw new UsageError(
    `onDuplicate: "return" is for models whose ids are made of content, which those of ${quoted(name)} are not`,
  );
}

/** Inserts rows, but for those whose content is there already; gives the instances of all, in their order. */
export async function insertOrFind<M extends AnyModel>(
  at: Workplace<M>,
  values: readonly unknown[],
  { suppressEvents }: EventOptions,
): Promise<InstanceType<M>[]> {
  const { content } = at.source.table;
  if (content === undefined) return [];
  const isHooked = suppressEvents !== true && hasInsertHooks(at.model);
  const given: Values[] = [];
  eachRow(values, (row) => given.push(requireValues(at.source.table, row)));
  // Hooks get the values as they were given.
  const valid = isHooked ? given : await validRows(at.source.table, given);
  const rows = valid.map((row) => content.complete({ ...row }));
  const ids: string[] = [];
  eachRow(rows, (row) => ids.push(content.keyOf(row)));
  const distinct = new Map(rows.map((row, i) => [ids[i] as string, row]));
  const found = isHooked ? await insertMissing(at, content, distinct) : await upsertMissing(at, distinct, ids);
  return ids.map((id) => found.get(id) as InstanceType<M>);
}

async function upsertMissing<M extends AnyModel>(
  { model, source, scope }: Workplace<M>,
  rows: ReadonlyMap<string, Values>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, InstanceType<M>>> {
  const placeOf = (place: number) => ids.indexOf([...rows.keys()][place] as string);
  const isSome = rows.size < ids.length;
  const back = await upsertRows(source, [...rows.values()], { update: [] }, scope, isSome ? placeOf : undefined);
  const instances = written({ model, source, scope }, back, true);
  return new Map([...rows.keys()].map((id, i) => [id, instances[i] as InstanceType<M>]));
}

/** The hooks run for what is inserted, and for nothing else. */
async function insertMissing<M extends AnyModel>(
  { model, source, scope }: Workplace<M>,
  { key }: Content,
  rows: ReadonlyMap<string, Values>,
): Promise<ReadonlyMap<string, InstanceType<M>>> {
  return scope.atomically(async (within) => {
    const where = { [key.property]: [...rows.keys()] } as Where<M>;
    const there = await within.run(selectOf<M>(source, { where }).compile(within.dialect));
    const known = hydrate(model, there.rows, scope);
    const idOf = (instance: object): string => String(Reflect.get(instance, key.property));
    const ids = new Set(known.map(idOf));
    const missing = [...rows].filter(([id]) => !ids.has(id));
    const values = missing.map(([, row]) => row);
    const inserted = (missing.length > 0 && (await insertWithHooks(model, values, within, { isMany: true }))) || [];
    // By the ids of what was given: hooks may have made others of it.
    const made = missing.map(([id], i) => [id, inserted[i] as InstanceType<M>] as const);
    return new Map([...known.map((instance) => [idOf(instance), instance] as const), ...made]);
  });
}

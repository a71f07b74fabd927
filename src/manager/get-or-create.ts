import { NotFoundError, UniqueViolationError, UsageError } from "../errors.js";
import { requireValues } from "../sql/insert-values.js";
import type { Source } from "../sql/statement-state.js";
import type { AnyModel, NewRow, Row, UpdateValues, Where } from "../sql/types.js";
import { validParts } from "../sql/validation.js";
import { kindOf } from "../text.js";
import { updateOf, type Workplace, written } from "./changes.js";
import { insertWithHooks, updateWithHooks } from "./hooks.js";
import { hydrate } from "./hydrate.js";
import { insertRowUnlessThere } from "./insert-many.js";
import { selectOf } from "./query.js";

/** An instance, and whether it had to be inserted. */
export type Created<M extends AnyModel> = [instance: InstanceType<M>, created: boolean];

/** Values by column that a row has, and what else of it is given. */
interface Parts<M> {
  readonly where: Partial<Row<M>>;
  readonly values: Partial<NewRow<M>>;
}

/** @throws UniqueViolationError where a row that is another has one of the values that must be unique */
export async function getOrCreate<M extends AnyModel>(at: Workplace<M>, parts: Parts<M>): Promise<Created<M>> {
  return await find(at, await checked(at.source, parts, "getOrCreate"));
}

export async function updateOrCreate<M extends AnyModel>(at: Workplace<M>, parts: Parts<M>): Promise<Created<M>> {
  const { table } = at.source;
  if (table.key.length === 0) throw new UsageError(`updateOrCreate wants a primary key, and ${table.name} has none`);
  const { where, values } = await checked(at.source, parts, "updateOrCreate");
  return await at.scope.atomically(async (scope) => {
    const within = { ...at, scope };
    const [instance, created] = await find(within, { where, values });
    if (created || Object.keys(values).length === 0) return [instance, created];
    const hooked = updateWithHooks(instance, values);
    if (hooked !== undefined) return [await hooked, false];
    const statement = updateOf(within, keyOf(at.source, instance), values as UpdateValues<M>, true);
    const [updated] = hydrate(at.model, (await scope.run(statement)).rows, scope);
    if (updated === undefined) throw new NotFoundError(`the ${at.model.name} was deleted meanwhile`);
    return [updated, false];
  });
}

/** Finds the row, or inserts it, unless another does so meanwhile, whose row is found then. */
async function find<M extends AnyModel>(at: Workplace<M>, { where, values }: Parts<M>): Promise<Created<M>> {
  const found = await first(at, where);
  if (found !== undefined) return [found, false];
  const created = await insertUnlessThere(at, { ...values, ...where });
  if (created !== undefined) return [created, true];
  const theirs = await first(at, where);
  if (theirs !== undefined) return [theirs, false];
  const { name, deletedAt } = at.source.table;
  const other = deletedAt === undefined ? "another" : "another, perhaps hidden,";
  throw new UniqueViolationError(`${other} ${at.model.name} has one of the values that must be unique`, {
    table: name,
  });
}

async function first<M extends AnyModel>(
  { model, source, scope }: Workplace<M>,
  where: Partial<Row<M>>,
): Promise<InstanceType<M> | undefined> {
  const statement = selectOf<M>(source, { where: where as Where<M>, limit: 1 });
  const { rows } = await scope.run(statement.compile(scope.dialect));
  return hydrate(model, rows, scope)[0];
}

async function insertUnlessThere<M extends AnyModel>(
  at: Workplace<M>,
  values: object,
): Promise<InstanceType<M> | undefined> {
  const hooked = insertWithHooks(at.model, [values], at.scope, { unlessThere: true });
  if (hooked !== undefined) return (await hooked)[0];
  return written(at, await insertRowUnlessThere(at.source, values, at.scope))[0];
}

function keyOf<M extends AnyModel>({ table }: Source, instance: InstanceType<M>): Where<M> {
  return Object.fromEntries(table.key.map(({ property }) => [property, instance.data[property]])) as Where<M>;
}

/** The parts, of values that columns can hold, as the columns' schemas give them. */
async function checked<M>(source: Source, { where, values }: Parts<M>, method: string): Promise<Parts<M>> {
  checkEqualities(source, where, method);
  checkGiven(source, requireValues(source.table, values));
  const valid = validParts(source.table, [where, values] as const);
  const [same, others] = valid instanceof Promise ? await valid : valid;
  return { where: asKept(source, same), values: others };
}

/** The values as the row has them that is inserted with them, so that it is found again. */
function asKept<T extends object>({ table }: Source, where: T): T {
  const kept = Object.entries(where).map(([name, value]) => [
    name,
    value === null ? null : table.column(name).canonical(value),
  ]);
  return Object.fromEntries(kept) as T;
}

/** @throws TypeError where the values are no object of values by column, which a new row could take */
function checkEqualities(source: Source, where: unknown, method: string): void {
  if (typeof where !== "object" || where === null || Array.isArray(where) || Object.keys(where).length === 0) {
    throw new TypeError(`${method} wants an object of values by column, not ${kindOf(where)}`);
  }
  for (const [property, value] of Object.entries(where)) {
    if (value === undefined) throw new TypeError(`${source.table.name}.${property}: ${method} got undefined`);
  }
  checkGiven(source, where);
}

/** @throws TypeError for an unknown column, or a value that a column can't hold */
function checkGiven({ table }: Source, values: object): void {
  for (const [property, value] of Object.entries(values)) {
    const column = table.column(property);
    if (value !== null && value !== undefined) column.check(value);
  }
}

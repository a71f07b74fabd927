import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import type { Reading } from "../manager/related-models.js";
import { isSaved, type Stateful } from "../model/state.js";
import { isTextKind } from "../sql/column-type.js";
import { type Condition, type ConditionLike, exists, NEVER } from "../sql/conditions.js";
import { holdsId } from "../sql/id-list.js";
import { aliasedTable } from "../sql/path.js";
import { sourceOf } from "../sql/source.js";
import { Statement } from "../sql/statement.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel, AnyTable } from "../sql/types.js";
import { Definition, type Found, type Said } from "./definition.js";
import { defaultNames, isOneOf } from "./keyed.js";
import { canHold, type LinkKey, linkKey, savedValuesOf, valueFor, valuesOf } from "./link-key.js";

export interface ListedKind<S extends AnyModel> {
  readonly model: S;
  readonly many: true;
  readonly none: never;
  readonly ownKey: never;
  readonly otherKey: never;
  readonly pivot: never;
}

/** Rows that are related as one holds the ids of the others, sorted and joined by commas, in a text. */
export abstract class Listed extends Definition {
  readonly isMany = true;
  readonly isUnique = false;

  constructor(
    owner: AnyModel,
    model: AnyModel,
    said: Said,
    /** The text of ids. */
    readonly ids: TableColumn,
    /** The key that they are. */
    readonly id: TableColumn,
  ) {
    super(owner, model, said);
    if (!isTextKind(ids.type.kind))
      throw new TypeError(`${ids.label} is to hold ids joined by commas: it wants text(), not ${ids.type.kind}`);
  }

  /** The ids that an instance holds. */
  idsOf(holder: Stateful): string[] {
    const [value] = valuesOf(holder, [this.ids]);
    return typeof value === "string" ? splitIds(value) : [];
  }

  /** The id of an instance. @throws UsageError for one that has a comma */
  idOf(instance: Stateful): string {
    const [value] = valuesOf(instance, [this.id]);
    const id = String(value);
    if (id.includes(",")) throw new UsageError(`${this.label}: an id with a comma can't be in a list of ids`);
    return id;
  }

  isInverse(other: Definition): boolean {
    return other instanceof Listed && other.kind !== this.kind && other.ids === this.ids;
  }

  /** A row's others are told apart in memory, as one row may be of many; so are those that a limit leaves out. */
  protected async all(scope: Scope, reading: Reading, condition: ConditionLike): Promise<readonly object[]> {
    const rows = await this.select(scope, reading, { columns: [], condition: () => condition });
    return this.hydrate(rows, scope, reading);
  }
}

/** The ids in a text of them; stray commas hold none. */
export const splitIds = (text: string): string[] => text.split(",").filter((id) => id !== "");

/** Ids as they are kept: each once, sorted, joined by commas. */
export const joinIds = (ids: Iterable<string>): string => [...new Set(ids)].sort().join(",");

/** The column of a model that holds the ids of another: the one named, or by default `<model>Ids`. @throws TypeError where there is none */
export function idsColumn(holder: AnyModel, listed: AnyModel, property: string | undefined): TableColumn {
  const { table } = sourceOf(holder);
  if (property !== undefined) return table.column(property);
  const [name = ""] = defaultNames(listed, table, (model) => [`${model}Ids`]);
  return table.column(name);
}

/** The column of a model's key that lists of ids hold. @throws UsageError where it is not one column */
export function listedKey(model: AnyModel): TableColumn {
  const { key, name } = sourceOf(model).table;
  const [only, ...more] = key;
  if (only !== undefined && more.length === 0) return only;
  throw new UsageError(`a list of ids wants a key of one column, which ${name} has not`);
}

/** An id of a list as a value of the key; undefined where the key can't hold it. */
function keyValue(key: TableColumn, id: string): unknown {
  const { kind } = key.type;
  if (kind !== "integer" && kind !== "bigint") return canHold(key, id) ? id : undefined;
  if (!/^-?\d+$/.test(id)) return undefined;
  const value = valueFor(key, BigInt(id));
  return canHold(key, value) ? value : undefined;
}

/** This model's rows hold the ids of the others. */
export abstract class Containing extends Listed {
  override readonly comesFirst = true;

  override get filledOfOwn(): readonly string[] {
    return [this.ids.property];
  }

  override valuesOfOwn(others: readonly Stateful[]): object {
    return { [this.ids.property]: joinIds(others.map((other) => this.idOf(other))) };
  }

  on(own: Table, target: Table): Condition {
    return holdsId(own.column(this.ids.property), target.column(this.id.property));
  }

  keyOf(owner: Stateful): LinkKey | undefined {
    const ids = this.idsOf(owner);
    return ids.length === 0 ? undefined : joinIds(ids);
  }

  isOf(owner: Stateful): ConditionLike {
    return this.#isIn(this.idsOf(owner));
  }

  async find(owners: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found> {
    const ids = new Set([...owners.values()].flatMap((owner) => this.idsOf(owner)));
    const { limit, offset = 0 } = reading.statement.state;
    const others = await this.all(scope, unlimited(reading), this.#isIn([...ids]));
    const places = new Map(others.map((other, place) => [this.idOf(other as Stateful), place]));
    const found = new Map<LinkKey, object[]>();
    for (const [key, owner] of owners) {
      const own = new Set(this.idsOf(owner).flatMap((id) => places.get(id) ?? []));
      const theirs = [...own].sort((a, b) => a - b).map((place) => others[place] as object);
      found.set(key, theirs.slice(offset, limit === undefined ? undefined : offset + limit));
    }
    return found;
  }

  #isIn(ids: readonly string[]): Condition {
    const values = ids.flatMap((id) => keyValue(this.id, id) ?? []);
    return values.length === 0
      ? NEVER
      : isOneOf(
          [this.id],
          values.map((value) => [value]),
        );
  }
}

/** The others' rows hold the ids of this model's. */
export abstract class Contained extends Listed {
  override stillOf(key: LinkKey, others: readonly Stateful[]): readonly Stateful[] {
    const holds = ([ids]: readonly unknown[]) => typeof ids === "string" && splitIds(ids).includes(String(key));
    return others.filter((other) => holds(savedValuesOf(other, [this.ids])));
  }

  override get filledOfOthers(): readonly string[] {
    return [this.ids.property];
  }

  override valuesOfOthers(owner: Stateful): object {
    return { [this.ids.property]: this.idOf(owner) };
  }

  /** What is there already would be one more row to read and write. */
  override requireSaved(value: unknown): Stateful {
    this.requireOther(value);
    throw new UsageError(
      `${this.label}: only new rows can be given with a row; assign secondary and save() for others`,
    );
  }

  on(own: Table, target: Table): Condition {
    return holdsId(target.column(this.ids.property), own.column(this.id.property));
  }

  keyOf(owner: Stateful): LinkKey | undefined {
    return isSaved(owner) ? linkKey([this.idOf(owner)]) : undefined;
  }

  isOf(owner: Stateful): ConditionLike {
    return holdsId(this.ids, this.idOf(owner));
  }

  async find(owners: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found> {
    const { limit, offset = 0 } = reading.statement.state;
    const [only, ...more] = owners.values();
    const isOne = only !== undefined && more.length === 0;
    const condition = isOne ? this.isOf(only) : this.#holdsAny([...owners.values()]);
    const found = new Map<LinkKey, object[]>();
    for (const other of await this.all(scope, unlimited(reading), condition)) {
      for (const id of this.idsOf(other as Stateful)) {
        if (!owners.has(id)) continue;
        const list = found.get(id);
        if (list === undefined) found.set(id, [other]);
        else list.push(other);
      }
    }
    for (const [key, list] of found)
      found.set(key, list.slice(offset, limit === undefined ? undefined : offset + limit));
    return found;
  }

  /** That a row holds the id of one of these, whatever their number. */
  #holdsAny(owners: readonly Stateful[]): Condition {
    const own = sourceOf(this.owner);
    const table = aliasedTable(own.table, "held.by");
    const id = table.column(this.id.property);
    const values = owners.map((owner) => valuesOf(owner, [this.id]));
    const state = {
      verb: "select",
      source: { ...own, table, withDeleted: true },
      output: [id],
      conditions: [isOneOf([id], values), holdsId(this.ids, id)],
      orders: [],
    } as const;
    return exists(new Statement<AnyTable, unknown>(state));
  }
}

/** The same reading without a limit, which is of each owner. */
function unlimited(reading: Reading): Reading {
  const { limit, offset, ...state } = reading.statement.state;
  if (limit === undefined && offset === undefined) return reading;
  return { ...reading, statement: new Statement<AnyModel, unknown>(state) };
}

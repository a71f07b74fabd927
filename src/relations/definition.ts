import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { hydrate } from "../manager/hydrate.js";
import type { Given, Loadable, Reading } from "../manager/related-models.js";
import { isSaved, isStateful, ORIGIN, RELATIONS, type Stateful } from "../model/state.js";
import type { Condition, ConditionLike } from "../sql/conditions.js";
import { Order } from "../sql/order.js";
import { sourceOf } from "../sql/source.js";
import { Statement } from "../sql/statement.js";
import type { Join, Source } from "../sql/statement-state.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import { kindOf } from "../text.js";
import { type LinkKey, linkKey } from "./link-key.js";
import { limitedPerOwner } from "./per-owner.js";
import type { RelationState } from "./relation-state.js";
import { distinct } from "./same-row.js";

/** The properties of a key, as a getter names them: none for the default, one, or several. */
export type Keys = string | readonly string[] | undefined;

/** What a getter says of its relation, besides the model. */
export type Said = readonly (Keys | AnyModel | boolean)[];

/** How the rows of two models are related; made once for a getter of a class. */
export abstract class Definition implements Loadable {
  #name: string | undefined;
  readonly target: Source;

  constructor(
    /** The class that has the getter. */
    readonly owner: AnyModel,
    readonly model: AnyModel,
    readonly said: Said,
  ) {
    this.target = sourceOf(model);
  }

  abstract readonly kind: string;
  abstract readonly isMany: boolean;
  abstract readonly isUnique: boolean;
  readonly via: Source | undefined = undefined;

  /** The relation of an instance. */
  abstract make(owner: Stateful): RelationState;
  abstract on(own: Table, target: Table, via: Table | undefined): Condition;

  /** What tells whose the others of an instance are; undefined where it can have none. */
  abstract keyOf(owner: Stateful): LinkKey | undefined;

  /** The condition that a row is one of the others of this instance, which has a key. */
  abstract isOf(owner: Stateful): ConditionLike;

  /** The others of instances with these keys, in order. */
  abstract find(owners: ReadonlyMap<LinkKey, Stateful>, scope: Scope, reading: Reading): Promise<Found>;

  /** Whether a relation of the other model is the same, seen from the other side. */
  abstract isInverse(other: Definition): boolean;

  /** The getter's name. Before its class was asked for it by name, it is looked for. */
  get name(): string {
    const source = sourceOf(this.owner);
    for (const getter of source.getters ?? []) {
      if (this.#name !== undefined) break;
      try {
        source.related?.(getter);
      } catch {
        // Not a relation, and it can't be read of an instance without values.
      }
    }
    return this.#name ?? this.kind;
  }

  named(name: string): this {
    this.#name ??= name;
    return this;
  }

  /** For messages: "Post.author". */
  get label(): string {
    return `${this.owner.name}.${this.name}`;
  }

  /** The relation of an instance: the same object each time. */
  of(owner: Stateful): RelationState {
    const relations = owner[RELATIONS] as RelationState[] | undefined;
    const known = relations?.find(({ definition }) => definition === this);
    if (known !== undefined) return known;
    const made = this.make(owner);
    if (relations === undefined) owner[RELATIONS] = [made];
    else relations.push(made);
    return made;
  }

  async load(owners: readonly Stateful[], scope: Scope, reading: Reading): Promise<readonly object[]> {
    const relations = owners.map((owner) => this.of(owner));
    const missing = reading.isChosen ? relations : relations.filter(({ isLoaded }) => !isLoaded);
    const byKey = new Map<LinkKey, Stateful>();
    const keys = missing.map(({ owner }) => {
      const key = this.keyOf(owner);
      if (key !== undefined) byKey.set(key, owner);
      return key;
    });
    const found = byKey.size === 0 ? undefined : await this.find(byKey, scope, reading);
    missing.forEach((relation, i) => {
      const key = keys[i];
      relation.keep(key, (key === undefined ? undefined : found?.get(key)) ?? []);
    });
    forgetOnRollback(missing, scope);
    const others = new Set<object>();
    for (const relation of relations) for (const other of relation.others()) others.add(other);
    return [...others];
  }

  attach(owners: readonly Stateful[], others: readonly (object | null)[], scope: Scope): void {
    const relations = owners.map((owner, i) => {
      const relation = this.of(owner);
      const other = others[i] ?? null;
      relation.keep(this.keyOf(owner), other === null ? [] : [other]);
      return relation;
    });
    forgetOnRollback(relations, scope);
  }

  readonly comesFirst: boolean = false;

  get filledOfOwn(): readonly string[] {
    return [];
  }

  get filledOfOthers(): readonly string[] {
    return [];
  }

  valuesOfOwn(_others: readonly Stateful[]): object {
    return {};
  }

  valuesOfOthers(_owner: Stateful): object {
    return {};
  }

  async relate(given: readonly Given[], within: Scope): Promise<void> {
    for (const { owner, others } of given) {
      if (!isStateful(owner)) continue;
      const relation = this.of(owner);
      relation.keep(this.keyOf(owner), distinct(others.filter(isStateful)));
      within.onRollback(() => relation.forget());
    }
  }

  /** Runs a reading of the others, with columns besides that tell whose they are, and gives each row's key and other. */
  protected async select(scope: Scope, reading: Reading, link: Link): Promise<readonly Linked[]> {
    const { state } = reading.statement;
    const output = [...(state.output ?? []), ...link.columns];
    const statement = new Statement<AnyModel, unknown>({
      ...state,
      output,
      ...(link.joins.length === 0 ? {} : { joins: link.joins }),
      conditions: [...state.conditions, link.condition],
      orders: state.orders.length > 0 ? state.orders : this.keyOrder,
    });
    const limited = limitedPerOwner(statement, link.columns);
    const { rows } = await scope.run(limited.compile(scope.dialect));
    return this.#link(rows, output.length - link.columns.length, link, scope, reading);
  }

  #link(rows: readonly unknown[][], start: number, link: Link, scope: Scope, reading: Reading): Linked[] {
    const keys = rows.map((row) => linkKey(link.columns.map((column, i) => decoded(column, row[start + i]))));
    const { table } = this.target;
    if (link.joins.length === 0 || table.key.length === 0) {
      const instances = hydrate(this.model, rows, scope);
      reading.attach(instances, rows, scope);
      return instances.map((other, i) => ({ key: keys[i], other }));
    }
    // A row that belongs to several is one instance.
    const places = new Map<LinkKey | undefined, number>();
    const distinct: unknown[][] = [];
    const place = rows.map((row) => {
      const own = linkKey(table.key.map((column) => decoded(column, row[column.index])));
      const known = places.get(own);
      if (known !== undefined) return known;
      places.set(own, distinct.length);
      return distinct.push(row) - 1;
    });
    const instances = hydrate(this.model, distinct, scope);
    reading.attach(instances, distinct, scope);
    return place.map((at, i) => ({ key: keys[i], other: instances[at] as object }));
  }

  /** The order of the others where none is said: that of their primary key. */
  get keyOrder(): readonly Order[] {
    return this.target.table.key.map((column) => new Order(column, "asc"));
  }

  /** @throws TypeError where it is no instance of the other model, naming both classes */
  requireOther(value: unknown): Stateful {
    if (value instanceof this.model && isStateful(value)) return value;
    throw new TypeError(`${this.label} takes a ${this.model.name}, not ${kindOf(value)}`);
  }

  /** @throws UsageError where it is not in the database, or TypeError as `requireOther` */
  requireSaved(value: unknown, method: string): Stateful {
    const other = this.requireOther(value);
    if (isSaved(other) && !other[ORIGIN]?.isDeleted) return other;
    const state = isSaved(other) ? "was deleted" : "is not in the database; save() it first";
    throw new UsageError(`${this.label}: ${method}() was given a ${this.model.name} that ${state}`);
  }
}

/** What a transaction has read is read anew where it is rolled back. Until its end it keeps no instance for that. */
function forgetOnRollback(relations: readonly RelationState[], scope: Scope): void {
  if (!scope.isTransaction || relations.length === 0) return;
  const loaded = relations.map((relation) => new WeakRef(relation));
  scope.onRollback(() => {
    for (const relation of loaded) relation.deref()?.forget();
  });
}

/** What is read to tell whose the others are. */
export interface Link {
  readonly columns: readonly TableColumn[];
  readonly joins: readonly Join[];
  readonly condition: ConditionLike;
}

export interface Linked {
  readonly key: LinkKey | undefined;
  readonly other: object;
}

/** Lists of others, by the keys of those whose they are. */
export type Found = ReadonlyMap<LinkKey, readonly object[]>;

const decoded = ({ decode }: TableColumn, raw: unknown): unknown =>
  raw === null || raw === undefined || decode === undefined ? raw : decode(raw);

/** The others by the key that each was found with. */
export function byKey(linked: readonly Linked[]): Map<LinkKey, object[]> {
  const found = new Map<LinkKey, object[]>();
  for (const { key, other } of linked) {
    if (key === undefined) continue;
    const list = found.get(key);
    if (list === undefined) found.set(key, [other]);
    else list.push(other);
  }
  return found;
}

import { inspect } from "node:util";
import { SCOPE, type Scope } from "../database/scope.js";
import { RelationNotLoadedError, UsageError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import { plainReading } from "../manager/reading.js";
import { scopeOfInstance } from "../model/persist.js";
import { isSaved, isStateful, ORIGIN, RELATIONS, rowChanges, type Stateful } from "../model/state.js";
import { QueryBuilder } from "../query/query-builder.js";
import { NEVER } from "../sql/conditions.js";
import { RELATED } from "../sql/related.js";
import { sourceOf } from "../sql/source.js";
import type { Related } from "../sql/statement-state.js";
import type { AnyInstance, AnyModel, RelationKind, RelationShape, relation } from "../sql/types.js";
import { kindOf } from "../text.js";
import type { Definition, Said } from "./definition.js";
import type { LinkKey } from "./link-key.js";
import type { RelationState } from "./relation-state.js";

/** What was loaded, and the key of the owner then. */
interface Loaded {
  readonly key: LinkKey;
  readonly others: readonly object[];
  /** Those of them that are not known to have another owner by now, as of so many changes of rows. */
  current: readonly object[];
  asOf: number;
}

/** What belongs to an instance by a key: typed, and loaded when asked. */
export abstract class Relation<S extends AnyModel, Kind extends RelationKind = RelationKind>
  implements RelationState, RelationShape<Kind>
{
  declare readonly [relation]: Kind;
  /** @internal */
  readonly owner: Stateful;
  /** @internal */
  readonly definition: Definition;
  #loaded: Loaded | undefined;

  /** @internal */
  constructor(owner: Stateful, definition: Definition) {
    this.owner = owner;
    this.definition = definition;
  }

  /** The model of the other side. */
  get secondaryModel(): S {
    return this.definition.model as S;
  }

  /** Whether it was loaded, or there is nothing to load, so that it can be read without a query. */
  get isLoaded(): boolean {
    const key = this.definition.keyOf(this.owner);
    return key === undefined || (this.#loaded !== undefined && this.#loaded.key === key);
  }

  /** Loads it anew, for this instance alone, whatever was loaded or assigned before. */
  async reload(): Promise<this> {
    this.reset();
    const { definition, owner } = this;
    await definition.load([owner], this.scope, plainReading(definition.target));
    return this;
  }

  /** Loads it, if it is not loaded, and with it the same of all instances that came together with this one. */
  protected async loadTogether(): Promise<void> {
    if (this.isLoaded) return;
    const { definition, owner, scope } = this;
    const reading = plainReading(definition.target);
    const group = scope.batch ? owner[ORIGIN]?.group : undefined;
    if (group !== undefined) {
      await group.load(definition, () => definition.load(this.#companions(group.members()), scope, reading));
      if (this.isLoaded) return;
    }
    await definition.load([owner], scope, reading);
  }

  /** Whether others came together with the owner, for which the same is loaded. */
  protected get hasCompanions(): boolean {
    return this.scope.batch && this.owner[ORIGIN]?.group !== undefined;
  }

  /** Those of a group for which the same can be loaded in the same place. */
  #companions(members: readonly object[]): Stateful[] {
    const { owner, scope } = this;
    const others = members.filter(
      (member): member is Stateful =>
        isStateful(member) &&
        member !== owner &&
        member.constructor === owner.constructor &&
        isSaved(member) &&
        scopeOfInstance(member) === scope,
    );
    return [owner, ...others];
  }

  /** What was loaded; empty where there is none. @internal */
  others(): readonly object[] {
    const loaded = this.#loaded;
    if (loaded === undefined || loaded.key !== this.definition.keyOf(this.owner)) return [];
    const now = rowChanges();
    if (loaded.asOf !== now) {
      loaded.current = this.definition.stillOf(loaded.key, loaded.others as readonly Stateful[]);
      loaded.asOf = now;
    }
    return loaded.current;
  }

  /** What was loaded last, for whatever key. @internal */
  lastKnown(): readonly object[] {
    return this.#loaded?.others ?? [];
  }

  /** Another is related to the owner now. @internal */
  gain(_other: Stateful): void {}

  /** Another is no longer related to the owner. @internal */
  lose(_other: Stateful): void {}

  /** Remembers what was loaded for a key of the owner. @internal */
  keep(key: LinkKey | undefined, others: readonly object[]): void {
    this.#loaded = key === undefined ? undefined : { key, others, current: others, asOf: rowChanges() };
  }

  /** Lets it be loaded anew when it is asked for next. @internal */
  forget(): void {
    this.#loaded = undefined;
  }

  /** Drops what was assigned and not saved, too. @internal */
  reset(): void {
    this.forget();
  }

  /** What is remembered, to be put back where what was written is rolled back. @internal */
  remembered(): () => void {
    const loaded = this.#loaded;
    return () => {
      this.#loaded = loaded;
    };
  }

  /** Where the owner reads and writes now. @internal */
  get scope(): Scope {
    return scopeOfInstance(this.owner);
  }

  /** The other side's manager, in the transaction that the instance is in, or on its database. */
  protected get manager(): Manager<S> {
    return new Manager(this.secondaryModel).using({ [SCOPE]: this.scope });
  }

  /** A builder of the others. */
  protected get builder(): QueryBuilder<S> {
    const { definition, owner } = this;
    const isOther = definition.keyOf(owner) === undefined ? NEVER : definition.isOf(owner);
    return new QueryBuilder(this.secondaryModel, { database: { [SCOPE]: this.scope } }).where(isOther);
  }

  /** @throws UsageError for an owner that is not in the database */
  protected requireOwner(method: string): void {
    const { owner, definition } = this;
    if (!isSaved(owner))
      throw new UsageError(
        `${definition.label}: ${method} wants a ${definition.owner.name} that is in the database; save() it first`,
      );
    if (owner[ORIGIN]?.isDeleted)
      throw new UsageError(`${definition.label}: ${method} of a ${definition.owner.name} that was deleted`);
  }

  protected notLoaded(method: string): RelationNotLoadedError {
    const { label, name, model } = this.definition;
    return new RelationNotLoadedError(
      `${label} (${model.name}) is not loaded: await its ${method}() first, or say prefetch: ["${name}"]`,
    );
  }

  /** @internal */
  [RELATED](name: string): Related {
    return this.definition.named(name);
  }

  /** @internal */
  [inspect.custom](): string {
    const { definition } = this;
    const state = this.isLoaded ? "loaded" : "not loaded";
    return `${definition.kind} ${definition.model.name} (${state})`;
  }
}

const definitions = new WeakMap<object, Definition[]>();

/** What makes a definition of what a getter says. */
type Define = (owner: AnyModel) => Definition;

/** The relation that a getter gives: the same object every time on one instance, so that it remembers what it loaded. */
export function relationOf(owner: AnyInstance, kind: string, model: AnyModel, said: Said, define: Define): unknown {
  if (!isStateful(owner)) throw new TypeError(`a relation is of an instance: say this, not ${kindOf(owner)}`);
  const isSaid = (definition: Definition): boolean =>
    definition.kind === kind && definition.model === model && isSameList(definition.said, said);
  const own = owner[RELATIONS] as Relation<AnyModel>[] | undefined;
  const known = own?.find(({ definition }) => isSaid(definition));
  if (known !== undefined) return known;
  const Class = owner.constructor as AnyModel;
  let ofClass = definitions.get(Class);
  if (ofClass === undefined) {
    ofClass = [];
    definitions.set(Class, ofClass);
  }
  let definition = ofClass.find(isSaid);
  if (definition === undefined) {
    sourceOf(model);
    definition = define(Class);
    ofClass.push(definition);
  }
  return definition.of(owner);
}

function isSameList(one: Said, other: Said): boolean {
  return one.length === other.length && one.every((item, i) => isSame(item, other[i]));
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return Array.isArray(one) && Array.isArray(other) && isSameList(one, other);
}

import { SCOPE, type Scope } from "../database/scope.js";
import { RelationNotLoadedError, UsageError } from "../errors.js";
import { INSPECT } from "../inspect.js";
import { LOADED } from "../manager/hydrate.js";
import { STATE } from "../manager/instance-state.js";
import { Manager } from "../manager/manager.js";
import { plainReading } from "../manager/reading.js";
import { scopeOfInstance } from "../model/own-row.js";
import { isSaved, isStateful, rowChanges, type Stateful } from "../model/state.js";
import { QueryBuilder } from "../query/query-builder.js";
import { keepShape } from "../shapes.js";
import { NEVER } from "../sql/conditions.js";
import { RELATED } from "../sql/related.js";
import { sourceOf } from "../sql/source.js";
import type { Related } from "../sql/statement-state.js";
import type { AnyInstance, AnyModel, RelationKind, RelationShape, relation } from "../sql/types.js";
import { kindOf, withArticle } from "../text.js";
import type { Definition, Keys, Said } from "./definition.js";
import type { LinkKey } from "./link-key.js";

const NONE: readonly object[] = Object.freeze([]);

/** What belongs to an instance by a key: typed, and loaded when asked. */
export abstract class Relation<S extends AnyModel, Kind extends RelationKind = RelationKind>
  implements RelationShape<Kind>
{
  declare readonly [relation]: Kind;
  // There is one for each row that is read with others, so that making it counts: all fields are set in one constructor,
  // where private names, and fields that each class sets by itself, take half as long again.
  /** @internal */
  declare readonly owner: Stateful;
  /** @internal */
  declare readonly definition: Definition;
  /** The next relation of its owner. @internal */
  declare next: Relation<AnyModel> | undefined;
  /** What was loaded; undefined where nothing was, or the owner had no key. */
  declare private kept: readonly object[] | undefined;
  /** The owner's key then. */
  declare private key: LinkKey | undefined;
  /** After so many changes of rows that was still so. */
  declare private keptAt: number;
  /** Whether what was loaded was chosen by conditions, so that what is there may be left out. */
  declare protected isChosen: boolean;
  /** After how many writes of relations it was written. @internal */
  declare writtenAt: number;
  /** What was assigned and not saved yet; undefined where nothing was. */
  declare protected assigned: unknown;

  /** @internal */
  constructor(owner: Stateful, definition: Definition) {
    this.owner = owner;
    this.definition = definition;
    this.next = undefined;
    this.kept = undefined;
    this.key = undefined;
    this.keptAt = 0;
    this.isChosen = false;
    this.writtenAt = 0;
    this.assigned = undefined;
  }

  /** The model of the other side. */
  get secondaryModel(): S {
    return this.definition.model as S;
  }

  /** Whether it was loaded or assigned, or there is nothing to load, so that it can be read without a query. */
  get isLoaded(): boolean {
    return this.isAssigned || this.loaded() !== undefined;
  }

  /** Whether something was assigned that is not saved yet. */
  protected abstract get isAssigned(): boolean;

  /** @internal */
  isLoadedFor(key: LinkKey | undefined): boolean {
    return key === undefined || (this.kept !== undefined && this.key === key);
  }

  /** What was loaded; undefined where nothing was for the key that the owner has now. */
  protected loaded(): readonly object[] | undefined {
    const { kept, owner } = this;
    const isUnchanged = this.keptAt === rowChanges();
    if (kept !== undefined && isUnchanged && owner[STATE].held === undefined) return kept;
    const key = this.definition.keyOf(owner);
    if (key === undefined) return NONE;
    if (kept === undefined || this.key !== key) return undefined;
    if (isUnchanged) return kept;
    // Something that was written since may have given some of them to another.
    const remaining = this.definition.stillOf(key, kept as readonly Stateful[]);
    if (remaining.length < kept.length) return remaining;
    this.keptAt = rowChanges();
    return kept;
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
    await this.together(definition, (owners) => definition.load(owners, scope, reading));
    // Others may have begun it before this one could be with them.
    if (!this.isLoaded) await definition.load([owner], scope, reading);
  }

  /** Loads something for all instances that came together with this one; once where several ask for it. */
  protected async together(what: object, load: (owners: readonly Stateful[]) => Promise<void>): Promise<void> {
    const { owner, scope } = this;
    const group = scope.batch ? owner[STATE].group : undefined;
    if (group === undefined) await load([owner]);
    else await group.load(what, scope, () => load(this.#companions(group.members)));
  }

  /** Whether others came together with the owner, for which the same is loaded. */
  protected get hasCompanions(): boolean {
    return this.scope.batch && this.owner[STATE].group !== undefined;
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
    return this.loaded() ?? NONE;
  }

  /** @internal */
  get name(): string {
    return this.definition.name;
  }

  /** What was loaded or assigned: a list, or the one or null. @internal */
  abstract known(): readonly object[] | object | null;

  /** What was loaded last, for whatever key. @internal */
  lastKnown(): readonly object[] {
    return this.kept ?? NONE;
  }

  /** Others are related to the owner now. @internal */
  gain(_others: readonly Stateful[]): void {}

  /** Others are no longer related to the owner. @internal */
  lose(_others: readonly Stateful[]): void {}

  /** Remembers what was loaded for a key that the owner had after so many changes of rows. @internal */
  keep(key: LinkKey | undefined, others: readonly object[], isChosen = false, at = rowChanges()): void {
    this.key = key;
    this.isChosen = isChosen;
    this.kept = key === undefined ? undefined : others;
    this.keptAt = at;
  }

  /** Lets it be loaded anew when it is asked for next. @internal */
  forget(): void {
    this.keep(undefined, NONE);
  }

  /** What is remembered, to be put back where what was written is rolled back. @internal */
  remembered(): () => void {
    const { key, kept, isChosen } = this;
    return () => this.keep(key, kept ?? NONE, isChosen, -1);
  }

  /** Drops what was assigned and not saved, too. @internal */
  reset(): void {
    this.forget();
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
        `${definition.label}: ${method} wants ${withArticle(definition.owner.name)} that is in the database; save() it first`,
      );
    if (owner[STATE].isDeleted)
      throw new UsageError(`${definition.label}: ${method} of ${withArticle(definition.owner.name)} that was deleted`);
  }

  protected notLoaded(method: string): RelationNotLoadedError {
    const { label, name, model } = this.definition;
    return new RelationNotLoadedError(
      `${label} (${model.name}) is not loaded: await its ${method}() first, or say prefetch: ["${name}"]`,
    );
  }

  /** What was loaded or assigned. */
  abstract get secondary(): unknown;

  /** What was loaded, for `JSON.stringify`. @throws RelationNotLoadedError where it was not */
  toJSON(): unknown {
    return this.secondary;
  }

  /** @internal */
  [RELATED](name: string): Related {
    return this.definition.named(name);
  }

  /** @internal */
  [INSPECT](): string {
    const { definition } = this;
    const state = this.isAssigned ? "assigned" : this.isLoaded ? "loaded" : "not loaded";
    return `${definition.kind} ${definition.model.name} (${state})`;
  }
}

const definitions = new WeakMap<object, Definition[]>();

/** What makes a definition of what a getter says. */
type Define = (owner: AnyModel, model: AnyModel, said: Said) => Definition;

/**
 * The relation that a getter gives: the same object every time on one instance, so that it remembers what it loaded. What
 * was said is told by itself, as a list would be made for each call.
 */
export function relationOf(
  owner: AnyInstance,
  kind: string,
  model: AnyModel,
  define: Define,
  key: Said[0],
  pivot?: Said[1],
  otherKey?: Said[2],
  symmetrical?: Said[3],
): unknown {
  if (!isStateful(owner)) throw new TypeError(`a relation is of an instance: say this, not ${kindOf(owner)}`);
  for (let own = owner[STATE].relation as Relation<AnyModel> | undefined; own !== undefined; own = own.next)
    if (isSaid(own.definition, kind, model, key, pivot, otherKey, symmetrical)) return own;
  const Class = owner.constructor as AnyModel;
  let ofClass = definitions.get(Class);
  if (ofClass === undefined) {
    ofClass = [];
    definitions.set(Class, ofClass);
  }
  for (const known of ofClass)
    if (isSaid(known, kind, model, key, pivot, otherKey, symmetrical)) return known.of(owner);
  sourceOf(model);
  const definition = define(Class, model, [key, pivot, otherKey, symmetrical]);
  ofClass.push(definition);
  const sample: object = new Class(LOADED);
  if (isStateful(sample)) keepShape(definition, () => definition.make(sample));
  return definition.of(owner);
}

function isSaid(
  { model, kind, said }: Definition,
  otherKind: string,
  otherModel: AnyModel,
  key: Said[0],
  pivot: Said[1],
  otherKey: Said[2],
  symmetrical: Said[3],
): boolean {
  return (
    model === otherModel &&
    kind === otherKind &&
    isSame(said[0], key) &&
    said[1] === pivot &&
    isSame(said[2], otherKey) &&
    said[3] === symmetrical
  );
}

const isSame = (one: Keys, other: Keys): boolean => one === other || (Array.isArray(one) && isSameList(one, other));

function isSameList(one: readonly unknown[], other: unknown): boolean {
  return Array.isArray(other) && one.length === other.length && one.every((item, i) => item === other[i]);
}

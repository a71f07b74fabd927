import { UsageError } from "../errors.js";
import type { Stateful } from "../model/state.js";
import type { CheckedWhere, WhereHint } from "../sql/relation-types.js";
import type { AnyModel, RelationKind, Where } from "../sql/types.js";
import { kindOf } from "../text.js";
import { Relation } from "./relation.js";
import { RelationQuery } from "./relation-query.js";
import { distinct, without } from "./same-row.js";

/** A relation to any number of instances, in the order of their primary key. */
export abstract class ToMany<S extends AnyModel, Kind extends RelationKind = RelationKind>
  extends Relation<S, Kind>
  implements Iterable<InstanceType<S>>
{
  /** What was assigned and not saved yet; undefined where nothing was. */
  declare protected assigned: readonly Stateful[] | undefined;

  protected get isAssigned(): boolean {
    return this.assigned !== undefined;
  }

  /**
   * All of them; loaded once, and with them those of all instances that came together with this one. Of an instance that
   * is not in the database there are none.
   */
  async fetchAll(): Promise<InstanceType<S>[]> {
    if (this.assigned === undefined) await this.loadTogether();
    return [...this.#others()];
  }

  /** The first, or null where there is none. */
  async fetchOne(): Promise<InstanceType<S> | null> {
    if (!this.#isKnown && !this.hasCompanions) return this.#query.fetchOne();
    const [first] = await this.fetchAll();
    return first ?? null;
  }

  /** How many there are: counted by the database where they are not loaded. */
  async count(): Promise<number> {
    return this.#isKnown ? this.#others().length : this.#query.count();
  }

  /** Whether there is any. */
  async exists(): Promise<boolean> {
    return this.#isKnown ? this.#others().length > 0 : this.#query.exists();
  }

  /** Those that fulfil conditions besides; always asked of the database. */
  filter(where: Where<S>): RelationQuery<S>;
  filter<const W extends WhereHint<S>>(where: CheckedWhere<S, W>): RelationQuery<S>;
  filter(where: Where<S>): RelationQuery<S> {
    return this.#query.filter(where);
  }

  /** The instances as they were loaded, or assigned. @throws RelationNotLoadedError where they were not */
  get secondary(): readonly InstanceType<S>[] {
    return [...this.#read()];
  }

  /**
   * Assigns others in place of these; `save()` writes that. What is there twice is taken once.
   *
   * @throws TypeError for what is no list of instances of the other model
   */
  set secondary(others: readonly InstanceType<S>[]) {
    if (!Array.isArray(others))
      throw new TypeError(
        `${this.definition.label} takes a list of ${this.definition.model.name}, not ${kindOf(others)}`,
      );
    this.assigned = distinct(others.map((other) => this.definition.requireOther(other)));
  }

  at(index: number): InstanceType<S> | undefined {
    return this.#read().at(index);
  }

  get length(): number {
    return this.#read().length;
  }

  [Symbol.iterator](): Iterator<InstanceType<S>> {
    return this.#read()[Symbol.iterator]();
  }

  /**
   * Writes what was assigned: the keys, and nothing else of the instances; those that are not saved are inserted, and those
   * that are left out are related no more. One transaction.
   *
   * @throws UsageError where nothing was assigned or loaded, the owner is not in the database, or one was deleted
   */
  async save(): Promise<void> {
    this.requireOwner("save()");
    const assigned = this.assigned;
    if (assigned !== undefined) {
      for (const other of assigned) this.definition.requireThere(other, "save");
      await this.replacing(this.write(assigned));
    } else if (!this.isLoaded) {
      throw new UsageError(`${this.definition.label}: there is nothing to save; assign secondary first`);
    }
  }

  /** @internal */
  override known(): readonly object[] {
    return this.#others();
  }

  override reset(): void {
    super.reset();
    this.assigned = undefined;
  }

  override remembered(): () => void {
    const [putBack, { assigned }] = [super.remembered(), this];
    return () => {
      putBack();
      this.assigned = assigned;
    };
  }

  override gain(others: readonly Stateful[]): void {
    this.#change((known) => distinct([...known, ...others]));
  }

  override lose(others: readonly Stateful[]): void {
    this.#change((known) => without(known, others));
  }

  protected abstract write(others: readonly Stateful[]): Promise<void>;

  /** Waits for a write of all others, which takes the place of what was assigned before. */
  protected async replacing(write: Promise<void>): Promise<void> {
    const assigned = this.assigned;
    await write;
    if (this.assigned === assigned) this.assigned = undefined;
  }

  /** The members that a method was given, each once. @throws TypeError, or UsageError for one that is not in the database */
  protected members(others: readonly unknown[], method: string): Stateful[] {
    this.requireOwner(`${method}()`);
    return distinct(others.map((other) => this.definition.requireSaved(other, method)));
  }

  #change(change: (others: readonly Stateful[]) => readonly Stateful[]): void {
    if (this.loaded() !== undefined)
      this.keep(this.definition.keyOf(this.owner), change(this.others() as readonly Stateful[]));
    if (this.assigned !== undefined) this.assigned = change(this.assigned);
  }

  get #isKnown(): boolean {
    return this.assigned !== undefined || this.isLoaded;
  }

  #read(): readonly InstanceType<S>[] {
    const others = this.assigned ?? this.loaded();
    if (others === undefined) throw this.notLoaded("fetchAll");
    return others as readonly InstanceType<S>[];
  }

  #others(): readonly InstanceType<S>[] {
    return (this.assigned ?? this.others()) as readonly InstanceType<S>[];
  }

  get #query(): RelationQuery<S> {
    const { definition, owner } = this;
    const isEmpty = definition.keyOf(owner) === undefined;
    const manager = () => (definition.keyOf(owner) === undefined ? undefined : this.manager);
    return new RelationQuery(manager, isEmpty ? [] : [definition.isOf(owner)], { orderBy: definition.keyOrder });
  }
}

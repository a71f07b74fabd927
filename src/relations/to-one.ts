import { NotFoundError, UsageError } from "../errors.js";
import type { Stateful } from "../model/state.js";
import type { QueryBuilder } from "../query/query-builder.js";
import type { AnyModel, RelationKind } from "../sql/types.js";
import type { LinkKey } from "./link-key.js";
import { Relation } from "./relation.js";

/** A relation to one instance at most. */
export abstract class ToOne<S extends AnyModel, Kind extends RelationKind = RelationKind> extends Relation<S, Kind> {
  /** What was assigned and not saved yet, and the key of the owner then. */
  declare protected assigned: { readonly other: Stateful | null; readonly key: LinkKey | undefined } | undefined;

  /** What was assigned and not saved yet; undefined where nothing was. */
  protected get pending(): { readonly other: Stateful | null } | undefined {
    return this.assigned;
  }

  protected get isAssigned(): boolean {
    return this.pending !== undefined;
  }

  /**
   * The other instance, or null where there is none. Loaded once, and with it those of all instances that came together
   * with this one.
   */
  async fetch(): Promise<InstanceType<S> | null> {
    if (this.pending === undefined) await this.loadTogether();
    return this.#other();
  }

  /**
   * The other instance as it was loaded, or assigned; null where there is none, or a prefetch left it out.
   *
   * @throws RelationNotLoadedError where it was not
   * @throws NotFoundError where a key that is not nullable refers to a row that is gone, or hidden
   */
  get secondary(): InstanceType<S> | null | undefined {
    const { pending } = this;
    if (pending !== undefined) return pending.other as InstanceType<S> | null;
    const others = this.loaded();
    if (others === undefined) throw this.notLoaded("fetch");
    const other = others[0];
    if (other === undefined && this.isRequired && !this.isChosen)
      throw new NotFoundError(`${this.definition.label}: the ${this.definition.model.name} is not there`);
    return (other ?? null) as InstanceType<S> | null;
  }

  /** Assigns another; `save()` writes it. @throws TypeError where it is no instance of the other model */
  set secondary(other: InstanceType<S> | Kind["none"]) {
    this.assign(other === null ? null : this.definition.requireOther(other));
  }

  /** Whether there must be one: the key that this side holds is not nullable, and is there. */
  protected get isRequired(): boolean {
    return false;
  }

  /**
   * Writes what was assigned: the keys, and nothing else of the instances; one that is not saved is inserted.
   *
   * @throws UsageError where nothing was assigned or loaded, the owner is not in the database, or the other was deleted
   */
  async save(): Promise<void> {
    this.requireOwner("save()");
    const { pending } = this;
    if (pending !== undefined) {
      if (pending.other !== null) this.definition.requireThere(pending.other, "save");
      await this.write(pending.other);
      if (this.assigned === pending) this.assigned = undefined;
    } else if (!this.isLoaded) {
      throw new UsageError(`${this.definition.label}: there is nothing to save; assign secondary first`);
    }
  }

  /** A builder of a query that gives the other instance, as the database has it. */
  query(): QueryBuilder<S> {
    return this.builder;
  }

  /** @internal */
  override known(): object | null {
    return this.#other();
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

  /** Takes an instance, to be written later. */
  protected assign(other: Stateful | null): void {
    this.assigned = { other, key: this.definition.keyOf(this.owner) };
  }

  protected abstract write(other: Stateful | null): Promise<void>;

  /** Remembers an instance that is the other now. */
  protected settle(other: Stateful | null): void {
    this.keep(this.definition.keyOf(this.owner), other === null ? [] : [other]);
  }

  override gain([other]: readonly Stateful[]): void {
    if (other !== undefined) this.settle(other);
  }

  #other(): InstanceType<S> | null {
    const { pending } = this;
    if (pending !== undefined) return pending.other as InstanceType<S> | null;
    return (this.others()[0] ?? null) as InstanceType<S> | null;
  }
}

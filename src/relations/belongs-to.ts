import type { Scope } from "../database/scope.js";
import { UsageError } from "../errors.js";
import { STATE } from "../manager/instance-state.js";
import { saveInstance } from "../model/operations.js";
import { writeColumns } from "../model/persist.js";
import { heldNow } from "../model/settle.js";
import { assignColumn, isSaved, type Stateful } from "../model/state.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";
import type { Definition, Keys, Said } from "./definition.js";
import { Keyed, keyPairs } from "./keyed.js";
import { linkKey, valueFor, valuesOf } from "./link-key.js";
import { relationOf } from "./relation.js";
import type { RelationState } from "./relation-state.js";
import { without } from "./same-row.js";
import { ToOne } from "./to-one.js";
import { type Touch, writeAlone, writeTogether } from "./writing.js";

interface BelongsToKind<S extends AnyModel, None extends null, Key extends string> {
  readonly model: S;
  readonly many: false;
  readonly none: None;
  readonly ownKey: Key;
  readonly otherKey: never;
  readonly pivot: never;
}

/** The one instance whose key this instance holds. `None` is read where there is none: null, if the key is nullable. */
export class BelongsTo<S extends AnyModel, None extends null = null, Key extends string = string> extends ToOne<
  S,
  BelongsToKind<S, None, Key>
> {
  /** @internal */
  declare readonly definition: BelongsToDefinition;

  protected override get pending() {
    // Another key that was assigned since takes the place of the instance.
    const { assigned } = this;
    return assigned !== undefined && assigned.key === this.definition.keyOf(this.owner) ? assigned : undefined;
  }

  /** The key goes with the instance at once, where it has one, so that saving the owner writes it too. */
  protected override assign(other: Stateful | null): void {
    const { pairs } = this.definition;
    if (other === null) {
      if (pairs.every(({ own }) => own.nullable)) for (const { own } of pairs) assignColumn(this.owner, own, null);
    } else if (isSaved(other)) {
      const values = this.definition.otherValues(other);
      // None is assigned where one can't be.
      pairs.forEach(({ own }, i) => void own.canonical(values[i]));
      for (const [i, { own }] of pairs.entries()) assignColumn(this.owner, own, values[i]);
    }
    super.assign(other);
  }

  protected override get isRequired(): boolean {
    const columns = this.definition.pairs.map(({ own }) => own);
    return columns.some(({ nullable }) => !nullable) && linkKey(valuesOf(this.owner, columns)) !== undefined;
  }

  protected override async write(other: Stateful | null): Promise<void> {
    const { definition, owner } = this;
    const columns = definition.pairs.map(({ own }) => own);
    const fixed = columns.find(({ nullable }) => !nullable);
    if (other === null && fixed !== undefined)
      throw new UsageError(`${definition.label} can't be null: ${fixed.label} is not nullable`);
    const before = this.lastKnown() as readonly Stateful[];
    const held = heldNow(owner);
    const work = async (_: Scope, touch: Touch): Promise<void> => {
      if (other !== null && !isSaved(other)) await saveInstance(other);
      const values = other === null ? columns.map(() => null) : definition.otherValues(other);
      await writeColumns(owner, columns, values, held);
      // A key that was assigned meanwhile leads to another.
      const isKept = columns.every(({ index }) => owner[STATE].held?.[index] === undefined);
      if (isKept) touch(this).settle(other);
      else touch(this).forget();
      const others = other === null ? [] : [other];
      definition.tell(owner, without(before, others), others, touch);
    };
    if (other === null || isSaved(other)) await writeAlone(this, [], work);
    else await writeTogether(this, [other], work);
  }
}

class BelongsToDefinition extends Keyed {
  readonly kind = "BelongsTo";
  readonly isMany = false;

  make(owner: Stateful): RelationState {
    return new BelongsTo(owner, this);
  }

  isInverse(other: Definition): boolean {
    return other instanceof Keyed && other.holder === "other" && other.isOfSameColumns(this);
  }

  override readonly holder = "own";
  override readonly comesFirst = true;

  override get filledOfOwn(): readonly string[] {
    return this.pairs.map(({ own }) => own.property);
  }

  override valuesOfOwn([other]: readonly Stateful[]): object {
    const values = other === undefined ? [] : this.otherValues(other);
    return Object.fromEntries(this.pairs.map(({ own }, i) => [own.property, values[i] ?? null]));
  }

  /** The values of the key that another instance gives. */
  otherValues(other: Stateful): unknown[] {
    const values = valuesOf(
      other,
      this.pairs.map((pair) => pair.other),
    );
    if (linkKey(values) === undefined) throw this.keyless(this.model);
    return values.map((value, i) => valueFor(this.pairs[i]?.own as TableColumn, value));
  }
}

/**
 * The relation to the model whose key this instance holds, for a getter: `get author() { return belongsTo(this, User); }`.
 *
 * @param key the property that holds the key, or the properties of a key of several columns; default `<model>Id`
 * @throws TypeError where there is no such column
 */
export function belongsTo<D, S extends AnyModel, const K extends keyof D & string>(
  owner: Owner<D>,
  model: S,
  key: K | readonly K[],
): BelongsTo<S, null extends D[K] ? null : never, K>;
export function belongsTo<S extends AnyModel>(owner: AnyInstance, model: S): BelongsTo<S>;
export function belongsTo(owner: AnyInstance, model: AnyModel, key?: Keys): unknown {
  return relationOf(owner, "BelongsTo", model, defineBelongsTo, key);
}

const defineBelongsTo = (owner: AnyModel, model: AnyModel, said: Said): Definition => {
  const pairs = keyPairs(owner, model, said[0]).map(({ held, referred }) => ({ own: held, other: referred }));
  return new BelongsToDefinition(owner, model, said, pairs);
};

/** The instance by its data: of itself, the type would depend on `this`. */
interface Owner<D> extends AnyInstance {
  readonly data: D;
}

import { SCOPE, type Scope } from "../database/scope.js";
import { NotFoundError, UsageError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import type { Given } from "../manager/related-models.js";
import { saveInstance } from "../model/operations.js";
import { keepColumns } from "../model/settle.js";
import { assignColumn, isSaved, isStateful, type Stateful } from "../model/state.js";
import { and, type Condition, not } from "../sql/conditions.js";
import type { TableColumn } from "../sql/table.js";
import type { AnyModel, UpdateValues } from "../sql/types.js";
import { withArticle } from "../text.js";
import { isContent, rewriteEach } from "./content-rows.js";
import type { Definition, Keys } from "./definition.js";
import { areEqual, isOneOf, Keyed, keyPairs, type Pair } from "./keyed.js";
import { keyInSaved, type LinkKey, linkKey, valueFor, valuesOf } from "./link-key.js";
import type { RelationState } from "./relation-state.js";
import { distinct, isSameRow } from "./same-row.js";
import { type Touch, writeAlone, writeTogether } from "./writing.js";

/** The pairs of a key that the other model holds. */
export function hasPairs(owner: AnyModel, model: AnyModel, keys: Keys): Pair[] {
  return keyPairs(model, owner, keys).map(({ held, referred }) => ({ own: referred, other: held }));
}

/** Others that hold the key of an instance. */
export abstract class HasDefinition extends Keyed {
  override readonly holder = "other";
  readonly #keyInRow = keyInSaved(this.others);

  override keyOf(owner: Stateful): LinkKey | undefined {
    return isSaved(owner) ? super.keyOf(owner) : undefined;
  }

  override stillOf(key: LinkKey, others: readonly Stateful[]): readonly Stateful[] {
    return others.filter((other) => this.#keyInRow(other) === key);
  }

  override get filledOfOthers(): readonly string[] {
    return this.others.map(({ property }) => property);
  }

  override valuesOfOthers(owner: Stateful): object {
    return valuesBy(this.others, this.ownValues(owner));
  }

  override async relate(given: readonly Given[], within: Scope): Promise<void> {
    for (const { owner, known } of given)
      if (isStateful(owner)) await this.#take(owner, distinct(known.filter(isStateful)), within);
    await super.relate(given, within);
  }

  isInverse(other: Definition): boolean {
    return other instanceof Keyed && other.holder === "own" && other.isOfSameColumns(this);
  }

  /** Lets these hold the key of the owner, and no others: they are set free, and those that are new are inserted. */
  async replace(relation: RelationState, others: readonly Stateful[]): Promise<void> {
    const { owner } = relation;
    if (!this.canRelate(owner, others)) return;
    const before = relation.lastKnown() as readonly Stateful[];
    await writeTogether(relation, others, async (within, touch) => {
      const kept = others.filter(isSaved);
      const isLeft = [this.#isOwn(owner), ...(kept.length > 0 ? [not(this.#isOneOf(kept))] : [])];
      await this.#free(owner, before, and(...isLeft), within);
      await this.#take(owner, kept, within);
      for (const other of others) if (!isSaved(other)) await this.#insert(owner, other);
      touch(relation).keep(this.keyOf(owner), others);
      this.#tell(owner, others, touch);
    });
  }

  /** Lets these hold the key of the owner as well. */
  async add(relation: RelationState, others: readonly Stateful[]): Promise<void> {
    this.canRelate(relation.owner, others);
    const write = others.length === 1 ? writeAlone : writeTogether;
    await write(relation, others, async (within, touch) => {
      await this.#take(relation.owner, others, within);
      touch(relation).gain(others);
      this.#tell(relation.owner, others, touch);
    });
  }

  /** Sets these free, where they hold the key of the owner. */
  async remove(relation: RelationState, others: readonly Stateful[]): Promise<void> {
    if (!this.canRelate(relation.owner)) return;
    await writeAlone(relation, [], async (within, touch) => {
      await this.#free(relation.owner, others, and(this.#isOwn(relation.owner), this.#isOneOf(others)), within);
      touch(relation).lose(others);
    });
  }

  async clear(relation: RelationState): Promise<void> {
    const { owner } = relation;
    if (!this.canRelate(owner)) return;
    const before = relation.lastKnown() as readonly Stateful[];
    await writeAlone(relation, [], async (within, touch) => {
      await this.#free(owner, before, this.#isOwn(owner), within);
      touch(relation).keep(this.keyOf(owner), []);
    });
  }

  /** Those among `known` that hold the owner's key, and all that fulfil the condition, hold none. */
  async #free(owner: Stateful, known: readonly Stateful[], condition: Condition, within: Scope): Promise<void> {
    const columns = this.others;
    const manager = this.#manager(within);
    const fixed = columns.find(({ nullable }) => !nullable);
    if (fixed !== undefined) {
      if (!(await manager.exists({ where: condition }))) return;
      throw new UsageError(
        `${this.label}: those that it leaves would have no ${fixed.label}, which is not nullable: delete them, or let them belong to another`,
      );
    }
    const key = this.keyOf(owner);
    // A row may hold its own key.
    const all = owner.constructor === this.model ? [...known, owner] : known;
    const theirs = all.filter((other) => linkKey(valuesOf(other, columns)) === key);
    const none = columns.map(() => null);
    await this.#write(condition, none, theirs, within);
  }

  /** Lets others that are in the database hold the owner's key. @throws NotFoundError where one is gone */
  async #take(owner: Stateful, others: readonly Stateful[], within: Scope): Promise<void> {
    if (others.length === 0) return;
    this.canRelate(owner, others);
    const taken = await this.#write(this.#isOneOf(others), this.ownValues(owner), others, within);
    if (taken < others.length)
      throw new NotFoundError(`${this.label}: ${withArticle(this.model.name)} is not there any more`);
  }

  /** Writes keys to rows, and to the instances of them; the time of that as well, where the model keeps it. */
  async #write(
    condition: Condition,
    keys: readonly unknown[],
    instances: readonly Stateful[],
    within: Scope,
  ): Promise<number> {
    const { updatedAt } = this.target.table;
    const columns = updatedAt === undefined ? this.others : [...this.others, updatedAt];
    const values = updatedAt === undefined ? keys : [...keys, new Date()];
    if (isContent(this.target.table, columns))
      return rewriteEach(this.#manager(within), condition, valuesBy(columns, values), { columns, instances, within });
    const count = await this.#manager(within).update(condition, valuesBy(columns, values));
    if (count === 0) return count;
    const encoded = columns.map((column, i) => column.encode(within.dialect, values[i]));
    for (const instance of instances) keepColumns(instance, columns, encoded, within);
    return count;
  }

  async #insert(owner: Stateful, other: Stateful): Promise<void> {
    const values = this.ownValues(owner);
    for (const [i, column] of this.others.entries()) assignColumn(other, column, values[i]);
    await saveInstance(other);
  }

  /** Lets others know their owner, and owners that they had before that they are gone. */
  #tell(owner: Stateful, others: readonly Stateful[], touch: Touch): void {
    const lost = new Map<RelationState, Stateful[]>();
    for (const other of others) {
      for (const inverse of this.inversesOf(other)) {
        for (const left of inverse.lastKnown() as readonly Stateful[])
          if (!isSameRow(left, owner))
            for (const theirs of inverse.definition.inversesOf(left)) {
              const gone = lost.get(theirs);
              if (gone === undefined) lost.set(theirs, [other]);
              else gone.push(other);
            }
        touch(inverse).gain([owner]);
      }
    }
    for (const [theirs, gone] of lost) touch(theirs).lose(gone);
  }

  /** The values of the owner's key, as the others hold them. */
  ownValues(owner: Stateful): unknown[] {
    return valuesOf(owner, this.own).map((value, i) => valueFor(this.others[i] as TableColumn, value));
  }

  #isOwn(owner: Stateful): Condition {
    return areEqual(this.others, valuesOf(owner, this.own));
  }

  #isOneOf(others: readonly Stateful[]): Condition {
    const { key, name } = this.target.table;
    if (key.length === 0) throw new UsageError(`table ${name} has no primary key by which to find a row again`);
    return isOneOf(
      key,
      others.map((other) => valuesOf(other, key)),
    );
  }

  #manager(within: Scope): Manager<AnyModel> {
    return new Manager(this.model).using({ [SCOPE]: within });
  }
}

const valuesBy = (columns: readonly TableColumn[], values: readonly unknown[]) =>
  Object.fromEntries(columns.map(({ property }, i) => [property, values[i]])) as UpdateValues<AnyModel>;

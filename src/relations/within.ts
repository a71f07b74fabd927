import { SCOPE, type Scope } from "../database/scope.js";
import { NotFoundError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import { saveInstance } from "../model/operations.js";
import { scopeOfInstance } from "../model/own-row.js";
import { updateRow } from "../model/persist.js";
import { keepFrom } from "../model/settle.js";
import { assignColumn, isSaved, isStateful, type Stateful } from "../model/state.js";
import type { QueryBuilder } from "../query/query-builder.js";
import { NEVER, or } from "../sql/conditions.js";
import { holdsId } from "../sql/id-list.js";
import type { AnyInstance, AnyModel, ColumnName } from "../sql/types.js";
import { withArticle } from "../text.js";
import { closureOf } from "./closure.js";
import { isContent } from "./content-rows.js";
import type { Definition, Said } from "./definition.js";
import { isOneOf } from "./keyed.js";
import { valuesOf } from "./link-key.js";
import { Contained, idsColumn, joinIds, type ListedKind, listedKey } from "./listed.js";
import { relationOf } from "./relation.js";
import type { RelationState } from "./relation-state.js";
import { rowOf, without } from "./same-row.js";
import { ToMany } from "./to-many.js";
import { writeTogether } from "./writing.js";

/** The instances that hold this instance's id: sorted with others, joined by commas, in a text. */
export class Within<S extends AnyModel> extends ToMany<S, ListedKind<S>> {
  /** @internal */
  declare readonly definition: WithinDefinition;

  /** A builder of queries for the others. */
  query(): QueryBuilder<S> {
    return this.builder;
  }

  /**
   * All that this instance is a part of: those that hold its id, those that hold theirs, and so on, each once, in the order
   * of their keys; one query. Of a relation to the same model.
   */
  async closure(): Promise<InstanceType<S>[]> {
    return (await closureOf(this.definition, this.owner, scopeOfInstance(this.owner))) as InstanceType<S>[];
  }

  protected override write(others: readonly Stateful[]): Promise<void> {
    return this.definition.replace(this, others);
  }
}

class WithinDefinition extends Contained {
  readonly kind = "Within";

  make(owner: Stateful): RelationState {
    return new Within(owner, this);
  }

  /** Lets these hold the id of the owner, and no others; those that are new are inserted with it. */
  async replace(relation: RelationState, others: readonly Stateful[]): Promise<void> {
    const { owner } = relation;
    const id = this.idOf(owner);
    const before = relation.lastKnown() as readonly Stateful[];
    await writeTogether(relation, others, async (within, touch) => {
      const kept = others.filter(isSaved);
      for (const other of others) {
        if (isSaved(other)) continue;
        assignColumn(other, this.ids, joinIds([...this.idsOf(other), id]));
        await saveInstance(other);
      }
      await this.#update(id, kept, [...kept, ...before], within, others);
      touch(relation).keep(this.keyOf(owner), others);
      this.tell(owner, without(before, others), others, touch);
    });
  }

  /** Adds the id to the rows of those that are kept, and takes it out of all others that hold it, as the rows are now. */
  async #update(
    id: string,
    kept: readonly Stateful[],
    known: readonly Stateful[],
    within: Scope,
    others: readonly Stateful[],
  ): Promise<void> {
    const manager = new Manager(this.model).using({ [SCOPE]: within });
    const { key } = this.target.table;
    const keys = kept.map((other) => valuesOf(other, key));
    const isKept = keys.length === 0 ? NEVER : isOneOf(key, keys);
    // Locked, as others may write other ids to the same texts meanwhile; by key, so that they don't wait for each other.
    const where = or(holdsId(this.ids, id), isKept);
    const rows = await manager.getInstances({ where, orderBy: this.keyOrder, lock: "update" });
    const there = rows.flatMap((row) => (isStateful(row) ? row : []));
    const byRow = new Map(there.map((row) => [rowOf(row), row]));
    const members = new Set(others.map(rowOf));
    if (!kept.every((other) => byRow.has(rowOf(other))))
      throw new NotFoundError(`${this.label}: ${withArticle(this.model.name)} is not there any more`);
    const changed = there.filter((row) => {
      const ids = this.idsOf(row).filter((held) => held !== id);
      const text = joinIds(members.has(rowOf(row)) ? [...ids, id] : ids);
      if (text === valuesOf(row, [this.ids])[0]) return false;
      assignColumn(row, this.ids, text);
      return true;
    });
    if (isContent(this.target.table, [this.ids])) for (const row of changed) await updateRow(row, {});
    else if (changed.length > 0) await manager.bulkUpdate(changed as never[]);
    // Instances that were loaded before may not know what their rows have, changed or not.
    for (const instance of known) {
      const row = byRow.get(rowOf(instance));
      if (row !== undefined) keepFrom(instance, row, [this.ids], within);
    }
  }
}

/**
 * The relation to the instances that hold this one's id, for a getter: `get children() { return within(this, Node, "parentIds"); }`.
 *
 * @param ids the property of the other model that holds the ids, a text; default `<this model>Ids`
 * @throws TypeError where there is no such column, or it is no text
 */
export function within<S extends AnyModel>(owner: AnyInstance, model: S, ids?: ColumnName<S>): Within<S> {
  const define = (Class: AnyModel, _: AnyModel, said: Said): Definition =>
    new WithinDefinition(Class, model, said, idsColumn(model, Class, ids), listedKey(Class));
  return relationOf(owner, "Within", model, define, ids) as Within<S>;
}

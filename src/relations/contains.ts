import { saveInstance } from "../model/operations.js";
import { scopeOfInstance } from "../model/own-row.js";
import { writeColumns } from "../model/persist.js";
import { isSaved, type Stateful } from "../model/state.js";
import type { QueryBuilder } from "../query/query-builder.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";
import { closureOf } from "./closure.js";
import type { Definition, Said } from "./definition.js";
import { Containing, idsColumn, joinIds, type ListedKind, listedKey } from "./listed.js";
import { relationOf } from "./relation.js";
import type { RelationState } from "./relation-state.js";
import { without } from "./same-row.js";
import { ToMany } from "./to-many.js";
import { writeTogether } from "./writing.js";

/** The instances whose ids this instance holds: sorted, joined by commas, in a text. */
export class Contains<S extends AnyModel> extends ToMany<S, ListedKind<S>> {
  /** @internal */
  declare readonly definition: ContainsDefinition;

  /** A builder of queries for the others. */
  query(): QueryBuilder<S> {
    return this.builder;
  }

  /**
   * All that this instance is made of: those whose ids it holds, those whose ids these hold, and so on, each once, in the
   * order of their keys; one query. Of a relation to the same model.
   */
  async closure(): Promise<InstanceType<S>[]> {
    return (await closureOf(this.definition, this.owner, scopeOfInstance(this.owner))) as InstanceType<S>[];
  }

  protected override async write(others: readonly Stateful[]): Promise<void> {
    const { definition, owner } = this;
    const before = this.lastKnown() as readonly Stateful[];
    await writeTogether(this, others, async (_, touch) => {
      for (const other of others) if (!isSaved(other)) await saveInstance(other);
      await writeColumns(owner, [definition.ids], [joinIds(others.map((other) => definition.idOf(other)))]);
      touch(this).keep(definition.keyOf(owner), others);
      definition.tell(owner, without(before, others), others, touch);
    });
  }
}

class ContainsDefinition extends Containing {
  readonly kind = "Contains";

  make(owner: Stateful): RelationState {
    return new Contains(owner, this);
  }
}

/**
 * The relation to the instances whose ids this one holds, for a getter: `get parents() { return contains(this, Node, "parentIds"); }`.
 *
 * @param ids the property that holds the ids, a text; default `<model>Ids`
 * @throws TypeError where there is no such column, or it is no text
 */
export function contains<D, S extends AnyModel>(owner: Owner<D>, model: S, ids?: keyof D & string): Contains<S> {
  const define = (Class: AnyModel, _: AnyModel, said: Said): Definition =>
    new ContainsDefinition(Class, model, said, idsColumn(Class, model, ids), listedKey(model));
  return relationOf(owner, "Contains", model, define, ids) as Contains<S>;
}

/** The instance by its data: of itself, the type would depend on `this`. */
interface Owner<D> extends AnyInstance {
  readonly data: D;
}

import { SCOPE, type Scope } from "../database/scope.js";
import { RelationNotLoadedError, UsageError } from "../errors.js";
import { Manager } from "../manager/manager.js";
import { scopeOfInstance } from "../model/persist.js";
import { isSaved, type Stateful } from "../model/state.js";
import { sourceOf } from "../sql/source.js";
import type { Table, TableColumn } from "../sql/table.js";
import type { AnyInstance, AnyModel } from "../sql/types.js";

/** What belongs to an instance by a key: typed, and loaded when asked. */
export abstract class Relation<S extends AnyModel> {
  /** @internal */
  constructor(
    protected readonly owner: AnyInstance,
    /** The model of the other side. */
    readonly secondaryModel: S,
    /** The property that holds the key of the other side, or of this one. */
    readonly keyProperty: string,
  ) {}

  /** Whether it was loaded, so that it can be read without a query. */
  abstract readonly isLoaded: boolean;

  /** Loads it anew, whatever was loaded before. */
  abstract reload(): Promise<this>;

  /** The other side's manager, in the transaction that the instance is in, or on its database. */
  protected get manager(): Manager<S> {
    return new Manager(this.secondaryModel).using({ [SCOPE]: this.#scope });
  }

  /** Every instance is made by `Model()`, which the compiler can't be told without naming its state to users. */
  get #state(): Stateful {
    return this.owner as unknown as Stateful;
  }

  get #scope(): Scope {
    return scopeOfInstance(this.#state);
  }

  protected get isOwnerSaved(): boolean {
    return isSaved(this.#state);
  }

  protected notLoaded(method: string): RelationNotLoadedError {
    const owner = this.owner.constructor.name;
    return new RelationNotLoadedError(
      `${owner}'s ${this.secondaryModel.name} by ${this.keyProperty} is not loaded: await its ${method}() first`,
    );
  }
}

const relations = new WeakMap<AnyInstance, Relation<AnyModel>[]>();

/** The relation that a getter gives: the same object every time on one instance, so that it remembers what it loaded. */
export function sameRelation<R extends Relation<AnyModel>>(
  owner: AnyInstance,
  kind: new (...args: never[]) => R,
  model: AnyModel,
  keyProperty: string,
  make: () => R,
): R {
  let own = relations.get(owner);
  if (own === undefined) {
    own = [];
    relations.set(owner, own);
  }
  for (const relation of own) {
    const isSame = relation.secondaryModel === model && relation.keyProperty === keyProperty;
    if (isSame && relation instanceof kind) return relation;
  }
  const made = make();
  own.push(made);
  return made;
}

/**
 * The column that a key refers to: what its `references` says, else the primary key.
 *
 * @throws UsageError where that is not one column
 */
export function referredBy(key: TableColumn, referred: Table): TableColumn {
  const said = key.settings.reference?.column;
  if (said !== undefined) return referred.column(said);
  const [only, ...more] = referred.key;
  if (only !== undefined && more.length === 0) return only;
  throw new UsageError(`${key.label} can't refer to ${referred.name}, whose key is not one column`);
}

/** The key that refers to a model where none is named: `userId` for User. @throws TypeError where it is no model */
export function defaultKey(model: { readonly name: string }): string {
  sourceOf(model);
  return `${model.name.charAt(0).toLowerCase()}${model.name.slice(1)}Id`;
}

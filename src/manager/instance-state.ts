import type { Scope } from "../database/scope.js";
import { keepShape } from "../shapes.js";
import type { LoadGroup } from "./load-group.js";

/** What an instance has besides the values of its row. */
export const STATE = Symbol("rowkeeper.state");

/** A relation of an instance, as the instance knows it. */
export interface KeptRelation {
  /** The getter's name. */
  readonly name: string;
  /** Whether it can be read without a query. */
  readonly isLoaded: boolean;
  /** What was loaded or assigned: a list, or the one or null. */
  known(): readonly object[] | object | null;
  /** Drops what was loaded, and what was assigned and not saved. */
  reset(): void;
  /** The one that was asked for next. A list of their own would be larger than most relations. */
  next: KeptRelation | undefined;
}

/**
 * What an instance has besides the values of its row. The instances of one result share one, until something is assigned to
 * one of them, or a relation of it asked for: then it has its own.
 */
export class State {
  /** Where it reads and writes; undefined: on its model's database. */
  scope: Pick<Scope, "current"> | undefined;
  /** Those that came together, where there are several, and the model has relations. */
  readonly group: LoadGroup | undefined;
  /** A few of them, which keep each other. */
  readonly siblings: readonly object[] | undefined;
  /** Values that were decoded to objects, or assigned, by the columns' places; undefined where there are none. */
  held: unknown[] | undefined = undefined;
  /** The first of the relations that were asked for; undefined where none was. */
  relation: KeptRelation | undefined = undefined;
  /** Whether it is not in the database. */
  isNew = false;
  isDeleted = false;
  /** Whether it is one instance's alone. */
  isOwn = false;

  constructor(scope?: Pick<Scope, "current">, group?: LoadGroup, siblings?: readonly object[]) {
    this.scope = scope;
    this.group = group;
    this.siblings = siblings;
  }

  /** That of an instance that is not in the database. */
  static ofNew(): State {
    const state = new State();
    state.isNew = true;
    state.isOwn = true;
    return state;
  }

  /** The same for one instance alone. */
  own(): State {
    const own = new State(this.scope, this.group, this.siblings);
    own.isOwn = true;
    return own;
  }
}

keepShape(State, () => new State());

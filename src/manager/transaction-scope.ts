import { type NestableScope, SCOPE, type Scope } from "../database/scope.js";
import type { AnyModel } from "../sql/types.js";

/** What a manager has besides while it is bound to a transaction. */
export interface TransactionScope extends AsyncDisposable {
  /**
   * Makes what was written last. Of a nested transaction: hands it to the one around it.
   *
   * @throws TransactionClosedError after the end, or where a statement has failed (all is rolled back then)
   * @throws AmbiguousCommitError where the connection is lost before the database answers
   */
  commit(): Promise<void>;
  /** Undoes what was written. Instances that were inserted are unsaved again. @throws TransactionClosedError after the end */
  rollback(): Promise<void>;
  /**
   * Calls back once the outermost transaction is committed; never where it, or a nested one around the call, is rolled
   * back. What the callback throws comes out of `commit()`, and undoes nothing.
   *
   * @throws TransactionClosedError after the end
   */
  afterCommit(callback: () => unknown): void;
}

interface BoundManager {
  readonly [SCOPE]: Scope;
}

type ManagerClass<T> = new (model: AnyModel) => T;

const classes = new WeakMap<object, unknown>();

/**
 * A manager's class with the methods of a transaction; made once. They are no part of the class itself: outside a
 * transaction there is nothing to commit.
 */
export function transactional<T extends BoundManager>(Plain: ManagerClass<T>): ManagerClass<T & TransactionScope> {
  let made = classes.get(Plain) as ManagerClass<T & TransactionScope> | undefined;
  if (made === undefined) {
    made = withTransaction(Plain as ManagerClass<BoundManager>) as unknown as ManagerClass<T & TransactionScope>;
    classes.set(Plain, made);
  }
  return made;
}

function withTransaction(Plain: ManagerClass<BoundManager>): ManagerClass<BoundManager & TransactionScope> {
  class Transactional extends Plain implements TransactionScope {
    commit(): Promise<void> {
      return scopeOf(this).commit();
    }

    rollback(): Promise<void> {
      return scopeOf(this).rollback();
    }

    afterCommit(callback: () => unknown): void {
      scopeOf(this).afterCommit(callback);
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await scopeOf(this)[Symbol.asyncDispose]();
    }
  }
  // To all who ask, a manager in a transaction is of its own class.
  Object.defineProperty(Transactional.prototype, "constructor", { value: Plain });
  return Transactional;
}

const scopeOf = (manager: BoundManager): NestableScope => manager[SCOPE] as NestableScope;

import type { NestableScope } from "../database/scope.js";

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

/** Gives a manager the methods of its transaction. They are no part of its class: elsewhere it has nothing to commit. */
export function bindTransaction<T extends object>(manager: T, transaction: NestableScope): T & TransactionScope {
  const methods: TransactionScope = {
    commit: () => transaction.commit(),
    rollback: () => transaction.rollback(),
    afterCommit: (callback) => transaction.afterCommit(callback),
    [Symbol.asyncDispose]: () => transaction[Symbol.asyncDispose](),
  };
  const bound = manager as T & TransactionScope;
  for (const name of Reflect.ownKeys(methods)) {
    const value: unknown = Reflect.get(methods, name);
    Object.defineProperty(bound, name, { value, configurable: true, enumerable: false });
  }
  return bound;
}

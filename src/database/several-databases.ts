import { RowkeeperError, UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import { Database } from "./database.js";
import { runInFlow } from "./flow.js";
import { rollBackAfterError } from "./run-transaction.js";
import type { TransactionOptions } from "./scope.js";
import type { Transaction } from "./transaction.js";

/**
 * Runs a function in a transaction on each of several databases: all are rolled back when it throws, or a statement has
 * failed, and committed, one after another, when it returns.
 *
 * It is no two-phase commit: where one of the later commits fails, those before it stay committed, and the error says so.
 *
 * @throws TypeError for what are no databases, or no function
 * @throws what the function throws; all is rolled back then
 * @throws RowkeeperError where some were committed before another's commit failed
 */
export async function transaction<T>(
  databases: readonly Database[],
  work: (scopes: Transaction[]) => Promise<T> | T,
  options: TransactionOptions = {},
): Promise<T> {
  if (!Array.isArray(databases))
    throw new TypeError(`transaction() wants a list of databases, not ${kindOf(databases)}`);
  for (const database of databases)
    if (!(database instanceof Database)) throw new TypeError(`transaction() wants databases, not ${kindOf(database)}`);
  if (typeof work !== "function") throw new TypeError(`transaction() wants a function, not ${kindOf(work)}`);
  if (new Set(databases).size < databases.length) throw new UsageError("transaction() names each database once");
  const scopes = databases.map((database) => database.transaction(options));
  const inFlows = scopes.reduceRight<() => Promise<T>>(
    (inner, scope) => () => runInFlow(scope, inner),
    async () => work(scopes),
  );
  try {
    const result = await inFlows();
    for (const scope of scopes) scope.checkNotFailed();
    await commitAll(scopes);
    return result;
  } catch (error) {
    for (const scope of scopes) await rollBackAfterError(scope);
    throw error;
  }
}

async function commitAll(scopes: readonly Transaction[]): Promise<void> {
  const ofCallbacks: unknown[] = [];
  let committed = 0;
  for (const scope of scopes) {
    if (scope.isEnded) continue;
    try {
      await scope.commit();
    } catch (cause) {
      if (scope.isCommitted) ofCallbacks.push(cause);
      else if (committed === 0) throw cause;
      else {
        const message = `${committed} of ${scopes.length} databases were committed before the commit of another failed`;
        throw new RowkeeperError(message, { cause });
      }
    }
    committed += 1;
  }
  if (ofCallbacks.length > 0) throw ofCallbacks[0];
}

import type { Scope } from "../database/scope.js";
import { operate } from "../model/operations.js";
import type { Stateful } from "../model/state.js";
import type { RelationState } from "./relation-state.js";

/** Gives a relation that is about to be changed in memory, and puts it back where the transaction is rolled back later. */
export type Touch = <R extends RelationState>(relation: R) => R;

export type Work = (within: Scope, touch: Touch) => Promise<void>;

/**
 * Runs the writes of a relation as one transaction, which the instances are in meanwhile. Memory is changed last. Where it
 * is rolled back, instances and relations are as they were.
 */
export function writeTogether(relation: RelationState, others: readonly Stateful[], work: Work): Promise<void> {
  return operate([relation.owner, ...others], relation.scope, (_, within) => work(within, touching(within)));
}

/** The same for what is one statement, or none. */
export function writeAlone(relation: RelationState, _others: readonly Stateful[], work: Work): Promise<void> {
  const { scope } = relation;
  return work(scope, touching(scope));
}

let writes = 0;

/** How many writes of relations there were. */
export const relationWrites = (): number => writes;

function touching(scope: Scope): Touch {
  return (relation) => {
    relation.writtenAt = ++writes;
    if (scope.isTransaction) scope.onRollback(relation.remembered());
    return relation;
  };
}

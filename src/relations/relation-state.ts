import type { Scope } from "../database/scope.js";
import type { Stateful } from "../model/state.js";
import type { LinkKey } from "./link-key.js";

/** What a definition knows of the relation of one instance. */
export interface RelationState {
  readonly owner: Stateful;
  readonly definition: object;
  /** Where the owner reads and writes now. */
  readonly scope: Scope;
  /** The one of the same owner that was asked for next. */
  next: RelationState | undefined;
  /** After how many writes of relations it was written: what was read before is not what it is now. */
  writtenAt: number;
  /** The getter's name. */
  readonly name: string;
  /** Whether it can be read without a query. */
  readonly isLoaded: boolean;
  /** What was loaded or assigned: a list, or the one or null. */
  known(): readonly object[] | object | null;
  /** Whether it was loaded for this key of the owner, or there is nothing to load. */
  isLoadedFor(key: LinkKey | undefined): boolean;
  /** What was loaded; empty where there is none. */
  others(): readonly object[];
  /** Remembers what was loaded for a key that the owner had after so many changes of rows; default: that it has now. */
  keep(key: LinkKey | undefined, others: readonly object[], isChosen?: boolean, at?: number): void;
  /** Lets it be loaded anew when it is asked for next. */
  forget(): void;
  /** What was loaded last, for whatever key. */
  lastKnown(): readonly object[];
  /** Others are related to the owner now. */
  gain(others: readonly Stateful[]): void;
  /** Others are no longer related to the owner. */
  lose(others: readonly Stateful[]): void;
  /** What puts back what is remembered now. */
  remembered(): () => void;
  /** Drops what was assigned and not saved, too. */
  reset(): void;
}

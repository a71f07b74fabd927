import type { Stateful } from "../model/state.js";
import type { LinkKey } from "./link-key.js";

/** What a definition knows of the relation of one instance. */
export interface RelationState {
  readonly owner: Stateful;
  readonly definition: object;
  /** Whether it can be read without a query. */
  readonly isLoaded: boolean;
  /** What was loaded; empty where there is none. */
  others(): readonly object[];
  /** Remembers what was loaded for a key of the owner. */
  keep(key: LinkKey | undefined, others: readonly object[]): void;
  /** Lets it be loaded anew when it is asked for next. */
  forget(): void;
}

/** A fresh database that holds the tables and their rows. */
export interface FreshDatabase {
  /** What a subject opens. */
  readonly location: string;
  /** The table that trials write as text, read by plain driver code. */
  contents(): Promise<string>;
  /** Adds rows until there are so many. */
  grow(rows: number): Promise<void>;
  drop(): Promise<void>;
}

/** Makes databases that are all alike. */
export interface Engine {
  readonly version: string;
  /** How it is set up, for the report. */
  readonly settings: string;
  fresh(): Promise<FreshDatabase>;
  stop(): Promise<void>;
}

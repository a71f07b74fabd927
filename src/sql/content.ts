type Values = Record<string, unknown>;

/** How the key of a table's rows is made of their other values. */
export interface ContentOf<C> {
  readonly key: C;
  /** The columns that the key is made of. */
  readonly hashed: ReadonlySet<C>;
  /** The column that has the key of the version before, where versions are kept as a chain. */
  readonly previous: C | undefined;
  /** The values with the defaults of those that are missing; of those that have none, nothing. */
  complete(values: Values): Values;
  /**
   * The key of a row with these values, by property, and the defaults of those that are missing.
   *
   * @throws TypeError for a value that a column can't hold
   */
  keyOf(values: Values): string;
}

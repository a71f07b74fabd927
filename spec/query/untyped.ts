/** A builder as JavaScript sees it: for calls that are made of data, and for those that the compiler refuses. */
export type Untyped = { readonly [method: string]: (...given: readonly unknown[]) => Untyped } & {
  get(): Promise<readonly { readonly data: Record<string, unknown> }[]>;
  count(): Promise<number>;
  toSql(): { text: string; values: readonly unknown[] };
};

export function untyped(query: object): Untyped;
export function untyped(query: unknown): unknown {
  return query;
}

import type { Sql } from "sql-template-tag";

/** What happens to a row when the row that it refers to is deleted, or its key changes. */
export type ReferenceAction = "cascade" | "restrict" | "set null" | "set default" | "no action";

/** A column's default: a value or a function, applied before the insert, or SQL, applied by the database. */
export type ColumnDefault =
  | { readonly by: "value"; readonly value: unknown }
  | { readonly by: "function"; readonly make: () => unknown }
  /** The time of the insert: the same for all such columns of a row. */
  | { readonly by: "clock" }
  /** `isComputed`: always, of the row's other columns. */
  | { readonly by: "sql"; readonly sql: Sql; readonly isComputed?: true }
  | { readonly by: "now" };

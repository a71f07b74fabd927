import type { DriverValue } from "../drivers/driver.js";
import type { ColumnType } from "./column-type.js";
import type { Dialect } from "./dialect.js";

/** What an expression has to know of a column. */
export interface ColumnInfo {
  readonly type: ColumnType;
  /** For messages: "users.numProducts". */
  readonly label: string;
  /** `"users"."num_products"` */
  readonly qualified: string;
  readonly nullable: boolean;
  /** @throws TypeError for a value that the column can't hold */
  check(value: unknown): void;
  /** A value as the driver takes it. @throws TypeError for a value that the column can't hold */
  encode(dialect: Dialect, value: unknown): DriverValue;
}

import type { Sql } from "sql-template-tag";
import { firstValue, itemsOfRun, runStatement } from "../database/run-statement.js";
import type { Scope } from "../database/scope.js";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import type { ConditionLike } from "../sql/conditions.js";
import type { ColumnOf } from "../sql/operators.js";
import type { ScalarOf, Statement } from "../sql/statement.js";
import type { Table } from "../sql/table.js";
import type { AnyTable, ColumnName, OrderBy, Row, Where } from "../sql/types.js";
import { validStatement } from "../sql/validation.js";

/**
 * A statement bound to what will run it. Immutable: every call gives a new chain, and nothing runs before a fetch.
 *
 * ```ts
 * const rows = await User.objects.setSql(User.select()).where({ active: true }).orderBy("name").limit(10).fetchall();
 * // select "users"."id", … from "users" where "users"."active" = ? order by "users"."name" limit ?
 * ```
 */
export class Chain<M extends AnyTable, R, V = never> {
  readonly #statement: Statement<M, R, V>;
  readonly #scope: () => Scope;
  readonly #table: Table;

  /** @internal */
  constructor(statement: Statement<M, R, V>, scope: () => Scope, table: Table) {
    this.#statement = statement;
    this.#scope = scope;
    this.#table = table;
  }

  #with<Other>(statement: Statement<M, Other, V>): Chain<M, Other, V> {
    return new Chain(statement, this.#scope, this.#table);
  }

  /**
   * Adds conditions; repeated calls are ANDed. `"all"` says that an update or delete is meant for every row.
   *
   * @throws TypeError for what is no condition, an unknown column, or a value that a column can't hold
   */
  where(where: Where<M> | "all" | undefined): Chain<M, R, V> {
    return this.#with(this.#statement.where(where));
  }

  /**
   * Makes one row of those that have the same values here: `setSql(User.select({ name: "name", n: count() })).groupBy("name")`.
   *
   * @throws TypeError for an unknown column
   */
  groupBy(...columns: readonly (ColumnName<M> | ColumnOf<unknown> | Sql)[]): Chain<M, R, V> {
    return this.#with(this.#statement.groupBy(...columns));
  }

  /** Conditions on groups: `having(count().gt(2))`; repeated calls are ANDed. @throws TypeError for what is no condition */
  having(...conditions: readonly ConditionLike[]): Chain<M, R, V> {
    return this.#with(this.#statement.having(...conditions));
  }

  /** Rows that were deleted softly are there as well. */
  withDeleted(): Chain<M, R, V> {
    return this.#with(this.#statement.withDeleted());
  }

  /** Orders by these columns; a second call breaks ties. @throws TypeError for an unknown column */
  orderBy(orderBy: OrderBy<M> | readonly OrderBy<M>[] | undefined): Chain<M, R, V> {
    return this.#with(this.#statement.orderBy(orderBy));
  }

  /** At most so many rows; undefined is no limit. @throws UsageError where it is negative or a fraction */
  limit(count: number | undefined): Chain<M, R, V> {
    return this.#with(this.#statement.limit(count));
  }

  /** Leaves out so many rows. @throws UsageError where it is negative or a fraction */
  offset(count: number | undefined): Chain<M, R, V> {
    return this.#with(this.#statement.offset(count));
  }

  /** The row or rows to insert, or what an update sets. @throws UsageError where the statement is no insert or update */
  values(values: V): Chain<M, R, V> {
    return this.#with(this.#statement.values(values));
  }

  /** What an insert, update or delete gives back of each row: these columns, or all. */
  returning(): Chain<M, Row<M>, V>;
  returning<const K extends ColumnName<M>>(...columns: readonly K[]): Chain<M, Pick<Row<M>, K>, V>;
  returning(...columns: readonly ColumnName<M>[]): unknown {
    return this.#with(this.#statement.returning(...columns));
  }

  /** The values of the first column, in place of objects. */
  scalars(): Chain<M, ScalarOf<R>, V> {
    return this.#with(this.#statement.scalars());
  }

  /**
   * The statement's text, with the engine's own placeholders, and its values, as the driver gets them.
   *
   * @throws UsageError where a column's schema is asynchronous
   */
  toSql(): { text: string; values: readonly DriverValue[] } {
    const { dialect } = this.#scope();
    const valid = validStatement(this.#statement);
    if (valid instanceof Promise) {
      valid.catch(() => undefined);
      throw new UsageError("toSql() can't wait for the asynchronous schema of a column");
    }
    const { text, values } = valid.compile(dialect);
    return { text, values };
  }

  /** All rows, as plain objects. @throws QueryError and its kin, with the text */
  async fetchall(): Promise<R[]> {
    const scope = this.#scope();
    const ran = await runStatement(this.#statement, scope);
    return itemsOfRun(ran, scope, this.#statement.state.isScalar, this.#table) as R[];
  }

  /** The first row, as a plain object, or null where there is none. @throws QueryError and its kin, with the text */
  async fetchone(): Promise<R | null> {
    const { verb, limit } = this.#statement.state;
    const one = verb === "select" && limit === undefined ? this.#statement.limit(1) : this.#statement;
    const [first] = await this.#with(one).fetchall();
    return first === undefined ? null : first;
  }

  /** The first column of the first row, or null where there is none. @throws QueryError and its kin, with the text */
  async scalar(): Promise<(R extends object ? R[keyof R] : R) | null> {
    const first = await this.fetchone();
    const isRow = typeof first === "object" && first !== null && this.#statement.state.isScalar !== true;
    return (isRow ? firstValue(first) : first) as (R extends object ? R[keyof R] : R) | null;
  }

  /** Runs the statement and gives the number of rows that it changed, or found. @throws QueryError and its kin */
  async rowcount(): Promise<number> {
    return (await runStatement(this.#statement, this.#scope())).result.rowCount;
  }
}

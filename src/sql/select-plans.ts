import type { DriverValue } from "../drivers/driver.js";
import { Comparison } from "./conditions.js";
import type { Dialect } from "./dialect.js";
import { Order } from "./order.js";
import { type CompiledStatement, type Source, type StatementState, writesLimit } from "./statement-state.js";

/** How many selects of a table are kept: as many as its programs have, but not one for each of all possible. */
const MOST_PLANS = 1000;

/** A part of selects that begin alike, and what may follow it. */
class Step {
  /** The statement, written with other values. */
  plan: CompiledStatement | undefined;
  readonly #next = new Map<unknown, Step>();

  next(part: unknown): Step {
    let step = this.#next.get(part);
    if (step === undefined) {
      step = new Step();
      this.#next.set(part, step);
    }
    return step;
  }
}

/**
 * The selects of one table that were written before, found by their parts: its columns compared with values, in an order of
 * columns. To write the text anew, and for the driver to find a statement prepared of it, takes three times as long.
 */
export class SelectPlans {
  #root = new Step();
  #count = 0;

  /** Where the plan of a select of such parts is kept, and what it binds. @throws TypeError for a value that a column can't hold */
  find(state: PlannableState, dialect: Dialect): { readonly step: Step; readonly values: DriverValue[] } {
    const { source, instead, conditions, orders, limit, offset, lock } = state;
    // An array that is pushed to gets room for 17 values.
    const values = conditions.map((condition) => condition.encode(dialect));
    let step = this.#root.next(instead).next(source.withDeleted === true);
    for (const { of, symbol } of conditions) step = step.next(of).next(symbol);
    for (const order of orders) {
      step = step.next(order.value).next(order.direction).next(order.nulls);
    }
    if (limit !== undefined) {
      const isWritten = writesLimit(state, dialect);
      step = step.next("limit").next(isWritten ? limit : undefined);
      if (!isWritten) values.push(limit);
    }
    if (offset !== undefined) {
      step = step.next("offset");
      values.push(offset);
    }
    if (lock !== undefined) step = step.next(lock.strength).next(lock.wait);
    return { step, values };
  }

  /** Makes room for a plan. */
  keep(plan: CompiledStatement): CompiledStatement {
    this.#count += 1;
    if (this.#count > MOST_PLANS) {
      this.#root = new Step();
      this.#count = 0;
    }
    return plan;
  }
}

/** The state of a select that is found by its parts. */
interface PlannableState extends StatementState {
  readonly source: Source;
  readonly conditions: readonly Comparison[];
  readonly orders: readonly Order[];
}

/** Whether a statement is a select of one table, of all columns or what stands instead, and of such parts alone. */
export function isPlannable(state: StatementState): state is PlannableState {
  const { verb, source, joins, groups, having, isCounted, instead, output, conditions, orders } = state;
  if (verb !== "select" || source === undefined || source.definition !== undefined || isCounted) return false;
  return (
    joins === undefined &&
    groups === undefined &&
    having === undefined &&
    (instead !== undefined || output === source.table.columns) &&
    conditions.every((condition) => condition instanceof Comparison) &&
    orders.every((order) => order instanceof Order && order.value.isColumn)
  );
}

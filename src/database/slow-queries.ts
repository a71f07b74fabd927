import type { DialectName, DriverStatement } from "../drivers/driver.js";
import { fromFirstWord } from "../drivers/transaction-control.js";
import { UsageError } from "../errors.js";
import { checkOptions, kindOf } from "../text.js";
import { call, type QueryEvent } from "./events.js";
import { runOutOfFlow } from "./flow.js";
import { printSlowQuery } from "./log.js";

/** What is told of a slow statement; never its values. */
export interface SlowQueryEvent extends QueryEvent {
  /**
   * How the engine runs it, in its own words; undefined for what is no select, failed, or could not be explained: before
   * PostgreSQL 16, or of tables that its open transaction made.
   */
  readonly plan: string | undefined;
}

/** When a statement is slow, and who hears of it. */
export interface SlowQueryOptions {
  /** The duration, in milliseconds without the waiting, from which a statement is told of. */
  readonly threshold: number;
  /** Whether the database is asked for the plans of selects; default true. */
  readonly explain?: boolean;
  /** Gets each slow statement; by default it is printed to the standard error. */
  readonly listener?: (event: SlowQueryEvent) => void;
}

/** @throws TypeError for an unknown option, with the nearest name, or a wrong type; UsageError for a value out of range */
export function checkSlowQuery(options: SlowQueryOptions): void {
  checkOptions("slowQuery", options, ["threshold", "explain", "listener"]);
  const { threshold, explain, listener } = options;
  if (typeof threshold !== "number") throw new TypeError(`slowQuery.threshold is a number, not ${kindOf(threshold)}`);
  if (!(threshold >= 0)) throw new UsageError("slowQuery.threshold is a number of milliseconds, 0 or more");
  if (explain !== undefined && typeof explain !== "boolean")
    throw new TypeError(`slowQuery.explain is a boolean, not ${kindOf(explain)}`);
  if (listener !== undefined && typeof listener !== "function")
    throw new TypeError(`slowQuery.listener is a function, not ${kindOf(listener)}`);
}

/** How many plans may be waited for; what is slow meanwhile is told of without one. */
const MOST_WAITING = 10;
/** How many plans are remembered, and for how long, in milliseconds, so that a hot statement is not explained each time. */
const MOST_REMEMBERED = 100;
const REMEMBERED = 60_000;

/** Tells of slow statements, and asks for their plans, one after another. */
export class SlowQueries {
  readonly #options: SlowQueryOptions;
  readonly #dialect: DialectName;
  readonly #explain: (statement: DriverStatement) => Promise<string>;
  readonly #plans = new Map<string, { readonly plan: string; readonly at: number }>();
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** @param explain gives the plan of a select, beside whatever is open */
  constructor(
    options: SlowQueryOptions,
    dialect: DialectName,
    explain: (statement: DriverStatement) => Promise<string>,
  ) {
    this.#options = options;
    this.#dialect = dialect;
    this.#explain = explain;
  }

  isSlow(duration: number): boolean {
    return duration >= this.#options.threshold;
  }

  report(event: QueryEvent, statement: DriverStatement): void {
    const { explain = true } = this.#options;
    const known = this.#plans.get(event.sql);
    if (known !== undefined && performance.now() - known.at < REMEMBERED) this.#tell(event, known.plan);
    else if (explain && event.error === undefined && this.#waiting < MOST_WAITING && this.#isSelect(statement)) {
      this.#waiting += 1;
      // The flow of a transaction may not wait for that very transaction; a plan may.
      runOutOfFlow(() => {
        this.#last = this.#last.then(() => this.#tellPlan(event, statement));
      });
    } else this.#tell(event, undefined);
  }

  async #tellPlan(event: QueryEvent, statement: DriverStatement): Promise<void> {
    let plan: string | undefined;
    try {
      plan = await this.#explain(statement);
      if (this.#plans.size >= MOST_REMEMBERED) this.#plans.clear();
      this.#plans.set(event.sql, { plan, at: performance.now() });
    } catch {
      // The statement itself has run; that it was slow is worth telling without its plan.
    }
    this.#waiting -= 1;
    this.#tell(event, plan);
  }

  #tell(event: QueryEvent, plan: string | undefined): void {
    call(this.#options.listener ?? printSlowQuery, { ...event, plan });
  }

  /**
   * Texts of a user's own come without their access, and a write among them would only be explained; but a script, whose
   * result nobody asks to be described, may have several statements, and the second would run.
   */
  #isSelect({ access, text, describe }: DriverStatement): boolean {
    const isOne = access === "read" || (access === undefined && describe === true);
    return isOne && /^(?:select|with|values)\b/i.test(fromFirstWord(text, this.#dialect));
  }
}

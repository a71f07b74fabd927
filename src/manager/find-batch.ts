import type { NotedStatement } from "../database/events.js";
import { currentFlow } from "../database/flow.js";
import type { Scope } from "../database/scope.js";
import type { DriverResult, DriverStatement, DriverValue, MaybePromise } from "../drivers/driver.js";
import { type ErrorDetails, QueryError, RowkeeperError } from "../errors.js";
import { isTextKind } from "../sql/column-type.js";
import type { TablePlans } from "../sql/table-plans.js";
import type { AnyModel } from "../sql/types.js";

/** What finds must have in common to go together. */
interface FindPlace {
  readonly model: AnyModel;
  readonly plans: TablePlans;
  readonly withDeleted: boolean | undefined;
  readonly scope: Scope;
}

type Rows = Pick<DriverResult, "rows">;

/** What one statement gave for all finds of a batch. */
interface Found {
  /** The rows by their keys' text. */
  readonly rows: ReadonlyMap<string, unknown[]>;
  /** Whether a key that is not among them has no row. */
  readonly isAll: boolean;
}

/** The batches that can still be joined: those of this tick. */
const open: FindBatch[] = [];

/** Whether finds of one tick are sent as one. In a transaction, the order of its statements has a meaning. */
export function findsGoTogether(scope: Scope): boolean {
  return scope.dialect.mergesFinds && scope.batch && !scope.isTransaction;
}

/** The batch of this tick that a find goes with. Whoever asked lets a microtask pass, and has the batch run it then. */
export function joinFinds(place: FindPlace, find: DriverStatement): FindBatch {
  const flow = currentFlow();
  const noted = place.scope.noted?.(find) ?? find;
  for (const batch of open) if (batch.join(place, flow, noted)) return batch;
  const batch = new FindBatch(place, flow, noted);
  open.push(batch);
  return batch;
}

/** Finds of one tick by one model, which are sent as one statement where there are several. */
export class FindBatch {
  readonly #place: FindPlace;
  /** Flows are kept apart: a find may wait for what its own flow holds, which is no reason for others to fail. */
  readonly #flow: object | undefined;
  readonly #finds: NotedStatement[];
  #found: Promise<Found> | undefined;

  constructor(place: FindPlace, flow: object | undefined, find: NotedStatement) {
    this.#place = place;
    this.#flow = flow;
    this.#finds = [find];
  }

  /** Takes a find, unless it is another's. */
  join({ model, plans, withDeleted, scope }: FindPlace, flow: object | undefined, find: NotedStatement): boolean {
    const own = this.#place;
    if (own.model !== model || own.scope !== scope || own.withDeleted !== withDeleted || this.#flow !== flow)
      return false;
    this.#finds.push(find);
    if (this.#finds.length === plans.mostKeys) this.#close();
    return true;
  }

  /** The rows of one of its finds. The first to ask for them sends the statement, and no find joins from then on. */
  run(find: DriverStatement): MaybePromise<Rows> {
    this.#close();
    return this.#finds.length === 1 ? this.#place.scope.run(this.#finds[0] ?? find) : this.#share(find);
  }

  #close(): void {
    const place = open.indexOf(this);
    if (place >= 0) open.splice(place, 1);
  }

  async #share(find: DriverStatement): Promise<Rows> {
    this.#found ??= this.#load();
    try {
      const { rows, isAll } = await this.#found;
      const row = rows.get(keyText(find.values));
      if (row !== undefined || isAll) return { rows: row === undefined ? [] : [row] };
    } catch (error) {
      // Of anything else the key of another may be the reason, which the column refuses though the model doesn't.
      if (error instanceof RowkeeperError && !(error instanceof QueryError)) throw ownFailure(error);
    }
    return await this.#place.scope.run(find);
  }

  async #load(): Promise<Found> {
    const { plans } = this.#place;
    const wanted = new Map(this.#finds.map(({ values }) => [keyText(values), values]));
    const rows = new Map<string, unknown[]>();
    for (const row of await this.#rowsWith([...wanted.values()])) {
      const key = keyText(plans.keyOf(row));
      if (!rows.has(key)) rows.set(key, row);
    }
    const missing = [...wanted].flatMap(([text, key]) => (rows.has(text) ? [] : [key]));
    // A column may take two texts for one, by its collation or type: then only the database knows which row is whose.
    const isClear =
      rows.size + missing.length === wanted.size && !plans.table.key.some(({ type }) => isTextKind(type.kind));
    if (missing.length === 0 || isClear) return { rows, isAll: true };
    return { rows, isAll: (await this.#rowsWith(missing)).length === 0 };
  }

  /** One statement, asked for where the first of the finds was. */
  async #rowsWith(keys: readonly (readonly DriverValue[])[]): Promise<unknown[][]> {
    const { plans, withDeleted, scope } = this.#place;
    const statement: NotedStatement = { ...plans.findAll(keys, withDeleted), place: this.#finds[0]?.place };
    return (await scope.run(statement)).rows;
  }
}

/** A key as a text that no other has. */
export function keyText(key: readonly DriverValue[]): string {
  return JSON.stringify(key.map(String));
}

/** What failed for all, as an error of the one who asked, in whose stack is where that was. */
function ownFailure(error: RowkeeperError): RowkeeperError {
  const Failure = error.constructor as new (message: string, details: ErrorDetails) => RowkeeperError;
  return new Failure(error.message, error);
}

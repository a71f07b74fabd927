import type { Signal } from "../drivers/abort.js";
import type { BeginOptions, DriverConnection, MaybePromise, Waiting } from "../drivers/driver.js";
import type { Dialect } from "../sql/dialect.js";
import type { Table } from "../sql/table.js";
import type { AnyModel } from "../sql/types.js";
import type { Scope } from "./scope.js";
import type { Watch } from "./watch.js";

/** What transactions of their own are opened in: a database, one connection of it, or a series of transactions. */
export interface TransactionHome {
  readonly dialect: Dialect;
  readonly timeout: number;
  readonly batch: boolean;
  /** Who wants to hear of its statements. */
  readonly watch: Watch;
  /** What cancels all that runs in it. */
  readonly signal?: Signal | undefined;
  tableNamed(name: string): Table | undefined;
  boundModels(): readonly AnyModel[];
  /** The scope to use once the transaction has ended. */
  current(): Scope;
  /** Opens the connection and begins. */
  enter(transaction: Waiting, options: BeginOptions): MaybePromise<OpenTransaction>;
}

/** A transaction, or a savepoint, that has begun. */
export interface OpenTransaction {
  readonly connection: DriverConnection;
  commit(): MaybePromise<void>;
  rollback(): MaybePromise<void>;
  /** Gives back what was taken to open it. */
  leave(): MaybePromise<void>;
}

/** Begins a transaction on a connection; where that fails, gives back what was taken for it. */
export function beginOn(
  connection: DriverConnection,
  options: BeginOptions,
  leave: () => MaybePromise<void>,
): MaybePromise<OpenTransaction> {
  const open = { connection, commit: () => connection.commit(), rollback: () => connection.rollback(), leave };
  let begun: MaybePromise<void>;
  try {
    begun = connection.begin(options);
  } catch (error) {
    leave();
    throw error;
  }
  if (!(begun instanceof Promise)) return open;
  return begun.then(
    () => open,
    async (error: unknown) => {
      await leave();
      throw error;
    },
  );
}

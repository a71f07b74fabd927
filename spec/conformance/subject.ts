import type { Driver, DriverResult, DriverStatement, DriverValue, Waiting } from "rowkeeper";

/** A driver as the conformance suite knows it. */
export interface Subject {
  /** A driver for an empty database; several of one `make` are of no concern to each other. */
  make(settings: { readonly timeout: number }): Promise<Driver>;
  /** Whether reads run beside a transaction that writes. */
  readonly readsBesideWrites: boolean;
  /** Whether transactions that write run side by side. */
  readonly writesSideBySide: boolean;
}

/** Waits for at most `timeout` milliseconds, in the name of `place`. */
export function waitingAt(place: string, timeout = 5_000): Waiting {
  return { timeout, holder: { describe: () => place, ownsCurrentFlow: () => false } };
}

type Access = "read" | "write" | undefined;

/** A statement, with `?` for each value in either dialect. */
export function statement(
  driver: Driver,
  sql: string,
  values: readonly DriverValue[],
  access: Access,
): DriverStatement {
  let index = 0;
  const text = driver.dialect === "postgres" ? sql.replace(/\?/g, () => `$${++index}`) : sql;
  return { text, values, access };
}

/** Runs one statement by itself. */
export async function run(driver: Driver, sql: string, values: readonly DriverValue[] = []): Promise<DriverResult> {
  return driver.run(statement(driver, sql, values, accessOf(sql)), waitingAt("run"));
}

export function accessOf(sql: string): "read" | "write" {
  return /^select/.test(sql) ? "read" : "write";
}

/** The first column of a result, as numbers. */
export function numbers(result: DriverResult): number[] {
  return result.rows.map(([value]) => Number(value));
}

/** The rows of all batches of a cursor. */
export async function collect(cursor: AsyncIterable<DriverResult>): Promise<unknown[][][]> {
  const batches: unknown[][][] = [];
  for await (const { rows } of cursor) batches.push(rows);
  return batches;
}

import { Database } from "../../src/database/database.js";
import type { DatabaseOptions } from "../../src/database/options.js";
import type { AnyModel } from "../../src/sql/types.js";
import type { Engine } from "./engines.js";

/** A database with the models' tables in it, all empty; to be taken by `await using`. */
export async function open(
  engine: Pick<Engine, "fresh">,
  models: readonly AnyModel[],
  options: Omit<DatabaseOptions, "models"> = {},
): Promise<Database> {
  const { url } = await engine.fresh();
  return openAt(url, models, options);
}

/** The same at a place that is there already. */
export async function openAt(
  url: string,
  models: readonly AnyModel[],
  options: Omit<DatabaseOptions, "models"> = {},
): Promise<Database> {
  const db = new Database(url, { ...options, models });
  await db.createAll();
  return db;
}

/** The texts of the statements that are sent while `work` runs. */
export async function statementsOf(db: Database, work: () => unknown): Promise<string[]> {
  const texts: string[] = [];
  const listener = ({ sql }: { readonly sql: string }) => texts.push(sql);
  db.on("query", listener);
  try {
    await work();
  } finally {
    db.off("query", listener);
  }
  return texts;
}

/** What `work` fails with. */
export async function failureOf(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

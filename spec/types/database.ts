/** Databases and errors. Compiled, never run. */
import { type ConstraintError, Database, RowkeeperError, sql, UniqueViolationError } from "../../src/index.js";
import { expectType } from "./expect.js";
import { Post, User } from "./models.js";

export async function databases() {
  await using db = new Database("sqlite::memory:", { models: [User, Post], timeout: 1000 });
  await db.createAll();
  await db.dropAll();
  expectType<{ n: number }[]>()(await db.query<{ n: number }>(sql`select ${1} as n`));
  const rows = await db.query(sql`select 1 as n`);
  const n: unknown = rows[0]?.n;
  const users = await db.objects(User).active();
  users[0]?.displayName;
  await db.close();
  // @ts-expect-error an unknown option
  new Database("sqlite::memory:", { model: [User] });
  // @ts-expect-error a time is in milliseconds
  new Database("sqlite::memory:", { timeout: "1s" });
  // @ts-expect-error a plain text would be a way in for injections
  await db.query("select 1");
  return n;
}

export function errors(error: unknown) {
  if (error instanceof RowkeeperError) expectType<string | undefined>()(error.sql);
  if (error instanceof UniqueViolationError) {
    const constraint: ConstraintError = error;
    expectType<string | undefined>()(constraint.table);
    expectType<readonly string[]>()(constraint.columns);
    expectType<string | undefined>()(constraint.constraint);
  }
}

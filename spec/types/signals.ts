/** What takes a signal. Compiled, never run. */
import { type Database, sql } from "../../src/index.js";
import { expectType } from "./expect.js";
import { User } from "./models.js";

export async function signals(db: Database) {
  const signal = AbortSignal.timeout(1000);
  expectType<{ n: number }[]>()(await db.query<{ n: number }>(sql`select ${1} as n`, { signal }));
  const cancellable = await User.objects.with({ signal }).active();
  cancellable[0]?.displayName;
  expectType<User[]>()(await User.objects.using(db.with({ signal })).getInstances({ where: { active: true }, signal }));
  expectType<User | null>()(await User.objects.find(1, { signal }));
  // @ts-expect-error no signal
  await User.objects.getInstances({ where: { active: true }, signal: "now" });
  // @ts-expect-error a controller is none
  await User.objects.find(1, { signal: new AbortController() });
}

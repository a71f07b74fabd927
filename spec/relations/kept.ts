/*
 * Run by a spec in a process of its own, with --expose-gc: tells how many of the instances that came together with one that
 * is kept are kept with it, and how many of those that a transaction has streamed.
 */
import { setImmediate } from "node:timers/promises";
import { Database } from "../../src/index.js";
import { MANY_MODELS, seed, User } from "./many-models.js";

await using db = new Database("sqlite::memory:", { models: MANY_MODELS });
await db.createAll();
await seed(500);

async function alive(refs: readonly WeakRef<object>[]): Promise<number> {
  for (let i = 0; i < 5; i += 1) {
    await setImmediate();
    globalThis.gc?.();
  }
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

/** One of a page, each of which was looked at. */
async function keepOne(load: (users: readonly User[]) => Promise<unknown>, limit = 100) {
  const users = await User.objects.getInstances({ orderBy: "id", limit });
  await load(users);
  return { one: users[50] as User, refs: users.map((user) => new WeakRef(user)) };
}

const plain = await keepOne(async () => undefined);
const lazy = await keepOne(async ([first]) => {
  const [post] = (await first?.posts.fetchAll()) ?? [];
  await (await post?.author.fetch())?.friends.fetchAll();
});
const eager = await keepOne(async (users) => {
  for (const user of users) await user.boss.fetch();
  for (const user of users) await user.profile.fetch();
});
const counts = [];
const large = await keepOne(async ([first]) => first?.posts.fetchAll(), 500);
for (const { one, refs } of [plain, lazy, eager, large]) counts.push(one.name === "u50" ? await alive(refs) : -1);
// What is left of the page still loads together.
counts.push((await plain.one.posts.fetchAll()).length);

const streamed: WeakRef<object>[] = [];
counts.push(
  await User.objects.transaction(async (tx) => {
    for await (const users of tx.chunk(100, { prefetch: "posts", selectRelated: "boss" }))
      for (const user of users) {
        await user.friends.fetchAll();
        streamed.push(new WeakRef(user));
      }
    return alive(streamed);
  }),
);
process.stdout.write(JSON.stringify(counts));

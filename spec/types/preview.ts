/** What a preview tells, and what `bulkUpdate` takes. Compiled, never run. */
import { type Database, type Preview, type Row, sql, type Transaction } from "../../src/index.js";
import { expectType } from "./expect.js";
import { Membership, Post, Specimen, User, type UserManager } from "./models.js";

export async function previews(db: Database) {
  const preview = await User.objects.preview(async (tx) => {
    const manager: UserManager = tx;
    await manager.active();
    await tx.update({ active: false }, { active: true });
    return 7;
  });
  expectType<Preview<number>>()(preview);
  expectType<number>()(preview.result);
  expectType<readonly Row<typeof User>[]>()(preview.of(User).inserted);
  expectType<readonly Row<typeof Post>[]>()(preview.of(Post).deleted);
  const [update] = preview.of(User).updated;
  expectType<number | null | undefined>()(update?.before.numProducts);
  expectType<Date | undefined>()(update?.after.createdAt);
  // @ts-expect-error a plain object has no methods
  preview.of(User).inserted[0]?.save();
  // @ts-expect-error a model, not its name
  preview.of("User");

  const ofDatabase = await db.preview(
    (tx) => {
      expectType<Transaction>()(tx);
      return Post.objects.using(tx).count();
    },
    { models: [User, Post], isolation: "serializable", timeout: 100 },
  );
  expectType<number>()(ofDatabase.result);
  expectType<Preview<string>>()(await User.objects.preview(() => "x"));
  // @ts-expect-error a function is missing
  await User.objects.preview({ models: [User] });
  // @ts-expect-error it is run once
  await User.objects.preview(() => 1, { retries: 3 });
  // @ts-expect-error not a model
  await User.objects.preview(() => 1, { models: [1] });
}

export async function bulkUpdates(users: User[], posts: Post[]) {
  expectType<number>()(await User.objects.bulkUpdate(users));
  await User.objects.bulkUpdate([
    { id: 1, name: "x" },
    { id: 2, numProducts: null, active: undefined },
  ]);
  await User.objects.bulkUpdate([...users, { id: 1, name: "x" }]);
  await Membership.objects.bulkUpdate([{ userId: 1, groupId: 2, since: "2024-05-06" }]);
  await Specimen.objects.bulkUpdate([{ id: "x", someTexts: ["a"], aBigint: 1n }]);
  // @ts-expect-error the key is missing
  await User.objects.bulkUpdate([{ name: "x" }]);
  // @ts-expect-error half of a key
  await Membership.objects.bulkUpdate([{ userId: 1, since: null }]);
  // @ts-expect-error a wrong value
  await User.objects.bulkUpdate([{ id: 1, name: 3 }]);
  // @ts-expect-error a null where the column takes none
  await User.objects.bulkUpdate([{ id: 1, name: null }]);
  // @ts-expect-error an unknown column
  await User.objects.bulkUpdate([{ id: 1, nmae: "x" }]);
  // @ts-expect-error an expression
  await User.objects.bulkUpdate([{ id: 1, name: sql`upper(name)` }]);
  // @ts-expect-error a list
  await User.objects.bulkUpdate({ id: 1, name: "x" });
  // @ts-expect-error instances of another model
  await Membership.objects.bulkUpdate(posts);
}

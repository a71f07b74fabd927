/** What a manager's methods give, and what a transaction is. Compiled, never run. */
import { type Database, Manager } from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { Membership, Post, Tag, User, UserManager } from "./models.js";

interface UserRow {
  id: number;
  name: string;
  email: string;
  active: boolean;
  numProducts: number | null;
  createdAt: Date;
}

export async function reading() {
  const { objects } = User;
  const instances = await objects.getInstances();
  const one = await objects.getInstance({ where: { name: "x" } });
  const found = await objects.find(1);
  const several = await objects.findMany([1, 2]);
  const exact = await objects.get({ where: { name: "x" } });
  const first = await objects.first();
  const last = await objects.last();
  const custom = await objects.active();
  const count = await objects.count();
  const exists = await objects.exists();

  expectType<User[]>()(instances);
  expectType<User | null>()(one);
  expectType<User | null>()(found);
  expectType<User[]>()(several);
  expectType<User>()(exact);
  expectType<User | null>()(first);
  expectType<User | null>()(last);
  expectType<User[]>()(custom);
  expectType<number>()(count);
  expectType<boolean>()(exists);
  for await (const user of objects.stream({ where: { active: true } })) expectType<string>()(user.displayName);

  const statics = await User.find(1);
  statics?.displayName;
  const membership = await Membership.objects.find({ userId: 1, groupId: 2 });
  membership?.since;
  // @ts-expect-error may be null
  one.name;
  // @ts-expect-error may be null
  found.name;
  // @ts-expect-error a key of the wrong type
  await objects.find("1");
  // @ts-expect-error half of a key
  await Membership.objects.find({ userId: 1 });
  // @ts-expect-error no key of several columns is one value
  await Membership.objects.find(1);
}

export async function items() {
  expectShape<UserRow[]>()(await User.objects.getItems());
  expectShape<UserRow[]>()(await User.objects.getItems({ where: { name: "x" } }));
  expectShape<{ id: number; name: string }[]>()(await User.objects.getItems({ columns: ["id", "name"] }));

  const [item] = await User.objects.getItems({ columns: ["id", "numProducts"], orderBy: ["name"] });
  item?.numProducts?.toFixed();
  // @ts-expect-error not asked for
  item?.name;
  const one = await User.objects.getItem({ columns: ["name"] });
  one?.name.length;
  // @ts-expect-error not asked for
  one?.id;
  const whole = await User.objects.getItem({ where: { id: 1 } });
  whole?.createdAt.getTime();
  // @ts-expect-error a plain object has no methods
  whole?.save();
  // @ts-expect-error nor getters
  whole?.displayName;
  // @ts-expect-error an unknown column
  await User.objects.getItems({ columns: ["nmae"] });
}

export async function writing() {
  const { objects } = User;
  const inserted = await objects.insert({ name: "x", email: "y" });
  const insertedCount = await objects.insert({ name: "x", email: "y" }, { fetch: false });
  const many = await objects.insertMany([{ name: "x", email: "y" }]);
  const manyCount = await objects.insertMany([{ name: "x", email: "y" }], { fetch: false });
  const updatedCount = await objects.update({ name: "x" }, { name: "y" });
  const updated = await objects.update([User.c.id.gt(3)], { numProducts: null }, { fetch: true });
  const deletedCount = await objects.delete({ name: "x" });

  expectType<User>()(inserted);
  expectType<number>()(insertedCount);
  expectType<User[]>()(many);
  expectType<number>()(manyCount);
  expectType<number>()(updatedCount);
  expectType<User[]>()(updated);
  expectType<number>()(deletedCount);
  await objects.update("all", { active: true });
  await objects.delete("all");
  // @ts-expect-error a condition, or "all"
  await objects.delete();
  // @ts-expect-error not "every"
  await objects.delete("every");
  // @ts-expect-error what to set is missing
  await objects.update({ name: "x" });
  // @ts-expect-error an unknown column
  await objects.update({ name: "x" }, { nmae: "y" });
  // @ts-expect-error a wrong value
  await objects.update({ name: "x" }, { name: 3 });
  // @ts-expect-error one of them lacks its e-mail address
  await objects.insertMany([{ name: "x", email: "y" }, { name: "z" }]);
}

export async function withoutDeclaration() {
  // `objects` works on every model; declared, it has the model's own type.
  const tags = await Tag.objects.getInstances({ where: { label: "x" } });
  expectType<string | undefined>()(tags[0]?.label);
  await Tag.objects.insert({ label: "x" });
  // @ts-expect-error a custom finder of another model
  await Tag.objects.active();
  // @ts-expect-error a wrong value
  await Tag.objects.insert({ label: 3 });
}

export async function transactions(db: Database) {
  await using tx = User.objects.transaction();
  // A manager of the same class, with the custom finders in it.
  const manager: UserManager = tx;
  const active = await tx.active();
  expectType<User[]>()(active);
  const owner = await tx.insert({ name: "x", email: "y" });
  await Post.objects.using(tx).insert({ title: "t", authorId: owner.id });
  {
    await using nested = tx.transaction();
    await nested.active();
    await nested.rollback();
  }
  await tx.commit();
  await using plain = User.objects.transaction({ isolation: "serializable", readOnly: true, timeout: 100 });
  await plain.rollback();

  const given = await User.objects.transaction(async (inner) => (await inner.active()).length, { retries: 3 });
  expectType<number>()(given);
  const bound = User.objects.using(db);
  await bound.active();
  await manager.active();

  // @ts-expect-error a manager by itself has nothing to commit
  await User.objects.commit();
  // @ts-expect-error nor has one that is bound to a database
  await bound.rollback();
  // @ts-expect-error an unknown level
  User.objects.transaction({ isolation: "perfect" });
  // @ts-expect-error an unknown option
  User.objects.transaction({ readonly: true });
  // @ts-expect-error a model is nothing to join
  Post.objects.using(User);
}

export function declaring() {
  new Manager(Tag);
  // @ts-expect-error a manager of another model
  new UserManager(Tag);
  // @ts-expect-error not a model
  new Manager({ table: "users" });
}

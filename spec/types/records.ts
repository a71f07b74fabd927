/** What hooks are given, and what an instance's own methods take and give. Compiled, never run. */
import {
  type EventOptions,
  type Hook,
  type HookContext,
  type HookEvent,
  integer,
  Manager,
  Model,
  type NotFoundError,
  OptimisticLockError,
  type Scoped,
  text,
} from "../../src/index.js";
import { type Equal, type Expect, expectType } from "./expect.js";
import { Membership, Post, type Specimen, Tag, User } from "./models.js";

export function hooks() {
  User.addHook("beforeSave", (user, context) => {
    expectType<User>()(user);
    expectType<string>()(user.displayName);
    expectType<HookContext>()(context);
    expectType<Scoped>()(context.scope);
    expectType<HookEvent>()(context.event);
    user.name = user.name.trim();
  });
  User.addHook("afterInsert", async (user, { scope }) => {
    const post = await Post.objects.using(scope).insert({ title: user.name, authorId: user.id });
    expectType<Post>()(post);
    expectType<User[]>()(await User.objects.using(scope).active());
  });
  User.addHook("beforeInsertMany", (users) => expectType<readonly User[]>()(users));
  User.addHook("afterInsertMany", async (users) => expectType<number>()(users.length));
  Tag.addHook("afterInit", (tag) => tag.shout());
  Membership.addHook("beforeRestore", ({ groupId }) => expectType<number>()(groupId));
  // A hook need not look at anything, nor give anything back.
  User.addHook("afterDelete", () => {});

  const log = (subject: User) => subject.name;
  User.addHook("afterUpdate", log);
  expectType<boolean>()(User.removeHook("afterUpdate", log));
  User.clearHooks();
  User.clearHooks("afterUpdate");

  const typed: Hook<User, "afterReload"> = (user) => user.displayName;
  User.addHook("afterReload", typed);

  // @ts-expect-error no such event
  User.addHook("beforeSaves", () => {});
  // @ts-expect-error no such event
  User.clearHooks("save");
  // @ts-expect-error no function
  User.addHook("beforeSave", "log");
  // @ts-expect-error the hook is of another model
  User.addHook("beforeSave", (post: Post) => post.title);
  // @ts-expect-error the hook is of one instance, not of a list
  User.addHook("beforeInsertMany", (user: User) => user.name);
  // @ts-expect-error no such column
  User.addHook("beforeSave", (user) => user.nam);
  // @ts-expect-error a list is not to be changed
  User.addHook("beforeInsertMany", (users) => users.push());
}

/** Hooks as methods, and added where the class is made. */
class Page extends Model("pages", { id: integer().primaryKey(), name: text(), slug: text() }) {
  static override objects = new Manager(this);

  static {
    this.addHook("beforeInsert", (page) => {
      expectType<Page>()(page);
      page.slug = page.title;
    });
  }

  static async afterInsertMany(pages: readonly Page[], { scope }: HookContext) {
    await Page.objects.using(scope).count({ where: { id: pages.map(({ id }) => id) } });
  }

  get title() {
    return this.name.toUpperCase();
  }

  async beforeSave() {
    this.slug = this.name;
  }

  afterSave(context: HookContext) {
    return Page.objects.using(context.scope).count();
  }
}

class Chapter extends Page {
  override async beforeSave() {
    await super.beforeSave();
  }
}

export async function records(user: User, specimen: Specimen) {
  const suppressEvents = true;
  expectType<User>()(await user.save({ suppressEvents }));
  expectType<User>()(await user.update({ name: "x" }, { name: "y" }, { suppressEvents }));
  expectType<User>()(await user.update({ name: "x" }, undefined, { suppressEvents }));
  expectType<User>()(await user.reload({ suppressEvents }));
  expectType<void>()(await user.delete({ suppressEvents }));
  expectType<boolean>()(user.equals(specimen));
  expectType<boolean>()(user.equals(undefined));
  expectType<string>()(specimen.hash());

  const values = { name: "x", email: "x@example.org" };
  expectType<User>()(await User.insert(values, { suppressEvents }));
  expectType<number>()(await User.insert(values, { suppressEvents, fetch: false }));
  expectType<User[]>()(await User.insertMany([values], { suppressEvents }));
  expectType<number>()(await User.insertMany([values], { fetch: false }));
  expectType<User>()(await User.objects.insert(values, { suppressEvents }));
  expectType<number>()(await User.objects.insertMany([values], { suppressEvents, fetch: false }));

  const options: EventOptions = { suppressEvents };
  const page = await Page.insert({ name: "a", slug: "" }, options);
  expectType<Page>()(page);
  expectType<Chapter>()(await new Chapter({ name: "b" }).save(options));
  for (const pair of page) expectType<[column: "id" | "name" | "slug", value: unknown]>()(pair);

  // @ts-expect-error no such option
  user.save({ suppress: true });
  // @ts-expect-error the options come after the conditions
  user.update({ name: "x" }, { suppressEvents });
  // @ts-expect-error no such option
  User.insert(values, { suppressEvent: true });
  // @ts-expect-error no such option: an update by conditions runs no hooks
  User.objects.update({ id: 1 }, { name: "x" }, { suppressEvents });
}

export type Cases = [Expect<Equal<OptimisticLockError extends NotFoundError ? true : false, true>>];
export const isLocked = (error: unknown) => error instanceof OptimisticLockError;

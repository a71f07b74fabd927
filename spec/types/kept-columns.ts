/** The columns that the options of a model add: times that are kept, and of soft deletion. Compiled, never run. */
import { count, integer, Manager, Model, type NewRow, type Row, text, timestamp } from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";

class User extends Model("users", { id: integer().primaryKey(), name: text() }, { softDelete: "deletedAt" }) {
  static override objects = new Manager(this);
}
class Note extends Model("notes", { id: integer().primaryKey(), text: text() }, { timestamps: true }) {}
class Named extends Model(
  "named",
  { id: integer().primaryKey(), name: text() },
  { timestamps: { createdAt: "made" }, softDelete: "gone", indexes: [["name", "-made"]] },
) {}
class Half extends Model("halves", { id: integer().primaryKey() }, { timestamps: { createdAt: false } }) {}
class Neither extends Model(
  "neithers",
  { id: integer().primaryKey(), name: text() },
  { timestamps: { createdAt: false, updatedAt: false } },
) {}
class Off extends Model("offs", { id: integer().primaryKey(), name: text() }, { timestamps: false }) {}
class Declared extends Model(
  "declared",
  {
    id: integer().primaryKey(),
    made: timestamp(),
    touched: timestamp().nullable(),
    gone: timestamp().nullable().column("gone_at"),
  },
  { timestamps: { createdAt: "made", updatedAt: "touched" }, softDelete: "gone" },
) {}
class Pair extends Model(
  "pairs",
  { a: integer(), b: integer() },
  { primaryKey: ["a", "b"], softDelete: "deletedAt", timestamps: true },
) {}

interface UserRow {
  id: number;
  name: string;
  deletedAt: Date | null;
}

export type Values = [
  Expect<Equal<User["deletedAt"], Date | null>>,
  Expect<Equal<Note["createdAt"], Date>>,
  Expect<Equal<Note["updatedAt"], Date>>,
  // Of a name that is given, the other time keeps its own.
  Expect<Equal<Named["made"], Date>>,
  Expect<Equal<Named["updatedAt"], Date>>,
  Expect<Equal<Named["gone"], Date | null>>,
  // Columns that are declared keep their types.
  Expect<Equal<Declared["made"], Date>>,
  Expect<Equal<Declared["touched"], Date | null>>,
  Expect<Equal<Declared["gone"], Date | null>>,
  Expect<Equal<keyof Row<typeof Named>, "id" | "name" | "made" | "updatedAt" | "gone">>,
  Expect<Equal<keyof Row<typeof Half>, "id" | "updatedAt">>,
  Expect<Equal<keyof Row<typeof Neither>, "id" | "name">>,
  Expect<Equal<keyof Row<typeof Off>, "id" | "name">>,
  Expect<Equal<keyof Row<typeof Declared>, "id" | "made" | "touched" | "gone">>,
];

export async function inserting() {
  // What the model keeps may be left out, and may be given.
  const user = await User.objects.insert({ name: "x" });
  expectType<User>()(user);
  await User.objects.insert({ name: "x", deletedAt: null });
  await User.objects.insert({ name: "x", deletedAt: new Date() });
  await Note.objects.insert({ text: "t" });
  await Note.objects.insert({ text: "t", createdAt: new Date() });
  await Declared.objects.insert({});
  await Declared.objects.insert({ made: new Date(), touched: null });
  const fresh: NewRow<typeof Named> = { name: "x" };
  await Named.objects.upsert({ ...fresh, made: new Date() }, { on: "id", update: ["made", "updatedAt"] });
  new User({ name: "x", deletedAt: null });

  // @ts-expect-error what was declared without a default is still wanted
  await Note.objects.insert({});
  // @ts-expect-error a Date
  await Note.objects.insert({ text: "t", createdAt: "2024-01-01" });
  // @ts-expect-error the time of the insert is never null
  await Note.objects.insert({ text: "t", createdAt: null });
  // @ts-expect-error it has another name
  await Named.objects.insert({ name: "x", createdAt: new Date() });
  // @ts-expect-error it is not kept
  await Half.objects.insert({ createdAt: new Date() });
}

export async function asking(user: User) {
  expectShape<UserRow>()(user.data);
  expectShape<UserRow[]>()(await User.objects.withDeleted().getItems());
  await User.objects.getInstances({ where: { deletedAt: null }, orderBy: ["-deletedAt"] });
  await Note.objects.getInstances({ where: [Note.c.updatedAt.gt(Note.c.createdAt)], orderBy: "-updatedAt" });
  await Named.objects.aggregate({ n: count() }, { groupBy: "made" });
  expectType<Pair | null>()(await Pair.find({ a: 1, b: 2 }));
  expectType<Date | null | undefined>()((await User.find(1))?.deletedAt);
  // @ts-expect-error the key is its two columns, whatever else is kept
  await Pair.find({ a: 1, deletedAt: null });
  // @ts-expect-error an unknown column
  await Note.objects.getInstances({ where: { deletedAt: null } });
}

class UserManager extends Manager<typeof Custom> {
  short() {
    return this.getInstances({ where: { name: "x" } });
  }
}
class Custom extends Model("custom", { id: integer().primaryKey(), name: text() }, { softDelete: "deletedAt" }) {
  static override objects = new UserManager(this);
}

export async function managers() {
  // The same class, in whatever order it is bound.
  expectType<Custom[]>()(await Custom.objects.withDeleted().short());
  expectType<UserManager>()(Custom.objects.withDeleted());
  await using tx = Custom.objects.withDeleted().transaction();
  expectType<Custom[]>()(await tx.withDeleted().short());
  await tx.commit();

  expectType<number>()(await Custom.objects.delete({ id: 1 }, { force: true }));
  expectType<number>()(await Custom.objects.restore("all"));
  // @ts-expect-error a condition, or "all"
  await Custom.objects.restore();
  // @ts-expect-error an unknown option
  await Custom.objects.delete({ id: 1 }, { forced: true });

  for await (const chunk of Custom.objects.chunk(10, { where: { name: "x" } })) expectType<Custom[]>()(chunk);
  // @ts-expect-error a size
  Custom.objects.chunk();
  // @ts-expect-error a number
  Custom.objects.chunk("10");
  // @ts-expect-error an unknown column
  Custom.objects.chunk(10, { where: { nmae: "x" } });
}

export async function widened() {
  // Of a name that is any text the columns can't be told: then they are not in the type, and all others are as declared.
  const options = { softDelete: "gone", timestamps: { createdAt: "made" } };
  class Widened extends Model("widened", { id: integer().primaryKey(), name: text() }, options) {}
  expectShape<{ id: number; name: string; updatedAt: Date }>()((await Widened.objects.insert({ name: "x" })).data);
  // @ts-expect-error an unknown column
  await Widened.objects.insert({ name: "x", nmae: new Date() });
  // @ts-expect-error the name is missing
  await Widened.objects.insert({});

  const known = { softDelete: "gone", timestamps: { createdAt: "made" } } as const;
  class Told extends Model("told", { id: integer().primaryKey() }, known) {}
  expectShape<{ id: number; made: Date; updatedAt: Date; gone: Date | null }>()((await Told.objects.insert({})).data);
}

export function refused() {
  const columns = { id: integer().primaryKey(), name: text() };
  // @ts-expect-error an unknown option
  Model("t", columns, { softDelte: "deletedAt" });
  // @ts-expect-error an unknown option beside a known one
  Model("t", columns, { softDelete: "deletedAt", timestamp: true });
  // @ts-expect-error the name of a property
  Model("t", columns, { softDelete: true });
  // @ts-expect-error true, or the names
  Model("t", columns, { timestamps: "createdAt" });
  // @ts-expect-error an unknown time
  Model("t", columns, { timestamps: { made: "made" } });
  // @ts-expect-error an unknown time beside a known one
  Model("t", columns, { timestamps: { createdAt: "made", updated: "touched" } });
  // @ts-expect-error a name, or false
  Model("t", columns, { timestamps: { createdAt: true } });
  // @ts-expect-error an unknown column
  Model("t", columns, { primaryKey: ["nmae"], softDelete: "deletedAt" });
}

/** The rows of the chain. Compiled, never run. */
import { deleteFrom, insertInto, sql, updateTable } from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { Post, User } from "./models.js";

interface UserRow {
  id: number;
  name: string;
  email: string;
  active: boolean;
  numProducts: number | null;
  createdAt: Date;
}

export async function selects() {
  const { objects } = User;
  const chain = objects
    .setSql(User.select())
    .where([User.c.name.eq("foo")])
    .orderBy(["name", "-id"])
    .limit(10)
    .offset(20);
  expectShape<UserRow[]>()(await chain.fetchall());
  const one = await chain.fetchone();
  one?.createdAt.getTime();
  // @ts-expect-error may be null
  one.name;
  expectType<number>()(await chain.rowcount());

  const narrow = objects.setSql(User.select(["id", "name"]));
  expectShape<{ id: number; name: string }[]>()(await narrow.where({ email: "x" }).fetchall());
  const narrowOne = await narrow.fetchone();
  // @ts-expect-error not selected
  narrowOne?.email;
  expectType<string[]>()(await objects.setSql(User.select("name").scalars()).fetchall());

  const { text, values } = chain.toSql();
  text.length;
  values.length;

  // @ts-expect-error nothing to await: `fetchall()` runs it
  (await chain).length;
  // @ts-expect-error an unknown column
  User.select(["nmae"]);
  // @ts-expect-error an unknown column
  chain.where({ nmae: "x" });
  // @ts-expect-error an unknown column
  chain.orderBy(["nmae"]);
  // @ts-expect-error a number
  chain.limit("10");
}

export async function fragments() {
  const { objects } = User;
  const rows = await objects.setSql(sql`select count(*) as n from users where id > ${3}`).fetchall();
  const n: unknown = rows[0]?.n;
  const typed = await objects.setSql<{ n: number }>(sql`select count(*) as n from users`).fetchall();
  expectShape<{ n: number }[]>()(typed);
  await objects.setSql(sql`select * from users`).where({ name: "x" }).orderBy(["name"]).limit(3).fetchall();
  // @ts-expect-error a plain text would be a way in for injections
  objects.setSql("select 1");
  return n;
}

export async function writes() {
  const id = await User.objects.setSql(insertInto(User)).values({ name: "x", email: "y" }).returning("id").scalar();
  expectType<number | null>()(id);
  const updated = await User.objects
    .setSql(updateTable(User))
    .values({ numProducts: 3 })
    .where({ name: "x" })
    .returning("id", "numProducts")
    .fetchall();
  expectShape<{ id: number; numProducts: number | null }[]>()(updated);
  expectType<number>()(await User.objects.setSql(deleteFrom(User)).where({ name: "x" }).rowcount());
  await Post.objects.setSql(insertInto(Post)).values({ title: "t", authorId: 1 }).rowcount();

  // @ts-expect-error an unknown column
  User.objects.setSql(insertInto(User)).returning("nmae");
  // @ts-expect-error a wrong value
  User.objects.setSql(insertInto(User)).values({ name: 3, email: "y" });
  // @ts-expect-error an unknown column
  User.objects.setSql(updateTable(User)).values({ nmae: "x" });
}

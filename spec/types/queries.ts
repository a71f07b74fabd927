/** What queries are to the compiler: joins, groups, and what may be said after which. */
import { count, max, sum } from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { Post, User } from "./models.js";

export async function joins() {
  const joined = User.query().join(Post, ["id", "authorId"]);
  const [both] = await joined.get();
  expectType<string | undefined>()(both?.data.users.name);
  expectType<string | undefined>()(both?.data.posts.title);
  const [outer] = await User.query().join(Post, ["id", "authorId"], "left").get();
  outer?.data.posts?.title;
  // @ts-expect-error a side of an outer join may be missing
  outer?.data.posts.title;
  const [narrow] = await joined.select(["users.name", "posts.title"]).get();
  expectShape<{ title: string } | undefined>()(narrow?.data.posts);
  // @ts-expect-error not selected
  narrow?.data.posts.id;
}

export function stages() {
  const joined = User.query().join(Post, ["id", "authorId"]);
  // @ts-expect-error of which table?
  joined.select(["name"]);
  // @ts-expect-error a join comes before a select
  User.query().select(["name"]).join(Post, ["id", "authorId"]);
  // @ts-expect-error and before a group
  User.query().group("name").join(Post, ["id", "authorId"]);
  // @ts-expect-error a group comes before a select
  User.query().select(["name"]).group("name");
  // @ts-expect-error there are no groups
  User.query().having({ name: "x" });
}

export async function groups() {
  const { objects } = User;
  const rows = await objects.aggregate(
    { n: count(), most: max("numProducts") },
    { groupBy: "active", having: ({ n }) => n.gt(1), orderBy: ["-most", "active"] },
  );
  expectType<{ active: boolean; n: number; most: number | null }[]>()(rows); // one object, as an editor shows it
  expectShape<{ total: number | null }>()(await objects.aggregate({ total: sum("numProducts") }, { where: { id: 1 } }));
  // @ts-expect-error neither aggregated nor grouped by
  await objects.aggregate({ n: count() }, { groupBy: "active", orderBy: "name" });
  // @ts-expect-error no value of the rows
  await objects.aggregate({ n: count() }, { groupBy: "active", having: { m: 1 } });
  // @ts-expect-error an unknown column
  await objects.aggregate({ n: count() }, { groupBy: "actif" });
  // @ts-expect-error an unknown option
  await objects.aggregate({ n: count() }, { wher: { id: 1 } });
  // @ts-expect-error an order wants groups
  await objects.aggregate({ n: count() }, { orderBy: "n" });
  const options = { where: { id: 1 }, groupBy: "active" } as const;
  expectShape<{ active: boolean; n: number }[]>()(await objects.aggregate({ n: count() }, options));
}

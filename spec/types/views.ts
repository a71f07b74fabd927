/** What queries of aliases and common table expressions give. Compiled, never run. */
import { alias, count, cte, QueryBuilder } from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { Post, User } from "./models.js";

export async function joins() {
  const elder = alias(User, "elder");
  const [row] = await User.query().join(elder, ["id", "<", "elder.id"], "left").get();
  const [younger, other] = (await row?.getModels()) ?? [];
  expectType<string | undefined>()(younger?.displayName);
  expectType<string | undefined>()(other?.displayName);
  // @ts-expect-error the side may be missing
  row?.data.elder.name;

  const busy = cte("busy", Post.select({ authorId: "authorId", n: count() }).groupBy("authorId"));
  const [found] = await User.query().join(busy, ["id", "authorId"]).get();
  expectType<number | undefined>()(found?.data.busy.n);
  // @ts-expect-error an unknown column
  User.query().join(busy, ["id", "author"]);
  // @ts-expect-error neither a model nor a view
  User.query().join({ table: "busy", columns: {} }, ["id", "authorId"]);
}

export async function queries() {
  const elders = new QueryBuilder(alias(User, "elder"));
  expectType<string | undefined>()((await elders.first())?.displayName);
  const narrow = await elders.select(["id"]).first();
  expectType<number | undefined>()(narrow?.id);
  // @ts-expect-error not selected
  narrow?.name;

  const counts = new QueryBuilder(cte("counts", Post.select({ n: count() })));
  expectShape<{ n: number } | undefined>()((await counts.first())?.data);
}

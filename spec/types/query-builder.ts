/** What queries built step by step take and give. Compiled, never run. */
import {
  alias,
  avg,
  bigint,
  count,
  cte,
  type Database,
  integer,
  Model,
  max,
  QueryBuilder,
  type ResultRow,
  sql,
  sum,
  text,
} from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { Post, Specimen, Tag, User } from "./models.js";

interface UserRow {
  id: number;
  name: string;
  email: string;
  active: boolean;
  numProducts: number | null;
  createdAt: Date;
}
interface PostRow {
  id: number;
  title: string;
  authorId: number;
}

export async function plain() {
  const query = User.query().equal("name", "a").orderBy("id", "desc").skip(1);
  expectType<User[]>()(await query.get());
  expectType<User[]>()(await query.take(3));
  expectType<User | null>()(await query.first());
  expectType<User | null>()(await query.find(1));
  expectType<number>()(await query.count());
  (await query.get())[0]?.displayName.length;
  for await (const chunk of query.chunk(10)) expectType<User[]>()(chunk);
  expectType<User>()(await User.query().insert({ name: "a", email: "b" }));
  expectType<number>()(await User.query().insertMany([{ name: "a", email: "b" }]));
  expectType<number>()(await query.update({ name: "b", numProducts: sql`num_products + 1` }));
  expectType<number>()(await query.delete());
  const [n, rows] = await query.executeRaw<{ id: number }>(sql`select id from users`);
  expectType<number>()(n);
  expectType<{ id: number }[]>()(rows);
  const [, unknowns] = await query.executeRaw(sql`select id from users`);
  expectType<Record<string, unknown>[]>()(unknowns);
  expectType<string>()(query.toSql().text);
  expectType<User[]>()(await query.select(["id"]).reset().get());
  expectType<User[]>()(await new QueryBuilder(User).withDeleted().get());
  // @ts-expect-error may be null
  (await query.first()).name;
  // @ts-expect-error the name is wanted
  User.query().insert({ email: "b" });
  // @ts-expect-error an unknown column
  User.query().update({ nmae: "x" });
  // @ts-expect-error a key of another type
  query.find("1");
  // @ts-expect-error no text: it would be a way in for injections
  query.executeRaw("select 1");
  // @ts-expect-error nothing to await: `get()` runs it
  (await query).length;
}

export function operators(db: Database) {
  const query = User.query();
  query.equal("numProducts", null).equal("id", Post.c.id).less("createdAt", new Date()).isIn("id", [1, 2]);
  query
    .equal({ name: "a", numProducts: null })
    .like("name", "a%")
    .like("name", "?%", "50%")
    .like({ name: ["?", "a"] });
  query
    .notIn({ id: [1], numProducts: [1, null] })
    .isNull("name", "email")
    .notNull(["name"])
    .contains({ name: "a" });
  query.where({ equal: { id: 1 }, contains: { name: "a" }, isIn: { id: [1] }, isNull: ["email"], like: { name: "a" } });
  query
    .where(User.c.name.eq("a"))
    .where([User.c.id.gt(1), sql`1 = 1`])
    .where("all")
    .using(db);
  query.equal("users.name", "a").orderBy("users.name", "asc").orderBy({ id: "asc", name: "desc" });
  query.orderBy(User.c.name.desc({ nulls: "last" }));
  Specimen.query().equal("aBigint", 1n).greater("aBigint", 2n);

  // @ts-expect-error an unknown column
  query.equal("nmae", "a");
  // @ts-expect-error an unknown column
  query.equal({ nmae: "a" });
  // @ts-expect-error an unknown table
  query.equal("posts.id", 1);
  // @ts-expect-error a value of another type
  query.equal("name", 1);
  // @ts-expect-error a value of another type
  query.equal({ name: 1 });
  // @ts-expect-error a value of another type
  query.greater("id", "1");
  // @ts-expect-error a column of another type
  query.equal("id", User.c.name);
  // @ts-expect-error no value
  query.equal("name");
  // @ts-expect-error undefined is no value
  query.equal("name", undefined);
  // @ts-expect-error one value, not a list
  query.isIn("id", 1);
  // @ts-expect-error of another type
  query.isIn("id", ["1"]);
  // @ts-expect-error no text column
  query.contains("id", "1");
  // @ts-expect-error no text
  query.contains("name", 1);
  // @ts-expect-error no text column
  query.like({ id: "1" });
  // @ts-expect-error no text
  query.like("name", "?", 5);
  // @ts-expect-error an unknown column
  query.isNull("nmae");
  // @ts-expect-error an unknown operator
  query.where({ equals: { name: "a" } });
  // @ts-expect-error an unknown column
  query.where({ equal: { nmae: "a" } });
  // @ts-expect-error a value of another type
  query.where({ isIn: { id: ["1"] } });
  // @ts-expect-error not "all" nor a condition
  query.where("every");
  // @ts-expect-error an unknown column
  query.orderBy("nmae", "asc");
  // @ts-expect-error an unknown direction
  query.orderBy("name", "up");
  // @ts-expect-error the direction is wanted
  query.orderBy("name");
  // @ts-expect-error an unknown direction
  query.orderBy({ name: "up" });
  // @ts-expect-error no number
  query.skip("1");
  // @ts-expect-error no number
  query.take("1");
  // @ts-expect-error an unknown option
  new QueryBuilder(User, { databse: db });
  // @ts-expect-error a model has its columns
  new QueryBuilder(User, { columns: { id: integer() } });
  // @ts-expect-error a name wants columns
  new QueryBuilder("logs", { database: db });
  // @ts-expect-error no table
  new QueryBuilder(5);
}

export async function joins() {
  const inner = await User.query().join(Post, ["id", "authorId"]).get();
  expectType<{ users: UserRow; posts: PostRow }[]>()(inner.map(({ data }) => data));
  expectType<[User, Post][]>()(await Promise.all(inner.map((row) => row.getModels())));
  const left = await User.query().join(Post, ["users.id", "=", "posts.authorId"], "left").get();
  expectType<{ users: UserRow; posts: PostRow | null }[]>()(left.map(({ data }) => data));
  expectType<[User, Post | null][]>()(await Promise.all(left.map((row) => row.getModels())));
  const outer = await User.query().join(Post, ["id", "authorId"], "outer").get();
  expectType<{ users: UserRow; posts: PostRow | null }[]>()(outer.map(({ data }) => data));
  const right = await User.query().join(Post, ["id", ">=", "authorId"], "right").get();
  expectType<{ users: UserRow | null; posts: PostRow }[]>()(right.map(({ data }) => data));
  expectType<[User | null, Post][]>()(await Promise.all(right.map((row) => row.getModels())));
  const full = await User.query().join(Post, ["id", "authorId"], "full").get();
  expectType<{ users: UserRow | null; posts: PostRow | null }[]>()(full.map(({ data }) => data));
  const cross = await User.query().join(Post, [], "cross").take(1);
  expectType<{ users: UserRow; posts: PostRow }[]>()(cross.map(({ data }) => data));
  // @ts-expect-error may be missing
  left[0]?.data.posts.title;
  // @ts-expect-error rows of a join are no instances
  inner[0]?.name;
}

export async function chains() {
  const boss = alias(User, "boss");
  const leftThenInner = User.query().join(Post, ["id", "authorId"], "left").join(Tag, ["posts.id", "id"]);
  const rows = await leftThenInner.orderBy("posts.title", "asc").equal("tags.label", "x").get();
  expectType<{ users: UserRow; posts: PostRow | null; tags: { id: number; label: string } }[]>()(
    rows.map(({ data }) => data),
  );
  const thenRight = await User.query()
    .join(Post, ["id", "authorId"])
    .join(boss, ["posts.authorId", "id"], "right")
    .get();
  expectType<{ users: UserRow | null; posts: PostRow | null; boss: UserRow }[]>()(thenRight.map(({ data }) => data));
  expectType<[User | null, Post | null, User][]>()(await Promise.all(thenRight.map((row) => row.getModels())));

  const query = User.query();
  // @ts-expect-error an unknown column
  query.join(Post, ["id", "autorId"]);
  // @ts-expect-error an unknown column
  query.join(Post, ["nmae", "authorId"]);
  // @ts-expect-error an unknown comparison
  query.join(Post, ["id", "==", "authorId"]);
  // @ts-expect-error an unknown kind
  query.join(Post, ["id", "authorId"], "rigth");
  // @ts-expect-error a cross join has no condition
  query.join(Post, ["id", "authorId"], "cross");
  // @ts-expect-error a join has a condition
  query.join(Post, []);
  // @ts-expect-error of no column of the joined table
  query.join(Post, ["id", "users.id"]);
  // @ts-expect-error a name wants columns
  query.join("posts", ["id", "authorId"]);
  // @ts-expect-error the table is not joined
  query.join(Post, ["id", "authorId"]).equal("tags.label", "x");
  // @ts-expect-error a join comes before
  query.group("name").join(Post, ["id", "authorId"]);
  // @ts-expect-error a join comes before
  query.select(["name"]).join(Post, ["id", "authorId"]);
}

export async function narrowed() {
  const query = User.query().select(["id"]);
  const [user] = await query.get();
  if (user === undefined) return;
  expectType<number>()(user.id);
  expectType<{ id: number }>()(user.data);
  expectType<string>()(user.displayName);
  user.update({ name: "b" });
  user.save();
  const first = await query.first();
  expectType<number | undefined>()(first?.id);
  // @ts-expect-error not selected
  first?.name;
  // @ts-expect-error not selected
  user.name;
  // @ts-expect-error not selected
  user.data.name;
  // @ts-expect-error an unknown column
  User.query().select(["nmae"]);
  // @ts-expect-error of one table, by itself
  User.query().select(["posts.id"]);
  // @ts-expect-error a list
  User.query().select("name");
  // @ts-expect-error groups alone have conditions
  query.having(sql`1 = 1`);

  const joined = await User.query()
    .join(Post, ["id", "authorId"], "left")
    .join(Tag, ["id", "id"])
    .select(["users.id", "users.numProducts", "posts.title"])
    .get();
  expectShape<{ users: { id: number; numProducts: number | null }; posts: { title: string } | null }[]>()(
    joined.map(({ data }) => data),
  );
  // @ts-expect-error not selected
  joined[0]?.data.users.name;
  // @ts-expect-error nothing of it was selected
  joined[0]?.data.tags;
  const join = User.query().join(Post, ["id", "authorId"]);
  // @ts-expect-error with its table
  join.select(["title"]);
  // @ts-expect-error an unknown column
  join.select(["posts.tilte"]);
  // @ts-expect-error an unknown table
  join.select(["post.title"]);
}

export async function groups() {
  const names = await User.query().group("name").get();
  expectType<{ name: string }[]>()(names.map(({ data }) => data));
  const both = await User.query().group(["name", "numProducts"]).select(["numProducts"]).get();
  expectType<{ numProducts: number | null }[]>()(both.map(({ data }) => data));
  const query = User.query()
    .group("name")
    .select({ who: "name", n: count(), emails: count("email"), most: max("numProducts"), total: sum("numProducts") });
  const sums = await query
    .having(({ n }) => n.gt(1))
    .having({ who: "a", n: [1, 2] })
    .orderBy("n", "desc")
    .get();
  expectType<{ who: string; n: number; emails: number; most: number | null; total: number | null }[]>()(
    sums.map(({ data }) => data),
  );
  expectType<number>()(await query.count());
  const alone = await Specimen.query()
    .select({ mean: avg("aBigint"), last: max("id") })
    .first();
  expectType<{ mean: number | null; last: string | null } | undefined>()(alone?.data);

  // What an outer join lacks is null in groups too.
  const left = User.query().join(Post, ["id", "authorId"], "left");
  const titles = await left.group(["users.name", "posts.title"]).get();
  expectType<{ "users.name": string; "posts.title": string | null }[]>()(titles.map(({ data }) => data));
  const named = await left
    .group("posts.title")
    .select({ title: "posts.title", n: count("posts.id") })
    .get();
  expectType<{ title: string | null; n: number }[]>()(named.map(({ data }) => data));
  const right = await User.query().join(Post, ["id", "authorId"], "right").group("name").get();
  expectType<{ name: string | null }[]>()(right.map(({ data }) => data));

  // @ts-expect-error an unknown column
  User.query().group("nmae");
  // @ts-expect-error an unknown column
  User.query().select({ n: count("nmae") });
  // @ts-expect-error no value of the rows
  query.having({ m: 1 });
  // @ts-expect-error a value of another type
  query.having({ n: "1" });
  // @ts-expect-error without groups
  User.query().having({ name: "a" });
  // @ts-expect-error no value of the rows
  query.orderBy("m", "asc");
  // @ts-expect-error grouped already
  query.group("name");
}

export async function tables(db: Database) {
  const logs = new QueryBuilder("logs", {
    columns: { id: bigint().primaryKey(), line: text().nullable() },
    database: db,
  });
  interface Log {
    id: bigint;
    line: string | null;
  }
  expectType<ResultRow<Log>[]>()(await logs.equal("id", 1n).get());
  expectType<ResultRow<Log>>()(await logs.insert({ line: "x" }));
  expectType<ResultRow<{ line: string | null }>[]>()(await logs.select(["line"]).get());
  const joined = await logs.join("users", ["line", "name"], "left", { name: text() }).get();
  expectType<{ logs: Log; users: { name: string } | null }[]>()(joined.map(({ data }) => data));
  expectType<[ResultRow<Log>, ResultRow<{ name: string }> | null][]>()(
    await Promise.all(joined.map((row) => row.getModels())),
  );
  // A schema is no part of the name by which columns are told.
  const archived = new QueryBuilder("archive.logs", { columns: { id: integer() }, database: db });
  const [row] = await archived
    .equal("logs.id", 1)
    .join("app.users", ["logs.id", "users.id"], "inner", { id: integer() })
    .get();
  expectType<{ logs: { id: number }; users: { id: number } } | undefined>()(row?.data);

  const top = cte("top", User.select({ id: "id", name: "name", n: count() }).groupBy("id", "name"));
  const tops = await new QueryBuilder(top).equal("n", 1).get();
  expectShape<{ id: number; name: string; n: number }[]>()(tops.map(({ data }) => data));
  const withTop = await Post.query().join(top, ["authorId", "id"], "left").get();
  expectType<string | undefined>()(withTop[0]?.data.top?.name);
  const boss = alias(User, "boss");
  const bosses = await new QueryBuilder(boss).get();
  expectType<User[]>()(bosses);
  expectType<string | undefined>()((await new QueryBuilder(boss).select(["name"]).first())?.name);

  // @ts-expect-error an unknown column
  logs.equal("lien", "x");
  // @ts-expect-error a value of another type
  logs.equal("id", 1);
  // @ts-expect-error an unknown column
  logs.insert({ lien: "x" });
  // @ts-expect-error an unknown column
  User.query().join("logs", ["name", "lien"], "inner", { line: text() });
}

/** Queries of a model in its own getters make no circle for the compiler. */
class Folder extends Model("folders", { id: integer().primaryKey(), parentId: integer().nullable() }) {
  get siblings() {
    return Folder.query().equal("parentId", this.parentId).notEqual("id", this.id);
  }
  get withParents() {
    return Folder.query().join(alias(Folder, "parent"), ["parentId", "parent.id"], "left");
  }
  get files() {
    return File.query().equal("folderId", this.id);
  }
}
class File extends Model("files", { id: integer().primaryKey(), folderId: integer() }) {
  get folders() {
    return Folder.query().join(File, ["id", "folderId"]).select(["folders.id"]);
  }
}

export async function circles(folder: Folder, file: File) {
  expectType<Folder[]>()(await folder.siblings.get());
  expectType<File[]>()(await folder.files.get());
  const [row] = await folder.withParents.get();
  expectType<{ id: number; parentId: number | null } | null | undefined>()(row?.data.parent);
  expectType<[Folder, Folder | null] | undefined>()(await row?.getModels());
  expectType<{ folders: { id: number } } | undefined>()((await file.folders.first())?.data);
}

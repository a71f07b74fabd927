/** Queries across relations, what they load, and graphs of rows. Compiled, never run. */
import {
  type BelongsToMany,
  belongsTo,
  belongsToMany,
  type ColumnExpression,
  type Condition,
  count,
  hasMany,
  integer,
  type Loaded,
  Manager,
  Model,
  sql,
} from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";
import { type Avatar, Post, PostTag, Tag, User, type UserManager } from "./relation-models.js";

export async function loading() {
  const users = await User.objects.getInstances({ prefetch: ["posts.tags", "posts.author.avatar", "friends"] });
  expectType<Loaded<User, "posts.tags" | "posts.author.avatar" | "friends">[]>()(users);
  const plain: User[] = users;
  const user = users[0]!;
  for (const post of user.posts) {
    for (const tag of post.tags) expectType<string>()(tag.label);
    // A key that is not nullable leads to an instance; one that is, to one or none.
    expectType<Loaded<User, "avatar">>()(post.author.secondary);
    expectType<Avatar | null>()(post.author.secondary.avatar.secondary);
    expectType<User | null | undefined>()(post.editor.secondary);
    expectType<Loaded<User, "avatar"> | null>()(await post.author.fetch());
    const same: Post = post;
    same.title;
  }
  for (const friend of user.friends) expectType<User>()(friend);
  expectType<Tag | undefined>()(user.posts.at(0)?.tags.at(0));
  expectType<Avatar | null | undefined>()(user.posts.secondary[0]?.author.secondary.avatar.secondary);
  expectType<(string | undefined)[]>()(user.posts.secondary.map((post) => post.author.secondary.avatar.secondary?.url));
  expectType<(Avatar | null)[]>()((await user.posts.fetchAll()).map((post) => post.author.secondary.avatar.secondary));
  expectType<Avatar | null | undefined>()((await user.posts.fetchOne())?.author.secondary.avatar.secondary);
  expectType<string>()(user.displayName);
  await user.save();
  await plain[0]?.reload();

  const [post] = await Post.objects.getInstances({ selectRelated: ["author.avatar"], prefetch: "editor" });
  expectType<User | null | undefined>()(post?.editor.secondary);
  expectType<Avatar | null | undefined>()(post?.author.secondary.avatar.secondary);
  const [one] = await Post.objects.getInstances({ prefetch: "author" });
  expectType<User | undefined>()(one?.author.secondary);
}

/** What a prefetch's conditions leave out is not there, even where the key is not nullable. */
export async function leftOut(user: User) {
  const { objects } = Post;
  const post = await objects.get({
    prefetch: { author: { where: { active: true }, prefetch: "avatar" }, tags: { where: { label: "x" } } },
  });
  expectType<Loaded<User, "avatar"> | null>()(post.author.secondary);
  expectType<Avatar | null | undefined>()(post.author.secondary?.avatar.secondary);
  expectType<Loaded<Post, "author?" | "author?.avatar" | "tags">>()(post);
  const plain: Post = post;
  expectType<User | null | undefined>()(plain.author.secondary);
  expectType<User | null>()((await objects.get({ prefetch: { author: { limit: 0 } } })).author.secondary);
  expectType<User | null>()((await objects.get({ prefetch: { author: { offset: 1 } } })).author.secondary);
  expectType<User>()((await objects.get({ prefetch: { author: { orderBy: "name" } } })).author.secondary);
  expectType<User>()((await objects.get({ prefetch: { author: { where: undefined } } })).author.secondary);
  const deep = await User.objects.get({ prefetch: ["avatar", { posts: { prefetch: { author: { where: {} } } } }] });
  expectType<User | null | undefined>()(deep.posts.at(0)?.author.secondary);
  const both = await objects.get({ prefetch: ["author.avatar", { author: { where: { active: true } } }] });
  expectType<Loaded<User, "avatar"> | null>()(both.author.secondary);
  post.author.secondary = user;
  // @ts-expect-error it may have been left out
  post.author.secondary.name;
  // @ts-expect-error the key is not nullable for all that
  post.author.secondary = null;
}

export async function notLoaded() {
  const post = await Post.objects.get();
  expectType<User | null | undefined>()(post.author.secondary);
  expectType<User | null | undefined>()(post.editor.secondary);
  expectType<User | null>()(await post.author.fetch());
  expectType<User | null>()(await post.editor.fetch());
  // @ts-expect-error it may not be loaded
  post.author.secondary.name;
  const loaded = await Post.objects.get({ prefetch: ["editor"] });
  // @ts-expect-error the author was not asked for
  loaded.author.secondary.name;
  // @ts-expect-error there may be none
  loaded.editor.secondary.name;
  loaded.editor.secondary?.name;
}

export async function assigning(user: User, avatar: Avatar) {
  const post = await Post.objects.get({ prefetch: ["author.avatar", "editor"] });
  post.author.secondary = user; // of which nothing need be loaded
  post.editor.secondary = null;
  // @ts-expect-error an instance of another model
  post.author.secondary = avatar;
  // @ts-expect-error the key is not nullable
  post.author.secondary = null;
}

export async function everyMethod() {
  const { objects } = Post;
  const options = { prefetch: ["author"], where: { "author.name": "x" } } as const;
  type PostWithAuthor = Loaded<Post, "author">;
  expectType<PostWithAuthor[]>()(await objects.getInstances(options));
  expectType<PostWithAuthor | null>()(await objects.getInstance(options));
  expectType<PostWithAuthor | null>()(await objects.first(options));
  expectType<PostWithAuthor | null>()(await objects.last(options));
  expectType<PostWithAuthor>()(await objects.get(options));
  for await (const post of objects.stream(options)) expectType<PostWithAuthor>()(post);
  for await (const posts of objects.chunk(10, options)) expectType<PostWithAuthor[]>()(posts);
  expectType<PostWithAuthor | null>()(await objects.find(1, { selectRelated: ["author"] }));
  expectType<PostWithAuthor[]>()(await objects.findMany([1], { prefetch: ["author"] }));
  expectType<string>()(await objects.explain(options));
  expectType<number>()(await objects.count({ where: { "author.name": "x" } }));
  expectType<boolean>()(await objects.exists({ where: { author: { active: true } } }));
  expectType<number>()(await objects.update({ "author.name": "x" }, { title: "y" }));
  expectType<Post[]>()(await objects.update({ "author.name": "x" }, { title: "y" }, { fetch: true }));
  expectType<number>()(await objects.delete({ tags: { none: { label: "x" } } }));
  const items = await objects.getItems({ columns: ["id"], where: { "author.name": "x" }, orderBy: "-author.name" });
  expectShape<{ id: number }[]>()(items);
  const item = await objects.getItem({ where: { "author.name": "x" } });
  expectType<string | undefined>()(item?.title);
  // @ts-expect-error plain objects have no relations
  await objects.getItems({ prefetch: ["author"] });
  // @ts-expect-error the conditions of a count, nothing else
  await objects.count({ where: { "author.name": "x" }, prefetch: ["author"] });
  // @ts-expect-error a wrong value
  await objects.count({ where: { "author.name": 3 } });
  // @ts-expect-error what to load, nothing else
  await objects.find(1, { limit: 3 });
  // @ts-expect-error no such relation
  await objects.find(1, { prefetch: ["autor"] });
  // @ts-expect-error no such column
  await objects.update({ "author.nmae": "x" }, { title: "y" });
  // @ts-expect-error no such column
  await objects.delete({ tags: { none: { lable: "x" } } });
  await using tx = objects.transaction();
  expectType<PostWithAuthor[]>()(await tx.getInstances(options));
}

export async function aggregates() {
  const { objects } = Post;
  const all = await objects.aggregate({ n: count() }, { where: { "author.name": "x" } });
  expectShape<{ n: number }>()(all);
  const groups = await objects.aggregate({ n: count() }, { where: { "author.name": "x" }, groupBy: "state" });
  expectShape<{ state: "draft" | "public"; n: number }[]>()(groups);
  // @ts-expect-error an unknown column
  await objects.aggregate({ n: count() }, { where: { "author.nmae": "x" } });
  // @ts-expect-error a wrong value
  await objects.aggregate({ n: count() }, { where: { "author.name": 3 }, groupBy: "state" });
}

export async function counting() {
  const [user] = await User.objects.getInstances({ withCount: ["posts"], orderBy: ["-postsCount", "name"] });
  expectType<number | undefined>()(user?.postsCount);
  const [nested] = await User.objects.getInstances({
    prefetch: { posts: { withCount: "tags", orderBy: "-tagsCount" } },
  });
  for (const post of nested!.posts) expectType<number>()(post.tagsCount);
  const [counted] = await User.objects.withCount(["posts", "friends"], {
    orderBy: "-friendsCount",
    prefetch: ["avatar"],
  });
  expectType<number | undefined>()(counted?.friendsCount);
  expectType<string | undefined>()(counted?.avatar.secondary?.url);
  expectType<number | undefined>()((await User.objects.withCount("posts"))[0]?.postsCount);
  // @ts-expect-error friends were not counted
  user?.friendsCount;
  // @ts-expect-error one at most
  await User.objects.getInstances({ withCount: ["avatar"] });
  // @ts-expect-error no such relation
  await User.objects.withCount(["pots"]);
  // @ts-expect-error a getter that is no relation
  await User.objects.withCount(["displayName"]);
  // @ts-expect-error not counted, and so nothing to order by
  await User.objects.getInstances({ orderBy: "-postsCount", prefetch: ["posts"] });
  // @ts-expect-error not counted
  await User.objects.withCount(["posts"], { orderBy: "-friendsCount" });
}

export async function prefetching() {
  const { objects } = User;
  await objects.getInstances({ prefetch: "posts" });
  await objects.getInstances({ prefetch: ["posts.tags", "friends", { avatar: true }] });
  const [user] = await objects.getInstances({
    prefetch: {
      friends: true,
      posts: {
        where: { state: "draft", "author.name": "x", tags: { some: { label: ["x", "y"] } } },
        orderBy: ["-title", "author.name"],
        limit: 3,
        offset: 1,
        prefetch: ["tags"],
        selectRelated: ["author"],
      },
    },
  });
  expectType<string | undefined>()(user?.posts.at(0)?.author.secondary.name);
  // @ts-expect-error no such relation
  await objects.getInstances({ prefetch: "pots" });
  // @ts-expect-error no such relation of posts
  await objects.getInstances({ prefetch: ["posts.nope"] });
  // @ts-expect-error no such relation of tags
  await objects.getInstances({ prefetch: ["posts.tags.nope"] });
  // @ts-expect-error a column is no relation
  await objects.getInstances({ prefetch: ["name"] });
  // @ts-expect-error nor is a method
  await objects.getInstances({ prefetch: ["withPosts"] });
  // @ts-expect-error nor is another getter
  await objects.getInstances({ prefetch: ["displayName"] });
  // @ts-expect-error no such relation
  await objects.getInstances({ prefetch: { pots: true } });
  // @ts-expect-error true, or what to load of it
  await objects.getInstances({ prefetch: { posts: "tags" } });
  // @ts-expect-error an unknown option
  await objects.getInstances({ prefetch: { posts: { limt: 3 } } });
  // @ts-expect-error a wrong value
  await objects.getInstances({ prefetch: { posts: { limit: "3" } } });
  // @ts-expect-error an unknown column
  await objects.getInstances({ prefetch: { posts: { where: { titel: "x" } } } });
  // @ts-expect-error no such relation of posts
  await objects.getInstances({ prefetch: { posts: { prefetch: ["nope"] } } });
  // @ts-expect-error only a whole query locks
  await objects.getInstances({ prefetch: { posts: { lock: "update" } } });
  // @ts-expect-error no such relation, among some
  await objects.getInstances({ prefetch: ["posts", { friends: { prefetch: "nope" } }] });
  // @ts-expect-error an option among others that are right
  await objects.getInstances({ prefetch: ["posts"], limt: 3 });
  // @ts-expect-error neither a name nor a list
  await objects.getInstances({ prefetch: 3 });
  const names: string[] = ["posts"];
  // @ts-expect-error the compiler must know the names
  await objects.getInstances({ prefetch: names });
  const kept = { where: { id: 1 }, prefetch: ["nope"] } as const;
  // @ts-expect-error kept in a variable, it is checked alike
  await objects.getInstances(kept);
}

export async function joining() {
  const { objects } = Post;
  await objects.getInstances({ selectRelated: "author" });
  await objects.getInstances({ selectRelated: ["author.avatar", "editor"] });
  // @ts-expect-error has many
  await objects.getInstances({ selectRelated: ["tags"] });
  // @ts-expect-error has many, at the end of a path
  await objects.getInstances({ selectRelated: ["author.posts"] });
  // @ts-expect-error has many, on the way
  await objects.getInstances({ selectRelated: ["tags.posts"] });
  // @ts-expect-error no such relation
  await objects.getInstances({ selectRelated: ["author.avatr"] });
  // @ts-expect-error no such relation
  await objects.getInstances({ selectRelated: "autor" });
}

export async function conditions() {
  const { objects } = Post;
  await objects.getInstances({ where: { "author.name": "x", title: ["x", "y"] } });
  await objects.getInstances({ where: { "author.name": ["x", "y"], "author.avatar.url": null } });
  await objects.getInstances({ where: { "author.name": User.c.name.startsWith("x") } });
  await objects.getInstances({ where: { "author.settings": { theme: "x", sizes: [1] }, "author.nicknames": ["x"] } });
  await objects.getInstances({ where: { tags: { some: { label: "x" }, none: { label: ["y"] }, every: sql`1 = 1` } } });
  await objects.getInstances({ where: { tags: { some: { posts: { some: { "author.name": "x" } } } } } });
  await objects.getInstances({ where: { tags: { some: {} } } });
  await objects.getInstances({ where: { tags: { some: [Tag.c.label.eq("x"), { label: "y" }] } } });
  await objects.getInstances({ where: { author: { name: "x", avatar: null }, editor: null } });
  await objects.getInstances({ where: [{ "author.name": "x" }, Post.c.title.eq("x"), sql`1 = 1`, { title: "x" }] });
  // A list is of values, even where the columns' own are lists.
  await User.objects.getInstances({ where: { nicknames: ["x"], settings: { theme: "x", sizes: [1] }, avatar: null } });
  // @ts-expect-error a wrong value
  await objects.getInstances({ where: { "author.name": 3 } });
  // @ts-expect-error a wrong value among several
  await objects.getInstances({ where: { "author.name": ["x", 3] } });
  // @ts-expect-error a wrong value of the model's own, beside a path
  await objects.getInstances({ where: { "author.name": "x", title: 3 } });
  // @ts-expect-error an unknown column
  await objects.getInstances({ where: { "author.nmae": "x" } });
  // @ts-expect-error an unknown relation
  await objects.getInstances({ where: { "autor.name": "x" } });
  // @ts-expect-error a path ends at a column
  await objects.getInstances({ where: { "author.avatar": null } });
  // @ts-expect-error a path goes through relations to one
  await objects.getInstances({ where: { "tags.label": "x" } });
  // @ts-expect-error an unknown column
  await objects.getInstances({ where: { tags: { some: { lable: "x" } } } });
  // @ts-expect-error a wrong value
  await objects.getInstances({ where: { tags: { some: { label: 3 } } } });
  // @ts-expect-error some, none or every?
  await objects.getInstances({ where: { tags: { label: "x" } } });
  // @ts-expect-error no such quantifier
  await objects.getInstances({ where: { tags: { any: { label: "x" } } } });
  // @ts-expect-error many are not null
  await objects.getInstances({ where: { tags: null } });
  // @ts-expect-error of one, neither some nor none
  await objects.getInstances({ where: { author: { some: { name: "x" } } } });
  // @ts-expect-error an unknown column
  await objects.getInstances({ where: { author: { nmae: "x" } } });
  // @ts-expect-error conditions, not the key
  await objects.getInstances({ where: { author: 3 } });
  // @ts-expect-error an unknown column in a list
  await objects.getInstances({ where: [{ "author.name": "x" }, { titel: "x" }] });
  // @ts-expect-error not one of the literals
  await User.objects.getInstances({ where: { posts: { some: { state: "drfat" } } } });
  // @ts-expect-error a boolean is no condition
  await objects.getInstances({ where: [{ "author.name": "x" }, true] });
  // @ts-expect-error a method is no column
  await objects.getInstances({ where: { "author.withPosts": "x" } });
}

export async function order() {
  const { objects } = Post;
  await objects.getInstances({ orderBy: "author.name" });
  await objects.getInstances({ orderBy: ["-author.name", "title", Post.c.id.desc(), sql`1`] });
  // @ts-expect-error an unknown column
  await objects.getInstances({ orderBy: ["author.nmae"] });
  // @ts-expect-error an unknown column
  await objects.getInstances({ orderBy: "-author.nmae" });
  // @ts-expect-error there are many
  await objects.getInstances({ orderBy: ["tags.label"] });
  // @ts-expect-error an unknown relation
  await objects.getInstances({ orderBy: ["autor.name"] });
  // @ts-expect-error no column
  await objects.getInstances({ orderBy: [3], prefetch: ["author"] });
}

export async function filtering(user: User) {
  await user.posts.filter({ title: "x" }).fetchAll();
  await user.posts.filter({ "author.name": "x", tags: { some: { label: "y" } } }).fetchAll();
  // @ts-expect-error an unknown column
  user.posts.filter({ "author.nmae": "x" });
  // @ts-expect-error an unknown column
  user.posts.filter({ titel: "x" });
  await user.posts.filter({}).orderBy("author.name", "-title", Post.c.id.desc()).fetchAll();
  // @ts-expect-error an unknown column
  user.posts.filter({}).orderBy("titel");
  // @ts-expect-error an unknown column of the author
  user.posts.filter({}).orderBy("title", "-author.nmae");
}

/** What a pivot's row has besides; the keys that the getter names are not asked for. */
export async function pivots(post: Post, user: User, tag: Tag, avatar: Avatar) {
  const tags = belongsToMany(post, Tag, Tagging, "postId", "tagId");
  await tags.add(tag, { weight: 3 });
  await tags.add(tag, tag, {});
  const byKey: BelongsToMany<typeof Tag, typeof Tagging> = tags;
  await byKey.add(tag);
  // @ts-expect-error filled by the relation
  await tags.add(tag, { postId: 3 });
  // @ts-expect-error the other key as well
  await tags.add(tag, { tagId: 3, weight: 3 });
  // @ts-expect-error a wrong value
  await tags.add(tag, { weight: "x" });
  // @ts-expect-error an unknown column
  await tags.add(tag, { wieght: 3 });
  // @ts-expect-error an instance of another model, where the pivot has nothing besides
  await user.friends.add(avatar);
}

class Tagging extends Model("taggings", { postId: integer(), tagId: integer(), weight: integer().default(1) }) {}

/** A class without a manager of its own: that of `Model()` knows no relations. */
class Branch extends Model("branches", { id: integer().primaryKey(), parentId: integer().nullable() }) {
  get parent() {
    return belongsTo(this, Branch, "parentId");
  }
}

export async function undeclared() {
  // @ts-expect-error says what to declare
  await Branch.objects.getInstances({ prefetch: "parent" });
  // @ts-expect-error says what to declare
  await Branch.objects.getInstances({ where: { "parent.id": 1 } });
  await Branch.objects.getInstances({ where: { id: 1 }, orderBy: "-id" });
}

const { objects: users } = User;
type Row<V extends { name: "x" }> = Parameters<typeof users.insert<V>>[0];
type Undeclared = "for relations, declare static override objects = new Manager(this)";

/** What is wrong is said in words, or by the names that there are. */
export type Messages = [
  Expect<Equal<Row<{ name: "x"; pots: [] }>["pots"], "there is no column or relation pots">>,
  Expect<Equal<Row<{ name: "x"; displayName: "x" }>["displayName"], "there is no column or relation displayName">>,
  Expect<
    Equal<
      Row<{ name: "x"; posts: [{ title: "x"; tags: [{ lable: "x" }] }] }>["posts"][0]["tags"][0]["lable"],
      "there is no column or relation lable"
    >
  >,
  Expect<
    Equal<
      Parameters<typeof users.insertMany<[{ name: "x" }, { name: "x"; pots: [] }]>>[0][1]["pots"],
      "there is no column or relation pots"
    >
  >,
  Expect<
    Equal<
      Parameters<typeof users.getInstances<{ prefetch: "pots" }>>[0]["prefetch"],
      "posts" | "avatar" | "friends" | undefined
    >
  >,
  Expect<
    Equal<
      Parameters<typeof Branch.objects.getInstances<{ prefetch: "parent" }>>[0]["prefetch"],
      `parent: ${Undeclared}` | undefined
    >
  >,
  Expect<
    Equal<
      Parameters<typeof Branch.objects.getInstances<{ where: { parent: 1 } }>>[0]["where"],
      { readonly parent: `there is no column or relation parent: ${Undeclared}` } | undefined
    >
  >,
  Expect<Equal<Parameters<typeof users.withCount<"pots">>[0], "posts" | "friends">>,
  Expect<Equal<Parameters<typeof Avatar.objects.withCount<"pots">>[0], "pots: there are no such relations">>,
  Expect<
    Equal<
      Parameters<typeof users.getInstances<{ orderBy: "-postsCount" }>>[0]["orderBy"],
      "-postsCount is not counted: add posts to withCount" | undefined
    >
  >,
];

/** Keys are columns of the side that holds them. */
export function keys(user: User, post: Post) {
  belongsTo(post, User);
  belongsTo(post, User, ["authorId"]);
  hasMany(user, Post);
  belongsToMany(post, Tag, PostTag, "postId", ["tagId"]);
  // @ts-expect-error no column of posts
  belongsTo(post, User, "autorId");
  // @ts-expect-error no column of posts
  hasMany(user, Post, "userId");
  // @ts-expect-error no column of the table between
  belongsToMany(post, Tag, PostTag, "postId", "labelId");
}

export async function graphs(existing: Tag, author: User) {
  const user = await User.objects.insert({
    name: "x",
    nicknames: ["x"],
    settings: { theme: "x", sizes: [1, 2] },
    posts: [
      { title: "a", tags: [{ label: "x" }, existing] },
      { title: "b", tags: [] },
    ],
    avatar: { url: "x" },
  });
  expectType<string | undefined>()(user.posts.at(0)?.tags.at(0)?.label);
  expectType<Avatar | null>()(user.avatar.secondary);
  const post = await Post.objects.insert({ title: "x", author });
  expectType<Loaded<Post, "author">>()(post);
  const made = await Post.objects.insert({ title: "x", author: { name: "y", avatar: null }, editor: null });
  expectType<Avatar | null>()(made.author.secondary.avatar.secondary);
  expectType<User | null>()(made.editor.secondary);
  const many = await Post.objects.insertMany([
    { title: "x", author, tags: [existing] },
    { title: "y", author: { name: "z" } },
  ]);
  expectType<Loaded<Post, "author">[]>()(many);
  expectType<Loaded<Post, "author">>()(await Post.insert({ title: "x", author }));
  expectType<Loaded<Post, "tags">[]>()(await Post.insertMany([{ title: "x", authorId: 1, tags: [] }]));
  expectType<Loaded<Post, "author"> | null>()(await Post.find(1, { prefetch: ["author"] }));
  // What some lack is not loaded in all.
  const mixed = await User.objects.insert({ name: "x", posts: [{ title: "a", editor: author }, { title: "b" }] });
  expectType<User | null | undefined>()(mixed.posts.at(0)?.editor.secondary);
  const titles = ["a", "b"];
  await User.objects.insert({ name: "x", posts: titles.map((title) => ({ title })) });

  // @ts-expect-error neither the author nor its key
  await Post.objects.insert({ title: "x", tags: [] });
  // @ts-expect-error a column is missing
  await User.objects.insert({ posts: [] });
  // @ts-expect-error a column of a post is missing
  await User.objects.insert({ name: "x", posts: [{ state: "draft" }] });
  // @ts-expect-error no such relation
  await User.objects.insert({ name: "x", pots: [] });
  // @ts-expect-error a getter is none
  await User.objects.insert({ name: "x", displayName: "x" });
  // @ts-expect-error an unknown column of a post
  await User.objects.insert({ name: "x", posts: [{ title: "x", titel: "x" }] });
  // @ts-expect-error a wrong value
  await User.objects.insert({ name: "x", posts: [{ title: 3 }] });
  // @ts-expect-error a wrong value beside relations
  await User.objects.insert({ name: 3, posts: [] });
  // @ts-expect-error an instance of another model
  await User.objects.insert({ name: "x", posts: [existing] });
  // @ts-expect-error a list
  await User.objects.insert({ name: "x", posts: { title: "x" } });
  // @ts-expect-error one of them
  await User.objects.insert({ name: "x", avatar: [{ url: "x" }] });
  // @ts-expect-error the key is not nullable
  await Post.objects.insert({ title: "x", author: null });
  // @ts-expect-error one of them lacks its author
  await Post.objects.insertMany([{ title: "x", author }, { title: "y" }]);
}

export async function columns() {
  const { c } = Post.objects;
  expectType<ColumnExpression<string, string>>()(c.title);
  expectType<ColumnExpression<string, string>>()(c.author.name);
  expectType<ColumnExpression<string, string | null>>()(c.editor.name);
  expectType<ColumnExpression<string, string | null>>()(c.author.avatar.url);
  expectType<ColumnExpression<string, string | null>>()(c.editor.posts.count().gt(1) && c.editor.avatar.owner.name);
  const all: Condition[] = [
    c.tags.some(),
    c.tags.none({ label: "x" }),
    c.tags.every({ label: ["x"] }),
    c.tags.some({ posts: { some: { "author.name": "x" } } }),
    c.tags.count({ label: "x" }).gt(3),
    c.author.name.eq("x"),
  ];
  await Post.objects.getInstances({ where: all, orderBy: c.author.name.desc() });
  // @ts-expect-error an unknown column
  c.author.nmae;
  // @ts-expect-error an unknown relation
  c.autor;
  // @ts-expect-error a method is no relation
  c.next.name;
  // @ts-expect-error a wrong value
  c.author.name.eq(3);
  // @ts-expect-error an unknown column
  c.tags.some({ lable: "x" });
  // @ts-expect-error many have no columns
  c.tags.label;
}

/** Finders and methods without annotations have the types that their queries have. */
export async function finders(user: User, post: Post) {
  const manager: UserManager = User.objects;
  expectType<User[]>()(await manager.active());
  expectType<Loaded<User, "posts.tags" | "avatar">[]>()(await manager.writers());
  expectType<User[]>()(await user.activeUsers());
  expectType<Loaded<User, "posts">[]>()(await user.withPosts());
  expectType<Loaded<User, "friends.posts.tags"> | undefined>()(await user.withFriends());
  expectType<Loaded<Post, "author.avatar"> | null>()(await user.firstTagged());
  expectType<Loaded<User, "posts.tags">[]>()(await post.next());
  expectType<Post[]>()(await user.recentPosts.fetchAll());
  // @ts-expect-error not any
  (await user.withPosts()).nope;
}

/** A manager of any model asks for its own columns; what is related to it, the compiler can't know. */
export class Latest<M extends typeof Post> extends Manager<M> {
  latest() {
    return this.getInstances({ orderBy: "-id", limit: 1 });
  }
}

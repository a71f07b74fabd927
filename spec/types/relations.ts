import { expectType } from "./expect.js";
import type { Loaded } from "../../src/sql/relation-types.js";
import { Avatar, Post, Tag, User } from "./relation-models.js";

export async function loading() {
  const users = await User.objects.getInstances({ prefetch: ["posts.tags", "posts.author.avatar", "friends"] });
  expectType<Loaded<User, "posts.tags" | "posts.author.avatar" | "friends">[]>()(users);
  const plain: User[] = users;
  plain;
  for (const post of users[0]!.posts) for (const tag of post.tags) expectType<string>()(tag.label);
  for (const post of users[0]!.posts) expectType<Loaded<User, "avatar">>()(post.author.secondary);
  for (const post of users[0]!.posts) expectType<Avatar | null>()(post.author.secondary.avatar.secondary);
  const [post] = await Post.objects.getInstances({ prefetch: "editor" });
  expectType<User | null>()(post!.editor.secondary);
  expectType<User | undefined>()(post!.author.secondary);
}
export async function wrong() {
  await User.objects.getInstances({ prefetch: ["pots"] });
  await User.objects.getInstances({ prefetch: ["posts.nope"] });
  await User.objects.getInstances({ prefetch: { posts: { prefetch: ["nope"] } } });
  await User.objects.getInstances({ prefetch: { posts: { limt: 3 } } });
  await User.objects.getInstances({ prefetch: { pots: true } });
  await User.objects.getInstances({ where: { posts: { some: { titel: "x" } } } });
  await User.objects.getInstances({ where: { posts: { any: { title: "x" } } } });
  await User.objects.getInstances({ where: { posts: { some: { title: 3 } } } });
  await Post.objects.getInstances({ where: { "author.name": 3 } });
  await Post.objects.getInstances({ where: { "author.nmae": "x" } });
  await Post.objects.getInstances({ where: { "autor.name": "x" } });
  await Post.objects.getInstances({ selectRelated: ["tags"] });
  await Post.objects.getInstances({ withCount: ["author"] });
  await Post.objects.getInstances({ orderBy: ["author.nmae"] });
  await Post.objects.getInstances({ limt: 3 });
  await Post.objects.getInstances({ where: { titel: "x" } });
}

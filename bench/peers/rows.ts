import type { Post, PostWithTags, Tag, User } from "../subject.js";

/** @throws RangeError where there is none */
export function present<T>(value: T | null | undefined): T {
  if (value == null) throw new RangeError("no such row");
  return value;
}

/** Parts of so many, in their order: a statement takes no more parameters, or is slower with them. */
export function chunksOf<T>(values: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let index = 0; index < values.length; index += size) chunks.push(values.slice(index, index + size));
  return chunks;
}

export interface PostWithAuthor extends Post {
  readonly author: User;
}

interface PostWithPostTags extends Post {
  readonly postTags: readonly { readonly tag: Tag }[];
}

/** What a relation through a table of its own gives, without that table. */
export function withTags({ id, title, authorId, postTags }: PostWithPostTags): PostWithTags {
  return { id, title, authorId, tags: postTags.map(({ tag }) => tag) };
}

/** The posts of one query with the users of another. */
export function withAuthors(posts: readonly Post[], users: readonly User[]): PostWithAuthor[] {
  const byId = new Map(users.map((user) => [user.id, user]));
  return posts.map(({ id, title, authorId }) => ({ id, title, authorId, author: present(byId.get(authorId)) }));
}

/** The users of one query with the posts of another, which come by id. */
export function withPosts<P extends Post>(users: readonly User[], posts: readonly P[]): (User & { posts: P[] })[] {
  const result = users.map((user) => ({ ...user, posts: [] as P[] }));
  const byId = new Map(result.map((user) => [user.id, user]));
  for (const post of posts) present(byId.get(post.authorId)).posts.push(post);
  return result;
}

/** The tag of a post. */
export interface TagOfPost extends Tag {
  readonly postId: number;
}

/** The posts of one query with the tags of another, which come by id. */
export function withTheirTags(posts: readonly Post[], tags: readonly TagOfPost[]): PostWithTags[] {
  const result = posts.map((post) => ({ ...post, tags: [] as Tag[] }));
  const byId = new Map(result.map((post) => [post.id, post]));
  for (const { postId, id, name } of tags) present(byId.get(postId)).tags.push({ id, name });
  return result;
}

export const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(({ id }) => id);

/** Each once. */
export const authorIdsOf = (posts: readonly Post[]): number[] => [...new Set(posts.map(({ authorId }) => authorId))];

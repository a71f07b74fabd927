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

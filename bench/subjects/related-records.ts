import type { Post, PostWithTags, Tag, UserWithPosts, UserWithTaggedPosts } from "../subject.js";
import { UserRecord } from "./user-record.js";

/** The classes of the hand-written subjects for rows that are loaded with what belongs to them. */
export class PostRecord implements Post {
  constructor(
    readonly id: number,
    readonly title: string,
    readonly authorId: number,
  ) {}
}

export class TagRecord implements Tag {
  constructor(
    readonly id: number,
    readonly name: string,
  ) {}
}

export class UserWithPostsRecord extends UserRecord implements UserWithPosts {
  readonly posts: PostRecord[] = [];
}

export class PostWithAuthorRecord extends PostRecord {
  constructor(
    id: number,
    title: string,
    authorId: number,
    readonly author: UserRecord,
  ) {
    super(id, title, authorId);
  }
}

export class PostWithTagsRecord extends PostRecord implements PostWithTags {
  readonly tags: TagRecord[] = [];
}

export class UserWithTaggedPostsRecord extends UserRecord implements UserWithTaggedPosts {
  readonly posts: PostWithTagsRecord[] = [];
}

/** @throws RangeError where there is none: a foreign key sees to it that there is */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("no row for a key");
  return value;
}

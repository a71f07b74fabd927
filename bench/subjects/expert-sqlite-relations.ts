import type Database from "better-sqlite3";
import type { Relations } from "../subject.js";
import { fields, type Row, toUser } from "./expert-sqlite-rows.js";
import {
  PostRecord,
  PostWithAuthorRecord,
  PostWithTagsRecord,
  present,
  TagRecord,
  UserWithPostsRecord,
  UserWithTaggedPostsRecord,
} from "./related-records.js";
import { parseTimestamp } from "./timestamp.js";
import type { UserRecord } from "./user-record.js";

type PostRow = [id: number, title: string, authorId: number];
type TagRow = [postId: number, id: number, name: string];

function toUserWithPosts(row: Row): UserWithPostsRecord {
  return new UserWithPostsRecord(row[0], row[1], row[2], row[3] !== 0, row[4], parseTimestamp(row[5]));
}

function toUserWithTaggedPosts(row: Row): UserWithTaggedPostsRecord {
  return new UserWithTaggedPostsRecord(row[0], row[1], row[2], row[3] !== 0, row[4], parseTimestamp(row[5]));
}

/** Two queries and a Map; the keys are one parameter, which takes as long as one for each. */
export function relationsOf(db: Database.Database): Relations {
  const anyOf = "in (select value from json_each(?))";
  const users = db.prepare<[number, number], Row>(`select ${fields} from users where id > ? order by id limit ?`).raw();
  const usersById = db.prepare<[string], Row>(`select ${fields} from users where id ${anyOf}`).raw();
  const posts = db
    .prepare<[number, number], PostRow>("select id, title, author_id from posts where id > ? order by id limit ?")
    .raw();
  const postsByAuthor = db
    .prepare<[string], PostRow>(
      `select id, title, author_id from posts where author_id ${anyOf} order by author_id, id`,
    )
    .raw();
  const tagsByPost = db
    .prepare<[string], TagRow>(
      `select post_tags.post_id, tags.id, tags.name from post_tags join tags on tags.id = post_tags.tag_id
      where post_tags.post_id ${anyOf} order by post_tags.post_id, post_tags.tag_id`,
    )
    .raw();

  function addTags(posts: readonly PostWithTagsRecord[]): void {
    const byId = new Map<number, PostWithTagsRecord>();
    for (const post of posts) byId.set(post.id, post);
    const tags = new Map<number, TagRecord>();
    for (const [postId, id, name] of tagsByPost.all(JSON.stringify([...byId.keys()]))) {
      let tag = tags.get(id);
      if (tag === undefined) {
        tag = new TagRecord(id, name);
        tags.set(id, tag);
      }
      present(byId.get(postId)).tags.push(tag);
    }
  }

  return {
    async usersWithPosts({ after, limit }) {
      const parents = users.all(after, limit).map(toUserWithPosts);
      const byId = new Map<number, UserWithPostsRecord>();
      for (const user of parents) byId.set(user.id, user);
      for (const [id, title, authorId] of postsByAuthor.all(JSON.stringify([...byId.keys()]))) {
        present(byId.get(authorId)).posts.push(new PostRecord(id, title, authorId));
      }
      return parents;
    },
    async postsWithAuthors({ after, limit }) {
      const rows = posts.all(after, limit);
      const ids = new Set<number>();
      for (const row of rows) ids.add(row[2]);
      const authors = new Map<number, UserRecord>();
      for (const row of usersById.all(JSON.stringify([...ids]))) authors.set(row[0], toUser(row));
      return rows.map((row) => new PostWithAuthorRecord(row[0], row[1], row[2], present(authors.get(row[2]))));
    },
    authorOf: (post: PostWithAuthorRecord) => post.author,
    async postsWithTags({ after, limit }) {
      const parents = posts.all(after, limit).map((row) => new PostWithTagsRecord(row[0], row[1], row[2]));
      addTags(parents);
      return parents;
    },
    async usersWithTaggedPosts({ after, limit }) {
      const parents = users.all(after, limit).map(toUserWithTaggedPosts);
      const byId = new Map<number, UserWithTaggedPostsRecord>();
      for (const user of parents) byId.set(user.id, user);
      const rows = postsByAuthor.all(JSON.stringify([...byId.keys()]));
      const tagged = rows.map((row) => new PostWithTagsRecord(row[0], row[1], row[2]));
      for (const post of tagged) present(byId.get(post.authorId)).posts.push(post);
      addTags(tagged);
      return parents;
    },
  };
}

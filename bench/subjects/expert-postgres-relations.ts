import type pg from "pg";
import type { Relations } from "../subject.js";
import { fields, type Row, statement, toUser } from "./expert-postgres-rows.js";
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

type PostRow = [id: string, title: string, authorId: string];
type TagRow = [postId: string, id: string, name: string];

const users = statement("users", `select ${fields} from users where id > $1 order by id limit $2`);
const usersById = statement("usersById", `select ${fields} from users where id = any($1::integer[])`);
const posts = statement("posts", "select id, title, author_id from posts where id > $1 order by id limit $2");
const postsByAuthor = statement(
  "postsByAuthor",
  "select id, title, author_id from posts where author_id = any($1::integer[]) order by author_id, id",
);
const tagsByPost = statement(
  "tagsByPost",
  `select post_tags.post_id, tags.id, tags.name from post_tags join tags on tags.id = post_tags.tag_id
  where post_tags.post_id = any($1::integer[]) order by post_tags.tag_id`,
);

function toUserWithPosts(row: Row): UserWithPostsRecord {
  const numProducts = row[4] === null ? null : +row[4];
  return new UserWithPostsRecord(+row[0], row[1], row[2], row[3] === "t", numProducts, parseTimestamp(row[5]));
}

function toUserWithTaggedPosts(row: Row): UserWithTaggedPostsRecord {
  const numProducts = row[4] === null ? null : +row[4];
  return new UserWithTaggedPostsRecord(+row[0], row[1], row[2], row[3] === "t", numProducts, parseTimestamp(row[5]));
}

const arrayOf = (keys: Iterable<string>) => `{${[...keys].join()}}`;

/** Two queries and a Map, by the keys' text. */
export function relationsOf(pool: pg.Pool): Relations {
  async function addTags(posts: ReadonlyMap<string, PostWithTagsRecord>): Promise<void> {
    const tags = new Map<string, TagRecord>();
    for (const [postId, id, name] of (await pool.query<TagRow>(tagsByPost([arrayOf(posts.keys())]))).rows) {
      let tag = tags.get(id);
      if (tag === undefined) {
        tag = new TagRecord(+id, name);
        tags.set(id, tag);
      }
      present(posts.get(postId)).tags.push(tag);
    }
  }

  return {
    async usersWithPosts({ after, limit }) {
      const byId = new Map<string, UserWithPostsRecord>();
      for (const row of (await pool.query<Row>(users([after, limit]))).rows) byId.set(row[0], toUserWithPosts(row));
      const { rows } = await pool.query<PostRow>(postsByAuthor([arrayOf(byId.keys())]));
      for (const [id, title, authorId] of rows) {
        const user = present(byId.get(authorId));
        user.posts.push(new PostRecord(+id, title, user.id));
      }
      return [...byId.values()];
    },
    async postsWithAuthors({ after, limit }) {
      const { rows } = await pool.query<PostRow>(posts([after, limit]));
      const ids = new Set<string>();
      for (const row of rows) ids.add(row[2]);
      const authors = new Map<string, UserRecord>();
      for (const row of (await pool.query<Row>(usersById([arrayOf(ids)]))).rows) authors.set(row[0], toUser(row));
      return rows.map(([id, title, authorId]) => {
        const author = present(authors.get(authorId));
        return new PostWithAuthorRecord(+id, title, author.id, author);
      });
    },
    authorOf: (post: PostWithAuthorRecord) => post.author,
    async postsWithTags({ after, limit }) {
      const byId = new Map<string, PostWithTagsRecord>();
      for (const [id, title, authorId] of (await pool.query<PostRow>(posts([after, limit]))).rows) {
        byId.set(id, new PostWithTagsRecord(+id, title, +authorId));
      }
      await addTags(byId);
      return [...byId.values()];
    },
    async usersWithTaggedPosts({ after, limit }) {
      const byId = new Map<string, UserWithTaggedPostsRecord>();
      for (const row of (await pool.query<Row>(users([after, limit]))).rows) {
        byId.set(row[0], toUserWithTaggedPosts(row));
      }
      const tagged = new Map<string, PostWithTagsRecord>();
      for (const [id, title, authorId] of (await pool.query<PostRow>(postsByAuthor([arrayOf(byId.keys())]))).rows) {
        const user = present(byId.get(authorId));
        const post = new PostWithTagsRecord(+id, title, user.id);
        user.posts.push(post);
        tagged.set(id, post);
      }
      await addTags(tagged);
      return [...byId.values()];
    },
  };
}

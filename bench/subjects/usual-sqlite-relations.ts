import type Database from "better-sqlite3";
import type { Relations, Slice } from "../subject.js";
import {
  PostRecord,
  PostWithAuthorRecord,
  PostWithTagsRecord,
  present,
  TagRecord,
  UserWithPostsRecord,
  UserWithTaggedPostsRecord,
} from "./related-records.js";
import { type Row, toUser } from "./usual-sqlite-rows.js";

interface PostRow {
  id: number;
  title: string;
  author_id: number;
}

interface TagRow {
  post_id: number;
  id: number;
  name: string;
}

const placeholders = (keys: readonly number[]) => keys.map(() => "?").join(", ");

/** Two queries, a placeholder for each key, and a Map. */
export function relationsOf(db: Database.Database): Relations {
  const slice = <R>(table: string, { after, limit }: Slice) =>
    db.prepare<[number, number], R>(`select * from ${table} where id > ? order by id limit ?`).all(after, limit);

  function addTags(posts: readonly PostWithTagsRecord[]): void {
    const byId = new Map(posts.map((post) => [post.id, post]));
    const ids = posts.map(({ id }) => id);
    const rows = db
      .prepare<number[], TagRow>(
        `select post_tags.post_id, tags.* from tags join post_tags on post_tags.tag_id = tags.id
        where post_tags.post_id in (${placeholders(ids)}) order by tags.id`,
      )
      .all(...ids);
    for (const row of rows) present(byId.get(row.post_id)).tags.push(new TagRecord(row.id, row.name));
  }

  return {
    async usersWithPosts(given) {
      const users = slice<Row>("users", given).map((row) => {
        const createdAt = new Date(row.created_at);
        return new UserWithPostsRecord(row.id, row.name, row.email, row.active === 1, row.num_products, createdAt);
      });
      const byId = new Map(users.map((user) => [user.id, user]));
      const ids = users.map(({ id }) => id);
      const rows = db
        .prepare<number[], PostRow>(`select * from posts where author_id in (${placeholders(ids)}) order by id`)
        .all(...ids);
      for (const row of rows) {
        present(byId.get(row.author_id)).posts.push(new PostRecord(row.id, row.title, row.author_id));
      }
      return users;
    },
    async postsWithAuthors(given) {
      const rows = slice<PostRow>("posts", given);
      const ids = [...new Set(rows.map((row) => row.author_id))];
      const authors = db.prepare<number[], Row>(`select * from users where id in (${placeholders(ids)})`).all(...ids);
      const byId = new Map(authors.map((row) => [row.id, toUser(row)]));
      return rows.map((row) => {
        return new PostWithAuthorRecord(row.id, row.title, row.author_id, present(byId.get(row.author_id)));
      });
    },
    authorOf: (post: PostWithAuthorRecord) => post.author,
    async postsWithTags(given) {
      const posts = slice<PostRow>("posts", given).map((row) => {
        return new PostWithTagsRecord(row.id, row.title, row.author_id);
      });
      addTags(posts);
      return posts;
    },
    async usersWithTaggedPosts(given) {
      const users = slice<Row>("users", given).map((row) => {
        const createdAt = new Date(row.created_at);
        return new UserWithTaggedPostsRecord(
          row.id,
          row.name,
          row.email,
          row.active === 1,
          row.num_products,
          createdAt,
        );
      });
      const byId = new Map(users.map((user) => [user.id, user]));
      const ids = users.map(({ id }) => id);
      const posts = db
        .prepare<number[], PostRow>(`select * from posts where author_id in (${placeholders(ids)}) order by id`)
        .all(...ids)
        .map((row) => new PostWithTagsRecord(row.id, row.title, row.author_id));
      for (const post of posts) present(byId.get(post.authorId)).posts.push(post);
      addTags(posts);
      return users;
    },
  };
}

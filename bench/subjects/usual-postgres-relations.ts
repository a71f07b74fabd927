import type pg from "pg";
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
import { type Row, toUser } from "./usual-postgres-rows.js";

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

/** Two queries, the keys as an array, and a Map. */
export function relationsOf(pool: pg.Pool): Relations {
  async function slice<R extends pg.QueryResultRow>(table: string, { after, limit }: Slice): Promise<R[]> {
    const text = `select * from ${table} where id > $1 order by id limit $2`;
    return (await pool.query<R>(text, [after, limit])).rows;
  }

  async function addTags(posts: readonly PostWithTagsRecord[]): Promise<void> {
    const byId = new Map(posts.map((post) => [post.id, post]));
    const { rows } = await pool.query<TagRow>(
      `select post_tags.post_id, tags.* from tags join post_tags on post_tags.tag_id = tags.id
      where post_tags.post_id = any($1) order by tags.id`,
      [posts.map(({ id }) => id)],
    );
    for (const row of rows) present(byId.get(row.post_id)).tags.push(new TagRecord(row.id, row.name));
  }

  return {
    async usersWithPosts(given) {
      const users = (await slice<Row>("users", given)).map((row) => {
        return new UserWithPostsRecord(row.id, row.name, row.email, row.active, row.num_products, row.created_at);
      });
      const byId = new Map(users.map((user) => [user.id, user]));
      const { rows } = await pool.query<PostRow>("select * from posts where author_id = any($1) order by id", [
        users.map(({ id }) => id),
      ]);
      for (const row of rows) {
        present(byId.get(row.author_id)).posts.push(new PostRecord(row.id, row.title, row.author_id));
      }
      return users;
    },
    async postsWithAuthors(given) {
      const rows = await slice<PostRow>("posts", given);
      const ids = [...new Set(rows.map((row) => row.author_id))];
      const authors = await pool.query<Row>("select * from users where id = any($1)", [ids]);
      const byId = new Map(authors.rows.map((row) => [row.id, toUser(row)]));
      return rows.map((row) => {
        return new PostWithAuthorRecord(row.id, row.title, row.author_id, present(byId.get(row.author_id)));
      });
    },
    authorOf: (post: PostWithAuthorRecord) => post.author,
    async postsWithTags(given) {
      const posts = (await slice<PostRow>("posts", given)).map((row) => {
        return new PostWithTagsRecord(row.id, row.title, row.author_id);
      });
      await addTags(posts);
      return posts;
    },
    async usersWithTaggedPosts(given) {
      const users = (await slice<Row>("users", given)).map((row) => {
        return new UserWithTaggedPostsRecord(row.id, row.name, row.email, row.active, row.num_products, row.created_at);
      });
      const byId = new Map(users.map((user) => [user.id, user]));
      const { rows } = await pool.query<PostRow>("select * from posts where author_id = any($1) order by id", [
        users.map(({ id }) => id),
      ]);
      const posts = rows.map((row) => new PostWithTagsRecord(row.id, row.title, row.author_id));
      for (const post of posts) present(byId.get(post.authorId)).posts.push(post);
      await addTags(posts);
      return users;
    },
  };
}

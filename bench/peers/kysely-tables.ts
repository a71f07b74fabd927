import type { Generated } from "kysely";

interface UserTable<Truth, Time> {
  id: Generated<number>;
  name: string;
  email: string;
  active: Truth;
  num_products: number | null;
  created_at: Time;
}

interface PostTable {
  id: Generated<number>;
  title: string;
  author_id: number;
}

interface TagTable {
  id: Generated<number>;
  name: string;
}

interface PostTagTable {
  post_id: number;
  tag_id: number;
}

interface Tables<Truth, Time> {
  users: UserTable<Truth, Time>;
  posts: PostTable;
  tags: TagTable;
  post_tags: PostTagTable;
}

/** SQLite has neither booleans nor times, and Kysely leaves values alone. */
export type SqliteTables = Tables<number, string>;
export type PostgresTables = Tables<boolean, Date>;

/** A post's columns, by the names of its fields. */
export const postColumns = ["id", "title", "author_id as authorId"] as const;

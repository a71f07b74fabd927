/** Rows and answers that the specs of relations by keys share. */
import assert from "node:assert/strict";
import type { Database } from "../../src/index.js";
import { statementsOf } from "../support/open.js";
import { Post, User } from "./one-models.js";

export async function people(): Promise<[User, User]> {
  const [ann, bob] = await User.objects.insertMany([{ name: "ann" }, { name: "bob" }]);
  assert.ok(ann !== undefined && bob !== undefined);
  return [ann, bob];
}

export async function postsOf(authorId: number | null, ...titles: string[]): Promise<Post[]> {
  return Post.objects.insertMany(titles.map((title) => ({ title, authorId })));
}

/** What the rows have: titles and whose they are. */
export async function rows(): Promise<Record<string, number | null>> {
  const items = await Post.objects.getItems({ orderBy: "id" });
  return Object.fromEntries(items.map(({ title, authorId }) => [title, authorId]));
}

export const titles = (posts: Iterable<Post>) => [...posts].map(({ title }) => title);

/** How many statements are sent while `work` runs. */
export const countOf = async (db: Database, work: () => unknown) => (await statementsOf(db, work)).length;

// Reads pages of posts, and of each page one post's author and that author's posts:
// node --expose-gc pages-child.js <location> <way>
import { rowCount } from "../schema.js";
import { openDatabase, Post } from "../subjects/rowkeeper.js";
import { memoryInUse } from "./heap.js";
import { firstPages, type PagesHeap, type PageWay, pageCount } from "./pages.js";

const pageSize = 100;

/** The page's posts, one of them with its author and the author's posts loaded: what the caller keeps. */
async function keptOf(page: number): Promise<Post> {
  const where = Post.c.id.gt((page * pageSize) % rowCount);
  const posts = await Post.objects.getInstances({ where, orderBy: "id", limit: pageSize });
  const [first, kept] = [posts[0], posts[page % pageSize]];
  if (first === undefined || kept === undefined) throw new RangeError(`page ${page} is short`);
  for (const post of [first, kept]) await (await post.author.fetch())?.posts.fetchAll();
  return kept;
}

async function readPages(): Promise<PagesHeap> {
  const kept: Post[] = [];
  while (kept.length < firstPages) kept.push(await keptOf(kept.length));
  const { heap: afterFirst } = await memoryInUse();
  while (kept.length < pageCount) kept.push(await keptOf(kept.length));
  const { heap: afterAll } = await memoryInUse();
  if (kept.some(({ author }) => !author.isLoaded)) throw new RangeError("an author is not loaded");
  return { afterFirst, afterAll };
}

const [location = "", way] = process.argv.slice(2) as [string, PageWay];
const db = openDatabase(location, { batch: way === "together" });
process.send?.(await readPages());
await db.close();

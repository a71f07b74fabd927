import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Database, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { MANY_MODELS, Post, seed, type Tag, User } from "./many-models.js";

/** What a walk over users, their posts, the posts' tags and those who made these met, a line for each path. */
type Walk = (users: readonly User[]) => Promise<string[]> | string[];

const line = (user: User, post: Post, tag: Tag, author: User | null): string =>
  `${user.name} ${post.title} ${tag.label} ${author?.name ?? "nobody"}`;

async function inLoops(users: readonly User[]): Promise<string[]> {
  const met: string[] = [];
  for (const user of users)
    for (const post of await user.posts.fetchAll())
      for (const tag of await post.tags.fetchAll()) met.push(line(user, post, tag, await tag.author.fetch()));
  return met;
}

async function atOnce(users: readonly User[]): Promise<string[]> {
  const ofPost = async (user: User, post: Post) => {
    const tags = await post.tags.fetchAll();
    return Promise.all(tags.map(async (tag) => line(user, post, tag, await tag.author.fetch())));
  };
  const ofUser = async (user: User) => {
    const posts = await user.posts.fetchAll();
    return (await Promise.all(posts.map((post) => ofPost(user, post)))).flat();
  };
  return (await Promise.all(users.map(ofUser))).flat();
}

function withoutWaiting(users: readonly User[]): string[] {
  const met: string[] = [];
  for (const user of users)
    for (const post of user.posts)
      for (const tag of post.tags) met.push(line(user, post, tag, tag.author.secondary ?? null));
  return met;
}

/** The same by joins, which know nothing of relations. */
async function expected(db: Database): Promise<string[]> {
  const rows = await db.query<{ line: string }>(sql`
    select users.name || ' ' || posts.title || ' ' || tags.label || ' ' || coalesce(authors.name, 'nobody') as line
    from users join posts on posts.author_id = users.id join post_tags on post_tags.post_id = posts.id
    join tags on tags.id = post_tags.tag_id left join users authors on authors.id = tags.author_id
    order by users.id, posts.id, tags.id`);
  return rows.map((row) => row.line);
}

/** What a walk meets, and how many statements are sent for it, with those for the users. */
async function walked(db: Database, users: () => Promise<readonly User[]>, walk: Walk) {
  let met: string[] = [];
  const texts = await statementsOf(db, async () => {
    met = await walk(await users());
  });
  return { met, count: texts.length };
}

const PATH = { prefetch: ["posts.tags.author"] } as const;

eachEngine((engine) => {
  describe("100 users with posts with tags with authors", () => {
    test("are four statements: prefetched, read in nested loops, or all at once (Q14, B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(100);
      const met = await expected(db);
      assert.ok(met.length > 300);
      const all = () => User.objects.getInstances({ orderBy: "id" });
      const prefetched = () => User.objects.getInstances({ orderBy: "id", ...PATH });
      assert.deepEqual(await walked(db, prefetched, withoutWaiting), { met, count: 4 });
      assert.deepEqual(await walked(db, prefetched, inLoops), { met, count: 4 });
      assert.deepEqual(await walked(db, all, inLoops), { met, count: 4 });
      assert.deepEqual(await walked(db, all, atOnce), { met, count: 4 });
    });

    test("are four statements by findMany, stream and chunk, and after insertMany (Q14, B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(100);
      const met = await expected(db);
      const ids = (await User.objects.getItems({ orderBy: "id" })).map(({ id }) => id);
      assert.deepEqual(await walked(db, () => User.objects.findMany(ids), inLoops), { met, count: 4 });
      const found = () => User.objects.findMany(ids, PATH);
      assert.deepEqual(await walked(db, found, withoutWaiting), { met, count: 4 });

      const streamed = async () => {
        const users: User[] = [];
        for await (const user of User.objects.stream({ orderBy: "id" })) users.push(user);
        return users;
      };
      assert.deepEqual((await walked(db, streamed, inLoops)).met, met);
      const cost = (await statementsOf(db, streamed)).length;
      assert.equal((await walked(db, streamed, inLoops)).count, cost + 3);
      const chunked = async () => {
        const users: User[] = [];
        for await (const list of User.objects.chunk(50, { orderBy: "id", ...PATH })) users.push(...list);
        return users;
      };
      assert.deepEqual((await walked(db, chunked, withoutWaiting)).met, met);

      const posts = await Post.objects.insertMany(ids.map((id) => ({ title: "new", authorId: id })));
      const texts = await statementsOf(db, () => Promise.all(posts.map((post) => post.author.fetch())));
      assert.equal(texts.length, 1);
      assert.deepEqual(
        posts.map((post) => post.author.secondary?.id),
        ids,
      );
    });

    test("are the same four statements inside a transaction (Q14, B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(100);
      const met = await expected(db);
      for (const walk of [inLoops, atOnce]) {
        const { count: plain } = await walked(
          db,
          () => User.objects.transaction((tx) => tx.getInstances()),
          () => [],
        );
        const within = await walked(
          db,
          async () => [],
          () => User.objects.transaction(async (tx) => walk(await tx.getInstances({ orderBy: "id" }))),
        );
        assert.deepEqual(within, { met, count: plain + 3 });
      }
    });

    test("are a statement for each with batch: false (B7)", async () => {
      await using db = await open(engine, MANY_MODELS, { batch: false });
      await seed(12);
      const met = await expected(db);
      const { met: own, count } = await walked(db, () => User.objects.getInstances({ orderBy: "id" }), inLoops);
      assert.deepEqual(own, met);
      const [posts, tagged] = [await Post.objects.count(), met.length];
      const withoutAuthor = met.filter((text) => text.endsWith("nobody")).length;
      assert.equal(count, 1 + 12 + posts + tagged - withoutAuthor);
      const prefetched = () => User.objects.getInstances({ orderBy: "id", ...PATH });
      assert.deepEqual(await walked(db, prefetched, withoutWaiting), { met, count: 4 });
    });
  });

  describe("what came together", () => {
    test("500 posts and their authors are two statements, each author one instance (B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const users = await User.objects.insertMany(Array.from({ length: 20 }, (_, i) => ({ name: `u${i}` })));
      const rows = Array.from({ length: 500 }, (_, i) => ({ title: `p${i}`, authorId: users[i % 20]?.id ?? null }));
      await Post.objects.insertMany(rows, { fetch: false });
      const names: (string | undefined)[] = [];
      let posts: Post[] = [];
      const texts = await statementsOf(db, async () => {
        posts = await Post.objects.getInstances({ orderBy: "id" });
        for (const post of posts) names.push((await post.author.fetch())?.name);
      });
      assert.equal(texts.length, 2);
      assert.deepEqual(
        names,
        rows.map((_, i) => `u${i % 20}`),
      );
      assert.equal(new Set(posts.map((post) => post.author.secondary)).size, 20);
    });

    test("no rows, no query; null keys ask nothing (S50, Q2, Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const none = await statementsOf(db, () => User.objects.getInstances(PATH));
      assert.equal(none.length, 1);
      await Post.objects.insertMany([{ title: "a" }, { title: "b" }]);
      const texts = await statementsOf(db, async () => {
        const posts = await Post.objects.getInstances({ prefetch: ["author.boss"] });
        assert.deepEqual(await Promise.all(posts.map((post) => post.author.fetch())), [null, null]);
      });
      assert.equal(texts.length, 1);
    });

    test("a stream loads for the rows that it has fetched, a statement for each lot (B7, B8)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const user = await User.objects.insert({ name: "a" });
      const rows = Array.from({ length: 1500 }, (_, i) => ({ title: `p${i}`, authorId: user.id }));
      await Post.objects.insertMany(rows, { fetch: false });
      let count = 0;
      const plain = await statementsOf(db, async () => {
        for await (const _ of Post.objects.stream({ orderBy: "id" })) count += 1;
      });
      const texts = await statementsOf(db, async () => {
        for await (const post of Post.objects.stream({ orderBy: "id" })) {
          assert.equal((await post.author.fetch())?.name, "a");
          count += 1;
        }
      });
      assert.equal(count, 3000);
      assert.equal(texts.length, plain.length + 2);
    });

    test("a relation that fails to load is asked for again, and not for others of the result (Q2)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(3);
      const users = await User.objects.getInstances({ orderBy: "id" });
      await db.query(sql`alter table posts rename to hidden_posts`);
      const results = await Promise.allSettled(users.map((user) => user.posts.fetchAll()));
      assert.deepEqual(new Set(results.map(({ status }) => status)), new Set(["rejected"]));
      assert.ok(users.every((user) => !user.posts.isLoaded));
      await db.query(sql`alter table hidden_posts rename to posts`);
      const texts = await statementsOf(db, async () => {
        for (const user of users) assert.equal((await user.posts.fetchAll()).length, 2);
      });
      assert.equal(texts.length, 1);
    });

    test("of those that are new, saved, deleted or loaded already, only what is missing is asked for (B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(6);
      const users = await User.objects.getInstances({ orderBy: "id" });
      const [first, second, third, ...rest] = users as [User, User, User, ...User[]];
      const [post] = (await first.posts.reload()).secondary;
      await second.delete();
      const texts = await statementsOf(db, async () => {
        assert.equal((await third.posts.fetchAll()).length, 2);
        for (const user of rest) assert.equal((await user.posts.fetchAll()).length, 2);
        assert.equal((await first.posts.fetchAll())[0], post, "the same as before");
        assert.deepEqual(await new User({ name: "new" }).posts.fetchAll(), []);
      });
      assert.equal(texts.length, 1);
    });
  });
});

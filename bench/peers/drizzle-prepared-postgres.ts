import { and, count, desc, eq, gt, max, sql, sum } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { OpenSubject, User, UserValues } from "../subject.js";
import { excluded } from "./drizzle-excluded.js";
import { savedPlaceholders, userPlaceholders, valuesOf } from "./drizzle-placeholders.js";
import * as schema from "./drizzle-postgres-tables.js";
import { posts, postTags, tags, users } from "./drizzle-postgres-tables.js";
import {
  authorIdsOf,
  chunksOf,
  idsOf,
  type PostWithAuthor,
  present,
  withAuthors,
  withPosts,
  withTheirTags,
} from "./rows.js";

/** Rows per statement where many are written. */
const chunkSize = 100;

type Db = ReturnType<typeof drizzle<typeof schema>>;
type Session = Pick<Db, "select" | "insert" | "update">;

const id = sql.placeholder("id");
const after = sql.placeholder("after");
const limit = sql.placeholder("limit");
const ids = sql.placeholder("ids");
const numProducts = sql`${sql.placeholder("numProducts")}`;

/** What transactions ask, too: a prepared query belongs to the pool, or to one transaction, whose server knows its name. */
const prepareFind = (session: Session) => session.select().from(users).where(eq(users.id, id)).prepare("find");
const prepareFindByEmail = (session: Session) =>
  session
    .select()
    .from(users)
    .where(eq(users.email, sql.placeholder("email")))
    .prepare("find_by_email");
const prepareSetProducts = (session: Session) =>
  session.update(users).set({ numProducts }).where(eq(users.id, id)).prepare("set_products");
const prepareInsert = (session: Session, size: number) =>
  session.insert(users).values(userPlaceholders(size)).returning({ id: users.id }).prepare(`insert_${size}`);
const prepareSave = (session: Session, size: number) =>
  session
    .insert(users)
    .values(savedPlaceholders(size))
    .onConflictDoUpdate({ target: users.id, set: excluded })
    .prepare(`save_${size}`);

/** Everything that is asked outside of transactions, prepared once by `prepare()`, with placeholders. */
function prepare(db: Db) {
  const activeWithMore = and(eq(users.active, true), gt(users.numProducts, sql.placeholder("moreThan")));
  return {
    find: prepareFind(db),
    findByEmail: prepareFindByEmail(db),
    insert: prepareInsert(db, 1),
    insertChunk: prepareInsert(db, chunkSize),
    page: db
      .select()
      .from(users)
      .where(activeWithMore)
      .orderBy(desc(users.createdAt), users.name)
      .limit(limit)
      .offset(sql.placeholder("offset"))
      .prepare("page"),
    all: db.select().from(users).prepare("all"),
    slice: db.select().from(users).where(gt(users.id, after)).orderBy(users.id).limit(limit).prepare("slice"),
    count: db.select({ count: count() }).from(users).where(activeWithMore).prepare("count"),
    groups: db
      .select({
        active: users.active,
        users: count(),
        products: sum(users.numProducts).mapWith(Number),
        most: max(users.numProducts),
      })
      .from(users)
      .where(gt(users.id, after))
      .groupBy(users.active)
      .orderBy(users.active)
      .prepare("groups"),
    // `set` takes placeholders within SQL only.
    update: db
      .update(users)
      .set({ name: sql`${sql.placeholder("name")}`, numProducts })
      .where(eq(users.id, id))
      .prepare("update"),
    updateMany: db
      .update(users)
      .set({ name: sql`change.name`, numProducts: sql`change.num_products` })
      .from(
        sql`unnest(${ids}::integer[], ${sql.placeholder("names")}::text[], ${sql.placeholder("numbers")}::integer[])
          as change (id, name, num_products)`,
      )
      .where(eq(users.id, sql`change.id`))
      .prepare("update_many"),
    firstPosts: db.select().from(posts).where(eq(posts.authorId, id)).orderBy(posts.id).limit(5).prepare("first_posts"),
    countPosts: db.select({ count: count() }).from(posts).where(eq(posts.authorId, id)).prepare("count_posts"),
    posts: db.select().from(posts).where(gt(posts.id, after)).orderBy(posts.id).limit(limit).prepare("posts"),
    // The keys as one parameter, since `inArray` needs one for each.
    usersById: db.select().from(users).where(sql`${users.id} = any(${ids})`).prepare("users_by_id"),
    postsByAuthor: db
      .select()
      .from(posts)
      .where(sql`${posts.authorId} = any(${ids})`)
      .orderBy(posts.id)
      .prepare("posts_by_author"),
    tagsByPost: db
      .select({ postId: postTags.postId, id: tags.id, name: tags.name })
      .from(postTags)
      .innerJoin(tags, eq(tags.id, postTags.tagId))
      .where(sql`${postTags.postId} = any(${ids})`)
      .orderBy(tags.id)
      .prepare("tags_by_post"),
  };
}

async function insertUser(insert: ReturnType<typeof prepareInsert>, values: UserValues): Promise<User> {
  const [row] = await insert.execute(valuesOf([values]));
  return { ...present(row), ...values };
}

async function insertUsers(insert: ReturnType<typeof prepareInsert>, chunk: readonly UserValues[]): Promise<User[]> {
  const rows = await insert.execute(valuesOf(chunk));
  return rows.map((row, index) => ({ ...row, ...present(chunk[index]) }));
}

/**
 * Drizzle with its statements prepared by hand, named on the server. What relations load is two queries and a Map: here
 * they are faster than relational queries, prepared as well.
 */
export const open: OpenSubject = async (location) => {
  const client = new pg.Pool({ connectionString: location, pipeline: true });
  const db = drizzle({ client, schema });
  const prepared = prepare(db);

  const findUser = async (find: ReturnType<typeof prepareFind>, id: number): Promise<User> =>
    present((await find.execute({ id }))[0]);
  const findByEmail = async (find: ReturnType<typeof prepareFindByEmail>, email: string): Promise<User> =>
    present((await find.execute({ email }))[0]);
  const loadTags = async (ids: readonly number[]) => prepared.tagsByPost.execute({ ids });

  return {
    find: (id) => findUser(prepared.find, id),
    page: (page) => prepared.page.execute({ ...page }),
    all: () => prepared.all.execute(),
    slice: (slice) => prepared.slice.execute({ ...slice }),
    count: async (moreThan) => present((await prepared.count.execute({ moreThan }))[0]).count,
    groups: (after) => prepared.groups.execute({ after }),
    insert: (values) => insertUser(prepared.insert, values),
    insertMany: async (values) => {
      if (values.length === chunkSize) return insertUsers(prepared.insertChunk, values);
      return db.transaction(async (tx) => {
        const insert = prepareInsert(tx, chunkSize);
        const inserted: User[] = [];
        for (const chunk of chunksOf(values, chunkSize)) {
          const statement = chunk.length === chunkSize ? insert : prepareInsert(tx, chunk.length);
          inserted.push(...(await insertUsers(statement, chunk)));
        }
        return inserted;
      });
    },
    async saveMany(given) {
      await db.transaction(async (tx) => {
        const save = prepareSave(tx, chunkSize);
        for (const chunk of chunksOf(given, chunkSize)) {
          const statement = chunk.length === chunkSize ? save : prepareSave(tx, chunk.length);
          await statement.execute(valuesOf(chunk));
        }
      });
      return given;
    },
    update: async (id, change) => (await prepared.update.execute({ id, ...change })).rowCount ?? 0,
    async updateMany(changes) {
      const { rowCount } = await prepared.updateMany.execute({
        ids: idsOf(changes),
        names: changes.map(({ name }) => name),
        numbers: changes.map(({ numProducts }) => numProducts),
      });
      return rowCount ?? 0;
    },
    transaction: ({ ids, values }) =>
      db.transaction(async (tx) => {
        const find = prepareFind(tx);
        const setProducts = prepareSetProducts(tx);
        const insert = prepareInsert(tx, 1);
        const found: User[] = [];
        for (const id of ids) found.push(await findUser(find, id));
        for (const [index, user] of found.slice(0, 3).entries()) {
          const numProducts = (user.numProducts ?? 0) + 1;
          await setProducts.execute({ id: user.id, numProducts });
          found[index] = { ...user, numProducts };
        }
        for (const value of values) found.push(await insertUser(insert, value));
        return found;
      }),
    selectInTurn: (emails) =>
      db.transaction(async (tx) => {
        const find = prepareFindByEmail(tx);
        const found: User[] = [];
        for (const email of emails) found.push(await findByEmail(find, email));
        return found;
      }),
    selectTogether: (emails) =>
      db.transaction((tx) => {
        const find = prepareFindByEmail(tx);
        return Promise.all(emails.map((email) => findByEmail(find, email)));
      }),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => findByEmail(prepared.findByEmail, email))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => ({
          user: await findUser(prepared.find, id),
          posts: await prepared.firstPosts.execute({ id }),
          count: present((await prepared.countPosts.execute({ id }))[0]).count,
        })),
      ),
    async usersWithPosts(slice) {
      const found = await prepared.slice.execute({ ...slice });
      return withPosts(found, await prepared.postsByAuthor.execute({ ids: idsOf(found) }));
    },
    async postsWithAuthors(slice) {
      const found = await prepared.posts.execute({ ...slice });
      return withAuthors(found, await prepared.usersById.execute({ ids: authorIdsOf(found) }));
    },
    authorOf: (post: PostWithAuthor) => post.author,
    async postsWithTags(slice) {
      const found = await prepared.posts.execute({ ...slice });
      return withTheirTags(found, await loadTags(idsOf(found)));
    },
    async usersWithTaggedPosts(slice) {
      const found = await prepared.slice.execute({ ...slice });
      const theirs = await prepared.postsByAuthor.execute({ ids: idsOf(found) });
      return withPosts(found, withTheirTags(theirs, await loadTags(idsOf(theirs))));
    },
    close: () => client.end(),
  };
};

import type { Knex } from "knex";
import { Model, raw, type Transaction } from "objection";
import type { Subject, User as UserFields, UserValues } from "../subject.js";
import { Post, User } from "./objection-models.js";
import { chunksOf, idsOf } from "./rows.js";

/** Writes many in a transaction, which differs by engine: Objection inserts many at once on PostgreSQL only. */
export interface Writes {
  /** Rows per statement. */
  readonly chunkSize: number;
  insert(values: readonly UserValues[], trx: Transaction): Promise<User[]>;
  save(users: readonly UserFields[], trx: Transaction): Promise<void>;
}

interface Group {
  active: boolean;
  users: number | string;
  products: number | string | null;
  most: number | null;
}

/** Rows whose columns are set by one `case`. */
const caseSize = 100;

const findUser = (id: number, trx?: Transaction) => User.query(trx).findById(id).throwIfNotFound();
const findUserByEmail = (email: string, trx?: Transaction) => User.query(trx).findOne({ email }).throwIfNotFound();

/** Objection as its documentation shows it. */
export function subjectOf(knex: Knex, writes: Writes): Subject {
  Model.knex(knex);

  const sliceOf = (after: number, limit: number) => User.query().where("id", ">", after).orderBy("id").limit(limit);
  const sliceOfPosts = (after: number, limit: number) =>
    Post.query().where("id", ">", after).orderBy("id").limit(limit);

  return {
    find: async (id) => findUser(id),
    page: async ({ moreThan, limit, offset }) =>
      User.query()
        .where("active", true)
        .where("num_products", ">", moreThan)
        .orderBy("created_at", "desc")
        .orderBy("name")
        .limit(limit)
        .offset(offset),
    all: async () => User.query(),
    slice: async ({ after, limit }) => sliceOf(after, limit),
    count: (moreThan) => User.query().where("active", true).where("num_products", ">", moreThan).resultSize(),
    async groups(after) {
      const groups = await User.query()
        .select("active")
        .count("* as users")
        .sum("num_products as products")
        .max("num_products as most")
        .where("id", ">", after)
        .groupBy("active")
        .orderBy("active")
        .castTo<Group[]>();
      return groups.map(({ active, users, products, most }) => ({
        active,
        users: Number(users),
        products: products === null ? null : Number(products),
        most,
      }));
    },
    insert: async (values) => User.query().insert(values),
    insertMany: (values) =>
      User.transaction(async (trx) => {
        const users: User[] = [];
        for (const chunk of chunksOf(values, writes.chunkSize)) users.push(...(await writes.insert(chunk, trx)));
        return users;
      }),
    async saveMany(users) {
      await User.transaction(async (trx) => {
        for (const chunk of chunksOf(users, writes.chunkSize)) await writes.save(chunk, trx);
      });
      return users;
    },
    update: async (id, change) => User.query().findById(id).patch(change),
    updateMany: (changes) =>
      User.transaction(async (trx) => {
        let changed = 0;
        for (const chunk of chunksOf(changes, caseSize)) {
          // Faster than a patch for each.
          const when = chunk.map(() => "when ? then ?").join(" ");
          const numberFor = chunk.map(() => "when ? then cast(? as integer)").join(" ");
          changed += await User.query(trx)
            .patch({
              name: raw(
                `case id ${when} end`,
                chunk.flatMap(({ id, name }) => [id, name]),
              ),
              numProducts: raw(
                `case id ${numberFor} end`,
                chunk.flatMap(({ id, numProducts }) => [id, numProducts]),
              ),
            })
            .whereIn("id", idsOf(chunk));
        }
        return changed;
      }),
    transaction: ({ ids, values }) =>
      User.transaction(async (trx) => {
        const users: User[] = [];
        for (const id of ids) users.push(await findUser(id, trx));
        for (const user of users.slice(0, 3)) {
          await user.$query(trx).patch({ numProducts: (user.numProducts ?? 0) + 1 });
        }
        for (const value of values) users.push(await User.query(trx).insert(value));
        return users;
      }),
    selectInTurn: (emails) =>
      User.transaction(async (trx) => {
        const users: User[] = [];
        for (const email of emails) users.push(await findUserByEmail(email, trx));
        return users;
      }),
    selectTogether: (emails) =>
      User.transaction((trx) => Promise.all(emails.map((email) => findUserByEmail(email, trx)))),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => findUserByEmail(email))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => ({
          user: await findUser(id),
          posts: await Post.query().where("author_id", id).orderBy("id").limit(5),
          count: await Post.query().where("author_id", id).resultSize(),
        })),
      ),
    usersWithPosts: async ({ after, limit }) => sliceOf(after, limit).withGraphFetched("posts"),
    postsWithAuthors: async ({ after, limit }) => sliceOfPosts(after, limit).withGraphFetched("author"),
    authorOf: (post: Post) => post.author,
    postsWithTags: async ({ after, limit }) => sliceOfPosts(after, limit).withGraphFetched("tags"),
    usersWithTaggedPosts: async ({ after, limit }) => sliceOf(after, limit).withGraphFetched("posts.tags"),
    close: () => knex.destroy(),
  };
}

import { type SqlEntityManager, sql } from "@mikro-orm/sqlite";
import type { Group, Subject, User } from "../subject.js";
import { PostEntity, UserEntity } from "./mikroorm-entities.js";

interface Orm {
  readonly em: Pick<SqlEntityManager, "fork">;
  close(): Promise<void>;
}

/** A row of the query builder. */
interface GroupRow {
  readonly active: boolean | number;
  readonly users: number | string;
  readonly products: number | string | null;
  readonly most: number | null;
}

/** A query for each kind: faster here than joins. */
const strategy = "select-in";

function toGroup({ active, users, products, most }: GroupRow): Group {
  return {
    active: Boolean(active),
    users: Number(users),
    products: products === null ? null : Number(products),
    most,
  };
}

/** MikroORM as its documentation says: a fork for each operation, and what many rows need batched by it. */
export function subjectOf(orm: Orm): Subject {
  const fork = () => orm.em.fork();

  return {
    find: (id) => fork().findOneOrFail(UserEntity, id),
    page: ({ moreThan, limit, offset }) =>
      fork().find(
        UserEntity,
        { active: true, numProducts: { $gt: moreThan } },
        { orderBy: [{ createdAt: "desc" }, { name: "asc" }], limit, offset },
      ),
    all: () => fork().find(UserEntity, {}),
    slice: ({ after, limit }) => fork().find(UserEntity, { id: { $gt: after } }, { orderBy: { id: "asc" }, limit }),
    count: (moreThan) => fork().count(UserEntity, { active: true, numProducts: { $gt: moreThan } }),
    async groups(after) {
      const rows: GroupRow[] = await fork()
        .createQueryBuilder(UserEntity, "u")
        .select([
          "u.active",
          sql`count(*)`.as("users"),
          sql`sum(num_products)`.as("products"),
          sql`max(num_products)`.as("most"),
        ])
        .where({ id: { $gt: after } })
        .groupBy("u.active")
        .orderBy({ active: "asc" })
        .execute("all");
      return rows.map(toGroup);
    },
    async insert(values) {
      const em = fork();
      const user = em.create(UserEntity, values, { persist: false });
      await em.insert(user);
      return user;
    },
    insertMany: (values) =>
      fork().transactional(async (em) => {
        const users = values.map((value) => em.create(UserEntity, value, { persist: false }));
        await em.insertMany(users);
        return users;
      }),
    saveMany: (users) => fork().transactional((em) => em.upsertMany(UserEntity, [...users])),
    update: (id, change) => fork().nativeUpdate(UserEntity, { id }, change),
    // Neither loads the rows; what is flushed is an update of many, whose count isn't given.
    async updateMany(changes) {
      const em = fork();
      for (const { id, ...change } of changes) em.assign(em.getReference(UserEntity, id), change);
      await em.flush();
      return changes.length;
    },
    transaction: ({ ids, values }) =>
      fork().transactional(async (em) => {
        const users: UserEntity[] = [];
        for (const id of ids) users.push(await em.findOneOrFail(UserEntity, id));
        for (const user of users.slice(0, 3)) {
          user.numProducts = (user.numProducts ?? 0) + 1;
          await em.flush();
        }
        for (const value of values) {
          const user = em.create(UserEntity, value);
          await em.flush();
          users.push(user);
        }
        return users;
      }),
    selectInTurn: (emails) =>
      fork().transactional(async (em) => {
        const users: User[] = [];
        for (const email of emails) users.push(await em.findOneOrFail(UserEntity, { email }));
        return users;
      }),
    selectTogether: (emails) =>
      fork().transactional((em) => Promise.all(emails.map((email) => em.findOneOrFail(UserEntity, { email })))),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => fork().findOneOrFail(UserEntity, { email }))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const em = fork();
          const user = await em.findOneOrFail(UserEntity, id);
          const posts = await em.find(PostEntity, { author: id }, { orderBy: { id: "asc" }, limit: 5 });
          return { user, posts, count: await em.count(PostEntity, { author: id }) };
        }),
      ),
    usersWithPosts: ({ after, limit }) =>
      fork().find(UserEntity, { id: { $gt: after } }, { orderBy: { id: "asc" }, limit, populate: ["posts"], strategy }),
    postsWithAuthors: ({ after, limit }) =>
      fork().find(
        PostEntity,
        { id: { $gt: after } },
        { orderBy: { id: "asc" }, limit, populate: ["author"], strategy },
      ),
    authorOf: (post: PostEntity) => post.author,
    postsWithTags: ({ after, limit }) =>
      fork().find(PostEntity, { id: { $gt: after } }, { orderBy: { id: "asc" }, limit, populate: ["tags"], strategy }),
    usersWithTaggedPosts: ({ after, limit }) =>
      fork().find(
        UserEntity,
        { id: { $gt: after } },
        { orderBy: { id: "asc" }, limit, populate: ["posts.tags"], strategy },
      ),
    close: () => orm.close(),
  };
}

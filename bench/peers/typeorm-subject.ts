import { type DataSource, type EntityManager, MoreThan } from "typeorm";
import type { EngineName, Group, Subject, User, UserValues } from "../subject.js";
import { PostEntity, UserEntity } from "./typeorm-entities.js";

/** Rows per insert: the fastest of a few sizes, and few enough for either engine's limit of parameters. */
const chunkSizes: Record<EngineName, number> = { sqlite: 200, postgres: 1000 };

/** A row of the query builder: what the driver makes of it, since no entity says more. */
interface GroupRow {
  readonly active: boolean | number;
  readonly users: number | string;
  readonly products: number | string | null;
  readonly most: number | null;
}

function toGroup({ active, users, products, most }: GroupRow): Group {
  return {
    active: Boolean(active),
    users: Number(users),
    products: products === null ? null : Number(products),
    most,
  };
}

function byId(one: { readonly id: number }, other: { readonly id: number }): number {
  return one.id - other.id;
}

/** The instances get their ids. */
async function insertAll(manager: EntityManager, values: readonly UserValues[], chunkSize: number) {
  const users = manager.create(UserEntity, [...values]);
  for (let index = 0; index < users.length; index += chunkSize) {
    await manager.insert(UserEntity, users.slice(index, index + chunkSize));
  }
  return users;
}

/**
 * TypeORM as its documentation says: `insert` and `update`, since `save` reads the rows first, and joins, since
 * `relationLoadStrategy: "query"` compares each parent with each row.
 */
export function subjectOf(source: DataSource, engine: EngineName): Subject {
  const users = source.getRepository(UserEntity);
  const posts = source.getRepository(PostEntity);

  const inTurn = (emails: readonly string[]): Promise<User[]> =>
    source.transaction(async (manager) => {
      const found: User[] = [];
      for (const email of emails) found.push(await manager.findOneByOrFail(UserEntity, { email }));
      return found;
    });

  return {
    find: (id) => users.findOneByOrFail({ id }),
    page: ({ moreThan, limit, offset }) =>
      users.find({
        where: { active: true, numProducts: MoreThan(moreThan) },
        order: { createdAt: "desc", name: "asc" },
        take: limit,
        skip: offset,
      }),
    all: () => users.find(),
    slice: ({ after, limit }) => users.find({ where: { id: MoreThan(after) }, order: { id: "asc" }, take: limit }),
    count: (moreThan) => users.countBy({ active: true, numProducts: MoreThan(moreThan) }),
    async groups(after) {
      const rows = await users
        .createQueryBuilder("user")
        .select("user.active", "active")
        .addSelect("count(*)", "users")
        .addSelect("sum(user.numProducts)", "products")
        .addSelect("max(user.numProducts)", "most")
        .where("user.id > :after", { after })
        .groupBy("user.active")
        .orderBy("user.active")
        .getRawMany<GroupRow>();
      return rows.map(toGroup);
    },
    async insert(values) {
      const user = users.create(values);
      await users.insert(user);
      return user;
    },
    insertMany: (values) => source.transaction((manager) => insertAll(manager, values, chunkSizes[engine])),
    // `upsert` leaves generated keys out on PostgreSQL, and gives the instances others on SQLite.
    async saveMany(given) {
      await users
        .createQueryBuilder()
        .insert()
        .into(UserEntity, ["id", "name", "email", "active", "numProducts", "createdAt"])
        .values([...given])
        .orUpdate(["name", "email", "active", "num_products", "created_at"], ["id"])
        .updateEntity(false)
        .execute();
      return users.create([...given]);
    },
    update: async (id, change) => (await users.update(id, change)).affected ?? 0,
    updateMany: (changes) =>
      source.transaction(async (manager) => {
        let affected = 0;
        for (const { id, ...change } of changes) {
          affected += (await manager.update(UserEntity, id, change)).affected ?? 0;
        }
        return affected;
      }),
    transaction: ({ ids, values }) =>
      source.transaction(async (manager) => {
        const found: UserEntity[] = [];
        for (const id of ids) found.push(await manager.findOneByOrFail(UserEntity, { id }));
        for (const user of found.slice(0, 3)) {
          user.numProducts = (user.numProducts ?? 0) + 1;
          await manager.update(UserEntity, user.id, { numProducts: user.numProducts });
        }
        for (const value of values) {
          const user = manager.create(UserEntity, value);
          await manager.insert(UserEntity, user);
          found.push(user);
        }
        return found;
      }),
    selectInTurn: inTurn,
    // pg warns of more than one at a time.
    selectTogether:
      engine === "postgres"
        ? inTurn
        : (emails) =>
            source.transaction((manager) =>
              Promise.all(emails.map((email) => manager.findOneByOrFail(UserEntity, { email }))),
            ),
    selectThroughPool: (emails) => Promise.all(emails.map((email) => users.findOneByOrFail({ email }))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const user = await users.findOneByOrFail({ id });
          const first = await posts.find({ where: { authorId: id }, order: { id: "asc" }, take: 5 });
          return { user, posts: first, count: await posts.countBy({ authorId: id }) };
        }),
      ),
    // Ordered by posts as well, the limit would be one of posts.
    async usersWithPosts({ after, limit }) {
      const found = await users.find({
        where: { id: MoreThan(after) },
        relations: { posts: true },
        order: { id: "asc" },
        take: limit,
      });
      for (const user of found) user.posts.sort(byId);
      return found;
    },
    // `find` with a limit and a join is two queries, also where the join multiplies no rows.
    postsWithAuthors: ({ after, limit }) =>
      posts
        .createQueryBuilder("post")
        .innerJoinAndSelect("post.author", "author")
        .where("post.id > :after", { after })
        .orderBy("post.id")
        .limit(limit)
        .getMany(),
    authorOf: (post: PostEntity) => post.author,
    async postsWithTags({ after, limit }) {
      const found = await posts.find({
        where: { id: MoreThan(after) },
        relations: { tags: true },
        order: { id: "asc" },
        take: limit,
      });
      for (const post of found) post.tags.sort(byId);
      return found;
    },
    async usersWithTaggedPosts({ after, limit }) {
      const found = await users.find({
        where: { id: MoreThan(after) },
        relations: { posts: { tags: true } },
        order: { id: "asc" },
        take: limit,
      });
      for (const user of found) for (const post of user.posts.sort(byId)) post.tags.sort(byId);
      return found;
    },
    close: () => source.destroy(),
  };
}

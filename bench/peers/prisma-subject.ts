import type { Group, Post, PostWithTags, Subject, Tag, User } from "../subject.js";
import type { PrismaClient } from "./prisma/generated/sqlite/client.js";

interface PostWithAuthor extends Post {
  readonly author: User;
}

/** How posts are loaded with their tags: the rows of pairs come between. */
const tags = { select: { tag: true }, orderBy: { tagId: "asc" } } as const;

interface PostWithPairs extends Post {
  readonly tags: readonly { readonly tag: Tag }[];
}

function toPostWithTags(post: PostWithPairs): PostWithTags {
  return { ...post, tags: post.tags.map(({ tag }) => tag) };
}

/** Prisma as its documentation says; its rows are plain objects. */
export function subjectOf(prisma: PrismaClient): Subject {
  return {
    find: (id) => prisma.user.findUniqueOrThrow({ where: { id } }),
    page: ({ moreThan, limit, offset }) =>
      prisma.user.findMany({
        where: { active: true, numProducts: { gt: moreThan } },
        orderBy: [{ createdAt: "desc" }, { name: "asc" }],
        take: limit,
        skip: offset,
      }),
    all: () => prisma.user.findMany(),
    slice: ({ after, limit }) =>
      prisma.user.findMany({ where: { id: { gt: after } }, orderBy: { id: "asc" }, take: limit }),
    count: (moreThan) => prisma.user.count({ where: { active: true, numProducts: { gt: moreThan } } }),
    async groups(after) {
      const groups = await prisma.user.groupBy({
        by: ["active"],
        where: { id: { gt: after } },
        _count: { _all: true },
        _sum: { numProducts: true },
        _max: { numProducts: true },
        orderBy: { active: "asc" },
      });
      return groups.map(
        ({ active, _count, _sum, _max }): Group => ({
          active,
          users: _count._all,
          products: _sum.numProducts,
          most: _max.numProducts,
        }),
      );
    },
    insert: (values) => prisma.user.create({ data: values }),
    insertMany: (values) => prisma.user.createManyAndReturn({ data: [...values] }),
    // A statement for each: there is no upsert of many.
    saveMany: (users) =>
      prisma.$transaction(
        users.map(({ id, ...values }) =>
          prisma.user.upsert({ where: { id }, create: { id, ...values }, update: values }),
        ),
      ),
    update: async (id, data) => (await prisma.user.updateMany({ where: { id }, data })).count,
    async updateMany(changes) {
      const results = await prisma.$transaction(
        changes.map(({ id, ...data }) => prisma.user.updateMany({ where: { id }, data })),
      );
      return results.reduce((sum, { count }) => sum + count, 0);
    },
    transaction: ({ ids, values }) =>
      prisma.$transaction(async (tx) => {
        const users: User[] = [];
        for (const id of ids) users.push(await tx.user.findUniqueOrThrow({ where: { id } }));
        for (const [index, { id, numProducts }] of users.slice(0, 3).entries()) {
          users[index] = await tx.user.update({ where: { id }, data: { numProducts: (numProducts ?? 0) + 1 } });
        }
        for (const data of values) users.push(await tx.user.create({ data }));
        return users;
      }),
    selectInTurn: (emails) =>
      prisma.$transaction(async (tx) => {
        const users: User[] = [];
        for (const email of emails) users.push(await tx.user.findUniqueOrThrow({ where: { email } }));
        return users;
      }),
    selectTogether: (emails) =>
      prisma.$transaction((tx) => Promise.all(emails.map((email) => tx.user.findUniqueOrThrow({ where: { email } })))),
    selectThroughPool: (emails) =>
      Promise.all(emails.map((email) => prisma.user.findUniqueOrThrow({ where: { email } }))),
    requests: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const user = await prisma.user.findUniqueOrThrow({ where: { id } });
          const posts = await prisma.post.findMany({ where: { authorId: id }, orderBy: { id: "asc" }, take: 5 });
          return { user, posts, count: await prisma.post.count({ where: { authorId: id } }) };
        }),
      ),
    usersWithPosts: ({ after, limit }) =>
      prisma.user.findMany({
        where: { id: { gt: after } },
        orderBy: { id: "asc" },
        take: limit,
        include: { posts: { orderBy: { id: "asc" } } },
      }),
    postsWithAuthors: ({ after, limit }) =>
      prisma.post.findMany({
        where: { id: { gt: after } },
        orderBy: { id: "asc" },
        take: limit,
        include: { author: true },
      }),
    authorOf: (post: PostWithAuthor) => post.author,
    async postsWithTags({ after, limit }) {
      const posts = await prisma.post.findMany({
        where: { id: { gt: after } },
        orderBy: { id: "asc" },
        take: limit,
        include: { tags },
      });
      return posts.map(toPostWithTags);
    },
    async usersWithTaggedPosts({ after, limit }) {
      const users = await prisma.user.findMany({
        where: { id: { gt: after } },
        orderBy: { id: "asc" },
        take: limit,
        include: { posts: { include: { tags }, orderBy: { id: "asc" } } },
      });
      return users.map((user) => ({ ...user, posts: user.posts.map(toPostWithTags) }));
    },
    close: () => prisma.$disconnect(),
  };
}

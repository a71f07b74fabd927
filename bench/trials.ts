import { authorCount, rowCount, taggedCount, userValues } from "./schema.js";
import {
  type Group,
  type HashedUser,
  type KeyedChange,
  type Post,
  type PostWithTags,
  type Selects,
  type Slice,
  type Subject,
  Unsupported,
  type User,
  type UserValues,
  type Work,
} from "./subject.js";

/** What a trial's operation gave, or a function that makes the text of it; the subjects' must be equal. */
export type Answer = User | readonly User[] | number | (() => string);

/** What is timed. */
export type Operation = (subject: Subject) => Promise<Answer>;

/** One workload. */
export interface Trial {
  readonly title: string;
  /** How many operations are compared before anything is timed. */
  readonly checks: number;
  /** Where more rows than 10 000 are there at the start. */
  readonly rows?: number;
  /** At most so many rounds, where one takes long. */
  readonly rounds?: number;
  /** Whether only the hand-written code and rowkeeper can do it. */
  readonly own?: boolean;
  /**
   * Makes the input of one operation, which isn't timed. `turn` counts the operations of this process from 0, and
   * decides which rows are touched.
   */
  prepare(turn: number): Operation;
}

/** An id that moves through the whole table. */
function idOf(turn: number): number {
  return 1 + ((turn * 7919) % rowCount);
}

/** A slice that moves through the first rows. */
function sliceOf(turn: number, limit: number, rows: number): Slice {
  return { after: (turn * limit) % rows, limit };
}

/** Values that no row has yet. */
function freshValues(turn: number, count: number, index: number) {
  return userValues(rowCount + 1 + turn * count + index);
}

/** The emails of twenty users. */
function emailsOf(turn: number): string[] {
  return Array.from({ length: 20 }, (_, index) => userValues(idOf(turn * 20 + index)).email);
}

/** A trial of an insert of so many rows at once. */
function inserts(count: number, options?: Pick<Trial, "rounds">): Trial {
  return {
    ...options,
    title: `insert ${grouped(count)}, instances back`,
    checks: count > 1000 ? 1 : 2,
    prepare(turn) {
      const values = Array.from({ length: count }, (_, index) => freshValues(turn, count, index));
      return async (subject) => {
        const users = await subject.insertMany(values);
        for (const user of users) sink += user.id;
        return users;
      };
    },
  };
}

/** A trial that reads so many of 100 000 rows. */
function reads(limit: number): Trial {
  return {
    title: `read ${grouped(limit)} of 100 000 rows, all fields`,
    checks: 1,
    rows: 100_000,
    prepare: () => async (subject) => {
      const users = await subject.slice({ after: 0, limit });
      for (const user of users) sink += readAll(user);
      return users;
    },
  };
}

function grouped(count: number): string {
  return String(count).replace(/(?<=\d\d)(?=\d{3}$)/, " ");
}

/** A trial of twenty selects that don't depend on each other. */
function selects(how: string, way: Exclude<keyof Selects, "requests">): Trial {
  return {
    title: `20 selects, ${how}`,
    checks: 10,
    prepare(turn) {
      const emails = emailsOf(turn);
      return async (subject) => {
        const users = await subject[way](emails);
        for (const user of users) sink += user.id;
        return users;
      };
    },
  };
}

/** Users to save: some that are there, with another name and number of products, and as many new ones. */
function usersToSave(turn: number, half: number): User[] {
  const first = 1 + ((turn * half) % rowCount);
  const change = { name: `Renamed ${turn}`, numProducts: turn % 100 };
  return Array.from({ length: 2 * half }, (_, index) => {
    if (index < half) return { id: first + index, ...userValues(first + index), ...change };
    const id = rowCount + 1 + (turn - 1) * half + index;
    return { id, ...userValues(id) };
  });
}

/** Reads every field: a subject that decodes late pays for it here. */
export function readAll(user: User): number {
  return (
    user.id +
    user.name.length +
    user.email.length +
    (user.active ? 1 : 0) +
    (user.numProducts ?? 0) +
    user.createdAt.getTime()
  );
}

let sink = 0;

/** Keeps the engine from dropping reads whose result nobody uses. */
export function readSum(): number {
  return sink;
}

export const trials = {
  find: {
    title: "find by key, all fields read",
    checks: 50,
    prepare: (turn) => async (subject) => {
      const user = await subject.find(idOf(turn));
      sink += readAll(user);
      return user;
    },
  },
  page: {
    title: "a page of 50: where, two orders, limit, offset",
    checks: 8,
    prepare: (turn) => async (subject) => {
      const users = await subject.page({ moreThan: 3, limit: 50, offset: 50 * (turn % 4) });
      for (const user of users) sink += readAll(user);
      return users;
    },
  },
  all: {
    title: "all 10 000 rows, all fields read",
    checks: 1,
    prepare: () => async (subject) => {
      const users = await subject.all();
      for (const user of users) sink += readAll(user);
      return users;
    },
  },
  "one-field": {
    title: "all 10 000 rows, one field read",
    checks: 1,
    prepare: () => async (subject) => {
      const users = await subject.all();
      for (const user of users) sink += user.name.length;
      return users;
    },
  },
  insert: {
    title: "insert one",
    checks: 20,
    prepare(turn) {
      const values = freshValues(turn, 1, 0);
      return async (subject) => {
        const user = await subject.insert(values);
        sink += user.id;
        return user;
      };
    },
  },
  "insert-many": inserts(1000),
  "insert-100000": inserts(100_000, { rounds: 3 }),
  "insert-hashed": {
    title: "insert 10 000, ids made of content, instances back",
    checks: 1,
    own: true,
    prepare(turn) {
      const values = Array.from({ length: 10_000 }, (_, index) => freshValues(turn, 10_000, index));
      return async (subject) => {
        const users = await hashed(subject, values);
        for (const user of users) sink += user.id.length;
        return () => lines(users, (user) => [describeUser(user)]);
      };
    },
  },
  "save-many": {
    title: "save 1000 by key, half of them new",
    checks: 2,
    prepare(turn) {
      const users = usersToSave(turn, 500);
      return async (subject) => {
        const saved = await subject.saveMany(users);
        for (const user of saved) sink += user.id;
        return saved;
      };
    },
  },
  update: {
    title: "update by key",
    checks: 20,
    prepare(turn) {
      const change = { name: `Renamed ${turn}`, numProducts: turn % 100 };
      return (subject) => subject.update(idOf(turn), change);
    },
  },
  "update-many": {
    title: "update 1000 by key, each to something else",
    checks: 2,
    prepare(turn) {
      const changes = Array.from({ length: 1000 }, (_, index): KeyedChange => {
        const id = idOf(turn * 1000 + index);
        return { id, name: `Renamed ${turn} ${index}`, numProducts: (turn + index) % 100 };
      });
      return (subject) => subject.updateMany(changes);
    },
  },
  count: {
    title: "count by two conditions",
    checks: 10,
    prepare: (turn) => (subject) => subject.count(turn % 100),
  },
  aggregate: {
    title: "two groups: count, sum, max",
    checks: 10,
    prepare: (turn) => async (subject) => {
      const groups = await subject.groups(turn % 5000);
      for (const group of groups) sink += group.users;
      return () => lines(groups, (group) => [describeGroup(group)]);
    },
  },
  transaction: {
    title: "a transaction: 4 finds, 3 updates, 3 inserts",
    checks: 10,
    prepare(turn) {
      const work: Work = {
        ids: [idOf(turn), idOf(turn + 1), idOf(turn + 2), idOf(turn + 3)],
        values: [freshValues(turn, 3, 0), freshValues(turn, 3, 1), freshValues(turn, 3, 2)],
      };
      return async (subject) => {
        const users = await subject.transaction(work);
        for (const user of users) sink += user.id;
        return users;
      };
    },
  },
  "selects-in-turn": selects("one after another in a transaction", "selectInTurn"),
  "selects-together": selects("started together in a transaction", "selectTogether"),
  "selects-pool": selects("started together through the pool", "selectThroughPool"),
  requests: {
    title: "20 requests at a time, 3 queries each",
    checks: 10,
    prepare(turn) {
      const ids = Array.from({ length: 20 }, (_, index) => 1 + (((turn * 20 + index) * 7) % authorCount));
      return async (subject) => {
        const requests = await subject.requests(ids);
        for (const { user, posts, count } of requests) {
          sink += readAll(user) + count;
          for (const post of posts) sink += post.title.length;
        }
        return () =>
          lines(requests, ({ user, posts, count }) => [describeUser(user), ...posts.map(describePost), String(count)]);
      };
    },
  },
  "one-to-many": {
    title: "100 users with their 1000 posts",
    checks: 10,
    prepare(turn) {
      const slice = sliceOf(turn, 100, authorCount);
      return async (subject) => {
        const users = await subject.usersWithPosts(slice);
        for (const user of users) for (const post of user.posts) sink += post.title.length;
        return () => lines(users, (user) => [describeUser(user), ...Array.from(user.posts, describePost)]);
      };
    },
  },
  "many-to-one": {
    title: "1000 posts with their 200 authors",
    checks: 10,
    prepare(turn) {
      const slice = sliceOf(turn, 1000, rowCount);
      return async (subject) => {
        const posts = await subject.postsWithAuthors(slice);
        for (const post of posts) sink += subject.authorOf(post).name.length;
        return () => lines(posts, (post) => [describePost(post), describeUser(subject.authorOf(post))]);
      };
    },
  },
  "many-to-many": {
    title: "200 posts with their tags, 5 each of 50",
    checks: 10,
    prepare(turn) {
      const slice = sliceOf(turn, 200, taggedCount);
      return async (subject) => {
        const posts = await subject.postsWithTags(slice);
        for (const post of posts) for (const tag of post.tags) sink += tag.name.length;
        return () => lines(posts, describeTagged);
      };
    },
  },
  "three-levels": {
    title: "20 users with their 200 posts with their tags",
    checks: 10,
    prepare(turn) {
      const slice = sliceOf(turn, 20, 200);
      return async (subject) => {
        const users = await subject.usersWithTaggedPosts(slice);
        for (const user of users) for (const post of user.posts) for (const tag of post.tags) sink += tag.name.length;
        return () => lines(users, (user) => [describeUser(user), ...Array.from(user.posts).flatMap(describeTagged)]);
      };
    },
  },
  "insert-100": inserts(100),
  "insert-10000": inserts(10_000),
  "read-100": reads(100),
  "read-1000": reads(1000),
  "read-10000": reads(10_000),
  "read-100000": reads(100_000),
} satisfies Record<string, Trial>;

export type TrialName = keyof typeof trials;
export const trialNames = Object.keys(trials) as TrialName[];

/** What a program mostly does: the trials that one figure for each subject is made of. */
export const workloads: readonly TrialName[] = [
  "find",
  "page",
  "all",
  "one-field",
  "insert",
  "insert-many",
  "update",
  "transaction",
  "one-to-many",
  "many-to-one",
  "many-to-many",
  "requests",
];

/** An answer as text: what is compared. */
export function describeAnswer(answer: Answer): string {
  if (typeof answer === "number") return String(answer);
  if (typeof answer === "function") return answer();
  return "id" in answer ? describeUser(answer) : answer.map(describeUser).join("\n");
}

function describeUser(user: User | HashedUser): string {
  const { id, name, email, active, numProducts, createdAt } = user;
  return JSON.stringify([id, name, email, active, numProducts, createdAt.toISOString()]);
}

function describeTagged(post: PostWithTags): string[] {
  return [describePost(post), ...Array.from(post.tags, ({ id, name }) => `${id} ${name}`)];
}

function describeGroup({ active, users, products, most }: Group): string {
  return JSON.stringify([active, users, products, most]);
}

function describePost({ id, title, authorId }: Post): string {
  return JSON.stringify([id, title, authorId]);
}

function hashed(subject: Subject, values: readonly UserValues[]): Promise<readonly HashedUser[]> {
  if (subject.insertHashed === undefined) throw new Unsupported("ids are not made of content here");
  return subject.insertHashed(values);
}

function lines<T>(parents: readonly T[], describe: (parent: T) => readonly string[]): string {
  return parents.flatMap(describe).join("\n");
}

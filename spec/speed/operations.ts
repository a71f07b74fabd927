import type { Database } from "../../src/index.js";
import { Entry, MANY, newPeople, POSTS, Post, User } from "./models.js";

/** What is counted, once it is called. */
export type Work = () => Promise<unknown>;

/** One of the main paths. */
export interface Operation {
  /** The rows that it reads or writes; what it allocates is told per row. */
  readonly rows: number;
  /** Makes the next call; what that takes is not counted. */
  next(): Work | Promise<Work>;
}

let turn = 0;

/** Texts that no row has had. */
const newName = () => {
  turn += 1;
  return `renamed ${turn}`;
};

/** A few hundred of the keys, in turn. */
const nextKey = () => (++turn % 300) + 1;

const users = { where: User.c.id.lte(POSTS / 2) };

/** The main paths. Each writes to `entries` alone. */
export function operationsOn(db: Database) {
  return {
    "find by key": {
      rows: 1,
      next: () => {
        const key = nextKey();
        return () => User.objects.find(key);
      },
    },
    "getInstances by a condition": {
      rows: 1,
      next: () => {
        const email = `${nextKey()}@example.org`;
        return () => User.objects.getInstances({ where: { email } });
      },
    },
    "a page of 20 rows": {
      rows: 20,
      next: () => {
        const offset = nextKey();
        return () =>
          User.objects.getInstances({ where: { active: true }, orderBy: ["rank", "-name"], limit: 20, offset });
      },
    },
    "all 1000 rows": { rows: MANY, next: () => () => User.objects.getInstances() },
    "all 1000 rows as items": { rows: MANY, next: () => () => User.objects.getItems() },
    count: { rows: 1, next: () => () => User.objects.count({ where: { active: true } }) },
    insert: {
      rows: 1,
      next: () => {
        const [values] = newPeople(1) as [ReturnType<typeof newPeople>[number]];
        return () => Entry.objects.insert(values);
      },
    },
    "insertMany of 1000": {
      rows: MANY,
      next: () => {
        const values = newPeople(MANY);
        return () => Entry.objects.insertMany(values);
      },
    },
    "update by key": {
      rows: 1,
      next: () => {
        const [id, name] = [nextKey(), newName()];
        return () => Entry.objects.update({ id }, { name });
      },
    },
    "save of a changed column": {
      rows: 1,
      next: async () => {
        const entry = await Entry.objects.get({ where: { id: nextKey() } });
        entry.name = newName();
        return () => entry.save();
      },
    },
    "bulkUpdate of 1000": {
      rows: MANY,
      next: () => {
        const values = Array.from({ length: MANY }, (_, i) => ({ id: i + 1, name: newName() }));
        return () => Entry.objects.bulkUpdate(values);
      },
    },
    "saveAll of 1000": {
      rows: MANY,
      next: async () => {
        const entries = await Entry.objects.getInstances({ orderBy: ["id"], limit: MANY });
        for (const entry of entries) entry.name = newName();
        return () => db.begin((session) => session.saveAll(entries));
      },
    },
    "a transaction of ten statements": {
      rows: 10,
      next: () => {
        const names = Array.from({ length: 5 }, newName);
        return () =>
          Entry.objects.transaction(async (tx) => {
            for (const [i, name] of names.entries()) {
              await tx.find(i + 1);
              await tx.update({ id: i + 1 }, { name });
            }
          });
      },
    },
    "prefetch one to many": {
      rows: POSTS / 2,
      next: () => () => User.objects.getInstances({ ...users, prefetch: ["posts"] }),
    },
    "prefetch many to one": { rows: POSTS, next: () => () => Post.objects.getInstances({ prefetch: ["author"] }) },
    "prefetch many to many": { rows: POSTS, next: () => () => Post.objects.getInstances({ prefetch: ["tags"] }) },
    "prefetch three levels": {
      rows: POSTS / 2,
      next: () => () => User.objects.getInstances({ ...users, prefetch: ["posts.comments.writer"] }),
    },
  } as const satisfies Record<string, Operation>;
}

export type OperationName = keyof ReturnType<typeof operationsOn>;

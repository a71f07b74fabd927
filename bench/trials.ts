import { rowCount, userValues } from "./schema.js";
import type { Subject, User, Work } from "./subject.js";

/** What a trial's operation gave; the subjects' must be equal. */
export type Answer = User | readonly User[] | number;

/** What is timed. */
export type Operation = (subject: Subject) => Promise<Answer>;

/** One workload. */
export interface Trial {
  readonly title: string;
  /** How many operations are compared before anything is timed. */
  readonly checks: number;
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

/** Values that no row has yet. */
function freshValues(turn: number, count: number, index: number) {
  return userValues(rowCount + 1 + turn * count + index);
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
  "insert-many": {
    title: "insert 1000, instances back",
    checks: 2,
    prepare(turn) {
      const values = Array.from({ length: 1000 }, (_, index) => freshValues(turn, 1000, index));
      return async (subject) => {
        const users = await subject.insertMany(values);
        for (const user of users) sink += user.id;
        return users;
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
} satisfies Record<string, Trial>;

export type TrialName = keyof typeof trials;
export const trialNames = Object.keys(trials) as TrialName[];

/** An answer as text: what is compared. */
export function describeAnswer(answer: Answer): string {
  if (typeof answer === "number") return String(answer);
  return "id" in answer ? describeUser(answer) : answer.map(describeUser).join("\n");
}

function describeUser(user: User): string {
  const { id, name, email, active, numProducts, createdAt } = user;
  return JSON.stringify([id, name, email, active, numProducts, createdAt.toISOString()]);
}

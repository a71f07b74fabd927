import type { OpenSubject, User, UserValues } from "../subject.js";
import { contentId } from "./content-id.js";
import { PostRecord, present } from "./related-records.js";
import { openFile } from "./sqlite-file.js";
import { HashedRecord, UserRecord } from "./user-record.js";
import { relationsOf } from "./usual-sqlite-relations.js";
import { type Row, toUser } from "./usual-sqlite-rows.js";

interface PostRow {
  id: number;
  title: string;
  author_id: number;
}

interface GroupRow {
  active: number;
  users: number;
  products: number | null;
  most: number | null;
}

/** Rows per statement: more would have too many parameters. */
const chunkSize = 1000;

function toValues(values: UserValues) {
  return [values.name, values.email, values.active ? 1 : 0, values.numProducts, values.createdAt.toISOString()];
}

/** What people write by hand: a statement prepared where it is used, rows as objects, `values (…), (…)` for many. */
export const open: OpenSubject = async (location) => {
  const db = openFile(location);

  function findUser(id: number): UserRecord {
    const row = db.prepare<[number], Row>("select * from users where id = ?").get(id);
    if (row === undefined) throw new RangeError(`no user ${id}`);
    return toUser(row);
  }

  function findUserByEmail(email: string): UserRecord {
    const row = db.prepare<[string], Row>("select * from users where email = ?").get(email);
    if (row === undefined) throw new RangeError(`no user ${email}`);
    return toUser(row);
  }

  function insertUser(values: UserValues): UserRecord {
    const info = db
      .prepare("insert into users (name, email, active, num_products, created_at) values (?, ?, ?, ?, ?)")
      .run(toValues(values));
    return UserRecord.of(Number(info.lastInsertRowid), values);
  }

  function insertChunk(values: readonly UserValues[]): User[] {
    const tuples = values.map(() => "(?, ?, ?, ?, ?)").join(", ");
    const rows = db
      .prepare<unknown[], Row>(
        `insert into users (name, email, active, num_products, created_at) values ${tuples} returning *`,
      )
      .all(values.flatMap(toValues));
    return rows.map(toUser);
  }

  return {
    ...relationsOf(db),
    find: async (id) => findUser(id),
    async page({ moreThan, limit, offset }) {
      const rows = db
        .prepare<[number, number, number], Row>(
          `select * from users where active = 1 and num_products > ?
          order by created_at desc, name limit ? offset ?`,
        )
        .all(moreThan, limit, offset);
      return rows.map(toUser);
    },
    all: async () => db.prepare<[], Row>("select * from users").all().map(toUser),
    async slice({ after, limit }) {
      const rows = db
        .prepare<[number, number], Row>("select * from users where id > ? order by id limit ?")
        .all(after, limit);
      return rows.map(toUser);
    },
    async count(moreThan) {
      const row = db
        .prepare<[number], { count: number }>(
          "select count(*) as count from users where active = 1 and num_products > ?",
        )
        .get(moreThan);
      return present(row).count;
    },
    async groups(after) {
      const rows = db
        .prepare<[number], GroupRow>(
          `select active, count(*) as users, sum(num_products) as products, max(num_products) as most
          from users where id > ? group by active order by active`,
        )
        .all(after);
      return rows.map((row) => ({ ...row, active: row.active === 1 }));
    },
    insert: async (values) => insertUser(values),
    async insertMany(values) {
      const work = db.transaction(() => {
        const users: User[] = [];
        for (let start = 0; start < values.length; start += chunkSize) {
          users.push(...insertChunk(values.slice(start, start + chunkSize)));
        }
        return users;
      });
      return work();
    },
    async insertHashed(values) {
      // One statement for all would have too many parameters.
      const insert = db.prepare(
        "insert into hashed_users (id, name, email, active, num_products, created_at) values (?, ?, ?, ?, ?, ?)",
      );
      const work = db.transaction(() =>
        values.map((value) => {
          const id = contentId(value);
          insert.run(id, ...toValues(value));
          return HashedRecord.of(id, value);
        }),
      );
      return work();
    },
    async saveMany(users) {
      const save = db.prepare<unknown[], Row>(
        `insert into users (id, name, email, active, num_products, created_at) values (?, ?, ?, ?, ?, ?)
        on conflict (id) do update set name = excluded.name, email = excluded.email, active = excluded.active,
        num_products = excluded.num_products, created_at = excluded.created_at returning *`,
      );
      const work = db.transaction(() => users.map((user) => toUser(present(save.get(user.id, ...toValues(user))))));
      return work();
    },
    async update(id, { name, numProducts }) {
      return db.prepare("update users set name = ?, num_products = ? where id = ?").run(name, numProducts, id).changes;
    },
    async updateMany(changes) {
      const update = db.prepare("update users set name = ?, num_products = ? where id = ?");
      const work = db.transaction(() => {
        let changed = 0;
        for (const { id, name, numProducts } of changes) changed += update.run(name, numProducts, id).changes;
        return changed;
      });
      return work();
    },
    async transaction({ ids, values }) {
      const work = db.transaction((): User[] => {
        const users = ids.map(findUser);
        for (const user of users.slice(0, 3)) {
          user.numProducts = (user.numProducts ?? 0) + 1;
          db.prepare("update users set num_products = ? where id = ?").run(user.numProducts, user.id);
        }
        for (const value of values) users.push(insertUser(value));
        return users;
      });
      return work();
    },
    selectInTurn: async (emails) => db.transaction(() => emails.map(findUserByEmail))(),
    selectTogether: async (emails) => db.transaction(() => emails.map(findUserByEmail))(),
    selectThroughPool: async (emails) => emails.map(findUserByEmail),
    requests: async (ids) =>
      ids.map((id) => {
        const user = findUser(id);
        const rows = db
          .prepare<[number], PostRow>("select * from posts where author_id = ? order by id limit 5")
          .all(id);
        const posts = rows.map((row) => new PostRecord(row.id, row.title, row.author_id));
        const row = db
          .prepare<[number], { count: number }>("select count(*) as count from posts where author_id = ?")
          .get(id);
        return { user, posts, count: present(row).count };
      }),
    close: async () => {
      db.close();
    },
  };
};

import type { Group, HashedUser, KeyedChange, OpenSubject, User, UserValues, Work } from "../subject.js";
import { contentId } from "./content-id.js";
import { relationsOf } from "./expert-sqlite-relations.js";
import { fields, type Row, toUser } from "./expert-sqlite-rows.js";
import { PostRecord } from "./related-records.js";
import { openFile } from "./sqlite-file.js";
import { HashedRecord, UserRecord } from "./user-record.js";

type Parameter = string | number | null;
type PostRow = [id: number, title: string, authorId: number];
type GroupRow = [active: number, users: number, products: number | null, most: number | null];

function toPost(row: PostRow): PostRecord {
  return new PostRecord(row[0], row[1], row[2]);
}

function toGroup([active, users, products, most]: GroupRow): Group {
  return { active: active !== 0, users, products, most };
}

function toParameters(values: readonly UserValues[]): Parameter[] {
  const parameters: Parameter[] = [];
  for (const { name, email, active, numProducts, createdAt } of values) {
    parameters.push(name, email, active ? 1 : 0, numProducts, createdAt.toISOString());
  }
  return parameters;
}

function toSaved(users: readonly (User | HashedUser)[]): Parameter[] {
  const parameters: Parameter[] = [];
  for (const { id, name, email, active, numProducts, createdAt } of users) {
    parameters.push(id, name, email, active ? 1 : 0, numProducts, createdAt.toISOString());
  }
  return parameters;
}

/** Rows per statement where many are inserted or saved: faster than one, and than 1000. */
const chunkSize = 50;
const insertInto = "insert into users (name, email, active, num_products, created_at) values";

const insertHashedInto = "insert into hashed_users (id, name, email, active, num_products, created_at) values";

const saveInto = "insert into users (id, name, email, active, num_products, created_at) values";
const onConflict = `on conflict (id) do update set name = excluded.name, email = excluded.email, active = excluded.active,
  num_products = excluded.num_products, created_at = excluded.created_at`;

/** better-sqlite3 at its best: all prepared once, rows as arrays, the ids of inserted rows from `lastInsertRowid`. */
export const open: OpenSubject = async (location) => {
  const db = openFile(location);
  const find = db.prepare<[number], Row>(`select ${fields} from users where id = ?`).raw();
  const findByEmail = db.prepare<[string], Row>(`select ${fields} from users where email = ?`).raw();
  const page = db
    .prepare<[number, number, number, number], Row>(
      `select ${fields} from users where active = ? and num_products > ?
      order by created_at desc, name limit ? offset ?`,
    )
    .raw();
  const all = db.prepare<[], Row>(`select ${fields} from users`).raw();
  const slice = db.prepare<[number, number], Row>(`select ${fields} from users where id > ? order by id limit ?`).raw();
  const count = db
    .prepare<[number, number], number>("select count(*) from users where active = ? and num_products > ?")
    .pluck();
  const groups = db
    .prepare<[number], GroupRow>(
      `select active, count(*), sum(num_products), max(num_products) from users where id > ?
      group by active order by active`,
    )
    .raw();
  const postsOf = db
    .prepare<[number, number], PostRow>(
      "select id, title, author_id from posts where author_id = ? order by id limit ?",
    )
    .raw();
  const countPosts = db.prepare<[number], number>("select count(*) from posts where author_id = ?").pluck();
  const insert = db.prepare<Parameter[]>(`${insertInto} (?, ?, ?, ?, ?)`);
  const insertChunk = db.prepare<[Parameter[]]>(`${insertInto} ${Array(chunkSize).fill("(?, ?, ?, ?, ?)").join()}`);
  const insertHashed = db.prepare<[Parameter[]]>(`${insertHashedInto} (?, ?, ?, ?, ?, ?)`);
  const insertHashedChunk = db.prepare<[Parameter[]]>(
    `${insertHashedInto} ${Array(chunkSize).fill("(?, ?, ?, ?, ?, ?)").join()}`,
  );
  const save = db.prepare<[Parameter[]]>(`${saveInto} (?, ?, ?, ?, ?, ?) ${onConflict}`);
  const saveChunk = db.prepare<[Parameter[]]>(
    `${saveInto} ${Array(chunkSize).fill("(?, ?, ?, ?, ?, ?)").join()} ${onConflict}`,
  );
  const update = db.prepare<[string, number, number]>("update users set name = ?, num_products = ? where id = ?");
  const setProducts = db.prepare<[number, number]>("update users set num_products = ? where id = ?");

  function findUser(id: number): UserRecord {
    const row = find.get(id);
    if (row === undefined) throw new RangeError(`no user ${id}`);
    return toUser(row);
  }

  function findUserByEmail(email: string): UserRecord {
    const row = findByEmail.get(email);
    if (row === undefined) throw new RangeError(`no user ${email}`);
    return toUser(row);
  }

  function insertUser(values: UserValues): UserRecord {
    const { name, email, active, numProducts, createdAt } = values;
    const { lastInsertRowid } = insert.run(name, email, active ? 1 : 0, numProducts, createdAt.toISOString());
    return UserRecord.of(Number(lastInsertRowid), values);
  }

  const insertUsers = db.transaction((values: readonly UserValues[]) => {
    const users: UserRecord[] = [];
    let index = 0;
    for (; index + chunkSize <= values.length; index += chunkSize) {
      const chunk = values.slice(index, index + chunkSize);
      // One statement numbers its rows one after another.
      const lastId = Number(insertChunk.run(toParameters(chunk)).lastInsertRowid);
      for (const [place, value] of chunk.entries()) users.push(UserRecord.of(lastId - chunkSize + 1 + place, value));
    }
    for (; index < values.length; index++) users.push(insertUser(values[index]!));
    return users;
  });

  const insertHashedUsers = db.transaction((values: readonly UserValues[]) => {
    const users = values.map((value) => HashedRecord.of(contentId(value), value));
    // In the order of the index, which is faster than in that of chance.
    const sorted = users.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    let index = 0;
    for (; index + chunkSize <= sorted.length; index += chunkSize) {
      insertHashedChunk.run(toSaved(sorted.slice(index, index + chunkSize)));
    }
    for (; index < sorted.length; index++) insertHashed.run(toSaved([sorted[index]!]));
    return users;
  });

  const saveUsers = db.transaction((users: readonly User[]) => {
    let index = 0;
    for (; index + chunkSize <= users.length; index += chunkSize) {
      saveChunk.run(toSaved(users.slice(index, index + chunkSize)));
    }
    for (; index < users.length; index++) save.run(toSaved([users[index]!]));
    return users.map((user) => UserRecord.of(user.id, user));
  });

  // A statement for each is faster than `from (values …)` for many, which makes a table of them first.
  const updateUsers = db.transaction((changes: readonly KeyedChange[]) => {
    let changed = 0;
    for (const { id, name, numProducts } of changes) changed += update.run(name, numProducts, id).changes;
    return changed;
  });

  const selectUsers = db.transaction((emails: readonly string[]) => emails.map(findUserByEmail));

  // Synchronous throughout, so nothing else can slip into the transaction.
  const work = db.transaction(({ ids, values }: Work): User[] => {
    const users = ids.map(findUser);
    for (const user of users.slice(0, 3)) {
      user.numProducts = (user.numProducts ?? 0) + 1;
      setProducts.run(user.numProducts, user.id);
    }
    for (const value of values) users.push(insertUser(value));
    return users;
  });

  return {
    ...relationsOf(db),
    find: async (id) => findUser(id),
    page: async ({ moreThan, limit, offset }) => page.all(1, moreThan, limit, offset).map(toUser),
    all: async () => all.all().map(toUser),
    slice: async ({ after, limit }) => slice.all(after, limit).map(toUser),
    count: async (moreThan) => count.get(1, moreThan) ?? 0,
    groups: async (after) => groups.all(after).map(toGroup),
    insert: async (values) => insertUser(values),
    insertMany: async (values) => insertUsers(values),
    insertHashed: async (values) => insertHashedUsers(values),
    saveMany: async (users) => saveUsers(users),
    update: async (id, { name, numProducts }) => update.run(name, numProducts, id).changes,
    updateMany: async (changes) => updateUsers(changes),
    transaction: async (plan) => work.immediate(plan),
    // Nothing runs at the same time here.
    selectInTurn: async (emails) => selectUsers(emails),
    selectTogether: async (emails) => selectUsers(emails),
    selectThroughPool: async (emails) => emails.map(findUserByEmail),
    requests: async (ids) =>
      ids.map((id) => ({ user: findUser(id), posts: postsOf.all(id, 5).map(toPost), count: countPosts.get(id) ?? 0 })),
    close: async () => {
      db.close();
    },
  };
};

/** Sessions. Compiled, never run. */
import {
  alias,
  count,
  type Database,
  deleteFrom,
  insertInto,
  type Session,
  type Sql,
  sql,
  text,
  updateTable,
} from "../../src/index.js";
import { expectShape, expectType } from "./expect.js";
import { type Post, User } from "./models.js";

export async function reading(session: Session) {
  expectType<User[]>()(await session.all(User.select()));
  expectType<User[]>()(await session.all(User.select().where({ name: "x" }).orderBy("name").limit(3).withDeleted()));
  expectType<User | null>()(await session.first(User.select()));
  expectType<User>()(await session.one(User.select()));
  expectType<User | null>()(await session.oneOrNone(User.select()));
  (await session.one(User.select())).displayName;

  expectShape<{ name: string; email: string }[]>()(await session.all(User.select("name", "email")));
  expectShape<{ name: string; email: string }[]>()(await session.all(User.select(["name", "email"]).limit(1)));
  expectType<string[]>()(await session.all(User.select("name").scalars()));
  expectType<number | null>()(await session.one(User.select("numProducts").scalars()));
  expectType<string | null>()(await session.first(User.select("name").scalars()));
  expectShape<{ n: number }>()(await session.one(User.select({ n: count() })));
  const row = await session.one(User.select("name"));
  // @ts-expect-error not selected
  row.email;
  // @ts-expect-error a row of columns is no instance
  row.save();
  // @ts-expect-error an unknown column
  User.select("name", "emial");
  expectShape<{ name: string }[]>()(await session.all(alias(User, "other").select(["name"])));

  expectType<Record<string, unknown>[]>()(await session.all(sql`select 1 as n`));
  expectType<{ n: number }>()(await session.one<{ n: number }>(sql`select 1 as n`));
  expectType<{ n: number } | null>()(await session.first<{ n: number }>(text("select :n as n", { n: 1 })));
  expectType<Sql>()(text("select 1"));
  // @ts-expect-error plain text would be a way in for injections
  await session.all("select 1");
  // @ts-expect-error a model is no statement
  await session.all(User);
  // @ts-expect-error values have names
  text("select :n", [1]);
  text().primaryKey();
}

export async function writing(session: Session) {
  const inserted = await session.execute(insertInto(User).values({ name: "x", email: "x" }).returning("id"));
  expectShape<{ id: number }[]>()(inserted.rows);
  expectType<number>()(inserted.rowCount);
  await session.execute(updateTable(User).values({ active: false }).where({ name: "x" }));
  await session.execute(deleteFrom(User).where({ name: "x" }));
  expectType<number>()(await session.executeMany("insert into tags (name) values (:name)", [{ name: "a" }]));
  // @ts-expect-error sets of values by name
  await session.executeMany("insert into tags (name) values (:name)", [["a"]]);
}

export async function saving(session: Session, user: User, post: Post) {
  expectType<User>()(await session.save(user));
  expectType<User[]>()(await session.saveAll([user]));
  expectType<(User | Post)[]>()(await session.saveAll([user, post]));
  // @ts-expect-error a plain object is no instance
  await session.save({ name: "x" });
  // @ts-expect-error nor is a list
  await session.save([user]);
  // @ts-expect-error nor is null
  await session.save(null);
  // @ts-expect-error a list
  await session.saveAll(user);
  // @ts-expect-error of instances
  await session.saveAll([user, { name: "x" }]);
}

export async function scopes(db: Database) {
  await using session = db.session({ isolation: "serializable", timeout: 1000 });
  expectType<User[]>()(await session.objects(User).active());
  await using nested = session.begin();
  await nested.commit();
  expectType<number>()(await session.begin(async (inner) => inner.objects(User).count()));
  await using one = db.begin({ readOnly: true });
  expectType<Session>()(one);
  expectType<User>()(await db.begin((own) => own.save(new User({ name: "x" })), { retries: 3 }));
  await User.objects.using(one).count();
  new User().using(one);
  // @ts-expect-error an unknown option
  db.session({ isolatoin: "serializable" });
  // @ts-expect-error retries are of a function
  db.begin({ retries: 3 });
}

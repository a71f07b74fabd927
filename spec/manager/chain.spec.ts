import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Database, deleteFrom, insertInto, QueryError, sql, UsageError, updateTable } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, openAt, statementsOf } from "../support/open.js";
import { Post, people, User } from "./models.js";

eachEngine((engine) => {
  describe("the chain", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [User, Post]);
      await User.objects.insertMany(people(["a", 1], ["b", 2], ["c", 3], ["d", null]));
    });
    after(() => db.close());

    test("of a select: where, orderBy, limit, offset; fetchall, fetchone, scalar, rowcount (M7)", async () => {
      const chain = User.objects
        .setSql(User.select())
        .where([User.c.age.gt(0)])
        .orderBy(["-name"]);
      assert.deepEqual(
        (await chain.fetchall()).map(({ name }) => name),
        ["c", "b", "a"],
      );
      assert.deepEqual(
        (await chain.limit(1).offset(1).fetchall()).map(({ name }) => name),
        ["b"],
      );
      assert.equal((await chain.fetchone())?.name, "c");
      assert.equal(await chain.rowcount(), 3);
      assert.equal(await chain.where({ name: "x" }).fetchone(), null);
      assert.equal(await chain.where({ name: "x" }).scalar(), null);
      assert.equal(await User.objects.setSql(User.select("name")).orderBy("name").scalar(), "a");
      assert.deepEqual(await User.objects.setSql(User.select("age")).orderBy("age").scalars().fetchall(), [
        null,
        1,
        2,
        3,
      ]);
      const narrow = await User.objects
        .setSql(User.select(["name", "active"]))
        .where({ name: "a" })
        .fetchall();
      assert.deepEqual(narrow, [{ name: "a", active: true }]);
    });

    test("of an insert, update and delete, with and without returning", async () => {
      const { objects } = User;
      const id = await objects.setSql(insertInto(User)).values({ name: "z" }).returning("id").scalar();
      assert.equal(typeof id, "number");
      const two = objects.setSql(insertInto(User)).values([{ name: "z" }, { name: "z" }]);
      assert.equal(await two.rowcount(), 2);
      assert.deepEqual(await objects.setSql(insertInto(User)).values({ id: 900, name: "z" }).fetchall(), []);
      const update = objects.setSql(updateTable(User)).values({ age: 7, active: false });
      assert.equal(await update.where({ name: "z" }).where(User.c.id.ne(900)).rowcount(), 3);
      const changed = await update.where({ id: 900 }).returning("age", "active").fetchall();
      assert.deepEqual(changed, [{ age: 7, active: false }]);
      const deleted = await objects.setSql(deleteFrom(User)).where({ name: "z" }).returning().fetchall();
      assert.equal(deleted.length, 4);
      assert.ok(deleted[0]?.createdAt instanceof Date);
      assert.equal(await objects.count(), 4);
    });

    test("of sql text binds its values and reads columns as the model has them (S21)", async () => {
      const hostile = "'; drop table users; --";
      const rows = await User.objects
        .setSql<{ name: string; active: boolean; createdAt: Date; twice: number }>(
          sql`select name, active, created_at, age * 2 as twice, ${hostile} as text from users where age = ${2}`,
        )
        .fetchall();
      const { createdAt, ...others } = rows[0] ?? assert.fail();
      assert.deepEqual(others, { name: "b", active: true, twice: 4, text: hostile });
      assert.ok(createdAt instanceof Date);
      assert.equal(await User.objects.setSql(sql`select count(*) from users`).scalar(), 4);
    });

    test("of sql text with a where, order or limit after it is a derived table, whatever the text holds", async () => {
      const texts = [
        sql`select * from users where age = ${1} or age = ${3}`,
        sql`select * from users where age in (1, 3) order by name desc limit 10`,
        sql`select * from users where age = 1 union all select * from users where age = 3`,
        sql`with w as (select * from users) select * from w where age in (1, 3)`,
        sql`select * from users where age in (1, 3); `,
        sql`select * from users where age in (1, 3) -- a comment; with "quotes' (
`,
        sql`select * from users where age in (1, 3) -- a comment at the end`,
        sql`select * from users where age in (1, 3) /* a comment */;`,
      ];
      for (const text of texts) {
        const chain = User.objects.setSql<{ name: string }>(text);
        assert.equal((await chain.fetchall()).length, 2, text.sql);
        assert.deepEqual(
          (await chain.orderBy("-name").fetchall()).map(({ name }) => name),
          ["c", "a"],
          text.sql,
        );
        assert.deepEqual(
          (
            await chain
              .where({ name: "c" })
              .where([User.c.age.gt(1)])
              .fetchall()
          ).map(({ name }) => name),
          ["c"],
          text.sql,
        );
        assert.deepEqual(
          (await chain.orderBy("name").limit(1).offset(1).fetchall()).map(({ name }) => name),
          ["c"],
          text.sql,
        );
        assert.deepEqual(await chain.limit(0).fetchall(), []);
      }
    });

    test("is immutable: two chains from one, and one manager, never disturb each other (M13)", async () => {
      const base = User.objects.setSql(User.select()).orderBy("name");
      const left = base.where({ name: "a" });
      const right = base.where({ name: "b" }).limit(5);
      const [l, r, all] = await Promise.all([left.fetchall(), right.fetchall(), base.fetchall()]);
      assert.deepEqual([l.length, r.length, all.length], [1, 1, 4]);
      assert.deepEqual((await User.objects.getInstances()).length, 4);
      const chains = Array.from({ length: 20 }, (_, age) =>
        User.objects.setSql(User.select()).where({ age }).fetchall(),
      );
      assert.deepEqual((await Promise.all(chains)).map((rows) => rows.length).slice(0, 5), [0, 1, 1, 1, 0]);
    });

    test("runs nothing before a fetch; toSql tells the text and values (S15)", async () => {
      const texts = await statementsOf(db, () => {
        const chain = User.objects
          .setSql(User.select(["id"]))
          .where({ name: "a" })
          .limit(3);
        const [one, two] = engine.dialect === "postgres" ? ["$1", "$2"] : ["?", "? + 0"];
        assert.deepEqual(chain.toSql(), {
          text: `select "users"."id" from "users" where "users"."name" = ${one} limit ${two}`,
          values: ["a", 3],
        });
      });
      assert.deepEqual(texts, []);
    });

    test("without what it needs is a UsageError or TypeError that says so, before any SQL (M7)", async () => {
      const { objects } = User;
      const texts = await statementsOf(db, async () => {
        const attempts: [() => unknown, unknown][] = [
          [() => objects.setSql(undefined as never).fetchall(), TypeError],
          [() => objects.setSql("select 1" as never), TypeError],
          [() => objects.setSql(insertInto(User)).fetchall(), UsageError],
          [() => objects.setSql(insertInto(User)).values([]).fetchall(), UsageError],
          [() => objects.setSql(updateTable(User)).where({ id: 1 }).fetchall(), UsageError],
          [() => objects.setSql(updateTable(User)).values({ name: "x" }).fetchall(), UsageError],
          [() => objects.setSql(updateTable(User)).values({ name: "x" }).where([]).rowcount(), UsageError],
          [() => objects.setSql(deleteFrom(User)).rowcount(), UsageError],
          [() => objects.setSql(deleteFrom(User)).where({}).rowcount(), UsageError],
          [() => objects.setSql(deleteFrom(User)).where({ id: 1 }).limit(1).rowcount(), UsageError],
          [() => objects.setSql(User.select()).values({ name: "x" } as never), UsageError],
          [() => objects.setSql(User.select()).returning("id"), UsageError],
          [() => objects.setSql(sql`select 1`).returning("id"), UsageError],
          [() => insertInto({} as never), TypeError],
          [() => User.select([] as never), TypeError],
          [() => objects.setSql(sql`select ${undefined}`).fetchall(), TypeError],
          [() => objects.setSql(sql`select ${NaN}`).fetchall(), TypeError],
          [() => objects.setSql(sql`select ${"\0"}`).fetchall(), TypeError],
        ];
        for (const [work, Kind] of attempts) {
          const error = await failureOf(work);
          assert.equal(error.constructor, Kind, `${work}: ${error}`);
        }
      });
      assert.deepEqual(texts, []);
    });

    test("that fails is a QueryError with the SQL and without the values, which the log has too (M8)", async () => {
      const secret = "s3cr3t";
      const events: unknown[] = [];
      const listener = (event: object) => events.push(event);
      db.on("query", listener);
      const error = await failureOf(() => User.objects.setSql(sql`select ${secret} from nowhere`).fetchall());
      db.off("query", listener);
      assert.ok(error instanceof QueryError);
      assert.match(error.sql ?? "", /from nowhere/);
      assert.ok(!error.message.includes(secret) && !error.sql?.includes(secret));
      const [event] = events as { sql: string; error: unknown }[];
      assert.match(event?.sql ?? "", /from nowhere/);
      assert.equal(event?.error, error);
      assert.ok(!JSON.stringify(event).includes(secret));
    });

    test("of another model's statement runs on this manager's database", async () => {
      await User.objects
        .setSql(insertInto(Post))
        .values({ title: "t", authorId: (await User.objects.first())?.id ?? 0 })
        .rowcount();
      assert.deepEqual(await User.objects.setSql(Post.select("title")).scalars().fetchall(), ["t"]);
    });
  });
});

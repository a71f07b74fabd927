import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  and,
  Database,
  deleteFrom,
  insertInto,
  integer,
  Model,
  not,
  numeric,
  or,
  sql,
  text,
  updateTable,
  type Where,
} from "../../src/index.js";

class User extends Model("app.users", {
  id: integer().primaryKey(),
  name: text(),
  numPosts: integer().nullable(),
  price: numeric(8, 2).nullable(),
  weight: numeric().nullable(),
}) {}

// Nothing connects: texts are made without a database.
const sqlite = new Database("sqlite::memory:").objects(User);
const postgres = new Database("postgres://nobody@localhost:1/nothing").objects(User);
const { c } = User;
const ALL = '"users"."id", "users"."name", "users"."num_posts", "users"."price", "users"."weight"';
const FROM = `select ${ALL} from "app"."users"`;

interface Case {
  readonly chain: (objects: typeof sqlite) => { toSql(): { text: string; values: readonly unknown[] } };
  readonly sqlite: string;
  readonly postgres: string;
  readonly values?: readonly unknown[];
}

const selecting = (where: Where<typeof User>) => (objects: typeof sqlite) => objects.setSql(User.select()).where(where);

const CASES: Record<string, Case> = {
  "a select": { chain: (o) => o.setSql(User.select()), sqlite: FROM, postgres: FROM },
  "a select of columns": {
    chain: (o) => o.setSql(User.select(["name", "id"])),
    sqlite: 'select "users"."name", "users"."id" from "app"."users"',
    postgres: 'select "users"."name", "users"."id" from "app"."users"',
  },
  "conditions, order, limit and offset": {
    chain: (o) =>
      o
        .setSql(User.select("id"))
        .where({ name: "a" })
        .where([c.numPosts.gt(3)])
        .orderBy(["-name", "numPosts", "-numPosts"])
        .limit(1)
        .offset(2),
    sqlite:
      'select "users"."id" from "app"."users" where ("users"."name" = ?) and ("users"."num_posts" > ?) order by "users"."name" desc, "users"."num_posts", "users"."num_posts" desc limit ? + 0 offset ?',
    postgres:
      'select "users"."id" from "app"."users" where ("users"."name" = $1) and ("users"."num_posts" > $2) order by "users"."name"::text collate "C" desc, "users"."num_posts" nulls first, "users"."num_posts" desc nulls last limit $3 offset $4',
    values: ["a", 3, 1, 2],
  },
  "an offset alone": {
    chain: (o) => o.setSql(User.select("id")).offset(2),
    sqlite: 'select "users"."id" from "app"."users" limit -1 offset ?',
    postgres: 'select "users"."id" from "app"."users" offset $1',
    values: [2],
  },
  "and, or and not": {
    chain: selecting(or(and(c.id.eq(1), not(c.name.ne("a"))), sql`${c.id} = ${2} or 1 = 1`)),
    sqlite: `${FROM} where (("users"."id" = ?) and (not ("users"."name" <> ?))) or ("users"."id" = ? or 1 = 1)`,
    postgres: `${FROM} where (("users"."id" = $1) and (not ("users"."name" <> $2))) or ("users"."id" = $3 or 1 = 1)`,
    values: [1, "a", 2],
  },
  nulls: {
    chain: selecting([c.numPosts.eq(null), c.numPosts.ne(null)]),
    sqlite: `${FROM} where ("users"."num_posts" is null) and ("users"."num_posts" is not null)`,
    postgres: `${FROM} where ("users"."num_posts" is null) and ("users"."num_posts" is not null)`,
  },
  "an empty list": {
    chain: selecting([c.id.in([]), c.id.notIn([])]),
    sqlite: `${FROM} where (1 = 0) and (1 = 1)`,
    postgres: `${FROM} where (1 = 0) and (1 = 1)`,
  },
  "text matched literally": {
    chain: selecting([c.name.contains("a%b"), c.name.startsWith("[x"), c.name.endsWith("*_")]),
    sqlite: `${FROM} where ("users"."name" glob ?) and ("users"."name" glob ?) and ("users"."name" glob ?)`,
    postgres: `${FROM} where ("users"."name"::text like $1) and ("users"."name"::text like $2) and ("users"."name"::text like $3)`,
  },
  decimals: {
    chain: selecting([c.price.lt("1.5"), c.price.eq("1.5"), c.weight.eq("1.5")]),
    sqlite: `${FROM} where (rowkeeper_decimal("users"."price") < rowkeeper_decimal(?)) and ("users"."price" = ?) and (rowkeeper_decimal("users"."weight") = rowkeeper_decimal(?))`,
    postgres: `${FROM} where ("users"."price" < $1) and ("users"."price" = $2) and ("users"."weight" = $3)`,
    values: ["1.50", "1.50", "1.5"],
  },
  "an insert": {
    chain: (o) => o.setSql(insertInto(User)).values({ name: "a", numPosts: null }).returning("id", "name"),
    sqlite: 'insert into "app"."users" ("name", "num_posts") values (?, ?) returning "id", "name"',
    postgres: 'insert into "app"."users" ("name", "num_posts") values ($1, $2) returning "id", "name"',
    values: ["a", null],
  },
  "an insert of several rows": {
    chain: (o) => o.setSql(insertInto(User)).values([{ name: "a" }, { name: "b" }]),
    sqlite: 'insert into "app"."users" ("name") values (?), (?)',
    postgres: 'insert into "app"."users" ("name") values ($1), ($2)',
    values: ["a", "b"],
  },
  "an update": {
    chain: (o) => o.setSql(updateTable(User)).values({ name: "a", price: "2" }).where({ id: 1 }).returning("id"),
    sqlite: 'update "app"."users" set "name" = ?, "price" = ? where "users"."id" = ? returning "id"',
    postgres: 'update "app"."users" set "name" = $1, "price" = $2 where "users"."id" = $3 returning "id"',
    values: ["a", "2.00", 1],
  },
  "a delete": {
    chain: (o) => o.setSql(deleteFrom(User)).where({ name: "a" }),
    sqlite: 'delete from "app"."users" where "users"."name" = ?',
    postgres: 'delete from "app"."users" where "users"."name" = $1',
    values: ["a"],
  },
  "a delete of all": {
    chain: (o) => o.setSql(deleteFrom(User)).where("all"),
    sqlite: 'delete from "app"."users"',
    postgres: 'delete from "app"."users"',
  },
  "sql text with more after it": {
    chain: (o) => o.setSql(sql`select * from x where y = ${"v"};`).where({ name: "a" }).limit(3),
    sqlite: 'select * from (\nselect * from x where y = ?\n) as "users" where "users"."name" = ? limit ? + 0',
    postgres: 'select * from (\nselect * from x where y = $1\n) as "users" where "users"."name" = $2 limit $3',
    values: ["v", "a", 3],
  },
};

describe("the SQL of", () => {
  for (const [name, { chain, ...wanted }] of Object.entries(CASES)) {
    test(`${name}, in both dialects, binds every value (S15)`, () => {
      const made = { sqlite: chain(sqlite).toSql(), postgres: chain(postgres).toSql() };
      assert.equal(made.sqlite.text, wanted.sqlite);
      assert.equal(made.postgres.text, wanted.postgres);
      if (wanted.values !== undefined)
        assert.deepEqual([made.sqlite.values, made.postgres.values], [wanted.values, wanted.values]);
    });
  }

  test("a list, whatever its length, is one parameter (S13)", () => {
    for (const ids of [[1], [1, 2, 3]]) {
      const list = (objects: typeof sqlite) => selecting(c.id.in(ids))(objects).toSql();
      assert.equal(list(postgres).text, `${FROM} where "users"."id" = any($1)`);
      assert.equal(list(postgres).values.length, 1);
      assert.match(list(sqlite).text, /in \(select value from json_each\(\?\)\)$/);
      assert.equal(list(sqlite).values.length, 1);
    }
  });
});

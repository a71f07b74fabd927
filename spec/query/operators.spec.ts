import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Database, integer, json, Model, type QueryBuilder, sql, text } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { untyped } from "./untyped.js";

class User extends Model("users", {
  id: integer().primaryKey(),
  name: text(),
  numPosts: integer().nullable(),
  settings: json<unknown>().nullable(),
}) {}
class Post extends Model("posts", { id: integer().primaryKey(), title: text(), authorId: integer() }) {}

// Nothing connects: texts are made without a database.
const sqlite = new Database("sqlite::memory:");
const postgres = new Database("postgres://nobody@localhost:1/nothing");
const FROM = 'select "users"."id", "users"."name", "users"."num_posts", "users"."settings" from "users"';

type Make = (query: QueryBuilder<typeof User>) => { toSql(): { text: string; values: readonly unknown[] } };
interface Case {
  readonly make: Make;
  readonly sqlite: string;
  readonly postgres: string;
  readonly values?: { readonly sqlite: readonly unknown[]; readonly postgres: readonly unknown[] };
}
const same = (...values: unknown[]) => ({ sqlite: values, postgres: values });
const plain = (make: Make, symbol: string, value: unknown): Case => ({
  make,
  sqlite: `"users"."num_posts" ${symbol} ?`,
  postgres: `"users"."num_posts" ${symbol} $1`,
  values: same(value),
});
const starting = {
  sqlite: `"users"."name" glob ?`,
  postgres: `"users"."name"::text like $1`,
  values: { sqlite: ["a%[*]*"], postgres: ["a\\%*%"] },
};

const CASES: Record<string, Case> = {
  equal: plain((q) => q.equal("numPosts", 3), "=", 3),
  notEqual: plain((q) => q.notEqual("numPosts", 3), "<>", 3),
  less: plain((q) => q.less("numPosts", 3), "<", 3),
  lessOrEqual: plain((q) => q.lessOrEqual("numPosts", 3), "<=", 3),
  greater: plain((q) => q.greater("numPosts", 3), ">", 3),
  greaterOrEqual: plain((q) => q.greaterOrEqual("numPosts", 3), ">=", 3),
  like: { ...both('"users"."name" like #'), make: (q) => q.like("name", "a%"), values: same("a%") },
  notLike: { ...both('"users"."name" not like #'), make: (q) => q.notLike("name", "a%"), values: same("a%") },
  "like with data": {
    ...both(`"users"."name" like # escape '\\'`),
    make: (q) => q.like("name", "?%", "5%_\\"),
    values: same("5\\%\\_\\\\%"),
  },
  startsWith: { ...starting, make: (q) => q.startsWith("name", "a%*") },
  doesNotStartWith: { ...negated(starting), make: (q) => q.doesNotStartWith("name", "a%*") },
  contains: {
    ...starting,
    make: (q) => q.contains("name", "a%*"),
    values: { sqlite: ["*a%[*]*"], postgres: ["%a\\%*%"] },
  },
  excludes: {
    ...negated(starting),
    make: (q) => q.excludes("name", "a%*"),
    values: { sqlite: ["*a%[*]*"], postgres: ["%a\\%*%"] },
  },
  endsWith: {
    ...starting,
    make: (q) => q.endsWith("name", "a%*"),
    values: { sqlite: ["*a%[*]"], postgres: ["%a\\%*"] },
  },
  doesNotEndWith: {
    ...negated(starting),
    make: (q) => q.doesNotEndWith("name", "a%*"),
    values: { sqlite: ["*a%[*]"], postgres: ["%a\\%*"] },
  },
  isIn: {
    make: (q) => q.isIn("numPosts", [1, 2]),
    sqlite: '"users"."num_posts" in (select value from json_each(?))',
    postgres: '"users"."num_posts" = any($1)',
  },
  notIn: {
    make: (q) => q.notIn("numPosts", [1, 2]),
    sqlite: '"users"."num_posts" not in (select value from json_each(?))',
    postgres: '"users"."num_posts" <> all($1)',
  },
  "isIn nothing (S13)": { ...both("1 = 0"), make: (q) => q.isIn("numPosts", []), values: same() },
  isNull: { ...both('"users"."num_posts" is null'), make: (q) => q.isNull("numPosts"), values: same() },
  notNull: { ...both('"users"."num_posts" is not null'), make: (q) => q.notNull("numPosts"), values: same() },
  "several columns, several operators": {
    make: (q) =>
      q.equal({ name: "a", numPosts: null }).where({ isNull: ["settings"], greater: { id: 1, numPosts: 2 } }),
    sqlite:
      '("users"."name" = ?) and ("users"."num_posts" is null) and ("users"."settings" is null) and ("users"."id" > ?) and ("users"."num_posts" > ?)',
    postgres:
      '("users"."name" = $1) and ("users"."num_posts" is null) and ("users"."settings" is null) and ("users"."id" > $2) and ("users"."num_posts" > $3)',
    values: same("a", 1, 2),
  },
  "expressions and sql text": {
    make: (q) => q.where([User.c.name.eq("a"), sql`1 = ${1} or 2 = 2`]).equal("id", User.c.numPosts),
    sqlite: '("users"."name" = ?) and (1 = ? or 2 = 2) and ("users"."id" = "users"."num_posts")',
    postgres: '("users"."name" = $1) and (1 = $2 or 2 = 2) and ("users"."id" = "users"."num_posts")',
    values: same("a", 1),
  },
};

/** The same text on both, but for the placeholder. */
function both(text: string) {
  return { sqlite: text.replace("#", "?"), postgres: text.replace("#", "$1") };
}

function negated({ sqlite, postgres, values }: Omit<Case, "make">) {
  return { sqlite: `not (${sqlite})`, postgres: `not (${postgres})`, values: values ?? same() };
}

describe("the SQL of a query's operators", () => {
  for (const [name, { make, values, ...texts }] of Object.entries(CASES)) {
    test(`${name} (S10, S15)`, () => {
      for (const [dialect, db] of Object.entries({ sqlite, postgres })) {
        const made = make(User.query().using(db)).toSql();
        const wanted = dialect === "sqlite" ? texts.sqlite : texts.postgres;
        assert.equal(made.text, `${FROM} where ${wanted}`);
        if (values !== undefined)
          assert.deepEqual(made.values, dialect === "sqlite" ? values.sqlite : values.postgres, dialect);
      }
    });
  }

  test("notIn nothing, and an object of no column, are no condition (S13)", () => {
    const query = User.query().using(sqlite);
    for (const made of [query.notIn("numPosts", []), query.equal({}), query.where({}), query.where([])])
      assert.equal(made.toSql().text, FROM);
  });

  test("a name may say its table, of which a join makes several", () => {
    const query = User.query().using(sqlite).equal("users.name", "a").join(Post, ["id", "authorId"]);
    assert.match(
      query.startsWith("posts.title", "b").isNull("numPosts").toSql().text,
      /where \("users"\."name" = \?\) and \("posts"\."title" glob \?\) and \("users"\."num_posts" is null\)$/,
    );
  });
});

/** What is refused where it is said: how, with which class, and what the message has. */
const REFUSED: readonly (readonly [call: string, error: string, message: RegExp, work: () => unknown])[] = [
  [
    "an unknown operator",
    "UsageError",
    /"equals" \(did you mean "equal"\?\)/,
    () => query().where?.({ equals: { id: 1 } }),
  ],
  ["an unknown column", "TypeError", /"nmae" \(did you mean "name"\?\)/, () => query().equal?.("nmae", 1)],
  ["an unknown column of an object", "TypeError", /did you mean "name"\?/, () => query().like?.({ nmae: "x" })],
  ["an unknown column to be null", "TypeError", /did you mean "name"\?/, () => query().isNull?.("nmae")],
  [
    "an unknown table",
    "TypeError",
    /"user" in the query \(did you mean "users"\?\)/,
    () => query().equal?.("user.name", 1),
  ],
  ["an unknown column of a table", "TypeError", /did you mean "name"\?/, () => query().equal?.("users.nmae", 1)],
  ["an unknown column to order by", "TypeError", /did you mean "name"\?/, () => query().orderBy?.("nmae", "asc")],
  ["no direction", "UsageError", /"asc" or "desc"/, () => query().orderBy?.("name")],
  ["an unknown direction", "UsageError", /"asc" or "desc"/, () => query().orderBy?.("name", "ASC")],
  ["an unknown direction of an object", "UsageError", /"asc" or "desc"/, () => query().orderBy?.({ name: "up" })],
  ["an order of JSON", "TypeError", /no order/, () => query().orderBy?.("settings", "asc")],
  ["an order by nothing", "TypeError", /a column and a direction/, () => query().orderBy?.(null, "asc")],
  ["an unknown column to select", "TypeError", /did you mean "name"\?/, () => query().select?.(["nmae"])],
  ["a select of nothing", "TypeError", /at least one/, () => query().select?.([])],
  ["an unknown column to group by", "TypeError", /did you mean "name"\?/, () => query().group?.("nmae")],
  ["an unknown kind of join", "UsageError", /inner, left/, () => query().join?.(Post, ["id", "authorId"], "lefty")],
  ["an inherited name as a kind", "UsageError", /inner/, () => query().join?.(Post, ["id", "authorId"], "toString")],
  ["an unknown comparison", "UsageError", /= > >=/, () => query().join?.(Post, ["id", "==", "authorId"])],
  [
    "an inherited name as an operator",
    "UsageError",
    /"constructor"/,
    () => query().where?.({ constructor: { id: 1 } }),
  ],
  ["undefined (S8)", "TypeError", /undefined/, () => query().equal?.("name", undefined)],
  ["no value (S8)", "TypeError", /undefined/, () => query().equal?.("name")],
  ["undefined of an object (S8)", "TypeError", /undefined/, () => query().equal?.({ name: undefined })],
  ["undefined as conditions (S8)", "TypeError", /undefined/, () => query().where?.(undefined)],
  ["a value of another type (S1)", "TypeError", /users\.numPosts/, () => query().less?.("numPosts", "3")],
  ["null where there is an order", "TypeError", /null/, () => query().less?.("numPosts", null)],
  ["an order of JSON by an operator", "TypeError", /no order/, () => query().less?.("settings", 1)],
  ["no list", "TypeError", /an array/, () => query().isIn?.("id", 5)],
  ["a text operator on a number", "TypeError", /text column/, () => query().contains?.("id", "1")],
  ["a text operator with a number", "TypeError", /string/, () => query().contains?.("name", 1)],
  ["data that is no text", "TypeError", /text/, () => query().like?.("name", "?", 5)],
  ["more than a column and a value", "UsageError", /one value/, () => query().isIn?.("id", 1, 2)],
  ["no column to be null", "TypeError", /columns/, () => query().isNull?.()],
  ["an instance in the place of conditions", "TypeError", /a User/, () => query().where?.(new User({ name: "a" }))],
  ["a Date in the place of conditions", "TypeError", /a Date/, () => query().where?.(new Date())],
  ["a Map in the place of columns", "TypeError", /a Map/, () => query().equal?.(new Map([["id", 1]]))],
  ["text in the place of conditions", "TypeError", /a string/, () => query().where?.("id = 1")],
];

const query = () => untyped(User.query());

eachEngine((engine) => {
  describe("a query refuses at the call, with nothing sent and no value told (S1, S7, S11)", () => {
    test("what it is told wrongly", async () => {
      await using db = await open(engine, [User, Post]);
      const sent = await statementsOf(db, async () => {
        for (const [call, name, message, work] of REFUSED) {
          const error = await failureOf(work);
          assert.equal(error.name, name, `${call}: ${error.message}`);
          assert.match(error.message, message, call);
        }
      });
      assert.deepEqual(sent, []);
    });
  });
});

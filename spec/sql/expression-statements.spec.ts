import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  alias,
  avg,
  count,
  cte,
  Database,
  exists,
  expression,
  integer,
  json,
  lag,
  Model,
  max,
  min,
  not,
  numeric,
  rank,
  rowNumber,
  sql,
  stringAgg,
  sum,
  text,
} from "../../src/index.js";

class City extends Model("geo.cities", {
  id: integer().primaryKey(),
  name: text(),
  people: integer().nullable(),
  area: numeric(8, 2).nullable(),
  weight: numeric().nullable(),
  facts: json<{ mayor: { name: string }; tags: string[] }>().nullable(),
  partOf: integer().nullable(),
}) {}

// Nothing connects: texts are made without a database.
const sqlite = new Database("sqlite::memory:").objects(City);
const postgres = new Database("postgres://nobody@localhost:1/nothing").objects(City);
const { c } = City;
const whole = alias(City, "whole");
const loud = expression(text(), sql`${c.name} || ${"!"}`);
const big = cte("big", City.select(["id", "name"]).where(c.people.gt(5)).limit(3));
const sizes = cte("sizes", City.select({ first: min("name"), n: count() }).groupBy("partOf"));
const steps = cte("steps", { n: integer() }, sql`select ${1} union all select n + 1 from steps where n < ${9}`, {
  recursive: true,
});

interface Case {
  readonly chain: (objects: typeof sqlite) => { toSql(): { text: string; values: readonly unknown[] } };
  readonly sqlite: string;
  readonly postgres: string;
  readonly values: readonly unknown[];
  /** Where they are others: a value that stands twice is bound once. */
  readonly postgresValues?: readonly unknown[];
}

const CASES: Record<string, Case> = {
  aggregates: {
    chain: (o) =>
      o.setSql(
        City.select({
          n: count(),
          named: count("name", { distinct: true }),
          total: sum("people", { where: c.id.gt(1) }),
        }),
      ),
    sqlite:
      'select count(*) as "n", count(distinct "cities"."name") as "named", sum("cities"."people") filter (where "cities"."id" > ?) as "total" from "geo"."cities"',
    postgres:
      'select count(*) as "n", count(distinct "cities"."name") as "named", sum("cities"."people") filter (where "cities"."id" > $1) as "total" from "geo"."cities"',
    values: [1],
  },
  "aggregates of decimals": {
    chain: (o) =>
      o.setSql(
        City.select({
          s: sum("area"),
          m: max("weight"),
          d: sum("weight", { distinct: true }),
          n: count("weight", { distinct: true }),
        }),
      ),
    sqlite:
      'select rowkeeper_sum("cities"."area") as "s", rowkeeper_group_max("cities"."weight") as "m", rowkeeper_sum_distinct("cities"."weight") as "d", count(distinct rowkeeper_decimal("cities"."weight")) as "n" from "geo"."cities"',
    postgres:
      'select sum("cities"."area") as "s", max("cities"."weight") as "m", sum(distinct "cities"."weight") as "d", count(distinct "cities"."weight") as "n" from "geo"."cities"',
    values: [],
  },
  "averages, which are no integers": {
    chain: (o) => o.setSql(City.select({ a: avg("people"), b: avg("area") })),
    sqlite: 'select avg("cities"."people") as "a", rowkeeper_avg("cities"."area") as "b" from "geo"."cities"',
    postgres: 'select avg("cities"."people"::float8) as "a", avg("cities"."area") as "b" from "geo"."cities"',
    values: [],
  },
  "texts put together": {
    chain: (o) =>
      o.setSql(City.select({ all: stringAgg("name", ", ", { orderBy: c.people.desc(), where: c.id.lt(9) }) })),
    sqlite:
      'select group_concat("cities"."name", ? order by "cities"."people" desc) filter (where "cities"."id" < ?) as "all" from "geo"."cities"',
    postgres:
      'select string_agg("cities"."name", $1 order by "cities"."people" desc nulls last) filter (where "cities"."id" < $2)::text collate "C" as "all" from "geo"."cities"',
    values: [", ", 9],
  },
  "groups and conditions on them": {
    chain: (o) =>
      o.setSql(
        City.select({ partOf: "partOf", n: count() })
          .groupBy("partOf")
          .having(count().gt(2), sum(c.people).lt(7))
          .orderBy("partOf"),
      ),
    sqlite:
      'select "cities"."part_of", count(*) as "n" from "geo"."cities" group by "cities"."part_of" having (count(*) > ?) and (sum("cities"."people") < ?) order by "cities"."part_of"',
    postgres:
      'select "cities"."part_of", count(*) as "n" from "geo"."cities" group by "cities"."part_of" having (count(*) > $1) and (sum("cities"."people") < $2) order by "cities"."part_of" nulls first',
    values: [2, 7],
  },
  "groups by an expression with a value, which is bound once where it can be": {
    chain: (o) => o.setSql(City.select({ loud, n: count() }).groupBy(loud).having(loud.ne("x")).orderBy(loud.desc())),
    sqlite:
      'select ("cities"."name" || ?) as "loud", count(*) as "n" from "geo"."cities" group by ("cities"."name" || ?) having ("cities"."name" || ?) <> ? order by ("cities"."name" || ?) desc',
    postgres:
      'select ("cities"."name" || $1)::text collate "C" as "loud", count(*) as "n" from "geo"."cities" group by ("cities"."name" || $1) having ("cities"."name" || $1) <> $2 order by ("cities"."name" || $1)::text collate "C" desc',
    values: ["!", "!", "!", "x", "!"],
    postgresValues: ["!", "x"],
  },
  "groups by decimals": {
    chain: (o) => o.setSql(City.select({ n: count() }).groupBy("weight", c.area, sql`${c.id} % ${2}`)),
    sqlite:
      'select count(*) as "n" from "geo"."cities" group by rowkeeper_decimal("cities"."weight"), "cities"."area", "cities"."id" % ?',
    postgres:
      'select count(*) as "n" from "geo"."cities" group by "cities"."weight", "cities"."area", "cities"."id" % $1',
    values: [2],
  },
  windows: {
    chain: (o) =>
      o.setSql(
        City.select({
          place: rank().over({ partitionBy: c.partOf, orderBy: c.people.desc() }),
          before: lag(c.name, 2).over({ orderBy: c.id.asc() }),
        }),
      ),
    sqlite:
      'select rank() over (partition by "cities"."part_of" order by "cities"."people" desc) as "place", lag("cities"."name", 2) over (order by "cities"."id") as "before" from "geo"."cities"',
    postgres:
      'select rank() over (partition by "cities"."part_of" order by "cities"."people" desc nulls last) as "place", lag("cities"."name", 2) over (order by "cities"."id")::text collate "C" as "before" from "geo"."cities"',
    values: [],
  },
  "running sums, in a frame": {
    chain: (o) =>
      o.setSql(
        City.select({
          total: sum(c.area).over({ orderBy: c.id.asc(), frame: sql`rows between 1 preceding and current row` }),
        }),
      ),
    sqlite:
      'select rowkeeper_sum("cities"."area") over (order by "cities"."id" rows between 1 preceding and current row) as "total" from "geo"."cities"',
    postgres:
      'select sum("cities"."area") over (order by "cities"."id" rows between 1 preceding and current row) as "total" from "geo"."cities"',
    values: [],
  },
  "windows over decimals": {
    chain: (o) =>
      o.setSql(City.select({ n: rowNumber().over({ partitionBy: [c.weight, c.name], orderBy: [c.weight.asc()] }) })),
    sqlite:
      'select row_number() over (partition by rowkeeper_decimal("cities"."weight"), "cities"."name" order by rowkeeper_decimal("cities"."weight")) as "n" from "geo"."cities"',
    postgres:
      'select row_number() over (partition by "cities"."weight", "cities"."name" order by "cities"."weight" nulls first) as "n" from "geo"."cities"',
    values: [],
  },
  "another name of the table, and exists": {
    chain: (o) =>
      o
        .setSql(City.select("id"))
        .where(not(exists(whole.select("id").where([whole.c.id.eq(c.partOf), whole.c.name.eq("x")])))),
    sqlite:
      'select "cities"."id" from "geo"."cities" where not (exists (select "whole"."id" from "geo"."cities" as "whole" where ("whole"."id" = "cities"."part_of") and ("whole"."name" = ?)))',
    postgres:
      'select "cities"."id" from "geo"."cities" where not (exists (select "whole"."id" from "geo"."cities" as "whole" where ("whole"."id" = "cities"."part_of") and ("whole"."name" = $1)))',
    values: ["x"],
  },
  "a select as a value": {
    chain: (o) =>
      o
        .setSql(City.select("id"))
        .where([c.people.eq(City.select({ most: max("people") })), c.weight.lt(City.select({ most: max("area") }))]),
    sqlite:
      'select "cities"."id" from "geo"."cities" where ("cities"."people" = (select max("cities"."people") as "most" from "geo"."cities")) and (rowkeeper_decimal("cities"."weight") < rowkeeper_decimal((select rowkeeper_group_max("cities"."area") as "most" from "geo"."cities")))',
    postgres:
      'select "cities"."id" from "geo"."cities" where ("cities"."people" = (select max("cities"."people") as "most" from "geo"."cities")) and ("cities"."weight" < (select max("cities"."area") as "most" from "geo"."cities"))',
    values: [],
  },
  "selects as lists": {
    chain: (o) =>
      o
        .setSql(City.select("id"))
        .where([c.id.in(City.select("partOf").where(c.name.eq("x"))), c.weight.notIn(City.select("area"))]),
    sqlite:
      'select "cities"."id" from "geo"."cities" where ("cities"."id" in (select "cities"."part_of" from "geo"."cities" where "cities"."name" = ?)) and (rowkeeper_decimal("cities"."weight") not in (select rowkeeper_decimal("cities"."area") from "geo"."cities"))',
    postgres:
      'select "cities"."id" from "geo"."cities" where ("cities"."id" in (select "cities"."part_of" from "geo"."cities" where "cities"."name" = $1)) and ("cities"."weight" not in (select "cities"."area" from "geo"."cities"))',
    values: ["x"],
  },
  "a common table expression": {
    chain: (o) =>
      o
        .setSql(big.select(["name"]))
        .where(big.c.id.ne(4))
        .orderBy("-name"),
    sqlite:
      'with "big" ("id", "name") as (select "cities"."id", "cities"."name" from "geo"."cities" where "cities"."people" > ? limit ? + 0) select "big"."name" from "big" where "big"."id" <> ? order by "big"."name" desc',
    postgres:
      'with "big" ("id", "name") as (select "cities"."id", "cities"."name" from "geo"."cities" where "cities"."people" > $1 limit $2) select "big"."name" from "big" where "big"."id" <> $3 order by "big"."name"::text collate "C" desc',
    values: [5, 3, 4],
  },
  "a common table expression of groups, in a list": {
    chain: (o) => o.setSql(City.select("id")).where(c.name.in(sizes.select("first").where(sizes.c.n.gt(1)))),
    sqlite:
      'select "cities"."id" from "geo"."cities" where "cities"."name" in (with "sizes" ("first", "n") as (select min("cities"."name") as "first", count(*) as "n" from "geo"."cities" group by "cities"."part_of") select "sizes"."first" from "sizes" where "sizes"."n" > ?)',
    postgres:
      'select "cities"."id" from "geo"."cities" where "cities"."name" in (with "sizes" ("first", "n") as (select min("cities"."name"::text collate "C")::text collate "C" as "first", count(*) as "n" from "geo"."cities" group by "cities"."part_of") select "sizes"."first" from "sizes" where "sizes"."n" > $1)',
    values: [1],
  },
  "a common table expression that names itself": {
    chain: (o) => o.setSql(steps.select({ most: max("n") })),
    sqlite:
      'with recursive "steps" ("n") as (select ? union all select n + 1 from steps where n < ?) select max("steps"."n") as "most" from "steps"',
    postgres:
      'with recursive "steps" ("n") as (select $1 union all select n + 1 from steps where n < $2) select max("steps"."n") as "most" from "steps"',
    values: [1, 9],
  },
  "values inside JSON": {
    chain: (o) =>
      o
        .setSql(
          City.select({
            mayor: c.facts.path("mayor", "name").asText(),
            last: c.facts.path("tags", -1),
            n: c.facts.path("tags").size(),
          }),
        )
        .where(c.facts.path("tags").has("a")),
    sqlite: `select (case when json_type(nullif("cities"."facts" -> ?, 'null')) = 'text' then json_extract(nullif("cities"."facts" -> ?, 'null'), '$') end) as "mayor", nullif("cities"."facts" -> ?, 'null') as "last", (case when json_type(nullif("cities"."facts" -> ?, 'null')) = 'array' then json_array_length(nullif("cities"."facts" -> ?, 'null')) end) as "n" from "geo"."cities" where (case when nullif("cities"."facts" -> ?, 'null') is not null then exists (select 1 from json_each(nullif("cities"."facts" -> ?, 'null')) as item where json_type(nullif("cities"."facts" -> ?, 'null')) = 'array' and item.type = 'text' and item.value = ?) end)`,
    postgres: `select (case when jsonb_typeof(nullif("cities"."facts" -> $1::text -> $2::text, 'null'::jsonb)) = 'string' then (nullif("cities"."facts" -> $1::text -> $2::text, 'null'::jsonb) #>> '{}') end)::text collate "C" as "mayor", nullif(jsonb_path_query_first("cities"."facts", $3::jsonpath, '{}', true), 'null'::jsonb) as "last", (case when jsonb_typeof(nullif("cities"."facts" -> $4::text, 'null'::jsonb)) = 'array' then jsonb_array_length(nullif("cities"."facts" -> $4::text, 'null'::jsonb)) end) as "n" from "geo"."cities" where (nullif("cities"."facts" -> $4::text, 'null'::jsonb) @> $5::jsonb)`,
    values: [
      '$."mayor"."name"',
      '$."mayor"."name"',
      '$."tags"[#-1]',
      '$."tags"',
      '$."tags"',
      '$."tags"',
      '$."tags"',
      '$."tags"',
      "a",
    ],
    postgresValues: ["mayor", "name", 'strict $."tags"[last - 0]', "tags", '["a"]'],
  },
  "text without capitals": {
    chain: (o) => o.setSql(City.select("id")).where([c.name.iEq("É"), c.name.ilike("X%"), c.name.iContains("*A%")]),
    sqlite:
      'select "cities"."id" from "geo"."cities" where (rowkeeper_lower("cities"."name") = ?) and (rowkeeper_lower("cities"."name") like ?) and (rowkeeper_lower("cities"."name") glob ?)',
    postgres:
      'select "cities"."id" from "geo"."cities" where (lower(("cities"."name")::text collate "und-x-icu") = $1) and (lower(("cities"."name")::text collate "und-x-icu") like $2) and (lower(("cities"."name")::text collate "und-x-icu")::text like $3)',
    values: ["é", "x%", "*[*]a%*"],
    postgresValues: ["é", "x%", "%*a\\%%"],
  },
  arithmetic: {
    chain: (o) => o.setSql(City.select({ a: c.people.plus(1), b: c.area.times(c.people).minus("0.5") })).orderBy("id"),
    sqlite:
      'select ("cities"."people" + cast(? as integer)) as "a", rowkeeper_subtract(rowkeeper_multiply("cities"."area", "cities"."people"), ?) as "b" from "geo"."cities" order by "cities"."id"',
    postgres:
      'select ("cities"."people"::bigint + $1) as "a", (("cities"."area"::numeric * "cities"."people")::numeric - $2) as "b" from "geo"."cities" order by "cities"."id"',
    values: [1, "0.5"],
  },
};

describe("the SQL of", () => {
  for (const [name, { chain, ...wanted }] of Object.entries(CASES)) {
    test(`${name}, in both dialects, binds every value (S15)`, () => {
      const made = { sqlite: chain(sqlite).toSql(), postgres: chain(postgres).toSql() };
      assert.equal(made.sqlite.text, wanted.sqlite);
      assert.equal(made.postgres.text, wanted.postgres);
      assert.deepEqual(made.sqlite.values, wanted.values);
      assert.deepEqual(made.postgres.values, wanted.postgresValues ?? wanted.values);
    });
  }
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  alias,
  count,
  Database,
  deleteFrom,
  exists,
  integer,
  Model,
  max,
  rank,
  sql,
  updateTable,
} from "../../src/index.js";
import { RELATED } from "../../src/sql/related.js";
import { sourceOf } from "../../src/sql/source.js";
import { Statement } from "../../src/sql/statement.js";
import { Company, Employee, Friendship, type Untyped, untyped } from "./related-models.js";

// Nothing connects: texts are made without a database.
const sqlite = new Database("sqlite::memory:").objects(Employee);
const postgres = new Database("postgres://nobody@localhost:1/nothing").objects(Employee);
const { c } = untyped(Employee.objects);
const one = alias(Employee, "one");

/** A statement of employees' ids, to which conditions can be added. */
const ids = (): Untyped => untyped(Employee.select("id"));

const COMPANY =
  '"employees.company" on ("employees"."company_id" = "employees.company"."id") and ("employees.company"."closed_at" is null)';
const BOSS = '"employees.boss" on "employees"."boss_id" = "employees.boss"."id"';
const IDS = 'select "employees"."id" from "employees"';
const WITH_COMPANY = `${IDS} left join "companies" as ${COMPANY}`;

interface Case {
  readonly statement: Untyped;
  readonly text: string;
  /** Where it differs by more than its placeholders. */
  readonly postgres?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "a path is a left join, one however often it is used": {
    statement: ids()
      .where({ "company.name": "x" })
      .where({ "company.id": [1, 2] })
      .orderBy("-company.id"),
    text: `${WITH_COMPANY} where ("employees.company"."name" = ?) and ("employees.company"."id" in (select value from json_each(?))) order by "employees.company"."id" desc`,
    postgres: `${WITH_COMPANY} where ("employees.company"."name" = ?) and ("employees.company"."id" = any(?)) order by "employees.company"."id" desc nulls last`,
  },
  "a step of a path that is one already is not joined again": {
    statement: ids().where([{ "boss.boss.name": "x" }, { "boss.name": "y" }]),
    text: `${IDS} left join "employees" as ${BOSS} left join "employees" as "employees.boss.boss" on "employees.boss"."boss_id" = "employees.boss.boss"."id" where ("employees.boss.boss"."name" = ?) and ("employees.boss"."name" = ?)`,
  },
  "a path in an order alone": {
    statement: ids().orderBy(["boss.name", "id"]),
    text: `${IDS} left join "employees" as ${BOSS} order by "employees.boss"."name", "employees"."id"`,
    postgres: `${IDS} left join "employees" as ${BOSS} order by "employees.boss"."name"::text collate "C" nulls first, "employees"."id"`,
  },
  "paths in the list, groups, having and windows": {
    statement: untyped(Employee)
      .select({
        name: c.boss.name,
        n: count(),
        best: max(c.badge.code),
        place: rank().over({ orderBy: c.boss.name.asc() }),
      })
      .groupBy(c.boss.name)
      .having(c.boss.name.ne("x")),
    text: `select "employees.boss"."name", count(*) as "n", max("employees.badge"."code") as "best", rank() over (order by "employees.boss"."name") as "place" from "employees" left join "employees" as ${BOSS} left join "badges" as "employees.badge" on "employees"."id" = "employees.badge"."holder_id" group by "employees.boss"."name" having "employees.boss"."name" <> ?`,
    postgres: `select "employees.boss"."name", count(*) as "n", max("employees.badge"."code"::text collate "C")::text collate "C" as "best", rank() over (order by "employees.boss"."name"::text collate "C" nulls first) as "place" from "employees" left join "employees" as ${BOSS} left join "badges" as "employees.badge" on "employees"."id" = "employees.badge"."holder_id" group by "employees.boss"."name" having "employees.boss"."name" <> ?`,
  },
  "a path from an alias": {
    statement: untyped(one.select("id")).where({ "boss.name": "x" }),
    text: 'select "one"."id" from "employees" as "one" left join "employees" as "one.boss" on "one"."boss_id" = "one.boss"."id" where "one.boss"."name" = ?',
  },
  "a path that a select inside uses is joined where its table is": {
    statement: ids().where(exists(one.select("id").where(c.company.name.eq("x")))),
    text: `${WITH_COMPANY} where exists (select "one"."id" from "employees" as "one" where "employees.company"."name" = ?)`,
  },
  "a path of a select inside is joined there": {
    statement: untyped(Company.select("id")).where(exists(ids().where({ "company.name": "x" }))),
    text: `select "companies"."id" from "companies" where (exists (${WITH_COMPANY} where "employees.company"."name" = ?)) and ("companies"."closed_at" is null)`,
  },
  "a select whose values are asked for": {
    statement: ids().where(Employee.c.id.in(untyped(Employee).select({ id: c.boss.id }).where({ "company.id": 1 }))),
    text: `${IDS} where "employees"."id" in (select "employees.boss"."id" from "employees" left join "employees" as ${BOSS} left join "companies" as ${COMPANY} where "employees.company"."id" = ?)`,
  },
  "some of a to-many": {
    statement: untyped(Company.select("id")).where({ employees: { some: Employee.c.name.eq("x") } }),
    text: 'select "companies"."id" from "companies" where (exists (select 1 from "employees" where ("companies"."id" = "employees"."company_id") and ("employees"."name" = ?))) and ("companies"."closed_at" is null)',
  },
  "none of a to-many, and every": {
    statement: ids().where({ reports: { none: {}, every: { name: "x" } } }),
    text: `${IDS} where (not (exists (select 1 from "employees" as "employees.reports rows" where "employees"."id" = "employees.reports rows"."boss_id"))) and (not (exists (select 1 from "employees" as "employees.reports rows" where ("employees"."id" = "employees.reports rows"."boss_id") and (("employees.reports rows"."name" = ?) is not true))))`,
  },
  "rows related by a third table, of which none is deleted softly": {
    statement: ids().where({ skills: { some: { rank: 1 } } }),
    text: `${IDS} where exists (select 1 from "skills" inner join "masteries" on ("masteries"."person_id" = "employees"."id") and (("masteries"."area" = "skills"."area") and ("masteries"."skill" = "skills"."name")) where ("skills"."gone" is null) and ("masteries"."lost_at" is null) and ("skills"."rank" = ?))`,
  },
  "one that fulfils conditions, and one whose to-many does": {
    statement: ids().where({ company: { name: "x", "ceo.name": "y" }, "boss.reports": { some: { age: 1 } } }),
    text: `${IDS} left join "employees" as ${BOSS} where (exists (select 1 from "companies" left join "employees" as "companies.ceo" on "companies"."ceo_id" = "companies.ceo"."id" where ("employees"."company_id" = "companies"."id") and ("companies"."closed_at" is null) and ("companies"."name" = ?) and ("companies.ceo"."name" = ?))) and (exists (select 1 from "employees" as "employees.boss.reports rows" where ("employees.boss"."id" = "employees.boss.reports rows"."boss_id") and ("employees.boss.reports rows"."age" = ?)))`,
  },
  "a table that stands further out has another name inside": {
    statement: untyped(Company.select("id")).where({
      employees: { some: { company: { employees: { none: { "boss.id": 1 } } } } },
    }),
    text: 'select "companies"."id" from "companies" where (exists (select 1 from "employees" where ("companies"."id" = "employees"."company_id") and (exists (select 1 from "companies" as "employees.company rows" where ("employees"."company_id" = "employees.company rows"."id") and ("employees.company rows"."closed_at" is null) and (not (exists (select 1 from "employees" as "employees.company rows.employees rows" left join "employees" as "employees.company rows.employees rows.boss" on "employees.company rows.employees rows"."boss_id" = "employees.company rows.employees rows.boss"."id" where ("employees.company rows"."id" = "employees.company rows.employees rows"."company_id") and ("employees.company rows.employees rows.boss"."id" = ?)))))))) and ("companies"."closed_at" is null)',
  },
  "ids in a text": {
    statement: ids().where({ places: { some: { name: "x" } } }),
    text: `${IDS} where exists (select 1 from "places" where (instr(',' || nullif("employees"."place_ids", '') || ',', ',' || cast("places"."id" as text) || ',') > 0) and ("places"."name" = ?))`,
    postgres: `${IDS} where exists (select 1 from "places" where (strpos(',' || nullif("employees"."place_ids", '') || ',', ',' || cast("places"."id" as text) || ',') > 0) and ("places"."name" = ?))`,
  },
  "the number of a to-many, selected and asked for again": {
    statement: untyped(Company)
      .select({ n: untyped(Company.objects).c.employees.count({ name: "x" }) })
      .where(untyped(Company.objects).c.employees.count({ name: "x" }).gt(2)),
    text: 'select (select count(*) from "employees" where ("companies"."id" = "employees"."company_id") and ("employees"."name" = ?)) as "n" from "companies" where ((select count(*) from "employees" where ("companies"."id" = "employees"."company_id") and ("employees"."name" = ?)) > ?) and ("companies"."closed_at" is null)',
  },
  "an update has a select of what a path leads to": {
    statement: untyped(updateTable(Employee)).values({ note: c.company.name }).where({ "boss.company.name": "x" }),
    text: 'update "employees" set "note" = (select "employees.company"."name" from "companies" as "employees.company" where ("employees"."company_id" = "employees.company"."id") and ("employees.company"."closed_at" is null)) where (select "employees.boss.company"."name" from "employees" as "employees.boss" inner join "companies" as "employees.boss.company" on ("employees.boss"."company_id" = "employees.boss.company"."id") and ("employees.boss.company"."closed_at" is null) where "employees"."boss_id" = "employees.boss"."id") = ?',
  },
  "a delete as well, and a select inside it joins": {
    statement: untyped(deleteFrom(Employee)).where({ "boss.name": "x", reports: { some: { "boss.name": "y" } } }),
    text: 'delete from "employees" where ((select "employees.boss"."name" from "employees" as "employees.boss" where "employees"."boss_id" = "employees.boss"."id") = ?) and (exists (select 1 from "employees" as "employees.reports rows" left join "employees" as "employees.reports rows.boss" on "employees.reports rows"."boss_id" = "employees.reports rows.boss"."id" where ("employees"."id" = "employees.reports rows"."boss_id") and ("employees.reports rows.boss"."name" = ?)))',
  },
  "sql text gives no columns of what a path leads to": {
    statement: untyped(sqlite.setSql(sql`select * from employees`)).where({ "boss.name": "x" }),
    text: 'select * from (\nselect * from employees\n) as "employees" where (select "employees.boss"."name" from "employees" as "employees.boss" where "employees"."boss_id" = "employees.boss"."id") = ?',
  },
};

/** The text, with a question mark for each placeholder. */
function textOf(objects: typeof sqlite, { statement }: Case): string {
  const chain = "toSql" in statement ? statement : untyped(objects).setSql(statement);
  return chain.toSql().text.replace(/\$\d+/g, "?");
}

describe("statements across relations", () => {
  for (const [name, wanted] of Object.entries(CASES)) {
    test(`${name} (Q13)`, () => {
      assert.equal(textOf(sqlite, wanted), wanted.text);
      if (!("toSql" in wanted.statement)) assert.equal(textOf(postgres, wanted), wanted.postgres ?? wanted.text);
    });
  }

  test("the same count is bound once where it can be", () => {
    const n = untyped(Company.objects).c.employees.count({ name: "x" });
    const statement = untyped(Company).select({ n }).where(n.gt(2));
    assert.deepEqual(untyped(postgres).setSql(statement).toSql().values, ["x", 2]);
    assert.deepEqual(untyped(sqlite).setSql(statement).toSql().values, ["x", "x", 2]);
  });

  test("in the condition of a join, before which nothing can be joined any more, a path is a select", () => {
    const [source, joined] = [sourceOf(Employee), sourceOf(Friendship)];
    const on = c.boss.id.eq(Friendship.c.aId);
    const joins = [{ kind: "inner", source: joined, on }] as const;
    const conditions = [c.boss.name.eq("x")];
    const output = [source.table.column("id")];
    const statement = new Statement({ verb: "select", source, output, joins, conditions, orders: [] });
    assert.equal(
      textOf(sqlite, { statement: untyped(statement), text: "" }),
      `${IDS} inner join "friendships" on (select "employees.boss"."id" from "employees" as "employees.boss" where "employees"."boss_id" = "employees.boss"."id") = "friendships"."a_id" left join "employees" as ${BOSS} where "employees.boss"."name" = ?`,
    );
  });

  test("a name that would be too long is cut, and stays another's than any else", () => {
    const long = `a${"ä".repeat(30)}`;
    class Link extends Model("links", { id: integer().primaryKey(), nextId: integer() }) {}
    for (const name of [`${long}1`, `${long}2`]) {
      Object.defineProperty(Link.prototype, name, {
        configurable: true,
        get: () => ({
          [RELATED]: () => ({
            name,
            target: sourceOf(Link),
            isMany: false,
            isUnique: true,
            via: undefined,
            on: (own: typeof Link.prototype, target: typeof Link.prototype) =>
              untyped(own).column("nextId").reference.eq(untyped(target).column("id").reference),
          }),
        }),
      });
    }
    const { text } = untyped(sqlite)
      .setSql(untyped(Link.select("id")).where({ [`${long}1.id`]: 1, [`${long}2.${long}1.id`]: 1 }))
      .toSql();
    const names = [...new Set(text.match(/(?<=as ")[^"]+/g))];
    assert.equal(names.length, 3);
    for (const name of names) assert.ok(Buffer.byteLength(String(name)) <= 63 && String(name).includes("."));
  });
});

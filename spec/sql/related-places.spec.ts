import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { count, expression, not, sql, sum, text, UsageError } from "../../src/index.js";
import { holdsId } from "../../src/sql/id-list.js";
import { countItem } from "../../src/sql/related-expressions.js";
import { sourceOf } from "../../src/sql/source.js";
import { Statement } from "../../src/sql/statement.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Badge, Company, Employee, Locker, RELATED_MODELS, untyped } from "./related-models.js";

const employees = untyped(Employee.objects);
const { c } = employees;
const namesOf = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name).sort();
const chosen = async (where: unknown) => namesOf(await employees.getInstances({ where }));

/** Ann leads acme and bob, who has no age; cyd's company was closed, and dan's is not there. */
async function fill(): Promise<void> {
  await Company.objects.insertMany([
    { name: "acme", ceoId: 1 },
    { name: "shut", closedAt: new Date(0) },
  ]);
  await Employee.objects.insertMany([
    { name: "ann", age: 50, companyId: 1 },
    { name: "bob", bossId: 1, companyId: 1 },
    { name: "cyd", age: 20, bossId: 1, companyId: 2 },
    { name: "dan", age: 30, bossId: 2, companyId: 9 },
  ]);
  await Badge.objects.insert({ code: "k1", holderId: 2 });
  await Locker.objects.insertMany([{ ownerId: 1 }, { ownerId: 1 }]);
}

eachEngine((engine) => {
  describe("relations in queries", () => {
    test("null at the end of a path is the value's, or that a step is missing; of a relation, that there is none (Q13)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      assert.deepEqual(await chosen({ "company.name": null }), ["cyd", "dan"]);
      assert.deepEqual(await chosen({ company: null }), ["cyd", "dan"]);
      assert.deepEqual(await chosen({ company: {} }), ["ann", "bob"]);
      assert.deepEqual(await chosen({ "badge.level": null }), ["ann", "bob", "cyd", "dan"]);
      assert.deepEqual(await chosen({ badge: { level: null } }), ["bob"]);
      assert.deepEqual(await chosen(not(c.company.name.eq("other"))), ["ann", "bob"]);
    });

    test("a row of which the condition is unknown does not fulfil it: every says no (Q13)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      assert.deepEqual(await chosen({ reports: { every: Employee.c.name.ne("nobody") } }), [
        "ann",
        "bob",
        "cyd",
        "dan",
      ]);
      assert.deepEqual(await chosen({ reports: { every: { age: [20, 30] } } }), ["bob", "cyd", "dan"]);
      assert.deepEqual(await chosen({ reports: { some: { age: 20 }, none: { age: 30 } } }), ["ann"]);
    });

    test("in a relation of a model to itself, its columns are those of the row that they stand under (Q13)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      assert.deepEqual(await chosen({ reports: { some: Employee.c.name.eq("bob") } }), ["ann"]);
      assert.deepEqual(await chosen({ company: { employees: { some: { name: "bob" } } } }), ["ann", "bob"]);
      const companies = untyped(Company.objects);
      const leadByStaff = { employees: { some: Employee.c.name.eq("ann") }, ceo: Employee.c.age.gt(40) };
      assert.deepEqual(namesOf(await companies.getItems({ where: leadByStaff })), ["acme"]);
    });

    test("paths stand wherever expressions do (Q13)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      const select = untyped(Employee).select({ boss: c.boss.name, n: count(), years: sum(c.age) });
      const groups = await employees.setSql(select.groupBy(c.boss.name).orderBy(c.boss.name.asc())).fetchall();
      assert.deepEqual(groups, [
        { boss: null, n: 1, years: 50 },
        { boss: "ann", n: 2, years: 20 },
        { boss: "bob", n: 1, years: 30 },
      ]);
      assert.deepEqual(
        await employees.aggregate(
          { boss: c.boss.name, n: count({ where: c.company.name.eq("acme") }) },
          { groupBy: "boss", orderBy: "boss" },
        ),
        [
          { boss: null, n: 1 },
          { boss: "ann", n: 1 },
          { boss: "bob", n: 0 },
        ],
      );
      assert.deepEqual(await employees.aggregate({ oldest: sum(c.boss.age) }, { where: { "boss.name": "ann" } }), {
        oldest: 100,
      });
      const loud = expression(text(), sql`${c.boss.name} || ${"!"}`);
      assert.deepEqual(await chosen([loud.eq("bob!"), sql`${c.boss.boss.name} = ${"ann"}`]), ["dan"]);
      assert.equal((await employees.last({ orderBy: "boss.name" })).name, "dan");
      const streamed: string[] = [];
      for await (const { name } of employees.stream({ where: { "boss.name": "ann" }, orderBy: "-name" }))
        streamed.push(name);
      assert.deepEqual(streamed, ["cyd", "bob"]);
      assert.equal(typeof (await employees.explain({ where: { "boss.name": "ann" } })), "string");
      assert.equal(await employees.count({ where: { "boss.name": ["ann", "bob"] } }), 3);
    });

    test("an update may set what a path leads to, and choose rows by it (Q13)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      assert.equal(await employees.update({ "boss.name": "ann" }, { note: c.company.name }), 2);
      const notes = await Employee.objects.getItems({ columns: ["note"], orderBy: "id" });
      assert.deepEqual(
        notes.map(({ note }) => note),
        [null, "acme", null, null],
      );
      assert.equal(await employees.delete({ boss: { reports: { some: { name: "cyd" } } } }), 2);
      assert.deepEqual(await chosen(undefined), ["ann", "dan"]);
    });

    test("rows that paths choose are locked, and no others", async () => {
      await using db = await open(engine, RELATED_MODELS);
      await fill();
      await using tx = Employee.objects.transaction();
      const texts = await statementsOf(db, async () => {
        const rows = await untyped(tx).getInstances({
          where: { "boss.name": "ann" },
          lock: "update",
          skipLocked: true,
        });
        assert.deepEqual(namesOf(rows), ["bob", "cyd"]);
        await untyped(tx).getInstances({ where: { boss: { name: "ann" } }, lock: "share" });
      });
      if (engine.dialect === "sqlite") return;
      const selects = texts.filter((text) => text.startsWith("select"));
      assert.match(String(selects[0]), / for update of "employees" skip locked$/);
      assert.match(String(selects[1]), /\) for share$/);
    });

    test("rows that were deleted softly are on no way, though those of the model itself are asked for", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      const companies = untyped(Company.objects.withDeleted());
      assert.deepEqual(namesOf(await companies.getItems({ where: { employees: { some: { company: {} } } } })), [
        "acme",
      ]);
      assert.deepEqual(namesOf(await companies.getItems({ where: { employees: { some: {} } } })), ["acme", "shut"]);
      assert.deepEqual(namesOf(await companies.getItems({ where: companies.c.employees.count().gt(0) })), [
        "acme",
        "shut",
      ]);
    });

    test("the number of a relation's rows is an item of a select (Q15)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await fill();
      const source = sourceOf(Employee);
      const reports = source.related?.("reports") ?? assert.fail();
      const output = [source.table.column("name"), countItem(source, reports, "reportsCount")];
      const statement = new Statement<typeof Employee, unknown>({
        verb: "select",
        source,
        output,
        conditions: [],
        orders: [],
      });
      assert.deepEqual(await Employee.objects.setSql(statement.orderBy("name")).fetchall(), [
        { name: "ann", reportsCount: 2 },
        { name: "bob", reportsCount: 1 },
        { name: "cyd", reportsCount: 0 },
        { name: "dan", reportsCount: 0 },
      ]);
    });

    test("a text holds whole ids, and one without any holds none (S56)", async () => {
      await using _db = await open(engine, RELATED_MODELS);
      await Employee.objects.insertMany(
        ["", "1", "11", "1,2", "21,11", "a'b"].map((placeIds) => ({ name: placeIds, placeIds })),
      );
      const holding = async (id: string | number | bigint) =>
        namesOf(
          await Employee.objects.getInstances({ where: holdsId(sourceOf(Employee).table.column("placeIds"), id) }),
        );
      assert.deepEqual(await holding(1), ["1", "1,2"]);
      assert.deepEqual(await holding(11n), ["11", "21,11"]);
      assert.deepEqual(await holding("a'b"), ["a'b"]);
      assert.deepEqual(await holding(""), []);
    });
  });
});

describe("names of relations", () => {
  const company = untyped(Company.objects);
  const refused = (given: unknown) => failureOf(() => untyped(Employee.select("id")).where(given));
  const refusals: readonly [string, unknown, typeof TypeError | typeof UsageError, RegExp][] = [
    ["an unknown one", { compny: { name: "x" } }, TypeError, /no column "compny" \(did you mean "company"\?\)/],
    [
      "an unknown one on the way",
      { "bos.name": "x" },
      TypeError,
      /table employees has no column "bos" \(did you mean "boss"\?\)/,
    ],
    [
      "an unknown one at the end",
      { "company.nme": "x" },
      TypeError,
      /table companies has no column "nme" \(did you mean "name"\?\)/,
    ],
    ["an empty one", { "boss.": "x" }, TypeError, /no column ""/],
    ["a column on the way", { "name.x": 1 }, TypeError, /employees.name is a column/],
    ["a getter that is no relation", { title: "employee" }, TypeError, /table employees has no column "title"$/],
    [
      "a getter that fails without values",
      { initial: "A" },
      TypeError,
      /^the getter initial failed: .* \(table employees has no column "initial"/,
    ],
    ["a to-many on the way", { "reports.name": "x" }, TypeError, /any number of rows: say "reports": \{ some: /],
    ["a to-many by a value", { reports: "x" }, TypeError, /takes \{ some: \{ … \} \}, none or every, not a string/],
    ["a to-many by nothing", { reports: {} }, TypeError, /takes \{ some/],
    ["a to-many by null", { reports: null }, TypeError, /takes \{ some/],
    ["a to-many by conditions without a quantifier", { reports: { name: "x" } }, TypeError, /has no option "name"/],
    ["an unknown quantifier", { reports: { sone: {} } }, TypeError, /has no option "sone" \(did you mean "some"\?\)/],
    ["some undefined", { reports: { some: undefined } }, TypeError, /undefined/],
    ["an undefined relation", { boss: undefined }, TypeError, /boss: where got undefined/],
    ["an unknown name inside", { reports: { some: { nme: 1 } } }, TypeError, /did you mean "name"/],
    ["a value that a column at the end can't hold", { "boss.age": "x" }, TypeError, /employees.boss.age/],
    ["another column's condition", { "boss.name": Employee.c.name.eq("x") }, TypeError, /condition on employees.name/],
    ["an aggregate inside", { reports: { some: sum(Employee.c.age).gt(1) } }, UsageError, /having/],
    ["a way by a key that is not unique", { "locker.id": 1 }, UsageError, /\.unique\(\)/],
  ];
  for (const [what, given, kind, message] of refusals) {
    test(`${what} is refused (S1, S7)`, async () => {
      const error = await refused(given);
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /employee"|"x"/);
    });
  }

  test("in an order as well, where a relation by itself has none", async () => {
    const ordered = (by: string) => failureOf(() => untyped(Employee.select("id")).orderBy(by));
    assert.match((await ordered("boss")).message, /"boss" is a relation .* name a column of it/);
    assert.match((await ordered("-boss.nme")).message, /no column "nme"/);
    assert.match((await ordered("reports.name")).message, /any number of rows/);
    assert.ok((await ordered("locker.id")) instanceof UsageError);
  });

  test("expressions are made once, of relations on use, and of nothing else", async () => {
    assert.equal(employees.c, employees.c);
    assert.equal(c.boss.name, c.boss.name);
    assert.equal(c.name, Employee.c.name);
    assert.equal(company.c.ceo.boss.company.name, company.c.ceo.boss.company.name);
    assert.equal(c.title, undefined);
    assert.equal(c.nothing, undefined);
    assert.deepEqual(Object.keys(c), Object.keys(Employee.c));
    assert.ok(Object.isFrozen(c));
    assert.ok((await failureOf(() => c.locker)) instanceof UsageError);
    assert.ok((await failureOf(() => c.reports.some({ nme: 1 }))) instanceof TypeError);
  });

  test("ids in a text are no other's, and have no comma (S56)", async () => {
    const { table } = sourceOf(Employee);
    const ids = table.column("placeIds");
    assert.ok((await failureOf(() => holdsId(ids, "1,2"))) instanceof UsageError);
    assert.ok((await failureOf(() => holdsId(ids, "\0"))) instanceof TypeError);
    assert.ok((await failureOf(() => holdsId(table.column("age"), 1))) instanceof TypeError);
    assert.ok((await failureOf(() => untyped({ holdsId }).holdsId(ids, null))) instanceof TypeError);
  });
});

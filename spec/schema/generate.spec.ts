import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import * as tour from "../../examples/tour/models.js";
import { type AnyModel, Model, text } from "../../src/index.js";
import { createStatements } from "../../src/schema/ddl.js";
import { modelsSource } from "../../src/schema/generate.js";
import { postgresDialect } from "../../src/sql/postgres-dialect.js";
import { sourceOf } from "../../src/sql/source.js";
import { sqliteDialect } from "../../src/sql/sqlite-dialect.js";
import type { Table } from "../../src/sql/table.js";
import { Workshop } from "../readme/workshop.js";
import { MANY_MODELS, seed } from "../relations/many-models.js";
import { BLOG } from "../relations/one-models.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { ODD_MODELS } from "./odd-models.js";

const tablesOf = (models: readonly AnyModel[]): Table[] => models.map((model) => sourceOf(model).table);

/** What both engines make of the tables, in the order of their names. */
function statementsFor(models: readonly AnyModel[]): string[] {
  const nameOf = ({ table }: AnyModel): string => table;
  const tables = tablesOf([...models].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)));
  return [sqliteDialect, postgresDialect].flatMap((dialect) => createStatements(tables, dialect));
}

/** Queries that are the same of the models as they were written, and as they are generated. */
const QUERIES = `
export const answers = async (): Promise<unknown> => [
  await User.objects.get({ where: { name: "u1" }, prefetch: "posts.tags" }).then((user) => [
    user.name,
    user.posts.secondary.map((post) => [post.title, post.tags.secondary.map(({ label }) => label)]),
  ]),
  await Post.objects
    .getInstances({ selectRelated: "author", where: { "author.rank": 1 }, orderBy: ["-title"], withCount: ["tags", "marks"] })
    .then((posts) => posts.map((post) => [post.title, post.author.secondary?.name, post.tagsCount, post.marksCount])),
  await User.objects.count({ where: User.objects.c.posts.none() }),
  await User.objects.count({ where: { "boss.name": "u1" } }),
  await Tag.objects.getInstances({ prefetch: "posts" }).then((tags) => tags.map(({ label, posts }) => [label, posts.length])),
  await User.objects.getInstances({ selectRelated: "profile" }).then((users) => users.map(({ profile }) => profile.secondary?.bio)),
  await User.objects.count({ where: { posts: { some: { tags: { some: { label: "t1" } } } } } }),
  await User.find(1).then((user) => user?.data),
];
`;

describe("the source of models", () => {
  let workshop: Workshop;
  before(async () => {
    workshop = await Workshop.open();
  });
  after(() => workshop.close());

  const load = (name: string): Promise<{ models: AnyModel[]; answers: () => Promise<unknown> }> =>
    import(pathToFileURL(join(workshop.folder, name)).href);

  const WORLDS = { tour: tour.models, many: MANY_MODELS, blog: BLOG, odd: ODD_MODELS };
  const sourceFor = (models: readonly AnyModel[], prefix = ""): string => modelsSource(tablesOf(models), { prefix });

  it("compiles under strict, and declares the same tables", async () => {
    for (const [name, models] of Object.entries(WORLDS)) await workshop.write(`${name}.ts`, sourceFor(models));
    await workshop.write("queries.ts", `import { Post, Tag, User } from "./many.js";\n${QUERIES}`);
    const { code, stdout } = await workshop.check();
    assert.equal(code, 0, stdout);
    for (const [name, models] of Object.entries(WORLDS)) {
      const generated = await load(`${name}.ts`);
      assert.deepEqual(statementsFor(generated.models), statementsFor(models), name);
      // And of what was generated the same is generated.
      assert.equal(sourceFor(generated.models), sourceFor(models), name);
    }
  });

  it("is the same in whatever order the tables come", () => {
    for (const models of Object.values(WORLDS)) assert.equal(sourceFor(models.toReversed()), sourceFor(models));
  });

  it("gives relations names that nothing else has", async () => {
    await workshop.write("names.ts", sourceFor(ODD_MODELS));
    const { models } = await load("names.ts");
    const names = models.map((model) => [model.name, sourceOf(model).getters?.join(" ")]);
    assert.deepEqual(Object.fromEntries(names), {
      DateDetail:
        "parent manager managerRow everythingByEverything dateRow dateRowByOtherDayOtherNumber dateDetailsByParent shares table2020Sales",
      DateRow: "dateDetailsByDateRegionDateNumber dateDetailsByOtherDayOtherNumber",
      Everything: "dateDetails",
      ManagerRow: "table2020Sale dateDetailsByManager dateDetailsByHelper",
      Table2020Sale: "managerRowByManagerId shares dateDetails",
      Share: "detail sale",
    });
  });

  it("calls classes by what it is told", () => {
    const classNames = { tour_cities: "Town" };
    const source = modelsSource(tablesOf(tour.models), { prefix: "tour_", classNames });
    const names = Array.from(source.matchAll(/export class (\w+)/g), (match) => match[1]);
    assert.deepEqual(names, ["Border", "Town", "Country", "CountryLanguage", "Language", "Trip"]);
    for (const name of ["a b", "Manager", "", "class"])
      assert.throws(() => modelsSource(tablesOf(tour.models), { classNames: { tour_cities: name } }), {
        name: "UsageError",
      });
    const both = { tour_cities: "Town", tour_trips: "Town" };
    assert.throws(() => modelsSource(tablesOf(tour.models), { classNames: both }), { name: "UsageError" });
  });

  it("tells tables of several schemas apart, and leaves out what refers to a table that is not among them", () => {
    class One extends Model("app.things", { id: text().primaryKey() }) {}
    class Other extends Model("things", { id: text().primaryKey(), oneId: text().references(() => One) }) {}
    const source = modelsSource(tablesOf([One, Other]));
    assert.match(source, /class Thing extends Model\("app\.things"/);
    assert.match(source, /class ThingRow extends Model\("things"/);
    assert.doesNotMatch(modelsSource(tablesOf([Other])), /references|belongsTo/);
  });

  eachEngine((engine) => {
    it("gives models that answer as those do from whose tables they were made", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(30);
      await workshop.write("many.ts", sourceFor(MANY_MODELS));
      await workshop.write("generated.ts", `import { Post, Tag, User } from "./many.js";\n${QUERIES}`);
      const written = pathToFileURL(join(import.meta.dirname, "../relations/many-models.ts")).href;
      await workshop.write("written.ts", `import { Post, Tag, User } from "${written}";\n${QUERIES}`);
      const expected = await (await load("written.ts")).answers();
      db.bind(...(await load("many.ts")).models);
      assert.deepEqual(await (await load("generated.ts")).answers(), expected);
    });
  });
});

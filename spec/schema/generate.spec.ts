import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import * as fc from "fast-check";
import { readWorld } from "../../examples/tour/data.js";
import * as tour from "../../examples/tour/models.js";
import {
  type AnyModel,
  array,
  Database,
  generateModels,
  integer,
  Model,
  numeric,
  oneOf,
  sql,
  text,
  timestamp,
} from "../../src/index.js";
import { createStatements } from "../../src/schema/ddl.js";
import { modelsSource } from "../../src/schema/generate.js";
import { postgresDialect } from "../../src/sql/postgres-dialect.js";
import { sourceOf } from "../../src/sql/source.js";
import { sqliteDialect } from "../../src/sql/sqlite-dialect.js";
import { Table } from "../../src/sql/table.js";
import { Workshop } from "../readme/workshop.js";
import { MANY_MODELS, seed, untyped } from "../relations/many-models.js";
import { BLOG } from "../relations/one-models.js";
import { eachEngine, makeSchema } from "../support/engines.js";
import { open, openAt } from "../support/open.js";
import { ODD_MODELS } from "./odd-models.js";
import { schemas } from "./schemas.js";

const tablesOf = (models: readonly AnyModel[]): Table[] => models.map((model) => sourceOf(model).table);

/** What both engines make of the tables, in the order of their names. */
function statementsFor(models: readonly AnyModel[]): string[] {
  const nameOf = ({ table }: AnyModel): string => table;
  const tables = tablesOf([...models].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)));
  return [sqliteDialect, postgresDialect].flatMap((dialect) => createStatements(tables, dialect));
}

/** Worlds of which the same is asked by the models as they were written and as they are generated. */
const ASKED = {
  many: {
    models: MANY_MODELS,
    written: "spec/relations/many-models.js",
    prefix: "",
    seed: () => seed(30),
    queries: `import { Post, Tag, User } from "./models.js";

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
`,
  },
  tour: {
    models: tour.models,
    written: "examples/tour/models.js",
    prefix: "tour_",
    seed: seedTour,
    queries: `import { Border, City, Country, CountryLanguage, Language, Trip } from "./models.js";

export const answers = async (): Promise<unknown> => [
  await Country.objects.get({ where: { code: "CH" }, prefetch: ["languages", "cities"] }).then((country) => [
    country.data,
    country.languages.secondary.map(({ name }) => name),
    country.cities.length,
  ]),
  await Language.objects
    .getInstances({ where: { countries: { some: { region: "Oceania" } } }, orderBy: ["name"], withCount: "countries" })
    .then((languages) => languages.map(({ name, countriesCount }) => [name, countriesCount])),
  await City.objects.getInstances({ selectRelated: "country", where: { "country.landlocked": true }, orderBy: "-population" })
    .then((cities) => cities.map(({ data, country }) => [data, country.secondary.officialName])),
  await CountryLanguage.find({ countryCode: "CH", languageCode: "roh" }).then((row) => row?.data),
  await Trip.objects.getInstances().then((trips) => trips.map(({ data }) => data)),
  await Border.find({ oneCode: "AT", otherCode: "CH" }).then((row) => row?.data),
  await Border.objects.getItems({ where: { otherCode: "IT" }, orderBy: "oneCode" }),
];
`,
  },
} as const;

async function seedTour(): Promise<void> {
  const { countries, borders, languages, countryLanguages } = readWorld();
  const plain = { fetch: false } as const;
  await tour.Country.objects.insertMany(countries, plain);
  await tour.Border.objects.insertMany(borders, plain);
  await tour.Language.objects.insertMany(languages, plain);
  await tour.CountryLanguage.objects.insertMany(countryLanguages, plain);
  const city = { latitude: 47.5, longitude: 8.25, isCapital: false };
  await tour.City.objects.insertMany([
    { ...city, id: 1, name: "Zürich", countryCode: "CH", population: 341730 },
    { ...city, id: 2, name: "Wien", countryCode: "AT", population: 1691468, isCapital: true },
    { ...city, id: 3, name: "Lyon", countryCode: "FR", population: null },
  ]);
  await tour.Trip.objects.insert({ title: "To Zürich", nights: 2, cityId: 1 });
}

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

  it("declares the same tables", async () => {
    for (const [name, models] of Object.entries(WORLDS)) {
      await workshop.write(`${name}.ts`, sourceFor(models));
      const generated = await load(`${name}.ts`);
      assert.deepEqual(statementsFor(generated.models), statementsFor(models), name);
      // And of what was generated the same is generated.
      assert.equal(sourceFor(generated.models), sourceFor(models), name);
    }
  });

  it("declares the same tables of 100 generated schemas", async () => {
    const generated = fc.sample(schemas, { numRuns: 100, seed: 20_261_121 });
    for (let start = 0; start < generated.length; start += 20) {
      const models = generated.slice(start, start + 20).flatMap((make, i) => make(`s${start + i}_`));
      await workshop.write(`any-${start}.ts`, sourceFor(models));
      assert.deepEqual(statementsFor((await load(`any-${start}.ts`)).models), statementsFor(models));
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

  it("writes SQL so that it is read as it is", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for a value
    const check = sql(["name <> '${a}'"]);
    await workshop.write(
      "read.ts",
      sourceFor([Model("odd", { id: integer().primaryKey(), name: text().check(check) })]),
    );
    const [model] = (await load("read.ts")).models;
    assert.deepEqual(sourceOf(model).table.column("name").settings.checks, [check]);
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

  it("leaves out tables that no model can declare, and says why", async () => {
    const found = { isFound: true };
    const id = integer().primaryKey();
    const refers = integer()
      .nullable()
      .references(() => Odd);
    const Odd = Model("odd", { id });
    const tables = [
      new Table("a.b", { id }, {}, found),
      new Table("odd", { id, price: numeric().unique() }, {}, found),
      new Table("fine", { id, oddId: refers }, {}, found),
    ];
    const source = modelsSource(tables);
    assert.match(
      source,
      /^\/\/ "a\.b" can't have a model: .* dot\n\n\/\/ "odd" can't have a model: odd\.price .*\n\nimport/,
    );
    assert.match(source, /oddId: integer\(\)\.nullable\(\),\n/);
    await workshop.write("fine.ts", source);
    assert.equal((await load("fine.ts")).models.length, 1);
    assert.equal(modelsSource([]), "export const models = [];\n");
  });

  eachEngine((engine) => {
    for (const [name, models] of Object.entries(WORLDS)) {
      it(`is that of the tables that were made from models: ${name}`, async () => {
        const { url } = await engine.fresh();
        await using made = await openAt(url, models);
        const file = `found-${name}-${engine.name.replace(" ", "-")}.ts`;
        await workshop.write(file, await generateModels(made));
        const { models: generated } = await load(file);
        assert.deepEqual(await made.bind(...generated).differences(), []);
      });
    }

    for (const [name, { models, written, prefix, seed, queries }] of Object.entries(ASKED)) {
      it(`gives models that answer as those do that made the tables: ${name}`, async () => {
        await using db = await open(engine, models);
        await seed();
        const file = `asked-${name}-${engine.name.replace(" ", "-")}`;
        await workshop.write(`${file}.ts`, await generateModels(db, { prefix }));
        await workshop.write(`${file}-queries.ts`, queries.replace("./models.js", `./${file}.js`));
        await workshop.write(`written-${name}.ts`, queries.replace("./models.js", `../../${written}`));
        const expected = await (await load(`written-${name}.ts`)).answers();
        db.bind(...(await load(`${file}.ts`)).models);
        assert.deepEqual(await (await load(`${file}-queries.ts`)).answers(), expected);
      });
    }
  });

  it("keeps types that only PostgreSQL has, which can be made, written and compared", async () => {
    const { url, drop } = await makeSchema();
    try {
      await using db = new Database(url);
      await using connection = await db.connect();
      await connection.executeScript(`
        create type mood as enum ('sad', 'ok');
        create table moods (
          id smallint generated by default as identity primary key, mood mood not null default 'ok', moods mood[],
          address inet unique, at timestamptz, code char(3), twice integer generated always as (id * 2) stored,
          no bigint generated always as identity
        );
      `);
      const source = await generateModels(db);
      assert.match(source, /mood: oneOf\("sad", "ok"\)\.postgresType\("mood"\)\.default\("ok"\),\n/);
      assert.match(source, /twice: integer\(\)\.nullable\(\)\.generatedAs\(sql`\(id \* 2\)`\),\n/);
      assert.match(source, /no: bigint\(\)\.defaultSql\(sql`nextval\(.+`\), \/\/ createAll\(\) makes no sequence\n/);
      await workshop.write("moods.ts", source);
      const { models } = await load("moods.ts");
      const moods = untyped(models[0] ?? {}).objects;
      assert.deepEqual(await db.bind(...models).differences(), []);
      await moods.insertMany([{ mood: "sad", moods: ["ok"], address: "::1" }, { mood: "ok" }]);
      assert.equal(await moods.count({ where: { mood: ["sad", "ok"] } }), 2);

      class Made extends Model("made", {
        id: integer().postgresType("int2").primaryKey(),
        mood: oneOf("sad", "ok").postgresType("mood"),
        moods: array(oneOf("sad", "ok")).postgresType("mood[]").nullable(),
        at: timestamp().postgresType("timestamptz").defaultNow(),
      }) {}
      await db.bind(Made).createAll();
      assert.deepEqual(await db.differences(), []);
      await Made.insertMany([{ mood: "sad" }, { mood: "ok", moods: ["sad"] }]);
      await connection.executeScript("alter table made alter mood type text; alter table made alter at type date");
      assert.deepEqual(await db.differences(), [
        "made.mood is text, not mood",
        "made.at is date, not timestamp with time zone",
      ]);
      await using elsewhere = new Database("sqlite::memory:", { models: [Made] });
      await elsewhere.createAll();
      assert.deepEqual(await elsewhere.differences(), []);
    } finally {
      await drop();
    }
    assert.throws(() => integer().postgresType(""), TypeError);
  });

  it("compiles under strict, with its queries", async () => {
    const { code, stdout } = await workshop.check();
    assert.equal(code, 0, stdout);
  });
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { Script } from "node:vm";
import mermaid from "mermaid";
import { models as tour } from "../../examples/tour/models.js";
import { diagram, integer, Model, numeric, oneOf, sql, text } from "../../src/index.js";
import { sourceOf } from "../../src/sql/source.js";
import { Table } from "../../src/sql/table.js";
import { areOverlapping, type Box, type DrawnLine, type DrawnTable, drawingOf, elementOf, partsOf } from "./drawing.js";
import { shop } from "./shop.js";

type Given = Parameters<typeof diagram>[0];

const tables = { tour: tour.map((model) => sourceOf(model).table), shop };

/** What a diagram is to show of a reference: the columns of each pair, `posts.author_id → users.id`. */
function referencesOf(all: readonly Table[]): string[] {
  return all.flatMap((table) =>
    table.foreignKeys.flatMap(({ columns, model, referenced }) => {
      const given = model();
      const target = given instanceof Table ? given : sourceOf(given).table;
      const referred = referenced?.map((property) => target.column(property)) ?? target.key;
      return columns.map(({ name }, i) => `${table.name}.${name} → ${target.name}.${referred[i]?.name}`);
    }),
  );
}

/** The tables as Mermaid's own parser reads them. */
async function parsed(given: Given) {
  const text = diagram(given).mermaid();
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  assert.ok("getEntities" in db && typeof db.getEntities === "function");
  assert.ok("getRelationships" in db && typeof db.getRelationships === "function");
  const entities: Map<string, Entity> = db.getEntities();
  const relationships: Relationship[] = db.getRelationships();
  const nameOf = (id: string) => [...entities].find(([, entity]) => entity.id === id)?.[0];
  return {
    entities,
    relationships: relationships.map(({ entityA, entityB, roleA, relSpec: { cardA, cardB } }) => {
      return `${nameOf(entityA)} ${cardB}, ${nameOf(entityB)} ${cardA}: ${roleA}`;
    }),
  };
}

interface Entity {
  readonly id: string;
  readonly attributes: readonly {
    readonly type: string;
    readonly name: string;
    readonly keys?: string[];
    readonly comment?: string;
  }[];
}

interface Relationship {
  readonly entityA: string;
  readonly entityB: string;
  readonly roleA: string;
  readonly relSpec: { readonly cardA: string; readonly cardB: string };
}

const draw = async (given: Given) => drawingOf(await diagram(given).svg());

const isWithin = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;

/** What is wrong with where things are; nothing where all is well. */
function faultsOf({ paper, tables, lines }: ReturnType<typeof drawingOf>): string[] {
  const faults: string[] = [];
  for (const [i, table] of tables.entries()) {
    if (!isWithin(table, paper)) faults.push(`${table.name} is not on the paper`);
    for (const other of tables.slice(i + 1))
      if (areOverlapping(table, other)) faults.push(`${table.name} overlaps ${other.name}`);
    for (const [k, text] of table.texts.entries()) {
      if (!isWithin(text, table)) faults.push(`${text.text} leaves ${table.name}`);
      for (const other of table.texts.slice(k + 1))
        if (areOverlapping(text, other)) faults.push(`${text.text} overlaps ${other.text} in ${table.name}`);
    }
    for (const line of lines)
      if (partsOf(line).some((part) => areOverlapping(part, table))) faults.push(`${line.label} crosses ${table.name}`);
  }
  for (const line of lines) {
    if (!isAt(line.points.at(0), line.from, tables)) faults.push(`${line.label} doesn't begin at ${line.from}`);
    if (!isAt(line.points.at(-1), line.to, tables)) faults.push(`${line.label} doesn't end at ${line.to}`);
  }
  return faults;
}

/** Whether a line's end is at the side of its table, beside its column. */
function isAt(point: DrawnLine["points"][number] | undefined, end: string, tables: readonly DrawnTable[]): boolean {
  const table = tables.find(({ name }) => end.startsWith(`${name}.`));
  const column = table?.columns.find(({ name }) => end === `${table.name}.${name}`);
  if (point === undefined || table === undefined || column === undefined) return false;
  return (point.x === table.left || point.x === table.right) && point.y > column.top && point.y < column.bottom + 1;
}

class Person extends Model("people", {
  id: integer().primaryKey(),
  name: text(),
  bossId: integer()
    .nullable()
    .references(() => Person),
}) {}
class Passport extends Model("passports", {
  number: text().primaryKey(),
  personId: integer()
    .unique()
    .references(() => Person, { onDelete: "cascade" }),
}) {}
class Seat extends Model(
  "seats",
  {
    row: integer(),
    place: integer(),
    personId: integer()
      .nullable()
      .references(() => Person),
    passport: text().references(() => Passport),
    price: numeric(8, 2),
    state: oneOf("free", "taken"),
  },
  {
    primaryKey: ["row", "place"],
    unique: [["personId", "state"]],
    indexes: [{ columns: ["passport"], unique: true, where: sql`state = 'taken'` }],
  },
) {}
class Ticket extends Model(
  "app.tickets",
  { id: integer().primaryKey(), row: integer(), place: integer().nullable() },
  { foreignKeys: [{ columns: ["row", "place"], references: () => Seat }] },
) {}
const cinema = [Person, Passport, Seat, Ticket];

const HOSTILE = `</text><script>alert("x")</script>&amp;'`;
class Hostile extends Model(HOSTILE, {
  id: integer().primaryKey(),
  breaks: text().column("a\"b' <c>\n\t\u0001`~{}%;#35;\\"),
  pk: text().nullable(),
  blank: text().column(" "),
  wide: text().column("日本語テーブル🎉"),
  turned: text().column("\u202etxt.exe"),
  style: oneOf("<b>", "%%{init}%%", "}", "a~b~c", "\ud800"),
}) {}
class Odd extends Model("style:x#35; end", {
  id: integer()
    .primaryKey()
    .references(() => Hostile),
  class: integer(),
}) {}

describe("a diagram as Mermaid", () => {
  for (const [name, all] of Object.entries(tables))
    it(`has every table, column and reference of the ${name}, to Mermaid's own parser`, async () => {
      const { entities, relationships } = await parsed(all);
      assert.deepEqual(
        [...entities].map(([name, { attributes }]) => [name, attributes.map((each) => each.name)]),
        all.map((table) => [table.name, table.columns.map((column) => column.name)]),
      );
      assert.equal(relationships.length, all.flatMap(({ foreignKeys }) => foreignKeys).length);
    });

  it("has types, marks, what may be null, and how many rows each end stands for", async () => {
    const { entities, relationships } = await parsed(cinema);
    assert.deepEqual(
      entities.get("seats")?.attributes.map(({ type, name, keys, comment }) => [type, name, keys?.join(), comment]),
      [
        ["integer", "row", "PK", undefined],
        ["integer", "place", "PK", undefined],
        ["integer", "person_id", "FK", "null, unique (person_id, state)"],
        ["text", "passport", "FK", undefined],
        ["numeric", "price", undefined, "numeric(8, 2)"],
        ["oneOf", "state", undefined, "oneOf(free, taken), unique (person_id, state)"],
      ].map(([type, name, keys, comment]) => [type, name, keys ?? "", comment ?? ""]),
    );
    assert.deepEqual(relationships, [
      "people ZERO_OR_MORE, people ZERO_OR_ONE: boss_id → id",
      "passports ZERO_OR_ONE, people ONLY_ONE: person_id → id",
      "seats ZERO_OR_MORE, people ZERO_OR_ONE: person_id → id",
      "seats ZERO_OR_MORE, passports ONLY_ONE: passport → number",
      "app.tickets ZERO_OR_MORE, seats ZERO_OR_ONE: row, place → row, place",
    ]);
  });

  it("has names that mean something to Mermaid or to HTML as plain text", async () => {
    const { entities, relationships } = await parsed([Hostile, Odd]);
    assert.equal(entities.size, 2);
    assert.equal(relationships.length, 1);
    assert.doesNotMatch(diagram([Hostile, Odd]).mermaid(), /[<>&`~\\]|%%|\bscript>/);
  });
});

describe("a diagram as SVG", () => {
  for (const [name, all] of Object.entries(tables)) {
    it(`shows every table, column and reference of the ${name}`, async () => {
      const drawing = await draw(all);
      const shown = new Map(drawing.tables.map((table) => [table.name, table.columns.map((column) => column.name)]));
      for (const table of all)
        assert.deepEqual(
          shown.get(table.name),
          table.columns.map((column) => column.name),
        );
      assert.equal(shown.size, all.length);
      assert.deepEqual(drawing.lines.map(({ from, to }) => `${from} → ${to}`).sort(), referencesOf(all).sort());
    });

    it(`has nothing of the ${name} overlap, and each line begin and end at its column`, async () => {
      assert.deepEqual(faultsOf(await draw(all)), []);
    });
  }

  it("shows types, marks, what may be null and what is unique together", async () => {
    const { tables } = await draw(cinema);
    const columnsOf = (name: string) =>
      tables
        .find((table) => table.name === name)
        ?.columns.map(({ marks, name, type }) => `${marks} ${name} ${type}`.trim());
    assert.deepEqual(columnsOf("seats"), [
      "PK row integer",
      "PK place integer",
      "FK person_id integer null",
      "FK passport text",
      "price numeric(8, 2)",
      "state oneOf(free, taken)",
    ]);
    assert.deepEqual(columnsOf("passports"), ["PK number text", "FK UK person_id integer"]);
    assert.deepEqual(tables.find(({ name }) => name === "seats")?.notes, ["unique (person_id, state)"]);
  });

  it("ends lines by how many rows they stand for, an index of some rows being none of all", async () => {
    const { lines } = await draw(cinema);
    assert.deepEqual(
      lines.map(({ from, ends, label }) => [from, ends.join(" to "), label]),
      [
        ["people.boss_id", "many to zero or one", "people (boss_id) → people (id)"],
        ["passports.person_id", "zero or one to one", "passports (person_id) → people (id), on delete cascade"],
        ["seats.person_id", "many to zero or one", "seats (person_id) → people (id)"],
        ["seats.passport", "many to one", "seats (passport) → passports (number)"],
        ["app.tickets.row", "many to zero or one", "app.tickets (row, place) → seats (row, place)"],
        ["app.tickets.place", "many to zero or one", "app.tickets (row, place) → seats (row, place)"],
      ],
    );
    assert.deepEqual(faultsOf(await draw(cinema)), []);
  });

  it("outlines a table that is referred to but was not given, with the columns that are", async () => {
    const { tables } = await draw([Ticket, Passport]);
    assert.deepEqual(
      tables
        .map(({ name, isOutside, columns }) => [name, isOutside, columns.map((column) => column.name).join()])
        .sort(),
      [
        ["app.tickets", false, "id,row,place"],
        ["passports", false, "number,person_id"],
        ["people", true, "id"],
        ["seats", true, "row,place"],
      ],
    );
  });

  it("puts tables that refer to one alone at both of its sides, where there are many", async () => {
    const hub = new Table("hub", { id: integer().primaryKey() });
    const leaves = Array.from({ length: 20 }, (_, i) => {
      return new Table(`leaf_${i}`, { id: integer().primaryKey(), hubId: integer().references(() => hub) });
    });
    const drawing = await draw([hub, ...leaves]);
    assert.deepEqual(faultsOf(drawing), []);
    const middle = drawing.tables.find(({ name }) => name === "hub");
    assert.ok(middle);
    assert.equal(drawing.tables.filter(({ right }) => right < middle.left).length, 10);
  });

  it("draws a hundred tables that refer to each other at random, without end being waited for", {
    timeout: 60_000,
  }, async () => {
    const tables: Table[] = [];
    const refers = (to: number) =>
      integer()
        .nullable()
        .references(() => tables[to % 100]);
    for (let i = 0; i < 100; i++) {
      const columns = { id: integer().primaryKey(), aId: refers(i * 37 + 11), bId: refers(i * i + 5) };
      tables.push(new Table(`t_${i}`, columns));
    }
    const drawing = await draw(tables);
    assert.equal(drawing.tables.length, 100);
    assert.equal(drawing.lines.length, 200);
    assert.deepEqual(faultsOf(drawing), []);
  });

  it("shows names that mean something to XML, that are wide or blank, and letters that XML can't hold", async () => {
    const svg = await diagram([Hostile, Odd]).svg({ title: HOSTILE });
    const drawing = drawingOf(svg);
    assert.deepEqual(faultsOf(drawing), []);
    assert.deepEqual(drawing.tables.map(({ name }) => name).sort(), [HOSTILE, "style:x#35; end"]);
    assert.deepEqual(
      drawing.tables.find(({ name }) => name === HOSTILE)?.columns.map(({ name }) => name),
      ["id", "a\"b' <c>␊␉␁`~{}%;#35;\\", "pk", "␣", "日本語テーブル🎉", "\ufffdtxt.exe", "style"],
    );
    assert.doesNotMatch(svg, /<script/);
  });

  it("takes light and dark as the reader has it, and loads nothing", async () => {
    const svg = await diagram(cinema).svg();
    assert.match(svg, /@media \(prefers-color-scheme:dark\)/);
    assertNothingLoaded(svg);
  });

  it("is the same for the same models", async () => {
    const [one, other] = [diagram(shop), diagram(shop)];
    assert.equal(await one.svg(), await other.svg());
    assert.equal(await one.svg(), await one.svg());
  });

  it("of the tour's models is docs/diagram.svg, which scripts/diagram.ts writes", async () => {
    const kept = await readFile(new URL("../../docs/diagram.svg", import.meta.url), "utf8");
    assert.equal(kept, await diagram(tour).svg({ title: "The tour's tables" }));
  });
});

describe("a diagram as a page", () => {
  it("has the picture, a title and a search, and loads nothing", async () => {
    const html = await diagram(shop).html({ title: "The shop" });
    const [svg = ""] = /<svg.*<\/svg>/s.exec(html) ?? [];
    assert.equal(`${svg}\n`, await diagram(shop).svg({ title: "The shop" }));
    assert.match(html, /<title>The shop<\/title>/);
    assert.match(html, /<input id="search" type="search"/);
    assert.match(html, /prefers-color-scheme:dark/);
    assertNothingLoaded(html);
  });

  it("lets no script run but its own", async () => {
    const html = await diagram([Hostile]).html({ title: HOSTILE });
    const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = ""]) => text);
    const [script = ""] = scripts;
    assert.equal(scripts.length, 1);
    assert.doesNotThrow(() => new Script(script));
    const hash = createHash("sha256").update(script).digest("base64");
    const policy = `default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-${hash}&#39;`;
    assert.ok(html.includes(`<meta http-equiv="Content-Security-Policy" content="${policy}">`));
    const [head = ""] = html.split("<svg");
    assert.ok(head.includes("<h1>&lt;/text&gt;&lt;script&gt;"), "the title is escaped");
  });

  it("has each name that its script looks for", async () => {
    const html = await diagram(cinema).html();
    const [, script = ""] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
    for (const [, id] of script.matchAll(/byId\("(\w+)"\)/g)) assert.ok(html.includes(` id="${id}"`), id);
    for (const [, name] of script.matchAll(/querySelectorAll\("\.(\w+)"\)/g))
      assert.ok(name === "current" || html.includes(`class="${name}"`), name);
    for (const name of ["table", "column", "property", "from-table", "to-table"])
      assert.ok(html.includes(` data-${name}="`), name);
  });
});

/** The names of namespaces are no addresses: nothing asks for them. */
function assertNothingLoaded(text: string): void {
  const rest = text.replaceAll('xmlns="http://www.w3.org/2000/svg"', "");
  assert.doesNotMatch(
    rest,
    /\b(?:src|href|srcset|action|data)\s*=|url\(|@import|https?:|fetch\(|import\(|XMLHttpRequest/,
  );
}

describe("a diagram that can't be", () => {
  it("is refused at once", () => {
    assert.throws(() => diagram([]), { name: "UsageError", message: /await db\.reflect\(\)/ });
    // @ts-expect-error: a model alone
    assert.throws(() => diagram(Person), { name: "TypeError", message: /takes a list of models, not a function/ });
    // @ts-expect-error: a name
    assert.throws(() => diagram(["people"]), { name: "TypeError", message: /a model is a class made by Model/ });
    class Lost extends Model("lost", { id: integer().primaryKey(), row: integer().references(() => Seat) }) {}
    assert.throws(() => diagram([Lost]), { name: "UsageError", message: /whose key is not 1 columns but 2/ });
  });

  it("is refused for an option that it doesn't know, or a title that is no text", async () => {
    // @ts-expect-error: no such option
    await assert.rejects(diagram(cinema).svg({ titel: "x" }), { name: "TypeError", message: /did you mean "title"/ });
    // @ts-expect-error: no text
    await assert.rejects(diagram(cinema).html({ title: 5 }), { name: "TypeError", message: /not a number/ });
  });
});

describe("the reading of drawings", () => {
  it("fails for what is no XML", () => {
    for (const text of ["<a><b></a></b>", "<a>", "<a x=1/>", "<a>&nbsp;</a>", "<a>\u0001</a>", "<a/><b/>"])
      assert.throws(() => elementOf(text), text);
  });
});

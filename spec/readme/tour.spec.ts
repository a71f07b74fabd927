import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { models } from "../../examples/tour/models.js";
import { steps } from "../../examples/tour/steps/index.js";
import { readerBeside } from "../../examples/tour/steps/reader-beside.js";
import { eachEngine } from "../support/engines.js";
import { ROOT, runNode } from "./workshop.js";

/** The tour as `npm start` runs it, on the database of this URL, in a folder that it writes to. */
function tour(url: string, folder: string, args: readonly string[] = []) {
  const env = {
    DATABASE_URL: url,
    NO_COLOR: "1",
    COLUMNS: "80",
    TMPDIR: folder,
    TEMP: folder,
    TSX_TSCONFIG_PATH: join(ROOT, "tsconfig.json"),
  };
  const main = join(ROOT, "examples/tour/main.ts");
  return runNode(["--import", import.meta.resolve("tsx"), main, ...args], { cwd: folder, env, timeout: 300_000 });
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rowkeeper-tour-spec-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The cells of the tables, by row. */
function cellsOf(output: string): string[][] {
  const rows = output.split("\n").filter((line) => line.startsWith("  │ ") && line.endsWith(" │"));
  return rows.map((line) =>
    line
      .split("│")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe("the tour", () => {
  eachEngine(({ name, url: fresh }) => {
    if (name === "sqlite memory") {
      it("says that it wants a file: a reader can't run beside a transaction there", async () => {
        const { code, stderr } = await tour(await fresh(), tmpdir());
        assert.equal(code, 2);
        assert.match(stderr, /database file or a server/);
      });
      return;
    }

    it("runs, and once more on what it left", async () => {
      const url = await fresh();
      await assertRuns(url);
      await assertRuns(url);
    });
  });
});

describe("the tour by a driver of one's own", () => {
  it("runs on PGlite, but for the reader beside a transaction, which one connection hasn't", async () => {
    let stdout = "";
    await inFolder(async (folder) => {
      const run = await tour("", folder, ["--driver", "pglite"]);
      assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
      assert.equal(run.stderr, "");
      stdout = run.stdout;
    });
    const wanted = steps.map(({ title }) => title).filter((title) => title !== readerBeside.title);
    const titles = stdout.match(/^\d+\. .*?(?= {2}|$)/gm);
    assert.deepEqual(titles, ["0. Filling the tables", ...wanted.map((title, at) => `${at + 1}. ${title}`)]);
    const cells = cellsOf(stdout);
    const rowOf = (first: string) => cells.find((row) => row[0] === first);
    assert.deepEqual(rowOf("Algeria"), ["Algeria", "Algiers", "2,381,741", "DZD"]);
    assert.equal(rowOf("committed")?.at(-1), "135,235");
    assert.deepEqual(rowOf("UniqueViolationError"), ["UniqueViolationError", "tour_cities", "id"]);
    assert.deepEqual(rowOf("cities.jsonl")?.slice(0, -1), EXPORTED);
    assertLastSteps(stdout, "pglite");
  });

  it("says which drivers there are", async () => {
    const { code, stderr } = await tour("", tmpdir(), ["--driver", "mysql"]);
    assert.equal(code, 2);
    assert.match(stderr, /pglite/);
  });
});

/** What the tour says of the file that it exports, but for the memory. */
const EXPORTED = ["cities.jsonl", "14", "135,236", "17,715,890"];

function assertRuns(url: string): Promise<void> {
  return inFolder(async (folder) => {
    const { code, stdout, stderr } = await tour(url, folder);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(stderr, "");
    assertTold(stdout, url);
    assertLastSteps(stdout, url);
    const left = (await readdir(folder)).filter((name) => !name.startsWith("tsx-")); // which is tsx's own cache
    assert.deepEqual(left, ["tour.html"], "files that the tour left");
    const page = await readFile(join(folder, "tour.html"), "utf8");
    assert.ok(stdout.includes(pathToFileURL(join(await realpath(folder), "tour.html")).href), "where the picture is");
    for (const model of models) assert.ok(page.includes(model.table), model.table);
  });
}

/** "84 MB" as 84, "under 1 MB" as 1. */
function megabytesOf(cell = ""): number {
  const [, digits] = /^(?:under )?(\d+) MB$/.exec(cell) ?? [];
  return Number(digits);
}

function assertTold(output: string, url: string): void {
  const titles = output.match(/^\d+\. .*?(?= {2}|$)/gm);
  assert.deepEqual(titles, ["0. Filling the tables", ...steps.map(({ title }, at) => `${at + 1}. ${title}`)]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  assert.doesNotMatch(output, /\u001b/, "escape sequences where nobody looks at a terminal");
  const tooWide = output
    .split("\n")
    .filter((line) => line.length > 80 && !/^( {2}(Database|file:)|Done in)/.test(line));
  assert.deepEqual(tooWide, [], "lines wider than 80 columns");

  const cells = cellsOf(output);
  const rowOf = (first: string) => cells.find((row) => row[0] === first);
  const lastCell = (first: string) => rowOf(first)?.at(-1);
  assert.match(output, /135,233 of 135,233 cities in /);
  assert.deepEqual(rowOf("Algeria"), ["Algeria", "Algiers", "2,381,741", "DZD"]);
  assert.equal(lastCell("São Paulo"), "10,021,295");
  assert.equal(lastCell("Kazakhstan"), "2,724,900");
  assert.match(output, /Cities 11 to 15 of the 9,940 in Italy/);
  assert.deepEqual(rowOf("Europe"), ["Europe", "865", "267"]);
  assert.deepEqual(rowOf("CN"), ["CN", "428", "371,542,283", "22,315,474"]);
  assert.deepEqual(rowOf("Kabul"), ["Kabul", "3,043,532", "Afghanistan", "IRN, PAK, TKM, UZB, TJK, CHN"]);
  assert.deepEqual(
    cells.filter(([country]) => country === "BW" || country === "ZA"),
    [
      ["BW", "1", "Gaborone", "208,411"],
      ["BW", "2", "Francistown", "89,979"],
      ["BW", "3", "Molepolole", "63,248"],
      ["ZA", "1", "Cape Town", "3,433,441"],
      ["ZA", "2", "Durban", "3,120,282"],
      ["ZA", "3", "Johannesburg", "2,026,469"],
    ],
  );
  assert.deepEqual(rowOf("South Africa"), ["South Africa", "Cape Town, Durban, Johannesburg, Soweto, Pretoria"]);
  assert.match(output, /Cities loaded for 250 countries: 1130\./);
  assert.ok(
    cells.some((row) => row[0] === "Asia" && row[1] === "284" && row.length === 2),
    "regions of large cities",
  );
  assert.match(output, /Statements sent: 2, the cities' own/);
  assert.deepEqual(rowOf("N'Djamena"), ["N'Djamena", "Chad", "1,284,000"]);
  assert.deepEqual(rowOf("Liechtenstein"), ["Liechtenstein", "Vaduz", "2"]);
  assert.deepEqual(rowOf("Russia"), ["Russia", "14", "39"]);
  assert.match(output, /Statements sent for all 250 countries: 3,/);
  assert.deepEqual(rowOf("Portuguese"), ["Portuguese", "10", "Brazil, Angola, Mozambique"]);
  assert.equal(lastCell("cities changed from 0"), "12,788");
  assert.deepEqual(rowOf("bulkUpdate()"), ["bulkUpdate()", "500", "1", "1,129,641,277"]);
  // On SQLite, in lots of 50.
  const upserts = url.startsWith("sqlite:") ? "10" : "1";
  assert.deepEqual(rowOf("upsertMany()"), ["upsertMany()", "500", upserts, "1,130,141,277"]);
  assert.equal(lastCell("in the first, India's deleted"), "131,731");
  assert.equal(lastCell("rolled back"), "135,233");
  assert.equal(lastCell("committed"), "135,235");
  assert.equal(lastCell("the transaction that deleted them"), "0");
  assert.equal(lastCell("a reader beside it"), "33");
  assert.deepEqual(rowOf("UniqueViolationError"), ["UniqueViolationError", "tour_cities", "id"]);
  assert.deepEqual(rowOf("Country"), ["Country", "55", "0"]);
  assert.deepEqual(rowOf("Border"), ["Border", "12", "0"]);
  assert.deepEqual(rowOf("CountryLanguage"), ["CountryLanguage", "82", "0"]);
  assert.deepEqual(rowOf("City"), ["City", "973", "14,752"]);
  assert.match(output, /There are 250, with 135,235 cities before and\s+135,235 after\./);
  assert.ok(rowOf("1.title") && rowOf("1.nights"), "the refused values");
  assert.match(output, /Statements sent: 0\./);
  assert.deepEqual(rowOf('"By train to Vienna" inserted'), ['"By train to Vienna" inserted', "1", "1"]);
  assert.deepEqual(rowOf("deleted"), ["deleted", "0", "1"]);
  assert.deepEqual(rowOf("restored"), ["restored", "1", "1"]);
  const [streamed, fetched] = [megabytesOf(lastCell("stream()")), megabytesOf(lastCell("getInstances()"))];
  assert.ok(streamed < fetched / 4, `a stream held ${streamed} MB, all instances ${fetched} MB`);
  const written = rowOf("cities.jsonl") ?? [];
  assert.deepEqual(written.slice(0, -1), EXPORTED);
  const exported = megabytesOf(written.at(-1));
  assert.ok(exported < fetched / 3, `an export held ${exported} MB, all instances ${fetched} MB`);
}

/** What the steps after the first tell on whatever takes the tour. */
function assertLastSteps(output: string, url: string): void {
  const cells = cellsOf(output);
  const rowOf = (first: string) => cells.find((row) => row[0] === first);
  assert.deepEqual(
    cells.filter((row) => row.includes("its content is not what its id was made of")),
    [["Vienna", "1,709,384", "its content is not what its id was made of"]],
  );
  const told = output.replace(/\s+/g, " ");
  assert.match(told, /All 241 capitals make the head cd7d816d8706…\./);
  assert.match(told, /by the head and 8 more hashes: true\. Of Vienna as it is now: false\./);
  assert.deepEqual(rowOf("begun"), ["begun", "1,709,383", "1"]);
  assert.deepEqual(rowOf("saved, and committed"), ["saved, and committed", "2,028,289", "2"]);
  assert.deepEqual(rowOf("changed, not committed"), ["changed, not committed", "0", "0"]);
  assert.deepEqual(cells.filter(([when]) => when === "rolled back").at(-1), ["rolled back", "2,028,289", "2"]);

  const saves = url.startsWith("sqlite:") ? "23" : "2";
  assert.deepEqual(rowOf("saveAll(), of two models"), ["saveAll(), of two models", "1,002", saves]);
  assert.match(output, /Cities of Antarctica\s+now: 2\./);

  assert.deepEqual(rowOf("country_code"), ["country_code", "varchar", "false", "", "yes", "tour_countries"]);
  assert.deepEqual(rowOf("id"), ["id", "integer", "false", "primary", "", ""]);
  assert.deepEqual(rowOf("population"), ["population", "integer", "true", "", "", ""]);
  assert.match(output, /db\.differences\(\)\s+is \[\]\./);
  assert.ok(rowOf('export class City extends Model("tour_cities", {'), "the first class");
  assert.ok(rowOf('return belongsTo(this, Country, "countryCode");'), "its relation");
  assert.match(output, /Where Romansh is spoken, by the first model: Switzerland\./);
  assert.equal(rowOf("tour.html")?.[1], String(models.length));

  const slowest = cells.slice(cells.findIndex((row) => row.includes("place") && row.includes("statement")) + 1);
  assert.equal(slowest.length, 10);
  const durations = slowest.map(([duration = ""]) => Number(duration.replaceAll(",", "")));
  assert.deepEqual(
    durations,
    durations.toSorted((a, b) => b - a),
  );
  for (const [, , place = "", statement = ""] of slowest) {
    assert.match(place, /^[a-z-]+\.ts:\d+$/);
    assert.match(statement, /^[a-z]+ /);
  }
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { steps } from "../../examples/tour/steps/index.js";
import { eachEngine } from "../support/engines.js";
import { ROOT, runNode } from "./workshop.js";

/** The tour as `npm start` runs it, on the database of this URL. */
function tour(url: string) {
  const env = { DATABASE_URL: url, NO_COLOR: "1", COLUMNS: "80" };
  return runNode(["--import", "tsx", "examples/tour/main.ts"], { cwd: ROOT, env });
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
        const { code, stderr } = await tour(await fresh());
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

async function assertRuns(url: string): Promise<void> {
  const { code, stdout, stderr } = await tour(url);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.equal(stderr, "");
  assertTold(stdout);
}

function assertTold(output: string): void {
  const titles = output.match(/^\d+\. .*?(?= {2}|$)/gm);
  assert.deepEqual(titles, ["0. Filling the tables", ...steps.map(({ title }, at) => `${at + 1}. ${title}`)]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  assert.doesNotMatch(output, /\u001b/, "escape sequences where nobody looks at a terminal");
  const tooWide = output
    .split("\n")
    .filter((line) => line.length > 80 && !line.startsWith("  Database") && !line.startsWith("Done in"));
  assert.deepEqual(tooWide, [], "lines wider than 80 columns");

  const cells = cellsOf(output);
  const lastCell = (first: string) => cells.find((row) => row[0] === first)?.at(-1);
  assert.match(output, /135,233 of 135,233 cities in /);
  assert.deepEqual(
    cells.find(([country]) => country === "Algeria"),
    ["Algeria", "Algiers", "2,381,741", "DZD"],
  );
  assert.equal(lastCell("São Paulo"), "10,021,295");
  assert.equal(lastCell("Kazakhstan"), "2,724,900");
  assert.match(output, /Cities 11 to 15 of the 9,940 in Italy/);
  assert.deepEqual(
    cells.find(([region]) => region === "Europe"),
    ["Europe", "865", "267"],
  );
  assert.equal(lastCell("cities changed from 0"), "12,788");
  assert.equal(lastCell("in the first, India's deleted"), "131,731");
  assert.equal(lastCell("rolled back"), "135,233");
  assert.equal(lastCell("committed"), "135,235");
  assert.equal(lastCell("the transaction that deleted them"), "0");
  assert.equal(lastCell("a reader beside it"), "33");
  assert.deepEqual(
    cells.find(([error]) => error === "UniqueViolationError"),
    ["UniqueViolationError", "tour_cities", "id"],
  );
  const [streamed, fetched] = [Number(lastCell("stream()")), Number(lastCell("getInstances()"))];
  assert.ok(streamed < fetched / 4, `a stream held ${streamed} MB, all instances ${fetched} MB`);
}

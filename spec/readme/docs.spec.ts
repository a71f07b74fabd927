import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eachEngine } from "../support/engines.js";
import { type Program, printedBy, programsOf, wordsOf } from "./programs.js";
import { ROOT, type Run, Workshop } from "./workshop.js";

const DOCS = join(ROOT, "docs");
const DATABASE = 'new Database("sqlite::memory:"';

interface Page {
  readonly name: string;
  readonly programs: readonly Program[];
}

async function pagesOf(folder: string): Promise<Page[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".md")).sort();
  const read = async (name: string) => {
    const programs = programsOf(await readFile(join(folder, name), "utf8"), `docs/${name}`);
    return { name, programs };
  };
  return Promise.all(names.map(read));
}

const pages = await pagesOf(DOCS);
const fileOf = ({ name }: Page, { line }: Program) => `${name.replace(".md", "")}-line-${line}.ts`;

function assertDone({ code, stdout, stderr }: Run): void {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

describe("the programs of docs/", () => {
  it("are there, one or more on each page", () => {
    assert.ok(pages.length > 0);
    for (const { name, programs } of pages) assert.ok(programs.length > 0, name);
  });

  it("compile as they are written", async () => {
    const workshop = await Workshop.open();
    try {
      for (const page of pages)
        for (const program of page.programs) await workshop.write(fileOf(page, program), program.text);
      assertDone(await workshop.check());
    } finally {
      await workshop.close();
    }
  });

  eachEngine(({ url: fresh }) => {
    let workshop: Workshop;
    before(async () => {
      workshop = await Workshop.open();
    });
    after(() => workshop.close());

    for (const page of pages)
      for (const program of page.programs)
        it(`the one at line ${program.line} of ${page.name} prints what it says, with nothing changed but the URL`, async () => {
          const parts = program.text.split(DATABASE);
          assert.equal(parts.length, 2, `a program of docs/ says ${DATABASE}, …) once`);
          const url = JSON.stringify(await fresh());
          await workshop.write(fileOf(page, program), parts.join(`new Database(${url}`));
          const run = await workshop.run(fileOf(page, program));
          assertDone(run);
          assert.deepEqual(wordsOf(run.stdout), printedBy(program.text));
        });
  });
});

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Database, sql } from "../../src/index.js";
import { eachEngine, makeSchema } from "../support/engines.js";
import { type Program, programsOf } from "./programs.js";
import { ROOT, type Run, Workshop } from "./workshop.js";

const programs = programsOf(await readFile(join(ROOT, "README.md"), "utf8"));
const fileOf = (program: Program) => `readme-line-${program.line}.ts`;

function assertDone({ code, stdout, stderr }: Run): void {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

describe("the programs of README.md", () => {
  let workshop: Workshop;
  let schema: Awaited<ReturnType<typeof makeSchema>>;
  before(async () => {
    [workshop, schema] = await Promise.all([Workshop.open(), makeSchema()]);
    for (const program of programs) await workshop.write(fileOf(program), withServer(program.text, schema.url));
  });
  after(() => Promise.all([workshop.close(), schema.drop()]));

  it("are there", () => {
    assert.ok(programs.length > 0, "README.md has no block fenced as ts");
  });

  it("compile as they are written", async () => {
    assertDone(await workshop.check());
  });

  for (const program of programs) {
    it(`the one at line ${program.line} runs as it is written`, async () => {
      assertDone(await workshop.run(fileOf(program)));
    });
  }
});

describe("the first block of README.md", () => {
  const [first] = programs;

  eachEngine(({ url: fresh }) => {
    it("runs with nothing changed but the URL", async () => {
      assert.ok(first);
      const url = await fresh();
      const workshop = await Workshop.open();
      try {
        await workshop.write("first.ts", withUrl(first.opening, url));
        assertDone(await workshop.run("first.ts"));
        if (url !== "sqlite::memory:") await assertLeft(url);
      } finally {
        await workshop.close();
      }
    });
  });

  it("is examples/quickstart.ts, but for what that prints", async () => {
    assert.ok(first);
    const example = await readFile(join(ROOT, "examples/quickstart.ts"), "utf8");
    assert.deepEqual(essence(example), essence(first.opening));
  });
});

function withServer(text: string, url: string): string {
  return text.replace(/(new Database\()"postgres(?:ql)?:\/\/[^"]*"/g, (_, before) => before + JSON.stringify(url));
}

function withUrl(text: string, url: string): string {
  const parts = text.split('new Database("sqlite::memory:"');
  assert.equal(parts.length, 2, 'the first block says new Database("sqlite::memory:", …) once');
  return parts.join(`new Database(${JSON.stringify(url)}`);
}

/** The program leaves the user and the post of its transaction, and nothing of what came before. */
async function assertLeft(url: string): Promise<void> {
  await using db = new Database(url);
  const users = await db.query(sql`select name, email from users`);
  assert.deepEqual(users, [{ name: "bar", email: "b@example.org" }]);
  const posts = await db.query(sql`select title, email from posts join users on users.id = author_id`);
  assert.deepEqual(posts, [{ title: "Hello", email: "b@example.org" }]);
}

/** The parts of a program, without imports, comments, what it prints, and how it is laid out. */
function essence(text: string): string[] {
  return text
    .replace(/^import\s[^;]*;$/gm, "")
    .replace(/(^|\s)\/\/.*$/gm, "")
    .replace(/^console\.log\([^;]*\);$/gm, "")
    .replace(/\s+/g, "")
    .replace(/,(?=[)\]}])/g, "")
    .split(";");
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Database, raw } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { ROOT, runNode } from "./workshop.js";

const PRINTED = `
All posts
  Sharpening a chisel, by Ann  #how-to
    Eve: Buy my chisels!!!
  Bread in an afternoon, by Ann  #baking #how-to
    … 2 of 3 comments
    Bob: It wanted a warmer room.
    Eve: Buy my yeast!!!

Wood, a tag added by Bob
  Sharpening a chisel, by Ann  #how-to #wood
    Bob: Thank you!
    Eve: Buy my chisels!!!

How-to, by Ann
  Sharpening a chisel, by Ann  #how-to #wood
    Bob: Thank you!
    Eve: Buy my chisels!!!
  Bread in an afternoon, by Ann  #baking #how-to
    … 2 of 3 comments
    Bob: It wanted a warmer room.
    Eve: Buy my yeast!!!

Without Eve
  Sharpening a chisel, by Ann  #how-to #wood
    Bob: Thank you!
  Bread in an afternoon, by Ann  #baking #how-to
    Bob: It wanted a warmer room.
    Bob: Mine didn't rise.

Ann: 3 posts, 0 comments
Bob: 0 posts, 3 comments
`;

async function assertPrints(url: string): Promise<void> {
  const { code, stdout, stderr } = await runNode(["--import", "tsx", "examples/blog.ts"], {
    cwd: ROOT,
    env: { DATABASE_URL: url },
  });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.equal(stderr, "");
  assert.equal(stdout, PRINTED);
}

describe("examples/blog.ts", () => {
  eachEngine(({ name, dialect, url: fresh }) => {
    if (name === "sqlite memory") {
      it("runs in memory where no database is given", () => assertPrints(""));
      return;
    }

    it("prints the same, and leaves no table", async () => {
      const url = await fresh();
      await assertPrints(url);
      await using db = new Database(url);
      const tables =
        dialect === "sqlite"
          ? "select name from sqlite_schema where type = 'table' and name like 'example%'"
          : "select table_name from information_schema.tables where table_schema = current_schema()";
      assert.deepEqual(await db.query(raw(tables)), []);
    });
  });
});

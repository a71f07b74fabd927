import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { BLOG, LISTED } from "./one-models.js";

/** What another process, which knows nothing but the rows, finds after a step. */
async function inOtherProcess(url: string, step: string): Promise<unknown> {
  const file = join(import.meta.dirname, "one-process.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file, url, step], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  return JSON.parse(stdout);
}

const AFTER_SET = {
  posts: { ann: ["x", "y"], bob: ["z"] },
  avatars: { ann: "a", bob: null },
  authors: { x: "ann", y: "ann", z: "bob" },
  nodes: { a: ["2,3", [2, 3], []], b: ["3", [3], [1]], c: ["", [], [1, 2]] },
  links: { a: [[2, 3], []], b: [[], [1, 3]], c: [[2], [1]] },
};
const AFTER_REPOINTING = {
  posts: { ann: ["y", "z"], bob: ["x"] },
  avatars: { ann: null, bob: "a" },
  authors: { x: "bob", y: "ann", z: "ann" },
  nodes: { a: ["2", [2], []], b: ["", [], [1]], c: ["3", [3], [3]] },
  links: { a: [[1, 3], [1]], b: [[], []], c: [[], [1]] },
};
const AFTER_CLEARING = {
  posts: { ann: [], bob: [] },
  avatars: { ann: null, bob: null },
  authors: { x: null, y: null, z: null },
  nodes: { a: ["", [], []], b: ["", [], []], c: ["", [], []] },
  links: { a: [[], []], b: [[], []], c: [[], []] },
};

eachEngine((engine) => {
  test("what one process sets, re-points and clears, the next one reads: of each kind (S52, S53)", {
    skip: engine.name === "sqlite memory" && "its own",
  }, async () => {
    const url = await engine.url();
    await using db = await openAt(url, [...BLOG, ...LISTED]);
    await db.close();
    for (const [step, found] of [
      ["set", AFTER_SET],
      ["repoint", AFTER_REPOINTING],
      ["clear", AFTER_CLEARING],
    ] as const) {
      assert.deepEqual(await inOtherProcess(url, step), found);
      assert.deepEqual(await inOtherProcess(url, "read"), found);
    }
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { Database } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, openAt } from "../support/open.js";
import { assertKept, makeRuns, readBeside, runAll } from "./interleaving.js";
import { models } from "./models.js";

const PATIENT = { timeout: 60_000 };

/** Another process that is ready to write, and does so once it is told to. */
async function otherProcess(url: string, prefix: string) {
  const file = join(import.meta.dirname, "other-process.ts");
  const child = spawn(process.execPath, ["--import", "tsx", file, url, prefix], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), ended]);
  return async () => {
    child.stdin.write("go\n");
    const [code] = await ended;
    assert.equal(code, 0, "the other process failed");
  };
}

eachEngine((engine) => {
  test("20 transactions of 50 statements at a time, half rolled back, with savepoints and readers beside them: each stays whole (S66, B1)", async () => {
    await using db = await open(engine, models, PATIENT);
    const runs = makeRuns("run", 20);
    const going = runAll(db, runs);
    const reads = await Promise.all([readBeside(db, going), readBeside(db, going)]);
    await going;
    assert.ok(reads.every((count) => count > 0));
    await assertKept(db, runs);
  });

  test("the same on two Databases at one place (S66)", {
    skip: engine.name === "sqlite memory" && "its own",
  }, async () => {
    const url = await engine.url();
    await using first = await openAt(url, models, PATIENT);
    await using second = new Database(url, PATIENT);
    const [ofFirst, ofSecond] = [makeRuns("first", 10), makeRuns("second", 10)];
    const going = Promise.all([runAll(first, ofFirst), runAll(second, ofSecond)]);
    await Promise.all([readBeside(first, going), readBeside(second, going), going]);
    await assertKept(second, [...ofFirst, ...ofSecond]);
  });

  test("the same beside another process that writes too (S66)", {
    skip: engine.name === "sqlite memory" && "its own",
  }, async () => {
    const url = await engine.url();
    await using db = await openAt(url, models, PATIENT);
    const go = await otherProcess(url, "theirs");
    const [mine, theirs] = [makeRuns("mine", 10), makeRuns("theirs", 6)];
    const going = Promise.all([go(), runAll(db, mine)]);
    await Promise.all([readBeside(db, going), going]);
    await assertKept(db, [...mine, ...theirs]);
  });
});

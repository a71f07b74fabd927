import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { eachEngine } from "../support/engines.js";

const run = promisify(execFile);

async function lifeOf(url: string, ...flags: string[]): Promise<{ canGenerate: boolean; steps: unknown[] }> {
  const { stdout } = await run(process.execPath, [...flags, "--import", "tsx", "spec/model/print-fields.ts", url]);
  return JSON.parse(stdout);
}

eachEngine((engine) => {
  test("instances are the same where code can't be made of text", async () => {
    const usual = await lifeOf(await engine.url());
    const without = await lifeOf(await engine.url(), "--disallow-code-generation-from-strings");
    assert.deepEqual([usual.canGenerate, without.canGenerate], [true, false]);
    assert.deepEqual(without.steps, usual.steps);
  });
});

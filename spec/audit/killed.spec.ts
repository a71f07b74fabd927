import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DeletedModel, type Session } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { Doc } from "./models.js";

const PROGRAM = fileURLToPath(new URL("killed-process.ts", import.meta.url));

/** Processes are killed together, so many times on each engine. */
const TOGETHER = 5;
const ROUNDS = 5;

describe("processes that are killed", () => {
  eachEngine((engine) => {
    const skip = engine.name === "sqlite memory" && "no other process sees it";
    test("never leave a record without its tombstone, or with two (S43)", { skip }, async () => {
      const { url } = await engine.fresh();
      await using db = await openAt(url, [Doc], { timeout: 60_000 });
      const told = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round++) {
        const killed = await Promise.all(
          Array.from({ length: TOGETHER }, (_, i) => killSoon(url, 5 * (TOGETHER * round + i))),
        );
        for (const { pid, version } of killed) told.set(pid, version);
        // A server may end a killed process's last transaction while this reads.
        await db.begin((tx) => check(tx, told), { isolation: "repeatable read" });
      }
      assert.equal(told.size, ROUNDS * TOGETHER);
    });
  });
});

/** Runs the program until it has told of its first version, and some milliseconds more; gives the last that it told of. */
async function killSoon(url: string, delay: number): Promise<{ readonly pid: string; readonly version: number }> {
  const child = spawn(process.execPath, ["--import", "tsx", PROGRAM, url], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  const closed = once(child, "close");
  await Promise.race([once(child.stdout, "data"), closed]);
  await setTimeout(delay);
  child.kill("SIGKILL");
  const [, signal] = await closed;
  assert.equal(signal, "SIGKILL");
  return { pid: String(child.pid), version: text.split("\n").length - 1 };
}

/** Each process's versions are one chain without a gap, of which all but the last are tombstones, each once. */
async function check(tx: Session, told: ReadonlyMap<string, number>): Promise<void> {
  const docs = tx.objects(Doc);
  const live = await docs.getInstances();
  const records = await tx.objects(DeletedModel).getInstances();
  const versions = [...live.map(({ data }) => data), ...records.map((record) => record.values())];
  const ids = versions.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, "an id that is there twice");
  for (const [pid, version] of told) {
    const own = versions.filter(({ title }) => String(title).startsWith(`${pid} `));
    const numberOf = ({ title }: (typeof own)[number]) => Number(String(title).split(" ")[1]);
    own.sort((a, b) => numberOf(a) - numberOf(b));
    assert.deepEqual(own.map(numberOf), [...own.keys()], "a version that is lost");
    assert.ok(own.length > version, "a version that was committed is lost");
    own.forEach((each, i) => {
      assert.equal(each.previousId, own[i - 1]?.id ?? null);
    });
    const isLive = own.map(({ id }) => live.some((doc) => doc.id === id));
    assert.equal(isLive.slice(0, -1).includes(true), false, "a version that was followed is still a row");
  }
  assert.equal(
    versions.length,
    [...told].reduce((sum, [pid]) => sum + countOf(versions, pid), 0),
  );
  for await (const { reason } of docs.verifyAll()) assert.fail(reason);
}

const countOf = (versions: readonly { readonly title?: unknown }[], pid: string): number =>
  versions.filter(({ title }) => String(title).startsWith(`${pid} `)).length;

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { sql, UniqueViolationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { Account, models } from "./models.js";

const execute = promisify(execFile);

/** The warnings of rowkeeper that the process gives while `work` runs. */
async function warningsOf(work: () => Promise<void>): Promise<Error[]> {
  const warnings: Error[] = [];
  const listener = (warning: Error) => {
    if (warning.name === "RowkeeperWarning") warnings.push(warning);
  };
  process.on("warning", listener);
  try {
    await work();
    await setImmediate();
  } finally {
    process.off("warning", listener);
  }
  return warnings;
}

eachEngine((engine) => {
  // In a process of its own, since a place is the same for all engines here.
  test("a transaction that wrote, left without a commit, is warned of once per place; a nested one that was committed too", async () => {
    const file = join(import.meta.dirname, "forgetful.ts");
    const { stdout } = await execute(process.execPath, ["--import", "tsx", file, await engine.url()]);
    const messages: unknown = JSON.parse(stdout);
    assert.ok(Array.isArray(messages));
    assert.equal(messages.length, 3, stdout);
    assert.equal(new Set(messages).size, 3, stdout);
    for (const message of messages) assert.match(String(message), /forgetful\.ts:\d+:\d+ wrote.*nobody committed/);
  });

  test("nobody is warned where there is nothing to forget", async () => {
    await using _db = await open(engine, models);
    const warnings = await warningsOf(async () => {
      {
        await using committed = Account.objects.transaction();
        await committed.insert({ owner: "committed" });
        await committed.commit();
      }
      {
        await using rolledBack = Account.objects.transaction();
        await rolledBack.insert({ owner: "rolled back" });
        await rolledBack.rollback();
      }
      {
        await using onlyRead = Account.objects.transaction();
        await onlyRead.getInstances();
        await onlyRead.setSql(Account.select("owner")).fetchall();
        await onlyRead.setSql(sql`/* of the page */ select * from accounts`).fetchall();
      }
      {
        await using _unused = Account.objects.transaction();
      }
      {
        await using failed = Account.objects.transaction();
        await assert.rejects(failed.insert({ owner: "committed" }), UniqueViolationError);
      }
      const giveUp = new Error("no");
      const thrown = Account.objects.transaction(async (tx) => {
        await tx.insert({ owner: "thrown" });
        throw giveUp;
      });
      await assert.rejects(thrown, giveUp);
    });
    assert.deepEqual(warnings, []);
  });

  test("one that never got its turn wrote nothing, and is not warned of", {
    skip: engine.writesSideBySide && "no wait",
  }, async () => {
    await using _db = await open(engine, models, { timeout: 20 });
    await using holder = Account.objects.transaction();
    await holder.insert({ owner: "holder" });
    const warnings = await warningsOf(async () => {
      await using late = Account.objects.transaction();
      await assert.rejects(late.insert({ owner: "late" }));
    });
    assert.deepEqual(warnings, []);
    await holder.rollback();
  });
});

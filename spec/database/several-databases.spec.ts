import assert from "node:assert/strict";
import { test } from "node:test";
import {
  integer,
  Model,
  RowkeeperError,
  sql,
  TransactionClosedError,
  text,
  transaction,
  UniqueViolationError,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, models, owners } from "./models.js";

class Note extends Model("notes", { id: integer().primaryKey(), text: text().unique() }) {}

eachEngine((engine) => {
  test("several databases: all are committed when the function returns, all rolled back when it throws (S68)", async () => {
    await using first = await open(engine, models);
    await using second = await open(engine, [Note]);
    const result = await transaction([first, second], async ([a, b]) => {
      assert.ok(a && b);
      await Account.objects.using(a).insert({ owner: "kept" });
      await Note.objects.using(b).insert({ text: "kept" });
      return "done";
    });
    assert.equal(result, "done");
    const failure = new Error("the very error");
    const failed = transaction([first, second], async ([a, b]) => {
      assert.ok(a && b);
      await Account.objects.using(a).insert({ owner: "lost" });
      await Note.objects.using(b).insert({ text: "lost" });
      throw failure;
    });
    assert.equal(await failureOf(() => failed), failure);
    assert.deepEqual([await owners(), await Note.objects.count()], [["kept"], 1]);
  });

  test("several databases: a statement's failure that was swallowed in one of them commits none (S68)", async () => {
    await using first = await open(engine, models);
    await using second = await open(engine, [Note]);
    await Note.objects.insert({ text: "taken" });
    const error = await failureOf(() =>
      transaction([first, second], async ([a, b]) => {
        assert.ok(a && b);
        await Account.objects.using(a).insert({ owner: "lost" });
        await assert.rejects(Note.objects.using(b).insert({ text: "taken" }), UniqueViolationError);
      }),
    );
    assert.ok(error instanceof TransactionClosedError, String(error));
    assert.equal(await Account.objects.count(), 0);
  });

  test("several databases: where a later commit fails, the error says what was committed before (S68)", async () => {
    await using first = await open(engine, models);
    await using second = await open(engine, [Note]);
    await using connection = await second.connect();
    await connection.executeScript(
      "create table pages (note_id integer references notes (id) deferrable initially deferred)",
    );
    const seen: string[] = [];
    const error = await failureOf(() =>
      transaction([first, second], async ([a, b]) => {
        assert.ok(a && b);
        a.afterCommit(() => seen.push("first"));
        b.afterCommit(() => seen.push("second"));
        await Account.objects.using(a).insert({ owner: "committed" });
        // Refused at the commit only.
        await Note.objects.using(b).setSql(sql`insert into pages values (99)`).rowcount();
      }),
    );
    assert.ok(error instanceof RowkeeperError && error.cause instanceof RowkeeperError, String(error));
    assert.match(error.message, /1 of 2/);
    assert.deepEqual([await owners(), seen], [["committed"], ["first"]]);
  });

  test("several databases: what afterCommit of the first throws doesn't keep the second from its commit (S68)", async () => {
    await using first = await open(engine, models);
    await using second = await open(engine, [Note]);
    const failure = new Error("of the callback");
    const error = await failureOf(() =>
      transaction([first, second], async ([a, b]) => {
        assert.ok(a && b);
        a.afterCommit(() => {
          throw failure;
        });
        await Account.objects.using(a).insert({ owner: "a" });
        await Note.objects.using(b).insert({ text: "b" });
      }),
    );
    assert.equal(error, failure);
    assert.deepEqual([await Account.objects.count(), await Note.objects.count()], [1, 1]);
  });

  test("several databases: each is named once, and waiting for one's own is an error at once (B4)", async () => {
    await using first = await open(engine, models, { timeout: 60_000 });
    await using second = await open(engine, [Note], { timeout: 60_000 });
    await assert.rejects(
      transaction([first, first], async () => undefined),
      UsageError,
    );
    if (engine.writesSideBySide) return;
    await transaction([first, second], async ([a, b]) => {
      assert.ok(a && b);
      await Account.objects.using(a).insert({ owner: "a" });
      await Note.objects.using(b).insert({ text: "b" });
      await assert.rejects(Account.objects.insert({ owner: "x" }), UsageError);
      await assert.rejects(Note.objects.insert({ text: "x" }), UsageError);
    });
    assert.deepEqual([await Account.objects.count(), await Note.objects.count()], [1, 1]);
  });
});

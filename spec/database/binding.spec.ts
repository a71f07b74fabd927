import assert from "node:assert/strict";
import { test } from "node:test";
import { Database, integer, Model, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";
import { Account, Entry, models, owners } from "./models.js";

eachEngine((engine) => {
  test("a model that is bound to no database says how to bind it, and using() does without (S2)", async () => {
    class Loose extends Model("loose", { id: integer().primaryKey(), name: text() }) {}
    const error = await failureOf(() => Loose.objects.count());
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /Loose is bound to no database.*models: \[Loose\].*bind\(Loose\)/);
    await using db = await open(engine, []);
    db.bind(Loose);
    await db.createAll();
    assert.equal(await Loose.objects.count(), 0);
  });

  test("binding to a second database rebinds, and managers got before follow", async () => {
    await using first = await open(engine, models);
    const objects = Account.objects;
    const loaded = await objects.insert({ owner: "in the first" });
    await using second = await open(engine, models);
    await objects.insert({ owner: "in the second" });
    assert.deepEqual(await owners(), ["in the second"]);
    assert.deepEqual(await owners(first.objects(Account)), ["in the first"]);
    await loaded.update({ owner: "still in the first" });
    assert.deepEqual(await owners(Account.objects.using(first)), ["still in the first"]);
    first.bind(Account);
    assert.deepEqual(await owners(), ["still in the first"]);
    assert.deepEqual(await owners(second.objects(Account)), ["in the second"]);
  });

  test("an instance loaded from one database is saved to it, wherever its model is bound meanwhile", async () => {
    await using first = await open(engine, models);
    const account = await Account.objects.insert({ owner: "a", balance: 1 });
    await using second = await open(engine, models);
    await account.update({ balance: 2 });
    await account.reload();
    assert.equal(account.balance, 2);
    assert.equal(await first.objects(Account).count(), 1);
    assert.equal(await second.objects(Account).count(), 0);
  });

  test("objects(Model) is the model's own manager class, bound to this database (M1)", async () => {
    await using db = await open(engine, models);
    await Account.objects.insert({ owner: "rich", balance: 2000 });
    const objects = db.objects(Account);
    assert.ok(objects instanceof Account.objects.constructor);
    assert.deepEqual(
      (await objects.rich()).map(({ owner }) => owner),
      ["rich"],
    );
    assert.notEqual(objects, Account.objects);
  });

  test("model(name) finds a bound model by its class's name or its table's, and names the nearest otherwise", async () => {
    await using db = await open(engine, models);
    assert.equal(db.model("Account"), Account);
    assert.equal(db.model("entries"), Entry);
    assert.throws(() => db.model("Acount"), { name: "UsageError", message: /"Acount".*"Account"/ });
    assert.throws(() => new Database("sqlite::memory:").model("Account"), UsageError);
  });

  test("what is no model, or no scope, is a TypeError (S1)", async () => {
    await using db = await open(engine, models);
    for (const value of [undefined, null, "Account", {}, class {}, new Account()]) {
      assert.throws(() => Reflect.apply(db.bind, db, [value]), TypeError);
      assert.throws(() => Reflect.apply(Account.objects.using, Account.objects, [value]), TypeError);
    }
  });
});

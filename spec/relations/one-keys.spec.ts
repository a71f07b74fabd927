import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { belongsTo, hasMany, integer, Model, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import {
  Account,
  Bank,
  BLOG,
  City,
  Country,
  Device,
  Entry,
  idsOf,
  KEYED,
  Line,
  Mention,
  Order,
  Reading,
  User,
} from "./one-models.js";

class Wrong extends Model("wrongs", { id: integer().primaryKey(), name: text(), ownerId: integer().nullable() }) {
  get misspelt() {
    return belongsTo(this, User, JSON.parse(`"ownrId"`));
  }
  get missing() {
    return belongsTo(this, User);
  }
  get ofOtherType() {
    return belongsTo(this, User, "name");
  }
  get tooShort() {
    return belongsTo(this, Order, "ownerId");
  }
  get mistaken() {
    return hasMany(this, User, JSON.parse(`"wrngId"`));
  }
}

eachEngine((engine) => {
  describe("a key", () => {
    test("of several columns is named by a list, or after the columns of the other's (S49)", async () => {
      await using db = await open(engine, KEYED);
      const [one, other] = await Order.objects.insertMany([1, 12].map((number) => ({ region: "a", number })));
      assert.ok(one !== undefined && other !== undefined);
      // The parts of these would be the same, written after each other.
      const apart = await Order.objects.insert({ region: "a1", number: 2 });
      const line = await Line.objects.insert({ fromRegion: "a", fromNumber: 12 });
      line.order.secondary = apart;
      await line.order.save();
      assert.deepEqual([line.orderRegion, line.orderNumber, line.fromNumber], ["a1", 2, 12]);
      const lines = await Line.objects.insertMany([{ orderRegion: "a", orderNumber: 1 }, { orderRegion: "a" }]);
      const texts = await statementsOf(db, async () => {
        const orders = await Order.objects.getInstances({ orderBy: ["region", "number"] });
        const found = await Promise.all(orders.map(async (order) => idsOf(await order.lines.fetchAll())));
        assert.deepEqual(found, [[lines[0]?.id], [], [line.id]]);
      });
      assert.equal(texts.length, 2);
      assert.deepEqual(idsOf(await other.returned.fetchAll()), [line.id]);
      assert.equal((await (await Line.objects.get({ where: { id: line.id } })).from.fetch())?.number, 12);
      // Half a key is none.
      assert.deepEqual(await statementsOf(db, () => lines[1]?.order.fetch()), []);
      assert.equal(lines[1]?.order.secondary, null);
    });

    test("of several columns is written and cleared in one statement", async () => {
      await using db = await open(engine, KEYED);
      const order = await Order.objects.insert({ region: "a", number: 1 });
      const line = await Line.objects.insert({});
      assert.equal((await statementsOf(db, () => order.lines.add(line))).length, 1);
      assert.deepEqual([line.orderRegion, line.orderNumber, line.order.secondary], ["a", 1, order]);
      assert.equal((await statementsOf(db, () => order.lines.clear())).length, 1);
      await line.reload();
      assert.deepEqual([line.orderRegion, line.orderNumber], [null, null]);
    });

    test("may be text, whatever is in it", async () => {
      await using _db = await open(engine, KEYED);
      for (const code of ["", "1", "a,b", "ä'\"", "A", "a"]) {
        const country = await Country.objects.insert({ code, name: code });
        const city = new City({});
        country.cities.secondary = [city];
        await country.cities.save();
        const read = await Country.objects.get({ where: { code } });
        assert.deepEqual(idsOf(await read.cities.fetchAll()), [city.id]);
        assert.equal((await (await City.objects.get({ where: { id: city.id } })).country.fetch())?.name, code);
      }
    });

    test("may be a uuid, in whatever letters it is assigned", async () => {
      await using db = await open(engine, KEYED);
      const device = await Device.objects.insert({ name: "d" });
      const reading = await Reading.objects.insert({ deviceId: device.id.toUpperCase() });
      assert.equal(reading.deviceId, device.id);
      assert.deepEqual(idsOf(await device.readings.fetchAll()), [reading.id]);
      await reading.device.fetch();
      reading.deviceId = device.id.toUpperCase();
      assert.deepEqual(await statementsOf(db, () => reading.device.fetch()), []);
      assert.equal(reading.device.secondary?.name, "d");
    });

    test("may be an integer that refers to a bigint, and the other way round", async () => {
      await using _db = await open(engine, KEYED);
      const [bank, account] = [await Bank.objects.insert({ name: "b" }), await Account.objects.insert({})];
      const entry = await Entry.objects.insert({});
      bank.accounts.secondary = [account];
      await bank.accounts.save();
      entry.account.secondary = account;
      await entry.account.save();
      assert.deepEqual([account.bankId, entry.accountId], [BigInt(bank.id), Number(account.id)]);
      const read = await Entry.objects.get();
      assert.equal((await (await read.account.fetch())?.bank.fetch())?.name, "b");
      assert.deepEqual(idsOf(await (await Bank.objects.get()).accounts.fetchAll()), [account.id]);
      assert.deepEqual(idsOf(await (await Account.objects.get()).entries.fetchAll()), [entry.id]);
    });

    test("that the other side can't hold is one of nothing, and a TypeError where it is written (S1)", async () => {
      await using db = await open(engine, KEYED);
      const far = 2n ** 40n;
      const [lost, bank] = [
        await Account.objects.insert({ id: far, bankId: far }),
        await Bank.objects.insert({ name: "b" }),
      ];
      await Account.objects.insert({ id: 1n, bankId: BigInt(bank.id) });
      await Entry.objects.insert({ accountId: 1 });
      const accounts = await Account.objects.getInstances({ orderBy: "id" });
      const found = await Promise.all(
        accounts.map(async (one) => [await one.entries.count(), (await one.bank.fetch())?.name]),
      );
      assert.deepEqual(found, [
        [1, "b"],
        [0, undefined],
      ]);
      assert.deepEqual(idsOf(await lost.entries.filter({ accountId: 1 }).fetchAll()), []);
      const entry = await Entry.objects.get();
      const texts = await statementsOf(db, async () => {
        assert.throws(() => {
          entry.account.secondary = lost;
        }, TypeError);
        await assert.rejects(lost.entries.add(entry), TypeError);
      });
      assert.deepEqual([texts, entry.accountId, entry.changes], [[], 1, {}]);
    });

    test("may refer to another column than the primary key", async () => {
      await using db = await open(engine, BLOG);
      const [ann, bob] = await User.objects.insertMany(["ann", "bob"].map((name) => ({ name, handle: `@${name}` })));
      assert.ok(ann !== undefined && bob !== undefined);
      const mention = await Mention.objects.insert({ handle: "@bob" });
      assert.equal((await mention.user.fetch())?.id, bob.id);
      await ann.mentions.add(mention);
      assert.deepEqual([mention.handle, mention.user.secondary], ["@ann", ann]);
      assert.deepEqual(idsOf(await (await User.objects.get({ where: { name: "ann" } })).mentions.fetchAll()), [
        mention.id,
      ]);
      const nameless = await User.objects.insert({ name: "nameless" });
      assert.deepEqual(await statementsOf(db, () => nameless.mentions.fetchAll()), []);
    });
  });
});

describe("a getter that is declared wrongly", () => {
  const wrong = new Wrong({ name: "w" });
  for (const [getter, names] of [
    ["misspelt", ["wrongs", "ownrId", "ownerId"]],
    ["missing", ["wrongs", "userId"]],
    ["ofOtherType", ["wrongs.name", "users.id", "text", "integer"]],
    ["mistaken", ["users", "wrngId"]],
  ] as const)
    test(`is a TypeError that names what is wrong: ${getter} (S1)`, () => {
      const isHelpful = (error: unknown) =>
        error instanceof TypeError && names.every((name) => error.message.includes(name));
      assert.throws(() => wrong[getter], isHelpful);
    });

  test("is a UsageError where the key has another number of columns", () => {
    assert.throws(() => wrong.tooShort, UsageError);
  });
});

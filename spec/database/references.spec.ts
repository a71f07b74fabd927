import assert from "node:assert/strict";
import { test } from "node:test";
import { ForeignKeyViolationError, integer, Model, type ReferenceAction, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

function tables(onDelete?: ReferenceAction, onUpdate?: ReferenceAction) {
  class Owner extends Model("owners", { id: integer().primaryKey(), name: text() }) {}
  class Pet extends Model("pets", {
    id: integer().primaryKey(),
    ownerId: integer()
      .nullable()
      .default(1)
      .references(() => Owner, { ...(onDelete && { onDelete }), ...(onUpdate && { onUpdate }) }),
  }) {}
  return { Owner, Pet };
}

const EFFECTS = [
  ["cascade", undefined],
  ["set null", null],
  ["set default", 1],
] as const;

eachEngine((engine) => {
  for (const [action, expected] of EFFECTS) {
    test(`on delete ${action} is what the database does (Q1)`, async () => {
      const { Owner, Pet } = tables(action);
      await using _db = await open(engine, [Owner, Pet]);
      await Owner.objects.insertMany([{ name: "default" }, { name: "deleted" }]);
      const pet = await Pet.objects.insert({ ownerId: 2 });
      await (await Owner.objects.get({ where: { id: 2 } })).delete();
      assert.equal((await Pet.objects.find(pet.id))?.ownerId, expected);
    });
  }

  for (const [action, expected] of [
    ["cascade", 20],
    ["set null", null],
    ["set default", 1],
  ] as const) {
    test(`on update ${action} is what the database does (Q1)`, async () => {
      const { Owner, Pet } = tables(undefined, action);
      await using _db = await open(engine, [Owner, Pet]);
      await Owner.objects.insertMany([{ name: "default" }, { name: "renumbered" }]);
      const pet = await Pet.objects.insert({ ownerId: 2 });
      await Owner.objects.update({ id: 2 }, { id: 20 });
      assert.equal((await Pet.objects.find(pet.id))?.ownerId, expected);
    });
  }

  for (const action of [undefined, "no action", "restrict"] as const) {
    test(`on delete and on update ${action ?? "(not said)"} refuse, with the same error on every engine (Q1, B9)`, async () => {
      const { Owner, Pet } = tables(action, action);
      await using _db = await open(engine, [Owner, Pet]);
      await Owner.objects.insertMany([{ name: "a" }, { name: "b" }]);
      await Pet.objects.insert({ ownerId: 2 });
      for (const attempt of [
        () => Owner.objects.delete({ id: 2 }),
        () => Owner.objects.update({ id: 2 }, { id: 20 }),
        () => Pet.objects.insert({ ownerId: 99 }),
        () => Pet.objects.update("all", { ownerId: 99 }),
      ]) {
        const error = await failureOf(attempt);
        assert.ok(error instanceof ForeignKeyViolationError, String(error));
        assert.match(error.sql ?? "", /^(insert|update|delete)/);
      }
      assert.deepEqual(
        (await Pet.objects.getItems()).map(({ ownerId }) => ownerId),
        [2],
      );
      await Owner.objects.delete({ id: 1 });
    });
  }

  test("a reference may name another unique column, of text too", async () => {
    class Country extends Model("countries", { id: integer().primaryKey(), code: text().unique() }) {}
    class City extends Model("cities", {
      id: integer().primaryKey(),
      country: text().references(() => Country, { column: "code", onUpdate: "cascade" }),
    }) {}
    await using _db = await open(engine, [City, Country]);
    await Country.objects.insert({ code: "GB" });
    await City.objects.insert({ country: "GB" });
    await Country.objects.update({ code: "GB" }, { code: "UK" });
    assert.equal((await City.objects.get()).country, "UK");
    await assert.rejects(City.objects.insert({ country: "XX" }), ForeignKeyViolationError);
  });

  test("a unique reference is one-to-one; set null on what can't be null is a UsageError when the class is made (Q1)", async () => {
    const { Owner } = tables();
    class Passport extends Model("passports", {
      id: integer().primaryKey(),
      ownerId: integer()
        .unique()
        .references(() => Owner),
    }) {}
    await using _db = await open(engine, [Owner, Passport]);
    await Owner.objects.insert({ name: "a" });
    await Passport.objects.insert({ ownerId: 1 });
    await assert.rejects(Passport.objects.insert({ ownerId: 1 }));
    const column = integer().references(() => Owner, { onDelete: "set null" });
    assert.throws(() => Model("wrong", { id: integer().primaryKey(), ownerId: column }), UsageError);
    assert.throws(
      () => Reflect.apply(integer().references, integer(), [() => Owner, { onDelete: "delete" }]),
      UsageError,
    );
  });

  test("an option of references() that is misspelt is a TypeError with the nearest name", () => {
    const { Owner } = tables();
    assert.throws(() => Reflect.apply(integer().references, integer(), [() => Owner, { ondelete: "cascade" }]), {
      name: "TypeError",
      message: /"ondelete".*"onDelete"/,
    });
  });
});

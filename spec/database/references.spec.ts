import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ForeignKeyViolationError,
  integer,
  Model,
  type ReferenceAction,
  type ReferenceOptions,
  sql,
  text,
  UniqueViolationError,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

/** Owners and pets, by a key of one column. */
function byOne(actions: ReferenceOptions) {
  class Owner extends Model("owners", { id: integer().primaryKey(), region: text() }) {}
  class Pet extends Model("pets", {
    id: integer().primaryKey(),
    ownerId: integer()
      .nullable()
      .default(1)
      .references(() => Owner, actions),
  }) {}
  return {
    Owner,
    Pet,
    pet: { ownerId: 2 },
    missing: { ownerId: 99 },
    initial: { ownerId: 1 },
    none: { ownerId: null },
  };
}

/** The same by a key of two columns. */
function bySeveral(actions: ReferenceOptions) {
  class Owner extends Model("owners", { region: text(), id: integer() }, { primaryKey: ["region", "id"] }) {}
  class Pet extends Model(
    "pets",
    {
      id: integer().primaryKey(),
      ownerId: integer().nullable().default(1),
      ownerRegion: text().nullable().default("north"),
    },
    { foreignKeys: [{ columns: ["ownerRegion", "ownerId"], references: () => Owner, ...actions }] },
  ) {}
  return {
    Owner,
    Pet,
    pet: { ownerId: 2, ownerRegion: "north" },
    // Each of the two is there, but not together.
    missing: { ownerId: 2, ownerRegion: "south" },
    initial: { ownerId: 1, ownerRegion: "north" },
    none: { ownerId: null, ownerRegion: null },
  };
}

const OWNERS = [
  { region: "north", id: 1 },
  { region: "north", id: 2 },
  { region: "south", id: 3 },
];

eachEngine((engine) => {
  for (const [key, tables] of [
    ["one column", byOne],
    ["several columns", bySeveral],
  ] as const) {
    /** What is left of a pet once the row that it refers to is deleted, or gets another key. */
    const left = async (event: "onDelete" | "onUpdate", action: ReferenceAction) => {
      const { Owner, Pet, pet, ...more } = tables({ [event]: action });
      await using _db = await open(engine, [Pet, Owner]);
      for (const owner of OWNERS) await Owner.objects.insert(owner);
      const { id } = await Pet.objects.insert(pet);
      if (event === "onDelete") await Owner.objects.delete({ id: 2 });
      else await Owner.objects.update({ id: 2 }, { id: 20 });
      return { left: (await Pet.objects.find(id))?.data ?? null, id, pet, ...more };
    };

    test(`on delete does what it says, of ${key}: cascade, set null, set default (Q1)`, async () => {
      assert.equal((await left("onDelete", "cascade")).left, null);
      const nulled = await left("onDelete", "set null");
      assert.deepEqual(nulled.left, { id: nulled.id, ...nulled.none });
      const reset = await left("onDelete", "set default");
      assert.deepEqual(reset.left, { id: reset.id, ...reset.initial });
    });

    test(`on update does what it says, of ${key}: cascade, set null, set default (Q1)`, async () => {
      const moved = await left("onUpdate", "cascade");
      assert.deepEqual(moved.left, { id: moved.id, ...moved.pet, ownerId: 20 });
      const nulled = await left("onUpdate", "set null");
      assert.deepEqual(nulled.left, { id: nulled.id, ...nulled.none });
      const reset = await left("onUpdate", "set default");
      assert.deepEqual(reset.left, { id: reset.id, ...reset.initial });
    });

    for (const action of [undefined, "no action", "restrict"] as const) {
      test(`on delete and on update ${action ?? "(not said)"} of ${key} refuse, with the same error on every engine (Q1, B9)`, async () => {
        const actions = action === undefined ? {} : { onDelete: action, onUpdate: action };
        const { Owner, Pet, pet, missing } = tables(actions);
        await using _db = await open(engine, [Pet, Owner]);
        for (const owner of OWNERS) await Owner.objects.insert(owner);
        const { id } = await Pet.objects.insert(pet);
        for (const attempt of [
          () => Owner.objects.delete({ id: 2 }),
          () => Owner.objects.update({ id: 2 }, { id: 20 }),
          () => Pet.objects.insert(missing),
          () => Pet.objects.update("all", missing),
        ]) {
          const error = await failureOf(attempt);
          assert.ok(error instanceof ForeignKeyViolationError, String(error));
          assert.match(error.sql ?? "", /^(insert|update|delete)/);
        }
        assert.deepEqual((await Pet.objects.find(id))?.data, { id, ...pet });
        await Owner.objects.delete({ id: 1 });
      });
    }

    test(`a row whose key of ${key} is null refers to nothing, and is no violation (Q2)`, async () => {
      const { Owner, Pet, none } = tables({});
      await using _db = await open(engine, [Owner, Pet]);
      await Pet.objects.insert(none);
      assert.equal(await Pet.objects.count(), 1);
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

  test("a reference to what two rows may have alike is a UsageError, before any SQL is sent", async () => {
    class Country extends Model("countries", { id: integer().primaryKey(), code: text() }) {}
    class City extends Model("cities", {
      id: integer().primaryKey(),
      country: text().references(() => Country, { column: "code" }),
    }) {}
    const error = await failureOf(() => open(engine, [City, Country]));
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /cities\.country .*countries by code/);
  });

  test("a unique reference is one-to-one (Q1)", async () => {
    const { Owner } = byOne({});
    class Passport extends Model("passports", {
      id: integer().primaryKey(),
      ownerId: integer()
        .unique()
        .references(() => Owner),
    }) {}
    await using _db = await open(engine, [Owner, Passport]);
    await Owner.objects.insert({ region: "a" });
    await Passport.objects.insert({ ownerId: 1 });
    await assert.rejects(Passport.objects.insert({ ownerId: 1 }), UniqueViolationError);
  });
});

const references = (options: object) =>
  Reflect.apply(integer().references, integer(), [() => byOne({}).Owner, options]);

for (const event of ["onDelete", "onUpdate"] as const) {
  test(`${event} "set null" on what can't be null is a UsageError when the class is made (Q1)`, () => {
    const { Owner } = byOne({});
    const id = integer().primaryKey();
    const refers = integer().references(() => Owner, { [event]: "set null" });
    assert.throws(() => Model("wrong", { id, ownerId: refers }), UsageError);
    // A part of the key is never null, whatever else is said of it.
    assert.throws(() => Model("wrong", { ownerId: refers.nullable().primaryKey() }), UsageError);
    Model("right", { id, ownerId: refers.nullable() });
  });

  test(`${event} "set default" without a default that the database knows is a UsageError when the class is made (Q1)`, () => {
    const { Owner } = byOne({});
    const id = integer().primaryKey();
    const refers = integer().references(() => Owner, { [event]: "set default" });
    assert.throws(() => Model("wrong", { id, ownerId: refers }), UsageError);
    assert.throws(() => Model("wrong", { id, ownerId: refers.default(() => 1) }), UsageError);
    Model("right", { id, ownerId: refers.nullable() });
    Model("right", { id, ownerId: refers.default(1) });
    Model("right", { id, ownerId: refers.defaultSql(sql`1`) });
  });

  test(`${event} knows its actions: another is a UsageError`, () => {
    assert.throws(() => references({ [event]: "delete" }), UsageError);
  });
}

test("an option of references() that is misspelt is a TypeError with the nearest name, and so is what is no function (S1)", () => {
  assert.throws(() => references({ ondelete: "cascade" }), { name: "TypeError", message: /"ondelete".*"onDelete"/ });
  assert.throws(() => Reflect.apply(integer().references, integer(), ["owners"]), {
    name: "TypeError",
    message: /function that gives a model, not a string/,
  });
});

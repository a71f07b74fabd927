import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  belongsTo,
  belongsToMany,
  hasMany,
  integer,
  Manager,
  Model,
  text,
  UniqueViolationError,
  UsageError,
  within,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Place extends Model("places", {
  id: integer().primaryKey(),
  name: text(),
  withinId: integer().nullable(),
  heldBy: text().default(""),
}) {
  static override objects = new Manager(this);
  /** No relation, and of an instance without values it can't be read. */
  get initial() {
    return this.name.slice(0, 1);
  }
  get around() {
    return belongsTo(this, Place, "withinId");
  }
  get places() {
    return hasMany(this, Place, "withinId");
  }
  get held() {
    return within(this, Place, "heldBy");
  }
  get near() {
    return belongsToMany(this, Place, Road, "fromId", "toId", { symmetrical: true });
  }
  get paths() {
    return belongsToMany(this, Place, Path, "fromId", "toId");
  }
}

class Road extends Model(
  "roads",
  { fromId: integer(), toId: integer(), length: integer().nullable() },
  { primaryKey: ["fromId", "toId"] },
) {}

/** Nothing says that there is one for a pair. */
class Path extends Model("paths", { id: integer().primaryKey(), fromId: integer(), toId: integer() }) {}

class Reader extends Model("readers", { id: integer().primaryKey() }) {
  get books() {
    return belongsToMany(this, Book, Loan, "readerId", "bookId");
  }
}

class Book extends Model("books", { id: integer().primaryKey() }) {}

class Loan extends Model(
  "loans",
  { readerId: integer(), bookId: integer(), ticket: text().nullable().unique() },
  { primaryKey: ["readerId", "bookId"], softDelete: "hiddenAt" },
) {
  static override objects = new Manager(this);
}

const untyped = (value: unknown): never => value as never;

eachEngine((engine) => {
  const openPlaces = () => open(engine, [Place, Road, Path], { timeout: 2000 });

  describe("what is refused of relations", () => {
    test("is a misspelt one, with the nearest, whatever other getters do", async () => {
      await using _db = await openPlaces();
      const error = await failureOf(() => Place.objects.getInstances(untyped({ prefetch: "arond" })));
      assert.match(error.message, /^places has no relation "arond" \(did you mean "around"\?\)$/);
    });

    test("are rows that hold the keys of each other, before any SQL", async () => {
      await using db = await openPlaces();
      const one: { name: string; around?: object } = { name: "one" };
      one.around = { name: "other", around: one };
      const rows = untyped([{ name: "free", places: [] }, one]);
      const sent = await statementsOf(db, () => assert.rejects(Place.objects.insertMany(rows), UsageError));
      assert.deepEqual(sent, []);
    });

    test("is a row that is there already, given to one that it is to hold the id of, before any SQL", async () => {
      await using db = await openPlaces();
      const known = await Place.insert({ name: "known" });
      const row = untyped({ name: "new", held: [known] });
      const sent = await statementsOf(db, () => assert.rejects(Place.objects.insert(row), UsageError));
      assert.deepEqual(sent, []);
    });

    test("is a column that the pivot has not, before any SQL", async () => {
      await using db = await openPlaces();
      const [one, other] = await Place.insertMany([{ name: "one" }, { name: "other" }]);
      assert.ok(one && other);
      const sent = await statementsOf(db, async () => {
        await assert.rejects(one.near.add(other, untyped({ lenght: 1 })), TypeError);
        await assert.rejects(one.near.add(other, untyped({ length: "far" })), TypeError);
      });
      assert.deepEqual(sent, []);
    });
  });

  describe("what writes and reads a relation", () => {
    test("asks for no rows of a pivot where it has none to insert", async () => {
      await using db = await openPlaces();
      const place = await Place.insert({ name: "one" });
      const sent = await statementsOf(db, () => place.paths.clear());
      assert.equal(sent.length, 1);
    });

    test("takes the place of a hidden row of the pivot and inserts another as one transaction", async () => {
      await using _db = await open(engine, [Reader, Book, Loan]);
      const reader = await Reader.insert({});
      const [one, other] = await Book.insertMany([{}, {}]);
      assert.ok(one && other);
      await reader.books.add(one, { ticket: "a" });
      await Loan.insert({ readerId: reader.id, bookId: other.id, ticket: "b" });
      await Loan.objects.delete({ bookId: other.id });
      await assert.rejects(reader.books.add(other, { ticket: "a" }), UniqueViolationError);
      assert.equal(await Loan.objects.withDeleted().count(), 2);
    });

    test("in a transaction waits for no loading that waits for that transaction", async () => {
      await using db = await openPlaces();
      const { id } = await Place.insert({ name: "around" });
      await Place.insertMany([
        { name: "one", withinId: id },
        { name: "other", withinId: id },
      ]);
      const [one, other] = await Place.objects.getInstances({ where: { withinId: id } });
      assert.ok(one && other);
      const transaction = db.begin();
      await Place.objects.using(transaction).getInstances();
      const outside = one.around.fetch();
      const inside = await other.using(transaction).around.fetch();
      await transaction.rollback();
      assert.equal(inside?.name, "around");
      assert.equal((await outside)?.name, "around");
    });
  });
});

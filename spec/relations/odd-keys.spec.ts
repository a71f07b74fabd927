import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  belongsTo,
  belongsToMany,
  bytes,
  hasMany,
  integer,
  junction,
  Manager,
  Model,
  text,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { untyped } from "./many-models.js";

class Blob extends Model("blobs", { id: bytes().primaryKey(), name: text() }) {
  static override objects = new Manager(this);
}

class Copy extends Model("copies", { id: integer().primaryKey(), blobId: bytes() }) {
  static override objects = new Manager(this);
  get blob() {
    return belongsTo(this, Blob, "blobId");
  }
}

/** Has a key besides its own, of which a part may be null. */
class Place extends Model(
  "places",
  { id: integer().primaryKey(), area: text().nullable(), number: integer().nullable() },
  { unique: [["area", "number"]] },
) {
  static override objects = new Manager(this);
  get visits() {
    return hasMany(this, Visit, ["area", "number"]);
  }
}

class Visit extends Model(
  "visits",
  { id: integer().primaryKey(), area: text().nullable(), number: integer().nullable() },
  { foreignKeys: [{ columns: ["area", "number"], references: () => Place, referenced: ["area", "number"] }] },
) {
  static override objects = new Manager(this);
  get place() {
    return belongsTo(this, Place, ["area", "number"]);
  }
}

class Person extends Model("people", {
  id: integer().primaryKey(),
  name: text(),
  bossId: integer()
    .nullable()
    .references(() => Person),
}) {
  static override objects = new Manager(this);
  get reports() {
    return hasMany(this, Person, "bossId");
  }
  get follows() {
    return belongsToMany(this, Person, Following, "fanId", "starId");
  }
  get fans() {
    return belongsToMany(this, Person, Following, "starId", "fanId");
  }
  get friends() {
    return belongsToMany(this, Person, Friendship, "oneId", "otherId", { symmetrical: true });
  }
  /** Getters that are no relations, of which an instance without values gives nothing. */
  get loud() {
    return this.name.toUpperCase();
  }
  get later() {
    return Promise.reject(new Error("too early"));
  }
}

class Following extends junction(
  "followings",
  { fanId: () => Person, starId: () => Person },
  { note: text().nullable() },
  { softDelete: "deletedAt" },
) {
  static override objects = new Manager(this);
}

class Friendship extends junction(
  "friendships",
  { oneId: () => Person, otherId: () => Person },
  {},
  { softDelete: "deletedAt" },
) {
  static override objects = new Manager(this);
}

const MODELS = [Blob, Copy, Place, Visit, Person, Following, Friendship];

eachEngine((engine) => {
  describe("keys of bytes", () => {
    test("selectRelated tells those apart that are no text", async () => {
      await using _db = await open(engine, MODELS);
      const ids = [Buffer.from([0xff]), Buffer.from([0xfe])];
      await Blob.objects.insertMany(ids.map((id, i) => ({ id, name: `b${i}` })));
      await Copy.objects.insertMany(ids.map((blobId) => ({ blobId })));
      const copies = await Copy.objects.getInstances({ selectRelated: "blob", orderBy: "id" });
      assert.deepEqual(
        copies.map(({ blob }) => blob.secondary.name),
        ["b0", "b1"],
      );
    });
  });

  describe("an owner whose key is null in part", () => {
    async function fill() {
      const place = await Place.objects.insert({ area: "eu", number: null });
      await Place.objects.insert({ area: "eu", number: 1 });
      const [half, whole] = await Visit.objects.insertMany([
        { area: "eu", number: null },
        { area: "eu", number: 1 },
      ]);
      assert.ok(half !== undefined && whole !== undefined);
      return { place, half, whole };
    }

    test("takes no others, and lets none have it: UsageError before any SQL", async () => {
      await using db = await open(engine, MODELS);
      const { place, whole } = await fill();
      const texts = await statementsOf(db, async () => {
        await assert.rejects(place.visits.add(whole), UsageError);
        await assert.rejects(place.visits.set(whole), UsageError);
        assert.throws(() => {
          whole.place.secondary = place;
        }, UsageError);
      });
      assert.deepEqual(texts, []);
      assert.deepEqual((await whole.reload()).data, { id: 2, area: "eu", number: 1 });
    });

    test("sets nobody free who holds a null as well", async () => {
      await using db = await open(engine, MODELS);
      const { place, half, whole } = await fill();
      const texts = await statementsOf(db, async () => {
        await place.visits.remove(half, whole);
        await place.visits.set();
        await place.visits.clear();
      });
      assert.deepEqual(texts, []);
      assert.deepEqual((await half.reload()).data, { id: 1, area: "eu", number: null });
    });
  });

  describe("a pair that was deleted softly", () => {
    test("is there again once it is added, with what is given now", async () => {
      await using _db = await open(engine, MODELS);
      const [ann, bob] = await Person.objects.insertMany([{ name: "ann" }, { name: "bob" }]);
      assert.ok(ann !== undefined && bob !== undefined);
      await ann.follows.add(bob, { note: "old" });
      await ann.friends.add(bob);
      const hide = async () => {
        await Following.objects.delete({ fanId: ann.id });
        await Friendship.objects.delete({ oneId: ann.id });
        assert.equal((await ann.follows.reload()).length + (await bob.friends.reload()).length, 0);
      };
      await hide();
      await ann.follows.add(bob, { note: "new" });
      await bob.friends.add(ann);
      assert.equal((await Following.objects.get()).note, "new");
      assert.equal((await ann.friends.reload()).length, 1);
      await hide();
      await ann.follows.set(bob);
      await ann.friends.set(bob);
      assert.equal((await ann.follows.reload()).length + (await bob.friends.reload()).length, 2);
      assert.equal(await Following.objects.withDeleted().count(), 1);
    });
  });

  describe("a row that is related with itself", () => {
    test("knows from its other side that it is no more", async () => {
      await using _db = await open(engine, MODELS);
      const ann = await Person.objects.insert({ name: "ann" });
      await ann.reports.add(ann);
      await ann.follows.add(ann);
      await ann.fans.reload();
      await Promise.all([ann.reports, ann.follows].map((relation) => relation.reload()));
      assert.equal(ann.bossId, ann.id);
      await ann.reports.clear();
      await ann.follows.clear();
      assert.deepEqual([ann.bossId, ann.fans.length], [null, 0]);
    });
  });

  describe("getters that are no relations", () => {
    test("fail nobody who names a relation, or comes near its name", async () => {
      await using _db = await open(engine, MODELS);
      const unhandled: unknown[] = [];
      const listener = (reason: unknown) => unhandled.push(reason);
      process.on("unhandledRejection", listener);
      try {
        await Person.objects.insertMany([{ name: "ann" }, { name: "bob" }]);
        const error = await failureOf(() => Person.objects.getInstances({ prefetch: untyped(["folows"]) }));
        assert.match(error.message, /did you mean "follows"/);
        await new Promise((resolve) => setImmediate(resolve));
      } finally {
        process.off("unhandledRejection", listener);
      }
      assert.deepEqual(unhandled, []);
    });

    test("named as relations are a TypeError that says so", async () => {
      await using _db = await open(engine, MODELS);
      const ways = [
        () => Person.objects.getInstances({ prefetch: untyped(["loud"]) }),
        () => Person.objects.getInstances({ selectRelated: untyped(["loud"]) }),
        () => Person.objects.getInstances({ withCount: untyped(["later"]) }),
        () => Person.objects.insert(untyped({ name: "x", loud: 1 })),
      ];
      for (const way of ways) {
        const error = await failureOf(way);
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /people has no/);
      }
    });
  });

  describe("what a getter says", () => {
    test("is refused where it names no properties", async () => {
      await using _db = await open(engine, MODELS);
      const person = await Person.objects.insert({ name: "ann" });
      const wrong = untyped({ odd: 5 });
      assert.throws(() => hasMany(person, Person, wrong.odd), /one property or a list of them, not/);
      assert.throws(() => belongsToMany(person, Person, Following, wrong), /one property or a list of them, not/);
    });
  });
});

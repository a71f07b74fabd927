import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  belongsTo,
  bigint,
  bytes,
  hasMany,
  hasOne,
  integer,
  json,
  Manager,
  Model,
  NotFoundError,
  numeric,
  sql,
  text,
  timestamp,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { MANY_MODELS, namesOf, Post, Profile, seed, titlesOf, User } from "./many-models.js";

/** Of every kind of column that is kept otherwise than it is read. */
class Parcel extends Model("parcels", {
  id: bigint().primaryKey(),
  weight: numeric(10, 2),
  labels: json<{ to: string }>().nullable(),
  sentAt: timestamp(),
  seal: bytes(),
  count: bigint().nullable(),
}) {
  static override objects = new Manager(this);
}

class Shelf extends Model("shelves", {
  id: integer().primaryKey(),
  name: text(),
  parcelId: bigint().nullable(),
  bigId: bigint(),
  madeAt: timestamp().nullable(),
  ownerId: integer(),
  spareId: integer().nullable(),
}) {
  static override objects = new Manager(this);
  get parcel() {
    return belongsTo(this, Parcel, "parcelId");
  }
  get owner() {
    return belongsTo(this, Owner, "ownerId");
  }
  get spare() {
    return belongsTo(this, Owner, "spareId");
  }
}

/** Hidden, not taken out. */
class Owner extends Model("owners", { id: integer().primaryKey(), name: text() }, { softDelete: "leftAt" }) {
  static override objects = new Manager(this);
  get shelves() {
    return hasMany(this, Shelf, "ownerId");
  }
  get spares() {
    return hasMany(this, Shelf, "spareId");
  }
}

/** Names so long that those of joined tables and columns are more than an engine takes. */
class Long extends Model("a_table_with_a_name_that_is_longer_than_most", {
  id: integer().primaryKey(),
  theParentOfThisRowThatIsOfTheSameTableId: integer().nullable(),
  theOtherParentOfThisRowThatIsOfTheSameTableId: integer().nullable(),
}) {
  static override objects = new Manager(this);
  get theParentOfThisRowThatIsOfTheSameTable() {
    return belongsTo(this, Long, "theParentOfThisRowThatIsOfTheSameTableId");
  }
  get theOtherParentOfThisRowThatIsOfTheSameTable() {
    return belongsTo(this, Long, "theOtherParentOfThisRowThatIsOfTheSameTableId");
  }
}

eachEngine((engine) => {
  describe("selectRelated", () => {
    test("reads several, nested, in one statement, null where there is none (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const ann = await User.objects.insert({ name: "ann" });
      const bob = await User.objects.insert({ name: "bob", bossId: ann.id });
      const cat = await User.objects.insert({ name: "cat", bossId: bob.id });
      await Profile.objects.insert({ bio: "of ann", userId: ann.id });
      await Post.objects.insertMany([
        { title: "x", authorId: cat.id },
        { title: "y", authorId: bob.id },
        { title: "z" },
      ]);
      const texts = await statementsOf(db, async () => {
        const posts = await Post.objects.getInstances({
          orderBy: "id",
          selectRelated: ["author.boss.boss", "author.boss.profile", "author.profile", "author"],
        });
        const read = posts.map(({ title, author: { secondary: author } }) => [
          title,
          author?.name,
          author?.profile.secondary?.bio,
          author?.boss.secondary?.name,
          author?.boss.secondary?.profile.secondary?.bio,
          author?.boss.secondary?.boss.secondary?.name,
        ]);
        assert.deepEqual(read, [
          ["x", "cat", undefined, "bob", undefined, "ann"],
          ["y", "bob", undefined, "ann", "of ann", undefined],
          ["z", undefined, undefined, undefined, undefined, undefined],
        ]);
        assert.equal(posts[2]?.author.secondary, null);
        assert.equal(await posts[2]?.author.fetch(), null);
      });
      assert.equal(texts.length, 1);
    });

    test("gives rows of the result that have the same other one instance (Q14)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const ann = await User.objects.insert({ name: "ann" });
      const bob = await User.objects.insert({ name: "bob", bossId: ann.id });
      await Post.objects.insertMany([1, 2, 3].map((i) => ({ title: `${i}`, authorId: bob.id })));
      const posts = await Post.objects.getInstances({ selectRelated: "author.boss" });
      assert.equal(new Set(posts.map(({ author }) => author.secondary)).size, 1);
      assert.equal(new Set(posts.map(({ author }) => author.secondary?.boss.secondary)).size, 1);
    });

    test("loads what follows for those it read, a statement for each relation (Q14, B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(20);
      const texts = await statementsOf(db, async () => {
        const posts = await Post.objects.getInstances({ selectRelated: "author", prefetch: "author.posts" });
        assert.ok(posts.every(({ id, author }) => author.secondary?.posts.secondary.some((one) => one.id === id)));
        for (const { author } of posts) await author.secondary?.boss.fetch();
        for (const { author } of posts) await author.secondary?.profile.fetch();
      });
      assert.equal(texts.length, 3);
    });

    test("decodes every kind of column as a plain read does (S21)", async () => {
      await using _db = await open(engine, [Parcel, Shelf, Owner]);
      const owner = await Owner.objects.insert({ name: "o" });
      const id = 9007199254740993n;
      const values = { weight: "12.50", sentAt: new Date("2024-02-03T04:05:06.789Z"), seal: Uint8Array.of(0, 255, 7) };
      await Parcel.objects.insert({ id, labels: { to: "é" }, count: -9223372036854775808n, ...values });
      const row = { name: "s", bigId: 9223372036854775807n, ownerId: owner.id };
      await Shelf.objects.insertMany([{ ...row, parcelId: id, madeAt: new Date(7) }, row]);
      const [plain] = await Parcel.objects.getInstances();
      const [shelf, empty] = await Shelf.objects.getInstances({ orderBy: "id", selectRelated: ["parcel", "owner"] });
      assert.ok(shelf && empty && plain);
      assert.deepEqual(shelf.parcel.secondary?.data, plain.data);
      assert.equal(shelf.parcel.secondary?.id, id);
      assert.deepEqual([shelf.bigId, shelf.parcelId, shelf.madeAt], [row.bigId, id, new Date(7)]);
      assert.equal(shelf.owner.secondary.id, owner.id);
      assert.equal(empty.parcel.secondary, null);
      assert.equal(empty.owner.secondary, shelf.owner.secondary);
      const other = shelf.parcel.secondary;
      assert.ok(other);
      other.weight = "1.00";
      await other.save();
      assert.equal((await Parcel.objects.find(id))?.weight, "1.00");
    });

    test("does not see what was deleted softly: null, or NotFoundError where there must be one (Q14)", async () => {
      await using db = await open(engine, [Parcel, Shelf, Owner]);
      const [left, there] = (await Owner.objects.insertMany([{ name: "l" }, { name: "t" }])) as [Owner, Owner];
      await Shelf.objects.insertMany([
        { name: "s", bigId: 1n, ownerId: left.id, spareId: left.id },
        { name: "t", bigId: 1n, ownerId: there.id, spareId: there.id },
      ]);
      await left.delete();
      const query = { orderBy: "id", selectRelated: ["owner", "spare"] } as const;
      const [gone, kept] = await Shelf.objects.getInstances(query);
      assert.ok(gone && kept);
      assert.throws(() => gone.owner.secondary, NotFoundError);
      assert.deepEqual([gone.spare.secondary, kept.owner.secondary?.name], [null, "t"]);
      const texts = await statementsOf(db, async () => assert.equal(await gone.owner.fetch(), null));
      assert.deepEqual(texts, []);
    });

    test("keeps limit, offset, order and conditions on what they are of (Q14)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(10);
      const query = { orderBy: ["-author.name", "title"], limit: 3, offset: 1, selectRelated: "author" } as const;
      const posts = await Post.objects.getInstances({ ...query, where: { "author.name": ["u1", "u2", "u3"] } });
      assert.deepEqual(titlesOf(posts), ["u3 b", "u2 a", "u2 b"]);
      assert.deepEqual(namesOf(posts.flatMap(({ author }) => author.secondary ?? [])), ["u3", "u2", "u2"]);
      const found = await Post.objects.find(posts[0]?.id ?? 0, { selectRelated: "author" });
      assert.equal(found?.author.secondary?.name, "u3");
      const texts = await statementsOf(db, async () => {
        for await (const post of Post.objects.stream({ selectRelated: ["author"] })) assert.ok(post.author.secondary);
      });
      assert.equal(
        texts.filter((sent) => sent.includes("join")).length,
        texts.filter((sent) => /select/.test(sent)).length,
      );
    });

    test("tells tables and columns with long names apart (Q14)", async () => {
      await using _db = await open(engine, [Long]);
      const [one, two] = (await Long.objects.insertMany([{}, {}])) as [Long, Long];
      await Long.objects.insert({
        theParentOfThisRowThatIsOfTheSameTableId: one.id,
        theOtherParentOfThisRowThatIsOfTheSameTableId: two.id,
      });
      await one.update({ theOtherParentOfThisRowThatIsOfTheSameTableId: two.id });
      const [, , third] = await Long.objects.getInstances({
        orderBy: "id",
        selectRelated: [
          "theParentOfThisRowThatIsOfTheSameTable.theOtherParentOfThisRowThatIsOfTheSameTable",
          "theParentOfThisRowThatIsOfTheSameTable.theParentOfThisRowThatIsOfTheSameTable",
          "theOtherParentOfThisRowThatIsOfTheSameTable",
        ],
      });
      const parent = third?.theParentOfThisRowThatIsOfTheSameTable.secondary;
      assert.equal(parent?.id, one.id);
      assert.equal(parent?.theOtherParentOfThisRowThatIsOfTheSameTable.secondary?.id, two.id);
      assert.equal(parent?.theParentOfThisRowThatIsOfTheSameTable.secondary, null);
      assert.equal(third?.theOtherParentOfThisRowThatIsOfTheSameTable.secondary?.id, two.id);
    });

    if (engine.dialect === "postgres") {
      test("goes with a lock of the rows themselves (Q14, B13)", async () => {
        await using _db = await open(engine, MANY_MODELS);
        await seed(3);
        await Post.objects.transaction(async (tx) => {
          const query = { lock: "update", limit: 1, orderBy: "id", selectRelated: "author" } as const;
          const [post] = await tx.getInstances(query);
          assert.equal(post?.author.secondary?.name, "u0");
          const others = await Post.objects.transaction((other) =>
            other.getInstances({ ...query, limit: 2, skipLocked: true, prefetch: "tags", withCount: "tags" }),
          );
          assert.deepEqual(titlesOf(others), ["u0 b", "u1 a"]);
          await User.objects.update("all", { rank: 1 });
        });
      });

      test("goes to tables in a schema (Q14)", async () => {
        const schema = `many_${process.pid}`;
        class Home extends Model("homes", { id: integer().primaryKey(), name: text() }, { schema }) {
          static override objects = new Manager(this);
          get rooms() {
            return hasMany(this, Room, "homeId");
          }
        }
        class Room extends Model("rooms", { id: integer().primaryKey(), homeId: integer().unique() }, { schema }) {
          static override objects = new Manager(this);
          get home() {
            return belongsTo(this, Home, "homeId");
          }
          get same() {
            return hasOne(this, Room, "homeId");
          }
        }
        await using db = await open(engine, []);
        db.bind(Home, Room);
        await db.query(sql([`create schema ${schema}`]));
        try {
          await db.createAll();
          const home = await Home.objects.insert({ name: "h" });
          await Room.objects.insert({ homeId: home.id });
          const [room] = await Room.objects.getInstances({ selectRelated: ["home", "same.home"] });
          assert.equal(room?.home.secondary.name, "h");
          assert.equal(room?.same.secondary?.home.secondary.name, "h");
          const [counted] = await Home.objects.getInstances({ withCount: "rooms", prefetch: { rooms: { limit: 1 } } });
          assert.deepEqual([counted?.roomsCount, counted?.rooms.length], [1, 1]);
        } finally {
          await db.query(sql([`drop schema ${schema} cascade`]));
        }
      });
    }
  });
});

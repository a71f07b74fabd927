import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { belongsToMany, integer, junction, Manager, Model, sql, text, UsageError, uuid } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { labelsOf, MANY_MODELS, Mark, Post, PostTag, Tag, titlesOf, User, untyped } from "./many-models.js";

/** The key has two columns. */
class Seat extends Model("seats", { row: text(), place: integer() }, { primaryKey: ["row", "place"] }) {
  static override objects = new Manager(this);
  get guests() {
    return belongsToMany(this, Guest, Booking);
  }
  get near() {
    return belongsToMany(this, Seat, Nearby, ["row", "place"], ["nearRow", "nearPlace"], { symmetrical: true });
  }
}

/** The key is a text that is made. */
class Guest extends Model("guests", { id: text().primaryKey(), name: text() }) {
  static override objects = new Manager(this);
  get seats() {
    return belongsToMany(this, Seat, Booking);
  }
  get gifts() {
    return belongsToMany(this, Gift, GuestGift);
  }
  get loans() {
    return belongsToMany(this, Gift, Loan);
  }
}

class Gift extends Model("gifts", { id: uuid().primaryKey(), label: text() }) {
  static override objects = new Manager(this);
  get guests() {
    return belongsToMany(this, Guest, GuestGift);
  }
}

const Booking = untyped(
  junction(
    "bookings",
    () => Seat,
    () => Guest,
    { paid: integer().default(0) },
  ),
);
const GuestGift = junction(
  "guest_gifts",
  () => Guest,
  () => Gift,
);

class Nearby extends Model(
  "nearby",
  { row: text(), place: integer(), nearRow: text(), nearPlace: integer() },
  { primaryKey: ["row", "place", "nearRow", "nearPlace"] },
) {}

/** Its rows have a key of their own, and are hidden where they are deleted. */
class Loan extends Model(
  "loans",
  { id: integer().primaryKey(), guestId: text(), giftId: uuid(), note: text().nullable() },
  { unique: [["guestId", "giftId"]], softDelete: "endedAt" },
) {
  static override objects = new Manager(this);
}

const SEAT_MODELS = [Seat, Guest, Gift, Booking, GuestGift, Nearby, Loan];

async function people() {
  const users = await User.objects.insertMany(["ann", "bob", "cat"].map((name) => ({ name })));
  return users as [User, User, User];
}

eachEngine((engine) => {
  describe("a pivot", () => {
    test("tells of itself, and gives the row of a pair to be read, changed and saved (Q9)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const post = await Post.objects.insert({ title: "post" });
      const [tag, other] = (await Tag.objects.insertMany([{ label: "a" }, { label: "b" }])) as [Tag, Tag];
      const { model, table, own, other: theirs, symmetrical } = post.tags.pivot;
      assert.deepEqual([model, table, own, theirs, symmetrical], [PostTag, "post_tags", ["postId"], ["tagId"], false]);
      assert.deepEqual(tag.posts.pivot.own, ["tagId"]);
      const { pivot } = (await User.objects.insert({ name: "u" })).friends;
      assert.deepEqual([pivot.table, pivot.symmetrical], ["friendships", true]);
      await post.tags.add(tag, { addedBy: "ann" });
      const row = await post.tags.pivot(tag);
      assert.ok(row instanceof PostTag);
      assert.equal(row.addedBy, "ann");
      row.addedBy = "bob";
      await row.save();
      assert.equal((await tag.posts.pivot(post))?.addedBy, "bob");
      assert.equal(await post.tags.pivot(other), null);
      const texts = await statementsOf(db, async () => {
        assert.ok((await failureOf(() => untyped(post.tags).pivot(post))) instanceof TypeError);
        assert.ok((await failureOf(() => post.tags.pivot(new Tag({ label: "new" })))) instanceof UsageError);
      });
      assert.deepEqual(texts, []);
    });

    test("of a member that is taken out and added again is the new one (Q9)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const post = await Post.objects.insert({ title: "post" });
      const tag = await Tag.objects.insert({ label: "a" });
      await post.tags.add(tag, { addedBy: "ann" });
      await post.tags.fetchAll();
      assert.equal((await post.tags.pivot(tag))?.addedBy, "ann");
      await post.tags.remove(tag);
      assert.equal(await post.tags.pivot(tag), null);
      await post.tags.add(tag, { addedBy: "bob" });
      assert.equal((await post.tags.pivot(tag))?.addedBy, "bob");
    });

    test("may be asked for at once by relations that share it: a statement each for all that came together (B7)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const [ann, bob] = (await User.objects.insertMany([{ name: "ann" }, { name: "bob" }])) as [User, User];
      await ann.follows.add(bob);
      await bob.follows.add(ann);
      const [one, other] = (await User.objects.getInstances({ prefetch: ["follows", "fans"], orderBy: "id" })) as [
        User,
        User,
      ];
      const texts = await statementsOf(db, async () => {
        const rows = await Promise.all([
          one.follows.pivot(other),
          one.fans.pivot(other),
          other.follows.pivot(one),
          other.fans.pivot(one),
        ]);
        assert.deepEqual(
          rows.map((row) => row?.fanId),
          [one.id, other.id, other.id, one.id],
        );
      });
      assert.equal(texts.length, 2);
    });

    test("is joined by query(), so that its columns can be asked for (S55)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const post = await Post.objects.insert({ title: "post" });
      const second = await Post.objects.insert({ title: "second" });
      const [tag, other] = (await Tag.objects.insertMany([{ label: "a" }, { label: "b" }])) as [Tag, Tag];
      await post.tags.add(tag, { addedBy: "ann" });
      await post.tags.add(other, { addedBy: "bob" });
      await second.tags.add(tag, { addedBy: "bob" });
      const rows = await post.tags.query().equal("post_tags.addedBy", "bob").get();
      assert.deepEqual(
        rows.map(({ data }) => [data.tags.label, data.post_tags.addedBy]),
        [["b", "bob"]],
      );
      assert.equal(await post.tags.query().count(), 2);
      assert.equal(await new Post({ title: "new" }).tags.query().count(), 0);
      const [ann] = await people();
      await ann.friends.add(...(await User.objects.getInstances({ where: { name: ["bob", "cat"] } })));
      const friends = await ann.friends.query().orderBy("users.name", "desc").get();
      assert.deepEqual(
        friends.map(({ data }) => data.users.name),
        ["cat", "bob"],
      );
      assert.ok(db);
    });

    test("loses its rows, and nothing else goes, where one of the ends is deleted (Q10)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [post, second] = (await Post.objects.insertMany([{ title: "a" }, { title: "b" }])) as [Post, Post];
      const [tag, other] = (await Tag.objects.insertMany([{ label: "a" }, { label: "b" }])) as [Tag, Tag];
      await post.tags.add(tag, other);
      await second.tags.add(tag);
      await post.delete();
      assert.deepEqual(titlesOf(await tag.posts.fetchAll()), ["b"]);
      assert.equal(await Tag.objects.count(), 2);
      await tag.delete();
      assert.deepEqual([await PostTag.objects.count(), await Post.objects.count()], [0, 1]);
    });

    test("may have keys of several columns, texts and uuids, called by default or not (Q9)", async () => {
      await using db = await open(engine, SEAT_MODELS);
      const seats = await Seat.objects.insertMany([1, 2, 3].map((place) => ({ row: "a,'b", place })));
      const [one, two, three] = seats as [Seat, Seat, Seat];
      const [ann, bob] = (await Guest.objects.insertMany([{ name: "ann" }, { name: "bob" }])) as [Guest, Guest];
      await one.guests.add(ann, bob, { paid: 5 });
      await one.guests.add(ann);
      await ann.seats.add(two);
      assert.equal((await ann.seats.pivot(one))?.paid, 5);
      assert.deepEqual(
        (await ann.seats.fetchAll()).map(({ place }) => place),
        [1, 2],
      );
      const texts = await statementsOf(db, async () => {
        const again = await Seat.objects.getInstances({ orderBy: "place" });
        const counts = await Promise.all(again.map(async (seat) => (await seat.guests.fetchAll()).length));
        assert.deepEqual(counts, [2, 1, 0]);
      });
      assert.equal(texts.length, 2);
      await one.guests.set(bob);
      await ann.seats.remove(two, three);
      assert.deepEqual((await ann.seats.reload()).secondary, []);
      const gifts = (await Gift.objects.insertMany([{ label: "x" }, { label: "y" }])) as [Gift, Gift];
      await bob.gifts.add(...gifts);
      await gifts[0].guests.remove(bob);
      assert.deepEqual(labelsOf(await bob.gifts.fetchAll()), ["y"]);
      await three.near.add(one);
      await one.near.add(two, three);
      assert.deepEqual(
        (await one.near.fetchAll()).map(({ place }) => place),
        [2, 3],
      );
      assert.equal((await db.query(sql`select * from nearby`)).length, 2);
      await two.near.clear();
      assert.deepEqual(
        (await one.near.reload()).secondary.map(({ place }) => place),
        [3],
      );
    });

    test("that has a pair twice relates the two once (Q6)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const post = await Post.objects.insert({ title: "post" });
      const [tag, other] = (await Tag.objects.insertMany([{ label: "a" }, { label: "b" }])) as [Tag, Tag];
      await Mark.objects.insertMany([tag, tag, other].map(({ id }) => ({ postId: post.id, tagId: id })));
      assert.equal(await post.marks.count(), 2);
      assert.deepEqual(labelsOf(await post.marks.fetchAll()), ["a", "b"]);
      await post.marks.remove(tag);
      assert.equal(await Mark.objects.count(), 1);
    });

    test("may hide its rows: then nothing is related, until it is added again (Q6)", async () => {
      await using _db = await open(engine, SEAT_MODELS);
      const ann = await Guest.objects.insert({ name: "ann" });
      const [gift, other] = (await Gift.objects.insertMany([{ label: "x" }, { label: "y" }])) as [Gift, Gift];
      await ann.loans.add(gift, other, { note: "first" });
      await (await ann.loans.pivot(gift))?.delete();
      assert.equal(await ann.loans.pivot(gift), null);
      assert.deepEqual(labelsOf(await ann.loans.fetchAll()), ["y"]);
      const [counted] = await Guest.objects.getInstances({ withCount: "loans", prefetch: { loans: { limit: 1 } } });
      assert.deepEqual([counted?.loansCount, labelsOf(counted?.loans.secondary ?? [])], [1, ["y"]]);
      assert.equal(await ann.loans.query().count(), 1);
      await ann.loans.add(gift, other, { note: "again" });
      assert.deepEqual(
        labelsOf((await ann.loans.reload()).secondary),
        labelsOf([gift, other].sort((a, b) => (a.id < b.id ? -1 : 1))),
      );
      assert.deepEqual([(await ann.loans.pivot(gift))?.note, (await ann.loans.pivot(other))?.note], ["again", "first"]);
      await (await ann.loans.pivot(gift))?.delete();
      await ann.loans.set(gift);
      assert.deepEqual(labelsOf((await ann.loans.reload()).secondary), ["x"]);
    });

    test("may have keys of several columns for any number of owners and members (Q6)", async () => {
      await using db = await open(engine, SEAT_MODELS);
      const ann = await Guest.objects.insert({ name: "ann" });
      await Seat.objects.insertMany(
        Array.from({ length: 3000 }, (_, place) => ({ row: "a", place })),
        { fetch: false },
      );
      const seats = await Seat.objects.getInstances({ orderBy: "place" });
      await ann.seats.add(...seats);
      const texts = await statementsOf(db, async () => {
        for (const seat of seats) assert.equal((await seat.guests.fetchAll())[0]?.name, "ann");
      });
      assert.equal(texts.length, 1);
      await ann.seats.remove(...seats.slice(1));
      assert.equal(await ann.seats.count(), 1);
    });
  });
});

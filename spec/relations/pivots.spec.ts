import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { belongsToMany, integer, junction, Manager, Model, sql, text, UsageError, uuid } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import {
  Following,
  Friendship,
  labelsOf,
  MANY_MODELS,
  Mark,
  namesOf,
  Post,
  PostTag,
  Tag,
  titlesOf,
  User,
  untyped,
} from "./many-models.js";

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

const SEAT_MODELS = [Seat, Guest, Gift, Booking, GuestGift, Nearby];

async function people() {
  const users = await User.objects.insertMany(["ann", "bob", "cat"].map((name) => ({ name })));
  return users as [User, User, User];
}

/** The names of a user's friends, by what is loaded, asked for, counted and prefetched, which are to be the same. */
async function friendsOf({ id }: User): Promise<string[]> {
  const one = { where: { id } };
  const [lazy] = await User.objects.getInstances(one);
  const [eager] = await User.objects.getInstances({ ...one, prefetch: "friends", withCount: "friends" });
  assert.ok(lazy && eager);
  const names = namesOf(await lazy.friends.fetchAll());
  assert.deepEqual(namesOf(eager.friends.secondary), names);
  assert.deepEqual(namesOf(await lazy.friends.filter({}).fetchAll()), names);
  assert.equal(eager.friendsCount, names.length);
  assert.equal(await new User({ id, name: "" }).friends.count(), 0, "of one that is not saved");
  for (const name of names) assert.ok(await User.objects.exists({ where: { id, friends: { some: { name } } } }));
  return names;
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

  describe("a symmetrical relation", () => {
    test("keeps a row for each pair, seen and removable from both ends (Q8)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [ann, bob, cat] = await people();
      await bob.friends.add(ann);
      await ann.friends.add(bob);
      await ann.friends.add(cat, bob);
      assert.equal(await Friendship.objects.count(), 2);
      assert.deepEqual(await friendsOf(ann), ["bob", "cat"]);
      assert.deepEqual(await friendsOf(bob), ["ann"]);
      assert.ok(await bob.friends.pivot(ann));
      await bob.friends.remove(ann, cat);
      assert.deepEqual(await friendsOf(ann), ["cat"]);
      await cat.friends.clear();
      assert.equal(await Friendship.objects.count(), 0);
    });

    test("sees rows that were written by hand in either order, and a pair with oneself once (Q8)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [ann, bob, cat] = await people();
      await Friendship.objects.insertMany([
        { oneId: cat.id, otherId: ann.id },
        { oneId: ann.id, otherId: bob.id },
        { oneId: ann.id, otherId: ann.id },
      ]);
      assert.deepEqual(await friendsOf(ann), ["ann", "bob", "cat"]);
      assert.deepEqual(await friendsOf(cat), ["ann"]);
      await ann.friends.add(cat, ann, bob);
      await cat.friends.add(ann);
      assert.equal(await Friendship.objects.count(), 3);
      await ann.friends.remove(cat, ann);
      assert.deepEqual(await friendsOf(ann), ["bob"]);
      await ann.friends.add(ann);
      await ann.friends.set(ann, cat);
      assert.deepEqual(await friendsOf(ann), ["ann", "cat"]);
      assert.deepEqual(await friendsOf(bob), []);
      assert.equal(await Friendship.objects.count(), 2);
    });

    test("sees a pair once that was written by hand in both orders, and removes it whole (Q8)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [ann, bob] = await people();
      await Friendship.objects.insertMany([
        { oneId: bob.id, otherId: ann.id },
        { oneId: ann.id, otherId: bob.id },
      ]);
      assert.deepEqual(await friendsOf(ann), ["bob"]);
      await bob.friends.remove(ann);
      assert.equal(await Friendship.objects.count(), 0);
    });

    test("is one row where both befriend each other at the same time (Q8)", async () => {
      await using _db = await open(engine, MANY_MODELS);
      const [ann, bob] = await people();
      await Promise.all([ann.friends.add(bob), bob.friends.add(ann), ann.friends.add(bob), bob.friends.add(ann)]);
      assert.equal(await Friendship.objects.count(), 1);
    });

    test("refreshes what both ends have loaded (Q7, Q8)", async () => {
      await using db = await open(engine, MANY_MODELS);
      const [ann, bob] = await people();
      for (const one of [ann, bob]) await one.friends.fetchAll();
      await ann.friends.add(bob, ann);
      const texts = await statementsOf(db, async () => {
        assert.deepEqual(namesOf(await bob.friends.fetchAll()), ["ann"]);
        assert.deepEqual(namesOf(await ann.friends.fetchAll()), ["bob", "ann"]);
      });
      assert.deepEqual(texts, []);
      await bob.friends.clear();
      assert.deepEqual(namesOf(ann.friends.secondary), ["ann"]);
    });
  });

  test("a directed relation of a model with itself is two getters with the keys swapped (Q8)", async () => {
    await using _db = await open(engine, MANY_MODELS);
    const [ann, bob, cat] = await people();
    for (const one of [ann, bob, cat]) await Promise.all([one.fans.fetchAll(), one.follows.fetchAll()]);
    await ann.follows.add(bob, cat);
    await bob.follows.add(ann);
    assert.deepEqual(namesOf(ann.fans.secondary), ["bob"]);
    assert.deepEqual(namesOf(bob.fans.secondary), ["ann"]);
    await bob.fans.remove(ann);
    assert.deepEqual(namesOf(ann.follows.secondary), ["cat"]);
    assert.deepEqual(namesOf((await ann.fans.reload()).secondary), ["bob"]);
    assert.deepEqual(await Following.objects.getItems({ orderBy: "fanId" }), [
      { fanId: ann.id, starId: cat.id },
      { fanId: bob.id, starId: ann.id },
    ]);
  });
});

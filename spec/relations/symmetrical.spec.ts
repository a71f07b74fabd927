import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eachEngine } from "../support/engines.js";
import { open, statementsOf } from "../support/open.js";
import { Following, Friendship, MANY_MODELS, namesOf, User } from "./many-models.js";

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
      const both = () => User.objects.findMany([ann.id, bob.id]);
      for (let i = 0; i < 10; i += 1) {
        const [one, other] = (await both()) as [User, User];
        const [again, too] = (await both()) as [User, User];
        await Promise.all([one.friends.add(other), too.friends.add(again), ann.friends.add(bob), bob.friends.add(ann)]);
        const rows = await Friendship.objects.getItems();
        assert.deepEqual(rows, [{ oneId: ann.id, otherId: bob.id }], "the smaller key comes first");
        await bob.friends.clear();
        await bob.friends.add(ann);
        assert.deepEqual(await Friendship.objects.getItems(), rows);
        await ann.friends.clear();
      }
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

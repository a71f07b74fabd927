import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasMany, integer, Manager, Model, text, UsageError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { MANY_MODELS, Post, seed, User, untyped } from "./many-models.js";

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

class Shelf extends Model("shelves", {
  id: integer().primaryKey(),
  name: text(),
  ownerId: integer(),
  spareId: integer().nullable(),
}) {
  static override objects = new Manager(this);
}

class Counted extends Model("counted", { id: integer().primaryKey(), ownerId: integer(), itemsCount: integer() }) {
  static override objects = new Manager(this);
  get items() {
    return hasMany(this, Counted, "ownerId");
  }
}

eachEngine((engine) => {
  describe("withCount", () => {
    test("counts, orders, and leaves conditions alone (Q15)", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(11);
      const texts = await statementsOf(db, async () => {
        const users = await User.objects.withCount(["posts", "friends"], {
          orderBy: ["postsCount", "-name"],
          limit: 3,
        });
        assert.deepEqual(
          users.map(({ name, postsCount, friendsCount }) => [name, postsCount, friendsCount]),
          [
            ["u9", 0, 0],
            ["u8", 2, 0],
            ["u7", 2, 0],
          ],
        );
        const posts = await Post.objects.getInstances({
          where: { "author.name": "u1" },
          withCount: "tags",
          orderBy: "-tagsCount",
        });
        assert.deepEqual(
          posts.map(({ tagsCount }) => tagsCount),
          [2, 2],
        );
      });
      assert.equal(texts.length, 2);
    });

    test("leaves out what was deleted softly, and goes with the rest of a query (Q15)", async () => {
      await using _db = await open(engine, [Shelf, Owner]);
      const [owner, other] = (await Owner.objects.insertMany([{ name: "a" }, { name: "b" }])) as [Owner, Owner];
      await Shelf.objects.insertMany([1, 2].map(() => ({ name: "s", ownerId: owner.id, spareId: other.id })));
      await other.delete();
      const counted = await Owner.objects.getInstances({ withCount: ["shelves", "spares"], prefetch: "shelves" });
      assert.deepEqual(
        counted.map(({ shelvesCount, sparesCount }) => [shelvesCount, sparesCount]),
        [[2, 0]],
      );
      const all = await Owner.objects.withDeleted().getInstances({ withCount: "spares", orderBy: "-sparesCount" });
      assert.deepEqual(
        all.map(({ sparesCount }) => sparesCount),
        [2, 0],
      );
    });

    test("refuses a name that is there already (Q15)", async () => {
      await using db = await open(engine, [Counted]);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => untyped(Counted).objects.getInstances({ withCount: "items" }));
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /itemsCount/);
      });
      assert.deepEqual(texts, []);
    });
  });
});

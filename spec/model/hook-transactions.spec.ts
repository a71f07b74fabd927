import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  belongsTo,
  type HookContext,
  hasMany,
  integer,
  Manager,
  Model,
  OptimisticLockError,
  TransactionClosedError,
  text,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

/** Models of one test, so that no hook is left over for another. */
function makeModels() {
  class Author extends Model("authors", { id: integer().primaryKey(), name: text(), numBooks: integer().default(0) }) {
    static override objects = new Manager(this);
    get books() {
      return hasMany(this, Book, "authorId");
    }
  }
  class Book extends Model("books", {
    id: integer().primaryKey(),
    title: text(),
    authorId: integer().references(() => Author),
  }) {
    static override objects = new Manager(this);
    get author() {
      return belongsTo(this, Author, "authorId");
    }
  }
  return { Author, Book };
}

const stop = new Error("no");

eachEngine((engine) => {
  describe("an operation with hooks", () => {
    test("is in the transaction that its instance is in, and is undone with it (S65, S67)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("beforeInsert", (author) => {
        author.numBooks = 5;
      });
      Author.addHook("afterInsert", async (author, { scope }) => {
        await Author.objects.using(scope).insert({ name: `${author.name}'s friend` }, { suppressEvents: true });
      });
      await using tx = Author.objects.transaction();
      const author = await tx.insert({ name: "a" });
      const other = await new Author({ name: "b" }).using(tx).save();
      assert.equal(await tx.count(), 4);
      await tx.rollback();
      assert.equal(await Author.objects.count(), 0);
      assert.deepEqual([author.data, other.data], [{ name: "a" }, { name: "b" }]);
      await author.save();
      assert.equal(await Author.objects.count(), 2);
    });

    test("shows its hooks the instance in the transaction: relations, reload, and writes through it (S67)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Book.addHook("afterInsert", async (book, context) => {
        const author = (await book.author.fetch()) ?? assert.fail();
        await author.update({ numBooks: author.numBooks + 1 });
        assert.equal(await author.books.count(), 1);
        await book.reload();
        await book.update({ title: `${book.title}, by ${author.name}` });
        assert.equal(await Book.objects.using(context.scope).count(), 1);
      });
      const author = await Author.insert({ name: "x" });
      const book = await Book.insert({ title: "a", authorId: author.id });
      assert.equal(book.title, "a, by x");
      assert.deepEqual((await Book.objects.get()).data, book.data);
      assert.equal((await Author.objects.get()).numBooks, 1);
      // Afterwards it is out of it again.
      await book.update({ title: "b" });
      assert.equal((await Book.objects.get()).title, "b");
    });

    test("draws nothing else in: what uses the instance beside its hooks is not undone with them (S67)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      const author = await Author.insert({ name: "a" });
      let goOn = () => {};
      const waited = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      Author.addHook("beforeUpdate", async () => {
        await waited;
        throw stop;
      });
      const failing = failureOf(() => author.update({ numBooks: 7 }));
      await author.update({ name: "b" }, undefined, { suppressEvents: true });
      goOn();
      assert.equal(await failing, stop);
      assert.equal((await Author.objects.get()).name, "b");
    });

    test("may run beside another on the same instance", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("beforeUpdate", () => new Promise((resolve) => setTimeout(resolve, 5)));
      const author = await Author.insert({ name: "a" });
      await Promise.all([author.update({ name: "c" }), author.update({ numBooks: 2 })]);
      assert.deepEqual(await Author.objects.getItem(), { id: author.id, name: "c", numBooks: 2 });
    });

    test("that sends nothing begins no transaction", async () => {
      const { Author, Book } = makeModels();
      await using db = await open(engine, [Author, Book]);
      Author.addHook("beforeSave", () => {});
      const author = await Author.insert({ name: "a" });
      assert.deepEqual(await statementsOf(db, () => author.save()), []);
    });
  });

  describe("a hook that throws in a transaction", () => {
    test("before anything is written stops the operation, and the transaction goes on (S35)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("beforeInsert", (author) => {
        author.numBooks = 5;
        if (author.name === "") throw stop;
      });
      await using tx = Author.objects.transaction();
      await tx.insert({ name: "a" });
      const nameless = new Author({ name: "" }).using(tx);
      assert.equal(await failureOf(() => nameless.save()), stop);
      assert.deepEqual(nameless.data, { name: "" });
      nameless.name = "b";
      await nameless.save();
      await tx.commit();
      const items = await Author.objects.getItems({ columns: ["name"], orderBy: "name" });
      assert.deepEqual(items, [{ name: "a" }, { name: "b" }]);
    });

    test("after something was written leaves nothing to do but to roll it back (S35)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("afterInsert", () => {
        throw stop;
      });
      await using tx = Author.objects.transaction();
      const author = new Author({ name: "a" }).using(tx);
      assert.equal(await failureOf(() => author.save()), stop);
      assert.deepEqual(author.data, { name: "a" });
      for (const work of [() => tx.count(), () => tx.commit()]) {
        const error = await failureOf(work);
        assert.ok(error instanceof TransactionClosedError);
        assert.equal(error.cause, stop);
      }
      assert.equal(await Author.objects.count(), 0);
    });

    test("after another wrote, in a nested one too, leaves nothing to do but to roll it back", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("beforeInsert", async (_, { scope }) => {
        const within = Author.objects.using(scope);
        await within.transaction((nested) => nested.insert({ name: "x" }, { suppressEvents: true }));
        throw stop;
      });
      await using tx = Author.objects.transaction();
      assert.equal(await failureOf(() => tx.insert({ name: "a" })), stop);
      assert.ok((await failureOf(() => tx.commit())) instanceof TransactionClosedError);
      assert.equal(await Author.objects.count(), 0);
    });

    test("nested in another is undone alone, and the outer one goes on (S35)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("afterInsert", (author) => {
        if (author.name === "b") throw stop;
      });
      await using tx = Author.objects.transaction();
      await tx.insert({ name: "a" });
      assert.equal(await failureOf(() => tx.transaction((nested) => nested.insert({ name: "b" }))), stop);
      await tx.commit();
      assert.deepEqual(await Author.objects.getItems({ columns: ["name"] }), [{ name: "a" }]);
    });

    test("is no failing condition of an update: that has written nothing, and the transaction goes on", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("beforeUpdate", () => {});
      const author = await Author.insert({ name: "a" });
      await using tx = Author.objects.transaction();
      author.using(tx);
      assert.ok((await failureOf(() => author.update({ name: "b" }, { numBooks: 9 }))) instanceof OptimisticLockError);
      await author.update({ name: "c" }, { numBooks: 0 });
      await tx.commit();
      assert.equal((await Author.objects.get()).name, "c");
    });

    test("is not even called in one that has ended", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      let calls = 0;
      Author.addHook("beforeInsert", () => calls++);
      const tx = Author.objects.transaction();
      await tx.commit();
      assert.ok((await failureOf(() => tx.insert({ name: "a" }))) instanceof TransactionClosedError);
      assert.equal(calls, 0);
    });
  });

  if (!engine.writesSideBySide) {
    test("a hook that writes beside its transaction is told so at once: it would wait for itself (B4)", async () => {
      const { Author, Book } = makeModels();
      await using _db = await open(engine, [Author, Book]);
      Author.addHook("afterInsert", async (author: { name: string }, _: HookContext) => {
        if (author.name === "a") await Author.objects.insert({ name: "b" });
      });
      const error = await failureOf(() => Author.insert({ name: "a" }));
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /in the same flow/);
      assert.match(error.message, /session\.objects\(Model\)/);
      assert.equal(await Author.objects.count(), 0);
    });
  }
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  belongsTo,
  type Condition,
  type Database,
  hasMany,
  integer,
  Manager,
  Model,
  RelationNotLoadedError,
  text,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";

class Author extends Model("authors", {
  id: integer().primaryKey(),
  name: text(),
  born: integer(),
  mentorId: integer()
    .nullable()
    .references(() => Author),
}) {
  static override objects = new Manager(this);
  get mentor() {
    return belongsTo(this, Author, "mentorId");
  }
  get pupils() {
    return hasMany(this, Author, "mentorId");
  }
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

const a = Author.objects.c;

async function openAuthors(engine: Parameters<typeof open>[0]): Promise<Database> {
  const db = await open(engine, [Author, Book]);
  const rows = [
    { name: "una", born: 1900 },
    { name: "new", born: 1950, mentorId: 1 },
    { name: "old", born: 1890, mentorId: 1 },
    { name: "young", born: 1970, mentorId: 2 },
  ];
  await Author.objects.insertMany(rows);
  await Book.objects.insertMany([
    { title: "one", authorId: 2 },
    { title: "two", authorId: 4 },
  ]);
  return db;
}

async function names(found: Promise<readonly Author[]>): Promise<string> {
  return (await found).map(({ name }) => name).join(" ");
}

eachEngine((engine) => {
  describe("conditions on the rows of a relation of a model to itself", () => {
    test("are about the rows that they stand under, as objects and as expressions (Q9)", async () => {
      await using _db = await openAuthors(engine);
      const { objects } = Author;
      const orderBy = "id";
      const isLate = Author.c.born.gt(1940);
      const [some, list] = [{ pupils: { some: isLate } }, { pupils: { some: [isLate, { name: "new" }] } }];
      assert.equal(await names(objects.getInstances({ where: some, orderBy })), "una new");
      assert.equal(await names(objects.getInstances({ where: list, orderBy })), "una");
      assert.equal(
        await names(objects.getInstances({ where: { pupils: { every: isLate } }, orderBy })),
        "new old young",
      );
      assert.equal(await names(objects.getInstances({ where: { pupils: { none: isLate } }, orderBy })), "old young");
      assert.equal(await names(objects.getInstances({ where: a.pupils.some(a.born.gt(1940)), orderBy })), "una new");
      assert.equal(await names(objects.getInstances({ where: a.pupils.count(isLate).gt(0), orderBy })), "una new");
    });

    test("may go on to other rows, and paths, from there (Q9)", async () => {
      await using _db = await openAuthors(engine);
      const find = (some: Condition) =>
        names(Author.objects.getInstances({ where: { pupils: { some } }, orderBy: "id" }));
      assert.equal(await find(a.mentor.name.eq("new")), "new");
      assert.equal(await find(a.books.some(Book.c.title.eq("one"))), "una");
      assert.equal(await find(a.books.some(a.name.eq("new"))), "una");
      assert.equal(await find(Author.c.id.in(Author.select("id").where(Author.c.name.eq("old")))), "una");
      const deep = { pupils: { some: { pupils: { some: Author.c.born.gt(1960) } } } };
      assert.equal(await names(Author.objects.getInstances({ where: deep })), "una");
      const author = { pupils: { some: Author.c.name.eq("young") } };
      assert.equal(await names(Author.objects.getInstances({ where: { books: { some: { author } } } })), "new");
    });

    test("are refused where a name would mean two rows", async () => {
      await using db = await openAuthors(engine);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() =>
          Author.objects.getInstances({ where: a.pupils.some(a.pupils.some(a.born.gt(1960))) }),
        );
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /as an object/);
      });
      assert.deepEqual(texts, []);
    });
  });

  describe("a relation", () => {
    test("is its rows as JSON, once loaded", async () => {
      await using _db = await openAuthors(engine);
      const una = await Author.objects.find(1);
      assert.ok(una !== null);
      assert.throws(() => JSON.stringify({ pupils: una.pupils }), RelationNotLoadedError);
      await una.pupils.fetchAll();
      await una.mentor.fetch();
      const json = JSON.parse(JSON.stringify({ pupils: una.pupils, mentor: una.mentor }));
      assert.deepEqual(json.mentor, null);
      assert.deepEqual(
        json.pupils.map(({ name }: { name: string }) => name),
        ["new", "old"],
      );
    });

    test("to one is null where a condition leaves out what is there", async () => {
      await using _db = await openAuthors(engine);
      const [book] = await Book.objects.getInstances({ prefetch: { author: { where: { name: "una" } } } });
      assert.equal(book?.author.secondary, null);
    });

    test("that is misspelt among new rows is told with the nearest", async () => {
      await using db = await openAuthors(engine);
      const texts = await statementsOf(db, async () => {
        for (const row of [
          { name: "x", born: 1, pupls: [] },
          { name: "x", born: 1, pupils: [{ nam: "y", born: 2 }] },
        ]) {
          const error = await failureOf(() => Author.objects.insert(row as never));
          assert.ok(error instanceof TypeError);
          assert.match(error.message, /did you mean "(pupils|name)"/);
        }
      });
      assert.deepEqual(texts, []);
    });
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { HashedModel, hasMany, integer, Manager, Model, text, ValidationError } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

class Author extends Model("authors", { id: integer().primaryKey(), name: text(), age: integer().nullable() }) {
  static override objects = new Manager(this);
  get books() {
    return hasMany(this, Book, "authorId");
  }
}

class Book extends Model("books", {
  id: integer().primaryKey(),
  title: text().default(() => {
    throw fault;
  }),
  authorId: integer()
    .nullable()
    .references(() => Author),
}) {}

class Visitor extends Model("visitors", { id: integer().primaryKey(), name: text() }) {
  beforeInsert() {}
}

class Page extends HashedModel("pages", { name: text(), views: integer().nullable().excludedFromHash() }) {}

const SMALL: StandardSchemaV1<number> = {
  "~standard": {
    version: 1,
    vendor: "spec",
    validate: (value) => (Number(value) > 5 ? { issues: [{ message: "too large" }] } : { value: Number(value) }),
  },
};

class Ticket extends Model("tickets", { id: integer().primaryKey(), seats: integer().check(SMALL) }) {}

const fault = new TypeError("of a user's own");
const wrong = (value: unknown): never => value as never;
const TAKES_TEXT = "authors.name takes a string, not a number";

eachEngine((engine) => {
  test("a TypeError about one of several rows tells its place in the list that was given", async () => {
    await using db = await open(engine, [Author, Book, Visitor, Page]);
    const author = await Author.objects.insert({ name: "a" });
    author.name = wrong(3);
    const { id } = author;
    const misaged = Object.assign(new Author({ name: "c" }), { age: "z" });
    const cases: [() => Promise<unknown>, string][] = [
      [() => Author.objects.insertMany([{ name: "b" }, { name: wrong(3) }]), `row 1: ${TAKES_TEXT}`],
      [
        () => Author.objects.insertMany([{ name: "b" }, wrong({ nmae: "c" })]),
        'row 1: table authors has no column "nmae" (did you mean "name"?)',
      ],
      [
        () =>
          Author.objects.insertMany([
            { name: "b", books: [{ title: "x" }] },
            { name: "c", books: [wrong(7)] },
          ]),
        "row 1: a row of books is an object, not a number",
      ],
      [
        () => Author.objects.insertMany([{ name: "b" }, { name: "c", books: [{ title: wrong(3) }] }]),
        "row 1: books.title takes a string, not a number",
      ],
      [
        () => Visitor.objects.insertMany([{ name: "b" }, { name: wrong(3) }]),
        "row 1: visitors.name takes a string, not a number",
      ],
      [
        () =>
          Author.objects.upsertMany([
            { id: 7, name: "b" },
            { id: 8, name: wrong(3) },
          ]),
        `row 1: ${TAKES_TEXT}`,
      ],
      [() => Author.objects.bulkUpdate([{ id: 7, name: "b" }, author]), `row 1: ${TAKES_TEXT}`],
      [
        () =>
          Author.objects.bulkUpdate([
            { id, name: "b" },
            { id, age: 1 },
          ]),
        "row 1: bulkUpdate of authors got the same key twice",
      ],
      // Of several classes, each of which is written by itself.
      [
        () => db.begin((session) => session.saveAll([new Author({ name: "b" }), new Visitor({ name: "b" }), misaged])),
        "row 2: authors.age takes an integer of 32 bits, not a string",
      ],
      [
        () => db.begin((session) => session.saveAll([new Visitor({ name: "b" }), misaged])),
        "row 1: authors.age takes an integer of 32 bits, not a string",
      ],
      [
        () => Author.objects.bulkUpdate([{ id, name: "b" }, wrong(new Visitor({ name: "b" }))]),
        "row 1: an update of authors got an instance of Visitor",
      ],
      // Those of the same content are written once.
      [
        () =>
          Page.objects.insertMany([{ name: "x" }, { name: "x" }, { name: "y", views: wrong("z") }], {
            onDuplicate: "return",
          }),
        "row 2: pages.views takes an integer of 32 bits, not a string",
      ],
      [
        () => Page.objects.insertMany([{ name: "x" }, wrong(null)], { onDuplicate: "return" }),
        "row 1: the values of a row of pages are an object, not null",
      ],
    ];
    for (const [work, message] of cases) {
      const error = await failureOf(work);
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, message);
      assert.match(error.stack ?? "", /rows-at-fault\.spec\.ts:\d+/);
    }
    assert.equal(await Author.objects.count(), 1);
  });

  test("a ValidationError tells the place in the list that was given, of several classes too", async () => {
    await using db = await open(engine, [Visitor, Ticket]);
    const instances = [new Ticket({ seats: 1 }), new Visitor({ name: "a" }), new Ticket({ seats: 9 })];
    const error = await failureOf(() => db.begin((session) => session.saveAll(instances)));
    assert.ok(error instanceof ValidationError);
    assert.deepEqual(error.issues[0]?.path, [2, "seats"]);
  });

  test("of one row no place is told, and what a user's own code throws stays as it is", async () => {
    await using _db = await open(engine, [Author, Book]);
    for (const work of [
      () => Author.objects.insert({ name: wrong(3) }),
      () => Author.objects.upsert({ name: wrong(3) }),
      () => Author.objects.insertMany([{ name: wrong(3) }]),
    ]) {
      assert.equal((await failureOf(work)).message, TAKES_TEXT);
    }
    assert.equal(await failureOf(() => Book.objects.insertMany([{ title: "x" }, {}])), fault);
    assert.equal(fault.message, "of a user's own");
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnyModel, integer, Model, text } from "../../src/index.js";
import { type PlanOptions, planModels } from "../../src/schema/model-plan.js";
import { plural, singular } from "../../src/schema/words.js";
import { sourceOf } from "../../src/sql/source.js";

class Author extends Model("authors", { id: integer().primaryKey() }) {}
class Book extends Model("books", { id: integer().primaryKey() }) {}

const authorId = integer().references(() => Author);
const bookId = integer().references(() => Book);
const pair = { primaryKey: ["authorId", "bookId"] } as const;

/** The relations of authors, with others, as they would be planned. */
function planned(others: readonly AnyModel[], options?: PlanOptions): string[] {
  const models = planModels(
    [Author, Book, ...others].map((model) => sourceOf(model).table),
    options,
  );
  const own = models.find(({ className }) => className === "Author")?.relations ?? [];
  return own.map(({ kind, name, target }) => `${name}: ${kind} ${target.className}`);
}

test("a table whose key is two references, or which has them unique and nothing else to give, is a junction", () => {
  const many = ["writings: hasMany Writing", "books: belongsToMany Book"];
  assert.deepEqual(planned([Model("writings", { authorId, bookId, note: text() }, pair)]), many);
  const key = { id: integer().primaryKey() };
  const unique = { unique: [["bookId", "authorId"]] } as const;
  assert.deepEqual(planned([Model("writings", { ...key, authorId, bookId }, unique)]), many);
  assert.deepEqual(planned([Model("writings", { ...key, authorId, bookId, note: text().nullable() }, unique)]), many);
});

test("one with more to give, with references that may be null, unique by themselves, or three of them, is none", () => {
  const key = { id: integer().primaryKey() };
  const unique = { unique: [["authorId", "bookId"]] } as const;
  const many = ["writings: hasMany Writing"];
  assert.deepEqual(planned([Model("writings", { ...key, authorId, bookId, note: text() }, unique)]), many);
  assert.deepEqual(planned([Model("writings", { ...key, authorId, bookId: bookId.nullable() }, unique)]), many);
  assert.deepEqual(planned([Model("writings", { authorId, bookId: bookId.unique() }, pair)]), many);
  assert.deepEqual(planned([Model("writings", { authorId: authorId.unique(), bookId }, pair)]), [
    "writing: hasOne Writing",
  ]);
  const three = Model(
    "writings",
    { authorId, bookId, otherId: bookId },
    { primaryKey: ["authorId", "bookId", "otherId"] },
  );
  assert.deepEqual(planned([three]), many);
});

test("two references of the same columns make one relation", () => {
  const foreignKeys = [{ columns: ["authorId"], references: () => Author }] as const;
  assert.deepEqual(planned([Model("pets", { id: integer().primaryKey(), authorId }, { foreignKeys })]), [
    "pets: hasMany Pet",
  ]);
});

test("of two relations of one name the has-one has it", () => {
  const id = integer().primaryKey();
  const [kids, wards] = [Model("kids", { id, authorId }), Model("wards", { id, authorId: authorId.unique() })];
  assert.deepEqual(planned([kids, wards], { classNames: { kids: "Child", wards: "Children" } }), [
    "children: hasOne Children",
    "childrenByAuthor: hasMany Child",
  ]);
});

test("names are made singular and plural by the rules of English, and its commonest exceptions", () => {
  const pairs = ["day days", "city cities", "box boxes", "Person People", "orderLine orderLines", "status statuses"];
  for (const pair of [...pairs, "series series", "address addresses", "movie movies", "quiz quizzes"]) {
    const [one = "", many = ""] = pair.split(" ");
    assert.deepEqual([plural(one), singular(many), singular(one)], [many, one, one]);
  }
});

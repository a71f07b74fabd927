import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Column,
  HashedModel,
  integer,
  json,
  Model,
  real,
  sql,
  text,
  timestamp,
  UniqueViolationError,
  UsageError,
  updateTable,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";
import { idsByTypeScript } from "./other-programs.js";

class Page extends HashedModel("pages", {
  title: text(),
  weight: real().nullable(),
  details: json().nullable(),
  views: integer().default(0).excludedFromHash(),
}) {}

class Article extends HashedModel("articles", { title: text() }, { history: true }) {}

class Author extends Model("authors", { id: integer().primaryKey() }) {}

describe("the columns that ids are made of", () => {
  const make = (column: Column<unknown, boolean, boolean>) => () => HashedModel("pages", { column });

  it("can't have a default that the database makes, but where they are excluded (S41)", () => {
    for (const column of [timestamp().defaultNow(), integer().defaultSql(sql`1 + 1`)]) {
      assert.throws(make(column), (error) => error instanceof UsageError && error.message.includes("pages.column"));
      make(column.excludedFromHash())();
    }
  });

  it("can't be references that the database sets, nor any that deletes the row (S41)", () => {
    const reference = () => integer().nullable();
    for (const action of ["cascade", "set null", "set default"] as const) {
      assert.throws(make(reference().references(() => Author, { onDelete: action })), UsageError);
      assert.throws(make(reference().references(() => Author, { onUpdate: action })), UsageError);
      make(
        reference()
          .references(() => Author, { onUpdate: action })
          .excludedFromHash(),
      )();
    }
    assert.throws(
      make(
        reference()
          .references(() => Author, { onDelete: "cascade" })
          .excludedFromHash(),
      ),
      UsageError,
    );
    make(reference().references(() => Author, { onDelete: "restrict" }))();
    make(reference().references(() => Author))();
  });

  it("don't include the times that are kept, nor what the database computes (S41)", () => {
    const Timed = HashedModel(
      "timed",
      { a: integer(), double: integer().generatedAs(sql`a * 2`) },
      { timestamps: true },
    );
    const id = Timed.generateId({ a: 1 });
    assert.equal(Timed.generateId({ a: 1, createdAt: new Date(0), updatedAt: new Date(1), double: 2 }), id);
    assert.equal(HashedModel("others", { a: integer() }).generateId({ a: 1 }), id);
  });

  it("can't be called as those that are added, which options of a model's key can't change", () => {
    assert.throws(() => HashedModel("pages", { id: text() }), UsageError);
    assert.throws(() => HashedModel("pages", { previousId: text() }, { history: true }), UsageError);
    HashedModel("pages", { previousId: text() });
    for (const option of [{ primaryKey: ["title"] }, { softDelete: "gone" }, { histories: true }])
      assert.throws(() => Reflect.apply(HashedModel, undefined, ["pages", { title: text() }, option]), TypeError);
  });

  it("leave ids as they are when one that can be null is added (S41)", () => {
    const Longer = HashedModel("pages", { title: text(), added: text().nullable() });
    assert.equal(Longer.generateId({ title: "a" }), Page.generateId({ title: "a" }));
  });

  it("are checked, and named, before anything is hashed (S41)", () => {
    for (const values of [{ title: 1 }, { title: "a", weight: NaN }, { title: "a\0" }, { title: "a", details: 1n }]) {
      const wrong = (error: unknown) => error instanceof TypeError && error.message.includes("pages.");
      assert.throws(() => Reflect.apply(Page.generateId, Page, [values]), wrong);
      assert.throws(() => Reflect.apply(Page.preimage, Page, [values]), wrong);
    }
    assert.throws(() => Reflect.apply(Page.generateId, Page, [{ titel: "a" }]), /title/);
  });

  eachEngine((engine) => {
    it("are not set by statements of many rows, and what is excluded is (S42)", async () => {
      await using db = await open(engine, [Page]);
      const { id } = await Page.objects.insert({ title: "a" });
      await assert.rejects(async () => Page.objects.update("all", { title: "b" }), UsageError);
      await assert.rejects(async () => Page.objects.update("all", { id: "b" }), UsageError);
      const statement = async () => updateTable(Page).values({ title: "b" }).where({ id });
      await assert.rejects(
        db.begin(async (session) => session.execute(await statement())),
        UsageError,
      );
      await assert.rejects(async () => Page.objects.upsert({ title: "a", weight: 1 }, { on: "title" }), UsageError);
      assert.equal(await Page.objects.update("all", { views: 2 }), 1);
      assert.deepEqual((await Page.objects.find(id))?.data, {
        id,
        title: "a",
        weight: null,
        details: null,
        views: 2,
      });
    });

    it("give the id, whatever id is given; the same content is there once (S41, S47)", async () => {
      await using _db = await open(engine, [Page]);
      const first = await Page.objects.insert({ id: "mine", title: "a", views: 1 });
      assert.equal(first.id, Page.generateId({ title: "a" }));
      await assert.rejects(Page.objects.insert({ title: "a", views: 2 }), UniqueViolationError);
      await assert.rejects(new Page({ title: "a" }).save(), UniqueViolationError);
      const found = await Page.objects.insertMany([{ title: "b" }, { title: "a" }, { title: "b" }], {
        onDuplicate: "return",
      });
      assert.deepEqual(
        found.map(({ title, views }) => [title, views]),
        [
          ["b", 0],
          ["a", 1],
          ["b", 0],
        ],
      );
      assert.equal(await Page.objects.count(), 2);
    });

    it("have the id of the version before, where there is a history (S41)", async () => {
      await using _db = await open(engine, [Article]);
      const article = await Article.objects.insert({ title: "a" });
      const first = article.id;
      assert.equal(first, Page.generateId({ title: "a" }));
      await article.update({ title: "b" });
      const types = { title: "text", previous_id: "text" };
      assert.deepEqual(await idsByTypeScript([{ types, row: { title: "b", previous_id: first } }]), [article.id]);
      assert.equal(Article.generateId({ title: "b", previousId: first }), article.id);
    });

    it("make no difference between null and JSON that becomes null (S41)", async () => {
      await using _db = await open(engine, [Page]);
      const page = await Page.objects.insert({ title: "a", details: new Date(Number.NaN) });
      assert.equal(page.id, Page.generateId({ title: "a" }));
      assert.equal(await page.verify(), true);
      const other = await Page.objects.insert({ title: "b", details: { at: new Date(0), left: undefined } });
      assert.equal(other.id, Page.generateId({ title: "b", details: { at: "1970-01-01T00:00:00.000Z" } }));
      assert.equal(await other.verify(), true);
    });
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type AnyModel,
  belongsToMany,
  bigint,
  bytes,
  Database,
  deleteFrom,
  ForeignKeyViolationError,
  insertInto,
  integer,
  junction,
  Manager,
  Model,
  numeric,
  oneOf,
  sql,
  text,
  UniqueViolationError,
  UsageError,
  uuid,
  varchar,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open } from "../support/open.js";

// Before the models that they refer to.
const ArticleTag = junction("article_tags", { articleId: () => Article, tagId: () => Tag });
class Extended extends junction(
  "extended",
  () => Article,
  () => OrderLine,
  { addedBy: text().nullable(), place: integer().default(7) },
  {
    timestamps: true,
    softDelete: "deletedAt",
    indexes: [["addedBy"]],
    unique: [["addedBy", "place"]],
    checks: [sql`place > 0`],
  },
) {
  static override objects = new Manager(this);
  get label() {
    return `${this.addedBy}/${this.place}`;
  }
}

class Article extends Model("articles", { id: integer().primaryKey(), title: text() }) {
  get tags() {
    return belongsToMany(this, Tag, ArticleTag);
  }
  get lines() {
    return belongsToMany(this, OrderLine, Extended);
  }
}
class Tag extends Model("tags", { code: varchar(20).primaryKey() }) {}
class OrderLine extends Model(
  "order_lines",
  { orderId: bigint(), line: text() },
  { primaryKey: ["orderId", "line"] },
) {}
const MODELS = [Extended, ArticleTag, Tag, OrderLine, Article];

/** The indexes of a table, each as its columns. */
async function indexesOf(db: Database, table: string): Promise<string[]> {
  if (db.dialect.name === "sqlite") {
    const rows = await db.query<{ columns: string }>(
      sql`select (select group_concat(name) from pragma_index_info(l.name)) as columns from pragma_index_list(${table}) l`,
    );
    return rows.map(({ columns }) => columns).sort();
  }
  const rows = await db.query<{ indexdef: string }>(
    sql`select indexdef from pg_indexes where tablename = ${table} and schemaname = current_schema()`,
  );
  return rows.map(({ indexdef }) => indexdef.replace(/^.*\((.*)\)$/, "$1").replaceAll(/[" ]|nulls first/gi, "")).sort();
}

eachEngine((engine) => {
  async function filled() {
    const db = await open(engine, MODELS);
    await Article.insertMany([
      { id: 1, title: "a" },
      { id: 2, title: "b" },
    ]);
    await Tag.insertMany([{ code: "x" }, { code: "y" }]);
    await OrderLine.insert({ orderId: 2n ** 60n, line: "first" });
    return db;
  }

  test("a junction holds both keys, which are its primary key and refer to rows that are there (Q9)", async () => {
    await using _db = await filled();
    const made = await ArticleTag.insert({ articleId: 1, tagId: "x" });
    assert.deepEqual([made.articleId, made.tagId, made.data], [1, "x", { articleId: 1, tagId: "x" }]);
    assert.equal((await ArticleTag.find({ articleId: 1, tagId: "x" }))?.tagId, "x");
    await ArticleTag.objects.insertMany([
      { articleId: 1, tagId: "y" },
      { articleId: 2, tagId: "x" },
    ]);
    assert.deepEqual(await ArticleTag.objects.getItems({ where: { tagId: "x" }, orderBy: "-articleId" }), [
      { articleId: 2, tagId: "x" },
      { articleId: 1, tagId: "x" },
    ]);
    await assert.rejects(ArticleTag.insert({ articleId: 1, tagId: "x" }), UniqueViolationError);
    await assert.rejects(ArticleTag.insert({ articleId: 9, tagId: "x" }), ForeignKeyViolationError);
    await assert.rejects(ArticleTag.insert({ articleId: 1, tagId: "z" }), ForeignKeyViolationError);
  });

  test("its rows go with either of the two, and follow its key (Q9, Q10)", async () => {
    await using _db = await filled();
    await ArticleTag.objects.insertMany([
      { articleId: 1, tagId: "x" },
      { articleId: 1, tagId: "y" },
      { articleId: 2, tagId: "x" },
    ]);
    await Tag.objects.update({ code: "x" }, { code: "xx" });
    await Article.objects.update({ id: 2 }, { id: 3 });
    assert.deepEqual(await ArticleTag.objects.getItems({ orderBy: ["articleId", "tagId"] }), [
      { articleId: 1, tagId: "xx" },
      { articleId: 1, tagId: "y" },
      { articleId: 3, tagId: "xx" },
    ]);
    await Tag.objects.delete({ code: "xx" });
    assert.deepEqual(await ArticleTag.objects.getItems(), [{ articleId: 1, tagId: "y" }]);
    await Article.objects.delete({ id: 1 });
    assert.deepEqual(
      [await ArticleTag.objects.count(), await Tag.objects.count(), await Article.objects.count()],
      [0, 1, 1],
    );
  });

  test("it has an index each way, and those that are asked for (Q9)", async () => {
    await using db = await filled();
    assert.deepEqual(await indexesOf(db, "article_tags"), ["article_id,tag_id", "tag_id"]);
    assert.deepEqual(await indexesOf(db, "extended"), [
      "added_by",
      "added_by,place",
      "article_id,order_line_order_id,order_line_line",
      "order_line_order_id,order_line_line",
    ]);
  });

  test("keys are called after the models, those of several columns after these as well; what it has besides is kept (Q9)", async () => {
    await using db = await filled();
    assert.deepEqual(Object.keys(Extended.columns), [
      ...["articleId", "orderLineOrderId", "orderLineLine"],
      ...["addedBy", "place", "createdAt", "updatedAt", "deletedAt"],
    ]);
    const key = { articleId: 1, orderLineOrderId: 2n ** 60n, orderLineLine: "first" };
    const made = await Extended.objects.insert({ ...key, addedBy: "me" });
    assert.equal(made.label, "me/7");
    assert.ok(made.createdAt instanceof Date);
    assert.equal(Reflect.get(made, "orderLineOrderId"), 2n ** 60n);
    const wrong = { ...key, orderLineLine: "second" };
    await assert.rejects(Extended.objects.insert({ ...wrong, place: 8 }), ForeignKeyViolationError);
    await assert.rejects(Extended.objects.insert({ ...wrong, place: 0 }), { name: "CheckViolationError" });
    // A key's part that is text is never made up.
    await assert.rejects(Extended.objects.insert({ articleId: 1, orderLineOrderId: 1n, place: 9 } as object), {
      name: "NotNullViolationError",
    });
    await made.delete();
    assert.deepEqual([await Extended.objects.count(), await Extended.objects.withDeleted().count()], [0, 1]);
    await made.restore();
    await OrderLine.objects.update("all", { line: "last" });
    assert.equal(Reflect.get(await Extended.objects.get(), "orderLineLine"), "last");
    await OrderLine.objects.delete("all");
    assert.equal(await Extended.objects.withDeleted().count(), 0);
    await db.dropAll();
    await db.createAll();
  });

  test("it is a model like any: the builder, statements, its own schema, db.model(), saved instances", async () => {
    await using db = await filled();
    const made = new ArticleTag({ articleId: 2, tagId: "y" });
    await made.save();
    await made.update({ tagId: "x" });
    await made.reload();
    assert.deepEqual(made.toJSON(), { articleId: 2, tagId: "x" });
    const joined = await ArticleTag.query().join(Article, ["articleId", "id"]).get();
    assert.deepEqual(
      joined.map(({ data }) => data.articles.title),
      ["b"],
    );
    await ArticleTag.objects.setSql(insertInto(ArticleTag)).values({ articleId: 1, tagId: "y" }).rowcount();
    assert.equal(await ArticleTag.objects.setSql(deleteFrom(ArticleTag)).where({ tagId: "x" }).rowcount(), 1);
    assert.equal(await ArticleTag.objects.count({ where: ArticleTag.c.tagId.startsWith("y") }), 1);
    assert.ok(!("issues" in (await ArticleTag["~standard"].validate({ articleId: 1, tagId: "y" }))));
    assert.equal(db.model("article_tags"), ArticleTag);
    assert.equal(db.model("ArticleTags"), ArticleTag);
    assert.equal(db.model("Extended"), Extended);
    assert.match(await failureOf(() => ArticleTag.insert({ articleId: 1, tagId: "y" })).then(String), /article_tags/);
  });

  test("the keys are of the models' types, whatever they are, and never generated (Q9)", async () => {
    class ByText extends Model("by_text", { id: text().primaryKey() }) {}
    class ByUuid extends Model("by_uuid", { id: uuid().primaryKey() }) {}
    class ByBigint extends Model("by_bigint", { id: bigint().primaryKey() }) {}
    class ByNumeric extends Model("by_numeric", { id: numeric(20, 2).primaryKey() }) {}
    class ByBytes extends Model("by_bytes", { id: bytes().primaryKey() }) {}
    class ByOneOf extends Model("by_one_of", { id: oneOf("a", "b").primaryKey() }) {}
    const Texts = junction("texts", { a: () => ByText, b: () => ByUuid });
    const Numbers = junction("numbers", { a: () => ByBigint, b: () => ByNumeric });
    const Others = junction("others", { a: () => ByBytes, b: () => ByOneOf });
    const models: AnyModel[] = [ByText, ByUuid, ByBigint, ByNumeric, ByBytes, ByOneOf, Texts, Numbers, Others];
    await using _db = await open(engine, models);
    const [one, two] = [await ByText.insert({}), await ByUuid.insert({})];
    const [three, four] = [await ByBigint.insert({}), await ByNumeric.insert({ id: "12345678901234567.5" })];
    const [five, six] = [await ByBytes.insert({ id: new Uint8Array([1, 0]) }), await ByOneOf.insert({ id: "b" })];
    for (const [model, values] of [
      [Texts, { a: one.id, b: two.id }],
      [Numbers, { a: three.id, b: four.id }],
      [Others, { a: five.id, b: six.id }],
    ] as const) {
      const pair = await new Manager<AnyModel>(model).insert(values);
      assert.deepEqual(pair.data, values);
      await assert.rejects(new Manager<AnyModel>(model).insert({ a: values.a }), { name: "NotNullViolationError" });
    }
  });

  test("of a model and itself both keys are named, and each refers to it (Q9)", async () => {
    const Friendship = junction("friendships", { userId: () => User, friendId: () => User });
    class User extends Model("users", { id: integer().primaryKey() }) {}
    await using _db = await open(engine, [Friendship, User]);
    await User.insertMany([{}, {}]);
    await Friendship.insert({ userId: 1, friendId: 2 });
    await assert.rejects(Friendship.insert({ userId: 1, friendId: 3 }), ForeignKeyViolationError);
    await User.objects.delete({ id: 2 });
    assert.equal(await Friendship.objects.count(), 0);
  });

  test("it is the pivot of a belongsToMany, whose keys are called alike by default, of several columns too (S49, Q9)", async () => {
    await using _db = await filled();
    const article = await Article.find(1);
    assert.ok(article !== null);
    await article.tags.add(...(await new Manager(Tag).getInstances()));
    await article.lines.add(await new Manager(OrderLine).get());
    assert.deepEqual((await article.tags.fetchAll()).map(({ code }) => code).sort(), ["x", "y"]);
    assert.deepEqual(
      (await article.lines.fetchAll()).map(({ line }) => line),
      ["first"],
    );
    assert.deepEqual([await ArticleTag.objects.count(), await Extended.objects.count()], [2, 1]);
  });

  test("it may refer to another junction", async () => {
    const Vote = junction(
      "votes",
      () => ArticleTag,
      () => Tag,
      { n: integer() },
    );
    await using _db = await open(engine, [...MODELS, Vote]);
    assert.deepEqual(Object.keys(Vote.columns), ["articleTagsArticleId", "articleTagsTagId", "tagId", "n"]);
    await Article.insert({ id: 1, title: "a" });
    await Tag.insert({ code: "x" });
    await ArticleTag.insert({ articleId: 1, tagId: "x" });
    const values = { articleTagsArticleId: 1, articleTagsTagId: "x", tagId: "x", n: 3 };
    assert.equal((await Vote.insert(values as { n: number })).n, 3);
  });
});

describe("a junction", () => {
  test("asks for its models at its first use, not before (Q9)", () => {
    let asked = 0;
    const Pair = junction(
      "app.pairs",
      () => {
        asked += 1;
        return Article;
      },
      () => Tag,
    );
    class Named extends Pair {
      static override objects = new Manager(this);
    }
    assert.deepEqual([Pair.table, Named.table, Pair.name, Named.name, asked], ["pairs", "pairs", "Pairs", "Named", 0]);
    new Manager(Pair);
    assert.equal(asked, 0);
    assert.equal(Pair.idColumn, "articleId");
    assert.equal(asked, 1);
    assert.deepEqual(
      [Named.idColumn, Object.keys(Named.c), Object.keys(Pair.columns)],
      ["articleId", ["articleId", "tagId"], ["articleId", "tagId"]],
    );
    assert.equal(Named.c, Pair.c);
    assert.equal(asked, 1);
  });

  for (const [use, what] of Object.entries({
    columns: (model: AnyModel) => model.columns,
    c: (model: AnyModel) => Reflect.get(model, "c"),
    idColumn: (model: AnyModel) => Reflect.get(model, "idColumn"),
    "~standard": (model: AnyModel) => Reflect.get(model, "~standard"),
    new: (model: AnyModel) => new model({ articleId: 1 }),
    "new Database": (model: AnyModel) => new Database("sqlite::memory:", { models: [model] }),
    select: (model: AnyModel) => Reflect.apply(Reflect.get(model, "select"), model, ["articleId"]),
    query: (model: AnyModel) => Reflect.apply(Reflect.get(model, "query"), model, [{ articleId: 1 }]),
  })) {
    test(`is made by ${use}, of the class or of one that extends it; what goes wrong then is asked again later`, () => {
      let Later: AnyModel | undefined;
      const Pair = junction(
        "pairs",
        () => Later,
        () => Article,
      );
      class Extending extends Pair {}
      assert.throws(() => what(Extending), { name: "TypeError", message: /a model is a class made by Model/ });
      Later = Tag;
      what(Extending);
      what(Pair);
      assert.deepEqual(new Extending(Object.fromEntries([["tagId", "x"]])).data, { tagId: "x" });
    });
  }

  test("has columns that the class itself can't: a UsageError at its first use", () => {
    const Hidden = junction("hidden", { data: () => Article, tagId: () => Tag });
    for (const _ of [1, 2]) assert.throws(() => Reflect.get(Hidden, "columns"), UsageError);
  });

  const unusable: readonly [string, () => AnyModel, RegExp][] = [
    [
      "both keys have one name",
      () =>
        junction(
          "pairs",
          () => Article,
          () => Article,
        ),
      /both keys of pairs would be called articleId: name them/,
    ],
    [
      "both keys of several columns have one name",
      () =>
        junction(
          "pairs",
          () => OrderLine,
          () => OrderLine,
        ),
      /orderLineOrderId.*foreignKeys/,
    ],
    [
      "a named key has several columns",
      () => junction("pairs", { a: () => OrderLine, b: () => Tag }),
      /pairs\.a can't refer to OrderLine.*\(\) => One/,
    ],
    [
      "a model has no key",
      () =>
        junction(
          "pairs",
          () => Tag,
          () => Model("keyless", { a: integer() }),
        ),
      /refer to Keyless, which has no primary key/,
    ],
    [
      "a column is called like a key",
      () =>
        junction(
          "pairs",
          () => Tag,
          () => Article,
          { tagId: text() },
        ),
      /pairs\.tagId is the key of a model/,
    ],
    [
      "it is made of itself",
      () => {
        const Circle: AnyModel = junction(
          "pairs",
          () => Circle,
          () => Tag,
        );
        return Circle;
      },
      /made of its own key/,
    ],
  ];
  for (const [name, make, message] of unusable) {
    test(`is a UsageError at its first use where ${name}`, () => {
      const model = make();
      for (const _ of [1, 2])
        assert.throws(
          () => new Database("sqlite::memory:", { models: [model] }),
          (error) => {
            assert.ok(error instanceof UsageError);
            assert.match(error.message, message);
            return true;
          },
        );
    });
  }

  test("tells at once what is wrong already: a TypeError for types and unknown options, else a UsageError (S1)", () => {
    const made =
      (...given: readonly unknown[]) =>
      () =>
        Reflect.apply(junction, undefined, given);
    const one = () => Article;
    const typeErrors: readonly [() => unknown, RegExp][] = [
      [made("pairs", Article, Tag), /functions that give models.*not the class itself/],
      [made("pairs", one), /functions that give models.*not undefined/],
      [made("pairs", "articles", one), /not a string/],
      [made("pairs", null, one), /not null/],
      [made("pairs", { a: one, b: Tag }), /not the class itself/],
      [made("pairs", { a: one, b: one }, { c: "text" }), /pairs\.c is declared by a column/],
      [made("pairs", one, one, []), /the columns of pairs are an object/],
      [made("pairs", one, one, {}, { timestamp: true }), /"timestamp" \(did you mean "timestamps"\?\)/],
      [made("pairs", one, one, {}, { primaryKey: ["a"] }), /no option "primaryKey"/],
      [made("pairs", one, one, {}, null), /options of a junction are an object, not null/],
    ];
    for (const [work, message] of typeErrors) assert.throws(work, { name: "TypeError", message });
    for (const work of [made("pairs", { a: one }), made("pairs", { a: one, b: one, c: one }), made("", one, one)])
      assert.throws(work, UsageError);
  });
});

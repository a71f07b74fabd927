import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import Sqlite from "better-sqlite3";
import {
  belongsTo,
  Database,
  dynamicModel,
  generateModels,
  hasMany,
  integer,
  Manager,
  Model,
  sql,
  TransactionClosedError,
  text,
} from "../../src/index.js";
import { MEMBER_NAMES } from "../../src/sql/member-names.js";
import { administrate, eachEngine, makeSchema } from "../support/engines.js";
import { open } from "../support/open.js";
import { MANY_MODELS, Post, seed, untyped } from "./many-models.js";

describe("models from a table's name", () => {
  it("have no columns that would hide what models have", () => {
    const Plain = Model("plain", { id: integer().primaryKey() });
    const members = new Set<string>();
    for (let it = Object.getPrototypeOf(Plain.prototype); it !== null; it = Object.getPrototypeOf(it))
      for (const name of Object.getOwnPropertyNames(it)) members.add(name);
    assert.deepEqual(
      [...members].filter((name) => !MEMBER_NAMES.has(name)),
      [],
    );
    for (const name of MEMBER_NAMES)
      assert.throws(() => Model("odd", { [name]: text() }), { name: /UsageError|TypeError/ }, name);
  });

  it("want a database, and a name", async () => {
    await using db = new Database("sqlite::memory:");
    assert.throws(() => dynamicModel(untyped({}), "users"), { name: "TypeError" });
    await assert.rejects(untyped(dynamicModel)(db, 5), { name: "TypeError" });
    await assert.rejects(generateModels(untyped({})), { name: "TypeError" });
    await assert.rejects(generateModels(db, untyped({ prefx: "a" })), { name: "TypeError", message: /prefix/ });
    for (const options of [{ prefix: 5 }, { classNames: "a" }, { tables: "users" }])
      await assert.rejects(generateModels(db, untyped(options)), { name: "TypeError" });
  });

  /** What a database knows of a table of another schema. */
  async function meetOther(db: Database, schema: string): Promise<void> {
    await db.query(sql([`create table ${schema}.things (id integer primary key, name text)`]));
    await db.query(sql`create table notes (id integer primary key)`);
    const Thing = await dynamicModel(db, `${schema}.things`);
    await Thing.objects.insert({ id: 1, name: "a" });
    assert.deepEqual(await db.query(sql([`select name from ${schema}.things`])), [{ name: "a" }]);
    const Note = await dynamicModel(db, "notes");
    assert.equal(await Note.objects.count(), 0);
    await assert.rejects(dynamicModel(db, `${schema}.thing`), { name: "UsageError", message: /things/ });
  }

  it("are found in an attached database by its name", async () => {
    const handle = new Sqlite(":memory:");
    handle.exec("attach ':memory:' as other");
    await using db = new Database(handle);
    await meetOther(db, "other");
  });

  it("are found in another of PostgreSQL's schemas by its name", async () => {
    const { url, drop } = await makeSchema();
    const schema = `spec_dynamic_${process.pid}`;
    try {
      await administrate(`create schema ${schema}`);
      await using db = new Database(url);
      await meetOther(db, schema);
    } finally {
      await administrate(`drop schema if exists ${schema} cascade`);
      await drop();
    }
  });

  eachEngine((engine) => {
    it("have the columns that are given, and are bound", async () => {
      await using db = await open(engine, []);
      const Note = dynamicModel(db, "notes", { id: integer().primaryKey(), body: text() });
      const Tag = dynamicModel(
        db,
        "note_tags",
        { noteId: integer().references(() => Note), label: text() },
        { primaryKey: ["noteId", "label"] },
      );
      class Tagged extends Note {
        static override objects = new Manager(this);
        get tags() {
          return hasMany(this, Tag, "noteId");
        }
      }
      await db.createAll();
      const note = await Tagged.objects.insert({ body: "x", tags: [{ label: "a" }, { label: "b" }] });
      assert.equal(await Tagged.objects.count({ where: { tags: { some: { label: "b" } } } }), 1);
      assert.deepEqual((await Tag.find({ noteId: note.id, label: "a" }))?.data, { noteId: note.id, label: "a" });
      assert.equal(db.model("notes"), Note);
    });

    it("write and find values of types that only PostgreSQL has, one by one and many at once", {
      skip: engine.dialect !== "postgres" && "SQLite has none",
    }, async () => {
      await using db = await open(engine, []);
      await using connection = await db.connect();
      await connection.executeScript(`
        create type mood as enum ('sad', 'ok', 'happy');
        create domain short as varchar(5) not null;
        create table moods (mood mood primary key, address inet, moods mood[], at timestamp, code char(3), word short, odd money);
      `);
      const Mood = await dynamicModel(db, "moods");
      const moods = Mood.objects;
      const at = new Date("2024-07-01T12:00:00Z");
      const other = { address: "10.0.0.1", moods: ["sad", "ok"], at, code: "abc", word: "w", odd: "$1.00" };
      await moods.insertMany([
        { ...other, mood: "sad" },
        { ...other, mood: "happy", address: "10.0.0.2" },
      ]);
      await moods.insert({ ...other, mood: "ok", moods: [] });
      const found = await moods.getInstances({ orderBy: ["-address", "mood"] });
      assert.deepEqual(
        found.map(({ mood }) => mood),
        ["happy", "ok", "sad"],
      );
      assert.deepEqual(found[2]?.data, { ...other, mood: "sad" });
      assert.equal(await moods.count({ where: { mood: ["sad", "ok"], at, address: "10.0.0.1" } }), 2);
      const { mood, moods: list } = Mood.c;
      assert.equal(await moods.count({ where: mood.contains("a") }), 2);
      assert.equal(await moods.count({ where: mood.iContains("A") }), 2);
      assert.equal(await moods.count({ where: list.has("ok") }), 2);
      assert.equal(
        await moods.bulkUpdate([
          { mood: "sad", moods: ["happy"] },
          { mood: "ok", moods: ["sad"] },
        ]),
        2,
      );
      await moods.upsertMany([
        { ...other, mood: "sad", code: "x" },
        { ...other, mood: "ok", code: "y" },
      ]);
      assert.deepEqual((await moods.find("sad"))?.data, { ...other, mood: "sad", code: "x  " });
    });

    it("say that what can't be read can't, without a word of it", {
      skip: engine.dialect !== "sqlite" && "PostgreSQL's columns hold only what their types do",
    }, async () => {
      await using db = await open(engine, []);
      await using connection = await db.connect();
      await connection.executeScript(`
        create table loose (big BIGINT, doc JSON, hour TIME, none);
        insert into loose values ('secret', 'secret', '12:30', 'x');
      `);
      const { objects } = await dynamicModel(db, "loose");
      for (const column of ["big", "doc"])
        await assert.rejects(objects.getItems({ columns: [column] }), (error: Error) => {
          assert.equal(error.name, "QueryError");
          assert.doesNotMatch(inspect(error), /secret/);
          return true;
        });
      assert.deepEqual(await objects.getItems({ columns: ["hour", "none"] }), [{ hour: "12:30", none: "x" }]);
    });

    it("have the columns that the table has, and the relations that its keys make", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(10);
      const User = await dynamicModel(db, "users");
      assert.equal(User.name, "User");
      assert.deepEqual(Object.keys(User.columns), ["id", "name", "rank", "bossId"]);
      const user = await User.objects.get({ where: { name: "u1" }, prefetch: ["posts.tags", "profile"] });
      const written = await Post.objects.getInstances({ where: { authorId: user.id }, prefetch: "tags" });
      const told = (posts: Iterable<{ title: string; tags: Iterable<{ label: string }> }>) =>
        Array.from(posts, ({ title, tags }) => [title, Array.from(tags, ({ label }) => label).sort()]);
      assert.deepEqual(told(user.posts), told(written));
      assert.equal(user.profile.secondary, null);
      assert.equal(await User.objects.count({ where: { posts: { some: { "author.name": "u1" } } } }), 1);

      const Tag = await dynamicModel(db, "tags");
      const tag = await Tag.objects.insert({ label: "new", author: user });
      const post = user.posts.at(0);
      await post.tags.add(tag);
      assert.deepEqual(
        (await tag.posts.fetchAll()).map(({ id }: { id: number }) => id),
        [post.id],
      );
      assert.equal(await dynamicModel(db, "users"), User);
      await db.reflect();
      assert.notEqual(await dynamicModel(db, "users"), User);
    });

    it("can be extended by relations of one's own", async () => {
      await using db = await open(engine, MANY_MODELS);
      await seed(10);
      class Writer extends (await dynamicModel(db, "users")) {
        static override objects = new Manager(this);
        get texts() {
          return hasMany(this, Text, "authorId");
        }
      }
      class Text extends (await dynamicModel(db, "posts")) {
        static override objects = new Manager(this);
        get writer() {
          return belongsTo(this, Writer, "authorId");
        }
        get loud() {
          return this.title.toUpperCase();
        }
      }
      const [first] = await Text.objects.getInstances({ where: { "writer.name": "u2" }, selectRelated: "writer" });
      assert.equal(first?.writer.secondary?.name, "u2");
      assert.equal(first?.loud, "U2 A");
      const writers = await Writer.objects.getInstances({ prefetch: "texts", withCount: "texts", orderBy: "id" });
      assert.deepEqual(writers.map(({ texts, textsCount }) => [texts.length, textsCount])[0], [2, 2]);
    });

    it("are of one reading where they are asked for at a time", async () => {
      await using db = await open(engine, MANY_MODELS);
      const [User, Post] = await Promise.all([dynamicModel(db, "users"), dynamicModel(db, "posts")]);
      assert.equal(await dynamicModel(db, "users"), User);
      assert.equal(await dynamicModel(db, "posts"), Post);
    });

    it("take part in transactions, and leave the tables of others where they are", async () => {
      await using db = await open(engine, []);
      await db.query(sql`create table things (id integer primary key, data text, "update" text)`);
      const Thing = await dynamicModel(db, "things");
      const thing = await Thing.objects.insert({ id: 1, dataColumn: "x", updateColumn: "y" });
      assert.deepEqual(thing.data, { id: 1, dataColumn: "x", updateColumn: "y" });
      await using tx = Thing.objects.transaction();
      await tx.delete({ id: 1 });
      await tx.rollback();
      await assert.rejects(tx.count(), TransactionClosedError);
      await db.createAll();
      await db.dropAll();
      assert.equal(await Thing.objects.count(), 1);
      await assert.rejects(dynamicModel(db, "thing"), { name: "UsageError", message: /"things"/ });
    });
  });
});

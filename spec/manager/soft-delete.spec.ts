import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  alias,
  count,
  cte,
  deleteFrom,
  exists,
  insertInto,
  integer,
  Model,
  max,
  type Query,
  sql,
  UniqueViolationError,
  UsageError,
  updateTable,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Author, Book, LONG_AGO, Nick, Page, Seat } from "./kept-models.js";

/** Authors a, b and c, of which b is deleted. */
async function threeAuthors(): Promise<[Author, Author, Author]> {
  const [a, b, c] = await Author.objects.insertMany(["a", "b", "c"].map((name) => ({ name, email: `${name}@x` })));
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  assert.equal(await Author.objects.delete({ id: b.id }), 1);
  return [a, b, c];
}

const namesOf = (authors: readonly { readonly name: string }[]) => authors.map(({ name }) => name);

eachEngine((engine) => {
  const placeholder = (n: number) => (engine.dialect === "postgres" ? `$${n}` : "?");
  const collation = engine.dialect === "postgres" ? '::text collate "C"' : "";

  describe("a soft delete", () => {
    test("sets the time and leaves the row in the table", async () => {
      await using _db = await open(engine, [Author]);
      const before = Date.now();
      const [, b] = await threeAuthors();
      const rows = await Author.objects.setSql(sql`select name from authors where deleted_at is not null`).fetchall();
      assert.deepEqual(rows, [{ name: "b" }]);
      const hidden = await Author.objects.withDeleted().find(b.id);
      assert.ok(hidden?.deletedAt instanceof Date);
      assert.ok(hidden.deletedAt.getTime() >= before && hidden.deletedAt.getTime() <= Date.now());
      assert.equal(b.deletedAt, null);
      assert.deepEqual(
        (await Author.objects.getInstances()).map(({ deletedAt }) => deletedAt),
        [null, null],
      );
    });

    test("is one update, by key or by condition, of rows that are not hidden yet", async () => {
      await using db = await open(engine, [Author, Seat]);
      const texts = await statementsOf(db, async () => {
        await Author.objects.delete({ id: 1 });
        await Author.objects.delete({ name: "x", active: true });
        await Author.objects.delete("all");
        await Seat.objects.delete({ room: "r", place: 1 });
        await Author.objects.delete({ id: 1 }, { force: true });
        await Author.objects.delete("all", { force: true });
        await Author.objects.withDeleted().delete({ id: 1 }, { force: true });
        await Author.objects.restore({ id: 1 });
      });
      const [p1, p2, p3] = [placeholder(1), placeholder(2), placeholder(3)];
      assert.deepEqual(texts, [
        `update "authors" set "deleted_at" = ${p1} where "id" = ${p2} and "deleted_at" is null`,
        `update "authors" set "deleted_at" = ${p1} where ("authors"."name" = ${p2}) and ("authors"."active" = ${p3}) and ("authors"."deleted_at" is null)`,
        `update "authors" set "deleted_at" = ${p1} where "authors"."deleted_at" is null`,
        `update "seats" set "deleted_at" = ${p1} where "room" = ${p2} and "place" = ${p3} and "deleted_at" is null`,
        `delete from "authors" where "id" = ${p1} and "deleted_at" is null`,
        'delete from "authors" where "authors"."deleted_at" is null',
        `delete from "authors" where "id" = ${p1}`,
        `update "authors" set "deleted_at" = ${p1} where ("authors"."id" = ${p2}) and ("authors"."deleted_at" is not null)`,
      ]);
    });

    test("counts rows once: those that are hidden already keep their time", async () => {
      await using _db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      const time = (await Author.objects.withDeleted().find(b.id))?.deletedAt;
      assert.equal(await Author.objects.delete({ id: b.id }), 0);
      assert.equal(await Author.objects.delete("all"), 2);
      assert.deepEqual((await Author.objects.withDeleted().find(b.id))?.deletedAt, time);
      assert.equal(await Author.objects.withDeleted().count({ where: [Author.c.deletedAt.isNotNull()] }), 3);
    });

    test("wants a condition like any other (B6)", async () => {
      await using db = await open(engine, [Author, Page]);
      const texts = await statementsOf(db, async () => {
        for (const where of [{}, [], undefined]) {
          for (const work of [
            () => Author.objects.delete(where as never),
            () => Author.objects.delete(where as never, { force: true }),
            () => Author.objects.withDeleted().delete(where as never),
            () => Author.objects.restore(where as never),
            () =>
              Author.objects
                .setSql(deleteFrom(Author))
                .where(where as never)
                .rowcount(),
          ]) {
            assert.ok((await failureOf(work)) instanceof UsageError);
          }
        }
        const error = await failureOf(() => Author.objects.delete("all", { forse: true } as never));
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /"forse" \(did you mean "force"\?\)/);
      });
      assert.deepEqual(texts, []);
    });

    test("in a transaction that is rolled back hides nothing", async () => {
      await using _db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      {
        await using tx = Author.objects.transaction();
        assert.equal(await tx.delete("all"), 2);
        assert.equal(await tx.count(), 0);
        assert.equal(await tx.restore({ id: b.id }), 1);
        assert.deepEqual(await tx.names(), ["b"]);
        await tx.rollback();
      }
      assert.deepEqual(await Author.objects.names(), ["a", "c"]);
    });

    test("with force takes out rows that are seen; hidden ones by withDeleted() alone", async () => {
      await using _db = await open(engine, [Author]);
      const [a, b] = await threeAuthors();
      assert.equal(await Author.objects.delete({ id: b.id }, { force: true }), 0);
      assert.equal(await Author.objects.delete({ name: "b" }, { force: true }), 0);
      assert.equal(await Author.objects.delete({ id: a.id }, { force: true }), 1);
      assert.deepEqual(await Author.objects.withDeleted().names(), ["b", "c"]);
      const purged = await Author.objects.withDeleted().delete([Author.c.deletedAt.isNotNull()], { force: true });
      assert.equal(purged, 1);
      assert.deepEqual(await Author.objects.withDeleted().names(), ["c"]);
      assert.equal(await Author.objects.withDeleted().delete("all", { force: true }), 1);
    });

    test("of a model without softDelete deletes, forced or not", async () => {
      class Plain extends Model("plain", { id: integer().primaryKey() }) {}
      await using _db = await open(engine, [Plain]);
      await Plain.objects.insertMany([{ id: 1 }, { id: 2 }]);
      assert.equal(await Plain.objects.delete({ id: 1 }, { force: true }), 1);
      assert.equal(await Plain.objects.withDeleted().delete({ id: 2 }), 1);
      assert.equal(await Plain.objects.withDeleted().count(), 0);
    });
  });

  describe("a row that was deleted softly", () => {
    test("is hidden from every way of reading", async () => {
      await using db = await open(engine, [Author]);
      const [a, b, c] = await threeAuthors();
      const { objects } = Author;
      const where = { name: "b" };
      assert.deepEqual(namesOf(await objects.getInstances({ orderBy: "name" })), ["a", "c"]);
      assert.deepEqual(await objects.getInstances({ where: { id: [a.id, b.id] } }).then(namesOf), ["a"]);
      assert.equal(await objects.getInstance({ where }), null);
      assert.deepEqual(await objects.names(), ["a", "c"]);
      assert.equal(await objects.getItem({ where }), null);
      assert.equal(await objects.count(), 2);
      assert.equal(await objects.count({ where: [Author.c.deletedAt.isNotNull()] }), 0);
      assert.equal(await objects.exists({ where }), false);
      assert.equal(await objects.find(b.id), null);
      assert.equal(await Author.find(b.id), null);
      assert.deepEqual(namesOf(await objects.findMany([c.id, b.id, a.id])), ["c", "a"]);
      assert.equal((await objects.first({ where: [Author.c.id.gt(a.id)] }))?.name, "c");
      assert.equal((await objects.last({ where: [Author.c.id.lt(c.id)] }))?.name, "a");
      assert.equal((await failureOf(() => objects.get({ where }))).constructor.name, "NotFoundError");
      assert.deepEqual(await objects.aggregate({ n: count(), last: max("name") }), { n: 2, last: "c" });
      const groups = await objects.aggregate({ n: count() }, { groupBy: "name", orderBy: "name" });
      assert.deepEqual(namesOf(groups), ["a", "c"]);
      const streamed: string[] = [];
      for await (const { name } of objects.stream({ orderBy: "name" })) streamed.push(name);
      for await (const chunk of objects.chunk(2, { orderBy: "name" })) streamed.push(...namesOf(chunk));
      assert.deepEqual(streamed, ["a", "c", "a", "c"]);
      const [explained, all] = await statementsOf(db, async () => {
        await objects.explain();
        await objects.withDeleted().explain();
      });
      assert.match(explained ?? "", / where "authors"\."deleted_at" is null$/);
      assert.match(all ?? "", / from "authors"$/);
    });

    test("is hidden from conditions that are ORed and negated as well", async () => {
      await using _db = await open(engine, [Author]);
      await threeAuthors();
      assert.deepEqual(namesOf(await Author.objects.getInstances({ where: sql`name = ${"a"} or name = ${"b"}` })), [
        "a",
      ]);
      assert.equal(await Author.objects.update(sql`name = ${"b"} or name = ${"b"}`, { name: "x" }), 0);
    });

    test("is hidden from locks and in transactions (B13)", async () => {
      await using db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      await using tx = Author.objects.transaction();
      const texts = await statementsOf(db, async () => {
        assert.equal(await tx.getInstance({ where: { id: b.id }, lock: "update" }), null);
        const seen = tx.withDeleted();
        assert.equal((await seen.getInstance({ where: { id: b.id }, lock: "update" }))?.name, "b");
      });
      const lock = engine.dialect === "postgres" ? " for update" : "";
      assert.ok(texts.some((sent) => sent.includes('"deleted_at" is null') && sent.endsWith(lock)));
      await tx.commit();
    });

    test("is hidden from updates, which give what they changed", async () => {
      await using _db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      assert.equal(await Author.objects.update({ id: b.id }, { name: "x" }), 0);
      assert.equal(await Author.objects.update({ name: "b" }, { name: "x" }), 0);
      assert.deepEqual(await Author.objects.update({ id: b.id }, { name: "x" }, { fetch: true }), []);
      const changed = await Author.objects.update("all", { active: false }, { fetch: true });
      assert.deepEqual(namesOf(changed).toSorted(), ["a", "c"]);
      assert.equal((await Author.objects.withDeleted().find(b.id))?.active, true);
      assert.equal(await Author.objects.withDeleted().update({ id: b.id }, { name: "x" }), 1);
      assert.equal((await Author.objects.withDeleted().find(b.id))?.name, "x");
    });

    test("can be hidden by an update of its time, and comes back by withDeleted()", async () => {
      await using _db = await open(engine, [Author]);
      const [a] = await threeAuthors();
      assert.equal(await Author.objects.update({ id: a.id }, { deletedAt: LONG_AGO }), 1);
      assert.deepEqual(await Author.objects.names(), ["c"]);
      assert.equal(await Author.objects.update({ id: a.id }, { deletedAt: null }), 0);
      assert.equal(await Author.objects.withDeleted().update({ id: a.id }, { deletedAt: null }), 1);
      assert.deepEqual(await Author.objects.names(), ["a", "c"]);
      await Author.objects.insert({ name: "d", deletedAt: LONG_AGO });
      assert.deepEqual(await Author.objects.names(), ["a", "c"]);
    });

    test("is hidden from the chain's selects, updates and deletes; deleteFrom() takes rows out", async () => {
      await using db = await open(engine, [Author]);
      await threeAuthors();
      const { objects } = Author;
      const texts = await statementsOf(db, async () => {
        const rows = await objects.setSql(Author.select("name")).orderBy("name").fetchall();
        assert.deepEqual(namesOf(rows), ["a", "c"]);
        assert.equal(
          await objects.setSql(updateTable(Author)).values({ active: false }).where({ name: "b" }).rowcount(),
          0,
        );
        assert.equal(await objects.setSql(deleteFrom(Author)).where({ name: "b" }).rowcount(), 0);
        assert.equal(await objects.setSql(deleteFrom(Author)).where({ name: "a" }).rowcount(), 1);
      });
      const [p1, p2] = [placeholder(1), placeholder(2)];
      assert.deepEqual(texts, [
        `select "authors"."name" from "authors" where "authors"."deleted_at" is null order by "authors"."name"${collation}`,
        `update "authors" set "active" = ${p1} where ("authors"."name" = ${p2}) and ("authors"."deleted_at" is null)`,
        `delete from "authors" where ("authors"."name" = ${p1}) and ("authors"."deleted_at" is null)`,
        `delete from "authors" where ("authors"."name" = ${p1}) and ("authors"."deleted_at" is null)`,
      ]);
      assert.equal(await objects.setSql(Author.select().withDeleted()).rowcount(), 2);
      assert.equal(await objects.setSql(deleteFrom(Author).withDeleted()).where("all").rowcount(), 2);
    });

    test("is there in sql text of one's own", async () => {
      await using _db = await open(engine, [Author]);
      await threeAuthors();
      const rows = await Author.objects
        .setSql<{ name: string }>(sql`select * from authors`)
        .where({ name: "b" })
        .fetchall();
      assert.deepEqual(namesOf(rows), ["b"]);
    });

    test("is hidden from selects within statements, aliases and common table expressions", async () => {
      await using _db = await open(engine, [Author, Book]);
      const [a, b] = await threeAuthors();
      await Book.objects.insertMany([
        { title: "of a", authorId: a.id },
        { title: "of b", authorId: b.id },
      ]);
      const titles = async (where: Query<typeof Book>) =>
        (await Book.objects.getInstances({ ...where, orderBy: "title" })).map(({ title }) => title);
      assert.deepEqual(await titles({ where: [Book.c.authorId.in(Author.select("id"))] }), ["of a"]);
      assert.deepEqual(await titles({ where: [Book.c.authorId.in(Author.select("id").withDeleted())] }), [
        "of a",
        "of b",
      ]);
      const writer = alias(Author, "writer");
      const written = exists(writer.select().where(writer.c.id.eq(Book.c.authorId)));
      assert.deepEqual(await titles({ where: written }), ["of a"]);
      const seen = cte("seen", Author.select(["name", "deletedAt"]));
      assert.deepEqual(await Author.objects.setSql(seen.select("name").orderBy("name")).fetchall(), [
        { name: "a" },
        { name: "c" },
      ]);
      const everyone = cte("everyone", Author.select(["name", "deletedAt"]).withDeleted());
      assert.equal(await Author.objects.setSql(everyone.select()).rowcount(), 3);
    });

    test("is null or left out in the relations of others, and has its own", async () => {
      await using _db = await open(engine, [Author, Book]);
      const [a, b] = await threeAuthors();
      const books = await Book.objects.insertMany([
        { title: "one", authorId: a.id },
        { title: "two", authorId: a.id },
        { title: "of b", authorId: b.id },
      ]);
      assert.equal(await Book.objects.delete({ title: "two" }), 1);
      assert.equal((await books[0]?.author.fetch())?.name, "a");
      assert.equal(await books[2]?.author.fetch(), null);
      assert.deepEqual(
        (await a.books.fetchAll()).map(({ title }) => title),
        ["one"],
      );
      const again = await Author.objects.get({ where: { id: a.id } });
      assert.equal(await again.books.count(), 1);
      assert.equal(await again.books.filter({ title: "two" }).exists(), false);
      assert.equal(await b.books.count(), 1);
    });

    test("leaves the rows that refer to it alone: only force lets a foreign key cascade", async () => {
      await using _db = await open(engine, [Author, Book]);
      const [a] = await threeAuthors();
      await Book.objects.insert({ title: "of a", authorId: a.id });
      await Author.objects.delete({ id: a.id });
      assert.equal(await Book.objects.count(), 1);
      await Author.objects.withDeleted().delete({ id: a.id }, { force: true });
      assert.equal(await Book.objects.withDeleted().count(), 0);
    });
  });

  describe("withDeleted()", () => {
    test("sees all rows, by every way of reading", async () => {
      await using _db = await open(engine, [Author, Seat]);
      const [, b] = await threeAuthors();
      const all = Author.objects.withDeleted();
      assert.deepEqual(namesOf(await all.getInstances({ orderBy: "name" })), ["a", "b", "c"]);
      assert.equal(await all.count(), 3);
      assert.equal(await all.exists({ where: { name: "b" } }), true);
      assert.equal((await all.find(b.id))?.name, "b");
      assert.deepEqual(namesOf(await all.findMany([b.id])), ["b"]);
      assert.deepEqual(await all.aggregate({ n: count() }), { n: 3 });
      assert.equal((await all.get({ where: { name: "b" } })).name, "b");
      for await (const chunk of all.chunk(3)) assert.equal(chunk.length, 3);
      let streamed = 0;
      for await (const _ of all.stream()) streamed += 1;
      assert.equal(streamed, 3);
      await Seat.objects.insert({ room: "r", place: 1 });
      await Seat.objects.delete({ room: "r", place: 1 });
      assert.equal(await Seat.find({ room: "r", place: 1 }), null);
      assert.equal((await Seat.objects.withDeleted().find({ room: "r", place: 1 }))?.room, "r");
      assert.equal((await Seat.objects.withDeleted().findMany([{ room: "r", place: 1 }])).length, 1);
    });

    test("is another manager of the same class, with what that keeps, and leaves the first as it is", async () => {
      await using db = await open(engine, [Author]);
      await threeAuthors();
      const all = Author.objects.withDeleted();
      assert.equal(all.constructor, Author.objects.constructor);
      assert.equal(all.tag, "own");
      assert.equal(all.model, Author);
      assert.deepEqual(await all.names(), ["a", "b", "c"]);
      assert.deepEqual(await Author.objects.names(), ["a", "c"]);
      assert.deepEqual(await all.withDeleted().names(), ["a", "b", "c"]);
      assert.deepEqual(await all.using(db).names(), ["a", "b", "c"]);
      assert.deepEqual(await Author.objects.using(db).withDeleted().names(), ["a", "b", "c"]);
    });

    test("holds in transactions, nested ones too, before and after they begin", async () => {
      await using _db = await open(engine, [Author]);
      await threeAuthors();
      await using tx = Author.objects.withDeleted().transaction();
      assert.equal(tx.tag, "own");
      assert.deepEqual(await tx.names(), ["a", "b", "c"]);
      {
        await using nested = tx.transaction();
        assert.equal(await nested.count(), 3);
        await nested.commit();
      }
      assert.deepEqual(await Author.objects.using(tx).names(), ["a", "c"]);
      await tx.commit();
      const counts = await Author.objects.transaction(async (inner) => [
        await inner.count(),
        await inner.withDeleted().count(),
      ]);
      assert.deepEqual(counts, [2, 3]);
    });

    test("holds for the statements of the model in its chain, and for no other model's", async () => {
      await using _db = await open(engine, [Author, Book]);
      const [a] = await threeAuthors();
      await Book.objects.insert({ title: "t", authorId: a.id });
      await Book.objects.delete("all");
      const all = Author.objects.withDeleted();
      assert.equal(await all.setSql(Author.select()).rowcount(), 3);
      assert.equal(await all.setSql(updateTable(Author)).values({ active: false }).where("all").rowcount(), 3);
      assert.equal(await all.setSql(Book.select()).rowcount(), 0);
      assert.equal(await all.setSql(insertInto(Author)).values({ name: "d" }).rowcount(), 1);
    });

    test("of delete sets the time anew of rows that are hidden already", async () => {
      await using _db = await open(engine, [Author]);
      await Author.objects.insert({ name: "x", deletedAt: LONG_AGO });
      assert.equal(await Author.objects.withDeleted().delete({ name: "x" }), 1);
      const [found] = await Author.objects.withDeleted().getItems();
      assert.ok((found?.deletedAt?.getTime() ?? 0) > LONG_AGO.getTime());
    });
  });

  describe("restore()", () => {
    test("shows hidden rows again and gives their number, of others nothing", async () => {
      await using _db = await open(engine, [Author, Seat]);
      const [a, b] = await threeAuthors();
      assert.equal(await Author.objects.restore({ id: a.id }), 0);
      assert.equal(await Author.objects.restore({ name: ["a", "b", "c"] }), 1);
      assert.equal((await Author.objects.find(b.id))?.deletedAt, null);
      assert.equal(await Author.objects.delete("all"), 3);
      assert.equal(await Author.objects.withDeleted().restore([Author.c.name.ne("b")]), 2);
      assert.equal(await Author.objects.restore("all"), 1);
      assert.deepEqual(await Author.objects.names(), ["a", "b", "c"]);
      await Seat.objects.insert({ room: "r", place: 1 });
      await Seat.objects.delete("all");
      assert.equal(await Seat.objects.restore({ room: "r", place: 1 }), 1);
    });

    test("of a model without softDelete: UsageError, nothing sent", async () => {
      class Plain extends Model("plain", { id: integer().primaryKey() }) {}
      await using db = await open(engine, [Plain]);
      const texts = await statementsOf(db, async () => {
        const error = await failureOf(() => Plain.objects.restore({ id: 1 }));
        assert.ok(error instanceof UsageError);
        assert.match(error.message, /^Plain has no softDelete/);
      });
      assert.deepEqual(texts, []);
    });

    test("of a row whose unique value another has taken since: UniqueViolationError", async () => {
      await using _db = await open(engine, [Nick]);
      const first = await Nick.objects.insert({ name: "n" });
      await Nick.objects.delete({ id: first.id });
      await Nick.objects.insert({ name: "n" });
      assert.ok((await failureOf(() => Nick.objects.restore({ id: first.id }))) instanceof UniqueViolationError);
      assert.equal(await Nick.objects.count(), 1);
    });
  });

  describe("a hidden row and its unique values", () => {
    test("still hold: an insert and getOrCreate of them are a UniqueViolationError, nothing written", async () => {
      await using _db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      const taken = { email: "b@x" };
      assert.ok((await failureOf(() => Author.insert({ name: "x", ...taken }))) instanceof UniqueViolationError);
      const works = [
        () => Author.objects.getOrCreate(taken, { name: "x" }),
        () => Author.objects.updateOrCreate(taken, { name: "x" }),
        () => Author.objects.getOrCreate({ id: b.id }, { name: "x" }),
      ];
      for (const work of works) assert.ok((await failureOf(work)) instanceof UniqueViolationError);
      assert.deepEqual(await Author.objects.withDeleted().names(), ["a", "b", "c"]);
    });

    test("are found by getOrCreate and updateOrCreate of withDeleted(), and stay hidden", async () => {
      await using _db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      const all = Author.objects.withDeleted();
      const [found, created] = await all.getOrCreate({ email: "b@x" }, { name: "x" });
      assert.deepEqual([found.id, found.name, created], [b.id, "b", false]);
      const [updated, isNew] = await all.updateOrCreate({ email: "b@x" }, { name: "x" });
      assert.deepEqual([updated.id, updated.name, isNew], [b.id, "x", false]);
      assert.equal(await Author.find(b.id), null);
    });

    test("let upsert update the hidden row, which stays hidden unless its time is given as null", async () => {
      await using _db = await open(engine, [Author]);
      const [, b] = await threeAuthors();
      const updated = await Author.objects.upsert({ email: "b@x", name: "x" }, { on: "email" });
      assert.deepEqual([updated.id, updated.name], [b.id, "x"]);
      assert.ok(updated.deletedAt instanceof Date);
      assert.equal(await Author.find(b.id), null);
      const shown = await Author.objects.upsert({ email: "b@x", name: "y", deletedAt: null }, { on: "email" });
      assert.deepEqual([shown.id, shown.deletedAt], [b.id, null]);
      assert.equal((await Author.find(b.id))?.name, "y");
    });

    test("are free again where a unique index leaves hidden rows out", async () => {
      await using _db = await open(engine, [Nick]);
      const first = await Nick.objects.insert({ name: "n" });
      await Nick.objects.delete({ id: first.id });
      const [second, created] = await Nick.objects.getOrCreate({ name: "n" });
      assert.ok(created && second.id !== first.id);
      assert.ok((await failureOf(() => Nick.insert({ name: "n" }))) instanceof UniqueViolationError);
      await Nick.objects.delete("all");
      assert.ok((await Nick.objects.getOrCreate({ name: "n" }))[1]);
      assert.equal(await Nick.objects.withDeleted().count(), 3);
    });
  });

  describe("the column of softDelete", () => {
    test("is made by createAll as a nullable time, under its name, where it is not declared", async () => {
      await using db = await open(engine, [Author, Book]);
      assert.deepEqual(Object.keys(Author.columns), ["id", "name", "email", "active", "deletedAt"]);
      assert.deepEqual(Object.keys(Book.columns), ["id", "title", "authorId", "gone"]);
      await db.createAll();
      const author = await Author.insert({ name: "x" });
      assert.deepEqual(Object.keys(author.data), ["id", "name", "email", "active", "deletedAt"]);
      assert.equal(author.deletedAt, null);
      const rows = await Author.objects.setSql(sql`select deleted_at from authors`).fetchall();
      assert.deepEqual(rows, [{ deletedAt: null }]);
      const texts = await statementsOf(db, () => Book.find(1));
      assert.match(texts[0] ?? "", / where "id" = \S+ and "gone_at" is null$/);
    });

    test("can be indexed", async () => {
      class Indexed extends Model(
        "indexed",
        { id: integer().primaryKey() },
        { softDelete: "goneAt", indexes: [["goneAt"]] },
      ) {}
      await using _db = await open(engine, [Indexed]);
      assert.equal(await Indexed.objects.count(), 0);
    });
  });
});

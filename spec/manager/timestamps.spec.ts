import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  insertInto,
  integer,
  Model,
  NotNullViolationError,
  sql,
  text,
  timestamp,
  updateTable,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { LONG_AGO, Page } from "./kept-models.js";

class Named extends Model(
  "named",
  { id: integer().primaryKey(), name: text().unique() },
  { timestamps: { createdAt: "made", updatedAt: false } },
) {}
class Declared extends Model(
  "declared",
  {
    id: integer().primaryKey(),
    name: text().nullable(),
    createdAt: timestamp().defaultNow().column("made_at"),
    updatedAt: timestamp()
      .nullable()
      .default(() => LONG_AGO),
  },
  { timestamps: true },
) {}

/** A page that was written long ago. */
const oldPage = (path = "/") => Page.objects.insert({ path, createdAt: LONG_AGO, updatedAt: LONG_AGO });
const timesOf = async (id: number) => {
  const page = await Page.objects.withDeleted().get({ where: { id } });
  return { createdAt: page.createdAt, isOld: page.updatedAt.getTime() === LONG_AGO.getTime(), at: page.updatedAt };
};

/** That the row was updated now, and inserted long ago. */
async function assertTouched(id: number, before: number): Promise<void> {
  const { createdAt, at } = await timesOf(id);
  assert.deepEqual(createdAt, LONG_AGO);
  assert.ok(at.getTime() >= before && at.getTime() <= Date.now());
}

eachEngine((engine) => {
  const placeholder = (n: number) => (engine.dialect === "postgres" ? `$${n}` : "?");
  const [p1, p2, p3, p4] = [placeholder(1), placeholder(2), placeholder(3), placeholder(4)];

  describe("the times of a model", () => {
    test("are columns that createAll makes where they are not declared", async () => {
      await using db = await open(engine, [Page, Named, Declared]);
      await db.createAll();
      assert.deepEqual(Object.keys(Page.columns), ["id", "path", "hits", "createdAt", "updatedAt", "deletedAt"]);
      assert.deepEqual(Object.keys(Named.columns), ["id", "name", "made"]);
      assert.deepEqual(Object.keys(Declared.columns), ["id", "name", "createdAt", "updatedAt"]);
      const error = await failureOf(() =>
        Page.objects.setSql(sql`insert into pages (path, hits) values ('/', 0)`).rowcount(),
      );
      assert.ok(error instanceof NotNullViolationError);
    });

    test("are set by an insert, both to the same, by every way of inserting", async () => {
      await using _db = await open(engine, [Page, Named]);
      const before = Date.now();
      const inserted = [
        await Page.objects.insert({ path: "a" }),
        ...(await Page.objects.insertMany([{ path: "b" }, { path: "c", hits: 1 }])),
        ...(await Page.objects.getOrCreate({ path: "d" })).slice(0, 1),
        ...(await Page.objects.updateOrCreate({ path: "e" }, { hits: 1 })).slice(0, 1),
        await Page.objects.upsert({ path: "f" }, { on: "path" }),
        await new Page({ path: "g" }).save(),
      ] as Page[];
      await Page.objects.insert({ path: "h" }, { fetch: false });
      await Page.objects.insertMany([{ path: "i" }], { fetch: false });
      await Page.objects.setSql(insertInto(Page)).values({ path: "j" }).rowcount();
      assert.equal(inserted.length, 7);
      const rows = [...inserted, ...(await Page.objects.getInstances())];
      assert.equal(rows.length, 17);
      for (const { createdAt, updatedAt } of rows) {
        assert.ok(createdAt.getTime() >= before && createdAt.getTime() <= Date.now());
        assert.deepEqual(updatedAt, createdAt);
      }
      assert.ok((await Named.insert({ name: "x" })).made.getTime() >= before);
    });

    test("of one row are the same instant, though the clock goes on between them", async () => {
      await using _db = await open(engine, [Page]);
      const rows = await Page.objects.insertMany(Array.from({ length: 5000 }, (_, i) => ({ path: `${i}` })));
      assert.ok(rows.every(({ createdAt, updatedAt }) => createdAt.getTime() === updatedAt.getTime()));
    });

    test("are what an insert gives where it does", async () => {
      await using _db = await open(engine, [Page]);
      const page = await oldPage();
      assert.deepEqual([page.createdAt, page.updatedAt], [LONG_AGO, LONG_AGO]);
      const half = await Page.objects.insert({ path: "half", createdAt: LONG_AGO });
      assert.ok(half.updatedAt.getTime() > LONG_AGO.getTime());
    });

    test("updatedAt is set by every update of the manager, createdAt stays", async () => {
      await using db = await open(engine, [Page]);
      const { id } = await oldPage();
      const works = [
        () => Page.objects.update({ id }, { hits: 1 }),
        () => Page.objects.update({ path: "/" }, { hits: sql`hits + 1` }),
        () => Page.objects.update("all", { hits: 3 }, { fetch: true }),
        () => Page.objects.updateOrCreate({ path: "/" }, { hits: 4 }),
        () => Page.objects.upsert({ path: "/", hits: 5 }, { on: "path" }),
        () => Page.objects.upsertMany([{ id, path: "/", hits: 6 }]),
        () => Page.objects.upsert({ path: "/", hits: 7 }, { on: "path", update: ["hits"] }),
        () => Page.objects.setSql(updateTable(Page)).values({ hits: 8 }).where({ id }).rowcount(),
        () => Page.objects.transaction((tx) => tx.update({ id }, { hits: 9 })),
        () => Page.objects.delete({ id }),
        () => Page.objects.restore({ id }),
      ];
      for (const work of works) {
        await Page.objects.withDeleted().update({ id }, { updatedAt: LONG_AGO });
        assert.equal((await timesOf(id)).isOld, true);
        const before = Date.now();
        const texts = await statementsOf(db, work);
        await assertTouched(id, before);
        assert.ok(texts.some((sent) => sent.includes('"updated_at" = ')));
      }
      assert.equal((await Page.find(id))?.hits, 9);
    });

    test("an update gives the instances that it fetches the time that it set", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await oldPage();
      const [page] = await Page.objects.update({ id }, { hits: 1 }, { fetch: true });
      assert.deepEqual(page?.updatedAt, (await timesOf(id)).at);
      assert.ok((page?.updatedAt.getTime() ?? 0) > LONG_AGO.getTime());
      const upserted = await Page.objects.upsert({ path: "/", hits: 2 }, { on: "path" });
      assert.deepEqual(upserted.updatedAt, (await timesOf(id)).at);
    });

    test("are sent in the one statement of the update", async () => {
      await using db = await open(engine, [Page]);
      const { id } = await oldPage();
      const texts = await statementsOf(db, async () => {
        await Page.objects.update({ id }, { hits: 1 });
        await Page.objects.update({ path: "/" }, { hits: 1 });
        await Page.objects.delete({ id });
        await Page.objects.upsert({ path: "/", hits: 5 }, { on: "path" });
        await Page.objects.update({ id }, { updatedAt: LONG_AGO, hits: 1 });
      });
      assert.deepEqual(texts.slice(0, 3), [
        `update "pages" set "hits" = ${p1}, "updated_at" = ${p2} where "id" = ${p3} and "deleted_at" is null`,
        `update "pages" set "hits" = ${p1}, "updated_at" = ${p2} where ("pages"."path" = ${p3}) and ("pages"."deleted_at" is null)`,
        `update "pages" set "deleted_at" = ${p1}, "updated_at" = ${p2} where "id" = ${p3} and "deleted_at" is null`,
      ]);
      const conflict =
        'on conflict ("path") do update set "hits" = excluded."hits", "updated_at" = excluded."updated_at"';
      assert.ok(
        texts[3]?.startsWith(
          `insert into "pages" ("path", "hits", "created_at", "updated_at") values (${p1}, ${p2}, ${p3}, ${p4}) ${conflict} returning `,
        ),
      );
      assert.equal(
        texts[4],
        `update "pages" set "hits" = ${p1}, "updated_at" = ${p2} where "id" = ${p3} and "deleted_at" is null`,
      );
    });

    test("are what an update or upsert gives where it does: a value, or an expression", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await oldPage();
      const later = new Date(LONG_AGO.getTime() + 1000);
      const works = [
        () => Page.objects.update({ id }, { hits: 1, updatedAt: later }),
        () => Page.objects.update({ path: "/" }, { updatedAt: later }, { fetch: true }),
        () => Page.objects.setSql(updateTable(Page)).values({ hits: 2, updatedAt: later }).where({ id }).rowcount(),
        () => Page.objects.upsert({ path: "/", hits: 3, updatedAt: later }, { on: "path" }),
        () => Page.objects.upsert({ path: "/", hits: 4, updatedAt: later }, { on: "path", update: ["hits"] }),
        () => Page.objects.updateOrCreate({ path: "/" }, { updatedAt: later }),
      ];
      for (const work of works) {
        await Page.objects.update({ id }, { updatedAt: LONG_AGO });
        await work();
        assert.deepEqual((await timesOf(id)).at, later);
      }
      await Page.objects.update({ id }, { hits: 9, updatedAt: Page.c.createdAt });
      assert.deepEqual((await timesOf(id)).at, LONG_AGO);
      const before = Date.now();
      await Page.objects.update({ id }, { hits: 9, updatedAt: undefined });
      await assertTouched(id, before);
    });

    test("stay where nothing is updated: no values, an upsert that leaves the row, getOrCreate of a row that is there", async () => {
      await using db = await open(engine, [Page]);
      const { id } = await oldPage();
      await Page.objects.upsert({ path: "/", hits: 1 }, { on: "path", update: [] });
      await Page.objects.upsert({ path: "/" }, { on: "path" });
      await Page.objects.getOrCreate({ path: "/" }, { hits: 1 });
      await Page.objects.updateOrCreate({ path: "/" }, {});
      await Page.objects.update({ path: "/", hits: 77 }, { hits: 1 });
      const texts = await statementsOf(db, async () => {
        for (const values of [{}, { hits: undefined }]) {
          assert.equal((await failureOf(() => Page.objects.update({ id }, values))).name, "UsageError");
          assert.equal(await Page.objects.bulkUpdate([{ id, ...values }]), 0);
        }
      });
      assert.deepEqual(texts, []);
      assert.equal((await timesOf(id)).isOld, true);
    });

    test("an upsert keeps the createdAt of the row that is there, unless it is given", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await oldPage();
      const rows = await Page.objects.upsertMany(
        [
          { path: "/", hits: 1 },
          { path: "/new", hits: 2 },
        ],
        { on: "path" },
      );
      assert.deepEqual([rows[0]?.id, rows[0]?.createdAt], [id, LONG_AGO]);
      assert.deepEqual(rows[1]?.createdAt, rows[1]?.updatedAt);
      const later = new Date(LONG_AGO.getTime() + 1000);
      const given = await Page.objects.upsert({ path: "/", createdAt: later }, { on: "path" });
      assert.deepEqual(given.createdAt, later);
    });

    test("that are rolled back are as they were", async () => {
      await using _db = await open(engine, [Page]);
      const { id } = await oldPage();
      {
        await using tx = Page.objects.transaction();
        await tx.update({ id }, { hits: 1 });
        await tx.rollback();
      }
      assert.equal((await timesOf(id)).isOld, true);
    });

    test("under names of one's own: one of them alone is kept", async () => {
      await using db = await open(engine, [Named]);
      const { id, made } = await Named.insert({ name: "a" });
      const texts = await statementsOf(db, async () => {
        await Named.objects.update({ id }, { name: "b" });
        await Named.objects.upsert({ name: "b" }, { on: "name" });
      });
      assert.equal(texts[0], `update "named" set "name" = ${p1} where "id" = ${p2}`);
      assert.match(texts[1] ?? "", / do update set "name" = excluded\."name" returning /);
      assert.deepEqual((await Named.find(id))?.made, made);
    });

    test("that are declared keep their names, defaults and nullability, and are set by updates", async () => {
      await using db = await open(engine, [Declared]);
      const before = Date.now();
      const row = await Declared.insert({ name: "a" });
      assert.deepEqual(row.updatedAt, LONG_AGO);
      assert.ok(row.createdAt.getTime() > LONG_AGO.getTime());
      await Declared.objects.update({ id: row.id }, { name: "b" });
      assert.ok(((await Declared.find(row.id))?.updatedAt?.getTime() ?? 0) >= before);
      await Declared.objects.update({ id: row.id }, { updatedAt: null });
      assert.equal((await Declared.find(row.id))?.updatedAt, null);
      const texts = await statementsOf(db, () => Declared.insert({ createdAt: LONG_AGO }));
      assert.match(texts[0] ?? "", /^insert into "declared" \("made_at", "updated_at"\)/);
    });
  });
});

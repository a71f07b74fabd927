import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  alias,
  array,
  bigint,
  bytes,
  integer,
  Model,
  numeric,
  QueryBuilder,
  QueryError,
  sql,
  text,
  timestamp,
  varchar,
} from "../../src/index.js";
import { anySpecimen, Specimen } from "../sql/specimen.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { untyped } from "./untyped.js";

class User extends Model("users", { id: integer().primaryKey(), name: text(), age: integer().nullable() }) {
  get shout() {
    return this.name.toUpperCase();
  }
}
class Visit extends Model(
  "visits",
  { at: timestamp(), place: bigint(), userId: integer().nullable(), note: text().nullable() },
  { primaryKey: ["at", "place"] },
) {}
class Blob extends Model("blobs", { id: bytes().primaryKey(), userId: integer(), note: text().nullable() }) {}
class Note extends Model(
  "notes",
  { id: integer().primaryKey(), userId: integer(), line: text() },
  { softDelete: "deletedAt" },
) {}
class Lists extends Model("lists", {
  id: integer().primaryKey(),
  integers: array(integer()).nullable(),
  bigints: array(bigint()).nullable(),
  texts: array(text()).nullable(),
  varchars: array(varchar(5)).nullable(),
  prices: array(numeric(5, 2)).nullable(),
  rates: array(numeric(5, 3)).nullable(),
}) {}

const FIRST = new Date("2024-05-06T07:08:09.001Z");
const SECOND = new Date("2024-05-06T07:08:09.002Z");

async function fill() {
  await User.insertMany([
    { id: 1, name: "a", age: 1 },
    { id: 2, name: "b" },
  ]);
  await Visit.insertMany([
    { at: FIRST, place: 9_007_199_254_740_993n, userId: 1, note: "x" },
    { at: SECOND, place: 9_007_199_254_740_993n, userId: 1, note: "y" },
    { at: SECOND, place: 1n, note: "nobody's" },
  ]);
}

const visits = () =>
  User.query().join(Visit, ["id", "userId"], "full").orderBy("users.id", "asc").orderBy("visits.at", "asc");

eachEngine((engine) => {
  describe("the rows of joins", () => {
    test("have instances without a query where all columns are there, null for a missing side (S20)", async () => {
      await using db = await open(engine, [User, Visit]);
      await fill();
      const rows = await visits().get();
      const sent = await statementsOf(db, async () => {
        const models = await Promise.all(rows.map((row) => row.getModels()));
        assert.deepEqual(
          models.map(([user, visit]) => [user?.shout ?? null, visit?.note ?? null]),
          [
            [null, "nobody's"],
            ["A", "x"],
            ["A", "y"],
            ["B", null],
          ],
        );
        assert.ok(
          models.every(
            ([user, visit]) => (user === null || user instanceof User) && (visit === null || visit instanceof Visit),
          ),
        );
      });
      assert.deepEqual(sent, []);
      const [user] = (await rows[1]?.getModels()) ?? [];
      await user?.update({ age: 5 });
      assert.equal((await User.find(1))?.age, 5);
    });

    test("have instances by one query for each table where only keys are there, for all rows together (S20)", async () => {
      await using db = await open(engine, [User, Visit]);
      await fill();
      const rows = await visits().select(["users.id", "visits.at", "visits.place"]).get();
      const sent = await statementsOf(db, async () => {
        const models = await Promise.all(rows.map((row) => row.getModels()));
        assert.deepEqual(
          models.map(([user, visit]) => [user?.name ?? null, visit?.note ?? null]),
          [
            [null, "nobody's"],
            ["a", "x"],
            ["a", "y"],
            ["b", null],
          ],
        );
        await rows[0]?.getModels();
      });
      assert.equal(sent.length, 2);
    });

    test("find instances of rows deleted softly, which withDeleted() has shown (S20)", async () => {
      await using _db = await open(engine, [User, Note]);
      await User.insert({ id: 1, name: "a" });
      await (await Note.insert({ userId: 1, line: "x" })).delete();
      const rows = await User.query().join(Note, ["id", "userId"]).withDeleted().select(["users.id", "notes.id"]).get();
      assert.equal((await rows[0]?.getModels())?.[1]?.line, "x");
    });

    test("find instances by keys of bytes, and give null for a row that is gone (S20)", async () => {
      await using _db = await open(engine, [User, Blob]);
      await User.insert({ id: 1, name: "a" });
      await Blob.insertMany([1, 2, 3].map((n) => ({ id: new Uint8Array([n, 255]), userId: 1, note: `n${n}` })));
      const rows = await User.query()
        .join(Blob, ["id", "userId"])
        .select(["users.id", "blobs.id"])
        .orderBy("blobs.id", "asc")
        .get();
      await Blob.query().equal("note", "n2").delete();
      const models = await Promise.all(rows.map((row) => row.getModels()));
      assert.deepEqual(
        models.map(([, blob]) => blob?.note ?? null),
        ["n1", null, "n3"],
      );
    });

    test("refuse to find instances without their key, with nothing sent (S20)", async () => {
      await using db = await open(engine, [User, Visit]);
      await fill();
      const rows = await visits().select(["users.name", "visits.at"]).get();
      const sent = await statementsOf(db, async () => {
        const error = await failureOf(() => rows[1]?.getModels());
        assert.equal(error.name, "UsageError");
        assert.match(error.message, /key of users/);
      });
      assert.deepEqual(sent, []);
    });

    test("ask again for instances that could not be found because of an error", async () => {
      await using db = await open(engine, [User, Visit]);
      await fill();
      const [row] = await User.query()
        .join(Visit, ["id", "userId"])
        .select(["users.id", "visits.at", "visits.place"])
        .get();
      await db.query(sql`alter table users rename to hidden`);
      assert.ok((await failureOf(() => row?.getModels())) instanceof QueryError);
      await db.query(sql`alter table hidden rename to users`);
      assert.equal((await row?.getModels())?.[0]?.name, "a");
    });

    test("got in a transaction have instances there, and in the database once it has ended (M13)", async () => {
      await using _db = await open(engine, [User, Visit]);
      await fill();
      const query = User.query().join(Visit, ["id", "userId"]).orderBy("visits.at", "asc");
      const keys = query.select(["users.id", "visits.at", "visits.place"]);
      await using tx = User.objects.transaction();
      await User.query().using(tx).equal("id", 1).update({ name: "within" });
      const [early, late] = [await keys.using(tx).first(), await keys.using(tx).first()];
      const whole = await query.using(tx).first();
      assert.equal((await early?.getModels())?.[0]?.name, "within");
      await tx.commit();
      const [found] = (await late?.getModels()) ?? [];
      const [held] = (await whole?.getModels()) ?? [];
      assert.deepEqual([found?.name, held?.name], ["within", "within"]);
      await held?.update({ age: 9 });
      await found?.reload();
      assert.equal(found?.age, 9);
    });

    test("decode each column by its own type, beside tables of other types (S21)", async () => {
      await using _db = await open(engine, [User, Specimen]);
      await fc.assert(
        fc.asyncProperty(anySpecimen, async (values) => {
          await Specimen.objects.delete("all");
          await User.objects.delete("all");
          const specimen = await Specimen.insert(values);
          await User.insertMany([{ id: specimen.id, name: "a", age: 3 }, { name: "b" }]);
          const { data } = specimen;
          for (const first of [true, false]) {
            const joined = first
              ? await Specimen.query().join(User, ["id", "id"], "right").orderBy("users.name", "asc").get()
              : await User.query().join(Specimen, ["id", "id"], "left").orderBy("users.name", "asc").get();
            assert.deepEqual(joined[0]?.data, { users: { id: specimen.id, name: "a", age: 3 }, specimens: data });
            assert.equal(joined[1]?.data.specimens, null);
          }
          for await (const [row] of Specimen.query().join(User, ["id", "id"]).chunk(1))
            assert.deepEqual(row?.data.specimens, data);
          const names = Object.keys(data) as (keyof typeof data)[];
          assert.deepEqual((await Specimen.query().group(names).get())[0]?.data, data);
          assert.deepEqual((await Specimen.query().first())?.data, data);
        }),
        { numRuns: 25 },
      );
    });

    test("print as JSON with bigints as strings and bytes in base64, and name themselves when inspected (V10)", async () => {
      await using _db = await open(engine, [User, Visit, Blob]);
      await fill();
      await Blob.insert({ id: new Uint8Array([1, 2]), userId: 1 });
      const [row] = await visits().equal("users.id", 1).get();
      const visit = { at: FIRST.toISOString(), place: "9007199254740993", userId: 1, note: "x" };
      assert.deepEqual(JSON.parse(JSON.stringify(row)), { users: { id: 1, name: "a", age: 1 }, visits: visit });
      assert.match(inspect(row), /^JoinedModel \{\s+users: \{ id: 1/);
      const [group] = await Blob.query().group("id").get();
      assert.equal(JSON.stringify(group), '{"id":"AQI="}');
      assert.match(inspect(group), /^Row \{ id:/);
      const missing = (await visits().get()).find(({ data }) => data.users === null);
      assert.equal(JSON.parse(JSON.stringify(missing)).users, null);
    });

    test("are there though all that was selected of a table is null, where no join can miss it (S20)", async () => {
      await using db = await open(engine, [User, Visit]);
      await User.insert({ id: 1, name: "a" });
      const bare = new QueryBuilder("users", { columns: { age: integer().nullable() }, database: db });
      const [left] = await bare.join(Visit, ["age", "userId"], "left").get();
      assert.deepEqual(left?.data, { users: { age: null }, visits: null });
      const crossed = await User.query().join("visits", [], "cross", { note: text().nullable() }).count();
      assert.equal(crossed, 0);
      const texts = User.query().join(Visit, ["id", "userId"]).select(["users.age", "visits.note"]).toSql().text;
      assert.match(texts, /^select "users"\."age", "visits"\."note" from/);
    });

    test("join by equal values of each type, and refuse types that can't be compared on both engines (S5)", async () => {
      await using db = await open(engine, [Specimen, Lists, User]);
      const other = alias(Specimen, "other");
      await fc.assert(
        fc.asyncProperty(anySpecimen, async (values) => {
          await Specimen.objects.delete("all");
          const { id, data } = await Specimen.insert(values);
          for (const [name, value] of Object.entries(data)) {
            const joined = untyped(Specimen.query()).join?.(other, [name, name]);
            assert.equal(await joined?.count(), value === null ? 0 : 1, `${name} of ${id}`);
          }
        }),
        { numRuns: 5 },
      );
      const sent = await statementsOf(db, async () => {
        for (const [left, right] of [
          ["integers", "bigints"],
          ["texts", "varchars"],
          ["integers", "texts"],
          ["prices", "rates"],
          ["id", "texts"],
        ]) {
          const error = await failureOf(() => untyped(Lists.query()).join?.(alias(Lists, "others"), [left, right]));
          assert.ok(error instanceof TypeError, error.message);
          assert.match(error.message, /can't be compared/);
        }
        const error = await failureOf(() => untyped(Specimen.query()).join?.(User, ["aNumeric", "id"]));
        assert.match(error.message, /specimens\.aNumeric is numeric and users\.id is integer/);
      });
      assert.deepEqual(sent, []);
    });

    test("come of one table once under one name, on columns of the joined table (S5)", async () => {
      const query = () => untyped(User.query());
      const refused: readonly (readonly [string, RegExp, () => unknown])[] = [
        ["UsageError", /a table users already: join alias\(/, () => query().join?.(User, ["id", "id"])],
        ["UsageError", /a table USERS already/, () => query().join?.(alias(User, "USERS"), ["id", "id"])],
        [
          "UsageError",
          /a table visits already/,
          () => query().join?.(Visit, ["id", "userId"]).join?.(Visit, ["id", "userId"]),
        ],
        ["UsageError", /\[left, right\]/, () => query().join?.(Visit, ["id"])],
        ["UsageError", /\[left, right\]/, () => query().join?.(Visit, ["id", "=", "userId", "x"])],
        ["UsageError", /\[left, right\]/, () => query().join?.(Visit)],
        ["TypeError", /a list/, () => query().join?.(Visit, "id")],
        ["UsageError", /cross join has no condition/, () => query().join?.(Visit, ["id", "userId"], "cross")],
        ["UsageError", /full join compares by = alone/, () => query().join?.(Visit, ["id", "<", "userId"], "full")],
        ["TypeError", /no table "users"/, () => query().join?.(Visit, ["id", "users.id"])],
        ["TypeError", /no table "visits"/, () => query().join?.(Visit, ["visits.userId", "userId"])],
        ["TypeError", /did you mean "userId"/, () => query().join?.(Visit, ["id", "userIdd"])],
        ["TypeError", /by its name/, () => query().join?.(Visit, [1, 2])],
        ["TypeError", /a model is a class/, () => query().join?.({ table: "users" }, ["id", "id"])],
        ["UsageError", /say its columns/, () => query().join?.("visits", ["id", "userId"])],
        ["UsageError", /told by its name/, () => query().join?.(Visit, ["id", "userId"], "left", { id: integer() })],
        ["TypeError", /such as integer\(\)/, () => query().join?.("visits", ["id", "id"], "left", { id: 5 })],
        ["UsageError", /before group\(\)/, () => query().group?.("name").join?.(Visit, ["id", "userId"])],
        [
          "UsageError",
          /before group\(\) and select\(\)/,
          () => query().select?.(["name"]).join?.(Visit, ["id", "userId"]),
        ],
      ];
      for (const [name, message, work] of refused) {
        const error = await failureOf(work);
        assert.equal(error.name, name, error.message);
        assert.match(error.message, message);
      }
    });
  });
});

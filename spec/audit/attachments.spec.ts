import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  Attachment,
  bigint,
  boolean,
  bytes,
  DeletedModel,
  date,
  integer,
  Model,
  real,
  text,
  timestamp,
  UsageError,
  uuid,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, statementsOf } from "../support/open.js";
import { Doc, Page } from "./models.js";

class User extends Model("users", { id: integer().primaryKey(), name: text() }) {}

class Stay extends Model(
  "stays",
  {
    room: text(),
    day: date(),
    at: timestamp(),
    big: bigint(),
    tag: uuid(),
    isOn: boolean(),
    code: bytes(),
    ratio: real(),
    guests: integer(),
  },
  { primaryKey: ["room", "day", "at", "big", "tag", "isOn", "code", "ratio"] },
) {}

const details: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  zero: 0,
  integer: 12,
  negative: -(2 ** 31) - 1,
  largest: Number.MAX_SAFE_INTEGER,
  fraction: 0.1,
  huge: 1e300,
  text: "é 𝄞\u0000",
  empty: "",
  bigint: 5n,
  "largest bigint": 2n ** 63n - 1n,
  "larger bigint": 2n ** 64n - 1n,
  "least bigint": -(2n ** 63n),
  date: new Date("2024-02-29T12:34:56.789Z"),
  "early date": new Date("1901-01-01T00:00:00.001Z"),
  "late date": new Date("9999-12-31T23:59:59.999Z"),
  epoch: new Date(0),
  "date before": new Date(-1),
  bytes: new Uint8Array([0, 1, 255]),
  "no bytes": new Uint8Array(),
  list: [1, [2, [null]], "x"],
  "empty list": [],
  object: { b: 1, a: { z: [new Date(5), 1n, new Uint8Array([1])] }, "": null },
  "empty object": {},
  "an object with odd keys": JSON.parse('{ "__proto__": 1, "constructor": 2, "1": 3 }'),
};

describe("notes on records", () => {
  eachEngine((engine) => {
    test("give details of every kind back as they were (S46)", async () => {
      await using _ = await open(engine, [Attachment, User]);
      const user = await User.insert({ name: "a" });
      for (const [what, value] of Object.entries(details)) {
        const note = await new Attachment().attachTo(user).setDetails(value).save();
        const found = await Attachment.find(note.id);
        assert.deepEqual(found?.getDetails(), value, what);
        assert.equal(await found?.verify(), true);
        await note.delete();
      }
    });

    test("hold details as packed bytes, the same for the same details (S46)", async () => {
      await using _ = await open(engine, [Attachment, User]);
      const user = await User.insert({ name: "a" });
      const note = await new Attachment()
        .attachTo(user)
        .setDetails({ b: [1], a: "x" })
        .save();
      assert.ok(note.details instanceof Uint8Array);
      const same = new Attachment().attachTo(user).setDetails({ a: "x", b: [1] });
      assert.deepEqual(same.details, note.details);
      assert.equal(Attachment.generateId(same.data), note.id);
      const value = note.getDetails() as { b: number[] };
      value.b.push(2);
      assert.deepEqual(note.getDetails(), { b: [1], a: "x" });
      const raw = new Attachment().attachTo(user).setDetails(new Uint8Array([1, 2]));
      (raw.getDetails() as Uint8Array)[0] = 9;
      assert.deepEqual(raw.getDetails(), new Uint8Array([1, 2]));
      const { id } = note;
      await note.setDetails("other").save();
      assert.notEqual(note.id, id);
      assert.equal((await DeletedModel.records(Attachment))[0]?.recordId, id);
    });

    test("refuse details that can't be packed (S46)", async () => {
      const circle: unknown[] = [];
      circle.push(circle);
      const shared = [1];
      new Attachment().setDetails([shared, shared]);
      const refused = [undefined, Number.NaN, Infinity, 2n ** 64n, -(2n ** 63n) - 1n, Symbol("x"), () => 1];
      const more = [new Map(), new Set(), /x/, new Date(Number.NaN), circle, new User(), "\ud800", { "\udc00": 1 }];
      for (const value of [...refused, ...more, [undefined], { a: undefined }])
        assert.throws(() => new Attachment().setDetails(value), TypeError);
      void engine;
    });

    test("are on instances of models, and on nothing else (S46)", async () => {
      await using db = await open(engine, [Attachment, User, Page]);
      for (const value of [{}, null, undefined, 1, User, "x", new Date()])
        assert.throws(() => new Attachment().attachTo(value as object), TypeError);
      assert.throws(() => new Attachment().attachTo(new User({ name: "a" })), UsageError);
      await assert.rejects(Attachment.of({}), TypeError);
      await assert.rejects(Page.attachments({}), TypeError);
      void db;
    });

    test("know their record: kept until it is asked for anew (S46)", async () => {
      await using db = await open(engine, [Attachment, User]);
      const [user, other] = await User.insertMany([{ name: "a" }, { name: "b" }]);
      assert.ok(user && other);
      const note = await new Attachment().attachTo(user).setDetails(1).save();
      assert.equal(await note.related(), user);
      const found = await Attachment.objects.get();
      const first = await found.related();
      assert.ok(first instanceof User);
      assert.equal(first.id, user.id);
      await user.update({ name: "c" });
      assert.deepEqual(await statementsOf(db, () => found.related()), []);
      assert.equal(await found.related(), first);
      assert.equal(((await found.related({ reload: true })) as User).name, "c");
      await user.delete();
      assert.ok((await found.related()) instanceof User);
      assert.equal(await found.related({ reload: true }), null);
      assert.equal(await found.related(), null);
      assert.equal(((await found.attachTo(other).related()) as User).name, "b");
      await assert.rejects(found.related({ relaod: true } as never), TypeError);
    });

    test("are found by their record, of every model and key (S46)", async () => {
      await using db = await open(engine, [Attachment, User, Page, Doc, Stay]);
      const key = {
        room: "1",
        day: "2024-02-29",
        at: new Date("2024-02-29T12:34:56.789Z"),
        big: 2n ** 60n,
        tag: "01890a5d-ac96-774b-bcce-b302099a8057",
        isOn: false,
        code: new Uint8Array([0, 255]),
        ratio: 0.1,
      };
      const records = [
        await User.insert({ name: "a" }),
        await Page.insert({ title: "a" }),
        await Stay.insert({ ...key, guests: 1 }),
        await Stay.insert({ ...key, room: "2", isOn: true, guests: 2 }),
      ];
      for (const [i, record] of records.entries())
        for (const text of ["x", "y"]) await new Attachment().attachTo(record).setDetails([i, text]).save();
      for (const [i, record] of records.entries()) {
        const notes = await Page.attachments(record);
        assert.deepEqual(notes.map((note) => note.getDetails()).sort(), [
          [i, "x"],
          [i, "y"],
        ]);
        const related = await notes[0]?.related();
        assert.equal(related?.constructor, record.constructor);
        assert.deepEqual((related as typeof record | undefined)?.data, record.data);
      }
      await db.begin(async (tx) => {
        const user = await User.objects.using(tx).insert({ name: "b" });
        await new Attachment().using(tx).attachTo(user).setDetails(1).save();
        const [note, ...others] = await Attachment.of(user);
        assert.equal(others.length, 0);
        assert.ok(note);
        assert.equal(((await note.related({ reload: true })) as User).name, "b");
      });
    });

    test("of a class that isn't bound say so (S46)", async () => {
      await using _ = await open(engine, [Attachment, User]);
      const note = await Attachment.insert({ relatedModel: "Usr", relatedId: "1" });
      const error = await failureOf(() => note.related());
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /"Usr".*User/);
    });
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import {
  array,
  bigint,
  boolean,
  bytes,
  date,
  integer,
  json,
  Model,
  numeric,
  oneOf,
  real,
  text,
  timestamp,
  uuid,
  varchar,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { open } from "../support/open.js";

class Thing extends Model("things", {
  id: integer().primaryKey(),
  count: bigint(),
  ratio: real(),
  price: numeric(10, 2),
  name: text(),
  short: varchar(5),
  active: boolean(),
  at: timestamp(),
  day: date(),
  token: uuid(),
  meta: json<Record<string, unknown>>().nullable(),
  body: bytes(),
  kind: oneOf("a", "b"),
  tags: array(text().nullable()),
  times: array(timestamp()),
}) {}
class Heir extends Thing {}

const NEW = {
  id: 7,
  count: 2n ** 62n,
  ratio: 0.1,
  price: "1.50",
  name: 'é "x"',
  short: "x",
  active: true,
  at: new Date("2024-05-06T07:08:09.123Z"),
  day: "2024-05-06",
  token: "abcdef12-1234-1234-1234-123456789abc",
  meta: { b: [1, { c: null }], a: "x" },
  body: new Uint8Array([0, 255]),
  kind: "a" as const,
  tags: ["t", null],
  times: [new Date(5)],
};
/** The same values in other forms. */
const ALIKE = {
  ...NEW,
  price: "1.5",
  token: NEW.token.toUpperCase(),
  meta: { a: "x", b: [1, { c: null }] },
  body: Buffer.from([0, 255]),
};
/** For each column another value. */
const OTHERS = {
  id: 8,
  count: 2n ** 62n + 1n,
  ratio: 0.2,
  price: "1.51",
  name: "other",
  short: "y",
  active: false,
  at: new Date("2024-05-06T07:08:09.124Z"),
  day: "2024-05-07",
  token: "abcdef12-1234-1234-1234-123456789abd",
  meta: { b: [1, { c: 0 }], a: "x" },
  body: new Uint8Array([0, 254]),
  kind: "b" as const,
  tags: ["t", ""],
  times: [new Date(6)],
};

/** Of `new Thing(NEW)`: the same in every process, on every engine and in every version, or those who kept it are lost. */
const HASH = "6df3b5a1219d4ebf11d6028ffb87a5aaa2cf822b4452e1257ba3af22f1a14d5c";

describe("instances", () => {
  test("are equal where class and values are, in whatever form they are given (S36)", () => {
    const thing = new Thing(NEW);
    for (const other of [thing, new Thing(NEW), new Thing(ALIKE)]) {
      assert.ok(thing.equals(other) && other.equals(thing));
      assert.equal(other.hash(), thing.hash());
    }
  });

  for (const [column, value] of Object.entries(OTHERS)) {
    test(`are neither equal nor of one hash where ${column} differs (S36)`, () => {
      const other = new Thing({ ...NEW, [column]: value });
      assert.ok(!new Thing(NEW).equals(other) && !other.equals(new Thing(NEW)));
      assert.notEqual(new Thing(NEW).hash(), other.hash());
    });
  }

  test("are equal to nothing else, and equals never throws (S36)", () => {
    const thing = new Thing(NEW);
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const strange = { constructor: Thing };
    const throwing = new Proxy(thing, {
      get() {
        throw new Error("no");
      },
    });
    const others = [undefined, null, 5, "x", {}, NEW, thing.data, strange, throwing, Object.create(null), Thing];
    for (const other of others) assert.equal(thing.equals(other), false);
    assert.equal(thing.equals(new Heir(NEW)), false);
    assert.equal(new Heir(NEW).equals(thing), false);
    assert.equal(thing.equals(new Thing({ ...NEW, meta: cyclic })), false);
    assert.equal(new Thing({ ...NEW, meta: cyclic }).equals(thing), false);
  });

  test("with a value that is null, and one that is missing, differ", () => {
    const { meta: _, ...rest } = NEW;
    const [missing, isNull] = [new Thing(rest), new Thing({ ...rest, meta: null })];
    assert.ok(!missing.equals(isNull) && !isNull.equals(missing));
    assert.notEqual(missing.hash(), isNull.hash());
    assert.ok(missing.equals(new Thing(rest)));
  });

  test("have a hash of 64 hex digits, by table and columns (S36)", () => {
    class Texts extends Model("values", { value: text() }) {}
    class Numbers extends Model("values", { value: bigint() }) {}
    class Renamed extends Model("values", { value: text().column("other") }) {}
    class Elsewhere extends Model("elsewhere", { value: text() }) {}
    class Named extends Model("values", { named: text() }) {}
    const hash = new Texts({ value: "1" }).hash();
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.equal(new Renamed({ value: "1" }).hash(), hash);
    for (const other of [new Numbers({ value: 1n }), new Elsewhere({ value: "1" }), new Named({ named: "1" })]) {
      assert.notEqual(other.hash(), hash);
    }
  });

  test("with a value that the column can't hold have no hash: a TypeError with the column's name", () => {
    const wrong = Object.assign(new Thing(NEW), { name: 5 });
    assert.throws(() => wrong.hash(), /things\.name/);
  });

  test("iterate as pairs of column and value, in the order of the columns (M9)", () => {
    const { id, name, meta } = NEW;
    const thing = new Thing({ meta, name });
    thing.id = id;
    assert.deepEqual(
      [...thing],
      [
        ["id", id],
        ["name", name],
        ["meta", meta],
      ],
    );
    assert.deepEqual(Object.fromEntries(new Thing(NEW)), new Thing(NEW).data);
    assert.deepEqual(new Map(thing).get("name"), name);
  });

  test("hash the same in another process (S36)", () => {
    const program = `
      import { Model, text, json, timestamp } from "./src/index.js";
      class A extends Model("a", { at: timestamp(), name: text(), meta: json() }) {}
      console.log(new A({ meta: { y: 1, x: 2 }, name: "n", at: new Date(0) }).hash());`;
    const answer = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      encoding: "utf8",
    });
    class A extends Model("a", { at: timestamp(), name: text(), meta: json() }) {}
    assert.equal(answer.trim(), new A({ name: "n", meta: { x: 2, y: 1 }, at: new Date(0) }).hash());
  });
});

eachEngine((engine) => {
  describe("equality", () => {
    test("is of the values, saved or not, read or given, and the hash is the same on each engine (S36)", async () => {
      await using _db = await open(engine, [Thing]);
      const given = new Thing(ALIKE);
      assert.equal(given.hash(), HASH);
      const inserted = await Thing.insert(ALIKE);
      const found = (await Thing.find(NEW.id)) ?? assert.fail();
      for (const thing of [inserted, found]) {
        assert.equal(thing.hash(), HASH);
        assert.ok(thing.equals(given) && given.equals(thing));
      }
      found.tags.push("new");
      assert.ok(!found.equals(inserted));
      assert.notEqual(found.hash(), HASH);
      await found.save();
      assert.ok(found.equals(await Thing.find(NEW.id)));
      assert.ok(!found.equals(await Thing.find(8)));
    });
  });
});

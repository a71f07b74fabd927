import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Packr, Unpackr } from "msgpackr";
import { pack } from "../../src/audit/pack.js";
import { unpackAll } from "../../src/audit/unpack.js";

/** Another implementation, by which the first ids were made. */
const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

const isWellFormed = (text: string) => text.isWellFormed();
const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }).filter(isWellFormed),
  fc.integer({ min: 0, max: 300 }).map((length) => "é".repeat(length / 2) + "x".repeat(length / 2)),
);
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -(2 ** 33), max: 2 ** 34 }),
  fc.integer({ min: -300, max: 70_000 }),
  fc.constantFrom(
    -0x8001,
    -0x8000,
    -0x81,
    -0x80,
    -0x21,
    -0x20,
    0x7f,
    0x80,
    0xff,
    0x100,
    0xffff,
    0x10000,
    2 ** 32 - 1,
    2 ** 32,
  ),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.date({ noInvalidDate: true }),
  fc.integer({ min: 0, max: 2 ** 32 }).map((seconds) => new Date(seconds * 1000)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  text,
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("value"), { maxLength: 40 }),
    fc.array(fc.tuple(text, tie("value")), { maxLength: 40 }).map((entries) => new Map(entries)),
  ),
}));

/** Buffers and other bytes alike. */
const plain = (unpacked: unknown): unknown => {
  if (unpacked instanceof Uint8Array) return [...unpacked];
  if (Array.isArray(unpacked)) return unpacked.map(plain);
  if (unpacked instanceof Map) return new Map([...unpacked].map(([key, item]) => [key, plain(item)]));
  return unpacked;
};

describe("MessagePack (S41)", () => {
  it("is to the byte what another implementation packs", () => {
    fc.assert(
      fc.property(value, (value) => {
        assert.deepEqual(Buffer.from(pack(value)), Buffer.from(packr.pack(value)));
      }),
      { numRuns: 200 },
    );
  });

  it("is read as the other reads it", () => {
    fc.assert(
      fc.property(value, (value) => {
        assert.deepEqual(plain(unpackAll(pack(value))), plain(unpackr.unpack(pack(value))));
      }),
      { numRuns: 200 },
    );
  });

  it("has a head for each length", () => {
    for (const length of [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      const values = [
        "x".repeat(length),
        Buffer.alloc(length, 7),
        Array.from({ length }, () => 1),
        new Map(Array.from({ length }, (_, key) => [key, null])),
      ];
      for (const value of values) {
        const bytes = pack(value);
        assert.deepEqual(bytes, Buffer.from(packr.pack(value)));
        assert.deepEqual(plain(unpackAll(bytes)), plain(value));
      }
    }
  });

  it("reads floats of 32 bits and the shorter forms of extensions, which it doesn't write", () => {
    assert.equal(unpackAll(Buffer.from("ca3fc00000", "hex")), 1.5);
    assert.deepEqual(unpackAll(Buffer.from("c70cff1dcd65000000000000000001", "hex")), new Date(1500));
  });

  it("refuses bytes that end too soon or too late, and what nothing begins with", () => {
    fc.assert(
      fc.property(value, (value) => {
        const bytes = pack(value);
        assert.throws(() => unpackAll(bytes.subarray(0, -1)), RangeError);
        assert.throws(() => unpackAll(Buffer.concat([bytes, Buffer.from([0])])), RangeError);
      }),
    );
    for (const hex of ["c1", "d400ff", "d6000000000a", "c703ff000000"]) {
      assert.throws(() => unpackAll(Buffer.from(hex, "hex")), RangeError, hex);
    }
  });

  it("refuses what it has no form for", () => {
    assert.throws(() => pack(new Map([["a", undefined]])), TypeError);
    assert.throws(() => pack(Symbol("a")), TypeError);
  });
});

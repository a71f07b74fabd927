import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { integer, Model, text, timestamp, UsageError } from "../../src/index.js";

const id = integer().primaryKey();

describe("softDelete", () => {
  test("that names what is no nullable timestamp is a UsageError as the class is made", () => {
    assert.throws(() => Model("t", { id, gone: text().nullable() }, { softDelete: "gone" }), {
      name: "UsageError",
      message: "t.gone is kept by the model, and must be a timestamp(), not text",
    });
    assert.throws(() => Model("t", { id, gone: timestamp() }, { softDelete: "gone" }), {
      name: "UsageError",
      message: /^t\.gone is null while a row is not deleted/,
    });
    assert.throws(() => Model("t", { id }, { softDelete: "id" }), UsageError);
    assert.throws(() => Model("t", { id }, { softDelete: "" }), UsageError);
  });

  test("of a column with a default, which would hide new rows, is a UsageError", () => {
    const columns = { id, gone: timestamp().nullable().defaultNow() };
    assert.throws(() => Model("t", columns, { softDelete: "gone" }), {
      name: "UsageError",
      message: /and no default$/,
    });
    assert.throws(() => Model("t", { id }, { softDelete: "createdAt", timestamps: true }), UsageError);
    const kept = { id, updatedAt: timestamp().nullable() };
    assert.throws(() => Model("t", kept, { softDelete: "updatedAt", timestamps: true }), UsageError);
  });

  test("that is no name is a TypeError (S1)", () => {
    for (const name of [true, 1, null, {}, ["gone"]])
      assert.throws(() => Model("t", { id }, { softDelete: name as never }), {
        name: "TypeError",
        message: /^softDelete is the name of a property, not /,
      });
  });

  test("that would hide a member of every model is refused (S30)", () => {
    assert.throws(() => Model("t", { id }, { softDelete: "delete" }), UsageError);
  });

  test("misspelt is a TypeError with the nearest name (V8)", () => {
    assert.throws(() => Model("t", { id }, { softDelte: "gone" } as never), {
      name: "TypeError",
      message: /"softDelte" \(did you mean "softDelete"\?\)/,
    });
  });
});

describe("timestamps", () => {
  test("that name what is no timestamp are a UsageError as the class is made", () => {
    const columns = { id, made: text(), updatedAt: integer() };
    assert.throws(() => Model("t", columns, { timestamps: { createdAt: "made", updatedAt: false } }), {
      name: "UsageError",
      message: "t.made is kept by the model, and must be a timestamp(), not text",
    });
    assert.throws(() => Model("t", columns, { timestamps: true }), {
      name: "UsageError",
      message: "t.updatedAt is kept by the model, and must be a timestamp(), not integer",
    });
    assert.throws(() => Model("t", columns, { timestamps: { createdAt: "" } }), UsageError);
  });

  test("that name one property twice are a UsageError", () => {
    for (const timestamps of [{ createdAt: "at", updatedAt: "at" }, { createdAt: "updatedAt" }])
      assert.throws(() => Model("t", { id }, { timestamps }), { name: "UsageError", message: /can't be both/ });
  });

  test("that would hide a member of every model, or have the name of another column, are refused (S30)", () => {
    assert.throws(() => Model("t", { id }, { timestamps: { createdAt: "save" } }), UsageError);
    assert.throws(() => Model("t", { id, created_at: text() }, { timestamps: true }), UsageError);
  });

  test("misspelt, or of a wrong type, are a TypeError (S1, V8)", () => {
    assert.throws(() => Model("t", { id }, { timestamp: true } as never), {
      name: "TypeError",
      message: /"timestamp" \(did you mean "timestamps"\?\)/,
    });
    assert.throws(() => Model("t", { id }, { timestamps: { created: "made" } } as never), {
      name: "TypeError",
      message: /^timestamps has no option "created" \(did you mean "createdAt"\?\)/,
    });
    for (const timestamps of ["createdAt", 1, null, ["createdAt"], { createdAt: true }, { updatedAt: null }])
      assert.throws(() => Model("t", { id }, { timestamps: timestamps as never }), TypeError, String(timestamps));
  });

  test("that keep neither, or are false, add nothing", () => {
    assert.deepEqual(Object.keys(Model("t", { id }, { timestamps: false }).columns), ["id"]);
    assert.deepEqual(Object.keys(Model("t", { id }, { timestamps: { createdAt: false, updatedAt: false } }).columns), [
      "id",
    ]);
  });
});

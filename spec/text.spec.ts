import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../src/text.js";

test("a name that is near is one that shares letters with what was written", () => {
  const names = ["id", "name", "numProducts"];
  assert.equal(nearest("nmae", names), "name");
  assert.equal(nearest("ID", names), "id");
  assert.equal(nearest("i", names), "id");
  assert.equal(nearest("numproduct", names), "numProducts");
  assert.equal(nearest("r", names), undefined);
  assert.equal(nearest("xy", names), undefined);
});

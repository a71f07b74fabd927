import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest, withArticle } from "../src/text.js";

test("a name that is near is one that shares letters with what was written", () => {
  const names = ["id", "name", "numProducts"];
  assert.equal(nearest("nmae", names), "name");
  assert.equal(nearest("ID", names), "id");
  assert.equal(nearest("i", names), "id");
  assert.equal(nearest("numproduct", names), "numProducts");
  assert.equal(nearest("r", names), undefined);
  assert.equal(nearest("xy", names), undefined);
});

test("messages say `an` before a name that is spoken with a vowel", () => {
  const said = ["Author", "User", "Update", "Unit", "Upload", "Euro", "Entry", "Post"].map(withArticle);
  assert.deepEqual(said, ["an Author", "a User", "an Update", "a Unit", "an Upload", "a Euro", "an Entry", "a Post"]);
});

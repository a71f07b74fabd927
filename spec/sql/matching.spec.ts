import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { and, type Condition, type Database, not, or, sql } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { anyText, Specimen } from "./specimen.js";

/** Text of few letters, with all that a pattern could take for more than itself. */
const tricky = fc
  .array(fc.constantFrom(..."%_*?[]\\^-!aAbBäÄ'\"", "𝔘", "\n"), { maxLength: 8 })
  .map((letters) => letters.join(""));
const words = fc.oneof({ weight: 4, arbitrary: tricky }, { weight: 1, arbitrary: anyText });

eachEngine((engine) => {
  describe("conditions on text", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    async function insertTexts(texts: readonly (string | null)[]): Promise<void> {
      await db.objects(Specimen).delete("all");
      await db.objects(Specimen).insertMany(texts.map((aText) => ({ aText })));
    }
    async function found(where: Condition): Promise<(string | null)[]> {
      const items = await db.objects(Specimen).getItems({ where, orderBy: "id", columns: ["aText"] });
      return items.map(({ aText }) => aText);
    }

    test("contains, startsWith and endsWith match literally and tell capitals apart, the same rows as JavaScript", async () => {
      const { aText } = Specimen.c;
      await fc.assert(
        fc.asyncProperty(fc.array(words, { maxLength: 8 }), words, fc.nat(), async (texts, other, cut) => {
          const source = texts[cut % (texts.length || 1)] ?? other;
          await insertTexts([...texts, null]);
          for (const part of [other, [...source].slice(cut % 3).join(""), [...source].slice(0, cut % 4).join("")]) {
            assert.deepEqual(
              await found(aText.contains(part)),
              texts.filter((text) => text.includes(part)),
            );
            assert.deepEqual(
              await found(aText.startsWith(part)),
              texts.filter((text) => text.startsWith(part)),
            );
            assert.deepEqual(
              await found(aText.endsWith(part)),
              texts.filter((text) => text.endsWith(part)),
            );
          }
        }),
        { numRuns: 80 },
      );
    });

    test("wildcards, brackets, backslashes and capitals are only themselves", async () => {
      const texts = [
        "100%",
        "100x",
        "a_b",
        "axb",
        "a*b",
        "a?b",
        "a[b]",
        "a[^b]",
        "a\\b",
        "a\\\\b",
        "a/b",
        "ABC",
        "abc",
        "ÄÖ",
        "äö",
      ];
      await insertTexts(texts);
      for (const [i, text] of texts.entries()) {
        for (const condition of [Specimen.c.aText.startsWith(text), Specimen.c.aText.endsWith(text)]) {
          assert.deepEqual(await found(condition), [text], `${i}: ${text}`);
        }
      }
      assert.deepEqual(await found(Specimen.c.aText.contains("[")), ["a[b]", "a[^b]"]);
      assert.deepEqual(await found(Specimen.c.aText.contains("\\")), ["a\\b", "a\\\\b"]);
      assert.deepEqual(await found(Specimen.c.aText.contains("")), texts);
    });

    test("like and notLike have the engine's wildcards", async () => {
      await insertTexts(["abc", "axc", "ac", "x%c", null]);
      assert.deepEqual(await found(Specimen.c.aText.like("a_c")), ["abc", "axc"]);
      assert.deepEqual(await found(Specimen.c.aText.like("%c")), ["abc", "axc", "ac", "x%c"]);
      assert.deepEqual(await found(Specimen.c.aText.notLike("a%")), ["x%c"]);
    });

    test("and, or and not mean what SQL means by them, nested and with sql text among them", async () => {
      const { aText } = Specimen.c;
      await insertTexts(["a", "b", "c", null]);
      assert.deepEqual(await found(or(aText.eq("a"), aText.eq("b"))), ["a", "b"]);
      assert.deepEqual(await found(and(aText.ne("a"), or(aText.eq("b"), aText.isNull()))), ["b"]);
      assert.deepEqual(await found(or(and(aText.ne("a"), aText.eq("b")), aText.isNull())), ["b", null]);
      assert.deepEqual(await found(not(aText.eq("a"))), ["b", "c"]);
      assert.deepEqual(await found(not(or(aText.eq("a"), sql`${aText} = ${"b"} or ${aText} = ${"a"}`))), ["c"]);
      assert.deepEqual(await found(and(sql`1 = 1 or 1 = 1`, aText.eq("a"))), ["a"]);
      assert.deepEqual(await found(and()), ["a", "b", "c", null]);
      assert.deepEqual(await found(or()), []);
    });

    test("a list of conditions is ANDed, though one of them is an `or` in sql text (M3)", async () => {
      await insertTexts(["a", "b"]);
      const where = [Specimen.c.aText.eq("a"), sql`1 = 1 or 1 = 1`];
      assert.equal(await db.objects(Specimen).count({ where }), 1);
    });
  });
});

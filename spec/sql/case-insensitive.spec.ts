import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { type Condition, type Database, integer, json, Model } from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { checkVerdicts, unlessNull } from "./scenes.js";
import { Specimen } from "./specimen.js";

/*
 * Letters that have capitals, all of them in Unicode 10: the PostgreSQL that these specs run on may have an ICU that is
 * older than JavaScript's, and knows no younger ones.
 */
const BLOCKS = [
  [0x41, 0x5a],
  [0x61, 0x7a],
  [0xc0, 0x24f],
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x1e00, 0x1fff],
  [0x10400, 0x1044f],
] as const;
const letter = fc
  .oneof(
    ...BLOCKS.map(([min, max]) => fc.integer({ min, max })),
    fc.constantFrom(0x3a3, 0x3c2, 0x130, 0x131, 0x307, 0x212a, 0x1e9e, 0xdf),
  )
  .map((code) => String.fromCodePoint(code));
/** What a pattern could take for more than itself. */
const special = fc.constantFrom(..."*?[]^-.'\"!", " ", "\n");
const word = fc.string({
  unit: fc.oneof({ weight: 5, arbitrary: letter }, { weight: 1, arbitrary: special }),
  maxLength: 5,
});

/** LIKE as a regular expression. */
function likeExpression(pattern: string): RegExp {
  const parts = [...pattern].map((part) =>
    part === "%" ? ".*" : part === "_" ? "." : part.replace(/[\^$\\.*+?()[\]{}|]/g, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`, "su");
}

const upperOrLower = (text: string, upper: boolean) => (upper ? text.toUpperCase() : text.toLowerCase());

class Note extends Model("notes", { id: integer().primaryKey(), body: json<{ text: string }>().nullable() }) {}

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("operators that take capitals for small letters", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen, Note]);
    });
    after(() => db.close());

    const lower = (choose: (text: string) => boolean) => unlessNull((text: string) => choose(text.toLowerCase()));

    test("iEq iStartsWith iEndsWith iContains ilike choose the rows that JavaScript's toLowerCase does", async () => {
      const { aText } = Specimen.c;
      const scene = fc.record({
        texts: fc.array(fc.option(word, { freq: 6 }), { minLength: 1, maxLength: 8 }),
        other: word,
        cut: fc.nat({ max: 40 }),
        upper: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ texts, other, cut, upper }) => {
          await db.objects(Specimen).delete("all");
          const rows = await db.objects(Specimen).insertMany(texts.map((text) => ({ aText: text })));
          const letters = [...(texts[cut % texts.length] ?? other)];
          const from = cut % 3;
          const whole = upperOrLower(letters.join(""), upper);
          const part = upperOrLower(letters.slice(from).join(""), upper);
          const start = upperOrLower(letters.slice(0, from).join(""), upper);
          const pattern = letters.map((item, i) => (i % 3 === from ? "_" : item)).join("");
          const ids = rows.map(({ id }) => id);
          await checkVerdicts<string>(db, ids, texts, [
            [aText.iEq(whole), lower((text) => text === whole.toLowerCase())],
            [aText.iStartsWith(start), lower((text) => text.startsWith(start.toLowerCase()))],
            [aText.iEndsWith(part), lower((text) => text.endsWith(part.toLowerCase()))],
            [aText.iContains(part), lower((text) => text.includes(part.toLowerCase()))],
            [aText.iContains(other), lower((text) => text.includes(other.toLowerCase()))],
            ...[pattern, `%${part}`, `${start}%`, `%${other}%`, "_%"].map(
              (like) => [aText.ilike(like), lower((text) => likeExpression(like.toLowerCase()).test(text))] as const,
            ),
          ]);
        }),
        { numRuns: 60 },
      );
    });

    test("wildcards are themselves but in ilike", async () => {
      await db.objects(Specimen).delete("all");
      const texts = ["100%", "100X", "A_B", "AXB", "a\\b", "Ä"];
      await db.objects(Specimen).insertMany(texts.map((aText) => ({ aText })));
      const { aText } = Specimen.c;
      const found = async (where: Condition) =>
        (await db.objects(Specimen).getItems({ where, orderBy: "id" })).map((row) => row.aText);
      assert.deepEqual(await found(aText.iEq("a_b")), ["A_B"]);
      assert.deepEqual(await found(aText.iStartsWith("a_")), ["A_B"]);
      assert.deepEqual(await found(aText.iEndsWith("0%")), ["100%"]);
      assert.deepEqual(await found(aText.iContains("A\\B")), ["a\\b"]);
      assert.deepEqual(await found(aText.ilike("a_b")), ["A_B", "AXB", "a\\b"]);
      assert.deepEqual(await found(aText.ilike("100%")), ["100%", "100X"]);
      assert.deepEqual(await found(aText.ilike("ä")), ["Ä"]);
    });

    test("they match the texts inside JSON, and nothing else there", async () => {
      await db.objects(Note).insertMany([{ body: { text: "ÄB" } }, { body: { text: 5 } as never }, { body: null }]);
      const text = Note.c.body.path("text");
      for (const where of [text.iEq("äb"), text.iStartsWith("ä"), text.iEndsWith("b"), text.ilike("_b")])
        assert.equal(await db.objects(Note).count({ where }), 1);
      assert.equal(await db.objects(Note).count({ where: text.iContains("5") }), 0);
    });
  });
});

test("they take texts, of columns that hold text (Q12)", () => {
  const { aText, anInteger } = Specimen.c;
  for (const name of ["iEq", "iStartsWith", "iEndsWith", "iContains", "ilike"] as const) {
    for (const value of [1, null, undefined, ["a"], "\0", "\ud800"])
      assert.throws(() => aText[name](value as never), TypeError, `${name} of ${String(value)}`);
    assert.throws(() => Reflect.get(anInteger, name).call(anInteger, "1"), TypeError, name);
  }
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import {
  type Condition,
  count,
  type Database,
  integer,
  type JsonPath,
  json,
  Model,
  max,
  type Order,
  real,
  text,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { byBytes, isSameJson, sortedJson } from "./oracle.js";
import { checkVerdictsBy, type Finder, unlessNull, type Verdict } from "./scenes.js";

// biome-ignore lint/suspicious/noExplicitAny: JSON of which nothing is known has the operators of all types
type Anything = any;

class Doc extends Model("docs", {
  id: integer().primaryKey(),
  body: json<Anything>().nullable(),
  label: text().nullable(),
  number: real().nullable(),
}) {}

type Step = string | number;

const KEYS = [
  ...["a", "b", "", "0", "1", "-1", "last", 'q"', "'", "dot.ted", "br[0]", "$", "$.a", "\\", "\\u0061", "\n", "#-1"],
  ...["ключ 𝔘", "a b", "*", "?", "@", "::text", "__proto__", "constructor", "length", "%", "{}", "\u007f", "\u2028"],
];
const key = fc.oneof(fc.constantFrom("a", "b", "0"), fc.constantFrom(...KEYS));
const place = fc.integer({ min: -3, max: 3 });
const leaf = fc.oneof(
  fc.constantFrom<fc.JsonValue>(null, true, false, 0, 1, 2, -1.5, 0.1, 1e21, 5e-324, 123456789012345680000),
  fc.constantFrom<fc.JsonValue>("", "a", "A", "1", "true", "null", "ä", "Ä", "\u{1f600}", "\uff61", 'x"\\\n', "%_"),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { tree } = fc.letrec<{ tree: fc.JsonValue; list: fc.JsonValue; object: fc.JsonValue }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, tie("list"), tie("object")),
  list: fc.array(tie("tree"), { maxLength: 3 }),
  object: fc.array(fc.tuple(key, tie("tree")), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)),
}));

/** What stands at a path; null where there is nothing, as where there is JSON's null. */
function at(value: fc.JsonValue | null, path: readonly Step[]): fc.JsonValue {
  return path.reduce<fc.JsonValue>((inside, step) => {
    if (Array.isArray(inside)) return (typeof step === "number" ? inside.at(step) : undefined) ?? null;
    if (typeof inside !== "object" || inside === null || typeof step === "number") return null;
    return Object.hasOwn(inside, step) ? (inside[step] ?? null) : null;
  }, value);
}

/** The paths to all that is in a value. */
function pathsInto(value: fc.JsonValue): Step[][] {
  if (typeof value !== "object" || value === null) return [[]];
  const steps: Step[] = Array.isArray(value) ? value.flatMap((_, i) => [i, i - value.length]) : Object.keys(value);
  return [[], ...steps.flatMap((step) => pathsInto(at(value, [step])).map((rest) => [step, ...rest]))];
}

const scene = fc
  .record({
    rows: fc.array(fc.option(tree, { freq: 8 }), { minLength: 1, maxLength: 6 }),
    chosen: fc.nat(),
    wrong: fc.array(fc.oneof(key, place), { minLength: 1, maxLength: 3 }),
    more: fc.option(fc.oneof(key, place)),
    spare: tree,
  })
  .map(({ rows, chosen, wrong, more, spare }) => {
    const there = rows.flatMap((row) => (row === null ? [] : pathsInto(row))).filter((path) => path.length > 0);
    const path = chosen % 5 === 0 ? wrong : [...(there[chosen % (there.length || 1)] ?? wrong)];
    if (more !== null && chosen % 7 === 0) path.push(more);
    const found = rows.map((row) => at(row, path)).filter((value) => value !== null);
    return { rows, path, operand: found[chosen % (found.length || 1)] ?? spare ?? 1, spare: spare ?? "x" };
  });

function pathOf(path: readonly Step[]): JsonPath<Anything> {
  let value: Anything = Doc.c.body;
  for (const step of path) value = value.path(step);
  return value;
}

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

const ofText = (choose: (value: string) => boolean) => (value: fc.JsonValue | null) =>
  typeof value === "string" ? choose(value) : null;
const ofNumber = (choose: (value: number) => boolean) => (value: fc.JsonValue | null) =>
  typeof value === "number" ? choose(value) : null;
const hasItem = (value: unknown) => (list: fc.JsonValue | null) =>
  list === null ? null : Array.isArray(list) && list.includes(value as fc.JsonValue);

/** Nulls are smaller than all else. */
function compareNullable<T>(a: T | null, b: T | null, compare: (a: T, b: T) => number): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compare(a, b);
}

/** Without making a counterexample smaller, which takes minutes of a scene as deep as these. */
const RUNS = { numRuns: 60, endOnFailure: true };

eachEngine((engine) => {
  if (engine.name === "sqlite file") return;

  describe("paths into JSON", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Doc]);
    });
    after(() => db.close());

    async function insert(bodies: readonly (fc.JsonValue | null)[]): Promise<number[]> {
      await db.objects(Doc).delete("all");
      return (await db.objects(Doc).insertMany(bodies.map((body) => ({ body })))).map(({ id }) => id);
    }

    const find: Finder = (where) => db.objects(Doc).getItems({ where, columns: ["id"] });
    const check = (
      wanted: (path: JsonPath<Anything>, scene: Scene) => (readonly [Condition, Verdict<fc.JsonValue>])[],
    ) =>
      fc.assert(
        fc.asyncProperty(scene, async (given) => {
          const ids = await insert(given.rows);
          const inside = given.rows.map((row) => at(row, given.path));
          await checkVerdictsBy(find, ids, inside, wanted(pathOf(given.path), given));
        }),
        RUNS,
      );

    test("eq ne in notIn isNull compare what stands there as JSON; JSON's null is as what is missing", () =>
      check((path, { operand, spare }) => {
        const isIn = (value: fc.JsonValue) => isSameJson(value, operand) || isSameJson(value, spare);
        return [
          [path.eq(operand), unlessNull((value) => isSameJson(value, operand))],
          [path.ne(operand), unlessNull((value) => !isSameJson(value, operand))],
          [path.in([operand, spare]), unlessNull(isIn)],
          [path.notIn([operand, spare]), unlessNull((value) => !isIn(value))],
          [path.in([operand, null]), (value) => value === null || isSameJson(value, operand)],
          [path.isNull(), (value) => value === null],
          [path.eq(null), (value) => value === null],
          [path.isNotNull(), (value) => value !== null],
        ];
      }));

    test("order and text operators see what is of the operand's type, and know nothing of the rest", () =>
      check((path, { operand, spare }) => {
        const a = [operand, spare].find((value) => typeof value === "string") ?? "a";
        const n = [operand, spare].find((value) => typeof value === "number") ?? 1;
        const start = [...a].slice(0, 1).join("");
        return [
          [path.lt(n), ofNumber((value) => value < n)],
          [path.gte(n), ofNumber((value) => value >= n)],
          [path.between(n, n), ofNumber((value) => value === n)],
          [path.gt(a), ofText((value) => byBytes(value, a) > 0)],
          [path.lte(a), ofText((value) => byBytes(value, a) <= 0)],
          [path.startsWith(start), ofText((value) => value.startsWith(start))],
          [path.endsWith(a), ofText((value) => value.endsWith(a))],
          [path.contains(a), ofText((value) => value.includes(a))],
          [path.iEq(a), ofText((value) => value.toLowerCase() === a.toLowerCase())],
          [path.asText().ne(a), ofText((value) => value !== a)],
          [path.asNumber().in([n, 2]), ofNumber((value) => value === n || value === 2)],
          [path.asBoolean().eq(true), (value) => (typeof value === "boolean" ? value : null)],
        ];
      }));

    test("has hasAny hasAll size look into lists; what is no list has nothing", () =>
      check((path, { operand, spare }) => {
        const scalars = [operand, spare, ...(Array.isArray(operand) ? operand : [])].filter(
          (value) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
        );
        const items = [...scalars, 1, "1", true];
        const size = (value: fc.JsonValue | null) => (Array.isArray(value) ? value.length : null);
        return [
          ...items.map((item) => [path.has(item), hasItem(item)] as const),
          [path.hasAny(items), unlessNull((value) => items.some((item) => hasItem(item)(value)))],
          [path.hasAll(items.slice(-2)), unlessNull((value) => items.slice(-2).every((item) => hasItem(item)(value)))],
          [path.size().eq(2), (value) => (size(value) === null ? null : size(value) === 2)],
        ];
      }));

    test("a list has a value of the value's own type alone", async () => {
      const lists = [[true], [1], ["1"], ["true"], [0.5], [[1]], [null]];
      const ids = await insert(lists.map((list) => ({ list })));
      const list = pathOf(["list"]);
      for (const item of [true, 1, "1", "true", 0.5, false, 0, "null"]) {
        const found = await find(list.has(item));
        assert.deepEqual(
          found.map(({ id }) => lists[ids.indexOf(id)]),
          lists.filter(([only]) => only === item),
        );
      }
    });

    test("what stands there is selected, ordered and grouped by, the same rows on both engines", async () => {
      const objects = db.objects(Doc);
      await fc.assert(
        fc.asyncProperty(scene, async ({ rows, path: steps }) => {
          await insert(rows);
          const path = pathOf(steps);
          const inside = rows.map((row) => at(row, steps));
          const selection = {
            value: path,
            text: path.asText(),
            number: path.asNumber(),
            boolean: path.asBoolean(),
            size: path.size(),
          };
          const of = <T>(value: fc.JsonValue, is: (value: fc.JsonValue) => value is T & fc.JsonValue) =>
            is(value) ? value : null;
          const wanted = inside.map((value) => ({
            value,
            text: of<string>(value, (item) => typeof item === "string"),
            number: of<number>(value, (item) => typeof item === "number"),
            boolean: of<boolean>(value, (item) => typeof item === "boolean"),
            size: Array.isArray(value) ? value.length : null,
          }));
          const statement = Doc.select(selection);
          const found = await objects.setSql(statement).orderBy("id").fetchall();
          assert.deepEqual(found.map(sortedJson), wanted.map(sortedJson));

          const sorted = async (order: Order) => objects.setSql(statement).orderBy([order, "id"]).fetchall();
          const byText = [...wanted].sort((a, b) => compareNullable(a.text, b.text, byBytes));
          const byNumber = [...wanted].sort((a, b) => compareNullable(b.number, a.number, (x, y) => x - y));
          assert.deepEqual((await sorted(path.asText().asc())).map(sortedJson), byText.map(sortedJson));
          assert.deepEqual((await sorted(path.asNumber().desc())).map(sortedJson), byNumber.map(sortedJson));

          const groups = await objects.aggregate({ value: path, n: count() }, { groupBy: "value" });
          const counts = new Map<string, number>();
          for (const value of inside) counts.set(sortedJson(value), (counts.get(sortedJson(value)) ?? 0) + 1);
          assert.deepEqual(new Map(groups.map(({ value, n }) => [sortedJson(value), n])), counts);
        }),
        RUNS,
      );
    });

    test("a value inside JSON is compared with a column of the scalar's type", async () => {
      await db.objects(Doc).delete("all");
      const rows = [
        { body: { s: "ä", n: 0.5 }, label: "ä", number: 0.5 },
        { body: { s: "b", n: 2 }, label: "a", number: 1 },
        { body: { s: 1, n: "1" }, label: "1", number: 1 },
        { body: {}, label: null, number: null },
      ];
      const ids = (await db.objects(Doc).insertMany(rows)).map(({ id }) => id);
      const { label, number } = Doc.c;
      const [s, n] = [pathOf(["s"]), pathOf(["n"])];
      await checkVerdictsBy(
        find,
        ids,
        [0, 1, 2, null],
        [
          [s.eq(label), (row) => (row === 0 ? true : row === 1 ? false : null)],
          [s.gt(label), (row) => (row === 0 ? false : row === 1 ? true : null)],
          [n.eq(number), (row) => (row === 0 ? true : row === 1 ? false : null)],
          [n.gt(number), (row) => (row === 0 ? false : row === 1 ? true : null)],
          [s.in(Doc.select("label").where(label.isNotNull())), (row) => (row === 0 ? true : row === 1 ? false : null)],
          [s.eq(Doc.select({ most: max("label") })), (row) => (row === 0 ? true : row === 1 ? false : null)],
          [n.lte(Doc.select({ most: max("number") })), (row) => (row === 0 ? true : row === 1 ? false : null)],
          [label.eq(s.asText()), (row) => (row === 0 ? true : row === 1 ? false : null)],
          [s.eq(n), (row) => (row === null ? null : false)],
        ],
      );
    });
  });
});

test("paths are of keys and whole numbers, into JSON (S1)", () => {
  const { body, label } = Doc.c;
  for (const step of [1.5, Number.NaN, Infinity, 2 ** 31, null, undefined, {}, ["a"], "\0", "\ud800", 1n])
    assert.throws(() => body.path(step as never), TypeError, String(step));
  assert.throws(() => Reflect.apply(body.path, body, []), TypeError);
  for (const name of ["path", "asText", "asNumber", "asBoolean"])
    assert.throws(() => Reflect.get(label, name).call(label, "a"), TypeError, name);
  for (const value of [null, undefined, {}, [1], 1n, "\0", Number.NaN])
    assert.throws(() => pathOf(["a"]).has(value as never), TypeError, String(value));
  for (const value of [true, null, undefined, {}, new Date()])
    assert.throws(() => pathOf(["a"]).lt(value as never), TypeError, String(value));
});

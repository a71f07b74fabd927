import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import {
  and,
  avg,
  count,
  type Database,
  expression,
  integer,
  json,
  Model,
  max,
  min,
  numeric,
  sql,
  stringAgg,
  sum,
  text,
  UsageError,
} from "../../src/index.js";
import { eachEngine } from "../support/engines.js";
import { failureOf, open, openAt, statementsOf } from "../support/open.js";

class Account extends Model("accounts", {
  id: integer().primaryKey(),
  owner: text().nullable(),
  points: integer().nullable(),
  balance: numeric(10, 2).nullable(),
  notes: json<{ tag: string }>().nullable(),
}) {}

const { c } = Account;
const OWNERS = ["a", "B", "b", "ä", "\u{1f600}"];

interface Group {
  readonly owner: string | null;
  readonly n: number;
  readonly total: number | null;
}

const someRows = fc.array(
  fc.record({
    owner: fc.option(fc.constantFrom(...OWNERS)),
    points: fc.option(fc.integer({ min: -5, max: 5 })),
  }),
  { maxLength: 12 },
);

/** Groups by owner, as JavaScript makes them, in the order of the owners. */
function groupsOf(rows: readonly { readonly owner: string | null; readonly points: number | null }[]): Group[] {
  const owners = [...new Set(rows.map(({ owner }) => owner))].sort(compareTexts);
  return owners.map((owner) => {
    const own = rows.filter((row) => row.owner === owner);
    const known = own.flatMap(({ points }) => points ?? []);
    return { owner, n: own.length, total: known.length === 0 ? null : known.reduce((a, b) => a + b, 0) };
  });
}

function compareTexts(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const compareNumbers = (a: number | null, b: number | null) =>
  a === null || b === null ? Number(a !== null) - Number(b !== null) : a - b;

const SUMS = { n: count(), total: sum("points") } as const;

eachEngine((engine) => {
  describe("aggregate", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Account]);
    });
    after(() => db.close());

    async function insert(rows: readonly Partial<{ owner: string | null; points: number | null }>[]): Promise<void> {
      await db.objects(Account).delete("all");
      await db.objects(Account).insertMany(rows);
    }
    const check = (property: (rows: typeof someRows extends fc.Arbitrary<infer T> ? T : never) => Promise<void>) =>
      fc.assert(
        fc.asyncProperty(someRows, async (rows) => {
          await insert(rows);
          await property(rows);
        }),
        { numRuns: engine.name === "sqlite file" ? 5 : 25 },
      );

    test("without groups gives one row, also of no rows (Q15)", async () => {
      await insert([]);
      const nothing = { n: count(), known: count("owner"), total: sum("points"), least: min("owner") };
      assert.deepEqual(await db.objects(Account).aggregate(nothing), { n: 0, known: 0, total: null, least: null });
      await insert([{ points: 2 }, { owner: "a" }]);
      assert.deepEqual(await db.objects(Account).aggregate(nothing), { n: 2, known: 1, total: 2, least: "a" });
      const where = c.points.isNull();
      assert.deepEqual(await db.objects(Account).aggregate(SUMS, { where }), { n: 1, total: null });
      assert.deepEqual(await db.objects(Account).aggregate({ ...SUMS }, { where: { owner: "z" } }), {
        n: 0,
        total: null,
      });
    });

    test("groups by a column are what JavaScript makes, chosen by having in each of its forms (Q15)", () =>
      check(async (rows) => {
        const objects = db.objects(Account);
        const groups = groupsOf(rows);
        const by = { groupBy: "owner", orderBy: "owner" } as const;
        assert.deepEqual(await objects.aggregate(SUMS, by), groups);
        const many = groups.filter(({ n, total }) => n > 1 && total !== null && total < 6);
        const isMany = [count().gt(1), sum(c.points).lt(6)];
        assert.deepEqual(await objects.aggregate(SUMS, { ...by, having: isMany }), many);
        assert.deepEqual(await objects.aggregate(SUMS, { ...by, having: and(...isMany) }), many);
        const having = sql`count(*) > ${1} and sum(${c.points}) < ${6}`;
        assert.deepEqual(await objects.aggregate(SUMS, { ...by, having }), many);
        assert.deepEqual(
          await objects.aggregate(SUMS, { ...by, having: ({ n, total }) => [n.gt(1), total.lt(6)] }),
          many,
        );
        assert.deepEqual(
          await objects.aggregate(SUMS, { ...by, having: { n: [1, 3], owner: ["a", "b", null] } }),
          groups.filter(({ n, owner }) => [1, 3].includes(n) && [null, "a", "b"].includes(owner)),
        );
        assert.deepEqual(
          await objects.aggregate(SUMS, { ...by, having: { total: null, n: count().lt(3) } }),
          groups.filter(({ total, n }) => total === null && n < 3),
        );
        assert.deepEqual(await objects.aggregate(SUMS, { ...by, having: {} }), groups);
        assert.deepEqual(await objects.aggregate(SUMS, { ...by, having: [] }), groups);
      }));

    test("groups are ordered by names in both directions, nulls smallest, limited and left out (Q15)", () =>
      check(async (rows) => {
        const objects = db.objects(Account);
        const groups = groupsOf(rows);
        const rising = [...groups].sort((a, b) => compareNumbers(a.total, b.total) || compareTexts(a.owner, b.owner));
        const falling = [...groups].sort((a, b) => compareNumbers(b.total, a.total) || compareTexts(b.owner, a.owner));
        const groupBy = "owner";
        assert.deepEqual(await objects.aggregate(SUMS, { groupBy, orderBy: ["total", "owner"] }), rising);
        assert.deepEqual(await objects.aggregate(SUMS, { groupBy, orderBy: ["-total", "-owner"] }), falling);
        const orderBy = [sum(c.points).desc(), sql`${c.owner} is null`, c.owner.desc()];
        assert.deepEqual(await objects.aggregate(SUMS, { groupBy, orderBy }), falling);
        const some = { groupBy, orderBy: ["-total", "-owner"] } as const;
        assert.deepEqual(await objects.aggregate(SUMS, { ...some, limit: 2, offset: 1 }), falling.slice(1, 3));
        assert.deepEqual(await objects.aggregate(SUMS, { ...some, offset: 2 }), falling.slice(2));
        assert.deepEqual(await objects.aggregate(SUMS, { ...some, limit: 0 }), []);
      }));

    test("groups by the name of an expression with values in it, chosen and ordered by it (Q15)", () =>
      check(async (rows) => {
        const objects = db.objects(Account);
        const loud = expression(text().nullable(), sql`${c.owner} || ${"!"}`);
        const selection = { loud, n: count(), tag: c.points.times(0) };
        const wanted = groupsOf(rows.filter(({ points }) => points !== null)).map(({ owner, n }) => ({
          loud: owner === null ? null : `${owner}!`,
          n,
          tag: 0,
        }));
        const by = { where: c.points.isNotNull(), groupBy: ["loud", "tag"], orderBy: "loud" } as const;
        assert.deepEqual(await objects.aggregate(selection, by), wanted);
        const some = wanted.filter((group) => group.loud === "a!" || group.loud === "b!");
        assert.deepEqual(await objects.aggregate(selection, { ...by, having: { loud: ["a!", "b!"] } }), some);
        assert.deepEqual(await objects.aggregate(selection, { ...by, having: loud.in(["a!", "b!"]) }), some);
        assert.deepEqual(
          await objects.aggregate(selection, {
            ...by,
            having: ({ loud: own, tag }) => [own.ne("B!"), own.iContains("A"), tag.lt(1)],
          }),
          wanted.filter((group) => group.loud === "a!"),
        );
        assert.deepEqual(await objects.aggregate(selection, { ...by, orderBy: loud.desc() }), wanted.reverse());
      }));

    test("an aggregate may have a column's name, and a condition of more than 32 bits", async () => {
      const most = 2 ** 31 - 1;
      await insert([{ owner: "a", points: most }, { owner: "a", points: most }, { owner: "b" }]);
      const objects = db.objects(Account);
      const having = ({ points }: { readonly points: ReturnType<typeof c.points.plus> }) => points.gt(3_000_000_000);
      assert.deepEqual(await objects.aggregate({ points: sum("points") }, { groupBy: "owner", having }), [
        { owner: "a", points: 2 * most },
      ]);
      assert.deepEqual(await objects.aggregate({ owner: max("owner"), total: sum("points") }), {
        owner: "b",
        total: 2 * most,
      });
      const mean = { groupBy: "owner", having: { mean: most } } as const;
      assert.deepEqual(await objects.aggregate({ mean: avg("points") }, mean), [{ owner: "a", mean: most }]);
    });

    test("misuse is refused, nothing sent (S1, S7, S8)", async () => {
      await using own = await open(engine, [Account]);
      const objects = own.objects(Account);
      const n = count();
      const types: (() => unknown)[] = [
        () => objects.aggregate({ n: sum("nmae" as never) }),
        () => objects.aggregate({ n: "nmae" as never }),
        () => objects.aggregate({ n: sum("owner") }),
        () => objects.aggregate({ n: min("notes") }),
        () => objects.aggregate({ n: stringAgg("points") }),
        () => objects.aggregate({ n: 1 as never }),
        () => objects.aggregate({}),
        () => objects.aggregate([n] as never),
        () => objects.aggregate("n" as never),
        () => objects.aggregate({ n }, { were: {} } as never),
        () => objects.aggregate({ n }, { where: { nmae: 1 } as never }),
        () => objects.aggregate({ n }, { where: { owner: undefined } as never }),
        () => objects.aggregate({ n }, { groupBy: "nmae" as never }),
        () => objects.aggregate({ n }, { groupBy: c.owner as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", orderBy: "points" as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", orderBy: 1 as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", having: { m: 1 } as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", having: { n: "1" } as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", having: { n: undefined } as never }),
        () => objects.aggregate({ n }, { groupBy: [] }),
        () => objects.aggregate({ n }, { groupBy: "owner", having: [undefined] as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", having: 1 as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", having: () => true as never }),
        () => objects.aggregate({ n }, { groupBy: "owner", limits: 1 } as never),
        () => objects.aggregate({ n: count("points", { distinc: true } as never) }),
        () => objects.aggregate({ n: count({ distinct: true } as never) }),
        () => objects.aggregate({ n: sum("points", { where: "x" as never }) }),
        () => objects.aggregate({ n: stringAgg("owner", 1 as never) }),
        () => objects.aggregate({ n: stringAgg("owner", ",", { orderBy: "owner" as never }) }),
      ];
      const usages: (() => unknown)[] = [
        () => objects.aggregate({ owner: "owner", n }),
        () => objects.aggregate({ who: "owner", n }),
        () => objects.aggregate({ who: c.owner }, { groupBy: "points" }),
        () => objects.aggregate({ more: c.points.plus(1), n }, { groupBy: "owner" }),
        () => objects.aggregate({ tag: c.notes.path("tag").asText(), n }, { groupBy: "owner" }),
        () => objects.aggregate({ n }, { groupBy: "n" }),
        () => objects.aggregate({ n: sum(c.points).plus(1) }, { groupBy: ["owner", "n"] }),
        () => objects.aggregate({ all: stringAgg("owner") }, { groupBy: "all" }),
        () => objects.aggregate({ n }, { having: { n: 1 } } as never),
        () => objects.aggregate({ n }, { orderBy: "n" } as never),
        () => objects.aggregate({ n }, { limit: 1 } as never),
        () => objects.aggregate({ n }, { groupBy: "owner", limit: -1 }),
        () => objects.aggregate({ n }, { groupBy: "owner", offset: 0.5 }),
        () => objects.aggregate({ ["__proto__"]: n, n }),
        () => objects.aggregate({ "": n }),
        () => objects.aggregate({ ["x".repeat(64)]: n }),
        () => sum(c.points, { distinct: true }).over(),
      ];
      const texts = await statementsOf(own, async () => {
        for (const work of types) assert.equal((await failureOf(work)).constructor, TypeError, String(work));
        for (const work of usages) assert.ok((await failureOf(work)) instanceof UsageError, String(work));
      });
      assert.deepEqual(texts, []);
    });
  });
});

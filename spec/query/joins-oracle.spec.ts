import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { alias, type Database, integer, Model, text } from "../../src/index.js";
import type { AnyModel } from "../../src/sql/types.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { untyped } from "./untyped.js";

const columns = { id: integer().primaryKey(), x: integer().nullable(), label: text().nullable() };
class Left extends Model("lefts", columns, { softDelete: "deletedAt" }) {}
class Middle extends Model("middles", columns) {}
class Right extends Model("rights", columns, { softDelete: "deletedAt" }) {}
const MODELS = [Left, Middle, Right] as const;

interface Row {
  readonly id: number;
  readonly x: number | null;
  readonly label: string | null;
  readonly deletedAt?: Date | null;
}
/** A row of the result: one of each table, null for a side that is missing. */
type Joined = readonly (Row | null)[];

const KINDS = ["inner", "left", "outer", "right", "full", "cross"] as const;
const COMPARISONS = {
  "=": (a: number, b: number) => a === b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  "<>": (a: number, b: number) => a !== b,
};

interface Step {
  readonly kind: (typeof KINDS)[number];
  readonly comparison: keyof typeof COMPARISONS;
  /** Which of the tables before it is compared, and by which column. */
  readonly from: number;
  readonly left: "id" | "x";
  readonly right: "id" | "x";
}

/** A join as its definition has it: each row with each. */
function join(rows: readonly Joined[], table: readonly Row[], { kind, comparison, from, left, right }: Step): Joined[] {
  const width = rows[0]?.length ?? from + 1;
  const isMatch = (joined: Joined, row: Row) => {
    if (kind === "cross") return true;
    const [a, b] = [joined[from]?.[left] ?? null, row[right]];
    return a !== null && b !== null && COMPARISONS[comparison](a, b);
  };
  const matches = rows.flatMap((joined) =>
    table.flatMap((row): Joined[] => (isMatch(joined, row) ? [[...joined, row]] : [])),
  );
  const alone = rows.filter((joined) => !table.some((row) => isMatch(joined, row))).map((joined) => [...joined, null]);
  const lonely = table
    .filter((row) => !rows.some((joined) => isMatch(joined, row)))
    .map((row) => [...new Array<null>(width).fill(null), row]);
  const keepsLeft = kind === "left" || kind === "outer" || kind === "full";
  const keepsRight = kind === "right" || kind === "full";
  return [...matches, ...(keepsLeft ? alone : []), ...(keepsRight ? lonely : [])];
}

const anyRows = fc
  .array(
    fc.record({
      x: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 3 }),
      label: fc.option(fc.constantFrom("a", "b"), { freq: 2 }),
      isDeleted: fc.nat({ max: 3 }).map((n) => n === 0),
    }),
    { maxLength: 4 },
  )
  .map((rows) => rows.map((row, i) => ({ ...row, id: i + 1 })));

const anyStep = (places: number) =>
  fc.record({
    kind: fc.constantFrom(...KINDS),
    comparison: fc.constantFrom<Step["comparison"]>("=", "=", ">", ">=", "<", "<=", "<>"),
    from: fc.nat({ max: places - 1 }),
    left: fc.constantFrom("id" as const, "x" as const),
    right: fc.constantFrom("id" as const, "x" as const),
  });

/** A full join compares by = alone, as PostgreSQL can do no other. */
const fitting = (step: Step): Step => (step.kind === "full" ? { ...step, comparison: "=" } : step);

function withJoins(
  model: AnyModel & typeof Left,
  names: readonly string[],
  others: readonly unknown[],
  steps: readonly Step[],
) {
  let query = untyped(model.query());
  steps.forEach(({ kind, comparison, from, left, right }, i) => {
    const on = [`${names[from]}.${left}`, comparison, `${names[i + 1]}.${right}`];
    query = query.join?.(others[i], kind === "cross" ? [] : on, kind) ?? assert.fail();
  });
  return query;
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
const shape = (joined: Joined, names: readonly string[], pick: (row: Row) => unknown) =>
  Object.fromEntries(joined.map((row, i) => [names[i], row === null ? null : pick(row)]));

eachEngine((engine) => {
  describe("joins", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, MODELS);
    });
    after(() => db.close());

    /** Puts rows into the tables, some of which may be deleted softly. */
    async function fill(tables: readonly (readonly (Row & { isDeleted: boolean })[])[]): Promise<void> {
      for (const [i, model] of MODELS.entries()) {
        await model.objects.withDeleted().delete("all", { force: true });
        await model.objects.insertMany(
          (tables[i] ?? []).map(({ isDeleted, ...row }) =>
            model === Middle || !isDeleted ? row : { ...row, deletedAt: new Date(0) },
          ),
        );
      }
    }

    test("of every kind, one after another, give the rows of nested loops; deleted rows join nothing (S5, S18, S20, S23)", async () => {
      const scene = fc.record({
        tables: fc.tuple(anyRows, anyRows, anyRows),
        steps: fc.tuple(anyStep(1), anyStep(2)),
        withDeleted: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ tables, steps: given, withDeleted }) => {
          await fill(tables);
          const steps = given.map(fitting);
          const names = ["lefts", "middles", "rights"];
          const seen = tables.map((rows, i) => rows.filter(({ isDeleted }) => withDeleted || i === 1 || !isDeleted));
          const [first = [], ...others] = seen;
          let wanted: Joined[] = first.map((row) => [row]);
          steps.forEach((step, i) => {
            wanted = join(wanted.length === 0 ? [] : wanted, others[i] ?? [], { ...step });
            wanted = wanted.map((joined) => (joined.length === i + 2 ? joined : pad(joined, i + 2)));
          });
          const whole = withJoins(Left, names, [Middle, Right], steps);
          const query = withDeleted ? (whole.withDeleted?.() ?? whole) : whole;
          const got = await query.get();
          const plain = ({ id, x, label }: Row) => ({ id, x, label });
          const data = got.map((row) =>
            Object.fromEntries(
              Object.entries(row.data).map(([name, value]) => [name, value === null ? null : plain(value as Row)]),
            ),
          );
          assert.deepEqual(sorted(data), sorted(wanted.map((joined) => shape(joined, names, plain))));
          assert.equal(await query.count(), wanted.length);

          // Only columns that may be null: a side is missing all the same only where it is.
          const labels = names.map((name) => `${name}.label`);
          const narrow = (await query.select?.(labels).get()) ?? assert.fail();
          const label = (row: Row) => ({ label: row.label });
          assert.deepEqual(
            sorted(narrow.map((row) => row.data)),
            sorted(wanted.map((joined) => shape(joined, names, label))),
          );
          const models = await Promise.all(got.map((row) => modelsOf(row)));
          assert.deepEqual(
            sorted(models),
            sorted(wanted.map((joined) => joined.map((row) => (row === null ? null : row.id)))),
          );
        }),
        { numRuns: 60 },
      );
    });

    test("of a table with itself, under aliases, give the rows of nested loops", async () => {
      const scene = fc.record({ rows: anyRows, steps: fc.tuple(anyStep(1), anyStep(2)) });
      const names = ["lefts", "second", "third"];
      await fc.assert(
        fc.asyncProperty(scene, async ({ rows, steps: given }) => {
          await fill([rows, [], []]);
          const steps = given.map(fitting);
          const seen = rows.filter(({ isDeleted }) => !isDeleted);
          let wanted: Joined[] = seen.map((row) => [row]);
          steps.forEach((step, i) => {
            wanted = join(wanted, seen, step).map((joined) => pad(joined, i + 2));
          });
          const query = withJoins(Left, names, [alias(Left, "second"), alias(Left, "third")], steps);
          const got = (await query.select?.(names.map((name) => `${name}.id`)).get()) ?? assert.fail();
          assert.deepEqual(
            sorted(got.map((row) => row.data)),
            sorted(wanted.map((joined) => shape(joined, names, ({ id }) => ({ id })))),
          );
        }),
        { numRuns: 25 },
      );
    });

    test("order the nulls of a missing side as the smallest values, on every engine alike", async () => {
      await fill([
        [1, 2, 3].map((x) => ({ id: x, x, label: null, isDeleted: false })),
        [2, 3, 4].map((x) => ({ id: x, x, label: null, isDeleted: false })),
        [],
      ]);
      const query = Left.query().join(Middle, ["id", "id"], "full").select(["lefts.id", "middles.id"]);
      const ids = async (ordered: { get(): Promise<{ data: { lefts: { id: number } | null } }[]> }) =>
        (await ordered.get()).map(({ data }) => data.lefts?.id ?? null);
      assert.deepEqual(await ids(query.orderBy("lefts.id", "asc")), [null, 1, 2, 3]);
      assert.deepEqual(await ids(query.orderBy({ id: "desc" })), [3, 2, 1, null]);
      assert.deepEqual(await ids(query.orderBy(Left.c.id.asc())), [null, 1, 2, 3]);
      assert.deepEqual(await ids(query.orderBy(Left.c.id.asc({ nulls: "last" }))), [1, 2, 3, null]);
      assert.deepEqual(await ids(query.orderBy("middles.id", "asc").skip(1)), [2, 3, null]);
    });
  });
});

/** A row to the left of which all that was joined before is missing. */
function pad(joined: Joined, width: number): Joined {
  return joined.length === width ? joined : [...new Array<null>(width - joined.length).fill(null), ...joined];
}

/** The ids of a joined row's instances. */
async function modelsOf(row: object): Promise<(number | null)[]> {
  const { getModels } = row as { getModels(): Promise<(Row | null)[]> };
  const models = await getModels.call(row);
  return models.map((model) => model?.id ?? null);
}

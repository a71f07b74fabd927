import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { Database } from "../../src/index.js";
import type { AnyModel } from "../../src/sql/types.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import {
  Badge,
  Company,
  Employee,
  Friendship,
  Locker,
  Mastery,
  Place,
  RELATED_MODELS,
  Skill,
  type Untyped,
  untyped,
} from "./related-models.js";
import {
  anyClauses,
  anyWorld,
  type Clause,
  fulfils,
  relatedRows,
  valueAt,
  type World,
  whereOf,
} from "./related-world.js";

const MODELS: Readonly<Record<keyof World, AnyModel & { readonly objects: object }>> = {
  companies: Company,
  employees: Employee,
  badges: Badge,
  lockers: Locker,
  skills: Skill,
  masteries: Mastery,
  friendships: Friendship,
  places: Place,
};
const NAMES = Object.keys(MODELS) as (keyof World)[];
const DELETED: Partial<Record<keyof World, string>> = { companies: "closedAt", skills: "gone", masteries: "lostAt" };

async function fill(world: World): Promise<void> {
  for (const name of NAMES) {
    const objects = untyped(MODELS[name].objects);
    const deleted = DELETED[name];
    await (deleted === undefined ? objects.delete("all") : objects.withDeleted().delete("all", { force: true }));
    const rows = world[name].map(({ isDeleted, ...row }) =>
      deleted === undefined ? row : { ...row, [deleted]: isDeleted === true ? new Date(0) : null },
    );
    if (rows.length > 0) await objects.insertMany(rows, { fetch: false });
  }
}

/** The conditions as expressions, but for those that only an object can say. */
function expressionsOf({ c }: Untyped, clauses: readonly Clause[]): unknown[] {
  return clauses.flatMap((clause) => {
    const at = clause.path.reduce((of, step) => of[step], c);
    const { end } = clause;
    if ("column" in end) return Array.isArray(end.is) ? at[end.column].in(end.is) : at[end.column].eq(end.is);
    if ("one" in end) return whereOf([clause]);
    return (["some", "none", "every"] as const).flatMap((quantifier) => {
      const given = end[quantifier];
      return given === undefined ? [] : at[end.many][quantifier](whereOf(given));
    });
  });
}

const keyOf = (row: object) =>
  JSON.stringify([Reflect.get(row, "id"), Reflect.get(row, "area"), Reflect.get(row, "name")]);
const keysOf = (rows: readonly object[]) => rows.map(keyOf).sort();

eachEngine((engine) => {
  describe("conditions across relations", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, RELATED_MODELS);
    });
    after(() => db.close());

    for (const name of ["employees", "companies", "skills"] as const) {
      const objects = untyped(MODELS[name].objects);
      const visible = (world: World) => world[name].filter(({ isDeleted }) => isDeleted !== true);

      test(`of ${name} choose the rows that they say, however nested (Q13)`, async () => {
        const anyCases = fc.array(anyClauses(name, 2), { minLength: 6, maxLength: 6 });
        await fc.assert(
          fc.asyncProperty(anyWorld, anyCases, async (world, cases) => {
            await fill(world);
            for (const clauses of cases) {
              const wanted = keysOf(visible(world).filter((row) => fulfils(world, name, row, clauses)));
              const where = whereOf(clauses);
              assert.deepEqual(keysOf(await objects.getInstances({ where })), wanted);
              assert.deepEqual(keysOf(await objects.getItems({ where: expressionsOf(objects, clauses) })), wanted);
              assert.equal(await objects.count({ where }), wanted.length);
              assert.equal(await objects.exists({ where }), wanted.length > 0);
            }
          }),
          { numRuns: 40 },
        );
      });
    }

    test("choose the rows of updates and deletes (Q13)", async () => {
      const objects = untyped(Employee.objects);
      await fc.assert(
        fc.asyncProperty(anyWorld, anyClauses("employees", 2), async (world, clauses) => {
          await fill(world);
          const wanted = world.employees.filter((row) => fulfils(world, "employees", row, clauses));
          const where = clauses.length === 0 ? "all" : whereOf(clauses);
          const updated = await objects.update(where, { note: "new" }, { fetch: true });
          assert.deepEqual(keysOf(updated), keysOf(wanted));
          assert.equal(await objects.delete(where), wanted.length);
          const left = world.employees.filter((row) => !wanted.includes(row));
          assert.deepEqual(keysOf(await objects.getItems({})), keysOf(left));
        }),
        { numRuns: 40 },
      );
    });

    test("rows are ordered by what a path leads to, and nulls are the least (Q13)", async () => {
      const objects = untyped(Employee.objects);
      const anyOrder = fc.record({
        path: fc.constantFrom(["boss"], ["company"], ["boss", "company"], ["company", "ceo", "boss"], ["badge"]),
        isDescending: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(anyWorld, fc.array(anyOrder, { maxLength: 2 }), async (world, orders) => {
          await fill(world);
          const nameAt = (path: readonly string[]) => (path.at(-1) === "badge" ? "code" : "name");
          const compare = (a: (typeof world.employees)[number], b: typeof a): number => {
            for (const { path, isDescending } of orders) {
              const [x, y] = [a, b].map((row) => valueAt(world, "employees", row, path, nameAt(path)));
              const sign = isDescending ? -1 : 1;
              if (x === y) continue;
              return (x === null || (y !== null && String(x) < String(y)) ? -1 : 1) * sign;
            }
            return Number(a.id) - Number(b.id);
          };
          const orderBy = orders.map(
            ({ path, isDescending }) => `${isDescending ? "-" : ""}${[...path, nameAt(path)].join(".")}`,
          );
          const rows = await objects.getItems({ orderBy: [...orderBy, "id"] });
          assert.deepEqual(rows.map(keyOf), [...world.employees].sort(compare).map(keyOf));
        }),
        { numRuns: 40 },
      );
    });

    test("the rows of a to-many are counted, all or those that fulfil conditions (Q15)", async () => {
      const { c } = untyped(Employee.objects);
      const many = ["reports", "skills", "friends", "places"];
      const young = [{ path: [], end: { column: "age", is: [1, 2] } }];
      await fc.assert(
        fc.asyncProperty(anyWorld, async (world) => {
          await fill(world);
          const counts = Object.fromEntries(many.map((name) => [name, c[name].count()]));
          const select = untyped(Employee).select({ ...counts, young: c.reports.count({ age: [1, 2] }) });
          const rows = await untyped(Employee.objects).setSql(select.orderBy("id")).fetchall();
          const wanted = world.employees.map((row) => ({
            ...Object.fromEntries(many.map((name) => [name, relatedRows(world, "employees", row, name).length])),
            young: relatedRows(world, "employees", row, "reports").filter((r) => fulfils(world, "employees", r, young))
              .length,
          }));
          assert.deepEqual(rows, wanted);
        }),
        { numRuns: 40 },
      );
    });
  });
});

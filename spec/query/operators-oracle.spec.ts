import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { Database } from "../../src/index.js";
import { EQUAL, type EqualSubject, ORDERED, type OrderedSubject, OTHER } from "../sql/oracle.js";
import { Specimen } from "../sql/specimen.js";
import { eachEngine } from "../support/engines.js";
import { openAt } from "../support/open.js";
import { untyped } from "./untyped.js";

const RUNS = { numRuns: 8 };

/** What an operator is called with, and which of the values it chooses; null is one of them for those that ask for it. */
interface Case<T> {
  readonly operator: string;
  readonly value?: unknown;
  readonly chooses: (value: T | null) => boolean;
}

/** As SQL has it: a comparison with null is unknown, and chooses nothing. */
const ofValues =
  <T>(chooses: (value: T) => boolean) =>
  (value: T | null) =>
    value !== null && chooses(value);

function equalityCases<T>(
  { isEqual, isEqualTo = isEqual }: EqualSubject<T>,
  operand: T,
  list: readonly (T | null)[],
): Case<T>[] {
  const isListed = (value: T | null) =>
    list.some((item) => (item === null || value === null ? item === value : isEqualTo(value, item)));
  return [
    { operator: "equal", value: operand, chooses: ofValues((value) => isEqualTo(value, operand)) },
    { operator: "notEqual", value: operand, chooses: ofValues((value) => !isEqualTo(value, operand)) },
    { operator: "equal", value: null, chooses: (value) => value === null },
    { operator: "notEqual", value: null, chooses: (value) => value !== null },
    { operator: "isIn", value: list, chooses: isListed },
    { operator: "notIn", value: list, chooses: (value) => list.length === 0 || (value !== null && !isListed(value)) },
    { operator: "isIn", value: [], chooses: () => false },
    { operator: "notIn", value: [], chooses: () => true },
    { operator: "isNull", chooses: (value) => value === null },
    { operator: "notNull", chooses: (value) => value !== null },
  ];
}

function orderCases<T>({ compare, compareTo = compare }: OrderedSubject<T>, operand: T): Case<T>[] {
  return [
    { operator: "less", value: operand, chooses: ofValues((value) => compareTo(value, operand) < 0) },
    { operator: "lessOrEqual", value: operand, chooses: ofValues((value) => compareTo(value, operand) <= 0) },
    { operator: "greater", value: operand, chooses: ofValues((value) => compareTo(value, operand) > 0) },
    { operator: "greaterOrEqual", value: operand, chooses: ofValues((value) => compareTo(value, operand) >= 0) },
  ];
}

function textCases(part: string): Case<string>[] {
  return [
    { operator: "startsWith", value: part, chooses: ofValues((value) => value.startsWith(part)) },
    { operator: "doesNotStartWith", value: part, chooses: ofValues((value) => !value.startsWith(part)) },
    { operator: "contains", value: part, chooses: ofValues((value) => value.includes(part)) },
    { operator: "excludes", value: part, chooses: ofValues((value) => !value.includes(part)) },
    { operator: "endsWith", value: part, chooses: ofValues((value) => value.endsWith(part)) },
    { operator: "doesNotEndWith", value: part, chooses: ofValues((value) => !value.endsWith(part)) },
  ];
}

/** Runs each case in its three forms, which are the same SQL. */
async function check<T>(
  subject: EqualSubject<T>,
  rows: readonly (T | null)[],
  cases: readonly Case<T>[],
): Promise<void> {
  await Specimen.objects.delete("all");
  const ids = (await Specimen.objects.insertMany(rows.map(subject.row))).map(({ id }) => id);
  const [property = ""] = Object.keys(subject.row(null));
  const query = untyped(Specimen.query().orderBy("id", "asc"));
  for (const { operator, value, chooses } of cases) {
    const isAlone = value === undefined;
    const call = (...given: unknown[]) => query[operator]?.(...given) ?? assert.fail(operator);
    const one = isAlone ? call(property) : call(property, value);
    const object = isAlone ? [property] : { [property]: value };
    const { text, values } = one.toSql();
    for (const other of [call(object), query.where?.({ [operator]: object })])
      assert.deepEqual(other?.toSql(), { text, values });
    assert.deepEqual(
      (await one.get()).map(({ data }) => ids.indexOf(Number(data.id))),
      rows.flatMap((row, place) => (chooses(row) ? [place] : [])),
      operator,
    );
  }
}

function scenes<T>({ values }: EqualSubject<T>) {
  return fc.array(values, { minLength: 1, maxLength: 5 }).chain((pool) => {
    const value = fc.oneof(fc.constantFrom(...pool), values);
    return fc.record({
      rows: fc.array(fc.option(value, { freq: 4 }), { maxLength: 8 }),
      operand: value,
      list: fc.array(fc.option(value, { freq: 5 }), { maxLength: 4 }),
    });
  });
}

eachEngine((engine) => {
  describe("the operators of a query", () => {
    let db: Database;
    before(async () => {
      db = await openAt((await engine.shared()).url, [Specimen]);
    });
    after(() => db.close());

    const equalities = <T>(subject: EqualSubject<T>) =>
      test(`of equality choose the rows of ${subject.name} that JavaScript does, in all forms (S10, S11, S13)`, () =>
        fc.assert(
          fc.asyncProperty(scenes(subject), ({ rows, operand, list }) =>
            check(subject, rows, equalityCases(subject, operand, list)),
          ),
          RUNS,
        ));
    const orders = <T>(subject: OrderedSubject<T>) => {
      equalities(subject);
      test(`of order choose the rows of ${subject.name} that JavaScript does, in all forms (S10, S11)`, () =>
        fc.assert(
          fc.asyncProperty(scenes(subject), ({ rows, operand }) => check(subject, rows, orderCases(subject, operand))),
          RUNS,
        ));
    };
    for (const visit of ORDERED) visit(orders);
    for (const visit of EQUAL) visit(equalities);

    const letters = fc.array(fc.constantFrom(..."%_\\?aAbÄ𝔘\n"), { maxLength: 6 }).map((list) => list.join(""));
    for (const property of ["aText", "aVarchar"] as const) {
      const subject: EqualSubject<string> = {
        name: property,
        column: Specimen.c[property],
        other: OTHER.c[property],
        values: letters.map((text) => [...text].slice(0, 4).join("")),
        isEqual: (a, b) => a === b,
        row: (value) => ({ [property]: value }),
      };
      test(`of text choose the rows of ${property} that JavaScript does, in all forms (S10, S11)`, () =>
        fc.assert(
          fc.asyncProperty(scenes(subject), fc.nat({ max: 2 }), ({ rows, operand }, cut) =>
            check(subject, rows, [
              ...textCases(operand),
              ...textCases([...operand].slice(cut).join("")),
              ...textCases([...operand].slice(0, cut).join("")),
            ]),
          ),
          { numRuns: 15 },
        ));
    }

    test("like with data takes the data literally, whatever stands in it or before its place (S12)", async () => {
      const data = fc.array(fc.constantFrom(..."%_\\?ab"), { maxLength: 3 }).map((list) => list.join(""));
      const piece = fc.constantFrom("%", "_", "?", "\\%", "\\_", "\\\\", "\\?", "a", "b");
      const subject = { row: (aText: string | null) => ({ aText }) } as EqualSubject<string>;
      await fc.assert(
        fc.asyncProperty(fc.array(piece, { maxLength: 4 }), data, fc.array(data), async (pieces, given, texts) => {
          const meant = new RegExp(`^${pieces.map((part) => regexOf(part, given)).join("")}$`, "su");
          const near = pieces.map((part) => (part === "?" ? given : part.replace(/^\\/, ""))).join("");
          const value = [pieces.join(""), given];
          const rows = [...texts, near, null];
          await check(subject, rows, [
            { operator: "like", value, chooses: ofValues((text) => meant.test(text)) },
            { operator: "notLike", value, chooses: ofValues((text) => !meant.test(text)) },
          ]);
          const [pattern, part] = value;
          assert.deepEqual(
            untyped(Specimen.query()).like?.("aText", pattern, part).toSql(),
            untyped(Specimen.query()).like?.({ aText: value }).toSql(),
          );
        }),
        { numRuns: 60 },
      );
    });
  });
});

/** What a piece of a pattern matches. */
function regexOf(piece: string, data: string): string {
  const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  if (piece === "?") return literally(data);
  if (piece === "%") return ".*";
  return piece === "_" ? "." : literally(piece.replace(/^\\/, ""));
}

/** Foreign keys of several columns. Compiled, never run. */
import { integer, Manager, Model, text } from "../../src/index.js";
import { type Equal, type Expect, expectType } from "./expect.js";

const columns = { a: integer(), b: integer(), otherA: integer().nullable(), otherB: integer().nullable() };

/** Models that refer to themselves and to each other, more than once. */
export class Left extends Model(
  "lefts",
  { ...columns, ownA: integer().nullable(), ownB: integer().nullable() },
  {
    primaryKey: ["a", "b"],
    timestamps: true,
    foreignKeys: [
      { columns: ["otherA", "otherB"], references: () => Right, onDelete: "set null", onUpdate: "cascade" },
      { columns: ["ownA", "ownB"], references: () => Left },
      { columns: ["otherA", "ownB"], references: () => Left, referenced: ["a", "b"] },
    ],
  },
) {
  static override objects = new Manager(this);
}

export class Right extends Model("rights", columns, {
  primaryKey: ["a", "b"],
  softDelete: "deletedAt",
  foreignKeys: [
    { columns: ["otherA", "otherB"], references: () => Left },
    { columns: ["b", "a"], references: () => Right },
  ],
}) {}

export type Values = [
  Expect<Equal<Left["ownB"], number | null>>,
  Expect<Equal<Left["createdAt"], Date>>,
  Expect<Equal<Right["deletedAt"], Date | null>>,
];

export async function using() {
  expectType<Left | null>()(await Left.find({ a: 1, b: 2 }));
  expectType<Right[]>()(await Right.insertMany([{ a: 1, b: 2, otherA: 1, otherB: 2 }]));
  // @ts-expect-error what was declared is still wanted
  await Left.insert({ a: 1 });
}

export function refused() {
  const own = { id: integer().primaryKey(), a: integer(), b: text() };
  const known = ["a", "b"];
  // @ts-expect-error a function that gives a model
  Model("t", own, { foreignKeys: [{ columns: known, references: "lefts" }] });
  // @ts-expect-error it is what the key refers to
  Model("t", own, { foreignKeys: [{ columns: known }] });
  // @ts-expect-error an unknown action
  Model("t", own, { foreignKeys: [{ columns: known, references: () => Left, onDelete: "delete" }] });
  // @ts-expect-error an unknown option
  Model("t", own, { foreignKeys: [{ columns: known, references: () => Left, ondelete: "cascade" }] });
  // @ts-expect-error a list
  Model("t", own, { foreignKeys: { columns: known, references: () => Left } });
}

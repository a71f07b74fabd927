import { alias, integer, Model, oneOf, sql, text, timestamp } from "../../src/index.js";
import { and } from "../../src/sql/conditions.js";
import { holdsId } from "../../src/sql/id-list.js";
import { RELATED } from "../../src/sql/related.js";
import { sourceOf, tableSourceOf } from "../../src/sql/source.js";
import type { Related, Source } from "../../src/sql/statement-state.js";
import type { Table } from "../../src/sql/table.js";
import type { AnyModel } from "../../src/sql/types.js";
import { type AnyView, cte } from "../../src/sql/views.js";

/** Properties of one table that are the same as those of another. */
type Pairs = Readonly<Record<string, string>>;

interface Given {
  readonly target: Source;
  readonly isMany?: boolean;
  readonly isUnique?: boolean;
  readonly via?: Source;
  readonly on: Related["on"];
}

const relation = (given: Given) => ({
  [RELATED]: (name: string): Related => ({ isMany: false, isUnique: false, via: undefined, ...given, name }),
});

const areSame = (own: Table, other: Table, pairs: Pairs) =>
  and(...Object.entries(pairs).map(([mine, theirs]) => own.column(mine).reference.eq(other.column(theirs).reference)));

/** A relation of rows by what is the same in both. */
function related(target: AnyModel, pairs: Pairs, about: Pick<Given, "isMany" | "isUnique"> = {}) {
  return relation({ ...about, target: sourceOf(target), on: (own, other) => areSame(own, other, pairs) });
}

const toOne = (target: AnyModel, pairs: Pairs) => related(target, pairs, { isUnique: true });
const toMany = (target: AnyModel, pairs: Pairs) => related(target, pairs, { isMany: true });

/** A relation by the rows of a third table. */
function through(target: AnyModel, pivot: AnyModel | AnyView, ownPairs: Pairs, targetPairs: Pairs) {
  const via = tableSourceOf(pivot);
  return relation({
    target: sourceOf(target),
    isMany: true,
    via,
    on: (own, other, between = via.table) => and(areSame(between, own, ownPairs), areSame(between, other, targetPairs)),
  });
}

/** Companies are deleted softly. */
export class Company extends Model(
  "companies",
  { id: integer().primaryKey(), name: text(), ceoId: integer().nullable() },
  { softDelete: "closedAt" },
) {
  get employees() {
    return toMany(Employee, { id: "companyId" });
  }
  get ceo() {
    return toOne(Employee, { ceoId: "id" });
  }
}

export class Employee extends Model("employees", {
  id: integer().primaryKey(),
  name: text(),
  age: integer().nullable(),
  note: text().nullable(),
  bossId: integer().nullable(),
  companyId: integer().nullable(),
  placeIds: text().default(""),
}) {
  get boss() {
    return toOne(Employee, { bossId: "id" });
  }
  get reports() {
    return toMany(Employee, { id: "bossId" });
  }
  get company() {
    return toOne(Company, { companyId: "id" });
  }
  get badge() {
    return toOne(Badge, { id: "holderId" });
  }
  /** One, as nobody says. */
  get locker() {
    return related(Locker, { id: "ownerId" });
  }
  get skills() {
    return through(Skill, Mastery, { personId: "id" }, { area: "area", skill: "name" });
  }
  get friends() {
    return through(Employee, BEFRIENDED, { oneId: "id" }, { otherId: "id" });
  }
  get places() {
    return relation({
      target: sourceOf(Place),
      isMany: true,
      on: (own, target) => holdsId(own.column("placeIds"), target.column("id")),
    });
  }
  /** No relation, and nothing that an employee without a name has. */
  get initial(): string {
    return this.name.toUpperCase().charAt(0);
  }
  get title(): string {
    return "employee";
  }
}

/** The key is text, and the holder's unique. */
export class Badge extends Model("badges", {
  code: text().primaryKey(),
  holderId: integer().unique(),
  level: oneOf("low", "high").nullable(),
}) {
  get holder() {
    return toOne(Employee, { holderId: "id" });
  }
}

export class Locker extends Model("lockers", { id: integer().primaryKey(), ownerId: integer() }) {}

/** The key has two columns. */
export class Skill extends Model(
  "skills",
  { area: text(), name: text(), rank: integer().nullable() },
  { primaryKey: ["area", "name"], softDelete: "gone" },
) {
  get people() {
    return through(Employee, Mastery, { area: "area", skill: "name" }, { personId: "id" });
  }
}

/** Who has which skill; deleted softly as well. */
export class Mastery extends Model(
  "masteries",
  { personId: integer(), area: text(), skill: text(), lostAt: timestamp().nullable() },
  { primaryKey: ["personId", "area", "skill"], softDelete: "lostAt" },
) {}

export class Friendship extends Model(
  "friendships",
  { aId: integer(), bId: integer() },
  { primaryKey: ["aId", "bId"] },
) {}

/** Each friendship from both sides. */
const BEFRIENDED = cte(
  "befriended",
  { oneId: integer(), otherId: integer() },
  sql`select ${Friendship.c.aId}, ${Friendship.c.bId} from friendships union select ${Friendship.c.bId}, ${Friendship.c.aId} from friendships`,
);

export class Place extends Model("places", { id: integer().primaryKey(), name: text() }) {}

export const RELATED_MODELS = [Company, Employee, Badge, Locker, Skill, Mastery, Friendship, Place];

export const colleague = alias(Employee, "colleague");

/** What can be asked by names that the compiler does not know. */
// biome-ignore lint/suspicious/noExplicitAny: the doorway for them
export type Untyped = any;

export const untyped = (given: object): Untyped => given;

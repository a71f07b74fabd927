import { Sql } from "sql-template-tag";
import type { DriverValue } from "../drivers/driver.js";
import { UsageError } from "../errors.js";
import { kindOf } from "../text.js";
import type { Dialect } from "./dialect.js";
import { misplacedInWhere, type ValueInfo } from "./value-info.js";
import { Expression, type SqlWriter, Subquery } from "./writer.js";

/** Something that is true or not of a row. Made by a column's operators and by `and`, `or`, `not` and `exists`. */
export class Condition extends Expression {
  /** Tells the compiler that nothing else is a condition, whatever its members. */
  declare protected readonly isCondition: true;

  /** @internal */
  readonly writeTo: (writer: SqlWriter) => void;

  /** Why it can't choose rows; undefined where it can. @internal */
  readonly misplaced: string | undefined;

  /** @internal */
  constructor(
    writeTo: (writer: SqlWriter) => void,
    /** The column that it is about, where it is about one. @internal */
    readonly about?: ValueInfo,
    /** The conditions that it is put together of. */
    parts: readonly ConditionLike[] = [],
  ) {
    super();
    this.writeTo = writeTo;
    this.misplaced = about === undefined ? reasonIn(parts) : misplacedInWhere(about);
  }
}

/** A column compared with a value that it can hold. @internal */
export class Comparison extends Condition {
  constructor(
    writeTo: (writer: SqlWriter) => void,
    readonly of: ValueInfo,
    /** ` = `, ` < ` and so on: what is written between the two is the same for all values. */
    readonly symbol: string,
    readonly value: unknown,
  ) {
    super(writeTo, of);
  }

  encode(dialect: Dialect): DriverValue {
    return this.of.codec.encodeOperand(dialect, this.value, this.of.label);
  }
}

export const NEVER = new Condition((writer) => writer.write("1 = 0"));
/** What is true of every row, and so no condition at all. */
export const ALWAYS = new Condition((writer) => writer.write("1 = 1"));

/** A condition, or one written as `sql` text. */
export type ConditionLike = Condition | Sql;

/** SQLite takes a row of conditions for a tree as deep as it is long, and refuses one deeper than 1000. */
const MOST_IN_A_ROW = 200;

function combine(name: string, conditions: readonly ConditionLike[], separator: string, none: Condition): Condition {
  for (const condition of conditions) checkCondition(name, condition);
  const [only] = conditions;
  if (only === undefined) return none;
  if (conditions.length === 1 && only instanceof Condition) return only;
  if (conditions.length > MOST_IN_A_ROW) {
    const half = Math.ceil(conditions.length / 2);
    const halves = [conditions.slice(0, half), conditions.slice(half)];
    return combine(
      name,
      halves.map((some) => combine(name, some, separator, none)),
      separator,
      none,
    );
  }
  return new Condition(
    (writer) => writer.list(conditions, separator, (condition) => writer.write("(").operand(condition).write(")")),
    undefined,
    conditions,
  );
}

function reasonIn(conditions: readonly ConditionLike[]): string | undefined {
  for (const condition of conditions)
    if (condition instanceof Condition && condition.misplaced !== undefined) return condition.misplaced;
  return undefined;
}

/** @throws TypeError where it is neither a condition nor `sql` text */
export function checkCondition(name: string, condition: unknown): asserts condition is ConditionLike {
  if (!(condition instanceof Condition || condition instanceof Sql)) {
    throw new TypeError(`${name} wants conditions, such as User.c.name.eq("x") or sql text, not ${kindOf(condition)}`);
  }
}

/** A condition that chooses rows. @throws UsageError where it is about an aggregate or a window function */
export function requireOfRows<C extends ConditionLike>(condition: C): C {
  if (condition instanceof Condition && condition.misplaced !== undefined) throw new UsageError(condition.misplaced);
  return condition;
}

/** All of the conditions; none given is true. */
export function and(...conditions: readonly ConditionLike[]): Condition {
  return combine("and()", conditions, " and ", ALWAYS);
}

/** At least one of the conditions; none given is false. */
export function or(...conditions: readonly ConditionLike[]): Condition {
  return combine("or()", conditions, " or ", NEVER);
}

/** The condition is false. As in SQL, what is unknown because of a null stays unknown. */
export function not(condition: ConditionLike): Condition {
  checkCondition("not()", condition);
  return new Condition((writer) => writer.write("not (").operand(condition).write(")"), undefined, [condition]);
}

/**
 * Whether a select gives any row: `exists(Post.select().where(Post.c.authorId.eq(User.c.id)))`.
 *
 * @throws TypeError where it is no select
 */
export function exists(select: Subquery): Condition {
  if (!(select instanceof Subquery))
    throw new TypeError(`exists() wants a select, such as User.select(), not ${kindOf(select)}`);
  return new Condition((writer) => writer.write("exists ").operand(select));
}

import { UsageError } from "../errors.js";
import { type Condition, not } from "../sql/conditions.js";
import type { ValueExpression } from "../sql/value-expression.js";
import { didYouMean, kindOf, quoted } from "../text.js";

type Make = (column: ValueExpression, value: unknown) => Condition;

/** Text operators check what they are given. */
const text = (value: unknown): string => value as string;
const list = (value: unknown): readonly unknown[] => value as readonly unknown[];

/** The operators of the query builder, each on one column and its value. */
export const OPERATORS = {
  equal: (column, value) => column.eq(value),
  notEqual: (column, value) => column.ne(value),
  less: (column, value) => column.lt(value),
  lessOrEqual: (column, value) => column.lte(value),
  greater: (column, value) => column.gt(value),
  greaterOrEqual: (column, value) => column.gte(value),
  like: (column, value) => like(column, value, false),
  notLike: (column, value) => like(column, value, true),
  startsWith: (column, value) => column.startsWith(text(value)),
  doesNotStartWith: (column, value) => not(column.startsWith(text(value))),
  contains: (column, value) => column.contains(text(value)),
  excludes: (column, value) => not(column.contains(text(value))),
  endsWith: (column, value) => column.endsWith(text(value)),
  doesNotEndWith: (column, value) => not(column.endsWith(text(value))),
  isIn: (column, value) => column.in(list(value)),
  notIn: (column, value) => column.notIn(list(value)),
} satisfies Record<string, Make>;

/** The operators that take columns alone. */
export const NULL_OPERATORS = {
  isNull: (column: ValueExpression) => column.isNull(),
  notNull: (column: ValueExpression) => column.isNotNull(),
};

export type OperatorName = keyof typeof OPERATORS;
export type NullOperatorName = keyof typeof NULL_OPERATORS;

/** A pattern, or `[pattern, data]`: the data stands, taken literally, for each `?` in the pattern; `\?` is a "?" itself. */
function like(column: ValueExpression, value: unknown, isNot: boolean): Condition {
  if (!Array.isArray(value)) return isNot ? column.notLike(text(value)) : column.like(text(value));
  const [pattern, data] = value as readonly unknown[];
  for (const part of [pattern, data])
    if (typeof part !== "string")
      throw new TypeError(`like wants a pattern and a text for its "?", not ${kindOf(part)}`);
  const literal = text(data).replace(/[\\%_]/g, "\\$&");
  // A backslash of the pattern belongs to what follows it, and never to the data.
  const filled = text(pattern).replace(/\\[\s\S]|\?/g, (part) =>
    part === "?" ? literal : part === "\\?" ? "?" : part,
  );
  return column.likeEscaped(filled, isNot);
}

/** @throws UsageError for what is no operator, with the nearest name */
export function operatorNamed(
  name: string,
): { readonly make: Make } | { readonly check: (column: ValueExpression) => Condition } {
  if (Object.hasOwn(OPERATORS, name)) return { make: OPERATORS[name as OperatorName] };
  if (Object.hasOwn(NULL_OPERATORS, name)) return { check: NULL_OPERATORS[name as NullOperatorName] };
  const known = [...Object.keys(OPERATORS), ...Object.keys(NULL_OPERATORS)];
  throw new UsageError(
    `there is no operator ${quoted(name)}${didYouMean(name, known)}; columns stand within one, as in { equal: { … } }`,
  );
}

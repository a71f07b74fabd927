/** Which schemas a column takes, and what a model is as a schema. Compiled, never run. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import {
  array,
  integer,
  json,
  Model,
  type NewRow,
  oneOf,
  sql,
  text,
  ValidationError,
  type ValidationIssue,
} from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";

declare const anything: StandardSchemaV1;
declare const strings: StandardSchemaV1<string>;
declare const numbers: StandardSchemaV1<number>;
declare const texts: StandardSchemaV1<string[]>;
declare const toStrings: StandardSchemaV1<unknown, string>;
declare const lengths: StandardSchemaV1<string, number>;
declare const orNull: StandardSchemaV1<string, string | null>;
declare const orUndefined: StandardSchemaV1<string, string | undefined>;
declare const roles: StandardSchemaV1<string, "admin" | "guest">;
declare const admins: StandardSchemaV1<"admin">;
declare const ages: StandardSchemaV1<{ years: number }>;

class User extends Model("users", {
  id: integer().primaryKey(),
  email: text().check(strings).unique(),
  name: text().check(toStrings).check(sql`name <> ''`).nullable(),
  nick: text().nullable().check(orNull),
  role: oneOf("admin", "guest").check(roles).default("guest"),
  age: json<{ years: number }>().check(ages),
  tags: array(text()).check(texts),
}) {}

export type Values = [
  // A check changes nothing of the column's type.
  Expect<Equal<User["email"], string>>,
  Expect<Equal<User["nick"], string | null>>,
  Expect<Equal<User["role"], "admin" | "guest">>,
  Expect<Equal<StandardSchemaV1.InferInput<typeof User>, NewRow<typeof User>>>,
  Expect<Equal<StandardSchemaV1.InferOutput<typeof User>, NewRow<typeof User>>>,
];

export function columns() {
  // @ts-expect-error a schema of numbers does not take a text
  text().check(numbers);
  // @ts-expect-error it takes the text, but gives a number
  text().check(lengths);
  // @ts-expect-error it may give null, and the column isn't nullable
  text().check(orNull);
  // @ts-expect-error it may give undefined
  text().nullable().check(orUndefined);
  // @ts-expect-error it may give anything
  text().check(anything);
  // @ts-expect-error it takes only some of the column's values
  oneOf("admin", "guest").check(admins);
  // @ts-expect-error it gives more than the column's values
  oneOf("admin", "guest").check(strings);
  // @ts-expect-error the JSON is of another form
  json<{ theme: string }>().check(ages);
  // @ts-expect-error the list is checked as a list
  array(text()).check(strings);
  // @ts-expect-error neither sql nor a schema
  text().check("length(x) > 3");
  // @ts-expect-error no function but a schema
  text().check((given: string) => given.length > 3);
}

/** What takes any Standard Schema, as forms and routers do. */
async function parse<S extends StandardSchemaV1>(schema: S, given: unknown): Promise<StandardSchemaV1.InferOutput<S>> {
  const result = await schema["~standard"].validate(given);
  if (result.issues !== undefined) throw new TypeError("refused");
  return result.value;
}

export async function models(given: unknown) {
  const row = await parse(User, given);
  expectType<string>()(row.email);
  expectType<number | undefined>()(row.id);
  await User.insert(row);
  await User.objects.insertMany([row]);
  // @ts-expect-error a new row has no such column
  row.nmae;

  const result = await User["~standard"].validate(given);
  if (result.issues === undefined) expectType<NewRow<typeof User>>()(result.value);
  else expectShape<StandardSchemaV1.Issue>()(result.issues[0] ?? { message: "" });

  // A model is a schema of the JSON that holds what it takes.
  json<NewRow<typeof User>>().check(User);
  // @ts-expect-error and of no other
  json<{ id: number }>().check(User);
}

export function errors(error: unknown) {
  if (!(error instanceof ValidationError)) return;
  expectType<readonly ValidationIssue[]>()(error.issues);
  expectType<readonly (string | number)[] | undefined>()(error.issues[0]?.path);
  // @ts-expect-error they are read only
  error.issues = [];
}

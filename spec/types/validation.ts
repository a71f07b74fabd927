/** Which schemas a column takes, and what a model is as a schema. Compiled, never run. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  array,
  integer,
  json,
  Model,
  type NewRow,
  numeric,
  oneOf,
  sql,
  text,
  timestamp,
  ValidationError,
  type ValidationIssue,
} from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";

const age = { years: z.number() };

class User extends Model("users", {
  id: integer().primaryKey(),
  email: text().check(z.email()).unique(),
  name: text().check(v.pipe(v.string(), v.trim())).nullable(),
  nick: text().nullable().check(type("string.trim")),
  role: oneOf("admin", "guest")
    .check(z.enum(["admin", "guest", "other"]).transform((): "guest" => "guest"))
    .default("guest"),
  age: json<{ years: number }>().check(z.object(age)),
  tags: array(text())
    .check(z.array(z.string().max(3)))
    .check(sql`true`),
  since: timestamp().check(z.date()).defaultNow(),
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
  // What takes more than the column's values will do, and so will what gives some of them only.
  integer().check(z.coerce.number());
  text().check(z.unknown().transform(String));
  text().check(z.string().brand<"name">());
  text()
    .nullable()
    .check(z.string().transform((given): string | null => given || null));

  // @ts-expect-error a schema of numbers does not take a text
  text().check(z.number());
  // @ts-expect-error nor does valibot's
  text().check(v.number());
  // @ts-expect-error nor arktype's
  text().check(type("number"));
  // @ts-expect-error it takes the text, but gives a number
  text().check(z.string().transform(Number));
  // @ts-expect-error it may give null, and the column isn't nullable
  text().check(z.string().nullable());
  // @ts-expect-error it may give undefined
  text().check(z.string().optional());
  // @ts-expect-error it takes only some of the column's values
  oneOf("a", "b").check(z.enum(["a"]));
  // @ts-expect-error it gives more than the column's values
  oneOf("a", "b").check(z.string());
  // @ts-expect-error the JSON is of another form
  json<{ theme: string }>().check(z.object(age));
  // @ts-expect-error a numeric is a string
  numeric(10, 2).check(z.number());
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

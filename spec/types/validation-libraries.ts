/** The schemas of zod, valibot and arktype as checks of columns. Compiled, never run. */
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { array, boolean, integer, json, Model, numeric, oneOf, text, timestamp } from "../../src/index.js";

const age = { years: z.number() };

export class User extends Model("users", {
  id: integer().primaryKey(),
  email: text().check(z.email()).unique(),
  name: text().check(v.pipe(v.string(), v.trim())).nullable(),
  nick: text().nullable().check(type("string.trim")),
  role: oneOf("admin", "guest")
    .check(z.enum(["admin", "guest", "other"]).transform((): "guest" => "guest"))
    .default("guest"),
  age: json<{ years: number }>().check(z.object(age)),
  tags: array(text()).check(z.array(z.string().max(3))),
  active: boolean().check(v.boolean()),
  since: timestamp().check(z.date()).check(type("Date")).defaultNow(),
}) {}

export function columns() {
  // What takes more than the column's values will do, and so will what gives some of them only.
  integer().check(z.coerce.number());
  text().check(z.unknown().transform(String));
  text().check(z.string().brand<"name">());
  text()
    .nullable()
    .check(z.string().transform((given): string | null => given || null));
  text().check(
    v.pipeAsync(
      v.string(),
      v.checkAsync(async (given) => given !== ""),
    ),
  );

  // @ts-expect-error a schema of numbers does not take a text
  text().check(z.number());
  // @ts-expect-error nor does valibot's
  text().check(v.number());
  // @ts-expect-error nor arktype's
  text().check(type("number"));
  // @ts-expect-error it takes the text, but gives a number
  text().check(z.string().transform(Number));
  // @ts-expect-error so does valibot's
  text().check(v.pipe(v.string(), v.transform(Number)));
  // @ts-expect-error and arktype's
  text().check(type("string.numeric.parse"));
  // @ts-expect-error it may give null, and the column isn't nullable
  text().check(z.string().nullable());
  // @ts-expect-error it may give undefined
  text().check(z.string().optional());
  // @ts-expect-error it takes only some of the column's values
  oneOf("a", "b").check(z.enum(["a"]));
  // @ts-expect-error the JSON is of another form
  json<{ theme: string }>().check(z.object(age));
  // @ts-expect-error a numeric is a string
  numeric(10, 2).check(z.number());
}

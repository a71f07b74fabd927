/** What a column's type is in an instance, in a row and in an insert. Compiled, never run. */
import { integer, Model, oneOf, text, timestamp } from "../../src/index.js";
import { type Equal, type Expect, expectShape, expectType } from "./expect.js";
import { Category, Membership, Post, Specimen, type Tag, User } from "./models.js";

type Field<I, K extends keyof I> = I[K];

export type Values = [
  Expect<Equal<Field<Specimen, "id">, string>>,
  Expect<Equal<Field<Specimen, "anInteger">, number>>,
  Expect<Equal<Field<Specimen, "aBigint">, bigint>>,
  Expect<Equal<Field<Specimen, "aReal">, number>>,
  Expect<Equal<Field<Specimen, "aNumeric">, string>>,
  Expect<Equal<Field<Specimen, "aText">, string>>,
  Expect<Equal<Field<Specimen, "aVarchar">, string>>,
  Expect<Equal<Field<Specimen, "aBoolean">, boolean>>,
  Expect<Equal<Field<Specimen, "aTimestamp">, Date>>,
  Expect<Equal<Field<Specimen, "aDate">, string>>,
  Expect<Equal<Field<Specimen, "aUuid">, string>>,
  Expect<Equal<Field<Specimen, "aJson">, { theme: string; sizes: number[] }>>,
  Expect<Equal<Field<Specimen, "someBytes">, Uint8Array>>,
  Expect<Equal<Field<Specimen, "oneOfThem">, "draft" | "public">>,
  Expect<Equal<Field<Specimen, "someTexts">, string[]>>,
  Expect<Equal<Field<Specimen, "someNullable">, (number | null)[]>>,
  Expect<Equal<Field<User, "numProducts">, number | null>>,
  Expect<Equal<Field<User, "active">, boolean>>,
  Expect<Equal<Field<User, "createdAt">, Date>>,
  Expect<Equal<Field<User, "displayName">, string>>,
  Expect<Equal<Field<Category, "parentId">, number | null>>,
  Expect<Equal<Field<Post, "authorId">, number>>,
];

export async function optionality() {
  // The key is generated; what is nullable or has a default may be left out.
  await User.objects.insert({ name: "x", email: "y" });
  await User.objects.insert({ id: 1, name: "x", email: "y", active: false, numProducts: null, createdAt: new Date() });
  await User.objects.insert({ name: "x", email: "y", numProducts: 3 });
  await Membership.objects.insert({ userId: 1, groupId: 2 });
  await Category.objects.insert({});

  // @ts-expect-error the e-mail address is missing
  await User.objects.insert({ name: "x" });
  // @ts-expect-error a column that isn't nullable takes no null
  await User.objects.insert({ name: null, email: "y" });
  // @ts-expect-error a number is no text
  await User.objects.insert({ name: 3, email: "y" });
  // @ts-expect-error an unknown column
  await User.objects.insert({ name: "x", email: "y", nmae: "z" });
  // @ts-expect-error no getter of the class is a column
  await User.objects.insert({ name: "x", email: "y", displayName: "X" });
  // @ts-expect-error a column with a default takes undefined (left out), but no null
  await User.objects.insert({ name: "x", email: "y", active: null });
  // @ts-expect-error half of a key
  await Membership.objects.insert({ userId: 1 });
  // @ts-expect-error the reference isn't nullable
  await Post.objects.insert({ title: "t" });
}

export async function specimens(whole: Specimen) {
  const { data } = whole;
  await Specimen.objects.insert(data);
  await Specimen.objects.insert({ ...data, oneOfThem: "draft" });
  // @ts-expect-error not one of them
  await Specimen.objects.insert({ ...data, oneOfThem: "secret" });
  // @ts-expect-error a bigint column takes no number
  await Specimen.objects.insert({ ...data, aBigint: 3 });
  // @ts-expect-error nor an integer column a bigint
  await Specimen.objects.insert({ ...data, anInteger: 3n });
  // @ts-expect-error a numeric is a string, so that it is exact
  await Specimen.objects.insert({ ...data, aNumeric: 3.5 });
  // @ts-expect-error a timestamp is a Date
  await Specimen.objects.insert({ ...data, aTimestamp: "2024-05-06" });
  // @ts-expect-error a date is a string
  await Specimen.objects.insert({ ...data, aDate: new Date() });
  // @ts-expect-error the JSON has a type
  await Specimen.objects.insert({ ...data, aJson: { theme: 3, sizes: [] } });
  // @ts-expect-error so have the items of an array
  await Specimen.objects.insert({ ...data, someTexts: [1] });
  // @ts-expect-error and these aren't nullable
  await Specimen.objects.insert({ ...data, someTexts: [null] });
}

export async function instances(user: User, tag: Tag) {
  expectType<number>()(user.id);
  expectShape<{
    id: number;
    name: string;
    email: string;
    active: boolean;
    numProducts: number | null;
    createdAt: Date;
  }>()(user.data);
  expectType<string>()(tag.shout());
  user.name = "x";
  user.numProducts = null;
  await user.save();
  await user.update({ name: "y" });
  await user.update({ numProducts: null, active: false });
  await user.reload();
  await user.delete();
  // @ts-expect-error a text is no number
  user.name = 3;
  // @ts-expect-error not nullable
  user.name = null;
  // @ts-expect-error a getter alone
  user.displayName = "X";
  // @ts-expect-error an unknown column
  await user.update({ nmae: "y" });
  // @ts-expect-error a wrong value
  await user.update({ name: 3 });
  // @ts-expect-error not nullable
  await user.update({ active: null });
}

export function modifiers() {
  Model("x", { state: oneOf("draft", "public").default("draft"), at: timestamp().default(() => new Date()) });
  // @ts-expect-error a default is of the column's type
  integer().default("x");
  // @ts-expect-error and so is what its function gives
  text().default(() => 3);
  // @ts-expect-error not one of them
  oneOf("draft", "public").default("secret");
  // @ts-expect-error an unknown action
  integer().references(() => User, { onDelete: "explode" });
  // @ts-expect-error no such columns for a key
  Model("x", { a: integer(), b: integer() }, { primaryKey: ["a", "c"] });
}

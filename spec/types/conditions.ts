/** Conditions in all their forms, and order. Compiled, never run. */
import { and, not, or, sql } from "../../src/index.js";
import { Post, Specimen, User } from "./models.js";

export async function forms() {
  const { objects, c } = User;
  await objects.getInstances();
  await objects.getInstances({});
  await objects.getInstances({ where: { name: "x" } });
  await objects.getInstances({ where: { name: ["x", "y"], numProducts: null, active: c.active.eq(true) } });
  await objects.getInstances({ where: c.name.eq("x") });
  await objects.getInstances({ where: [c.name.eq("x"), c.numProducts.gt(3)] });
  await objects.getInstances({
    where: [or(c.name.eq("x"), and(c.active.eq(true), not(c.name.isNull()))), sql`1 = ${1}`],
  });
  await objects.getInstances({ where: sql`num_products > ${3}` });
  await objects.getInstances({ where: [] });
  await objects.count({ where: { name: "x" } });
  await objects.exists({ where: [c.email.endsWith("@example.org")] });

  // @ts-expect-error an unknown column
  await objects.getInstances({ where: { nmae: "x" } });
  // @ts-expect-error a wrong value
  await objects.getInstances({ where: { active: "yes" } });
  // @ts-expect-error a wrong value among several
  await objects.getInstances({ where: { numProducts: [1, "2"] } });
  // @ts-expect-error a text is no condition; `sql` makes one
  await objects.getInstances({ where: "name = 'x'" });
  // @ts-expect-error nor is a boolean: this compares in JavaScript
  await objects.getInstances({ where: [User.name === "x"] });
  // @ts-expect-error an unknown option
  await objects.getInstances({ were: { name: "x" } });
  // @ts-expect-error what `and` takes are conditions
  and(true);
  // @ts-expect-error the conditions of a count, nothing else
  await objects.count({ were: {} });
  // @ts-expect-error the columns of another model
  await Post.objects.getInstances({ where: { email: "x" } });
}

export function operators() {
  const { name, numProducts, active, createdAt } = User.c;
  const conditions = [
    [name.eq("x"), name.eq(null), name.ne("x"), name.in(["x"]), name.notIn([]), name.isNull(), name.isNotNull()],
    [name.like("x%"), name.notLike("x"), name.startsWith("x"), name.endsWith("x"), name.contains("x"), name.lt("x")],
    [numProducts.lt(1), numProducts.lte(1), numProducts.gt(1), numProducts.gte(1), numProducts.between(1, 2)],
    [numProducts.eq(null), numProducts.in([1, 2]), createdAt.gt(new Date()), createdAt.between(new Date(), new Date())],
    [active.eq(true), active.ne(false), Specimen.c.aBigint.gte(3n), Specimen.c.aNumeric.lt("3.50")],
    [
      Specimen.c.oneOfThem.eq("draft"),
      Specimen.c.oneOfThem.in(["draft", "public"]),
      Specimen.c.aDate.gte("2024-01-01"),
    ],
  ];
  name.asc();
  name.desc({ nulls: "last" });

  // @ts-expect-error a wrong value
  name.eq(3);
  // @ts-expect-error undefined is no value
  name.eq(undefined);
  // @ts-expect-error not a list
  name.in("x");
  // @ts-expect-error a list of something else
  name.in([1]);
  // @ts-expect-error no text operator on numbers
  numProducts.like("1%");
  // @ts-expect-error no text operator on numbers
  numProducts.startsWith("1");
  // @ts-expect-error nor on booleans
  active.contains("t");
  // @ts-expect-error nor on times
  createdAt.endsWith("Z");
  // @ts-expect-error a number is no time
  createdAt.gt(Date.now());
  // @ts-expect-error a number is no bigint
  Specimen.c.aBigint.gte(3);
  // @ts-expect-error a number is no numeric
  Specimen.c.aNumeric.lt(3.5);
  // @ts-expect-error not one of them
  Specimen.c.oneOfThem.eq("secret");
  // @ts-expect-error between takes two
  numProducts.between(1);
  // @ts-expect-error JSON has no order
  Specimen.c.aJson.lt({ theme: "x", sizes: [] });
  // @ts-expect-error "first" or "last"
  name.desc({ nulls: "middle" });
  // @ts-expect-error an unknown column
  User.c.nmae;
  return conditions;
}

export async function order() {
  await User.objects.getInstances({ orderBy: ["name", "-numProducts", User.c.id.desc({ nulls: "first" })] });
  await User.objects.getItems({ orderBy: ["-createdAt"], limit: 3, offset: 0 });
  await User.objects.first({ orderBy: ["name"] });
  // @ts-expect-error an unknown column
  await User.objects.getInstances({ orderBy: ["nmae"] });
  // @ts-expect-error an unknown column, descending
  await User.objects.getInstances({ orderBy: ["-nmae"] });
  // @ts-expect-error the database's name of the column
  await User.objects.getInstances({ orderBy: ["num_products"] });
  // @ts-expect-error a limit is a number
  await User.objects.getInstances({ limit: "3" });
}
